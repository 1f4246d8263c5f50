// SPDX-License-Identifier: Apache-2.0
// gathered.h - reads the json reports of a run's shards, and checks that they belong together
#ifndef GONEAWAY_BATCH_GATHERED_H
#define GONEAWAY_BATCH_GATHERED_H

#include "base/text.h"
#include "report/report.h"

/** A line of a report. */
struct gathered_line {
    const char *data;
    size_t length;
};

/** The report of a shard. Its texts belong to `begin`. */
struct gathered_part {
    const char *path;
    struct text data;
    json_t *begin; ///< its first line; NULL: it has none
    const char *version;
    struct report_shard shard;
    int planned, jobs;
    size_t case_count;
    struct gathered_line *cases;
    bool ended; ///< it has a summary, where the fields below come from
    bool interrupted;
    json_int_t counted; ///< cases
    double ms;
};

/** Something that must be unique, or the same in all reports, and the file it was found in. */
struct gathered_entry {
    char *name, *value; ///< value: a version, or NULL
    const char *path;
};
struct gathered_entries {
    size_t count;
    struct gathered_entry *items;
};

/** All reports. Initialise with `= {0}`. */
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
