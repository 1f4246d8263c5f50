// SPDX-License-Identifier: Apache-2.0
// evidence.c - the server's side of a case: counters, uptime, log
#include "run/case.h"

#include "base/clock.h"
#include "base/proc.h"
#include "run/sessions.h"
#include "run/warm.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    // A server counts an aborted session a moment after its client has noticed. If it is still
    // executing something by then, that is not counted.
    EVIDENCE_DEADLINE_MS = 3000,
    LOG_MAX_BYTES = 1 << 20,
};

// Whether some text in the node contains both words; the second may be "".
static bool says(const struct node *node, const char *word, const char *other) {
    if (node && node->kind == NODE_SCALAR)
        return strcasestr(node->text, word) && strcasestr(node->text, other);
    for (size_t i = 0; node && i < node->count; i++)
        if (says(node->items[i], word, other))
            return true;
    return false;
}

static bool plan_says(const struct plan_case *plan, const char *word, const char *other) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (says(plan->steps[i].act.node, word, other))
            return true;
    return false;
}

// FLUSH STATUS resets the counters, so differences mean nothing. The server reports only that some
// FLUSH ran; which one is in the scenario, or hidden in there.
static bool were_set_back(const struct case_run *run, const struct admin_mark *now, bool anew) {
    return now->flushes > (anew ? 0 : run->mark.flushes) &&
           (plan_says(run->plan, "FLUSH", "STATUS") || !plan_says(run->plan, "FLUSH", ""));
}

// A new process starts its counters from zero. Uptime would not reveal one: it is in whole seconds,
// and 0 both times if the server is restarted soon after its first boot.
static int take_counters(struct case_run *run, struct err *err) {
    struct admin_mark now;
    if (admin_take_mark(run->world->server.admin, &now, err) < 0)
        return -1;
    bool anew = server_pid(&run->world->server) != run->server_pid;
    run->record->uptime_reset = anew;
    if (were_set_back(run, &now, anew))
        return 0;
    run->record->aborted_clients = now.aborted_clients - (anew ? 0 : run->mark.aborted_clients);
    run->record->aborted_connects = now.aborted_connects - (anew ? 0 : run->mark.aborted_connects);
    return 0;
}

void evidence_look_at_log(struct case_run *run) {
    struct err ignored; // it is a service to those who read a timeline
    long size = run->overheard ? server_log_size(&run->world->server, &ignored) : 0;
    if (size <= run->log_offset ||
        (run->look_count && size == run->looks[run->look_count - 1].size))
        return;
    run->looks = xgrow(run->looks, run->look_count, sizeof *run->looks);
    run->looks[run->look_count++] = (struct log_look){size, clock_ms() - run->began_ms};
}

// Notes for each line when it was first known to be there.
static void note_log_times(struct case_run *run) {
    struct record *record = run->record;
    long end = run->log_offset;
    if (!run->overheard || record->log_count == 0)
        return;
    record->log_by_ms = xcalloc(record->log_count, sizeof *record->log_by_ms);
    for (size_t i = 0, look = 0; i < record->log_count; i++) {
        end += (long)strlen(record->log[i]) + 1;
        while (look < run->look_count && run->looks[look].size < end)
            look++;
        record->log_by_ms[i] =
            look < run->look_count ? run->looks[look].at_ms : clock_ms() - run->began_ms;
    }
}

static int take_log_lines(struct case_run *run, struct err *err) {
    cleanup_text struct text log = {0};
    if (server_log_read(&run->world->server, run->log_offset, &log, err) < 0)
        return -1;
    // a part of the log cannot prove that something is absent
    if (log.length > LOG_MAX_BYTES)
        return err_set(err,
                       "the server has written %zu KiB to its error log, more than the %d that "
                       "are taken",
                       log.length >> 10, LOG_MAX_BYTES >> 10);
    record_set_log(run->record, text_get(&log), log.length);
    note_log_times(run);
    return 0;
}

// Whether a server that no longer answers is about to end: it closes its connections first.
static bool is_ending(struct case_run *run) {
    double began = clock_ms(), deadline = began + EVIDENCE_DEADLINE_MS * run->time_scale;
    while (server_pid(&run->world->server) > 0 && clock_ms() < deadline)
        clock_look_again(began);
    return server_pid(&run->world->server) == 0;
}

// Whether a session may still change the counters: it is being killed, or executes a statement. One
// that logs in, or sleeps, does nothing before its client does.
static bool is_busy(const char *command) {
    static const char *const quiet[] = {"Sleep", "Connect", "Daemon", "Binlog Dump"};
    for (size_t i = 0; i < COUNT_OF(quiet); i++)
        if (strcmp(command, quiet[i]) == 0)
            return false;
    return true;
}

static int any_is_busy(struct case_run *run, struct err *err) {
    json_t *rows;
    if (admin_query(run->world->server.admin, "SHOW FULL PROCESSLIST", &rows, err) < 0)
        return -1;
    sessions_note_all(run, rows);
    int busy = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *session = json_array_get(rows, i);
        const char *command = json_string_value(json_array_get(session, 4));
        busy |= warm_is_apps(run->world->server.admin, session) && command && is_busy(command);
    }
    json_decref(rows);
    return busy;
}

// Whether the server has yet to learn that somebody closed a connection: the FIN may be on its way,
// or lost and to be sent again.
static int any_is_closing(const struct netns *netns, struct err *err) {
    struct sock_query query = {.peer_port = SERVER_PORT,
                               .states = 1 << TCP_FIN_WAIT1 | 1 << TCP_CLOSING | 1 << TCP_LAST_ACK};
    struct sock_info info;
    return sockdiag_find_tcp(netns, &query, &info, err);
}

static int is_settled(struct case_run *run, struct err *err) {
    const struct world *world = run->world;
    int busy = any_is_closing(&world->app, err);
    if (busy == 0 && run->proxy)
        busy = any_is_closing(&world->wire, err);
    if (busy == 0)
        busy = any_is_busy(run, err);
    return busy ? (busy < 0 ? -1 : 0) : !proc_any_thread_running(server_pid(&world->server));
}

// Waits until the server's counters are final. A session is counted before it leaves the process
// list. One whose client has just gone still seems to sleep, but its thread has been woken.
static int settle(struct case_run *run, struct err *err) {
    enum { LOOKS = 2 };
    double began = clock_ms(), deadline = began + EVIDENCE_DEADLINE_MS * run->time_scale;
    for (int quiet = 0; quiet < LOOKS && clock_ms() < deadline;) {
        int settled = is_settled(run, err);
        if (settled < 0)
            return -1;
        quiet = settled ? quiet + 1 : 0;
        clock_look_again(began);
    }
    return 0;
}

int evidence_collect(struct case_run *run, struct err *err) {
    // a server that has ended cannot be asked; its log remains
    if (server_pid(&run->world->server) == 0)
        return take_log_lines(run, err);
    if (!run->world->server.admin)
        return 0;
    if (settle(run, err) < 0 || take_counters(run, err) < 0)
        return is_ending(run) ? take_log_lines(run, err) : err_context(err, "collect evidence");
    return take_log_lines(run, err) < 0 ? err_context(err, "collect evidence") : 0;
}
