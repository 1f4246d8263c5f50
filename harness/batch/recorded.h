// SPDX-License-Identifier: Apache-2.0
// recorded.h - what --update-baseline writes: collected during a run, written at its end
#ifndef GONEAWAY_BATCH_RECORDED_H
#define GONEAWAY_BATCH_RECORDED_H

#include "baseline/shelf.h"
#include "baseline/update.h"
#include "verdict/verdict.h"

/** A file that is to be written. */
struct update_target {
    char *path, *old_text;
    struct baseline *old;           ///< NULL: it is new
    const struct baseline *nearest; ///< for a new file: the one of the nearest version; NULL: there
                                    ///< is none
    char *connector, *connector_version, *server, *server_version;
    size_t count, with_row; ///< cases; those of them that have a row in their scenario
    struct observed *cases;
};
struct updates {
    size_t count;
    struct update_target *targets;
};

/** Judges a record by the file's own outcomes, and keeps it for the file of its place. An error if
 * that file cannot be read, or is for another place. */
int updates_take(struct updates *updates, struct shelf *shelf, const struct plan_case *plan,
                 const struct record *record, double time_scale, struct verdict *ret_verdict,
                 struct err *err);
/** Writes the files, and reports that on standard error. `repeat`: how often each case was to
 * run. */
int updates_write(const struct updates *updates, const char *top, int repeat, struct err *err);
void updates_release(struct updates *updates);

#endif
