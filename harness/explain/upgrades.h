// SPDX-License-Identifier: Apache-2.0
// upgrades.h - what changes for an application when its server is upgraded or replaced
#ifndef GONEAWAY_EXPLAIN_UPGRADES_H
#define GONEAWAY_EXPLAIN_UPGRADES_H

#include "catalog/catalog.h"

#include <stdio.h>

/** Prints scenarios/UPGRADES.md: by upgrade, cause and scenario, how calls with the two C libraries
 * were measured to end before and after. */
int upgrades_print(FILE *out, const char *home, const struct catalog *catalog, struct err *err);

#endif
