// SPDX-License-Identifier: Apache-2.0
// needs_rules.h - probes needs that are firewall rules; for needs.c
#ifndef GONEAWAY_WORLD_NEEDS_RULES_H
#define GONEAWAY_WORLD_NEEDS_RULES_H

#include "world/needs.h"

/** Whether a need is of that kind. */
bool needs_are_rules(enum need need);
/** Probes one of them. */
int needs_try_rules(enum need need, struct err *err);
/** Probes those that are marked, with two processes per IP version instead of four per rule. If
 * they are refused, each must be probed by itself to find the culprit. */
int needs_try_rules_together(const bool tried[NEED_COUNT], struct err *err);

#endif
