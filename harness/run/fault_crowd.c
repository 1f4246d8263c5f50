// SPDX-License-Identifier: Apache-2.0
// fault_crowd.c - others who take sessions of the server
#include "run/fault.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

int fault_arm_crowd(struct case_run *run, struct case_fault *fault, double deadline_ms,
                    struct err *err) {
    const struct crowd_args *args = fault->step->act.args;
    (void)deadline_ms;
    fault->crowd = xcalloc((size_t)args->sessions + 1, sizeof(struct admin *));
    for (; fault->crowd_count < args->sessions; fault->crowd_count++) {
        struct admin *one = server_log_in(&run->world->server, args->user == CROWD_ROOT, err);
        if (!one)
            return err_context(err, "session %lld", (long long)fault->crowd_count + 1);
        fault->crowd[fault->crowd_count] = one;
        fault->fired++;
    }
    return 0;
}

// A session that has left the process list still counts as connected for a moment.
static int sessions_left(struct admin *admin, int64_t *ret_listed, int64_t *ret_connected,
                         struct err *err) {
    json_t *rows;
    if (admin_query(admin, "SHOW PROCESSLIST", &rows, err) < 0)
        return -1;
    *ret_listed = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *user = json_string_value(json_array_get(json_array_get(rows, i), 1));
        *ret_listed +=
            user && strcmp(user, "event_scheduler") != 0 && strcmp(user, "system user") != 0;
    }
    json_decref(rows);
    return admin_status(admin, "Threads_connected", ret_connected, err);
}

// Waits until the server has let go of the sessions: another connect counts them until then.
int fault_lift_crowd(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    struct admin *admin = run->world->server.admin;
    int64_t listed = 0, connected = 0, leaving = fault->crowd_count, before = 0;
    if (admin && sessions_left(admin, &before, &connected, err) < 0)
        admin = NULL;
    while (fault->crowd_count > 0)
        admin_close(fault->crowd[--fault->crowd_count]);
    free((void *)fault->crowd);
    fault->crowd = NULL;
    while (admin && clock_ms() < deadline_ms) {
        if (sessions_left(admin, &listed, &connected, err) < 0)
            return -1;
        if (listed <= before - leaving && connected <= listed)
            break;
        clock_wait(1, -1);
    }
    return 0;
}
