// SPDX-License-Identifier: Apache-2.0
// world.c - the world without a server: links, firewall, socket lists, and how it all vanishes
//
// A sandbox's body has no assertions: it prints what is wrong and ends with status 1.
#include "test/lib/contain.h"
#include "test/lib/hosts.h"
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/proc.h"
#include "run/packet.h"
#include "sandbox/sandbox.h"
#include "world/conntrack.h"
#include "world/firewall.h"
#include "world/sockdiag.h"
#include "world/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { DEADLINE_MS = 5000, SUITE_TIMEOUT_S = 60 };

static struct err err;

/** A world with a listening socket instead of a server. */
struct place {
    struct world world;
    int listener;
};

// ---- the place ---------------------------------------------------------------------------------

static int socket_of(const struct netns *netns, int family, int type) {
    cleanup_close int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (setns(netns->fd, CLONE_NEWNET) < 0)
        return body_failed("setns", strerror(errno));
    int fd = socket(family, type | SOCK_CLOEXEC, 0);
    if (setns(own, CLONE_NEWNET) < 0)
        return body_failed("setns", strerror(errno));
    return fd;
}

static int socket_in(const struct netns *netns, int type) {
    return socket_of(netns, AF_INET, type);
}

static int listen_at_server(struct place *place) {
    struct sockaddr_in address = server_address();
    place->listener = socket_in(&place->world.server.netns, SOCK_STREAM);
    if (bind(place->listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(place->listener, 8) < 0)
        return body_failed("listen", strerror(errno));
    return 0;
}

static int place_open(struct place *place) {
    struct world *world = &place->world;
    struct link_end wire = {&world->wire, "server", SERVER_GATEWAY "/24", SERVER_GATEWAY6 "/64"};
    struct link_end server = {&world->server.netns, "eth0", SERVER_ADDRESS "/24",
                              SERVER_ADDRESS6 "/64"};
    if (world_open(world, &err) < 0 || netns_open(&world->server.netns, &err) < 0 ||
        link_open(&wire, &server, &err) < 0 ||
        route_add_default(&world->server.netns, SERVER_GATEWAY, &err) < 0 ||
        world_begin_case(world, 0, &err) < 0)
        return body_failed("world", err.what);
    return listen_at_server(place);
}

// Starts connecting from the app's host; the outcome shows later.
static int dial(const struct place *place) {
    struct sockaddr_in address = server_address();
    int fd = socket_in(&place->world.app, SOCK_STREAM | SOCK_NONBLOCK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        body_failed("connect", strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

static int outcome_of_dial(int fd) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    int error = ETIMEDOUT;
    socklen_t size = sizeof error;
    if (poll(&poll_fd, 1, DEADLINE_MS) == 1)
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

static int connection_open(const struct place *place, struct connection *connection) {
    *connection = (struct connection){.app = dial(place), .server = -1};
    int error = connection->app < 0 ? ECONNABORTED : outcome_of_dial(connection->app);
    if (error)
        return body_failed("connect", strerror(error));
    return connection_accept(connection, place->listener);
}

static uint64_t inode_of(int fd) {
    struct stat info;
    return fstat(fd, &info) == 0 ? info.st_ino : 0;
}

// ---- what is looked for ------------------------------------------------------------------------

/** A TCP socket in a namespace, and the state that it must reach; 0: gone. */
struct wanted {
    const struct netns *netns;
    uint64_t inode;
    int state;
};

static bool is_so(const struct wanted *wanted, struct sock_info *info) {
    struct sock_query query = {.inode = wanted->inode};
    int found = sockdiag_find_tcp(wanted->netns, &query, info, &err);
    return wanted->state ? found == 1 && info->state == wanted->state : found == 0;
}

static int wait_tcp(const char *what, const struct wanted *wanted, struct sock_info *info) {
    double deadline_ms = clock_ms() + DEADLINE_MS;
    while (!is_so(wanted, info))
        if (clock_ms() > deadline_ms)
            return body_failed(what, "not in time");
        else
            clock_wait(2, -1);
    return 0;
}

static int wait_count(const struct firewall_rule *rule, int64_t least) {
    double deadline_ms = clock_ms() + DEADLINE_MS;
    int64_t count = 0;
    while (firewall_count(rule, &count, &err) == 0 && count < least)
        if (clock_ms() > deadline_ms)
            return body_failed(rule->id, "counts no packet");
        else
            clock_wait(5, -1);
    return count >= least ? 0 : body_failed(rule->id, err.what);
}

// ---- bodies of sandboxes -----------------------------------------------------------------------

static int talk(struct connection *connection) {
    char got[8] = "";
    if (write(connection->app, "ping", 4) != 4 || read(connection->server, got, sizeof got) != 4 ||
        write(connection->server, "pong", 4) != 4)
        return body_failed("talk", strerror(errno));
    struct pollfd poll_fd = {.fd = connection->app, .events = POLLIN};
    poll(&poll_fd, 1, DEADLINE_MS);
    if (read(connection->app, got, sizeof got) != 4 || memcmp(got, "pong", 4) != 0)
        return body_failed("answer", got);
    return 0;
}

static int check_peer(int server) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    char text[INET_ADDRSTRLEN] = "";
    getpeername(server, (struct sockaddr *)&peer, &size);
    inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
    return strcmp(text, APP_ADDRESS) == 0 ? 0 : body_failed("the app's address", text);
}

static int links_work(struct place *place) {
    struct connection connection;
    int ret = connection_open(place, &connection);
    if (ret == 0)
        ret = talk(&connection) < 0 || check_peer(connection.server) < 0;
    connection_close(&connection);
    return ret;
}

static int drop_counts(struct place *place) {
    struct sock_info info;
    struct firewall_match filter = {.from = SIDE_APP, .state = -1};
    struct firewall_rule wall = {.id = "wall", .netns = &place->world.wire, .filter = &filter};
    if (firewall_add(&wall, &err) < 0)
        return body_failed("add", err.what);
    int fd = dial(place);
    struct wanted wanted = {&place->world.app, inode_of(fd), TCP_SYN_SENT};
    int64_t packets = 0;
    if (wait_count(&wall, 1) < 0 || wait_tcp("SYN_SENT", &wanted, &info) < 0)
        return -1;
    if (firewall_remove(&wall, &packets, &err) < 0 || packets < 1)
        return body_failed("remove", err.what);
    int error = outcome_of_dial(fd); // the SYN is repeated after a second
    close(fd);
    return error ? body_failed("connect after the rule has gone", strerror(error)) : 0;
}

static int rejects_once(struct place *place, enum side from, const char *answer) {
    struct firewall_match filter = {.from = from, .state = -1};
    struct firewall_rule wall = {
        .id = "wall", .netns = &place->world.wire, .filter = &filter, .answer = answer};
    if (firewall_add(&wall, &err) < 0)
        return body_failed("add", err.what);
    int fd = dial(place), error = 0;
    if (from == SIDE_APP)
        error = outcome_of_dial(fd);
    int counted = wait_count(&wall, 1);
    close(fd);
    if (firewall_flush(&place->world.wire, false, &err) < 0)
        return body_failed("flush", err.what);
    if (from == SIDE_APP && error != ECONNREFUSED)
        return body_failed(answer, strerror(error));
    return counted;
}

static int rejects_count(struct place *place) {
    int64_t none;
    struct connection connection;
    if (rejects_once(place, SIDE_APP, "tcp-reset") < 0 ||
        rejects_once(place, SIDE_APP, "icmp-port-unreachable") < 0 ||
        rejects_once(place, SIDE_SERVER, "icmp-port-unreachable") < 0)
        return -1;
    struct firewall_match filter = {.from = SIDE_APP, .state = -1};
    struct firewall_rule wall = {.id = "wall", .netns = &place->world.wire, .filter = &filter};
    if (firewall_count(&wall, &none, &err) == 0)
        return body_failed("wall", "is listed after a flush");
    int ret = connection_open(place, &connection);
    connection_close(&connection);
    return ret;
}

// ---- conditions of rules -----------------------------------------------------------------------

static const struct firewall_match from_app = {.from = SIDE_APP, .state = -1};

// Whether a rule has caught this many packets so far.
static int has_caught(const struct firewall_rule *rule, int64_t least, int64_t most) {
    int64_t count = -1;
    if (firewall_count(rule, &count, &err) < 0)
        return body_failed("count", err.what);
    cleanup_free char *text = xprintf("has caught %lld packets", (long long)count);
    return count >= least && count <= most ? 0 : body_failed(rule->id, text);
}

static int say(int fd, const char *text) {
    return write(fd, text, strlen(text)) == (ssize_t)strlen(text)
               ? 0
               : body_failed("write", strerror(errno));
}

static int content_counts(struct place *place) {
    static const struct filter_when whens[] = {{.text = "a poison"}, {.bytes = "70 6f69  736F6e "}};
    struct connection connection;
    if (connection_open(place, &connection) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(whens); i++) {
        struct firewall_match filter = from_app;
        struct firewall_rule wall = {.id = "wall", .netns = &place->world.wire, .filter = &filter};
        filter.when = (struct filter_when *)&whens[i];
        int64_t packets;
        if (firewall_add(&wall, &err) < 0)
            return body_failed("add", err.what);
        if (talk(&connection) < 0 || has_caught(&wall, 0, 0) < 0 ||
            say(connection.app, "a poison") < 0 || wait_count(&wall, 1) < 0)
            return -1;
        if (firewall_remove(&wall, &packets, &err) < 0)
            return body_failed("remove", err.what);
        char got[16] = ""; // it is sent again after the rule is removed
        if (read(connection.server, got, sizeof got) != 8)
            return body_failed("read", got);
    }
    connection_close(&connection);
    return 0;
}

// The SYN and the ACK of the handshake pass; or 2000 bytes of payload and some of headers.
static int amount_counts(struct place *place) {
    static const struct filter_after afters[] = {{.packets = 2, .bytes = -1},
                                                 {.packets = -1, .bytes = 2000}};
    const struct netns *wire = &place->world.wire;
    char bytes[3000] = "";
    if (firewall_track(wire, false, &err) < 0 || link_set_gso(&place->world.app, "eth0", 1, &err))
        return body_failed("track", err.what);
    for (size_t i = 0; i < COUNT_OF(afters); i++) {
        struct firewall_match filter = from_app;
        struct firewall_rule wall = {.id = "wall", .netns = wire, .filter = &filter};
        struct connection connection;
        int64_t packets;
        filter.after = (struct filter_after *)&afters[i];
        if (firewall_add(&wall, &err) < 0)
            return body_failed("add", err.what);
        if (connection_open(place, &connection) < 0 || has_caught(&wall, 0, 0) < 0)
            return -1;
        if (write(connection.app, bytes, sizeof bytes) != (ssize_t)sizeof bytes ||
            wait_count(&wall, 1) < 0)
            return body_failed("write", strerror(errno));
        connection_close(&connection);
        if (firewall_remove(&wall, &packets, &err) < 0)
            return body_failed("remove", err.what);
    }
    return 0;
}

// A new connection is refused while an established one continues.
static int state_counts(struct place *place) {
    struct firewall_match filter = {.from = SIDE_APP}; // NEW
    struct firewall_rule wall = {
        .id = "wall", .netns = &place->world.wire, .filter = &filter, .answer = "tcp-reset"};
    struct connection connection;
    if (firewall_track(wall.netns, false, &err) < 0)
        return body_failed("track", err.what);
    if (connection_open(place, &connection) < 0)
        return -1;
    if (firewall_add(&wall, &err) < 0)
        return body_failed("add", err.what);
    if (talk(&connection) < 0 || has_caught(&wall, 0, 0) < 0)
        return -1;
    int fd = dial(place), error = outcome_of_dial(fd);
    close(fd);
    connection_close(&connection);
    return error == ECONNREFUSED ? has_caught(&wall, 1, 1) : body_failed("dial", strerror(error));
}

static int limits_count(struct place *place) {
    static const struct filter_beyond limits[] = {{.open = 1, .attempts = -1, .within_ms = -1},
                                                  {.open = -1, .attempts = 1, .within_ms = 60000}};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct firewall_match filter = from_app;
        struct firewall_rule wall = {
            .id = "wall", .netns = &place->world.wire, .filter = &filter, .answer = "tcp-reset"};
        struct connection connection;
        int64_t packets;
        filter.beyond = (struct filter_beyond *)&limits[i];
        if (firewall_add(&wall, &err) < 0)
            return body_failed("add", err.what);
        if (connection_open(place, &connection) < 0)
            return -1;
        int fd = dial(place), error = outcome_of_dial(fd);
        close(fd);
        connection_close(&connection);
        if (error != ECONNREFUSED)
            return body_failed("the second connection", strerror(error));
        if (firewall_remove(&wall, &packets, &err) < 0 || packets != 1)
            return body_failed("remove", err.what);
    }
    return 0;
}

// Each side's packets at each place.
static int places_count(struct place *place) {
    struct connection connection;
    if (connection_open(place, &connection) < 0)
        return -1;
    for (int i = 0; i < 2 * FILTER_PLACE_COUNT; i++) {
        struct firewall_match filter = {.from = i % 2, .at = i / 2, .state = -1};
        struct firewall_rule wall = {.id = "wall", .filter = &filter};
        int64_t packets;
        wall.netns = world_place(&place->world, (enum filter_place)filter.at);
        if (firewall_add(&wall, &err) < 0)
            return body_failed("add", err.what);
        if (say(filter.from == SIDE_APP ? connection.app : connection.server, "x") < 0 ||
            wait_count(&wall, 1) < 0)
            return -1;
        if (firewall_remove(&wall, &packets, &err) < 0)
            return body_failed("remove", err.what);
        char got[2];
        if (read(filter.from == SIDE_APP ? connection.server : connection.app, got, 1) != 1 &&
            errno != EAGAIN)
            return body_failed("read", strerror(errno));
    }
    connection_close(&connection);
    return 0;
}

static int ipv6_counts(struct place *place) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(SERVER_PORT)};
    struct firewall_match filter = from_app;
    struct firewall_rule wall = {
        .id = "wall", .netns = &place->world.wire, .filter = &filter, .ipv6 = true};
    inet_pton(AF_INET6, SERVER_ADDRESS6, &address.sin6_addr);
    wall.answer = "icmp6-adm-prohibited";
    if (firewall_add(&wall, &err) < 0)
        return body_failed("add", err.what);
    int fd = socket_of(&place->world.app, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        return body_failed("connect", strerror(errno));
    int error = outcome_of_dial(fd);
    close(fd);
    return error == EACCES ? wait_count(&wall, 1) : body_failed("dial", strerror(error));
}

// ---- NAT ---------------------------------------------------------------------------------------

static uint16_t port_of(int fd) {
    struct sockaddr_in own = {0};
    socklen_t size = sizeof own;
    getsockname(fd, (struct sockaddr *)&own, &size);
    return ntohs(own.sin_port);
}

static int check_nat_peer(const struct connection *connection) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    char text[INET_ADDRSTRLEN] = "";
    getpeername(connection->server, (struct sockaddr *)&peer, &size);
    inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
    if (strcmp(text, SERVER_GATEWAY) != 0)
        return body_failed("the app's address behind a NAT", text);
    return ntohs(peer.sin_port) == port_of(connection->app) ? 0
                                                            : body_failed("port", "has changed");
}

