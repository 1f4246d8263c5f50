// SPDX-License-Identifier: Apache-2.0
// known.h - whether the servers and connectors that a scenario names exist
#ifndef GONEAWAY_MAIN_KNOWN_H
#define GONEAWAY_MAIN_KNOWN_H

#include "image/image.h"
#include "plan/plan.h"

/** Refuses a name in `servers`, `connectors` or the `if` of a row that no recipe and no --adapter
 * has: it would never match. Vendors and families count. With an adapter whose family only its
 * hello gives, a connector's name is refused only if it looks like a slip. */
int known_check(const struct scenario *scenario, const struct images *images, struct err *err);

#endif
