// SPDX-License-Identifier: Apache-2.0
// moment.h - when in an application's life an outcome shows, and how long it is waited for
#ifndef GONEAWAY_EXPLAIN_MOMENT_H
#define GONEAWAY_EXPLAIN_MOMENT_H

#include "plan/plan.h"

/** In which call. */
enum moment {
    MOMENT_CONNECTING, ///< it opens the connection
    MOMENT_RUNNING,    ///< it was under way when something happened
    MOMENT_NEXT,       ///< the first one after something happened
    MOMENT_ITSELF,     ///< nothing happened but the call
    MOMENT_LATER,      ///< an earlier one had failed already
    MOMENTS,
};
/** "connecting", "running" .. */
extern const char *const moment_names[MOMENTS];
/** What each means, for people. */
extern const char *const moment_docs[MOMENTS];

/** Of a judged step, where this row of outcomes holds. `index`: into the plan's steps. */
enum moment moment_of(const struct plan_case *plan, const struct plan_row *row, size_t index);
/** The timeout that the step's outcome waits for, by the name of its option or variable; "a wait"
 * if it has none; NULL: it comes at once. */
const char *moment_wait(const struct plan_case *plan, size_t index, const struct expectation *cell);

#endif
