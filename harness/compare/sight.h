// SPDX-License-Identifier: Apache-2.0
// sight.h - what a step was seen to end with: compared with another time, and in words
#ifndef GONEAWAY_COMPARE_SIGHT_H
#define GONEAWAY_COMPARE_SIGHT_H

#include "base/text.h"
#include "compare/seen.h"

/** In what two steps differ, a bit each. */
enum sight_part {
    SIGHT_KIND = 1, ///< outcome, error number or signal
    SIGHT_NATIVE = 2,
    SIGHT_SQLSTATE = 4,
    SIGHT_SESSION = 8,
    SIGHT_ROWS = 16, ///< their number
    SIGHT_VALUES = 32,
};

/** What was seen of one step, each different thing once: one, unless repetitions differ. */
struct sights {
    size_t count;
    const struct seen_step **items;
};

/** A set of sight_part; 0: alike. What one of them does not say does not differ. `related`: both
 * are of one library, and so their native errors are in the same words. */
unsigned sight_differs(const struct seen_step *one, const struct seen_step *other, bool related);
/** Whether `sights` has one like this. */
bool sights_have(const struct sights *sights, const struct seen_step *step, bool related);
/** Appends "2013 CR_SERVER_LOST", "ok in a new session", or "2013 .. or 2006 .."; more of each
 * where it differs from one of `others` only in that. */
void sights_describe(struct text *out, const struct sights *sights, const struct sights *others,
                     bool related);

#endif
