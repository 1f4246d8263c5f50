// SPDX-License-Identifier: Apache-2.0
// renames.h - matches cases that were renamed, by `formerly` in the scenarios
#ifndef GONEAWAY_COMPARE_RENAMES_H
#define GONEAWAY_COMPARE_RENAMES_H

#include "compare/seen.h"

/** Renames cases that only one file has to their name in the other, so that they are found in both.
 * Without a catalogue no former names are known. */
void renames_apply(struct seen *one, struct seen *other);

#endif
