// SPDX-License-Identifier: Apache-2.0
// program_moment.c - detects when a program has come to the moment at which its fault is due
//
// Its sessions are those of its account in the server's process list. The server counts statements
// for all sessions together, and the admin subtracts its own; SET does not count, since libraries
// send it on their own. One look cannot tell that a program is idle: it must stay so for a while.
#include "run/program.h"

#include "base/clock.h"
#include "base/proc.h"
#include "world/sockdiag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REST_MS = 150, RUNNING_MS = 50, MOST_PROCESSES = 200, MOST_SOCKETS = 64 };

// ---- counters ----------------------------------------------------------------------------------

static int count_statements(struct admin *admin, int64_t *ret, struct err *err) {
    json_t *rows;
    if (admin_query(admin,
                    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Com_set_option')",
                    &rows, err) < 0)
        return -1;
    *ret = -admin_statements(admin);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *name = json_string_value(json_array_get(row, 0));
        const char *value = json_string_value(json_array_get(row, 1));
        int64_t number = value ? atoll(value) : 0;
        *ret += name && strcmp(name, "Questions") == 0 ? number : -number;
    }
    json_decref(rows);
    return 0;
}

// "Tcp: .." occurs twice, with names and then numbers; AttemptFails is the seventh.
static int count_failed_connects(const struct netns *netns, int64_t *ret, struct err *err) {
    cleanup_text struct text all = {0};
    long long failed;
    if (netns_read(netns, "snmp", &all, err) < 0)
        return -1;
    const char *names = strstr(text_get(&all), "Tcp: Rto");
    const char *numbers = names ? strstr(names, "\nTcp: ") : NULL;
    if (!numbers || sscanf(numbers, "\nTcp: %*s %*s %*s %*s %*s %*s %lld", &failed) != 1)
        return err_set(err, "/proc/net/snmp has no line for TCP");
    *ret = failed;
    return 0;
}

int program_mark(struct case_run *run, struct program_marks *ret, struct err *err) {
    if (count_failed_connects(&run->world->app, &ret->refused, err) < 0)
        return -1;
    ret->starts = run->server_starts;
    return count_statements(run->world->server.admin, &ret->statements, err);
}

int program_count_refused(struct case_run *run, int64_t *ret, struct err *err) {
    if (count_failed_connects(&run->world->app, ret, err) < 0)
        return -1;
    *ret -= run->marks.refused;
    return 0;
}

// ---- sessions ----------------------------------------------------------------------------------

/** What one look at the program found. */
struct look {
    int64_t statements; ///< begun so far
    int64_t thread;     ///< the relevant session; -1: none
    int count;          ///< its sessions
    int resting;        ///< idle ones
    bool runs;          ///< the relevant session executes a statement
    uint16_t port;      ///< where it comes from; 0: not over TCP
    char seen[400];
};

static const char *cell(const json_t *session, size_t column) {
    const char *text = json_string_value(json_array_get(session, column));
    return text ? text : "";
}

// Whether the session is one of those that are waited for.
static bool is_meant(const struct program_moment *moment, const json_t *session) {
    bool executes =
        strcmp(cell(session, 4), "Query") == 0 || strcmp(cell(session, 4), "Execute") == 0;
    bool holds = !moment->text || strstr(cell(session, 7), moment->text);
    return executes && holds;
}

static void take_session(struct look *look, const struct program_moment *moment,
                         const json_t *session) {
    bool meant = is_meant(moment, session);
    int64_t thread = atoll(cell(session, 0));
    look->count++;
    look->resting += strcmp(cell(session, 4), "Sleep") == 0;
    if ((look->runs && !meant) || (look->runs == meant && thread < look->thread))
        return;
    look->runs = meant;
    look->thread = thread;
    const char *port = strrchr(cell(session, 2), ':');
    look->port = port ? (uint16_t)atoi(port + 1) : 0;
    snprintf(look->seen, sizeof look->seen, "session %s: %s%s%.30s%s%.200s", cell(session, 0),
             cell(session, 4), *cell(session, 6) ? ", " : "", cell(session, 6),
             *cell(session, 7) ? ", " : "", cell(session, 7));
}

