// SPDX-License-Identifier: Apache-2.0
// fault.c - arming faults, lifting them, and the proof that they fired
#include "run/case.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "world/firewall.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

// How each kind of fault is carried out; the order is that of enum fault_kind.
struct mechanism {
    const char *name;
    int (*arm)(struct case_run *, struct case_fault *, double, struct err *);
    int (*lift)(struct case_run *, struct case_fault *, double, struct err *);
    int (*count)(struct case_run *, struct case_fault *, struct err *); // NULL: `fired` is current
};

// ---- kill --------------------------------------------------------------------------------------

static int kill_by_sql(struct case_run *run, const struct kill_args *args, int64_t thread,
                       struct err *err) {
    cleanup_free char *sql = xprintf(
        "KILL %s %lld", args->what == KILL_QUERY ? "QUERY" : "CONNECTION", (long long)thread);
    return admin_query(run->world->server.admin, sql, NULL, err);
}

static int kill_by_mysqladmin(struct case_run *run, int64_t thread, double deadline_ms,
                              struct err *err) {
    const struct server *server = &run->world->server;
    cleanup_free char *id = xprintf("%lld", (long long)thread);
    const char *argv[] = {"/usr/bin/mysqladmin",
                          "--no-defaults",
                          "--user=root",
                          "--socket=" SERVER_SOCKET,
                          "kill",
                          id,
                          NULL};
    struct container_bind binds[] = {{server->sockets, SERVER_SOCKET_DIR, false}, {0}};
    struct container_spec spec = {.root = server->recipe->root,
                                  .binds = binds,
                                  .argv = argv,
                                  .netns = server->netns.fd,
                                  .in = -1,
                                  .out = -1,
                                  .err = -1};
    struct container container;
    int status = 0;
    if (container_open(&container, &spec, err) < 0)
        return -1;
    bool ended = container_ended(&container, deadline_ms, &status);
    container_close(&container);
    return ended && status == 0 ? 0 : err_set(err, "mysqladmin kill %s failed", id);
}

// A session is killed when the process list no longer has it; a statement when it runs no longer.
static int wait_killed(struct case_run *run, int64_t thread, bool query_only, double deadline_ms,
                       struct err *err) {
    for (;;) {
        struct admin_session session;
        if (admin_session(run->world->server.admin, thread, &session, err) < 0)
            return -1;
        if (!session.there || (query_only && strcmp(session.command, "Sleep") == 0))
            return 1;
        if (clock_ms() >= deadline_ms)
            return 0;
        clock_wait(1, -1);
    }
}

static int arm_kill(struct case_run *run, struct case_fault *fault, double deadline_ms,
                    struct err *err) {
    const struct kill_args *args = fault->step->act.args;
    int64_t thread = case_actor(run, args->of)->thread;
    if (thread < 0)
        return err_set(err, "app '%s' has no session to kill", args->of);
    int ret = args->via == VIA_MYSQLADMIN ? kill_by_mysqladmin(run, thread, deadline_ms, err)
                                          : kill_by_sql(run, args, thread, err);
    if (ret < 0)
        return -1;
    int gone = wait_killed(run, thread, args->what == KILL_QUERY, deadline_ms, err);
    fault->fired = gone > 0;
    return gone < 0 ? -1 : 0;
}

// ---- drop and reject ---------------------------------------------------------------------------

static const char *answer_of(const struct case_fault *fault) {
    const struct filter_args *args = fault->step->act.args;
    if (fault->step->act.verb->id == FAULT_DROP)
        return NULL;
    return reject_words[args->reject_with < 0 ? 0 : args->reject_with].name;
}

static int arm_filter(struct case_run *run, struct case_fault *fault, double deadline_ms,
                      struct err *err) {
    const struct filter_args *args = fault->step->act.args;
    (void)deadline_ms;
    run->world->filtered = true;
    return firewall_add(fault->step->name, (enum side)args->from, answer_of(fault), err);
}

static int lift_filter(struct case_run *run, struct case_fault *fault, double deadline_ms,
                       struct err *err) {
    const struct filter_args *args = fault->step->act.args;
    (void)run, (void)deadline_ms;
    return firewall_remove(fault->step->name, (enum side)args->from, answer_of(fault),
                           &fault->fired, err);
}

static int count_filter(struct case_run *run, struct case_fault *fault, struct err *err) {
    (void)run;
    return firewall_count(fault->step->name, &fault->fired, err);
}

// ---- destroy -----------------------------------------------------------------------------------

static int find_end(struct case_run *run, const struct destroy_args *args, struct sock_info *ret,
                    struct err *err) {
    const struct actor *actor = case_actor(run, args->socket_of);
    return args->side == SIDE_APP ? actor_app_end(actor, run->world, false, ret, err)
                                  : actor_server_end(actor, run->world, false, ret, err);
}

static int arm_destroy(struct case_run *run, struct case_fault *fault, double deadline_ms,
                       struct err *err) {
    const struct destroy_args *args = fault->step->act.args;
    const struct netns *netns =
        args->side == SIDE_APP ? &run->world->app : &run->world->server.netns;
    struct sock_info info;
    int found = find_end(run, args, &info, err);
    if (found <= 0)
        return found < 0 ? -1 : err_set(err, "the connection to destroy is gone already");
    if (sockdiag_destroy_tcp(netns, &info, err) < 0)
        return -1;
    while ((found = find_end(run, args, &info, err)) > 0 && clock_ms() < deadline_ms)
        clock_wait(1, -1);
    fault->fired = found == 0;
    return found < 0 ? -1 : 0;
}

