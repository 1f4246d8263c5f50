// SPDX-License-Identifier: Apache-2.0
// renames.h - cases of a file that have another name today, as `formerly` of the scenarios says
#ifndef GONEAWAY_COMPARE_RENAMES_H
#define GONEAWAY_COMPARE_RENAMES_H

#include "compare/seen.h"

/** Gives cases that only one of two files has the name that they have in the other, so that they
 * are found in both. Without a catalogue nothing has another name. */
void renames_apply(struct seen *one, struct seen *other);

#endif
