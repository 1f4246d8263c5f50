// SPDX-License-Identifier: Apache-2.0
// guesses.h - words that people try, and what they should have written
//
// A misspelt word is found by its letters; a synonym, or a word of other tools, is not. Each has a
// row in guesses.c, from which `check` takes what it says of a wrong word, and `explain` its
// answer.
#ifndef GONEAWAY_PLAN_GUESSES_H
#define GONEAWAY_PLAN_GUESSES_H

#include "plan/table.h"

/** What to write instead of a word, to be freed; NULL: nobody has been seen to guess it. `place` is
 * the name of the type where the word stands, `value` what stands behind it, or NULL. */
char *guess_hint(const char *place, const char *word, const struct node *value);
/** What to write instead of a key that no step has, because it is a verb of an app, a kind of fault
 * and so on; as above. */
char *guess_step(const char *word, const struct node *value);
/** The node as a piece of YAML on one line, to be freed; ".." if it is longer than FLOW_BYTES. */
enum { FLOW_BYTES = 80 };
char *guess_flow(const struct node *node);
/** Whether what guess_flow() shows would be read as a value of the type, or behind the verb; what
 * is too long to be shown is not tried. */
bool guess_fits(const struct type *type, const struct node *node);
bool guess_verb_fits(const struct verb *verb, const struct node *node);

/** Visits all guesses: the word, where it is tried ("in a step"), and what to write instead; the
 * word `*` is any value. */
typedef void guess_visitor(void *context, const char *word, const char *where, const char *hint);
void guesses_visit(guess_visitor *visit, void *context);

#endif
