// SPDX-License-Identifier: Apache-2.0
// recording.h - what --update-baseline writes: gathered while a run goes on, written at its end
//
// One file for each connector on each server. What becomes of its text is baseline/rewrite.h's;
// here it is found, gathered for and replaced. Nothing is judged here.
#ifndef GONEAWAY_BATCH_RECORDING_H
#define GONEAWAY_BATCH_RECORDING_H

#include "baseline/rewrite.h"
#include "baseline/shelf.h"
#include "cli/options.h"
#include "run/items.h"
#include "verdict/verdict.h"

/** A file that is to be written. */
struct recording_file {
    char *path, *old_text;
    struct baseline *old;           ///< NULL: it is new
    const struct baseline *nearest; ///< of a new one: that of another version; NULL: there is none
    char *connector, *connector_version, *server, *server_version;
    size_t count, with_row; ///< cases; of these, those that have a row in their scenario
    struct observed *cases;
};
/** All zero: nothing is recorded. */
struct recording {
    struct shelf *shelf; ///< where the files belong, which must outlive it
    size_t count;
    struct recording_file *files;
    bool failed;        ///< a file cannot be read, or is for another place:
    struct err failure; ///< the first of these
};

/** Refuses to write the outcomes of several connectors or servers into one file. */
int recording_check_cases(const struct recording *recording, const struct options *options,
                          const struct run_item *items, size_t count, struct err *err);
/** Keeps what a record shows for the file of its place. `verdict`: what it was judged to be. */
void recording_add(struct recording *recording, const struct plan_case *plan,
                   const struct record *record, double time_scale, const struct verdict *verdict);
/** After a run that came to its end: writes the files, and reports it on standard error. */
int recording_write(const struct recording *recording, const struct options *options,
                    struct err *err);
void recording_release(struct recording *recording);

#endif
