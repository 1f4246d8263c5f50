// SPDX-License-Identifier: Apache-2.0
// signs.h - the errors that a connector shows, each with what became of the connection
#ifndef GONEAWAY_EXPLAIN_SIGNS_H
#define GONEAWAY_EXPLAIN_SIGNS_H

#include "explain/fate.h"
#include "explain/places.h"

#include "catalog/catalog.h"

/** A call that showed an error with this fate: the first of those that show it best. */
struct sign_example {
    size_t cases; ///< how many cases, on any version of the server, showed it; 0: none
    const char *id, *step, *server;
    size_t last; ///< the latest one counted
    int rank;    ///< how good an example it is
};

/** An error, by number, or by its class where it has none. */
struct sign {
    int code;         ///< 0: it has none
    const char *name; ///< class or SQLSTATE of one without a number; else NULL
    bool is_sqlstate; ///< `name` is an SQLSTATE
    const char *first_version, *last_version; ///< of the connector
    struct sign_example fates[FATES];
};

struct signs {
    size_t count;
    struct sign *items; ///< by code, then by name
};

/** All errors of the places of one connector. */
void signs_find(struct signs *ret, const struct measured_place *const *places, size_t count,
                const struct catalog *catalog);
void signs_release(struct signs *signs);

#endif
