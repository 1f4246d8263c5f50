// SPDX-License-Identifier: Apache-2.0
// netem.c - measures bad networks from outside, and compares them with what was asked for
//
// Numbered datagrams are sent from one host of a world to the other, each with the time of sending;
// both hosts use the same clock. Proportions are allowed five standard deviations of the binomial
// distribution, which one run in a million exceeds. Times have no upper bound that a busy machine
// could exceed, unless the next possible cause is far away.
//
// A sandbox's body has no assertions: it prints what is wrong and ends with status 1.
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/proc.h"
#include "sandbox/sandbox.h"
#include "world/firewall.h"
#include "world/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum {
    DEADLINE_MS = 10000,
    SUITE_TIMEOUT_S = 120,
    PORT = 7000,
    MOST = 2000,
    CHUNK = 50, // this many small frames fit into any socket's buffer
};

static struct err err;

/** A world whose links can be spoilt, with a datagram socket at each host. */
struct place {
    struct world world;
    int sockets[SIDES], listener;
};

/** A datagram. */
struct shot {
    int number;
    double sent_ms;
    char filler[1200]; ///< letters x to make up the size
};
enum { SHORT = offsetof(struct shot, filler) + 50, LONG = sizeof(struct shot) };
/** Ethernet, IP and UDP headers of a datagram, bytes. */
enum { HEADERS = 14 + 20 + 8 };

/** What became of a series of datagrams. */
struct landed {
    int sent, arrived, repeated, overtaken, damaged;
    double first_ms, last_ms; ///< when the first and the last arrived
    double least_ms, most_ms; ///< transit time
    int early;                ///< how many took less than 10 ms
    bool seen[MOST];
    struct netem_counts counts;
};

static int failed(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int failed(const char *what, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", what);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return -1;
}

// ---- the place ---------------------------------------------------------------------------------

static struct sockaddr_in address_of(enum side side, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, side == SIDE_APP ? APP_ADDRESS : SERVER_ADDRESS, &address.sin_addr);
    return address;
}

static struct netns *host_of(struct place *place, enum side side) {
    return side == SIDE_APP ? &place->world.app : &place->world.server.netns;
}

static int open_at(struct place *place, enum side side, int type, int port) {
    struct sockaddr_in address = address_of(side, port);
    int fd = netns_socket(host_of(place, side), AF_INET, type, &err);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return failed("bind", "%s", strerror(errno));
    return fd;
}

// As world_serve() does for a real server.
static int place_open(struct place *place, enum netem_backend backend) {
    struct world *world = &place->world;
    struct link_end wire = {&world->wire, "server", SERVER_GATEWAY "/24", NULL};
    struct link_end server = {&world->server.netns, "eth0", SERVER_ADDRESS "/24", NULL};
    if (world_open(world, &err) < 0 || netns_open(&world->server.netns, &err) < 0 ||
        link_open(&wire, &server, &err) < 0)
        return failed("world", "%s", err.what);
    world_equip(world, backend, NULL);
    if (world_begin_case(world, 1U << SIDE_APP | 1U << SIDE_SERVER, &err) < 0)
        return failed("world", "%s", err.what);
    for (enum side side = SIDE_APP; side <= SIDE_SERVER; side++)
        if ((place->sockets[side] = open_at(place, side, SOCK_DGRAM, PORT)) < 0)
            return -1;
    place->listener = open_at(place, SIDE_SERVER, SOCK_STREAM, SERVER_PORT);
    return place->listener < 0 || listen(place->listener, 8) < 0 ? -1 : 0;
}

// ---- shooting ----------------------------------------------------------------------------------

static int shoot(struct place *place, enum side towards, int number, size_t size) {
    struct sockaddr_in to = address_of(towards, PORT);
    struct shot shot = {.number = number, .sent_ms = clock_ms()};
    memset(shot.filler, 'x', sizeof shot.filler);
    ssize_t sent =
        sendto(place->sockets[!towards], &shot, size, 0, (struct sockaddr *)&to, sizeof to);
    return sent == (ssize_t)size ? 0 : failed("send", "%s", strerror(errno));
}

