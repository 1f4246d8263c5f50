// SPDX-License-Identifier: Apache-2.0
// evidence.c - the server's side of a case: counters, uptime, log; and whether it is still clean
#include "run/case.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    // A server counts an aborted session a moment after the client has noticed; this bounds the
    // wait
    // for counters that a row expects.
    EVIDENCE_DEADLINE_MS = 3000,
    LOG_LINES = 40,
    GROWN_BYTES = 64 << 20, // what is left in a server's files, of the undo log for one
    LOG_LINE_BYTES = 500,
};

static const struct evidence_args *expected_evidence(const struct case_run *run) {
    const struct record *record = run->record;
    struct place place = {.server = record->server,
                          .vendor = record->vendor,
                          .server_version = record->server_version,
                          .connector = record->connector,
                          .connector_version = record->connector_version};
    const struct plan_row *row = plan_find_row(run->plan, &place);
    return row ? row->evidence : NULL;
}

// Counters begin anew with a new process. Uptime would not tell: it counts whole seconds, and a
// server that is started again soon after its first boot says 0 both times.
static int take_counters(struct case_run *run, struct err *err) {
    struct admin_mark now;
    if (admin_take_mark(run->world->server.admin, &now, err) < 0)
        return -1;
    bool anew = server_pid(&run->world->server) != run->server_pid;
    run->record->uptime_reset = anew;
    run->record->aborted_clients = now.aborted_clients - (anew ? 0 : run->mark.aborted_clients);
    run->record->aborted_connects = now.aborted_connects - (anew ? 0 : run->mark.aborted_connects);
    return 0;
}

static void take_log(struct case_run *run, const char *text) {
    struct record *record = run->record;
    for (size_t i = 0; i < record->log_count; i++)
        free(record->log[i]);
    record->log_count = 0;
    for (int lines = 0; *text && lines < LOG_LINES; lines++) {
        size_t length = strcspn(text, "\n");
        int most = length < LOG_LINE_BYTES ? (int)length : LOG_LINE_BYTES;
        cleanup_free char *line = xprintf("%.*s", most, text);
        record_add_log(record, line);
        text += length + (text[length] == '\n');
    }
}

// From the line of the first error on, why a server does not start: what comes before is long.
static const char *first_error(const char *log) {
    const char *error = strstr(log, "[ERROR]");
    while (error && error > log && error[-1] != '\n')
        error--;
    return error ? error : text_tail(log, LOG_LINES);
}

static int take_log_lines(struct case_run *run, struct err *err) {
    cleanup_text struct text log = {0};
    if (server_log_read(&run->world->server, run->log_offset, &log, err) < 0)
        return -1;
    const struct server_args *asked = run->plan->server;
    bool refuses = asked && asked->starts == 0;
    take_log(run, refuses ? first_error(text_get(&log)) : text_get(&log));
    return 0;
}

static int take_all(struct case_run *run, struct err *err) {
    return take_counters(run, err) < 0 ? -1 : take_log_lines(run, err);
}

// Whether a server that does not answer any more is about to end: it closes before it is gone.
static bool is_ending(struct case_run *run) {
    double began = clock_ms(), deadline = began + EVIDENCE_DEADLINE_MS * run->time_scale;
    while (server_pid(&run->world->server) > 0 && clock_ms() < deadline)
        clock_look_again(began);
    return server_pid(&run->world->server) == 0;
}

// A log of which it cannot be told whether it has come is not waited for: the verdict tells of it.
static bool has_come(const struct evidence_args *expected, const struct record *record) {
    struct err unclear;
    return record->aborted_clients >= expected->aborted_clients &&
           record->aborted_connects >= expected->aborted_connects &&
           (!expected->log || record_log_has(record, expected->log, NULL, &unclear) != 0);
}

int evidence_collect(struct case_run *run, struct err *err) {
    const struct evidence_args *expected = expected_evidence(run);
    double began = clock_ms(), deadline = began + EVIDENCE_DEADLINE_MS * run->time_scale;
    // a server that has ended is asked for nothing; its log remains
    if (server_pid(&run->world->server) == 0)
        return take_log_lines(run, err);
    if (!run->world->server.admin)
        return 0;
    for (;;) {
        if (take_all(run, err) < 0)
            return is_ending(run) ? take_log_lines(run, err) : err_context(err, "collect evidence");
        if (!expected || has_come(expected, run->record) || clock_ms() >= deadline)
            return 0;
        clock_look_again(began);
    }
}

