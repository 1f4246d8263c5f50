// SPDX-License-Identifier: Apache-2.0
// fault.h - how faults are carried out that have no file of their own in faults/ yet
#ifndef GONEAWAY_RUN_FAULT_H
#define GONEAWAY_RUN_FAULT_H

#include "plan/kind.h"
#include "run/case.h"

// fault_filter.c
fault_change fault_arm_filter, fault_lift_filter;
fault_counter fault_count_filter;
// fault_names.c
fault_change fault_arm_names, fault_lift_names;
fault_counter fault_count_names;
// fault_netem.c
fault_change fault_arm_netem, fault_lift_netem;
fault_counter fault_count_netem;

#endif
