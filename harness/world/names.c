// SPDX-License-Identifier: Apache-2.0
// names.c - the name service in the wire: a real dnsmasq for each host, and its misbehaviour
//
// Most answers are dnsmasq's own, by configuration. It cannot delay answers or fail with SERVFAIL
// by itself, so these arise as they do elsewhere, from what is behind it: a second dnsmasq on the
// loopback. SERVFAIL: the first one validates DNSSEC, and the second one's zones are not signed.
// Slow: the first query from the first to the second gets lost, and is repeated after a while.
#include "world/names.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "sandbox/sandbox.h"
#include "world/addresses.h"
#include "world/iptables.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { START_DEADLINE_MS = 10000, DNS_PORT = 53 };
enum { MOST_ARGUMENTS = 32 };

const char *const names_files[NAMES_FILES] = {"/etc/resolv.conf", "/etc/hosts",
                                              "/etc/nsswitch.conf"};

/** How the hosts differ. */
static const struct named_host {
    const char *link, *address, *listen, *back_port, *upstream, *log;
    const char *rule; ///< comment of its rule, which cannot be a fault's name
} named_hosts[] = {
    [SIDE_APP] = {"app", APP_GATEWAY, "--listen-address=" APP_GATEWAY, "10053", "127.0.0.1#10053",
                  SANDBOX_DIR "/names-app.log", "names:app"},
    [SIDE_SERVER] = {"server", SERVER_GATEWAY, "--listen-address=" SERVER_GATEWAY, "10054",
                     "127.0.0.1#10054", SANDBOX_DIR "/names-server.log", "names:server"},
};

// ---- dnsmasq -----------------------------------------------------------------------------------

// Without --no-daemon it would switch to another user and group, which a sandbox does not have.
static const char *const always[] = {"dnsmasq",       "--no-daemon",      "--conf-file=/dev/null",
                                     "--no-resolv",   "--no-hosts",       "--bind-interfaces",
                                     "--log-queries", "--log-facility=-", NULL};
// The zones are ours, so queries about them are never forwarded.
#define ZONES                                                                                      \
    "--local=/goneaway.test/", "--local=/2.0.192.in-addr.arpa/", "--local=/100.51.198.in-addr.arpa/"
#define APP_REVERSE "10.2.0.192.in-addr.arpa"
#define SERVER_REVERSE "10.100.51.198.in-addr.arpa"
static const char *const good[] = {"--cache-size=0", ZONES,
                                   "--host-record=" SERVER_NAME "," SERVER_ADDRESS,
                                   "--host-record=" APP_NAME "," APP_ADDRESS, NULL};
static const char *const nothing[] = {"--cache-size=0", ZONES, NULL};
static const char *const nobody[] = {"--cache-size=0", NULL};
// a name with a record of another type exists, but has no address
static const char *const textual[] = {"--cache-size=0",
                                      ZONES,
                                      "--txt-record=" SERVER_NAME ",x",
                                      "--txt-record=" APP_NAME ",x",
                                      "--txt-record=" APP_REVERSE ",x",
                                      "--txt-record=" SERVER_REVERSE ",x",
                                      NULL};
static const char *const false_ones[] = {"--cache-size=0",
                                         ZONES,
                                         "--host-record=" SERVER_NAME "," SERVER_GATEWAY,
                                         "--host-record=" APP_NAME "," APP_GATEWAY,
                                         "--ptr-record=" APP_REVERSE "," APP_NAME,
                                         "--ptr-record=" SERVER_REVERSE "," SERVER_NAME,
                                         NULL};
