// SPDX-License-Identifier: Apache-2.0
// rewrite.h - a baseline's text, made anew from what was seen
#ifndef GONEAWAY_BASELINE_REWRITE_H
#define GONEAWAY_BASELINE_REWRITE_H

#include "baseline/baseline.h"
#include "record/record.h"

/** What one repetition of a case has shown. */
struct sighting {
    size_t count;
    char **ids, **cells; ///< of each judged step, as of cell_of_step()
    bool fits_own;       ///< it is as the file says that is to be updated
    bool fits_like;      ///< it is as that file would say without the case
};

/** A case with its repetitions. */
struct observed {
    const struct plan_case *plan;
    size_t count;
    struct sighting *sightings;
    bool incomplete; ///< one of them was not carried out, so that nothing is written of it
};

/** What the head of a new file says, and of an old one is brought up to date. */
struct baseline_head {
    const char *connector, *connector_version, *server, *server_version, *catalogue;
    const char *like; ///< what a new file builds on; NULL: nothing
};

/** What has become of the cases of a run. */
struct baseline_changes {
    size_t added, changed, removed, left; ///< left: incomplete ones
    size_t unstable;
    struct text unstable_ids; ///< "a@tcp, b@tls"; to be released
};

/** A line of a file: one case, or several transports of one once they are folded. */
struct baseline_entry {
    const char *id;
    const char *content; ///< "{first: 2013, second: 2006}"
    bool unstable;
    const struct node *from; ///< where the case stood before; NULL: it is new
};

/** Takes what a step has shown over into a sighting. `with_rows` as of cell_of_step(). */
void sighting_add(struct sighting *sighting, const struct record_step *step, bool with_rows);
void observed_release(struct observed *observed);

/** The file as it is after the cases have been seen, to be freed. `old` and its text `old_text` are
 * NULL for a new one. NULL with an error: the old file's layout cannot be kept. */
char *baseline_rewrite(const char *path, const struct baseline *old, const char *old_text,
                       const struct baseline_head *head, const struct observed *cases, size_t count,
                       struct baseline_changes *ret_changes, struct err *err);

/** Lays out a file with these entries; comments of the old one stay where they were. */
char *baseline_lay_out(const struct baseline *old, const char *old_text,
                       const struct baseline_head *head, struct baseline_entry *entries,
                       size_t count);
/** What stands behind a case's key in the old file, if that is one line; else NULL. To be freed. */
char *baseline_content(const char *old_text, const struct node *key);

#endif
