// SPDX-License-Identifier: Apache-2.0
// surprises.h - the differences between connectors that surprise most, for scenarios/MATRIX.md
#ifndef GONEAWAY_EXPLAIN_SURPRISES_H
#define GONEAWAY_EXPLAIN_SURPRISES_H

#include "batch/measured.h"
#include "catalog/catalog.h"

#include <stdio.h>

/** Prints them in sentences: who alone breaks a promise that all others keep, and which well-known
 * failures have the most different answers. */
void surprises_print(FILE *out, const struct measured *measured, const struct catalog *catalog);

#endif