// the root's key of 2017; any would do, since nothing below is signed
static const char *const validating[] = {
    "--dnssec",
    "--trust-anchor=.,20326,8,2,E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    NULL};

// The configuration of the front for each of enum names_word; NULL: no dnsmasq there.
static const char *const *const configurations[NAMES_WORD_COUNT] = {
    [NAMES_SILENT] = NULL,    [NAMES_NXDOMAIN] = nothing, [NAMES_SERVFAIL] = validating,
    [NAMES_REFUSED] = nobody, [NAMES_EMPTY] = textual,    [NAMES_SLOW] = nobody,
    [NAMES_CLOSED] = NULL,    [NAMES_WRONG] = false_ones,
};

static size_t append(const char **argv, size_t count, const char *const *items) {
    while (*items)
        argv[count++] = *items++;
    return count;
}

// When it reports that it has started, its sockets are bound.
static int wait_started(pid_t pid, const char *path, long offset, struct err *err) {
    double deadline_ms = clock_ms() + START_DEADLINE_MS;
    for (;;) {
        cleanup_text struct text log = {0};
        if (file_read(path, 16 << 20, &log, err) < 0)
            return -1;
        const char *said = text_get(&log) + offset;
        if (strstr(said, ": started, version "))
            return 0;
        cleanup_close int pidfd = proc_pidfd(pid);
        char state = proc_state(pid);
        if (state == 'Z' || state == 0 || clock_ms() >= deadline_ms)
            return err_set(err, "dnsmasq does not start: %s", text_tail(said, 3));
        clock_wait(1, pidfd);
    }
}

static int run_dnsmasq(const char *log, const char *const *arguments, const char *const *further,
                       pid_t *ret_pid, struct err *err) {
    const char *argv[MOST_ARGUMENTS] = {0};
    size_t count = append(argv, 0, always);
    append(argv, append(argv, count, arguments), further);
    cleanup_close int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_errno(err, "create %s", log);
    long offset = (long)lseek(fd, 0, SEEK_END);
    if (offset < 0)
        return err_errno(err, "%s", log);
    struct proc_spec spec = {
        .argv = argv, .in = -1, .out = fd, .err = fd, .netns = -1, .new_session = true};
    if (proc_spawn(&spec, ret_pid, err) < 0)
        return -1;
    return wait_started(*ret_pid, log, offset, err);
}

// ---- its iptables rules ------------------------------------------------------------------------

// Drops the first query of every flow: the rule lets pass what exceeds one packet an hour per
// source port.
static void add_loss(struct iptables *command, const struct named_host *host) {
    iptables_add_words(command, "-i lo -p udp --dport");
    iptables_add_word(command, host->back_port);
    iptables_add_words(command, "-m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 1"
                                " --hashlimit-mode srcport --hashlimit-name");
    iptables_add_word(command, host->link);
    iptables_add_words(command, "-j DROP");
}

static int change_rule(const char *what, enum side side, int is, struct err *err) {
    const struct named_host *host = &named_hosts[side];
    struct iptables command = iptables_begin(NULL, false, what);
    iptables_add_words(&command, "INPUT");
    iptables_add_comment(&command, host->rule);
    if (is == NAMES_SLOW) {
        add_loss(&command, host);
    } else { // counts packets to the closed port
        iptables_add_words(&command, "-i");
        iptables_add_word(&command, host->link);
        iptables_add_number(&command, "-p udp --dport", DNS_PORT);
    }
    return iptables_run(command, NULL, err);
}

static bool has_rule(int is) {
    return is == NAMES_SLOW || is == NAMES_CLOSED;
}

// ---- the name server of a host -----------------------------------------------------------------

static int become_deaf(struct name_server *server, const struct named_host *host, struct err *err) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(DNS_PORT)};
    inet_pton(AF_INET, host->address, &address.sin_addr);
    server->deaf = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->deaf < 0 || bind(server->deaf, (struct sockaddr *)&address, sizeof address) < 0)
        return err_errno(err, "bind port %d of %s", DNS_PORT, host->address);
    return 0;
}

static int run_back(struct name_server *server, const struct named_host *host, struct err *err) {
    cleanup_free char *port = xprintf("--port=%s", host->back_port);
    cleanup_free char *log = xprintf("%s.back", host->log);
    return run_dnsmasq(log, good, (const char *const[]){"--listen-address=127.0.0.1", port, NULL},
                       &server->back, err);
}

static int run_front(struct name_server *server, const struct named_host *host, int64_t late_ms,
                     struct err *err) {
    bool asks = server->back > 0;
    cleanup_free char *upstream = xprintf("--server=%s", host->upstream);
    cleanup_free char *again = xprintf("--fast-dns-retry=%lld", (long long)late_ms);
    const char *const further[] = {host->listen, asks ? upstream : NULL,
                                   server->is == NAMES_SLOW ? again : NULL, NULL};
    return run_dnsmasq(host->log, server->is < 0 ? good : configurations[server->is], further,
                       &server->front, err);
}

