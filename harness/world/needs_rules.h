// SPDX-License-Identifier: Apache-2.0
// needs_rules.h - what a machine must be able to do by rules of a firewall; of needs.c
#ifndef GONEAWAY_WORLD_NEEDS_RULES_H
#define GONEAWAY_WORLD_NEEDS_RULES_H

#include "world/needs.h"

/** Whether a need is of that kind. */
bool needs_are_rules(enum need need);
/** Tries one of them. */
int needs_try_rules(enum need need, struct err *err);
/** Tries those that are marked, with two processes for each IP version instead of four for each
 * rule. If they are refused, each must show by itself whether it was the one. */
int needs_try_rules_together(const bool tried[NEED_COUNT], struct err *err);

#endif
