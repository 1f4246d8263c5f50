// SPDX-License-Identifier: Apache-2.0
// host_places.h - what of the host the cases of a run see
#ifndef GONEAWAY_CATALOG_HOST_PLACES_H
#define GONEAWAY_CATALOG_HOST_PLACES_H

#include "cli/options.h"
#include "image/image.h"
#include "sandbox/sandbox.h"

struct host_places {
    size_t count;
    struct sandbox_place *items; ///< ended by a NULL path
    const char *here;            ///< the current folder, if it is among them
    struct list seen;            ///< const char *: those that the user's adapter is to see
};

/** Whether a folder is no place for strangers to read: a home folder, what holds one, or /etc. */
bool host_places_are_private(const char *folder);
/** The recipes and the cache; with --adapter also the current folder, /opt, what interpreters read
 * in /etc, and each --adapter-path. Everything is read-only. */
int host_places_open(struct host_places *places, const struct images *images,
                     const struct options *options, struct err *err);
/** Says to the adapters of this machine what they see of it. */
void host_places_show(const struct host_places *places, struct images *images);
/** Zeroed places are allowed. */
void host_places_release(struct host_places *places);

#endif
