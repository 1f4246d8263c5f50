// SPDX-License-Identifier: Apache-2.0
// warm.c - whether the server of a case may serve another one
//
// A server that serves the next case saves a boot. The next case must not be able to tell, so the
// rule is: what a case may have left is either set back here or looked for in the server itself,
// and a server in which something is found, or which cannot be asked, serves no other case.
//
//     left behind by a case                       set back, or looked for
//     its process ended, was frozen, limited      not kept (a new process begins its counters anew)
//     a step or fault that says VERB_DIRTIES      not kept
//     links, rules, routes of its host            world_end_case(), or not kept
//     sessions, their locks and transactions      killed, until the process list has none
//     the admin's transaction, locks, variables   its session is reset
//     global variables                            set back, and compared if an app has SET one; an
//                                                 admin that has: not kept, some name files
//     rows of the apps' tables                    emptied; `rows` is compared
//     rows anywhere else                          the apps' account has no other tables; an admin,
//     or
//                                                 another account, that has written: not kept
//     tables, accounts, prepared transactions,    all statements but harmless ones are counted; the
//     whatever else statements do                 inventory of tables and accounts
//     files                                       root alone may write them: no INTO in its
//     statements the undo log                                the space that its files take failed
//     connects, where hosts have names     their counter passwords that MySQL has seen FLUSH
//     PRIVILEGES, the last
#include "run/warm.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
    SESSIONS_DEADLINE_MS = 3000,
    GROWN_BYTES = 64 << 20, // what is left in a server's files, of the undo log for one
};

int warm_begin(struct case_run *run, struct err *err) {
    struct server *server = &run->world->server;
    run->server_pid = run->expected_pid = server_pid(server);
    // of a server that has refused to start there is only its log
    return server->admin ? admin_take_mark(server->admin, &run->mark, err) : 0;
}

// ---- sessions ----------------------------------------------------------------------------------

static const char *text_of(const json_t *value) {
    return json_is_string(value) ? json_string_value(value) : "";
}

static bool is_apps(const struct admin *admin, const json_t *session) {
    const char *user = text_of(json_array_get(session, 1));
    return atoll(text_of(json_array_get(session, 0))) != admin_thread(admin) &&
           strcmp(user, "event_scheduler") != 0 && strcmp(user, "system user") != 0;
}

// Sessions of apps that the server has not noticed to be over are killed. 1 none left, 0 some are.
static int end_sessions(struct admin *admin, struct err *err) {
    json_t *rows;
    if (admin_query(admin, "SHOW FULL PROCESSLIST", &rows, err) < 0)
        return -1;
    int left = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *session = json_array_get(rows, i);
        if (!is_apps(admin, session))
            continue;
        cleanup_free char *sql = xprintf("KILL %s", text_of(json_array_get(session, 0)));
        struct err gone_already;
        admin_query(admin, sql, NULL, &gone_already);
        left++;
    }
    json_decref(rows);
    return left == 0;
}

static bool end_all_sessions(struct case_run *run, struct err *err) {
    double began = clock_ms(), deadline = began + SESSIONS_DEADLINE_MS * run->time_scale;
    int ended;
    while ((ended = end_sessions(run->world->server.admin, err)) == 0 && clock_ms() < deadline)
        clock_look_again(began);
    return ended > 0;
}

// ---- what is left ------------------------------------------------------------------------------

// One variable may take others with it: super_read_only takes read_only.
static bool has_its_variables(struct server *server, struct err *err) {
    json_t *now = server->variables ? admin_variables(server->admin, err) : NULL;
    bool same = now && json_equal(now, server->variables);
    json_decref(now);
    return same;
}

static bool has_its_inventory(struct server *server, struct err *err) {
    int64_t now;
    return admin_take_inventory(server->admin, &now, err) == 0 && now == server->inventory;
}

// What root has done beyond what the harness did itself: rows may be anywhere, and variables may
// name files.
static const char *find_own(struct case_run *run, struct err *err) {
    int64_t writes, sets;
    if (!run->administered)
        return NULL;
    if (admin_count_own(run->world->server.admin, &writes, &sets, err) < 0)
        return "it cannot be asked";
    if (sets != run->globals_sets)
        return "an admin has set variables";
    return writes > 0 ? "an admin has written rows" : NULL;
}

static const char *compare(struct case_run *run, struct err *err) {
    struct server *server = &run->world->server;
    struct admin_mark now;
    if (admin_take_mark(server->admin, &now, err) < 0)
        return "it cannot be asked";
    if (now.changes != run->mark.changes)
        return "definitions or accounts were changed";
    if (now.writes != run->mark.writes &&
        (run->strangers || admin_reset_tables(server->admin, err) < 0))
        return "rows were written that cannot be set back";
    if (now.sets != run->mark.sets && !has_its_variables(server, err))
        return "global variables differ";
    if (!has_its_inventory(server, err))
        return "tables or accounts differ";
    if (run->plan->looks_up_names && now.aborted_connects != run->mark.aborted_connects)
        return "it counts a host's failed connects";
    return server_used_bytes(server) <= server->used_bytes + GROWN_BYTES ? NULL
                                                                         : "its files have grown";
}

// ---- the rule ----------------------------------------------------------------------------------

static const char *find_trace(struct case_run *run, struct err *err) {
    struct admin *admin = run->world->server.admin;
    if (!admin || server_pid(&run->world->server) != run->server_pid)
        return "its process ended";
    const char *trace = find_own(run, err);
    if (trace)
        return trace;
    if (admin_reset(admin, err) < 0)
        return "the admin's session cannot be reset";
    if (!end_all_sessions(run, err))
        return "sessions are left";
    if (globals_restore(run, err) < 0)
        return "global variables cannot be set back";
    // its session took for its own what was global in the case
    if (run->globals && admin_reset(admin, err) < 0)
        return "the admin's session cannot be reset";
    trace = compare(run, err);
    if (!trace && admin_query(admin, "FLUSH PRIVILEGES", NULL, err) < 0)
        return "privileges cannot be flushed";
    return trace;
}

void warm_end(struct case_run *run) {
    struct err err;
    const char *trace = run->world->server.spoilt ? NULL : find_trace(run, &err);
    if (trace)
        world_retire_server(run->world, trace);
}
