// SPDX-License-Identifier: Apache-2.0
// last_failed.h - what did not pass in the last run, for --last-failed
//
// It is kept in CACHE/last-run.json. Each run replaces the whole file, so of two concurrent runs
// the one that ends later is remembered. A case that a run meant to try but did not reach is kept;
// with --last-failed, so are cases that the other options excluded.
#ifndef GONEAWAY_BATCH_LAST_FAILED_H
#define GONEAWAY_BATCH_LAST_FAILED_H

#include "catalog/catalog.h"
#include "cli/options.h"
#include "run/items.h"

/** All zero at first. */
struct last {
    json_t *known;    ///< the run before: a list of cases; NULL: nothing is known
    json_t *failed;   ///< this run
    char **arguments; ///< see last_arguments()
};

/** Reads what is known. A missing file is no error. */
int last_read(struct last *last, const char *cache, struct err *err);
/** The arguments that name the scenarios of the last run's cases, ended by NULL. */
char **last_arguments(struct last *last);
/** Narrows the selection to what did not pass. */
void last_narrow(const struct last *last, struct catalog *catalog);
/** Keeps the items that did not pass at their place; warns of remembered cases that are not among
 * them. */
size_t last_choose(const struct last *last, struct run_item *items, size_t count);
/** Adds a failed case of this run. `file`: its scenario's, if it was named by file, else NULL. */
void last_add(struct last *last, const struct run_item *item, const char *file);
/** Remembers the cases of this run that did not pass. -1 if there are some and they cannot be
 * written. */
int last_save(struct last *last, const char *cache, const struct options *options,
              const struct run_item *items, size_t count, struct err *err);
void last_release(struct last *last);

#endif
