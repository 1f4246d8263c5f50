// SPDX-License-Identifier: Apache-2.0
// pairs.h - pairs the connectors, and the servers, of two files for comparison
#ifndef GONEAWAY_COMPARE_PAIRS_H
#define GONEAWAY_COMPARE_PAIRS_H

#include "compare/seen.h"

/** Indices into the places of the old file and of the new one. */
struct pair {
    size_t before, after;
};
struct pairs {
    size_t count;
    struct pair *items; ///< sorted by `before`, without duplicates
};

/** Pairs the places of two files. `kind` is "connector" or "server", the option's name; `option`
 * its value: names, or OLD=NEW, separated by commas; NULL: not given. Without it, the only place of
 * one file is paired with the only one of the other; else equal names are paired, then places that
 * are the only ones of their family. A usage error if that yields no pair. */
int pairs_make(struct pairs *pairs, const char *kind, const struct seen_places *before,
               const struct seen_places *after, const char *option, struct err *err);
void pairs_release(struct pairs *pairs);

#endif
