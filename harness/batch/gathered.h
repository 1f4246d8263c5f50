// SPDX-License-Identifier: Apache-2.0
// gathered.h - reads the json reports of a run's shards, and checks that they belong together
#ifndef GONEAWAY_BATCH_GATHERED_H
#define GONEAWAY_BATCH_GATHERED_H

#include "base/text.h"
#include "report/report.h"

/** A line of a report. */
struct report_line {
    const char *data;
    size_t length;
};

/** The report of a shard. Its texts belong to `begin`. */
struct shard_report {
    const char *path;
    struct text data;
    json_t *begin; ///< its first line; NULL: it has none
    const char *version;
    struct report_shard shard;
    int planned, jobs;
    size_t case_count;
    struct report_line *cases;
    bool ended; ///< it has a summary, where the fields below come from
    bool interrupted;
    json_int_t counted; ///< cases
    double ms;
};

/** Something that must be unique, or the same in all reports, and the file it was found in. */
struct entry {
    char *name, *value; ///< value: a version, or NULL
    const char *path;
};
struct entries {
    size_t count;
    struct entry *items;
};

/** All reports. Initialise with `= {0}`. */
struct shards {
    size_t count;
    struct shard_report *parts; ///< sorted by shard number; those without a first line come first
    struct entries cases, versions;
};

/** Reads the reports and checks that they are shards of one run: no duplicates, the same choice of
 * cases, the same goneaway, the same versions. A missing shard is no error here. A usage error if
 * they do not match; call shards_release() then too. */
int shards_read(struct shards *shards, size_t count, char *const *paths, struct err *err);
void shards_release(struct shards *shards);

#endif
