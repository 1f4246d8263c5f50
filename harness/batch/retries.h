// SPDX-License-Identifier: Apache-2.0
// retries.h - cases that were not as expected and run again, see --retries
//
// They run again when all others have ended, each on a server that nobody had before. Until its
// last attempt a case is not reported; then all attempts are, so that a case that passes at last is
// told as flaky, and one that showed different codes as unstable.
#ifndef GONEAWAY_BATCH_RETRIES_H
#define GONEAWAY_BATCH_RETRIES_H

#include "report/report.h"
#include "run/items.h"

struct retry;
struct retries {
    int most; ///< attempts of a case beyond the first; filled in by the caller
    size_t count;
    struct retry *items;
};

/** Keeps a result that is not to be reported yet, since its case runs again; false if it has had
 * its attempts. */
bool retries_keep(struct retries *retries, const struct run_item *item,
                  const struct report_case *result);
/** Says in a case's last result what the attempts before it were. What it points to stays until
 * retries_release(). */
void retries_end(struct retries *retries, const struct run_item *item, struct report_case *result);
/** The cases that are to run again now, to be freed, and how many. */
struct run_item *retries_list(const struct retries *retries, size_t *ret_count);
/** Hands out the records of cases that were to run again and have not, since the run was stopped:
 * of one at each call, with its item; NULL: no more. The record is the caller's. */
struct record *retries_give_up(struct retries *retries, const struct run_item **ret_item);
void retries_release(struct retries *retries);

#endif