static int nat_forgets(struct place *place) {
    const struct netns *wire = &place->world.wire;
    struct firewall_nat nat = {.id = "nat", .netns = wire, .idle_timeout_ms = -1, .reset = true};
    struct conntrack_flow flow;
    struct connection connection;
    int64_t count = 0;
    if (firewall_nat_add(&nat, &err) < 0)
        return body_failed("add", err.what);
    if (connection_open(place, &connection) < 0 || talk(&connection) < 0 ||
        check_nat_peer(&connection) < 0)
        return -1;
    uint16_t port = port_of(connection.app);
    if (conntrack_find(wire, port, &flow, &err) != 1 || flow.port != port)
        return body_failed("flow", "is not known");
    if (conntrack_forget(wire, port, &err) != 1 || conntrack_forget(wire, port, &err) != 0 ||
        conntrack_find(wire, port, &flow, &err) != 0)
        return body_failed("flow", "is not forgotten");
    if (firewall_nat_count(&nat, &count, &err) < 0 || count != 0)
        return body_failed("count", "something before");
    struct wanted wanted = {&place->world.app, inode_of(connection.app), 0};
    struct sock_info info;
    if (say(connection.app, "x") < 0 || wait_tcp("reset", &wanted, &info) < 0)
        return -1;
    connection_close(&connection);
    if (firewall_nat_count(&nat, &count, &err) < 0 || count < 1)
        return body_failed("count", "nothing");
    return firewall_nat_remove(&nat, &err) < 0 ? body_failed("remove", err.what)
                                               : links_work(place);
}

