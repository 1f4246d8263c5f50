// SPDX-License-Identifier: Apache-2.0
// warm.c - decides whether the server of a case may serve another one
//
// A server that serves the next case saves a boot. That case must not be able to notice, so the
// rule is: whatever a case may have left behind is either undone here or looked for in the server
// itself, and a server where something is found, or that cannot be asked, serves no other case.
//
//   left behind by a case              undone, or looked for
//   its process ended, was limited     not reused (a new process counts anew)
//   a step or fault: VERB_DIRTIES      not reused
//   links, rules, routes of its host   world_end_case(), or not reused
//   sessions, locks, transactions      killed, until the process list has none
//   what their sockets still send      destroyed
//   the admin's session                reset
//   global variables                   set back; compared if anybody has SET one
//   rows of the apps' tables           emptied; `rows` is compared
//   rows anywhere else                 nobody but root may write there
//   tables, accounts, XA ..            statements that are not harmless are counted; an inventory
//   the undo log                       the space that its files take
//   names of hosts                     not reused, if it looks them up
//   passwords that MySQL has seen      FLUSH PRIVILEGES, as the last step
//
// An admin's statements run as root, and native code could reset the counters. So any such
// statement, except for a few harmless forms, means that the server is not reused.
//
// All this applies to cases of one origin. Cases of another origin get neither this server nor its
// worker (schedule.c).
#include "run/warm.h"

#include "base/clock.h"
#include "world/sockdiag.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    SESSIONS_DEADLINE_MS = 3000,
    GROWN_BYTES = 64 << 20, // growth of a server's files, such as the undo log
};

int warm_begin(struct case_run *run, struct err *err) {
    struct server *server = &run->world->server;
    run->server_pid = run->expected_pid = server_pid(server);
    // a server that refused to start leaves only its log
    return server->admin ? admin_take_mark(server->admin, &run->mark, err) : 0;
}

// ---- root's statements -------------------------------------------------------------------------

static bool begins_with(const char *sql, const char *const *words) {
    for (; *words; words++)
        if (strncasecmp(sql, *words, strlen(*words)) == 0)
            return true;
    return false;
}

static bool is_known_call(const char *word, size_t length) {
    static const char *const known[] = {
        "COUNT",    "SUM",          "MIN",           "MAX",     "CONCAT", "IF",    "NULLIF",
        "LEFT",     "COALESCE",     "USER",          "VERSION", "LENGTH", "SLEEP", "GET_LOCK",
        "DATABASE", "CURRENT_USER", "CONNECTION_ID", "SELECT",  "FROM",   "WHERE", "IN",
        "AND",      "OR",           "NOT",           "EXISTS",  "AS"};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strlen(known[i]) == length && strncasecmp(known[i], word, length) == 0)
            return true;
    return false;
}

// Some functions change the server, for example innodb_redo_log_consumer_register().
static bool calls_only_known(const char *sql) {
    for (const char *call = sql; (call = strchr(call, '(')); call++) {
        const char *end = call;
        while (end > sql && isspace((unsigned char)end[-1]))
            end--;
        const char *word = end;
        while (word > sql && (isalnum((unsigned char)word[-1]) || strchr("_`$.", word[-1]) ||
                              (unsigned char)word[-1] >= 0x80))
            word--;
        if (word < end && !is_known_call(word, (size_t)(end - word)))
            return false;
    }
    return true;
}

bool warm_is_harmless(const char *sql) {
    static const char *const words[] = {
        "SELECT",   "SHOW",   "CHECK", "EXPLAIN", "BEGIN", "COMMIT", "START TRANSACTION",
        "ROLLBACK", "UNLOCK", "KILL",  NULL};
    // MariaDB's BEGIN NOT ATOMIC contains other statements, a SELECT may write a file, and a
    // comment may contain anything
    return begins_with(sql, words) && calls_only_known(sql) && !strcasestr(sql, "ATOMIC") &&
           !strcasestr(sql, "INTO") && !strpbrk(sql, ";#") && !strstr(sql, "/*") &&
           !strstr(sql, "--");
}

// ---- sessions ----------------------------------------------------------------------------------

static const char *text_of(const json_t *value) {
    return json_is_string(value) ? json_string_value(value) : "";
}

// The user name is up to the client, but no client is a daemon.
bool warm_is_apps(const struct admin *admin, const json_t *session) {
    return atoll(text_of(json_array_get(session, 0))) != admin_thread(admin) &&
           strcmp(text_of(json_array_get(session, 4)), "Daemon") != 0;
}

// Kills app sessions that the server has not noticed to be over. 1: none are left; 0: some are.
static int end_sessions(struct admin *admin, struct err *err) {
    json_t *rows;
    if (admin_query(admin, "SHOW FULL PROCESSLIST", &rows, err) < 0)
        return -1;
    int left = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *session = json_array_get(rows, i);
        if (!warm_is_apps(admin, session))
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

// ---- what is left behind -----------------------------------------------------------------------

// Setting one variable may change others: super_read_only sets read_only.
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
    return server_used_bytes(server) <= server->used_bytes + GROWN_BYTES ? NULL
                                                                         : "its files have grown";
}

// ---- the rule ----------------------------------------------------------------------------------

// Whether --skip-grant-tables is set, in any spelling.
static bool has_no_accounts(const struct plan_case *plan) {
    for (size_t i = 0; plan->server && i < plan->server->options.count; i++)
        if (strcasestr(plan->server->options.keys[i], "grant"))
            return true;
    return false;
}

static const char *find_trace(struct case_run *run, struct err *err) {
    struct admin *admin = run->world->server.admin;
    if (!admin || server_pid(&run->world->server) != run->server_pid)
        return "its process ended";
    if (run->plan->looks_up_names)
        return "it knows hosts by their names";
    if (has_no_accounts(run->plan))
        return "it has not loaded its accounts, and would";
    if (run->privileged)
        return "an app may have written files on it";
    if (admin_reset(admin, err) < 0)
        return "the admin's session cannot be reset";
    if (!end_all_sessions(run, err))
        return "sessions are left";
    if (globals_restore(run, err) < 0)
        return "global variables cannot be set back";
    // its session took its own values from the globals that the case had set
    if (run->globals && admin_reset(admin, err) < 0)
        return "the admin's session cannot be reset";
    if (run->plan->transport != TRANSPORT_SOCKET &&
        sockdiag_destroy_all_tcp(&run->world->server.netns, err) < 0)
        return "sockets are left";
    const char *trace = compare(run, err);
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
