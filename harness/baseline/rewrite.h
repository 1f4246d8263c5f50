// SPDX-License-Identifier: Apache-2.0
// rewrite.h - a baseline's text, made anew from what was seen
#ifndef GONEAWAY_BASELINE_REWRITE_H
#define GONEAWAY_BASELINE_REWRITE_H

#include "baseline/baseline.h"
#include "record/record.h"

/** What one repetition of a case showed. */
struct sighting {
    size_t count;
    char **ids, **cells; ///< for each judged step, as cell_of_step() has it
    bool fits_own;       ///< matches the file that is being updated
    bool fits_like;      ///< would match that file without its own line for the case
};

/** A case with its repetitions. */
struct observed {
    const struct plan_case *plan;
    size_t count;
    struct sighting *sightings;
    bool incomplete; ///< a repetition did not run to its end, so nothing is written
};

/** The head of a file: written anew, or brought up to date. */
struct baseline_head {
    const char *connector, *connector_version, *server, *server_version, *catalogue;
    const char *like; ///< what a new file builds on; NULL: nothing
};

/** What an update did with the cases of a run. */
struct baseline_changes {
    size_t added, changed, removed, left; ///< `left`: not updated, because incomplete
    size_t unstable;
    struct text unstable_ids; ///< "a@tcp, b@tls"; to be released
};

/** A line of a file: one case, or several transports of it, once folded. */
struct baseline_entry {
    const char *id;
    const char *content; ///< "{first: 2013, second: 2006}"
    bool unstable;
    const struct node *from; ///< where the old file has the case; NULL: it is new
};

/** Adds what a step showed to a sighting. `with_rows` as for cell_of_step(). */
void sighting_add(struct sighting *sighting, const struct record_step *step, bool with_rows);
void observed_release(struct observed *observed);

/** The updated file's text, to be freed. `old` and its text `old_text` are NULL for a new file.
 * NULL with an error if the old file's layout cannot be kept. */
char *baseline_rewrite(const char *path, const struct baseline *old, const char *old_text,
                       const struct baseline_head *head, const struct observed *cases, size_t count,
                       struct baseline_changes *ret_changes, struct err *err);

/** Lays out a file with these entries; comments of the old one keep their places. */
char *baseline_lay_out(const struct baseline *old, const char *old_text,
                       const struct baseline_head *head, struct baseline_entry *entries,
                       size_t count);
/** The value behind a case's key in the old file, if it is on one line; else NULL. To be freed. */
char *baseline_content(const char *old_text, const struct node *key);

#endif
