// SPDX-License-Identifier: Apache-2.0
// moment.c - when in an application's life an outcome shows, and how long that takes
//
// Both follow from the steps: what is between a call and the one before it, and which timeout of
// the case matches the outcome's minimum duration (`within: {min: ..}`).
#include "explain/moment.h"

#include "base/text.h"
#include "plan/kind.h"

#include <string.h>

const char *const moment_names[MOMENTS] = {
    [MOMENT_CONNECTING] = "connecting", [MOMENT_RUNNING] = "running", [MOMENT_NEXT] = "next call",
    [MOMENT_ITSELF] = "itself",         [MOMENT_LATER] = "later",
};
const char *const moment_docs[MOMENTS] = {
    [MOMENT_CONNECTING] = "in the call that connects",
    [MOMENT_RUNNING] = "in a statement or result that was under way when it happened",
    [MOMENT_NEXT] = "in the first call after it happened",
    [MOMENT_ITSELF] = "in the very call that causes it",
    [MOMENT_LATER] = "in calls after one that had failed",
};

// The step that started the call which a step judges; for an await, an earlier one.
static size_t begin_of(const struct plan_case *plan, size_t index) {
    if (plan->steps[index].kind != STEP_AWAIT)
        return index;
    for (size_t i = index; i-- > 0;)
        if (plan->steps[i].as && strcmp(plan->steps[i].as, plan->steps[index].name) == 0)
            return i;
    return index;
}

static const char *actor_of(const struct plan_case *plan, size_t index) {
    const char *actor = plan->steps[begin_of(plan, index)].actor;
    return actor ? actor : "";
}

// Whether a step makes something happen, other than the app's own calls. A state that is damage by
// itself counts.
static bool is_event(const struct plan_step *step) {
    if (step->kind == STEP_UNTIL) {
        const struct state_kind *kind = state_kind_of(step);
        return !step->skipped && kind->is_damage && kind->is_damage(&step->act);
    }
    return step->kind != STEP_LIFT && step->kind != STEP_AWAIT;
}

// Whether an app hears from the server in a step; not if it closes, or returns to a pool.
static bool is_heard(const struct plan_step *step) {
    return step->kind != STEP_APP || app_verb_of(step)->reaches_server;
}

static bool has_failed(const struct plan_row *row, const struct plan_step *step) {
    const struct expectation *cell = step->id ? plan_find_expectation(row, step->id) : NULL;
    return cell && cell->kind != OUTCOME_OK;
}

// What the app's previous call, and what came between, make of it.
static enum moment moment_after(const struct plan_case *plan, const struct plan_row *row,
                                size_t begin) {
    bool happened = false;
    for (size_t i = begin; i-- > 0;) {
        const struct plan_step *step = &plan->steps[i];
        bool own = strcmp(actor_of(plan, i), actor_of(plan, begin)) == 0;
        if (own && step->kind != STEP_AWAIT && step->as)
            continue; // its end was already seen: it comes later
        if (own && !is_heard(step) && !has_failed(row, step))
            continue;
        if (own)
            return has_failed(row, step) ? MOMENT_LATER : happened ? MOMENT_NEXT : MOMENT_ITSELF;
        happened |= is_event(step);
    }
    return happened ? MOMENT_NEXT : MOMENT_ITSELF;
}

enum moment moment_of(const struct plan_case *plan, const struct plan_row *row, size_t index) {
    size_t begin = begin_of(plan, index);
    const struct plan_step *step = &plan->steps[begin];
    const struct app_verb *verb = step->kind == STEP_APP ? app_verb_of(step) : NULL;
    if (verb && verb->connects)
        return MOMENT_CONNECTING;
    for (size_t i = begin + 1; i < index; i++)
        if (is_event(&plan->steps[i]))
            return MOMENT_RUNNING;
    enum moment moment = moment_after(plan, row, begin);
    // a verb that sends nothing continues with an earlier statement
    bool goes_on = verb && !verb->reaches_server && moment != MOMENT_LATER;
    return goes_on ? MOMENT_RUNNING : moment;
}

// ---- how long ----------------------------------------------------------------------------------

/** The state of searching for a timeout of the case. */
struct search {
    const struct bounds *within;
    const char *exact, *near; // names of timeouts
};

static void try_timeout(struct search *search, const char *name, int64_t ms) {
    const struct bounds *within = search->within;
    if (ms <= 0)
        return;
    if (!search->exact && ms == within->min_ms)
        search->exact = name;
    if (!search->near && ms > within->min_ms && (within->max_ms < 0 || ms <= within->max_ms))
        search->near = name;
}

// The server's variables are in seconds, except for one in milliseconds.
static void try_variables(struct search *search, const struct dict *variables) {
    for (size_t i = 0; i < variables->count; i++) {
        const struct node *value = ((const struct node **)variables->items)[i];
        if (value->kind != NODE_SCALAR || !strstr(variables->keys[i], "time"))
            continue;
        bool is_ms = strcmp(variables->keys[i], "max_execution_time") == 0;
        try_timeout(search, variables->keys[i],
                    (int64_t)(strtod(value->text, NULL) * (is_ms ? 1 : 1000)));
    }
}

static void try_connect(struct search *search, const struct connect_args *args, bool connecting) {
    if (connecting)
        try_timeout(search, "connect_timeout", args->connect_timeout_ms);
    try_timeout(search, "read_timeout", args->read_timeout_ms);
    try_timeout(search, "write_timeout", args->write_timeout_ms);
    try_variables(search, &args->session);
}

static void try_step(struct search *search, const struct plan_step *step, bool connecting) {
    if (step->kind == STEP_APP && app_verb_of(step)->addressed && step->act.args)
        try_connect(search, step->act.args, connecting);
    if (step->kind == STEP_ADMIN && step->act.verb->id == ADMIN_SET_GLOBAL)
        try_variables(search, step->act.args);
}

const char *moment_wait(const struct plan_case *plan, size_t index,
                        const struct expectation *cell) {
    enum { AT_ONCE_MS = 200 };
    struct search search = {.within = &cell->within};
    if (cell->within.min_ms < AT_ONCE_MS)
        return NULL;
    size_t begin = begin_of(plan, index);
    for (size_t i = 0; i <= begin; i++)
        try_step(&search, &plan->steps[i], i == begin);
    if (plan->server)
        try_variables(&search, &plan->server->options);
    return search.exact ? search.exact : search.near ? search.near : "a wait";
}
