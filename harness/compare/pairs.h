// SPDX-License-Identifier: Apache-2.0
// pairs.h - which connectors, and which servers, of two files are compared with each other
#ifndef GONEAWAY_COMPARE_PAIRS_H
#define GONEAWAY_COMPARE_PAIRS_H

#include "compare/seen.h"

/** Indices into the places of the old file and of the new one. */
struct pair {
    size_t before, after;
};
struct pairs {
    size_t count;
    struct pair *items; ///< sorted by `before`; none is there twice
};

/** Pairs the places of two files. `kind` is "connector" or "server", which is the option's name;
 * `option` its value: names, or OLD=NEW, separated by commas; NULL: not given. Without it the only
 * place of one file goes with the only one of the other; else equal names go together, then those
 * that are alone of their family. A usage error where that is no pair at all. */
int pairs_make(struct pairs *pairs, const char *kind, const struct seen_places *before,
               const struct seen_places *after, const char *option, struct err *err);
void pairs_release(struct pairs *pairs);

#endif
