// SPDX-License-Identifier: Apache-2.0
// archive.h - writes and reads a .tar.zst in memory, by libarchive
#ifndef GONEAWAY_BUNDLE_ARCHIVE_H
#define GONEAWAY_BUNDLE_ARCHIVE_H

#include "base/err.h"
#include "base/text.h"

/** An archive being written. */
struct archive_out;

/** Starts one, whose bytes are appended to `data`. NULL on error. */
struct archive_out *archive_begin(struct text *data, struct err *err);
/** Adds a file. */
int archive_add(struct archive_out *out, const char *name, const char *data, size_t length,
                struct err *err);
/** Finishes and frees it, even after an error. */
int archive_end(struct archive_out *out, struct err *err);

/** A file that is wanted from an archive. */
struct archive_wanted {
    const char *name;
    size_t most;      ///< bytes; an archive where it is longer is refused
    struct text data; ///< its content, to be released; `found` says whether it is there
    bool found;
};

/** Reads the wanted files from the archive in `data`; writes nothing anywhere. It may come from
 * anybody: an archive that unpacks to more than `most` bytes is refused. */
int archive_read_files(const char *data, size_t length, size_t most, struct archive_wanted *wanted,
                       size_t count, struct err *err);

#endif
