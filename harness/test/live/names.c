// SPDX-License-Identifier: Apache-2.0
// names.c - the name service: what it answers in each of its ways, and that it counts
#include "test/lib/contain.h"
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/proc.h"
#include "sandbox/sandbox.h"
#include "world/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { PATIENCE_S = 2, LATE_MS = 500, SUITE_TIMEOUT_S = 60 };
enum { RECORD_A = 1, RECORD_PTR = 12 };
enum { NO_ANSWER = -1, PORT_CLOSED = -2 };

static struct err err;

/** A query from a host, and the answer required in that behaviour. */
struct row {
    int is; ///< enum names_word, or NAMES_WORKING
    enum side side;
    const char *name;
    int type;
    int code;    ///< DNS response code, NO_ANSWER or PORT_CLOSED
    int records; ///< in the answer
    const char *address;
};
static const struct row rows[] = {
    {NAMES_WORKING, SIDE_APP, SERVER_NAME, RECORD_A, 0, 1, SERVER_ADDRESS},
    {NAMES_WORKING, SIDE_SERVER, "10.2.0.192.in-addr.arpa", RECORD_PTR, 0, 1, NULL},
    {NAMES_WORKING, SIDE_SERVER, APP_NAME, RECORD_A, 0, 1, APP_ADDRESS},
    {NAMES_WORKING, SIDE_APP, "nobody.goneaway.test", RECORD_A, 3, 0, NULL},
    {NAMES_SILENT, SIDE_APP, SERVER_NAME, RECORD_A, NO_ANSWER, 0, NULL},
    {NAMES_SILENT, SIDE_SERVER, APP_NAME, RECORD_A, NO_ANSWER, 0, NULL},
    {NAMES_NXDOMAIN, SIDE_APP, SERVER_NAME, RECORD_A, 3, 0, NULL},
    {NAMES_NXDOMAIN, SIDE_SERVER, "10.2.0.192.in-addr.arpa", RECORD_PTR, 3, 0, NULL},
    {NAMES_SERVFAIL, SIDE_APP, SERVER_NAME, RECORD_A, 2, 0, NULL},
    {NAMES_SERVFAIL, SIDE_SERVER, "10.2.0.192.in-addr.arpa", RECORD_PTR, 2, 0, NULL},
    {NAMES_REFUSED, SIDE_APP, SERVER_NAME, RECORD_A, 5, 0, NULL},
    {NAMES_EMPTY, SIDE_APP, SERVER_NAME, RECORD_A, 0, 0, NULL},
    {NAMES_EMPTY, SIDE_SERVER, "10.2.0.192.in-addr.arpa", RECORD_PTR, 0, 0, NULL},
    {NAMES_SLOW, SIDE_APP, SERVER_NAME, RECORD_A, 0, 1, SERVER_ADDRESS},
    {NAMES_SLOW, SIDE_SERVER, "10.2.0.192.in-addr.arpa", RECORD_PTR, 0, 1, NULL},
    {NAMES_CLOSED, SIDE_APP, SERVER_NAME, RECORD_A, PORT_CLOSED, 0, NULL},
    {NAMES_CLOSED, SIDE_SERVER, APP_NAME, RECORD_A, PORT_CLOSED, 0, NULL},
    {NAMES_WRONG, SIDE_APP, SERVER_NAME, RECORD_A, 0, 1, SERVER_GATEWAY},
    {NAMES_WRONG, SIDE_SERVER, APP_NAME, RECORD_A, 0, 1, APP_GATEWAY},
};

// ---- asking ------------------------------------------------------------------------------------

// A socket on a host, connected to its name server.
static int dial(const struct netns *netns, enum side side) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, side == SIDE_APP ? APP_GATEWAY : SERVER_GATEWAY, &address.sin_addr);
    cleanup_close int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (setns(netns->fd, CLONE_NEWNET) < 0)
        return -1;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (setns(own, CLONE_NEWNET) < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    return fd;
}

// Writes a query: header asking for recursion, the name in labels, type and class IN.
static size_t make_question(const struct row *row, unsigned char *question) {
    static const unsigned char header[12] = {0, 7, 1, 0, 0, 1};
    unsigned char *at = question + sizeof header;
    memcpy(question, header, sizeof header);
    for (const char *label = row->name; *label;) {
        size_t length = strcspn(label, ".");
        *at++ = (unsigned char)length;
        memcpy(at, label, length);
        at += length;
        label += length + (label[length] == '.');
    }
    const unsigned char end[] = {0, 0, (unsigned char)row->type, 0, 1};
    memcpy(at, end, sizeof end);
    return (size_t)(at - question) + sizeof end;
}

