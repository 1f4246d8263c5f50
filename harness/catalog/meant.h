// SPDX-License-Identifier: Apache-2.0
// meant.h - what was probably meant by a name that fits nothing of the catalogue
#ifndef GONEAWAY_CATALOG_MEANT_H
#define GONEAWAY_CATALOG_MEANT_H

#include "base/arena.h"
#include "base/nearest.h"
#include "catalog/catalog.h"

/** Tries the names of scenarios, their tags and, for a word that could be one, of their cases; some
 * of the words that are kept live in the arena. */
void meant_try(struct nearest *nearest, const struct catalog *catalog, struct arena *arena);
/** The error for a name that is that of no scenario, case, tag or file. Always returns -1. */
int meant_refuse(const struct catalog *catalog, const char *name, struct err *err);

#endif
