// SPDX-License-Identifier: Apache-2.0
// evidence.c - the server's side of a case: counters, uptime, log
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
