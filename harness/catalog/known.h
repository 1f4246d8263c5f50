// SPDX-License-Identifier: Apache-2.0
// known.h - whether the servers and connectors that a scenario names exist
#ifndef GONEAWAY_CATALOG_KNOWN_H
#define GONEAWAY_CATALOG_KNOWN_H

#include "image/image.h"
#include "plan/plan.h"

/** Refuses a server in `servers` or in the `if` of a row that no recipe has, since it would never
 * match; vendors count. For connectors and families, which may be elsewhere, it only warns: about
 * those that neither a recipe nor an --adapter has or, with an adapter whose family is unknown
 * until its hello, about those that look misspelt. */
int known_check(const struct scenario *scenario, const struct images *images, struct err *err);

#endif
