// SPDX-License-Identifier: Apache-2.0
// guesses.h - words that people try, and what they should have written
//
// A misspelt word is recognised by its letters; a synonym, or a word of another tool, is not. Such
// words have rows in guesses.c, which `check` uses in its message, and `explain` in its answer.
#ifndef GONEAWAY_PLAN_GUESSES_H
#define GONEAWAY_PLAN_GUESSES_H

#include "plan/table.h"

/** What to write instead of a word, to be freed; NULL if there is no guess. `place` is the name of
 * the type where the word was found, `value` what follows it, or NULL. */
char *guess_hint(const char *place, const char *word, const struct node *value);
/** What to write instead of a key that no step has, because it is a verb of an app, a kind of fault
 * and so on; otherwise as above. */
char *guess_step(const char *word, const struct node *value);
/** The node as YAML on one line, to be freed; ".." if it is longer than FLOW_BYTES. */
enum { FLOW_BYTES = 80 };
char *guess_flow(const struct node *node);
/** Whether the output of guess_flow() would be accepted as a value of the type, or as the verb's
 * argument. False for what is too long to be shown. */
bool guess_fits(const struct type *type, const struct node *node);
bool guess_verb_fits(const struct verb *verb, const struct node *node);

/** Visits all guesses: the word, where it is tried ("in a step"), and what to write instead. The
 * word `*` is any value. */
typedef void guess_visitor(void *context, const char *word, const char *where, const char *hint);
void guesses_visit(guess_visitor *visit, void *context);

#endif
