// SPDX-License-Identifier: Apache-2.0
// write.h - a scenario made of a case on one line and of what was seen
#ifndef GONEAWAY_TRY_WRITE_H
#define GONEAWAY_TRY_WRITE_H

#include "run/items.h"
#include "try/plan.h"
#include "verdict/verdict.h"

/** What was seen of the cases. All zero: nothing. */
struct try_seen {
    size_t count;
    struct try_sight {
        const struct run_item *item;
        struct record *record;
        char *violates; ///< how the promise was violated; NULL: it was not
    } * items;
};

/** Keeps what was seen of a case, unless it proves nothing. */
void try_seen_add(struct try_seen *seen, const struct run_item *item, const struct record *record,
                  const struct verdict *verdict);
void try_seen_release(struct try_seen *seen);

/** Refuses a file that is there, or cannot be made. */
int try_write_check(const char *path, struct err *err);
/** Writes the scenario, which is read again before: what it becomes passes `check`. */
int try_write(const char *path, const struct try_plan *plan, const struct try_seen *seen,
              struct err *err);

/** A title of at most some 400 bytes, to be freed. `set_up`: for each part, whether it is not
 * judged.
 */
char *try_title(const struct try_plan *plan, const struct try_seen *seen, const bool *set_up);

#endif
