// SPDX-License-Identifier: Apache-2.0
// matrix_data.h - scenarios/matrix.json: what each connector was measured to do, for programs
#ifndef GONEAWAY_EXPLAIN_MATRIX_DATA_H
#define GONEAWAY_EXPLAIN_MATRIX_DATA_H

#include "catalog/catalog.h"

#include <stdio.h>

/** Prints scenarios/matrix.json, a record a line; fixtures/schemas/matrix.schema.json describes
 * it. */
int matrix_data_print(FILE *out, const char *home, const struct catalog *catalog, struct err *err);

#endif
