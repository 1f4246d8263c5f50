// SPDX-License-Identifier: Apache-2.0
// tale.h - a step of a scenario as a sentence
#ifndef GONEAWAY_EXPLAIN_TALE_H
#define GONEAWAY_EXPLAIN_TALE_H

#include "plan/kind.h"

/** "The app runs `SELECT 1`.", to be freed. Long values are cut short. */
char *tale_of_step(const struct plan_step *step);
/** "2013 (SQLSTATE HY000, after 2 s to 3 s) or 2006", to be freed: everything that a cell
 * demands. */
char *tale_of_cell(const struct expectation *cell);
/** How a case sets up the server, the wire and the hosts, as a sentence to be freed; NULL: nothing
 * special. */
char *tale_of_settings(const struct plan_case *plan);
/** Inserts arguments into a kind's tale (see kind.h). `args`: NULL if there are none; `type`: their
 * type, or NULL. */
void tale_render(struct text *out, const char *tale, const struct node *args,
                 const struct type *type);

#endif
