// SPDX-License-Identifier: Apache-2.0
// references.c - checks what steps and rows refer to: faults, what is in the wire, ids
#include "plan/parts.h"
#include "yaml/mistakes.h"

#include <string.h>

static bool is_armed(const struct plan_case *plan, const char *id) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kind == STEP_FAULT && strcmp(plan->steps[i].name, id) == 0)
            return true;
    return false;
}

static bool is_nat(const struct plan_case *plan, const char *id) {
    return plan->nat_id && strcmp(plan->nat_id, id) == 0;
}

bool fault_exists(const struct plan_case *plan, const char *id) {
    return is_armed(plan, id) || is_nat(plan, id);
}

int check_fault(const struct plan_case *plan, const struct node *at, const char *id,
                struct err *err) {
    if (is_armed(plan, id))
        return 0;
    cleanup_text struct text known = {0};
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kind == STEP_FAULT)
            text_printf(&known, "%s%s", known.length ? ", " : "; choose from ",
                        plan->steps[i].name);
    node_error(at, err, "there is no fault '%s' before this step%s", id, text_get(&known));
    mistakes_misses(at, "fault");
    return mistakes_misses(at, id);
}

int check_fault_or_nat(const struct plan_case *plan, const struct node *at, const char *id,
                       struct err *err) {
    if (is_nat(plan, id) || check_fault(plan, at, id, err) == 0)
        return 0;
    return mistakes_misses(at, "wire");
}

int check_proxy(const struct plan_case *plan, const struct node *node, struct err *err) {
    if (plan->wire && plan->wire->proxy)
        return 0;
    node_error(node, err, "there is no proxy here; the scenario needs `wire: {proxy: haproxy}`");
    return mistakes_misses(node, "wire");
}

// Whether any step of the file, in any variant, has this id.
static bool step_id_exists(const struct scenario *scenario, const char *id) {
    return scenario->step_ids &&
           bsearch(&id, scenario->step_ids, scenario->step_id_count, sizeof(char *), text_order);
}

int check_step_id(const struct scenario *scenario, const struct node *key, struct err *err) {
    // if there is no list of steps, that is the mistake
    if (!scenario->step_ids || step_id_exists(scenario, key->text))
        return 0;
    node_error(key, err, "no step has the id '%s'", key->text);
    return mistakes_misses(key, key->text);
}

bool plan_step_is(const struct plan_step *step, const char *name) {
    cleanup_free char *number = xprintf("%d", step->number);
    return strcmp(name, number) == 0 || (step->id && strcmp(name, step->id) == 0) ||
           (step->kind == STEP_FAULT && strcmp(name, step->name) == 0);
}
