// SPDX-License-Identifier: Apache-2.0
// archive.h - a .tar.zst in memory, made and read by libarchive
#ifndef GONEAWAY_BUNDLE_ARCHIVE_H
#define GONEAWAY_BUNDLE_ARCHIVE_H

#include "base/err.h"
#include "base/text.h"

/** One that is being made. */
struct archive_out;

/** Begins one, whose bytes are appended to `data`. NULL on error. */
struct archive_out *archive_begin(struct text *data, struct err *err);
/** Adds a file. */
int archive_add(struct archive_out *out, const char *name, const char *data, size_t length,
                struct err *err);
/** Ends it, and frees it; also with what has gone wrong before. */
int archive_end(struct archive_out *out, struct err *err);

/** A file that is wanted of an archive. */
struct archive_wanted {
    const char *name;
    size_t most;      ///< bytes; of a longer one the archive is refused
    struct text data; ///< gets it, to be released; `found` says whether it is there
    bool found;
};

/** Reads the wanted files of the archive that `data` holds; nothing is written anywhere. What it
 * holds may come from anybody: one that unpacks to more than `most` bytes is refused. */
int archive_read_files(const char *data, size_t length, size_t most, struct archive_wanted *wanted,
                       size_t count, struct err *err);

#endif
