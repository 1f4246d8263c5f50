// SPDX-License-Identifier: Apache-2.0
// gathered.h - the json reports of a run's shards, read back and found to belong together
#ifndef GONEAWAY_BATCH_GATHERED_H
#define GONEAWAY_BATCH_GATHERED_H

#include "base/text.h"
#include "report/report.h"

/** A line of a report. */
struct gathered_line {
    const char *data;
    size_t length;
};

/** The report of a shard. Its texts are those of `begin`. */
struct gathered_part {
    const char *path;
    struct text data;
    json_t *begin; ///< its first line; NULL: it has none
    const char *version;
    struct report_shard shard;
    int planned, jobs;
    size_t case_count;
    struct gathered_line *cases;
    bool ended; ///< has a summary; the fields below are of that
    bool interrupted;
    json_int_t counted; ///< cases
    double ms;
};

/** What must not be there twice, or must be alike everywhere, and the file it was found in. */
struct gathered_entry {
    char *name, *value; ///< value: NULL, or a version
    const char *path;
};
struct gathered_entries {
    size_t count;
    struct gathered_entry *items;
};

/** All of them. Start with `= {0}`. */
struct gathered {
    size_t count;
    struct gathered_part
        *parts; ///< sorted by the number of their shard; those without a first line first
    struct gathered_entries cases, versions;
};

/** Reads the reports and checks that they are shards of one run: nothing is there twice, and all
 * are of the same choice of cases, of one goneaway, and met the same versions. What is missing is
 * no error here. A usage error where they are not; gathered_release() also then. */
int gathered_read(struct gathered *gathered, size_t count, char *const *paths, struct err *err);
void gathered_release(struct gathered *gathered);

#endif
