// SPDX-License-Identifier: Apache-2.0
// kind.c - what the steps of a case tell about its faults and states
#include "plan/kind.h"

const struct fault_kind *fault_kind_of(const struct plan_step *step) {
    return (const struct fault_kind *)step->act.verb; // whose first member that is
}
