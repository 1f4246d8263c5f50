// SPDX-License-Identifier: Apache-2.0
// write.h - writes a scenario from a case on one line and what was seen
#ifndef GONEAWAY_TRY_WRITE_H
#define GONEAWAY_TRY_WRITE_H

#include "run/items.h"
#include "try/plan.h"
#include "verdict/verdict.h"

/** What was seen in the cases. All zero: nothing. */
struct try_seen {
    size_t count;
    struct try_sight {
        const struct run_item *item;
        struct record *record;
        char *violates; ///< how the promise was violated; NULL: it was not
    } * items;
};

/** Adds what was seen in a case, unless it proves nothing. */
void try_seen_add(struct try_seen *seen, const struct run_item *item, const struct record *record,
                  const struct verdict *verdict);
void try_seen_release(struct try_seen *seen);

/** Refuses a file that exists, or cannot be created. */
int try_write_check(const char *path, struct err *err);
/** Writes the scenario, after reading its text back: the result passes `check`. */
int try_write(const char *path, const struct try_plan *plan, const struct try_seen *seen,
              struct err *err);

/** A title of at most about 400 bytes, to be freed. `set_up`: for each part, whether it is not
 * judged. */
char *try_title(const struct try_plan *plan, const struct try_seen *seen, const bool *set_up);

#endif