static int nat_flow_expires(struct place *place) {
    const struct netns *wire = &place->world.wire;
    struct firewall_nat nat = {.id = "nat", .netns = wire, .idle_timeout_ms = 1000};
    struct conntrack_flow flow;
    struct connection connection;
    double deadline_ms = clock_ms() + DEADLINE_MS;
    if (firewall_nat_add(&nat, &err) < 0)
        return body_failed("add", err.what);
    if (connection_open(place, &connection) < 0 || talk(&connection) < 0)
        return -1;
    int found;
    while ((found = conntrack_find(wire, port_of(connection.app), &flow, &err)) == 1)
        if (clock_ms() > deadline_ms)
            return body_failed("flow", "does not expire");
        else
            clock_wait(5, -1);
    connection_close(&connection);
    return found == 0 ? 0 : body_failed("find", err.what);
}

static int fin_is_seen(struct place *place) {
    struct connection connection;
    struct sock_info info;
    if (connection_open(place, &connection) < 0)
        return -1;
    struct wanted wanted = {&place->world.app, inode_of(connection.app), TCP_ESTABLISHED};
    if (wait_tcp("ESTABLISHED", &wanted, &info) < 0)
        return -1;
    if (info.closed_by_peer || info.peer_port != SERVER_PORT || info.local_port == 0)
        return body_failed("ESTABLISHED", "wrong fields");
    close(connection.server);
    wanted.state = TCP_CLOSE_WAIT;
    if (wait_tcp("CLOSE_WAIT", &wanted, &info) < 0 || !info.closed_by_peer)
        return body_failed("CLOSE_WAIT", "not closed by the peer");
    connection.server = -1;
    connection_close(&connection);
    return 0;
}

