// SPDX-License-Identifier: Apache-2.0
// parts.h - the parts of a case: steps, outcomes, and checks that need more than one table
#ifndef GONEAWAY_PLAN_PARTS_H
#define GONEAWAY_PLAN_PARTS_H

#include "plan/plan.h"

#include "base/file.h"

/** Builds the steps of a case and resolves every name in them. */
int steps_build(struct plan_case *plan, const struct node *steps, struct arena *arena,
                struct err *err);
/** Builds the outcome rows that fit the case's variant and transport. `root` is the whole file. */
int outcomes_build(struct plan_case *plan, const struct node *outcomes, const struct node *root,
                   struct arena *arena, struct err *err);
/** Decodes a fault's `fires`. */
int fires_decode(const struct node *node, const struct plan_case *plan, struct fires *ret,
                 struct err *err);
/** Whether the scenario has a variant of this name. */
bool variant_exists(const struct node *root, const char *name);

/** Refuses server options that belong to the harness. */
int check_options(const struct plan_case *plan, struct err *err);
/** Refuses what the case's transport cannot have. */
int check_wire(const struct plan_case *plan, struct err *err);
/** Refuses app names that mean something else. */
int check_apps(const struct scenario *scenario, const struct node *node, struct err *err);
/** Whether a text is made of letters, digits, - and _ only. */
bool condition_is_name(const char *text);

#endif
