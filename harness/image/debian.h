// SPDX-License-Identifier: Apache-2.0
// debian.h - root filesystems from Debian packages, or from an image by reference
#ifndef GONEAWAY_IMAGE_DEBIAN_H
#define GONEAWAY_IMAGE_DEBIAN_H

#include "cache/cache.h"
#include "image/image.h"

/** The root filesystem that a recipe needs. */
struct debian_root {
    const char *name; ///< of the recipe it is for
    const char *suite;
    const struct list *packages; ///< const char *; none: it has only the places of make_places()
    const char *reference;       ///< instead of packages: an image by reference; or NULL
    struct npm_package {
        const char *name, *sha256; ///< NAME@VERSION, and its tarball's digest
    } npm;                         ///< in addition: a package from npm in /opt/NAME; or NULL
    const struct dict *modules;    ///< any number of further ones, for a connector; or NULL
    int64_t megabytes;             ///< about what it takes on disk; -1: not known
    const char *store;             ///< its entry's name, if that is not `name`; or NULL
    bool examined;                 ///< it has a server, which is examined
};
/** Runs a program in the namespaces of namespaces_command(). */
int debian_run(const char *const *command, double deadline_ms, struct err *err);
/** Explains a program that ended like this there, with this output. Always returns -1. */
int debian_explain(const char *program, const char *output, int status, struct err *err);
/** The key, and the path, of its entry. */
struct key debian_key(const struct debian_root *root);
char *debian_entry(struct images *images, const struct debian_root *root);
/** Makes it as FOLDER/root, whatever the cache has; all its files will belong to the caller. */
int debian_make(struct keeper *keeper, const struct images *images, const struct debian_root *root,
                const char *folder, struct err *err);
/** Makes it in the cache, unless it is there. */
int debian_prepare(struct keeper *keeper, struct images *images, const struct debian_root *root,
                   struct err *err);

#endif