// ---- pause -------------------------------------------------------------------------------------

static pid_t paused_process(struct case_run *run, const struct case_fault *fault) {
    const char *name = choice_text(&fault->step->act);
    const struct actor *actor = case_actor(run, name);
    return actor ? actor->pid : server_pid(&run->world->server);
}

static int arm_pause(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    pid_t pid = paused_process(run, fault);
    if (pid <= 0 || kill(pid, SIGSTOP) < 0)
        return err_set(err, "'%s' has no process to stop", choice_text(&fault->step->act));
    while (!proc_all_threads_stopped(pid)) {
        if (clock_ms() >= deadline_ms)
            return err_set(err, "'%s' did not stop in time", choice_text(&fault->step->act));
        clock_wait(1, -1);
    }
    fault->fired = 1;
    return 0;
}

static int lift_pause(struct case_run *run, struct case_fault *fault, double deadline_ms,
                      struct err *err) {
    pid_t pid = paused_process(run, fault);
    (void)err, (void)deadline_ms;
    if (pid > 0)
        kill(pid, SIGCONT);
    return 0;
}

// ---- signal ------------------------------------------------------------------------------------

// A deadly signal has fired when the process is gone, any other when it was sent.
static int arm_signal(struct case_run *run, struct case_fault *fault, double deadline_ms,
                      struct err *err) {
    const struct signal_args *args = fault->step->act.args;
    const struct actor *actor = case_actor(run, args->to);
    pid_t pid = actor ? actor->pid : server_pid(&run->world->server);
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

static int arm_unknown(struct case_run *run, struct case_fault *fault, double deadline_ms,
                       struct err *err) {
    (void)run, (void)deadline_ms;
    return err_set(err,
                   "this version of goneaway checks the fault '%s' but cannot carry it out yet",
                   fault->step->act.verb->name);
}

// ---- all faults --------------------------------------------------------------------------------

static const struct mechanism mechanisms[] = {
    [FAULT_KILL] = {"sql", arm_kill, NULL, NULL},
    [FAULT_DROP] = {"iptables", arm_filter, lift_filter, count_filter},
    [FAULT_REJECT] = {"iptables", arm_filter, lift_filter, count_filter},
    [FAULT_DESTROY] = {"sock_diag", arm_destroy, NULL, NULL},
    [FAULT_PAUSE] = {"signal", arm_pause, lift_pause, NULL},
    [FAULT_SIGNAL] = {"signal", arm_signal, NULL, NULL},
    [FAULT_NAMES] = {"dns", arm_unknown, NULL, NULL},
};

static const struct mechanism *mechanism_of(const struct case_fault *fault) {
    return &mechanisms[fault->step->act.verb->id];
}

int fault_arm(struct case_run *run, const struct plan_step *step, double deadline_ms,
              struct err *err) {
    struct case_fault *fault = &run->faults[run->fault_count++];
    *fault = (struct case_fault){.step = step, .armed = true};
    if (mechanism_of(fault)->arm(run, fault, deadline_ms, err) < 0)
        return err_context(err, "arm the fault '%s'", step->name);
    return 0;
}

static struct case_fault *find_fault(struct case_run *run, const char *id) {
    for (size_t i = 0; i < run->fault_count; i++)
        if (strcmp(run->faults[i].step->name, id) == 0)
            return &run->faults[i];
    return NULL;
}

int fault_lift(struct case_run *run, const char *id, double deadline_ms, struct err *err) {
    struct case_fault *fault = find_fault(run, id);
    if (!fault || !fault->armed)
        return 0;
    fault->armed = false;
    if (mechanism_of(fault)->lift && mechanism_of(fault)->lift(run, fault, deadline_ms, err) < 0)
        return err_context(err, "lift the fault '%s'", id);
    return 0;
}

int faults_release_server(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->fault_count; i++) {
        const struct choice *act = &run->faults[i].step->act;
        if (act->verb->id == FAULT_PAUSE && !case_actor(run, choice_text(act)) &&
            fault_lift(run, run->faults[i].step->name, clock_ms() + STEP_DEADLINE_MS, err) < 0)
            return -1;
    }
    return 0;
}

int faults_finish(struct case_run *run, struct err *err) {
    int ret = 0;
    for (size_t i = 0; i < run->fault_count; i++) {
        struct case_fault *fault = &run->faults[i];
        if (fault_lift(run, fault->step->name, clock_ms() + STEP_DEADLINE_MS, err) < 0)
            ret = -1;
        record_add_fault(run->record, fault->step->name, fault->step->act.verb->name,
                         mechanism_of(fault)->name)
            ->fired = fault->fired;
    }
    run->fault_count = 0;
    return ret;
}

int fault_count(struct case_run *run, const char *id, int64_t *ret_count, struct err *err) {
    struct case_fault *fault = find_fault(run, id);
    *ret_count = 0;
    if (!fault)
        return 0;
    if (fault->armed && mechanism_of(fault)->count &&
        mechanism_of(fault)->count(run, fault, err) < 0)
        return -1;
    *ret_count = fault->fired;
    return 0;
}