static int reset_is_seen(struct place *place) {
    struct connection connection;
    struct linger at_once = {.l_onoff = 1};
    struct sock_info info;
    if (connection_open(place, &connection) < 0)
        return -1;
    setsockopt(connection.server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(connection.server);
    connection.server = -1;
    struct wanted wanted = {&place->world.app, inode_of(connection.app), 0};
    int ret = wait_tcp("gone after a RST", &wanted, &info);
    connection_close(&connection);
    return ret;
}

static int error_of(int fd) {
    char byte;
    return read(fd, &byte, 1) < 0 ? errno : 0;
}

static int destroy_is_seen(struct place *place) {
    struct connection connection;
    struct sock_info info;
    if (connection_open(place, &connection) < 0)
        return -1;
    struct wanted server = {&place->world.server.netns, inode_of(connection.server),
                            TCP_ESTABLISHED};
    struct wanted app = {&place->world.app, inode_of(connection.app), 0};
    if (wait_tcp("server's end", &server, &info) < 0)
        return -1;
    if (sockdiag_destroy_tcp(&place->world.server.netns, &info, &err) < 0)
        return body_failed("destroy", err.what);
    if (sockdiag_destroy_tcp(&place->world.server.netns, &info, &err) == 0)
        return body_failed("destroy", "worked a second time");
    if (wait_tcp("gone after destroy", &app, &info) < 0)
        return -1;
    int ours = error_of(connection.server), theirs = error_of(connection.app);
    connection_close(&connection);
    return ours == ECONNABORTED && theirs == ECONNRESET ? 0 : body_failed("read", strerror(theirs));
}

static int unix_end_is_seen(struct place *place) {
    int ends[2];
    struct sock_info info;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return body_failed("socketpair", strerror(errno));
    struct sock_query query = {.inode = inode_of(ends[0])};
    struct sock_query by_peer = {.peer_inode = inode_of(ends[0])};
    const struct netns *wire = &place->world.wire;
    if (sockdiag_find_unix(wire, &by_peer, &info, &err) != 1 || info.inode != inode_of(ends[1]))
        return body_failed("by the peer's inode", "not found");
    if (sockdiag_find_unix(wire, &query, &info, &err) != 1 || info.closed_by_peer)
        return body_failed("connected", "not found, or closed");
    close(ends[1]);
    if (sockdiag_find_unix(wire, &query, &info, &err) != 1 || !info.closed_by_peer)
        return body_failed("closed by its peer", "not seen");
    close(ends[0]);
    return sockdiag_find_unix(wire, &query, &info, &err) == 0 ? 0 : body_failed("closed", "found");
}

// Nobody acknowledges its FIN; whether its namespace still vanishes is checked afterwards.
static int closed_after_the_link(struct place *place) {
    struct connection connection;
    if (connection_open(place, &connection) < 0)
        return -1;
    if (link_close(&place->world.wire, "app", &err) < 0)
        return body_failed("link", err.what);
    connection_close(&connection);
    return 0;
}

// The same for a socket in the wire, such as a proxy's.
static int closed_in_the_wire(struct place *place) {
    struct connection connection = {.server = -1};
    struct sockaddr_in address = server_address();
    connection.app = socket_in(&place->world.wire, SOCK_STREAM);
    if (connect(connection.app, (struct sockaddr *)&address, sizeof address) < 0)
        return body_failed("connect", strerror(errno));
    if (link_close(&place->world.wire, "server", &err) < 0)
        return body_failed("link", err.what);
    connection_close(&connection);
    return 0;
}

// With two ports to choose from, a third connection finds none, though nobody holds them.
static int ports_retire(struct place *place) {
    const struct netns *app = &place->world.app;
    const struct linger reset = {.l_onoff = 1};
    struct sockaddr_in address = server_address(), local = {0};
    socklen_t size = sizeof local;
    struct connection connection;
    if (netns_sysctl(app, "ipv4/ip_local_port_range", "40000 40001", &err) < 0)
        return body_failed("range", err.what);
    for (int i = 0; i < 2; i++) {
        if (connection_open(place, &connection) < 0)
            return -1;
        getsockname(connection.app, (struct sockaddr *)&local, &size);
        setsockopt(connection.app, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        connection_close(&connection);
        if (netns_retire_port(app, ntohs(local.sin_port), &err) < 0)
            return body_failed("retire", err.what);
    }
    int fd = socket_in(app, SOCK_STREAM);
    int ret = connect(fd, (struct sockaddr *)&address, sizeof address);
    int error = ret < 0 ? errno : 0;
    close(fd);
    return error == EADDRNOTAVAIL ? 0 : body_failed("third connect", strerror(error));
}

// Lets anybody log in at a socket, once, as a process that is no server.
static int pose_as_server(int listener) {
    cleanup_text struct text greeting = {0}, ok = {0}, out = {0}, done = {0};
    char login[4096];
    int fd = accept(listener, NULL, NULL);
    packet_greeting(&greeting, &(struct greet_args){.protocol = -1});
    packet_ok(&ok);
    packet_add(&out, &greeting, 0);
    packet_add(&done, &ok, 2);
    bool posed = fd >= 0 && write(fd, out.data, out.length) == (ssize_t)out.length &&
                 read(fd, login, sizeof login) > 0 &&
                 write(fd, done.data, done.length) == (ssize_t)done.length;
    while (posed && read(fd, login, sizeof login) > 0)
        ;
    return posed ? 0 : 1;
}

// Whoever listens at the server's socket, but is not in its container, gets no statement.
static int only_the_server_answers(struct place *place) {
    struct server *server = &place->world.server;
    struct server_recipe recipe = {.password = "secret"};
    const char *const argv[] = {"/bin/sleep", "100", NULL};
    struct container_spec spec = {.root = "/",
                                  .scratch = SANDBOX_DIR "/scratch",
                                  .argv = argv,
                                  .netns = -1,
                                  .in = -1,
                                  .out = -1,
                                  .err = -1};
    struct sockaddr_un address = {.sun_family = AF_UNIX,
                                  .sun_path = SANDBOX_DIR "/" SERVER_SOCKET_FILE};
    cleanup_close int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct err refused = {0};
    int status = -1;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1) < 0)
        return body_failed("listen", strerror(errno));
    if (container_scratch(spec.scratch, 1 << 20, &err) < 0 ||
        container_open(&server->container, &spec, &err) < 0)
        return body_failed("container", err.what);
    server->recipe = &recipe;
    server->sockets = xstrdup(SANDBOX_DIR);
    pid_t impostor = fork();
    if (impostor == 0)
        _exit(pose_as_server(listener));
    struct admin *admin = server_log_in(server, true, &refused);
    bool posed = proc_wait(impostor, clock_ms() + DEADLINE_MS, &status) == 1 && status == 0;
    bool known = container_has(&server->container, server->container.init) &&
                 !container_has(&server->container, impostor) &&
                 !container_has(&server->container, getpid());
    container_close(&server->container);
    if (admin || !strstr(refused.what, "outside of the server's container"))
        return body_failed("impostor", admin ? "is believed" : refused.what);
    return posed && known ? 0 : body_failed("impostor", "did not pose, or is not told apart");
}

