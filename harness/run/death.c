// SPDX-License-Identifier: Apache-2.0
// death.c - detects a server or an app that ended although the scenario did not end it
//
// It may have been killed from outside, by the kernel for want of memory, or by a bug of its own.
// What the app saw then says nothing about the connector, so the case is broken. A scenario that
// ends its server on purpose shows it in one of the ways below.
#include "run/case.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "plan/kind.h"

#include <errmsg.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { DYING_MS = 1000, LOG_LINES = 12 };

// ---- what is planned ---------------------------------------------------------------------------

// Whether a statement in this node may end the server.
static bool tells_to_end(const struct node *node) {
    static const char *const words[] = {"SHUTDOWN", "RESTART", "goneaway_crash"};
    for (size_t i = 0; node && node->kind == NODE_SCALAR && i < COUNT_OF(words); i++)
        if (strcasestr(node->text, words[i]))
            return true;
    for (size_t i = 0; node && i < node->count; i++)
        if (tells_to_end(node->items[i]))
            return true;
    return false;
}

static bool fault_may_end(const struct plan_step *step, const char *whom, int signal) {
    const struct fault_kind *kind = fault_kind_of(step);
    return kind->may_end && kind->may_end(&step->act, whom, signal);
}

static bool step_may_end(const struct plan_step *step, int signal) {
    switch (step->kind) {
    case STEP_APP:
    case STEP_ADMIN:
    case STEP_RAW:
        return signal != SIGKILL && tells_to_end(step->act.node);
    case STEP_FAULT:
        return fault_may_end(step, "server", signal);
    case STEP_UNTIL: // if the state is reached by a kill from outside, the server is gone too
        return signal != SIGKILL && state_kind_of(step)->may_end_server &&
               state_kind_of(step)->may_end_server(&step->act);
    default:
        return false;
    }
}

bool death_is_planned(const struct plan_case *plan, size_t begun, int signal) {
    for (size_t i = 0; i < begun; i++)
        if (step_may_end(&plan->steps[i], signal))
            return true;
    return false;
}

static bool kill_is_planned(const struct plan_case *plan, const char *app) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kind == STEP_FAULT && fault_may_end(&plan->steps[i], app, SIGKILL))
            return true;
    return false;
}

const struct record_step *death_find_killed(const struct plan_case *plan,
                                            const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if (step->outcome == OUTCOME_CRASH && step->signal == SIGKILL &&
            !kill_is_planned(plan, step->actor))
            return step;
    }
    return NULL;
}

// ---- what has happened -------------------------------------------------------------------------

int64_t death_oom_kills(void) {
    cleanup_text struct text all = {0};
    struct err unread;
    if (file_read("/proc/vmstat", 1 << 20, &all, &unread) < 0)
        return 0;
    const char *line = strstr(text_get(&all), "\noom_kill ");
    return line ? strtoll(line + strlen("\noom_kill "), NULL, 10) : 0;
}

// The OOM killer picks its victims from the whole machine; to be freed.
static char *tell_kills(const struct case_run *run) {
    int64_t kills = death_oom_kills() - run->oom_kills;
    return kills > 0 ? xprintf(" (meanwhile the kernel has killed %lld processes of this machine "
                               "for want of memory)",
                               (long long)kills)
                     : xstrdup("");
}

static bool is_dead(pid_t pid) {
    char state = proc_state(pid);
    return state == 0 || state == 'Z' || state == 'X';
}

// Whether the server has ended by itself. A server that is ending closes its connections first.
static bool server_is_dead(struct case_run *run) {
    const struct admin *admin = run->world->server.admin;
    double deadline_ms = clock_ms() + DYING_MS * run->time_scale;
    if (run->expected_pid <= 0)
        return false;
    bool lost = admin && (admin_error(admin) == CR_SERVER_LOST ||
                          admin_error(admin) == CR_SERVER_GONE_ERROR);
    while (lost && !is_dead(run->expected_pid) && clock_ms() < deadline_ms)
        clock_wait(2, -1);
    return is_dead(run->expected_pid);
}

// The signal that ended the server; 0: none, or unknown. `buffer` gets its name.
static int signal_of_server(struct case_run *run, char *buffer, size_t size) {
    int status = 0;
    snprintf(buffer, size, "an unknown status");
    if (!container_ended(&run->world->server.container, clock_ms() + DYING_MS, &status))
        return 0;
    proc_status_text(status, buffer, size);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

bool death_of_server(struct case_run *run) {
    char buffer[64];
    return server_is_dead(run) &&
           !death_is_planned(run->plan, run->begun, signal_of_server(run, buffer, sizeof buffer));
}

static int tell_server(struct case_run *run, const char *before, struct err *err) {
    struct server *server = &run->world->server;
    cleanup_text struct text log = {0};
    cleanup_free char *kills = tell_kills(run);
    struct err unread;
    char buffer[64];
    signal_of_server(run, buffer, sizeof buffer);
    if (server_log_read(server, run->log_offset, &log, &unread) < 0)
        text_add(&log, unread.what);
    err_set(err, "the server ended with %s, which no step and no fault has done%s%s%.500s%s%s",
            buffer, kills, *before ? "; what was seen of it: " : "", before,
            log.length ? "; its error log ends:\n" : "", text_tail(text_get(&log), LOG_LINES));
    return err_remedy(err, "a scenario that shows how a server ends says so by `until: {server: "
                           "gone}`");
}

int death_check(struct case_run *run, int ret, struct err *err) {
    char before[sizeof err->what] = "";
    if (ret < 0)
        memcpy(before, err->what, sizeof before);
    if (death_of_server(run)) {
        err->remedy[0] = '\0';
        return tell_server(run, before, err);
    }
    const struct record_step *killed = death_find_killed(run->plan, run->record);
    if (ret < 0 || !killed)
        return ret;
    cleanup_free char *kills = tell_kills(run);
    return err_set(err, "step %d (%s): the app was killed (SIGKILL), which no fault has done%s",
                   killed->number, killed->actor, kills);
}
