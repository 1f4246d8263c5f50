// SPDX-License-Identifier: Apache-2.0
// host_places.h - which host folders the cases of a run see
#ifndef GONEAWAY_CATALOG_HOST_PLACES_H
#define GONEAWAY_CATALOG_HOST_PLACES_H

#include "cli/options.h"
#include "image/image.h"
#include "sandbox/sandbox.h"

struct host_places {
    size_t count;
    struct sandbox_place *items; ///< ended by a NULL path
    const char *here;            ///< the current folder, if it is one of them
    struct list seen;            ///< const char *: what the user's adapter is to see
};

/** Whether a folder must not be shown to strangers: a home folder, an ancestor of one, or /etc. */
bool host_places_are_private(const char *folder);
/** Collects the recipes and the cache; with --adapter also the current folder, /opt, what
 * interpreters read in /etc, and each --adapter-path. Everything is read-only. */
int host_places_open(struct host_places *places, const struct images *images,
                     const struct options *options, struct err *err);
/** Lets this machine's adapters see these places. */
void host_places_show(const struct host_places *places, struct images *images);
/** Zeroed places are allowed. */
void host_places_release(struct host_places *places);

#endif
