// SPDX-License-Identifier: Apache-2.0
// step.h - carries out one step, and records it
#ifndef GONEAWAY_RUN_STEP_H
#define GONEAWAY_RUN_STEP_H

#include "run/case.h"

/** Carries out a step. Whatever an app answers is no error. */
int step_carry_out(struct case_run *run, const struct plan_step *step, struct err *err);

#endif
