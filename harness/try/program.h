// SPDX-License-Identifier: Apache-2.0
// program.h - a case on one line with a user's own program in place of its app
#ifndef GONEAWAY_TRY_PROGRAM_H
#define GONEAWAY_TRY_PROGRAM_H

#include "cli/options.h"
#include "try/plan.h"
#include "try/show.h"

/** Refuses what does not work with --program, and what only works with it. */
int try_program_check(const struct options *options, struct err *err);
/** For a line read for a program: refuses calls that the program makes on its own, finds its
 * moments, and adds its start if the line does not have one. */
int try_program_take(struct try_line *line, const struct options *options, struct err *err);
/** Refuses a line that cannot be carried out with a program. */
int try_program_check_plan(const struct try_plan *plan, const struct options *options,
                           struct err *err);
/** Puts the program in place of the case's app. */
int try_program_fit(struct run_item *item, const struct try_plan *plan,
                    const struct options *options, struct err *err);

#endif
