// SPDX-License-Identifier: Apache-2.0
// outside.h - a case whose steps are not in a file: they come from outside, while it runs
//
// It has no apps. Whoever acts in it is not ours, and is known by sessions of the server, which
// steps name by their connection ids: `kill: 12`. A step is read by the tables and checks of any
// scenario, after those that came before.
#ifndef GONEAWAY_PLAN_OUTSIDE_H
#define GONEAWAY_PLAN_OUTSIDE_H

#include "plan/plan.h"

/** How many steps a case has room for, and how many sessions they may name. */
enum { OUTSIDE_STEPS = 1000, OUTSIDE_SESSIONS = 500 };

/** A scenario with one case without steps. */
struct scenario *outside_open(enum transport transport);
/** Adds a step, `KEY: DATA`, with the data as YAML or JSON. `deadline` in a state belongs to the
 * step. Usage errors read "KEY:line:column: ..". NULL on error. */
const struct plan_step *outside_add(struct scenario *scenario, const char *key, const char *data,
                                    size_t length, struct err *err);
/** Takes back the last step. */
void outside_drop(struct scenario *scenario);

/** Whether a name is a connection id. */
bool outside_names_session(const char *name);
/** A name that no fault of the case has: the kind's, or `kill-2`. */
const char *outside_name_fault(const struct plan_case *plan, const char *kind);

#endif
