// SPDX-License-Identifier: Apache-2.0
// fault_names.c - faults of the name service
#include "run/fault.h"

// Whether a fault is of a host's name server.
static bool concerns(const struct case_fault *fault, enum side side) {
    const struct names_args *args = fault->step->act.args;
    return args->asked_by < 0 || args->asked_by == (int)side;
}

int fault_arm_names(struct case_run *run, struct case_fault *fault, double deadline_ms,
                    struct err *err) {
    const struct names_args *args = fault->step->act.args;
    (void)deadline_ms;
    for (int side = SIDE_APP; side <= SIDE_SERVER; side++)
        if (concerns(fault, (enum side)side) &&
            names_become(&run->world->names, (enum side)side, args->is, args->late_ms, err) < 0)
            return -1;
    return 0;
}

int fault_lift_names(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    (void)deadline_ms;
    if (fault_count_names(run, fault, err) < 0)
        return -1;
    for (int side = SIDE_APP; side <= SIDE_SERVER; side++)
        if (concerns(fault, (enum side)side) &&
            names_become(&run->world->names, (enum side)side, NAMES_WORKING, -1, err) < 0)
            return -1;
    return 0;
}

int fault_count_names(struct case_run *run, struct case_fault *fault, struct err *err) {
    fault->fired = 0;
    for (int side = SIDE_APP; side <= SIDE_SERVER; side++) {
        int64_t met = 0;
        if (concerns(fault, (enum side)side) &&
            names_count(&run->world->names, (enum side)side, &met, err) < 0)
            return -1;
        fault->fired += met;
    }
    return 0;
}
