// SPDX-License-Identifier: Apache-2.0
// fault_netem.c - a bad network
#include "run/fault.h"

// The proof is in the counters of the netem itself: the packets that it has lost, where loss is
// what was asked for, else those that have come to it; one that arrives too late may still wait.
static void take_counts(struct case_fault *fault, const struct netem_counts *counts) {
    const struct netem_args *args = fault->step->act.args;
    fault->fired = args->loss_ppm > 0 ? counts->dropped : counts->packets + counts->waiting;
}

int fault_arm_netem(struct case_run *run, struct case_fault *fault, double deadline_ms,
                    struct err *err) {
    struct netem *netem = &run->world->netem;
    (void)deadline_ms;
    fault->mechanism = netem_mechanism(netem);
    return netem_add(netem, fault->step->act.args, err);
}

int fault_count_netem(struct case_run *run, struct case_fault *fault, struct err *err) {
    const struct netem_args *args = fault->step->act.args;
    struct netem_counts counts;
    if (netem_count(&run->world->netem, (enum side)args->towards, &counts, err) < 0)
        return -1;
    take_counts(fault, &counts);
    return 0;
}

int fault_lift_netem(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    const struct netem_args *args = fault->step->act.args;
    (void)deadline_ms;
    if (fault_count_netem(run, fault, err) < 0)
        return -1;
    return netem_remove(&run->world->netem, (enum side)args->towards, err);
}
