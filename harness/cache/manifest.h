// SPDX-License-Identifier: Apache-2.0
// manifest.h - lists the content of a cache entry, and checks whether it is still complete
//
//     goneaway-manifest 1
//     with SHA-256                     the end of the manifest of what it was made with, or -
//     f 6 23 SHA-256 entry.json        type, owner's permissions, bytes, digest, path
//     d 7 - - root
//     l 7 7 SHA-256 root/bin           for a symbolic link, of its target
//     end SHA-256                      of all lines above
//
// Folders come before their content and after the files beside them; names are sorted by bytes. In
// a path, anything but printable ASCII is written as \xHH. Links are never followed, and only
// regular files are opened. A manifest reveals accidents, not attacks: whoever may write an entry
// can write its manifest too.
#ifndef GONEAWAY_CACHE_MANIFEST_H
#define GONEAWAY_CACHE_MANIFEST_H

#include "base/err.h"

#include <stdbool.h>

/** Writes the manifest of everything in a folder. `base`: the folder that it was made with, which
 * has a manifest, or NULL. */
int manifest_write(const char *folder, const char *base, struct err *err);
/** Compares a folder with its manifest: that everything is there, with its type and size, belongs
 * to the caller with the same permissions, and that `base`, if given, is still what it was made
 * with; with `digests` also contents, and that nothing was added. 1: it matches; 0: it does not,
 * and `err` names the first difference; -1: it could not be examined. */
int manifest_compare(const char *folder, const char *base, bool digests, struct err *err);
/** Removes the manifest, so that the folder never matches again. */
int manifest_remove(const char *folder, struct err *err);

#endif