static const char *account_of(const struct case_run *run) {
    const struct connect_args *connect = run->plan->program->connect->act.args;
    return connect->user ? connect->user : APP_USER;
}

static int look_at_sessions(struct case_run *run, const struct program_moment *moment,
                            struct look *look, struct err *err) {
    struct admin *admin = run->world->server.admin;
    json_t *rows;
    int64_t statements;
    *look = (struct look){.thread = -1};
    snprintf(look->seen, sizeof look->seen, "no session of the account '%s'", account_of(run));
    if (count_statements(admin, &statements, err) < 0 ||
        admin_query(admin, "SHOW FULL PROCESSLIST", &rows, err) < 0)
        return -1;
    look->statements = statements - run->marks.statements;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *session = json_array_get(rows, i);
        if (atoll(cell(session, 0)) != admin_thread(admin) &&
            strcmp(cell(session, 1), account_of(run)) == 0 &&
            strcmp(cell(session, 4), "Connect") != 0)
            take_session(look, moment, session);
    }
    json_decref(rows);
    return 0;
}

// ---- processes and sockets ---------------------------------------------------------------------

static size_t list_processes(const struct actor *actor, pid_t **ret_pids) {
    if (actor->container.init <= 0)
        return 0;
    size_t count = proc_descendants(actor->container.init, NULL, 0, ret_pids);
    return count < MOST_PROCESSES ? count : MOST_PROCESSES;
}

static bool any_process_runs(const struct actor *actor) {
    cleanup_free pid_t *pids = NULL;
    size_t count = list_processes(actor, &pids);
    for (size_t i = 0; i < count; i++)
        if (proc_any_thread_running(pids[i]))
            return true;
    return false;
}

static int count_holders(const struct actor *actor, struct err *err) {
    cleanup_free pid_t *pids = NULL;
    size_t count = list_processes(actor, &pids);
    int holders = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t inodes[MOST_SOCKETS];
        int sockets = sockdiag_inodes_of(pids[i], inodes, MOST_SOCKETS, err);
        if (sockets < 0)
            return -1;
        for (int k = 0; k < sockets; k++)
            holders += inodes[k] == actor->inode;
    }
    return holders;
}

// Whether nothing is in transit between the program and the server.
static int is_quiet(struct case_run *run, struct err *err) {
    struct actor *actor = &run->actors[0];
    struct sock_info own = {0}, other = {0};
    bool on_socket = case_on_socket(run);
    if (actor_find_connection(actor, run->world, on_socket, err) < 0)
        return -1;
    if (!actor->inode)
        return 1; // take_connection() reports it
    int found = actor_app_end(actor, run->world, on_socket, &own, err);
    if (found > 0)
        found = actor_server_end(actor, run->world, on_socket, &other, err);
    if (found < 0)
        return -1;
    return own.receive_bytes + own.send_bytes + other.receive_bytes + other.send_bytes == 0;
}

// Of several connections, selects the session's.
static int choose_connection(struct case_run *run, const struct look *look, struct err *err) {
    struct actor *actor = &run->actors[0];
    if (look->count < 2 || run->proxy || (look->port && look->port == actor->port))
        return 0;
    if (look->port)
        return actor_choose_connection(actor, run->world, look->port, err);
    err_set(err,
            "the program has %d sessions over the Unix socket, and which connection is whose "
            "is not known",
            look->count);
    return err_remedy(err, "run it over tcp, where it is");
}

