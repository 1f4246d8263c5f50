// SPDX-License-Identifier: Apache-2.0
// matrix_tables.h - the tables of scenarios/MATRIX.md: a row for each scenario, a column for each
// connector
#ifndef GONEAWAY_EXPLAIN_MATRIX_TABLES_H
#define GONEAWAY_EXPLAIN_MATRIX_TABLES_H

#include "batch/measured.h"
#include "catalog/catalog.h"

#include <stdio.h>

/** Prints a table for each server. Versions of a connector whose columns are equal share one. */
void matrix_tables_print(FILE *out, const struct measured *measured, const struct catalog *catalog);

#endif
