// SPDX-License-Identifier: Apache-2.0
// hint.h - what the tables ask their language when a word is unknown
//
// The tables know how words are spelt; which other words people try is known to the language whose
// tables they are. plan/guesses.c answers for scenarios.
#ifndef GONEAWAY_YAML_HINT_H
#define GONEAWAY_YAML_HINT_H

#include "yaml/yaml.h"

/** What to write instead of a word, to be freed; NULL if there is no guess. `place` is the name of
 * the type where the word was found, `value` what follows it, or NULL. */
char *guess_hint(const char *place, const char *word, const struct node *value);

#endif
