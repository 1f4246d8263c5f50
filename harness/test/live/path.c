// SPDX-License-Identifier: Apache-2.0
// path.c - faults of the path between the hosts: a connect meets each, and each can be lifted
//
// A world with a listening socket instead of a server. A sandbox's body has no assertions: it
// prints what is wrong and ends with status 1.
#include "test/lib/contain.h"
#include "test/lib/hosts.h"
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/proc.h"
#include "faults/faults.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { DEADLINE_MS = 5000, SUITE_TIMEOUT_S = 60 };

static struct err err;

struct ground {
    struct world world;
    int listener;
};

// ---- the ground --------------------------------------------------------------------------------

// A link that has just come up loses its first packets.
static int wait_link(const struct netns *netns, const char *name) {
    double deadline_ms = clock_ms() + DEADLINE_MS;
    bool runs = false;
    while (link_runs(netns, name, &runs, &err) == 0 && !runs && clock_ms() < deadline_ms)
        clock_wait(1, -1);
    return runs ? 0 : body_failed(name, "does not come up");
}

static int ground_open(struct ground *ground) {
    struct world *world = &ground->world;
    struct link_end wire = {&world->wire, "server", SERVER_GATEWAY "/24", NULL};
    struct link_end server = {&world->server.netns, "eth0", SERVER_ADDRESS "/24", NULL};
    struct sockaddr_in address = server_address();
    if (world_open(world, &err) < 0 || netns_open(&world->server.netns, &err) < 0 ||
        link_open(&wire, &server, &err) < 0 ||
        route_add_default(&world->server.netns, SERVER_GATEWAY, &err) < 0 ||
        world_begin_case(world, 0, &err) < 0)
        return body_failed("world", err.what);
    if (wait_link(&world->wire, "app") < 0 || wait_link(&world->app, "eth0") < 0 ||
        wait_link(&world->wire, "server") < 0 || wait_link(&world->server.netns, "eth0") < 0)
        return -1;
    ground->listener = netns_socket(&world->server.netns, AF_INET, SOCK_STREAM, &err);
    return bind(ground->listener, (struct sockaddr *)&address, sizeof address) < 0 ||
                   listen(ground->listener, 8) < 0
               ? body_failed("listen", strerror(errno))
               : 0;
}

// Without a fault a connect is quick; TCP would retry only after a second.
static int connection_open(const struct ground *ground, struct connection *connection) {
    struct sockaddr_in address = server_address();
    double began_ms = clock_ms();
    *connection =
        (struct connection){netns_socket(&ground->world.app, AF_INET, SOCK_STREAM, &err), -1};
    if (connect(connection->app, (struct sockaddr *)&address, sizeof address) < 0)
        return body_failed("connect", strerror(errno));
    if (clock_ms() - began_ms > 900)
        return body_failed("connect", "lost its first packet");
    return connection_accept(connection, ground->listener);
}

static int talk(struct connection *connection) {
    char got[4] = "";
    if (write(connection->app, "ping", 4) != 4 ||
        recv(connection->server, got, sizeof got, MSG_WAITALL) != 4 ||
        write(connection->server, "pong", 4) != 4 ||
        recv(connection->app, got, sizeof got, MSG_WAITALL) != 4)
        return body_failed("talk", strerror(errno));
    return memcmp(got, "pong", 4) == 0 ? 0 : body_failed("talk", "another answer");
}

// ---- the faults --------------------------------------------------------------------------------

/** A fault of the path between the hosts, and what a connect then meets. */
struct path_fault {
    const char *what, *fault; ///< the fault as a scenario writes it
    int error;                ///< from connect(); EINPROGRESS: no answer at all
};

static const struct path_fault path_faults[] = {
    {"app's link", "link: app", ENETUNREACH},
    {"app's carrier", "link: {of: app, end: wire}", EINPROGRESS},
    {"server's link", "link: {of: server, end: host}", EINPROGRESS},
    {"server's carrier", "link: {of: server, end: wire}", EINPROGRESS},
    {"app's address", "address: app", ENETUNREACH},
    {"server's address", "address: server", EINPROGRESS},
    {"unreachable", "route: {at: app, towards: server, is: unreachable}", EHOSTUNREACH},
    {"prohibit", "route: {at: app, towards: server, is: prohibit}", EACCES},
    {"blackhole", "route: {at: app, towards: server, is: blackhole}", EINVAL},
    {"missing", "route: {at: app, towards: server, is: missing}", ENETUNREACH},
    {"way back", "route: {at: server, towards: app, is: unreachable}", EINPROGRESS},
    {"wire, unreachable", "route: {at: wire, towards: server, is: unreachable}", EINPROGRESS},
    {"wire, prohibit", "route: {at: wire, towards: server, is: prohibit}", EINPROGRESS},
    {"wire, blackhole", "route: {at: wire, towards: server, is: blackhole}", EINPROGRESS},
    {"wire, missing", "route: {at: wire, towards: server, is: missing}", EINPROGRESS},
};

// The step `fault: {..}`; its arguments belong to the arena.
static int read_fault(const char *fault, struct arena *arena, struct plan_step *ret) {
    cleanup_free char *yaml = xprintf("{%s}", fault);
    struct node *node = yaml_parse(arena, "fault", yaml, strlen(yaml), &err);
    struct fault_act *act;
    if (!node || table_decode(&type_fault, node, &act, arena, &err) < 0)
        return body_failed(fault, err.what);
    *ret = (struct plan_step){.kind = STEP_FAULT, .name = "cut", .act = act->kind};
    return 0;
}

