// SPDX-License-Identifier: Apache-2.0
// answer.h - what `goneaway explain` answers to a word
#ifndef GONEAWAY_EXPLAIN_ANSWER_H
#define GONEAWAY_EXPLAIN_ANSWER_H

#include "catalog/view.h"

#include <stdio.h>

/** Prints all that a word means: an error code by number or symbol, a verdict, a cause, a word of
 * the scenario language, a scenario, a case, a tag. An unknown one is a usage error. */
int answer_word(FILE *out, const struct view *view, const char *word, struct err *err);
/** Prints how a cause shows a code; they may come in either order. */
int answer_code_of_cause(FILE *out, const struct view *view, char *const *words, struct err *err);

#endif
