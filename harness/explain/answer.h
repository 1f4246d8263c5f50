// SPDX-License-Identifier: Apache-2.0
// answer.h - `goneaway explain WORD`
#ifndef GONEAWAY_EXPLAIN_ANSWER_H
#define GONEAWAY_EXPLAIN_ANSWER_H

#include "catalog/view.h"

#include <stdio.h>

/** Prints everything that a word means: an error code by number or symbol, a verdict, a cause, a
 * word of the scenario language, a scenario, a case, a tag. An unknown word is a usage error. */
int answer_word(FILE *out, const struct view *view, const char *word, struct err *err);
/** Prints how a cause shows a code; the two words may come in either order. */
int answer_code_of_cause(FILE *out, const struct view *view, char *const *words, struct err *err);

#endif
