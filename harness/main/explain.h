// SPDX-License-Identifier: Apache-2.0
// explain.h - the reference of the scenario language, from its tables
#ifndef GONEAWAY_MAIN_EXPLAIN_H
#define GONEAWAY_MAIN_EXPLAIN_H

#include "base/err.h"
#include "plan/table.h"

#include <stdio.h>

/** Prints what a word of the language means (a key, verb, fault, state or value: every place where
 * it may stand), or an error code by number or symbol. An unknown name is a usage error. */
int explain_print(FILE *out, const char *name, struct err *err);
/** Prints the manual page goneaway-scenario(5), in man(7) macros. */
void explain_reference(FILE *out);
/** Visits every word of the language, some of them several times. */
void explain_words(table_visitor *visit, void *context);

#endif
