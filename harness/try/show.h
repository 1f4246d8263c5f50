// SPDX-License-Identifier: Apache-2.0
// show.h - shows a case on one line while it runs
#ifndef GONEAWAY_TRY_SHOW_H
#define GONEAWAY_TRY_SHOW_H

#include "run/items.h"
#include "try/plan.h"
#include "verdict/verdict.h"

#include <stdio.h>

/** What is shown, and how much of it was. */
struct try_show {
    FILE *out;
    const struct try_plan *plan;
    const struct run_item *item;   ///< the latest line's; NULL: there was none
    const struct try_part *waited; ///< the step whose effect is awaited, and whose line is held
                                   ///< back
    double waited_ms;              ///< when that step had been carried out
    int64_t waited_fired;
    struct text held; ///< output of a program in the meantime
};

/** Shows a step that has ended, given a record of it alone, see struct dispatch_options. */
void try_show_step(struct try_show *show, const struct run_item *item, const struct record *step);
/** Shows the end of a case; releases what is held. */
void try_show_end(struct try_show *show, const struct run_item *item, const struct record *record,
                  const struct verdict *verdict);

/** Shows calls and network traffic on one clock, if traffic was captured. */
void try_show_timeline(struct try_show *show, const struct run_item *item,
                       const struct record *record);

#endif
