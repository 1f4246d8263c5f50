// SPDX-License-Identifier: Apache-2.0
// step_refusal.h - what is said of a step or an outcome that is put together wrongly
#ifndef GONEAWAY_PLAN_STEP_REFUSAL_H
#define GONEAWAY_PLAN_STEP_REFUSAL_H

#include "plan/plan.h"

/** Refuses a key that no step has; `actors`: the apps, terminated by NULL. Returns -1. */
int refuse_step(const struct node *key, const struct node *value, const char *const *actors,
                struct arena *arena, struct err *err);
/** Refuses an app that is not there; `actors` as above. Returns -1. */
int refuse_actor(const struct node *at, const char *name, const char *const *actors,
                 struct err *err);
/** Refuses the name of an app where sessions have connection ids. Returns -1. */
int refuse_session(const struct node *at, const char *name, struct err *err);
/** Refuses the id of a step that makes no call; `key` says what the step does. Returns -1. */
int refuse_id(const struct node *id, const struct node *key, struct err *err);
/** Refuses an id beside a fault (`value`) where the fault's name was meant. Returns -1. */
int refuse_id_of_fault(const struct node *id, const struct node *value, struct err *err);
/** Refuses a verb that acts on the call in flight (`call`: its name, or NULL) if there is none, or
 * if it is in the background itself. Returns 0 if neither. */
int refuse_beside(const struct plan_step *step, const char *call, struct err *err);
/** Refuses a list where a single outcome is required. Returns -1. */
int refuse_outcomes(const struct node *list, struct err *err);

#endif
