// SPDX-License-Identifier: Apache-2.0
// known.h - whether the servers and connectors that a scenario names exist
#ifndef GONEAWAY_CATALOG_KNOWN_H
#define GONEAWAY_CATALOG_KNOWN_H

#include "image/image.h"
#include "plan/plan.h"

/** Refuses servers in `servers` or the `if` of a row that no recipe has: it would never match.
 * Vendors count. Of connectors, which may be elsewhere, and of their families, it only warns: of
 * those that neither a recipe nor an --adapter has, or, with an adapter whose family only its hello
 * gives, of those that look like a slip. */
int known_check(const struct scenario *scenario, const struct images *images, struct err *err);

#endif
