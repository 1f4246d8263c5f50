// SPDX-License-Identifier: Apache-2.0
// story.h - what a scenario is about, in words
#ifndef GONEAWAY_EXPLAIN_STORY_H
#define GONEAWAY_EXPLAIN_STORY_H

#include "catalog/view.h"

#include <stdio.h>

/** Prints a scenario's story: what happens step by step, what any correct client must do, what
 * measured ones show, what its variants put to the test, and its sources. `word`: only of the
 * cases that it means. */
void story_print(FILE *out, const struct view *view, const struct scenario *scenario,
                 const char *word);

#endif
