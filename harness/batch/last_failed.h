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
struct last_failed {
    json_t *known;    ///< the run before: a list of cases; NULL: nothing is known
    json_t *failed;   ///< this run
    char **arguments; ///< that name the scenarios of `known`
};

/** Selects the cases that did not pass in the last run, of those that the arguments name. 0: there
 * is none, which has been said on standard error; else 1. */
int last_failed_select(struct last_failed *last, struct catalog *catalog, const char *home,
                       const char *cache, const struct options *options, struct err *err);
/** Keeps the items that did not pass at their place; warns of remembered cases that are not among
 * them. */
size_t last_failed_choose(const struct last_failed *last, struct run_item *items, size_t count);
/** Adds a failed case of this run. `file`: its scenario's, if it was named by file, else NULL. */
void last_failed_add(struct last_failed *last, const struct run_item *item, const char *file);
/** Remembers the cases of this run that did not pass. -1 if there are some and they cannot be
 * written. */
int last_failed_save(struct last_failed *last, const char *cache, const struct options *options,
                     const struct run_item *items, size_t count, struct err *err);
void last_failed_release(struct last_failed *last);

#endif