static void note(struct landed *landed, const struct shot *shot, size_t size) {
    double now = clock_ms(), way = now - shot->sent_ms;
    size_t filler = size - offsetof(struct shot, filler);
    if (shot->number < 0 || shot->number >= landed->sent || strspn(shot->filler, "x") < filler) {
        landed->damaged++;
        return;
    }
    if (landed->seen[shot->number]) {
        landed->repeated++;
        return;
    }
    for (int later = shot->number + 1; later < landed->sent; later++)
        if (landed->seen[later]) {
            landed->overtaken++;
            break;
        }
    landed->seen[shot->number] = true;
    landed->first_ms = landed->arrived ? landed->first_ms : now;
    landed->last_ms = now;
    landed->least_ms = landed->arrived ? fmin(landed->least_ms, way) : way;
    landed->most_ms = fmax(landed->most_ms, way);
    landed->early += way < 10;
    landed->arrived++;
}

// Receives until nothing arrives for `ms`.
static void collect(struct place *place, enum side at, int ms, struct landed *landed) {
    struct pollfd poll_fd = {.fd = place->sockets[at], .events = POLLIN};
    struct shot shot = {0};
    while (poll(&poll_fd, 1, ms) == 1) {
        ssize_t size = recv(place->sockets[at], &shot, sizeof shot, 0);
        if (size >= SHORT)
            note(landed, &shot, (size_t)size);
        else
            landed->damaged++;
    }
}

// Waits until netem has processed everything sent, and receives what arrives.
static int settle(struct place *place, enum side towards, struct landed *landed) {
    double deadline_ms = clock_ms() + DEADLINE_MS;
    struct netem_counts *counts = &landed->counts;
    do {
        collect(place, towards, 1, landed);
        if (netem_count(&place->world.netem, towards, counts, &err) < 0)
            return failed("count", "%s", err.what);
        if (clock_ms() > deadline_ms)
            return failed("settle", "of %d packets %lld passed and %lld dropped", landed->sent,
                          (long long)counts->packets, (long long)counts->dropped);
    } while (counts->packets + counts->dropped < landed->sent);
    return 0;
}

/** A volley: how many, of which size, and the pause between two, milliseconds. */
struct volley {
    int count;
    size_t size;
    double pause_ms; ///< 0: as fast as they are processed, CHUNK at a time
};

static int fire(struct place *place, const struct netem_settings *args, const struct volley *volley,
                struct landed *landed) {
    enum side towards = (enum side)args->towards;
    *landed = (struct landed){0};
    if (netem_add(&place->world.netem, args, &err) < 0)
        return failed("add", "%s", err.what);
    for (int i = 0; i < volley->count; i++) {
        landed->sent++;
        if (shoot(place, towards, i, volley->size) < 0)
            return -1;
        double next_ms = clock_ms() + volley->pause_ms;
        for (double left; (left = next_ms - clock_ms()) > 0;) {
            clock_wait(left, place->sockets[towards]);
            collect(place, towards, 0, landed);
        }
        if (volley->pause_ms <= 0 && i % CHUNK == CHUNK - 1 && settle(place, towards, landed) < 0)
            return -1;
    }
    if (settle(place, towards, landed) < 0)
        return -1;
    collect(place, towards, 50, landed);
    return netem_remove(&place->world.netem, towards, &err) < 0 ? failed("remove", "%s", err.what)
                                                                : 0;
}

// Whether `seen` out of `of` fits a probability of `ppm` per million.
static int is_share(const char *what, int seen, int of, int64_t ppm) {
    double p = (double)ppm / 1e6;
    double expected = of * p, tolerance = 5 * sqrt(of * p * (1 - p));
    return fabs(seen - expected) <= tolerance
               ? 0
               : failed(what, "%d of %d, not %.0f +- %.0f", seen, of, expected, tolerance);
}

static struct netem_settings nothing(enum side towards) {
    struct netem_settings unset;
    memset(&unset, -1, sizeof unset); // as table_unset() has it
    unset.towards = (int)towards;
    return unset;
}

// ---- what is measured --------------------------------------------------------------------------

static int delays(struct place *place) {
    struct landed landed;
    for (enum side towards = SIDE_APP; towards <= SIDE_SERVER; towards++) {
        struct netem_settings args = nothing(towards);
        args.delay_ms = 200;
        if (fire(place, &args, &(struct volley){5, SHORT, 5}, &landed) < 0)
            return -1;
        if (landed.arrived != 5 || landed.overtaken || landed.least_ms < 199 ||
            landed.least_ms > 300)
            return failed("delay 200ms", "%d arrived after %.1f ms", landed.arrived,
                          landed.least_ms);
    }
    return 0;
}