static const char *known_text(const json_t *value) {
    return json_is_string(value) ? json_string_value(value) : "";
}

// Sessions of apps that the server has not noticed to be over are killed. 1 none left, 0 some are.
static int end_sessions(struct admin *admin, struct err *err) {
    json_t *rows;
    if (admin_query(admin, "SHOW FULL PROCESSLIST", &rows, err) < 0)
        return -1;
    int left = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *user = json_string_value(json_array_get(row, 1));
        bool own = atoll(known_text(json_array_get(row, 0))) == admin_thread(admin);
        if (!user || own || strcmp(user, "event_scheduler") == 0 ||
            strcmp(user, "system user") == 0)
            continue;
        cleanup_free char *sql = xprintf("KILL %s", json_string_value(json_array_get(row, 0)));
        struct err gone_already;
        admin_query(admin, sql, NULL, &gone_already);
        left++;
    }
    json_decref(rows);
    return left == 0;
}

// What the apps' account has written is in the apps' tables, unless it was let in elsewhere.
static int undo_writes(struct case_run *run, struct err *err) {
    if (run->strangers)
        return err_set(err, "others than the apps' account may have written anywhere");
    return admin_reset_tables(run->world->server.admin, err);
}

static bool has_its_definitions(struct server *server, struct err *err) {
    json_t *now = server->definitions ? admin_definitions(server->admin, err) : NULL;
    bool same = now && json_equal(now, server->definitions);
    json_decref(now);
    return same;
}

// One variable may take others with it: super_read_only takes read_only.
static bool has_its_variables(struct server *server, struct err *err) {
    json_t *now = server->variables ? admin_variables(server->admin, err) : NULL;
    bool same = now && json_equal(now, server->variables);
    json_decref(now);
    return same;
}

// Whether it is as it was before its first case, once what is known to be undone has been undone.
// The counters do not tell of SET GLOBAL, and after a restart of nothing that was before it.
static bool is_clean(struct case_run *run, struct err *err) {
    struct server *server = &run->world->server;
    struct admin_mark now;
    int64_t inventory;
    bool anew = server_pid(server) != run->server_pid;
    if (run->administered || run->plan->changes_server || globals_restore(run, err) < 0 ||
        admin_take_mark(server->admin, &now, err) < 0 ||
        now.changes != (anew ? server->mark : run->mark).changes ||
        ((anew || now.writes != run->mark.writes) && undo_writes(run, err) < 0))
        return false;
    if (admin_take_inventory(server->admin, &inventory, err) < 0 || inventory != server->inventory)
        return false;
    // by name, a server keeps count of the failed connects of each host
    if (run->plan->looks_up_names &&
        now.aborted_connects != (anew ? 0 : run->mark.aborted_connects))
        return false;
    // an app may have found its way to an account that can set what is global
    if ((anew || now.sets != run->mark.sets) && !has_its_variables(server, err))
        return false;
    if (server_used_bytes(server) > server->used_bytes + GROWN_BYTES)
        return false;
    return !anew || has_its_definitions(server, err);
}

void evidence_clean(struct case_run *run) {
    struct server *server = &run->world->server;
    struct err err;
    double began = clock_ms(), deadline = began + EVIDENCE_DEADLINE_MS * run->time_scale;
    int ended = 0;
    // a transaction of the admin's, or a lock, would keep the next case waiting
    server->dirty |= !server->admin || (!server->dirty && admin_reset(server->admin, &err) < 0);
    while (!server->dirty && (ended = end_sessions(server->admin, &err)) == 0 &&
           clock_ms() < deadline)
        clock_look_again(began);
    server->dirty |= ended <= 0 || !is_clean(run, &err);
    // its session took what was global in the case for its own
    server->dirty |= !server->dirty && run->globals && admin_reset(server->admin, &err) < 0;
}