static int (*const bodies[])(struct place *) = {links_work,
                                                drop_counts,
                                                rejects_count,
                                                fin_is_seen,
                                                reset_is_seen,
                                                destroy_is_seen,
                                                unix_end_is_seen,
                                                closed_after_the_link,
                                                content_counts,
                                                amount_counts,
                                                state_counts,
                                                limits_count,
                                                places_count,
                                                ipv6_counts,
                                                nat_forgets,
                                                nat_flow_expires,
                                                closed_in_the_wire,
                                                ports_retire,
                                                only_the_server_answers};

static int run_body(void *context) {
    int (*const *body)(struct place *) = context;
    struct place place = {.listener = -1};
    return place_open(&place) < 0 || (*body)(&place) != 0;
}

START_TEST(world_works) {
    struct sandbox sandbox;
    int status = -1;
    struct sandbox_spec spec = {.body = run_body, .context = (void *)&bodies[_i]};
    ck_assert_msg(sandbox_open(&sandbox, &spec, &err) == 0, "%s\n%s", err.what, err.remedy);
    ck_assert(proc_wait(sandbox.pid, clock_ms() + SUITE_TIMEOUT_S * 500, &status));
    close(sandbox.pidfd);
    ck_assert_int_eq(status, 0);
}
END_TEST

