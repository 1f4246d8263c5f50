// SPDX-License-Identifier: Apache-2.0
// deadlines.c - warns of deadlines that end before the client's own timeouts
#include "plan/kind.h"
#include "plan/parts.h"

#include <string.h>

// The read timeout of the app's latest connect before a step; 0: none.
static int64_t timeout_before(const struct plan_case *plan, size_t step) {
    const char *actor = plan->steps[step].actor;
    while (step-- > 0) {
        const struct plan_step *one = &plan->steps[step];
        if (one->kind != STEP_APP || strcmp(one->actor, actor) != 0)
            continue;
        if (app_verb_of(one)->addressed)
            return ((const struct connect_args *)one->act.args)->read_timeout_ms;
    }
    return 0;
}

static bool may_wait(const struct plan_step *step) {
    if (step->kind == STEP_AWAIT)
        return true;
    return step->kind == STEP_APP && !step->as && !app_verb_of(step)->addressed &&
           app_verb_of(step)->reaches_server;
}

// A row that expects a hang relies on the deadline.
static bool hangs_somewhere(const struct plan_case *plan, const char *id) {
    for (size_t i = 0; i < plan->row_count; i++) {
        const struct expectation *one = plan_find_expectation(&plan->rows[i], id);
        for (; one; one = one->or_else)
            if (one->kind == OUTCOME_HANG)
                return true;
    }
    return false;
}

void deadlines_warn(const struct plan_case *plan) {
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        int64_t timeout_ms = step->id && may_wait(step) ? timeout_before(plan, i) : 0;
        if (timeout_ms < step->deadline_ms || timeout_ms <= 0 || hangs_somewhere(plan, step->id))
            continue;
        scenario_warn(
            plan->scenario, step->node,
            "the step's deadline of %gs does not outlast the app's read timeout of %gs: a call "
            "without an answer will be a hang; write a longer `deadline`",
            (double)step->deadline_ms / 1000, (double)timeout_ms / 1000);
    }
}
