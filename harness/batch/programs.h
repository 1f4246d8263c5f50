// SPDX-License-Identifier: Apache-2.0
// programs.h - adapts the chosen cases to --program
#ifndef GONEAWAY_BATCH_PROGRAMS_H
#define GONEAWAY_BATCH_PROGRAMS_H

#include "catalog/catalog.h"
#include "cli/options.h"
#include "run/items.h"

/** Refuses options that do not go with --program, and invalid patterns and moments. */
int programs_check(const struct options *options, struct err *err);
/** Deselects cases over other transports if the scenario is chosen over tcp. */
void programs_prefer_tcp(const struct selection *item);
/** Replaces the case's app by a program, or notes why that is impossible. */
void programs_fit(struct run_item *item, const struct options *options);

#endif
