// SPDX-License-Identifier: Apache-2.0
// meant.h - suggests what was meant by a name that matches nothing in the catalogue
#ifndef GONEAWAY_CATALOG_MEANT_H
#define GONEAWAY_CATALOG_MEANT_H

#include "base/arena.h"
#include "base/nearest.h"
#include "catalog/catalog.h"

/** Tries the names of scenarios, tags and, if the word could be one, cases. Some of the words that
 * are kept live in the arena. */
void meant_try(struct nearest *nearest, const struct catalog *catalog, struct arena *arena);
/** The error for a name that is no scenario, case, tag or file. Always returns -1. */
int meant_refuse(const struct catalog *catalog, const char *name, struct err *err);

#endif
