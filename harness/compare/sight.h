// SPDX-License-Identifier: Apache-2.0
// sight.h - how a step ended: compared with another sight of it, and in words
#ifndef GONEAWAY_COMPARE_SIGHT_H
#define GONEAWAY_COMPARE_SIGHT_H

#include "base/text.h"
#include "compare/seen.h"

/** How two sights can differ, a bit each. */
enum sight_part {
    SIGHT_KIND = 1, ///< outcome, error number or signal
    SIGHT_NATIVE = 2,
    SIGHT_SQLSTATE = 4,
    SIGHT_SESSION = 8,
    SIGHT_ROWS = 16, ///< their number
    SIGHT_VALUES = 32,
};

/** The distinct ways in which a step ended: one, unless repetitions differ. */
struct sights {
    size_t count;
    const struct seen_step **items;
};

/** How they differ, as a set of sight_part; 0: alike. What one of them leaves open does not differ.
 * `related`: both are of the same library, so the wording of native errors is comparable. */
unsigned sight_differs(const struct seen_step *one, const struct seen_step *other, bool related);
/** Whether `sights` contains one like this. */
bool sights_have(const struct sights *sights, const struct seen_step *step, bool related);
/** Appends "2013 CR_SERVER_LOST", "ok in a new session", or "2013 .. or 2006 .."; adds detail where
 * needed to tell one from those in `others`. */
void sights_describe(struct text *out, const struct sights *sights, const struct sights *others,
                     bool related);

#endif
