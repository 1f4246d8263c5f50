// SPDX-License-Identifier: Apache-2.0
// host_places.h - what of the host the cases of a run see
#ifndef GONEAWAY_CATALOG_HOST_PLACES_H
#define GONEAWAY_CATALOG_HOST_PLACES_H

#include "cli/options.h"
#include "image/image.h"
#include "sandbox/sandbox.h"

struct places {
    size_t count;
    struct sandbox_place *items; ///< ended by a NULL path
    const char *here;            ///< the current folder, if it is among them
    struct list seen;            ///< const char *: those that the user's adapter is to see
};

/** Whether a folder is no place for strangers to read: a home folder, what holds one, or /etc. */
bool places_are_private(const char *folder);
/** The recipes and the cache; with --adapter also the current folder, /opt, what interpreters read
 * in /etc, and each --adapter-path. Everything is read-only. */
int places_open(struct places *places, const struct images *images, const struct options *options,
                struct err *err);
/** Says to the adapters of this machine what they see of it. */
void places_show(const struct places *places, struct images *images);
/** Zeroed places are allowed. */
void places_release(struct places *places);

#endif