static int jitter(struct place *place) {
    struct landed landed;
    struct netem_settings args = nothing(SIDE_APP);
    args.delay_ms = 60;
    args.jitter_ms = 40;
    args.delay_correlation_ppm = 10000; // otherwise each packet's delay would be independent
    // uniform over 20 to 100 ms: that 60 packets stay within 40 ms has a chance of 1e-16
    if (fire(place, &args, &(struct volley){60, SHORT, 1}, &landed) < 0)
        return -1;
    return landed.arrived == 60 && landed.least_ms >= 19 && landed.most_ms > landed.least_ms + 40
               ? 0
               : failed("jitter", "%d arrived after %.1f to %.1f ms", landed.arrived,
                        landed.least_ms, landed.most_ms);
}

static int loss(struct place *place) {
    struct landed landed;
    struct netem_settings args = nothing(SIDE_SERVER);
    args.loss_ppm = 300000;
    if (fire(place, &args, &(struct volley){MOST, SHORT, 0}, &landed) < 0 ||
        is_share("loss 30%", landed.sent - landed.arrived, MOST, args.loss_ppm) < 0)
        return -1;
    if (landed.counts.dropped != landed.sent - landed.arrived)
        return failed("loss 30%", "%lld counted, %d lost", (long long)landed.counts.dropped,
                      landed.sent - landed.arrived);
    args.loss_ppm = 1000000;
    if (fire(place, &args, &(struct volley){CHUNK, SHORT, 0}, &landed) < 0)
        return -1;
    return landed.arrived == 0 ? 0 : failed("loss 100%", "%d arrived", landed.arrived);
}

// With independent losses of one in two, 50 % follow a loss. These, whose random numbers consist to
// three quarters of the previous one, do so in about 77 %.
static int correlated_loss(struct place *place) {
    struct landed landed;
    struct netem_settings args = nothing(SIDE_APP);
    int losses = 0, pairs = 0;
    args.loss_ppm = 500000;
    args.loss_correlation_ppm = 750000;
    if (fire(place, &args, &(struct volley){MOST, SHORT, 0}, &landed) < 0)
        return -1;
    for (int i = 0; i + 1 < MOST; i++) {
        losses += !landed.seen[i];
        pairs += !landed.seen[i] && !landed.seen[i + 1];
    }
    return losses > MOST / 4 && losses < MOST * 3 / 4 && pairs > losses * 0.65
               ? 0
               : failed("loss correlation", "%d losses, %d after one", losses, pairs);
}

static int duplicates(struct place *place) {
    struct landed landed;
    struct netem_settings args = nothing(SIDE_APP);
    args.duplicate_ppm = 100000;
    args.duplicate_correlation_ppm = 0;
    if (fire(place, &args, &(struct volley){MOST, SHORT, 0}, &landed) < 0)
        return -1;
    return landed.arrived == MOST ? is_share("duplicate 10%", landed.repeated, MOST, 100000)
                                  : failed("duplicate", "only %d arrived", landed.arrived);
}

// A wrong bit makes a checksum wrong, or misdirects the packet; only in the six bytes of the
// sender's hardware address is it harmless.
static int corruption(struct place *place) {
    struct landed landed;
    struct netem_settings args = nothing(SIDE_SERVER);
    args.corrupt_ppm = 200000;
    if (fire(place, &args, &(struct volley){1000, LONG, 0}, &landed) < 0)
        return -1;
    if (landed.damaged)
        return failed("corrupt", "%d arrived with wrong content", landed.damaged);
    return is_share("corrupt 20%", landed.sent - landed.arrived, 1000,
                    args.corrupt_ppm * (LONG + HEADERS - 6) / (LONG + HEADERS));
}

static int reordering(struct place *place) {
    struct landed landed;
    struct netem_settings args = nothing(SIDE_APP);
    args.delay_ms = 40;
    args.reorder_ppm = 250000;
    args.reorder_correlation_ppm = 0;
    if (fire(place, &args, &(struct volley){400, SHORT, 0.5}, &landed) < 0 ||
        is_share("reorder 25%", landed.early, 400, args.reorder_ppm) < 0)
        return -1;
    if (landed.overtaken == 0)
        return failed("reorder", "none was overtaken");
    args.reorder_ppm = 1000000;
    args.gap = 5; // every fifth, and no other
    if (fire(place, &args, &(struct volley){100, SHORT, 0.5}, &landed) < 0)
        return -1;
    return landed.early == 20 ? 0 : failed("gap 5", "%d of 100 were early", landed.early);
}

