// SPDX-License-Identifier: Apache-2.0
// retries.h - runs cases again that were not as expected (--retries)
//
// They run again once all others have ended, each on a fresh server. A case is reported only after
// its last attempt, with all of them, so that one that finally passes is flaky, and one that showed
// different codes unstable.
#ifndef GONEAWAY_BATCH_RETRIES_H
#define GONEAWAY_BATCH_RETRIES_H

#include "report/report.h"
#include "run/items.h"

struct retry;
struct retries {
    int most; ///< most attempts of a case beyond the first; filled in by the caller
    size_t count;
    struct retry *items;
};

/** Keeps a result back if its case is to run again; false if no attempts are left. */
bool retries_keep(struct retries *retries, const struct run_item *item,
                  const struct report_case *result);
/** Adds the earlier attempts to a case's last result. What it points to stays until
 * retries_release(). */
void retries_end(struct retries *retries, const struct run_item *item, struct report_case *result);
/** The cases that are to run again now, to be freed, and how many. */
struct run_item *retries_list(const struct retries *retries, size_t *ret_count);
/** Hands out the records of cases that were to run again when the run was stopped: one per call,
 * with its item; NULL: no more. The caller owns the record. */
struct record *retries_give_up(struct retries *retries, const struct run_item **ret_item);
void retries_release(struct retries *retries);

#endif
