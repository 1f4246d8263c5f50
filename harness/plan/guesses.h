// SPDX-License-Identifier: Apache-2.0
// guesses.h - words that people try, and what they should have written
//
// A misspelt word is recognised by its letters; a synonym, or a word of another tool, is not. Such
// words have rows in guesses.c, which `check` uses in its message, and `explain` in its answer.
#ifndef GONEAWAY_PLAN_GUESSES_H
#define GONEAWAY_PLAN_GUESSES_H

#include "yaml/hint.h"

/** What to write instead of a key that no step has, because it is a verb of an app, a kind of fault
 * and so on, to be freed; NULL: it is none. `value` is what stands behind it. */
char *guess_step(const char *word, const struct node *value);
/** Visits all guesses: the word, where it is tried ("in a step"), and what to write instead. The
 * word `*` is any value. */
typedef void guess_visitor(void *context, const char *word, const char *where, const char *hint);
void guesses_visit(guess_visitor *visit, void *context);

#endif