static int rate(struct place *place) {
    struct landed landed;
    struct netem_settings args = nothing(SIDE_SERVER);
    args.rate_bits = 1000000;
    if (fire(place, &args, &(struct volley){CHUNK, LONG, 0}, &landed) < 0)
        return -1;
    double expected = (CHUNK - 1) * (LONG + HEADERS) * 8 / 1000.0;
    double took = landed.last_ms - landed.first_ms;
    return landed.arrived == CHUNK && took > expected * 0.95 && took < expected * 1.3
               ? 0
               : failed("rate 1mbit", "%d arrived in %.0f ms, not %.0f", landed.arrived, took,
                        expected);
}

static int limit(struct place *place) {
    struct landed landed;
    struct netem_settings args = nothing(SIDE_APP);
    args.delay_ms = 500; // all have been sent by then
    args.limit = 5;
    if (fire(place, &args, &(struct volley){20, SHORT, 0}, &landed) < 0)
        return -1;
    return landed.arrived == 5 && landed.counts.dropped == 15
               ? 0
               : failed("limit 5", "%d arrived, %lld dropped", landed.arrived,
                        (long long)landed.counts.dropped);
}

static int both_ways(struct place *place) {
    struct netem *netem = &place->world.netem;
    struct landed landed = {.sent = 1};
    struct netem_settings lossy = nothing(SIDE_SERVER), again = lossy;
    lossy.loss_ppm = 1000000;
    again.delay_ms = 1;
    if (netem_add(netem, &lossy, &err) < 0)
        return failed("add", "%s", err.what);
    if (netem_add(netem, &again, &err) == 0)
        return failed("add", "a second one in the same place");
    struct netem_settings late = nothing(SIDE_APP);
    late.delay_ms = 100;
    if (fire(place, &late, &(struct volley){1, SHORT, 0}, &landed) < 0)
        return -1;
    if (landed.arrived != 1 || landed.least_ms < 99)
        return failed("both ways", "%d arrived after %.1f ms", landed.arrived, landed.least_ms);
    // changed: old settings must leave no trace
    if (netem_remove(netem, SIDE_SERVER, &err) < 0)
        return failed("remove", "%s", err.what);
    if (fire(place, &again, &(struct volley){CHUNK, SHORT, 0}, &landed) < 0)
        return -1;
    return landed.arrived == CHUNK ? 0 : failed("changed", "only %d arrived", landed.arrived);
}

// ---- with a firewall and NAT -------------------------------------------------------------------

static int dial(struct place *place, double *ret_ms) {
    struct sockaddr_in address = address_of(SIDE_SERVER, SERVER_PORT);
    double began = clock_ms();
    int fd = netns_socket(&place->world.app, AF_INET, SOCK_STREAM, &err);
    int error = connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
    *ret_ms = clock_ms() - began;
    close(fd);
    return error;
}

static int masquerade(void) {
    static const char *const argv[] = {"iptables", "-w",          "-t", "nat",
                                       "-A",       "POSTROUTING", "-o", "server",
                                       "-j",       "MASQUERADE",  NULL};
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    return proc_run(&spec, clock_ms() + DEADLINE_MS, NULL, &err);
}

// The firewall's answer takes as long as the network towards the app.
static int with_firewall(struct place *place) {
    struct netem_settings args = nothing(SIDE_APP);
    struct firewall_match filter = {.from = SIDE_APP, .at = -1, .state = -1};
    struct firewall_rule rule = {
        .id = "wall", .netns = &place->world.wire, .filter = &filter, .answer = "tcp-reset"};
    int64_t packets = 0;
    double took;
    args.delay_ms = 100;
    if (netem_add(&place->world.netem, &args, &err) < 0 || firewall_add(&rule, &err) < 0)
        return failed("add", "%s", err.what);
    int error = dial(place, &took);
    if (firewall_remove(&rule, &packets, &err) < 0)
        return failed("remove", "%s", err.what);
    return error == ECONNREFUSED && packets == 1 && took >= 99
               ? 0
               : failed("with a firewall", "%s after %.1f ms, %lld packets", strerror(error), took,
                        (long long)packets);
}

