// SPDX-License-Identifier: Apache-2.0
// show.h - a case on one line, shown while it runs
#ifndef GONEAWAY_TRY_SHOW_H
#define GONEAWAY_TRY_SHOW_H

#include "run/items.h"
#include "try/plan.h"
#include "verdict/verdict.h"

#include <stdio.h>

/** What is shown, and how far. */
struct try_show {
    FILE *out;
    const struct try_plan *plan;
    const struct run_item *item;   ///< of the latest line; NULL: there was none
    const struct try_part *waited; ///< for the effect of this step, whose line is still to come
    double waited_ms;              ///< when it had been carried out
    int64_t waited_fired;
    struct text held; ///< what a program wrote meanwhile
};

/** A step has ended: a record of it alone, see struct dispatch_options. */
void try_show_step(struct try_show *show, const struct run_item *item, const struct record *step);
/** A case has ended; what is held is released. */
void try_show_end(struct try_show *show, const struct run_item *item, const struct record *record,
                  const struct verdict *verdict);

/** Shows what was called and what passed the network on one clock, if that was captured. */
void try_show_timeline(struct try_show *show, const struct run_item *item,
                       const struct record *record);

#endif
