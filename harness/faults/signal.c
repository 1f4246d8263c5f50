// SPDX-License-Identifier: Apache-2.0
// signal.c - an app or the server gets a signal
#include "faults/faults.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "plan/parts.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct signal_args {
    const char *to;   ///< an app's name, or `server`
    const char *name; ///< as written: "SEGV" or "SIGSEGV"
    int number;       ///< set when the step is resolved
};

static const struct type type_signal_fault = {
    .name = "signal",
    .kind = TYPE_RECORD,
    .size = sizeof(struct signal_args),
    .fields = (const struct field[]){
        FIELD(struct signal_args, to, "to", &type_actor, FIELD_REQUIRED, "an app, or `server`"),
        FIELD(struct signal_args, name, "name", &type_name, FIELD_REQUIRED,
              "the signal, with or without SIG: SEGV"),
        END}};

static const char *app_of(const struct choice *act) {
    return kind_app_or_server(((const struct signal_args *)act->args)->to);
}

static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    struct signal_args *args = step->act.args;
    plan->dirties_server |= !app_of(&step->act);
    return signal_decode(node_get(step->act.node, "name"), args->name, &args->number, err);
}

// A process that catches a signal may end in another way; but nothing else looks like SIGKILL.
static bool may_end(const struct choice *act, const char *whom, int signal) {
    const struct signal_args *args = act->args;
    return strcmp(args->to, whom) == 0 && (args->number == SIGKILL) == (signal == SIGKILL);
}

// Whether a process handles a signal whose default is to be ignored.
static bool catches(pid_t pid, int number) {
    cleanup_free char *path = xprintf("/proc/%d/status", pid);
    cleanup_text struct text status = {0};
    struct err unread;
    if (file_read(path, 1 << 20, &status, &unread) < 0)
        return false;
    const char *line = strstr(text_get(&status), "\nSigCgt:");
    return line && (strtoull(line + strlen("\nSigCgt:"), NULL, 16) >> (number - 1) & 1);
}

static bool wait_stopped(pid_t pid, double deadline_ms) {
    while (!proc_all_threads_stopped(pid) && clock_ms() < deadline_ms)
        clock_wait(1, -1);
    return proc_all_threads_stopped(pid);
}

// A deadly signal has fired when the process is gone, SIGSTOP when it has stopped, SIGCONT if it
// was stopped before.
static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct signal_args *args = fault->step->act.args;
    pid_t pid = case_process(run, args->to);
    if (pid <= 0)
        return err_set(err, "'%s' has no process", args->to);
    cleanup_close int pidfd = proc_pidfd(pid);
    bool stood = proc_all_threads_stopped(pid);
    if (pidfd < 0 || kill(pid, args->number) < 0)
        return err_errno(err, "send SIG%s to '%s'", sigabbrev_np(args->number), args->to);
    switch (args->number) {
    case SIGSTOP:
        fault->fired = wait_stopped(pid, deadline_ms);
        break;
    case SIGCONT:
        fault->fired = stood && !proc_all_threads_stopped(pid);
        break;
    case SIGCHLD:
    case SIGWINCH:
    case SIGURG:
        fault->fired = catches(pid, args->number);
        break;
    default:
        fault->fired = clock_wait(deadline_ms - clock_ms(), pidfd);
    }
    return 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect server = {.until =
                                                  "app-socket: {of: {app}, is: closed-by-peer}",
                                              .words = "the server closed the app's socket",
                                              .cause = "crash",
                                              .promise = PROMISE_ERROR,
                                              .because = "the server is gone",
                                              .lasts = true};
    static const struct kind_effect harmless = {.cause = "other",
                                                .promise = PROMISE_ANY,
                                                .because =
                                                    "what the signal does is up to the process",
                                                .lasts = true};
    const struct signal_args *args = act->args;
    bool deadly = args->number == SIGKILL || args->number == SIGTERM || args->number == SIGABRT ||
                  args->number == SIGSEGV;
    return deadly && !app_of(act) ? &server : &harmless;
}

const struct fault_kind fault_signal = {
    .word = {"signal", 0, &type_signal_fault, 0,
             "an app or the server gets a signal; fires when the process is gone, stands still "
             "(STOP), goes on after it stood still (CONT), or, of a signal that does nothing by "
             "itself (CHLD, WINCH, URG), if the process catches it"},
    .tale = "{@to} gets the signal {name}",
    .effect = effect_of,
    .mechanism = "signal",
    .check = check,
    .app = app_of,
    .may_end = may_end,
    .arm = arm,
};
