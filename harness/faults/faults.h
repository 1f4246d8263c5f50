// SPDX-License-Identifier: Apache-2.0
// faults.h - every kind of fault, and what their files need
//
// To add one, write a file in this folder that defines its `struct fault_kind`, and add a line
// here. The reference keeps this order.
#ifndef GONEAWAY_FAULTS_FAULTS_H
#define GONEAWAY_FAULTS_FAULTS_H

#include "plan/kind.h"
#include "plan/language_tables.h"
#include "run/case.h"

// clang-format off
#define FAULTS(FAULT) \
    FAULT(kill) \
    FAULT(shutdown) \
    FAULT(drop) \
    FAULT(reject) \
    FAULT(destroy) \
    FAULT(pause) \
    FAULT(names) \
    FAULT(signal) \
    FAULT(link) \
    FAULT(address) \
    FAULT(route) \
    FAULT(mtu) \
    FAULT(stub) \
    FAULT(netem) \
    FAULT(forget) \
    FAULT(crowd) \
    FAULT(memory) \
    FAULT(descriptors) \
    FAULT(oom) \
    FAULT(threads)
// clang-format on

#define FAULT_DECLARE(name) extern const struct fault_kind fault_##name;
FAULTS(FAULT_DECLARE)

#endif
