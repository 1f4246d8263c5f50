// SPDX-License-Identifier: Apache-2.0
// foreign.h - whether the rows that a step showed are those of its own statement
#ifndef GONEAWAY_VERDICT_FOREIGN_H
#define GONEAWAY_VERDICT_FOREIGN_H

#include "record/record.h"

/** A sentence, to be freed, if a statement that selects nothing but literals, such as SELECT 1,
 * succeeded with other rows; NULL: it did not, or its rows do not follow from the statement. */
char *foreign_rows(const struct plan_case *plan, const struct record_step *step);
/** The same of a judged step, where the row of outcomes says nothing of its rows; a row that
 * violates the promise may mean just that. */
char *foreign_rows_of(const struct plan_case *plan, const struct plan_row *row,
                      const struct record_step *step);

#endif
