// SPDX-License-Identifier: Apache-2.0
// faults.c - the table of all kinds of faults
#include "faults/faults.h"

#define FAULT_WORD(name) &fault_##name.word,
const struct verb *const fault_verbs[] = {FAULTS(FAULT_WORD) NULL};
