// SPDX-License-Identifier: Apache-2.0
// promise.h - whether a connector has kept the promise of a case
#ifndef GONEAWAY_VERDICT_PROMISE_H
#define GONEAWAY_VERDICT_PROMISE_H

#include "verdict/differs.h"

enum promise_state {
    PROMISE_NONE,     ///< nothing was promised
    PROMISE_KEPT,     ///< as far as was seen
    PROMISE_VIOLATED, ///< by at least one step
    PROMISE_STATES,
};
/** "-", "kept", "violated", as in the json report. */
extern const char *const promise_state_names[PROMISE_STATES];

/** Checks each step of a record against what was promised for it. For a violation, `ret_step` gets
 * the index of the first such step, and `ret_why` a sentence, to be freed; else -1 and NULL. */
enum promise_state promise_judge(const struct plan_case *plan, const struct record *record,
                                 struct judging *judging, int *ret_step, char **ret_why);

/** What was promised for a recorded step; NULL: nothing. */
const struct promise *promise_of_step(const struct plan_case *plan, const struct record *record,
                                      size_t index);
/** How a recorded step violates its promise, or shows rows that are not its own, to be freed; NULL:
 * neither. */
char *promise_violation(const struct plan_case *plan, const struct record *record, size_t index,
                        struct judging *judging);

#endif
