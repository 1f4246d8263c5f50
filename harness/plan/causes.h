// SPDX-License-Identifier: Apache-2.0
// causes.h - why MySQL connections die: the rows that scenarios belong to
#ifndef GONEAWAY_PLAN_CAUSES_H
#define GONEAWAY_PLAN_CAUSES_H

#include "yaml/table.h"

/** The causes that the MySQL manual names under "MySQL server has gone away" (B.3.2.7) and "Lost
 * connection to MySQL server" (B.3.2.3), and those that bug trackers and guides add. */
extern const struct word cause_words[];
/** What distinguishes a cause from others with the same codes, in a sentence; "" for none. */
const char *cause_sign(const char *name);

/** Causes grouped by where the failure starts. */
struct cause_group {
    const char *title; ///< NULL ends the table
    const char *first; ///< the first of its causes; the group ends where the next one starts
};
extern const struct cause_group cause_groups[];
/** The title of a cause's group; NULL if there is no such cause. */
const char *cause_group_of(const char *cause);

#endif
