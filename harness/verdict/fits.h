// SPDX-License-Identifier: Apache-2.0
// fits.h - what a baseline need not say of a record, and what it must
#ifndef GONEAWAY_VERDICT_FITS_H
#define GONEAWAY_VERDICT_FITS_H

#include "verdict/verdict.h"

/** What would have let a record pass before it was recorded. */
struct fits {
    bool own;  ///< the baseline as it is
    bool like; ///< what it builds on
    bool row;  ///< the scenario has a row for this place, whether that fits or not
};

/** `own`: the baseline that is to be updated; NULL: it is new. `like`: what it builds on, of a new
 * one what it could build on; NULL: nothing. */
struct fits fits_of(const struct plan_case *plan, const struct record *record, double time_scale,
                    const struct baseline *own, const struct baseline *like);
/** Whether it is the rows of a step that are wrong, not that it succeeded at all. `renewed`: in a
 * session that is not the one of the beginning any more. */
bool fits_but_for_rows(const struct plan_case *plan, const struct record *record, size_t index,
                       bool renewed, struct judging *judging);

#endif
