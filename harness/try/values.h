// SPDX-License-Identifier: Apache-2.0
// values.h - what a step of a line sets, as far as is known what that does
#ifndef GONEAWAY_TRY_VALUES_H
#define GONEAWAY_TRY_VALUES_H

#include "plan/plan.h"

/** The value of wait_timeout among variables or options (or NULL), in milliseconds; 0: it is not
 * there. */
int64_t try_timeout_in(const struct dict *values);
/** Whether more is set than that one, of which is known what it does. */
bool try_sets_more(const struct dict *values);
/** Whether nothing about a step that connects may keep the app out. */
bool try_connects_plainly(const struct plan_step *step);

#endif
