// SPDX-License-Identifier: Apache-2.0
// story.h - what a scenario is about, in words
#ifndef GONEAWAY_EXPLAIN_STORY_H
#define GONEAWAY_EXPLAIN_STORY_H

#include "catalog/view.h"

#include <stdio.h>

/** Prints a scenario's story: what happens step by step, what any correct client must do, what
 * measured ones do, what its variants test, and its sources. `word`: covers only the cases that it
 * names. */
void story_print(FILE *out, const struct view *view, const struct scenario *scenario,
                 const char *word);
/** "an error, or success in a new session": what is promised for a step. */
const char *story_of_promise(const struct promise *promise);

#endif
