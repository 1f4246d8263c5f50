// SPDX-License-Identifier: Apache-2.0
// items.h - what is known of items before they are run
#ifndef GONEAWAY_RUN_ITEMS_H
#define GONEAWAY_RUN_ITEMS_H

#include "run/run.h"

/** Numbers the servers that the items want, and guesses how long each item takes. */
void items_prepare(struct run_item *items, size_t count);

/** How many of them should run at a time if nobody says so: more than there are processors where
 * they wait much, but no more than it pays to boot servers for. */
int items_jobs(const struct run_item *items, size_t count, int processors);

#endif
