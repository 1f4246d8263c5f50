// SPDX-License-Identifier: Apache-2.0
// share.h - stores once what entries have in common, and measures folders of such files
//
// Two roots of one Debian suite consist mostly of the same files. Of these the disk has one copy,
// with a hard link from each entry. Nobody writes into a finished entry, and removing one removes
// its links only. An accident to a file damages every entry that shares it, and each notices that
// by its own manifest.
#ifndef GONEAWAY_CACHE_SHARE_H
#define GONEAWAY_CACHE_SHARE_H

#include <stdint.h>

/** Replaces the files of `folder`, an entry in the making in the tmp folder `aside` of a cache, by
 * links to equal files at the same path of an entry. `kind` is the entries' ("root"). What cannot
 * be shared, for whatever reason, simply stays. */
void share_files(const char *cache, const char *kind, const char *folder, const char *aside);

/** Disk space of a folder; a file with several links there counts once. */
struct share_size {
    int64_t bytes;
    int64_t own_bytes; ///< of these, what no other folder has: removing this one would free it
};
struct share_size share_measure(const char *folder);

#endif