static int wait_fired(struct case_run *run, struct case_fault *fault, int64_t least) {
    fault_counter *count = fault_kind_of(fault->step)->count;
    double deadline_ms = clock_ms() + DEADLINE_MS;
    while (fault->fired < least && count && clock_ms() < deadline_ms) {
        if (count(run, fault, &err) < 0)
            return body_failed(fault->step->name, err.what);
        clock_wait(5, -1);
    }
    return fault->fired >= least ? 0 : body_failed(fault->step->name, "has not fired");
}

// The immediate error of the app's connect.
static int error_of_dial(const struct ground *ground) {
    struct sockaddr_in address = server_address();
    cleanup_close int fd =
        netns_socket(&ground->world.app, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, &err);
    return connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
}

static int connects_and_talks(const struct ground *ground) {
    struct connection connection;
    int ret = connection_open(ground, &connection);
    if (ret == 0)
        ret = talk(&connection);
    connection_close(&connection);
    return ret;
}

static int path_fault_works(struct ground *ground, const struct path_fault *path,
                            const struct plan_step *step) {
    const struct plan_case plan = {0};
    const struct fault_kind *kind = fault_kind_of(step);
    struct case_run run = {.world = &ground->world, .plan = &plan};
    struct case_fault fault = {.step = step};
    double deadline_ms = clock_ms() + DEADLINE_MS;
    if (kind->arm(&run, &fault, deadline_ms, &err) < 0)
        return body_failed(path->what, err.what);
    int error = error_of_dial(ground);
    if (error != path->error)
        return body_failed(path->what, strerror(error));
    if (wait_fired(&run, &fault, 1) < 0)
        return body_failed(path->what, "no proof");
    if (kind->lift(&run, &fault, deadline_ms, &err) < 0)
        return body_failed(path->what, err.what);
    return connects_and_talks(ground) < 0 ? body_failed(path->what, "is not lifted") : 0;
}

static int path_faults_work(struct ground *ground, struct arena *arena) {
    struct plan_step step;
    for (size_t i = 0; i < COUNT_OF(path_faults); i++)
        if (read_fault(path_faults[i].fault, arena, &step) < 0 ||
            path_fault_works(ground, &path_faults[i], &step) < 0)
            return -1;
    return 0;
}

// A write of two segments arrives only once the path's MTU is restored.
static int mtu_is_counted(struct ground *ground, struct arena *arena) {
    char bytes[2000] = "";
    struct connection connection;
    struct plan_step step;
    struct case_run run = {.world = &ground->world};
    struct case_fault fault = {.step = &step};
    if (read_fault("mtu: {towards: server, bytes: 600}", arena, &step) < 0 ||
        connection_open(ground, &connection) < 0)
        return -1;
    if (fault_mtu.arm(&run, &fault, 0, &err) < 0)
        return body_failed("mtu", err.what);
    if (talk(&connection) < 0 || fault_mtu.count(&run, &fault, &err) < 0 || fault.fired != 0)
        return body_failed("mtu", "catches small packets");
    if (write(connection.app, bytes, sizeof bytes) != (ssize_t)sizeof bytes ||
        wait_fired(&run, &fault, 1) < 0)
        return body_failed("mtu", "catches no large packets");
    if (recv(connection.server, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        return body_failed("mtu", "lets large packets pass");
    if (fault_mtu.lift(&run, &fault, 0, &err) < 0)
        return body_failed("mtu", err.what);
    int ret = recv(connection.server, bytes, sizeof bytes, MSG_WAITALL) == (ssize_t)sizeof bytes;
    connection_close(&connection);
    return ret ? 0 : body_failed("mtu", "is not lifted");
}

static int run_path_faults(void *context) {
    struct ground ground = {.listener = -1};
    return ground_open(&ground) < 0 || path_faults_work(&ground, context) < 0;
}

static int run_mtu(void *context) {
    struct ground ground = {.listener = -1};
    return ground_open(&ground) < 0 || mtu_is_counted(&ground, context) < 0;
}

static void run_in_sandbox(int (*body)(void *)) {
    struct sandbox sandbox;
    int status = -1;
    struct arena *arena = arena_new();
    struct sandbox_spec spec = {.body = body, .context = arena};
    ck_assert_msg(sandbox_open(&sandbox, &spec, &err) == 0, "%s\n%s", err.what, err.remedy);
    ck_assert(proc_wait(sandbox.pid, clock_ms() + SUITE_TIMEOUT_S * 500, &status));
    close(sandbox.pidfd);
    arena_free(arena);
    ck_assert_int_eq(status, 0);
}

START_TEST(path_faults_fire_and_are_lifted) {
    run_in_sandbox(run_path_faults);
}
END_TEST

START_TEST(path_mtu_fires_and_is_lifted) {
    run_in_sandbox(run_mtu);
}
END_TEST

Suite *live_path(void) {
    Suite *suite = suite_create("live-path");
    TCase *works = tcase_create("works");
    tcase_set_timeout(works, SUITE_TIMEOUT_S);
    tcase_add_checked_fixture(works, contain_begin, contain_check);
    tcase_add_test(works, path_faults_fire_and_are_lifted);
    tcase_add_test(works, path_mtu_fires_and_is_lifted);
    suite_add_tcase(suite, works);
    return suite;
}
