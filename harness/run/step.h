// SPDX-License-Identifier: Apache-2.0
// step.h - one step carried out, and put into the record
#ifndef GONEAWAY_RUN_STEP_H
#define GONEAWAY_RUN_STEP_H

#include "run/case.h"

/** Carries a step out. What an app answers, whatever it is, is no error. */
int step_carry_out(struct case_run *run, const struct plan_step *step, struct err *err);

#endif
