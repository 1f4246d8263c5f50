// SPDX-License-Identifier: Apache-2.0
// places.h - what was measured, by connector and by vendor of the server
#ifndef GONEAWAY_EXPLAIN_PLACES_H
#define GONEAWAY_EXPLAIN_PLACES_H

#include "batch/measured.h"

#include <stdio.h>

/** All that was measured; by connector, vendor, version of the connector, version of the server. */
struct places {
    size_t count;
    const struct measured_place **items; ///< into a struct measured, which must outlive it
};
void places_find(struct places *ret, const struct measured *measured);
void places_release(struct places *places);
#define cleanup_places __attribute__((cleanup(places_release)))

/** How many places, from this one on, are of the same connector and vendor. */
size_t places_alike(const struct places *places, size_t from);
/** How many are of the same connector. */
size_t places_of_connector(const struct places *places, size_t from);
/** Prints an object a line, for each connector and vendor: the versions that were measured. */
void places_print(FILE *out, const struct places *places);

#endif
