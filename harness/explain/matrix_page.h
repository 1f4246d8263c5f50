// SPDX-License-Identifier: Apache-2.0
// matrix_page.h - scenarios/MATRIX.md: what each connector was measured to do at each failure
#ifndef GONEAWAY_EXPLAIN_MATRIX_PAGE_H
#define GONEAWAY_EXPLAIN_MATRIX_PAGE_H

#include "catalog/catalog.h"

#include <stdio.h>

/** Prints scenarios/MATRIX.md: how many promises each connector keeps, where connectors differ, and
 * a table for each server. */
int matrix_page_print(FILE *out, const char *home, const struct catalog *catalog, struct err *err);

#endif
