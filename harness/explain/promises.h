// SPDX-License-Identifier: Apache-2.0
// promises.h - the list of what scenarios promise for any connector
#ifndef GONEAWAY_EXPLAIN_PROMISES_H
#define GONEAWAY_EXPLAIN_PROMISES_H

#include "catalog/catalog.h"

/** Prints a line per scenario, or more if its variants differ. */
void promises_print(FILE *file, const struct catalog *catalog);

#endif
