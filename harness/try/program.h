// SPDX-License-Identifier: Apache-2.0
// program.h - a case on one line with somebody's own program in the place of its app
#ifndef GONEAWAY_TRY_PROGRAM_H
#define GONEAWAY_TRY_PROGRAM_H

#include "cli/options.h"
#include "try/plan.h"
#include "try/show.h"

/** Refuses what does not go with --program, and what only goes with it. */
int try_program_check(const struct options *options, struct err *err);
/** Of a line that was read for a program: refuses what the program does by itself, finds its
 * moments, and lets it connect where the line does not say when. */
int try_program_take(struct try_line *line, const struct options *options, struct err *err);
/** Refuses a line that cannot be carried out with a program. */
int try_program_check_plan(const struct try_plan *plan, const struct options *options,
                           struct err *err);
/** Puts the program in the place of the case's app. */
int try_program_fit(struct run_item *item, const struct try_plan *plan,
                    const struct options *options, struct err *err);

#endif