// ---- vanishing ---------------------------------------------------------------------------------

// A world with a process in each of its hosts that stays until it is killed.
static int stay(void *context) {
    struct place place = {.listener = -1};
    const int *tell = context;
    if (place_open(&place) < 0)
        return 1;
    const struct netns *hosts[] = {&place.world.app, &place.world.server.netns};
    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        if (fork() == 0) {
            setns(hosts[i]->fd, CLONE_NEWNET);
            setsid();
            pause();
        }
    if (tell && write(*tell, "!", 1) != 1)
        return 1;
    pause();
    return 0;
}

static int open_stay(struct sandbox *sandbox, const int *tell) {
    struct sandbox_spec spec = {
        .body = stay, .context = (void *)tell, .keep = (const int[]){tell ? *tell : -1, -1}};
    return sandbox_open(sandbox, &spec, &err);
}

// The parent of a sandbox with a world; returns once that is complete.
static pid_t start_parent(void) {
    int ends[2];
    char byte;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct sandbox sandbox;
        if (open_stay(&sandbox, &ends[1]) < 0)
            _exit(1);
        pause();
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return pid;
}

START_TEST(world_vanishes_with_its_sandbox) {
    struct sandbox sandbox;
    int ends[2];
    char byte;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_msg(open_stay(&sandbox, &ends[1]) == 0, "%s", err.what);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    sandbox_close(&sandbox);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(world_vanishes_with_its_parent) {
    proc_kill(start_parent());
}
END_TEST

// Starts a traced process that opens a sandbox, and lets it run until it has cloned.
static pid_t trace_parent(pid_t *ret_sandbox) {
    int status;
    unsigned long child = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct sandbox sandbox;
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        open_stay(&sandbox, NULL);
        pause();
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    long events = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL;
    ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, pid, NULL, events), 0);
    ck_assert_int_eq(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSTOPPED(status) && status >> 16 != 0);
    ck_assert_int_eq(ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child), 0);
    *ret_sandbox = (pid_t)child;
    ck_assert_int_eq(waitpid(*ret_sandbox, &status, 0), *ret_sandbox); // stopped at its beginning
    return pid;
}