static int take_connection(struct case_run *run, const struct look *look, struct err *err) {
    struct actor *actor = &run->actors[0];
    if (look->count == 0) // it has ended, see has_forked()
        return 0;
    actor->thread = look->thread;
    actor->start = run->server_starts;
    if (actor_find_connection(actor, run->world, case_on_socket(run), err) < 0)
        return -1;
    if (actor->inode)
        return choose_connection(run, look, err);
    err_set(err, "the program has a session (%s), but no connection to the server over %s",
            look->seen, transport_words[run->plan->transport].name);
    return err_remedy(err, "it must go where MYSQL_HOST, and MYSQL_TCP_PORT or MYSQL_UNIX_PORT, "
                           "lead; --transport chooses which of them are set");
}

// ---- moments -----------------------------------------------------------------------------------

// Whether another process has the program's connection too; or had it and closed it, which shows at
// the process that still has it.
static int has_forked(struct case_run *run, const struct look *look, struct err *err) {
    struct actor *actor = &run->actors[0];
    bool on_socket = case_on_socket(run);
    struct sock_info info = {0};
    if (look->count > 0 && actor_find_connection(actor, run->world, on_socket, err) < 0)
        return -1;
    if (!actor->inode)
        return 0;
    if (look->count > 0) {
        int holders = count_holders(actor, err);
        return holders < 0 ? -1 : holders > 1;
    }
    int found = actor_app_end(actor, run->world, on_socket, &info, err);
    return found > 0 ? info.closed_by_peer : found;
}

/** What looks so far have found unchanged. */
struct stay {
    double since_ms;
    int64_t statements, thread;
};

// For how long it has been so, with the same session and no further statement.
static double stays(struct stay *stay, const struct look *look, bool now) {
    if (!now || stay->since_ms <= 0 || stay->statements != look->statements ||
        stay->thread != look->thread)
        *stay = (struct stay){now ? clock_ms() : 0, look->statements, look->thread};
    return now ? clock_ms() - stay->since_ms : 0;
}

// A restarted server's count includes what it executed to start.
static bool counts(const struct case_run *run) {
    return run->server_starts == run->marks.starts;
}

static int has_come(struct case_run *run, const struct program_moment *moment,
                    const struct look *look, struct stay *stay, struct err *err) {
    const struct actor *actor = &run->actors[0];
    bool rests =
        look->count > 0 && look->resting == look->count && (look->statements > 0 || !counts(run));
    switch (moment->at) {
    case AT_IDLE:
        rests = rests && !any_process_runs(actor);
        return stays(stay, look, rests) >= REST_MS ? is_quiet(run, err) : 0;
    case AT_RUNNING:
        return look->runs && (moment->text || stays(stay, look, true) >= RUNNING_MS);
    case AT_STATEMENT:
        return look->count > 0 && look->statements >= moment->nth;
    case AT_FORKED:
        return has_forked(run, look, err);
    default:
        return look->count > 0;
    }
}

int program_await_moment(struct case_run *run, const struct program_moment *moment,
                         double deadline_ms, struct record_step *seen, struct err *err) {
    cleanup_free char *what = program_moment_text(moment);
    double began = clock_ms();
    struct stay stay = {0};
    struct look look;
    for (;;) {
        if (look_at_sessions(run, moment, &look, err) < 0)
            return -1;
        int come = has_come(run, moment, &look, &stay, err);
        if (come != 0) {
            seen->thread = look.thread;
            seen->message = counts(run) ? xprintf("%s; statements so far: %lld", look.seen,
                                                  (long long)look.statements)
                                        : xstrdup(look.seen);
            return come < 0 ? -1 : take_connection(run, &look, err);
        }
        if (program_goes_on(run, what, err) < 0)
            return -1;
        if (clock_ms() >= deadline_ms)
            return err_set(err,
                           "the deadline passed before %s; seen last: %s; statements of it so far: "
                           "%lld%s",
                           what, look.seen, (long long)look.statements,
                           any_process_runs(&run->actors[0]) ? "; a process of it runs" : "");
        clock_look_again(began);
    }
}
