// SPDX-License-Identifier: Apache-2.0
// manifest.h - what an entry of the cache consists of, and whether it is still all there
//
//     goneaway-manifest 1
//     with SHA-256                     the end of the manifest of what it was made with, or -
//     f 6 23 SHA-256 entry.json        type, owner's permissions, bytes, digest, path
//     d 7 - - root
//     l 7 7 SHA-256 root/bin           of a symbolic link: of where it leads
//     end SHA-256                      of all lines above
//
// Folders come before what is in them and after the files beside them, names sorted by their bytes;
// in a path, what is not printable ASCII is written as \xHH. Links are never followed, and only
// regular files are opened. A manifest shows accidents. Whoever may write an entry can write its
// manifest too.
#ifndef GONEAWAY_CACHE_MANIFEST_H
#define GONEAWAY_CACHE_MANIFEST_H

#include "base/err.h"

#include <stdbool.h>

/** Writes the manifest of all that is in a folder; `base` is the folder that it was made with,
 * which has a manifest, or NULL. */
int manifest_write(const char *folder, const char *base, struct err *err);
/** Compares a folder with its manifest: that everything is there, of its type and size, belongs to
 * the caller and grants him what it did, and that `base`, if one is given, still is the one that it
 * was made with; with `digests` the contents too, and that nothing was added. 1: it fits; 0: it
 * does not, and `err` names the first difference; -1: it could not be looked at. */
int manifest_compare(const char *folder, const char *base, bool digests, struct err *err);
/** Takes the manifest away, so that the folder never fits again. */
int manifest_remove(const char *folder, struct err *err);

#endif