// Lets it run to its n-th entry into or return from the kernel.
static void step(pid_t pid, int count) {
    int status;
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFSTOPPED(status));
    }
}

// Kills the parent at every point from the clone to just after prctl(PR_SET_PDEATHSIG). The sandbox
// then does what it was about to do, and would survive if nothing told it of the death.
START_TEST(sandbox_follows_a_parent_killed_early) {
    pid_t sandbox, parent = trace_parent(&sandbox);
    step(sandbox, _i);
    kill(parent, SIGKILL);
    int status;
    ck_assert_int_eq(waitpid(parent, &status, 0), parent);
    ck_assert(WIFSIGNALED(status));
    ptrace(PTRACE_DETACH, sandbox, NULL, NULL); // fails if it is dead already
}
END_TEST

// What contain_check() relies on: it must not take its own namespaces for leftovers.
START_TEST(looking_for_namespaces_leaves_none) {
    int ends[2];
    char byte;
    ck_assert(!contain_net_is_left()); // at once: contain_begin() has made none
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        bool held = unshare(CLONE_NEWNET) == 0;
        if (write(ends[1], "!", 1) == 1 && held)
            pause();
        _exit(1);
    }
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    bool left = contain_net_is_left();
    for (int i = 0; i < 8; i++)
        ck_assert(contain_net_is_left() == left); // false only where nothing is counted
    proc_kill(pid);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

Suite *live_world(void) {
    Suite *suite = suite_create("live-world");
    TCase *works = tcase_create("works");
    tcase_set_timeout(works, SUITE_TIMEOUT_S);
    tcase_add_checked_fixture(works, contain_begin, contain_check);
    tcase_add_loop_test(works, world_works, 0, (int)COUNT_OF(bodies));
    tcase_add_test(works, world_vanishes_with_its_sandbox);
    tcase_add_test(works, world_vanishes_with_its_parent);
    tcase_add_loop_test(works, sandbox_follows_a_parent_killed_early, 0, 20);
    tcase_add_test(works, looking_for_namespaces_leaves_none);
    suite_add_tcase(suite, works);
    return suite;
}