// Asks, and checks the answer against the row.
static int check_answer(const struct row *row, int fd) {
    unsigned char data[512];
    char address[INET_ADDRSTRLEN] = "";
    size_t length = make_question(row, data);
    if (send(fd, data, length, 0) != (ssize_t)length)
        return -1;
    ssize_t got = recv(fd, data, sizeof data, 0);
    int code = got < 12 ? errno == ECONNREFUSED ? PORT_CLOSED : NO_ANSWER : data[3] & 15;
    int records = got < 12 ? 0 : data[7];
    if (got > 4 && row->address)
        inet_ntop(AF_INET, data + got - 4, address, sizeof address);
    if (code == row->code && records == row->records &&
        (!row->address || strcmp(address, row->address) == 0))
        return 0;
    fprintf(stderr, "%s: code %d, %d records, address %s\n", row->name, code, records, address);
    return -1;
}

// ---- the tests ---------------------------------------------------------------------------------

static int open_hosts(struct world *world) {
    struct link_end wire = {&world->wire, "server", SERVER_GATEWAY "/24", NULL};
    struct link_end server = {&world->server.netns, "eth0", SERVER_ADDRESS "/24", NULL};
    return world_open(world, &err) < 0 || netns_open(&world->server.netns, &err) < 0 ||
                   link_open(&wire, &server, &err) < 0 || world_begin_case(world, 0, &err) < 0 ||
                   names_open(&world->names, &err) < 0
               ? -1
               : 0;
}

static int ask_as(const struct row *row, struct world *world) {
    cleanup_close int fd =
        dial(row->side == SIDE_APP ? &world->app : &world->server.netns, row->side);
    double began_ms = clock_ms();
    int64_t met = -1, elsewhere = -1;
    enum side other = row->side == SIDE_APP ? SIDE_SERVER : SIDE_APP;
    if (fd < 0 || names_become(&world->names, row->side, row->is, LATE_MS, &err) < 0 ||
        check_answer(row, fd) < 0 || names_count(&world->names, row->side, &met, &err) < 0 ||
        names_count(&world->names, other, &elsewhere, &err) < 0)
        return -1;
    if (row->is == NAMES_SLOW && clock_ms() - began_ms < LATE_MS)
        return err_set(&err, "the answer came too early");
    return met == 1 && elsewhere == 0
               ? 0
               : err_set(&err, "%d met, %d elsewhere", (int)met, (int)elsewhere);
}

// It has no assertions: it prints what is wrong and ends with status 1.
static int in_sandbox(void *context) {
    const struct row *row = context;
    struct row working = rows[row->side == SIDE_APP ? 0 : 1];
    struct world world;
    int ret = open_hosts(&world);
    if (ret == 0)
        ret = ask_as(row, &world);
    if (ret == 0)
        ret = ask_as(&working, &world); // as after a `lift:`
    struct err unclosed = {0};
    if (world_end_case(&world, &unclosed) < 0)
        ret = -1;
    world_close(&world);
    if (ret < 0)
        fprintf(stderr, "%s\n%s\n", err.what, unclosed.what);
    return ret < 0;
}

START_TEST(name_server_behaves) {
    struct sandbox sandbox;
    int status = -1;
    struct sandbox_spec spec = {.body = in_sandbox, .context = (void *)&rows[_i]};
    ck_assert_msg(sandbox_open(&sandbox, &spec, &err) == 0, "%s\n%s", err.what, err.remedy);
    ck_assert(proc_wait(sandbox.pid, clock_ms() + SUITE_TIMEOUT_S * 500, &status));
    close(sandbox.pidfd);
    ck_assert_int_eq(status, 0);
}
END_TEST

Suite *live_names(void) {
    Suite *suite = suite_create("live-names");
    TCase *ways = tcase_create("ways");
    tcase_set_timeout(ways, SUITE_TIMEOUT_S);
    tcase_add_checked_fixture(ways, contain_begin, contain_check);
    tcase_add_loop_test(ways, name_server_behaves, 0, (int)COUNT_OF(rows));
    suite_add_tcase(suite, ways);
    return suite;
}
