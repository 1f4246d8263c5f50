// SPDX-License-Identifier: Apache-2.0
// route.c - a route that leads nowhere, at a host or in the wire
#include "faults/faults.h"
#include "faults/path.h"

#include "world/tally.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

// ---- how it is written -------------------------------------------------------------------------

/** Where a route is; the first two as in enum side. */
enum route_place { AT_APP, AT_SERVER, AT_WIRE, AT_WORDS };
enum route_word {
    ROUTE_UNREACHABLE,
    ROUTE_PROHIBIT,
    ROUTE_BLACKHOLE,
    ROUTE_MISSING,
    ROUTE_WORDS,
};
struct route_args {
    int at;      ///< enum route_place
    int towards; ///< enum side
    int is;      ///< enum route_word
};

static const struct word at_words[] = {
    [AT_APP] = {"app", "the app's host"},
    [AT_SERVER] = {"server", "the server's host"},
    [AT_WIRE] = {"wire", "the router between"},
    END,
};
ONE_WORD_EACH(at_words, AT_WORDS);
static const struct word route_words[] = {
    [ROUTE_UNREACHABLE] = {"unreachable",
                           "EHOSTUNREACH; the wire answers ICMP type 3 code 1, to each sender "
                           "five times at once and then once a second"},
    [ROUTE_PROHIBIT] = {"prohibit", "EACCES; the wire answers ICMP type 3 code 13, as often"},
    [ROUTE_BLACKHOLE] = {"blackhole", "EINVAL; the wire says nothing"},
    [ROUTE_MISSING] = {"missing", "ENETUNREACH; the wire answers ICMP type 3 code 0, as often"},
    END,
};
ONE_WORD_EACH(route_words, ROUTE_WORDS);

static const struct type type_route = {
    .name = "route",
    .kind = TYPE_RECORD,
    .size = sizeof(struct route_args),
    .fields = (const struct field[]){
        FIELD(struct route_args, at, "at", WORD("place of a route", at_words), FIELD_REQUIRED,
              "who has the route"),
        FIELD(struct route_args, towards, "towards", &type_side, FIELD_REQUIRED,
              "to whose address it leads"),
        FIELD(struct route_args, is, "is", WORD("kind of route", route_words), FIELD_REQUIRED,
              "what becomes of packets; at a host, of a send"),
        END}};

// Refuses what the tables cannot: a route to oneself.
static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct route_args *args = step->act.args;
    (void)plan;
    if (args->at != args->towards)
        return 0;
    return node_error(step->act.node, err,
                      "a host needs no route towards itself; give `at: wire` or the other host");
}

static unsigned needs_of(const struct choice *act) {
    return ((const struct route_args *)act->args)->at == AT_WIRE ? NEED_BIT(NEED_FIREWALL) : 0;
}

// ---- how it is carried out ---------------------------------------------------------------------

/** How the kernel implements each of enum route_word, and which error a local sender gets. */
static const struct {
    int type, error;
} route_kinds[] = {
    [ROUTE_UNREACHABLE] = {RTN_UNREACHABLE, EHOSTUNREACH},
    [ROUTE_PROHIBIT] = {RTN_PROHIBIT, EACCES},
    [ROUTE_BLACKHOLE] = {RTN_BLACKHOLE, EINVAL},
    [ROUTE_MISSING] = {RTN_THROW, ENETUNREACH},
};

static const struct netns *place_of(const struct case_run *run, const struct route_args *args) {
    return args->at == AT_WIRE ? &run->world->wire : path_host_of(run, args->at).netns;
}

static struct route_spec route_of(const struct route_args *args) {
    return (struct route_spec){.to = path_address_of(args->towards),
                               .type = route_kinds[args->is].type};
}

static struct tally route_tally(const struct case_run *run, const struct case_fault *fault) {
    const struct route_args *args = fault->step->act.args;
    int from = args->towards == SIDE_APP ? SIDE_SERVER : SIDE_APP;
    return (struct tally){.id = fault->step->name,
                          .arriving = true,
                          .link = path_host_of(run, from).wire_link,
                          .to = path_address_of(args->towards)};
}

// The error that a sender in that namespace gets; 0: none.
static int error_of_send(const struct netns *netns, int towards, int *ret_error, struct err *err) {
    struct sockaddr_in address = path_socket_address(towards);
    cleanup_close int fd = netns_socket(netns, AF_INET, SOCK_DGRAM, err);
    if (fd < 0)
        return -1;
    *ret_error = connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
    return 0;
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct route_args *args = fault->step->act.args;
    struct route_spec route = route_of(args);
    int error;
    (void)deadline_ms;
    if (route_add(place_of(run, args), &route, err) < 0 ||
        error_of_send(place_of(run, args), args->towards, &error, err) < 0)
        return -1;
    if (error != route_kinds[args->is].error)
        return err_set(err, "a sender meets \"%s\" in place of \"%s\"", strerror(error),
                       strerror(route_kinds[args->is].error));
    if (args->at != AT_WIRE) {
        fault->fired = 1;
        return 0;
    }
    struct tally tally = route_tally(run, fault);
    return tally_add(&tally, err);
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    const struct route_args *args = fault->step->act.args;
    struct route_spec route = route_of(args);
    struct tally tally = route_tally(run, fault);
    (void)deadline_ms;
    int ret = args->at == AT_WIRE ? tally_remove(&tally, &fault->fired, err) : 0;
    return route_remove(place_of(run, args), &route, err) < 0 ? -1 : ret;
}

static int count(struct case_run *run, struct case_fault *fault, struct err *err) {
    struct tally tally = route_tally(run, fault);
    return ((const struct route_args *)fault->step->act.args)->at == AT_WIRE
               ? tally_count(&tally, &fault->fired, err)
               : 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.words = "the route is in force",
                                              .cause = "firewall-established",
                                              .promise = PROMISE_UNBOUNDED,
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_route = {
    .word = {"route", 0, &type_route, VERB_NEEDS_TCP,
             "a route that leads nowhere; at a host it fires when the kernel refuses to send, in "
             "the wire for each TCP packet"},
    .tale = "at {@at}, the route towards {@towards} becomes: {is}",
    .effect = effect_of,
    .mechanism = "rtnetlink",
    .check = check,
    .needs_of = needs_of,
    .arm = arm,
    .lift = lift,
    .count = count,
};
