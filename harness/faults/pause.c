// SPDX-License-Identifier: Apache-2.0
// pause.c - an app or the server is stopped
#include "faults/faults.h"

#include "base/clock.h"
#include "base/proc.h"

#include <signal.h>

static const char *app_of(const struct choice *act) {
    return kind_app_or_server(choice_text(act));
}

static bool hampers_admin(const struct choice *act) {
    return !app_of(act);
}

static pid_t paused_process(struct case_run *run, const struct case_fault *fault) {
    return case_process(run, choice_text(&fault->step->act));
}

enum { STOPPED_LOOKS = 3 };

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    pid_t pid = paused_process(run, fault);
    if (pid <= 0 || kill(pid, SIGSTOP) < 0)
        return err_set(err, "'%s' has no process to stop", choice_text(&fault->step->act));
    // under strace every system call stops the process briefly
    for (int stopped = 0; stopped < STOPPED_LOOKS;) {
        stopped = proc_all_threads_stopped(pid) ? stopped + 1 : 0;
        if (clock_ms() >= deadline_ms)
            return err_set(err, "'%s' did not stop in time", choice_text(&fault->step->act));
        clock_wait(1, -1);
    }
    fault->fired = 1;
    return 0;
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    pid_t pid = paused_process(run, fault);
    (void)err, (void)deadline_ms;
    if (pid > 0)
        kill(pid, SIGCONT);
    return 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect server = {.words = "every thread of the server stands still",
                                              .cause = "client-timeout",
                                              .promise = PROMISE_UNBOUNDED,
                                              .lasts = true};
    static const struct kind_effect app = {.words = "every thread of the app stands still",
                                           .cause = "other",
                                           .promise = PROMISE_UNBOUNDED,
                                           .lasts = true};
    return app_of(act) ? &app : &server;
}

const struct fault_kind fault_pause = {
    .word = {"pause", 0, &type_actor, 0, "an app or the server is stopped (SIGSTOP)"},
    .tale = "{@} is stopped (SIGSTOP)",
    .effect = effect_of,
    .mechanism = "signal",
    .app = app_of,
    .hampers_admin = hampers_admin,
    .arm = arm,
    .lift = lift,
};
