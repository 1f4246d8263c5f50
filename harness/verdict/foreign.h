// SPDX-License-Identifier: Apache-2.0
// foreign.h - whether a step's rows belong to its own statement
#ifndef GONEAWAY_VERDICT_FOREIGN_H
#define GONEAWAY_VERDICT_FOREIGN_H

#include "record/record.h"

/** A sentence, to be freed, if a statement that selects only literals, such as SELECT 1, succeeded
 * with other rows; NULL if it did not, or its rows cannot be known. */
char *foreign_rows(const struct plan_case *plan, const struct record_step *step);
/** The same for a judged step, unless the row of outcomes specifies its rows; a row that violates
 * the promise may mean just that. */
char *foreign_rows_of(const struct plan_case *plan, const struct plan_row *row,
                      const struct record_step *step);

#endif
