// SPDX-License-Identifier: Apache-2.0
// last_failed.h - what did not pass in the last run, for --last-failed
//
// It is kept in CACHE/last-run.json. Each run replaces it as a whole, so that of two at once the
// later one is remembered. What a run meant to try and did not come to stays; so does, with
// --last-failed, what its other options left out.
#ifndef GONEAWAY_BATCH_LAST_FAILED_H
#define GONEAWAY_BATCH_LAST_FAILED_H

#include "catalog/catalog.h"
#include "cli/options.h"
#include "run/items.h"

/** All zero at first. */
struct last {
    json_t *known;    ///< of the run before: a list of cases; NULL: of none is anything known
    json_t *failed;   ///< of this run
    char **arguments; ///< see last_arguments()
};

/** Reads what is known. That there is nothing is no error. */
int last_read(struct last *last, const char *cache, struct err *err);
/** The arguments that name the scenarios of the last run's cases, ended by NULL. */
char **last_arguments(struct last *last);
/** Leaves of the choice only what did not pass. */
void last_narrow(const struct last *last, struct catalog *catalog);
/** Leaves of items those that did not pass at their place; warns of what is not among them. */
size_t last_choose(const struct last *last, struct run_item *items, size_t count);
/** A case of this run has failed. `file`: its scenario's, if it was named by that, else NULL. */
void last_add(struct last *last, const struct run_item *item, const char *file);
/** Remembers this run's cases that did not pass. -1: there are some, and they cannot be written. */
int last_save(struct last *last, const char *cache, const struct options *options,
              const struct run_item *items, size_t count, struct err *err);
void last_release(struct last *last);

#endif
