// SPDX-License-Identifier: Apache-2.0
// lost.h - scenarios/lost.json: which errors of a connector mean that the connection is lost
#ifndef GONEAWAY_EXPLAIN_LOST_H
#define GONEAWAY_EXPLAIN_LOST_H

#include "catalog/catalog.h"

#include <stdio.h>

/** Prints which errors of each connector mean that its connection is lost: for people, or
 * (`as_json`) as scenarios/lost.json. `connectors`: only these names or families,
 * comma-separated; NULL: all. A usage error if one was not measured. */
int lost_print(FILE *out, const char *home, const struct catalog *catalog, const char *connectors,
               bool as_json, struct err *err);
/** Prints scenarios/lost.json. */
int lost_print_json(FILE *out, const char *home, const struct catalog *catalog, struct err *err);

#endif
