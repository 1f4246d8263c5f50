// SPDX-License-Identifier: Apache-2.0
// moment.h - when in an application's life an outcome shows, and how long that takes
#ifndef GONEAWAY_EXPLAIN_MOMENT_H
#define GONEAWAY_EXPLAIN_MOMENT_H

#include "plan/plan.h"

/** Which call shows it. */
enum moment {
    MOMENT_CONNECTING, ///< it opens the connection
    MOMENT_RUNNING,    ///< it was under way when something happened
    MOMENT_NEXT,       ///< the first call after something happened
    MOMENT_ITSELF,     ///< nothing happened except the call
    MOMENT_LATER,      ///< an earlier call had failed already
    MOMENTS,
};
/** "connecting", "running" .. */
extern const char *const moment_names[MOMENTS];
/** What each means, for people. */
extern const char *const moment_docs[MOMENTS];

/** The moment of a judged step where this row of outcomes applies. `index`: into the plan's
 * steps. */
enum moment moment_of(const struct plan_case *plan, const struct plan_row *row, size_t index);
/** The timeout that the step's outcome waits for, by the name of its option or variable; "a wait"
 * if it has none; NULL if the outcome comes at once. */
const char *moment_wait(const struct plan_case *plan, size_t index, const struct expectation *cell);

#endif
