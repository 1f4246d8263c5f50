// SPDX-License-Identifier: Apache-2.0
// programs.h - what a run with --program makes of the cases that were chosen
#ifndef GONEAWAY_BATCH_PROGRAMS_H
#define GONEAWAY_BATCH_PROGRAMS_H

#include "catalog/catalog.h"
#include "cli/options.h"
#include "run/items.h"

/** Refuses what does not go with --program, and patterns and moments that are none. */
int programs_check(const struct options *options, struct err *err);
/** Takes back the choice of cases over other transports than tcp, of a scenario that is chosen over
 * that. */
void programs_prefer_tcp(const struct selection *item);
/** Puts a program in the place of the case's app, or says why that cannot be. */
void programs_fit(struct run_item *item, const struct options *options);

#endif
