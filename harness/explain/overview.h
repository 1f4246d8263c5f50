// SPDX-License-Identifier: Apache-2.0
// overview.h - the causes, and what the catalogue shows of each
#ifndef GONEAWAY_EXPLAIN_OVERVIEW_H
#define GONEAWAY_EXPLAIN_OVERVIEW_H

#include "catalog/catalog.h"

#include <stdio.h>

/** Prints every cause with its scenarios, the servers they cover, the codes they show, and what
 * became of the remedies and claims. */
void overview_print(FILE *out, const struct catalog *catalog, const struct images *images);
/** Prints the questions that people ask, and which scenarios may be behind them. */
void overview_print_symptoms(FILE *out);
/** Prints both as Markdown: scenarios/README.md. */
void overview_print_markdown(FILE *out, const struct catalog *catalog, const struct images *images);

#endif
