// SPDX-License-Identifier: Apache-2.0
// fault_filter.c - faults of a firewall: packets dropped or refused
#include "run/fault.h"

#include "world/firewall.h"

static const char *answer_of(const struct case_fault *fault) {
    const struct filter_args *args = fault->step->act.args;
    if (fault->step->act.verb->id == FAULT_DROP)
        return NULL;
    return reject_words[args->reject_with < 0 ? 0 : args->reject_with].name;
}

int fault_arm_filter(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    const struct filter_args *args = fault->step->act.args;
    (void)deadline_ms;
    run->world->filtered = true;
    return firewall_add(fault->step->name, (enum side)args->from, answer_of(fault), err);
}

int fault_lift_filter(struct case_run *run, struct case_fault *fault, double deadline_ms,
                      struct err *err) {
    const struct filter_args *args = fault->step->act.args;
    (void)run, (void)deadline_ms;
    return firewall_remove(fault->step->name, (enum side)args->from, answer_of(fault),
                           &fault->fired, err);
}

int fault_count_filter(struct case_run *run, struct case_fault *fault, struct err *err) {
    (void)run;
    return firewall_count(fault->step->name, &fault->fired, err);
}
