// SPDX-License-Identifier: Apache-2.0
// debian.h - root filesystems from Debian packages, or from an image by reference
#ifndef GONEAWAY_IMAGE_DEBIAN_H
#define GONEAWAY_IMAGE_DEBIAN_H

#include "cache/cache.h"
#include "image/image.h"

/** Which root filesystem a recipe wants. */
struct debian_root {
    const char *name; ///< of the recipe it belongs to
    const char *suite;
    const struct list *packages; ///< const char *
    const char *reference;       ///< instead of these: an image by reference; or NULL
    struct npm_package {
        const char *name, *sha256; ///< NAME@VERSION, and its tarball's digest
    } npm;                         ///< besides: one of npm's in /opt/NAME; or NULL
    const struct dict *modules;    ///< and any number, as a connector's recipe has them; or NULL
    const char *store;             ///< what its entry is called, if that is not `name`; or NULL
    bool examined;                 ///< it has a server, which is asked what it is
};
/** Runs a program in the namespaces of namespaces_command(). */
int debian_run(const char *const *command, double deadline_ms, struct err *err);
/** What to say of a program that ended so in there, having printed that. Always returns -1. */
int debian_explain(const char *program, const char *output, int status, struct err *err);
/** Its key and its entry's path. */
struct key debian_key(const struct debian_root *root);
char *debian_entry(struct images *images, const struct debian_root *root);
/** Installs it into the cache, if it is not there; all its files belong to the caller. */
int debian_prepare(struct keeper *keeper, struct images *images, const struct debian_root *root,
                   struct err *err);

#endif
