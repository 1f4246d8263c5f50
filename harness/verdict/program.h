// SPDX-License-Identifier: Apache-2.0
// program.h - judges how a program in the place of an app ended
#ifndef GONEAWAY_VERDICT_PROGRAM_H
#define GONEAWAY_VERDICT_PROGRAM_H

#include "verdict/verdict.h"

/** Judges how the program ended, and what it printed if the plan expects something. */
void program_judge(struct verdict *verdict, const struct plan_case *plan,
                   const struct record *record);

#endif
