// SPDX-License-Identifier: Apache-2.0
// values.h - the settings of a step in a line, as far as their effect is known
#ifndef GONEAWAY_TRY_VALUES_H
#define GONEAWAY_TRY_VALUES_H

#include "plan/plan.h"

/** The value of wait_timeout among variables or options (or NULL), in milliseconds; 0: not set. */
int64_t try_timeout_in(const struct dict *values);
/** Whether anything is set besides wait_timeout, whose effect is known. */
bool try_sets_more(const struct dict *values);
/** Whether a step connects without anything that may keep the app out. */
bool try_connects_plainly(const struct plan_step *step);

#endif
