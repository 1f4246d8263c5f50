// SPDX-License-Identifier: Apache-2.0
// crowd.c - others use up the server's sessions
#include "faults/faults.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

enum crowd_user { CROWD_APP, CROWD_ROOT, CROWD_WORDS };
struct crowd_args {
    int64_t sessions;
    int user; ///< enum crowd_user, -1: the first
};

static const struct word crowd_words[] = {
    [CROWD_APP] = {"app", "the app's account (the default)"},
    [CROWD_ROOT] = {"root", "may take the reserved session, too"},
    END,
};
ONE_WORD_EACH(crowd_words, CROWD_WORDS);

static const struct type type_crowd = {
    .name = "crowd",
    .kind = TYPE_RECORD,
    .size = sizeof(struct crowd_args),
    .shorthand = "sessions",
    .fields = (const struct field[]){
        FIELD(struct crowd_args, sessions, "sessions", COUNT(1, 1000), FIELD_REQUIRED,
              "how many are opened, besides the admin's own; all must succeed"),
        FIELD(struct crowd_args, user, "user", WORD("account of a crowd", crowd_words), 0,
              "by which account"),
        END}};

struct crowd {
    struct admin **sessions;
    int64_t count;
};

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct crowd_args *args = fault->step->act.args;
    struct crowd *crowd = fault->state;
    (void)deadline_ms;
    crowd->sessions = xcalloc((size_t)args->sessions + 1, sizeof(struct admin *));
    for (; crowd->count < args->sessions; crowd->count++) {
        struct admin *one = server_log_in(&run->world->server, args->user == CROWD_ROOT, err);
        if (!one)
            return err_context(err, "session %lld", (long long)crowd->count + 1);
        crowd->sessions[crowd->count] = one;
        fault->fired++;
    }
    return 0;
}

// A session that left the process list still counts as connected for a moment.
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

// Waits until the server has released the sessions: a new connect counts them until then.
static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    struct crowd *crowd = fault->state;
    struct admin *admin = run->world->server.admin;
    int64_t listed = 0, connected = 0, leaving = crowd->count, before = 0;
    if (admin && sessions_left(admin, &before, &connected, err) < 0)
        admin = NULL;
    while (crowd->count > 0)
        admin_close(crowd->sessions[--crowd->count]);
    free((void *)crowd->sessions);
    while (admin && clock_ms() < deadline_ms) {
        if (sessions_left(admin, &listed, &connected, err) < 0)
            return -1;
        if (listed <= before - leaving && connected <= listed)
            break;
        clock_wait(1, -1);
    }
    return 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.words = "the sessions are taken",
                                              .cause = "resources",
                                              .promise = PROMISE_ANY,
                                              .because = "whether a session is left decides",
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_crowd = {
    .word = {"crowd", 0, &type_crowd, 0,
             "others take sessions of the server, over its Unix socket; fires once for each"},
    .tale = "others take {sessions} of the server's sessions[, as {user}]",
    .effect = effect_of,
    .mechanism = "sql",
    .arm = arm,
    .lift = lift,
    .state_bytes = sizeof(struct crowd),
};
