// SPDX-License-Identifier: Apache-2.0
// fault_process.c - faults of a process: stopped, or sent a signal
#include "run/fault.h"

#include "base/clock.h"
#include "base/proc.h"

#include <signal.h>
#include <string.h>

// ---- pause -------------------------------------------------------------------------------------

static pid_t paused_process(struct case_run *run, const struct case_fault *fault) {
    const char *name = choice_text(&fault->step->act);
    struct actor *actor = case_actor(run, name);
    return actor ? actor_process(actor) : server_pid(&run->world->server);
}

enum { STOPPED_LOOKS = 3 };

int fault_arm_pause(struct case_run *run, struct case_fault *fault, double deadline_ms,
                    struct err *err) {
    pid_t pid = paused_process(run, fault);
    if (pid <= 0 || kill(pid, SIGSTOP) < 0)
        return err_set(err, "'%s' has no process to stop", choice_text(&fault->step->act));
    // under strace every call begins and ends with a stop, and goes on
    for (int stopped = 0; stopped < STOPPED_LOOKS;) {
        stopped = proc_all_threads_stopped(pid) ? stopped + 1 : 0;
        if (clock_ms() >= deadline_ms)
            return err_set(err, "'%s' did not stop in time", choice_text(&fault->step->act));
        clock_wait(1, -1);
    }
    fault->fired = 1;
    return 0;
}

int fault_lift_pause(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    pid_t pid = paused_process(run, fault);
    (void)err, (void)deadline_ms;
    if (pid > 0)
        kill(pid, SIGCONT);
    return 0;
}

// ---- signal ------------------------------------------------------------------------------------

// A deadly signal has fired when the process is gone, any other when it was sent.
int fault_arm_signal(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    const struct signal_args *args = fault->step->act.args;
    struct actor *actor = case_actor(run, args->to);
    pid_t pid = actor ? actor_process(actor) : server_pid(&run->world->server);
    if (pid <= 0)
        return err_set(err, "'%s' has no process", args->to);
    cleanup_close int pidfd = proc_pidfd(pid);
    if (pidfd < 0 || kill(pid, args->number) < 0)
        return err_errno(err, "send SIG%s to '%s'", sigabbrev_np(args->number), args->to);
    bool deadly = args->number != SIGSTOP && args->number != SIGCONT && args->number != SIGCHLD &&
                  args->number != SIGWINCH && args->number != SIGURG;
    fault->fired = !deadly || clock_wait(deadline_ms - clock_ms(), pidfd);
    return 0;
}