static int with_nat(struct place *place) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    char from[INET_ADDRSTRLEN] = "";
    double took;
    if (masquerade() < 0)
        return failed("iptables", "%s", err.what);
    int error = dial(place, &took);
    int fd = accept(place->listener, (struct sockaddr *)&peer, &size);
    inet_ntop(AF_INET, &peer.sin_addr, from, sizeof from);
    close(fd);
    if (netem_remove(&place->world.netem, SIDE_APP, &err) < 0)
        return failed("remove", "%s", err.what);
    return error == 0 && took >= 99 && strcmp(from, SERVER_GATEWAY) == 0
               ? 0
               : failed("with NAT", "%s after %.1f ms, from %s", strerror(error), took, from);
}

// A link left with its netem on must be as good as new for the next case.
static int next_case(struct place *place) {
    struct world *world = &place->world;
    struct netem_settings args = nothing(SIDE_APP);
    struct landed landed;
    args.loss_ppm = 1000000;
    if (netem_add(&world->netem, &args, &err) < 0)
        return failed("add", "%s", err.what);
    if (world_end_case(world, &err) < 0 || world->netem.joined != 0)
        return failed("end", "%s", err.what);
    if (world_begin_case(world, 1U << SIDE_APP, &err) < 0)
        return failed("begin", "%s", err.what);
    close(place->sockets[SIDE_APP]);
    place->sockets[SIDE_APP] = open_at(place, SIDE_APP, SOCK_DGRAM, PORT);
    args.loss_ppm = -1;
    args.delay_ms = 1;
    if (fire(place, &args, &(struct volley){CHUNK, SHORT, 0}, &landed) < 0)
        return -1;
    if (landed.arrived != CHUNK)
        return failed("next case", "%d arrived", landed.arrived);
    args.towards = SIDE_SERVER;
    return netem_add(&world->netem, &args, &err) < 0 ? 0 : failed("add", "to a link as usual");
}

static int (*const measures[])(struct place *) = {
    delays, jitter, loss,      correlated_loss, duplicates, corruption, reordering,
    rate,   limit,  both_ways, with_firewall,   with_nat,   next_case,
};

static int measure_all(void *context) {
    struct place place = {0};
    int ret = 0;
    if (place_open(&place, *(enum netem_backend *)context) < 0)
        return 1;
    for (size_t i = 0; ret == 0 && i < COUNT_OF(measures); i++)
        ret = measures[i](&place);
    world_close(&place.world);
    return ret != 0;
}

static int try_kernel(void *context) {
    return netem_try(*(enum netem_backend *)context, &err) < 0;
}

static int in_sandbox(sandbox_body *body, enum netem_backend *backend) {
    struct sandbox sandbox;
    int status = -1;
    struct sandbox_spec spec = {.body = body, .context = backend};
    ck_assert_msg(sandbox_open(&sandbox, &spec, &err) == 0, "%s\n%s", err.what, err.remedy);
    ck_assert(proc_wait(sandbox.pid, clock_ms() + SUITE_TIMEOUT_S * 900, &status));
    close(sandbox.pidfd);
    return status;
}

// If the kernel has no netem, only User-Mode Linux's can be measured; the code is the same.
START_TEST(network_is_as_bad_as_asked) {
    enum netem_backend backend = _i;
    if (backend == NETEM_KERNEL && in_sandbox(try_kernel, &backend) != 0)
        skip_test("needs sch_netem in the kernel");
    cleanup_free char *uml = proc_find_program("linux.uml");
    if (backend == NETEM_UML && !uml)
        skip_test("needs user-mode-linux");
    ck_assert_int_eq(in_sandbox(measure_all, &backend), 0);
}
END_TEST

Suite *live_netem(void) {
    Suite *suite = suite_create("live_netem");
    TCase *tests = tcase_create("netem");
    tcase_set_timeout(tests, SUITE_TIMEOUT_S);
    tcase_add_loop_test(tests, network_is_as_bad_as_asked, NETEM_KERNEL, NETEM_BACKENDS);
    suite_add_tcase(suite, tests);
    return suite;
}
