// SPDX-License-Identifier: Apache-2.0
// reference.h - the reference of the scenario language, from its tables
#ifndef GONEAWAY_EXPLAIN_REFERENCE_H
#define GONEAWAY_EXPLAIN_REFERENCE_H

#include "yaml/table.h"

#include <stdbool.h>
#include <stdio.h>

/** Prints what a word of the language means (a key, verb, fault, state or value) at every place
 * where it may appear, separated by empty lines, also from what was printed `before`. Returns how
 * many. */
int reference_print_word(FILE *out, const char *name, bool before);
/** Prints the manual page goneaway-scenario(5), in man(7) macros. */
void reference_print(FILE *out);
/** Visits every word of the language, some more than once. */
void reference_visit_words(table_visitor *visit, void *context);

#endif
