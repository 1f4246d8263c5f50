// SPDX-License-Identifier: Apache-2.0
// shutdown.c - another session shuts the server down by the statement SHUTDOWN
#include "faults/faults.h"

#include "base/clock.h"

#include <string.h>

static bool may_end(const struct choice *act, const char *whom, int signal) {
    (void)act;
    return strcmp(whom, "server") == 0 && signal == 0;
}

// MySQL gives sessions two seconds to end.
static int64_t guess_ms(const struct choice *act) {
    enum { SHUTDOWN_MS = 2500 };
    (void)act;
    return SHUTDOWN_MS;
}

// The server may close the session before its answer arrives, so what counts is that it ended.
static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    struct server *server = &run->world->server;
    double began_ms = clock_ms();
    if (server_pid(server) <= 0)
        return err_set(err, "the server is not running: `server: start` comes first");
    struct admin *session = server_log_in(server, true, err);
    if (!session)
        return -1;
    server_settle(server);
    int told = admin_query(session, "SHUTDOWN", NULL, err);
    while (server_pid(server) > 0 && clock_ms() < deadline_ms)
        clock_look_again(began_ms);
    admin_close(session);
    fault->fired = server_pid(server) == 0;
    return told < 0 && !fault->fired ? -1 : 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.until =
                                                  "app-socket: {of: {app}, is: closed-by-peer}",
                                              .words = "the server closed the app's socket",
                                              .cause = "shutdown",
                                              .promise = PROMISE_ERROR,
                                              .because = "the server is down",
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_shutdown = {
    .word = {"shutdown", 0, NULL, VERB_DIRTIES,
             "another session shuts the server down (SHUTDOWN); fires when its process has ended"},
    .tale = "another session shuts the server down",
    .effect = effect_of,
    .mechanism = "sql",
    .guess_ms = guess_ms,
    .may_end = may_end,
    .arm = arm,
};
