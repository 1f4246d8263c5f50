// SPDX-License-Identifier: Apache-2.0
// kind.c - finds the kinds of a case's faults, states and verbs
#include "plan/kind.h"

#include <string.h>

const struct fault_kind *fault_kind_of(const struct plan_step *step) {
    return (const struct fault_kind *)step->act.verb; // a verb is the first member of its kind
}

const struct state_kind *state_kind_of(const struct plan_step *step) {
    return (const struct state_kind *)step->act.verb; // likewise
}

const struct app_verb *app_verb_of(const struct plan_step *step) {
    return (const struct app_verb *)step->act.verb;
}

const struct app_verb *app_verb_named(const char *name) {
    return (const struct app_verb *)table_find_verb(app_verbs, name);
}

const struct server_verb *server_verb_of(const struct plan_step *step) {
    return (const struct server_verb *)step->act.verb;
}

const char *kind_app_or_server(const char *name) {
    return strcmp(name, "server") == 0 ? NULL : name;
}

static bool is_lifted(const struct plan_case *plan, const struct plan_step *fault) {
    for (const struct plan_step *step = fault + 1; step < plan->steps + plan->step_count; step++)
        if (step->kind == STEP_LIFT && strcmp(step->name, fault->name) == 0)
            return true;
    return false;
}

const struct plan_step *plan_next_in_force(const struct plan_case *plan,
                                           const struct fault_kind *kind,
                                           const struct plan_step *after) {
    const struct plan_step *step = after ? after + 1 : plan->steps;
    for (; step < plan->steps + plan->step_count; step++)
        if (step->kind == STEP_FAULT && fault_kind_of(step) == kind && !is_lifted(plan, step))
            return step;
    return NULL;
}