static int server_start(struct name_server *server, enum side side, int64_t late_ms,
                        struct err *err) {
    const struct named_host *host = &named_hosts[side];
    if (has_rule(server->is) && change_rule("-A", side, server->is, err) < 0)
        return -1;
    if (server->is == NAMES_CLOSED)
        return 0;
    if (server->is == NAMES_SILENT)
        return become_deaf(server, host, err);
    if ((server->is == NAMES_SERVFAIL || server->is == NAMES_SLOW) &&
        run_back(server, host, err) < 0)
        return -1;
    return run_front(server, host, late_ms, err);
}

static void server_stop(struct name_server *server, enum side side) {
    struct err ignored;
    cleanup_free char *back_log = xprintf("%s.back", named_hosts[side].log);
    proc_kill(server->front);
    proc_kill(server->back);
    if (server->deaf >= 0)
        close(server->deaf);
    if (has_rule(server->is))
        change_rule("-D", side, server->is, &ignored);
    unlink(named_hosts[side].log);
    unlink(back_log);
    *server = (struct name_server){.deaf = -1, .is = NAMES_WORKING};
}

int names_become(struct names *names, enum side side, int is, int64_t late_ms, struct err *err) {
    if (!names->open)
        names->of[SIDE_APP] = names->of[SIDE_SERVER] =
            (struct name_server){.deaf = -1, .is = NAMES_WORKING};
    names->open = true;
    server_stop(&names->of[side], side);
    names->of[side].is = is;
    if (server_start(&names->of[side], side, late_ms < 0 ? NAMES_SLOW_MS : late_ms, err) < 0)
        return err_context(err, "name server of the %s's host", named_hosts[side].link);
    return 0;
}

int names_open(struct names *names, struct err *err) {
    return names_become(names, SIDE_APP, NAMES_WORKING, -1, err) < 0
               ? -1
               : names_become(names, SIDE_SERVER, NAMES_WORKING, -1, err);
}

void names_close(struct names *names) {
    if (!names->open)
        return;
    server_stop(&names->of[SIDE_APP], SIDE_APP);
    server_stop(&names->of[SIDE_SERVER], SIDE_SERVER);
    *names = (struct names){0};
}

// ---- counting ----------------------------------------------------------------------------------

static int count_logged(const char *path, int64_t *ret_count, struct err *err) {
    cleanup_text struct text log = {0};
    if (file_read(path, 16 << 20, &log, err) < 0)
        return -1;
    *ret_count = 0;
    for (const char *at = text_get(&log); (at = strstr(at, ": query[")); at++)
        ++*ret_count;
    return 0;
}

int names_count(struct names *names, enum side side, int64_t *ret_count, struct err *err) {
    struct name_server *server = &names->of[side];
    char question[512];
    if (server->is == NAMES_CLOSED)
        return iptables_count(NULL, false, "filter", "INPUT", named_hosts[side].rule, ret_count,
                              err);
    if (server->is != NAMES_SILENT)
        return count_logged(named_hosts[side].log, ret_count, err);
    while (recv(server->deaf, question, sizeof question, 0) >= 0)
        server->met++;
    *ret_count = server->met;
    return 0;
}

// ---- a host's files ----------------------------------------------------------------------------

static char *resolv_conf(enum side side, struct names_resolver resolver) {
    int64_t timeout = resolver.timeout_ms >= 0 ? (resolver.timeout_ms + 999) / 1000 : 1;
    int64_t attempts = resolver.attempts >= 0 ? resolver.attempts : 1;
    return xprintf("nameserver %s\noptions timeout:%lld attempts:%lld\n", named_hosts[side].address,
                   (long long)timeout, (long long)attempts);
}

int names_write(const char *folder, enum side side, struct names_resolver resolver,
                char *ret_paths[NAMES_FILES], struct err *err) {
    cleanup_free char *resolv = resolv_conf(side, resolver);
    const char *const contents[NAMES_FILES] = {resolv, "127.0.0.1 localhost\n",
                                               "passwd: files\ngroup: files\nhosts: files dns\n"};
    for (int i = 0; i < NAMES_FILES; i++) {
        char *path = xprintf("%s/%s", folder, strrchr(names_files[i], '/') + 1);
        int ret = file_write(path, contents[i], strlen(contents[i]), err);
        if (ret_paths)
            ret_paths[i] = path;
        else
            free(path);
        if (ret < 0)
            return -1;
    }
    return 0;
}
