// SPDX-License-Identifier: Apache-2.0
// fault.c - arming faults, lifting them, and the proof that they fired
#include "run/fault.h"

#include "base/clock.h"

#include <string.h>

// How each kind of fault is carried out; the order is that of enum fault_kind.
struct mechanism {
    const char *name;
    fault_change *arm, *lift; ///< lift: NULL: nothing is left to take away
    fault_counter *count;     ///< NULL: `fired` is current
};

static const struct mechanism mechanisms[] = {
    [FAULT_KILL] = {"sql", fault_arm_kill, NULL, NULL},
    [FAULT_DROP] = {"iptables", fault_arm_filter, fault_lift_filter, fault_count_filter},
    [FAULT_REJECT] = {"iptables", fault_arm_filter, fault_lift_filter, fault_count_filter},
    [FAULT_DESTROY] = {"sock_diag", fault_arm_destroy, NULL, NULL},
    [FAULT_PAUSE] = {"signal", fault_arm_pause, fault_lift_pause, NULL},
    [FAULT_SIGNAL] = {"signal", fault_arm_signal, NULL, NULL},
    [FAULT_NAMES] = {"dnsmasq", fault_arm_names, fault_lift_names, fault_count_names},
    [FAULT_LINK] = {"rtnetlink", fault_arm_link, fault_lift_link, NULL},
    [FAULT_ADDRESS] = {"rtnetlink", fault_arm_address, fault_lift_address, NULL},
    [FAULT_ROUTE] = {"rtnetlink", fault_arm_route, fault_lift_route, fault_count_route},
    [FAULT_MTU] = {"rtnetlink", fault_arm_mtu, fault_lift_mtu, fault_count_mtu},
    [FAULT_STUB] = {"stub", fault_arm_stub, fault_lift_stub, fault_count_stub},
    [FAULT_NETEM] = {"netem", fault_arm_netem, fault_lift_netem, fault_count_netem},
    [FAULT_FORGET] = {"conntrack", fault_arm_forget, NULL, NULL},
    [FAULT_CROWD] = {"sql", fault_arm_crowd, fault_lift_crowd, NULL},
    [FAULT_MEMORY] = {"prlimit", fault_arm_memory, fault_lift_memory, NULL},
    [FAULT_DESCRIPTORS] = {"prlimit", fault_arm_descriptors, fault_lift_descriptors, NULL},
    [FAULT_OOM] = {"cgroup", fault_arm_oom, fault_lift_oom, fault_count_oom},
    [FAULT_THREADS] = {"cgroup", fault_arm_threads, fault_lift_threads, fault_count_threads},
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

// Whether a fault keeps the server from answering its admin.
static bool hampers_admin(struct case_run *run, const struct choice *act) {
    return (act->verb->id == FAULT_PAUSE && !case_actor(run, choice_text(act))) ||
           act->verb->id == FAULT_MEMORY || act->verb->id == FAULT_DESCRIPTORS ||
           act->verb->id == FAULT_THREADS;
}

int faults_release_server(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->fault_count; i++) {
        if (hampers_admin(run, &run->faults[i].step->act) &&
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
                         fault->mechanism ? fault->mechanism : mechanism_of(fault)->name)
            ->fired = fault->fired;
    }
    run->fault_count = 0;
    return nat_close(run, err) < 0 ? -1 : ret;
}

int fault_count(struct case_run *run, const char *id, int64_t *ret_count, struct err *err) {
    struct case_fault *fault = find_fault(run, id);
    *ret_count = 0;
    if (!fault && run->nat_open && strcmp(run->plan->nat_id, id) == 0)
        return nat_count(run, ret_count, err);
    if (!fault)
        return 0;
    if (fault->armed && mechanism_of(fault)->count &&
        mechanism_of(fault)->count(run, fault, err) < 0)
        return -1;
    *ret_count = fault->fired;
    return 0;
}
