// SPDX-License-Identifier: Apache-2.0
// promise.c - whether a connector has kept the promise of a case
//
// A promise knows no codes: a client keeps it if it reports to the application that something is
// lost when it is, and reports no loss when there is none. verdict.c turns a violation into
// `unsound`, `hang` or `crash`.
#include "verdict/promise.h"

#include "plan/kind.h"
#include "verdict/foreign.h"

#include <stdlib.h>
#include <string.h>

const char *const promise_state_names[PROMISE_STATES] = {
    [PROMISE_NONE] = "-", [PROMISE_KEPT] = "kept", [PROMISE_VIOLATED] = "violated"};

static const char *known(const char *text) {
    return text ? text : "";
}

// Whether this step forked the actor.
static bool is_birth(const struct plan_case *plan, const struct record_step *step,
                     const char *actor) {
    const struct app_verb *verb = app_verb_named(known(step->verb));
    const struct plan_step *fork = plan_find_step(plan, step->number);
    return verb && verb->child && fork && fork->act.verb == &verb->word &&
           strcmp(verb->child(&fork->act), actor) == 0;
}

// The session that a step may have lost: that of its app's latest connect, or of its parent's
// before the fork. NULL: unknown. (A step's previous session is that of the call before, which may
// have been a new one already.)
static const struct record_step *find_connect(const struct plan_case *plan,
                                              const struct record *record, size_t index) {
    const struct record_step *step = &record->steps[index];
    const char *actor = known(step->actor);
    while (index-- > 0) {
        const struct record_step *one = &record->steps[index];
        const struct app_verb *verb = app_verb_named(known(one->verb));
        if (strcmp(known(one->actor), actor) == 0 && verb && verb->connects)
            return one->thread >= 0 && step->thread >= 0 ? one : NULL;
        if (is_birth(plan, one, actor))
            actor = known(one->actor);
    }
    return NULL;
}

static bool is_same_session(const struct record_step *connect, const struct record_step *step) {
    return step->thread == connect->thread && step->start == connect->start;
}

// Whether a pool made the session after whatever happened: it began when it was taken out, and
// since then there were only the app's own calls.
static bool is_made_since(const struct record *record, const struct record_step *connect,
                          const struct record_step *step) {
    if (strcmp(known(connect->verb), "acquire") != 0)
        return false;
    for (const struct record_step *one = record->steps; one < connect; one++)
        if (is_same_session(connect, one))
            return false;
    for (const struct record_step *one = connect + 1; one < step; one++)
        if (!app_verb_named(known(one->verb)))
            return false;
    return true;
}

// Adds the session, if known, to the reason why success was wrong.
static char *tell_lie(const struct promise *promise, const struct record_step *connect,
                      const struct record_step *step) {
    const char *where = !connect                         ? ""
                        : is_same_session(connect, step) ? " in the same session"
                                                         : " in a new session";
    return promise->because
               ? xprintf("`%s` succeeded%s although %s", step->id, where, promise->because)
               : xprintf("`%s` succeeded%s, where any correct client fails", step->id, where);
}

static char *tell_failure(const struct record_step *step) {
    cleanup_free char *seen = differs_seen(step);
    return xprintf("`%s` ended as %s, and any correct client succeeds there", step->id, seen);
}

static char *tell_success(const struct promise *promise, const struct record *record,
                          const struct record_step *connect, const struct record_step *step,
                          struct judging *judging) {
    if (promise->word == PROMISE_ERROR) {
        cleanup_free char *other =
            promise->unless ? differs_in_detail(promise->unless, step, judging) : NULL;
        return promise->unless && !other ? NULL : tell_lie(promise, connect, step);
    }
    if (promise->word != PROMISE_ERROR_OR_NEW || !connect || !is_same_session(connect, step) ||
        is_made_since(record, connect, step))
        return NULL;
    if (strcmp(known(connect->actor), known(step->actor)) != 0)
        return xprintf("`%s` succeeded in the session of its parent, `%s`", step->id,
                       connect->actor);
    return xprintf("`%s` succeeded in a session that is gone", step->id);
}

// One of the outcomes must have come, with everything that it demands.
static char *tell_other(const struct promise *promise, const struct record_step *step,
                        struct judging *judging) {
    char *why = NULL;
    for (const struct expectation *one = promise->exact; one; one = one->or_else) {
        free(why);
        why = differs_in_kind(one, step);
        if (!why)
            why = differs_in_detail(one, step, judging);
        if (!why)
            return NULL;
    }
    char *told = xprintf("`%s` is not what any correct client shows: %s", step->id, why);
    free(why);
    return told;
}

// A sentence, to be freed; NULL: the step kept its promise.
static char *judge_step(const struct plan_case *plan, const struct promise *promise,
                        const struct record *record, size_t index, struct judging *judging) {
    const struct record_step *step = &record->steps[index];
    if (promise->exact)
        return tell_other(promise, step, judging);
    switch (step->outcome) {
    case OUTCOME_UNSUPPORTED:
        return NULL;
    case OUTCOME_OK:
        return tell_success(promise, record, find_connect(plan, record, index), step, judging);
    case OUTCOME_HANG:
        return promise->word == PROMISE_UNBOUNDED
                   ? NULL
                   : xprintf("`%s` hung, although something bounds the call", step->id);
    case OUTCOME_CRASH:
        return xprintf("the app died in `%s`", step->id);
    default:
        return promise->word == PROMISE_OK ? tell_failure(step) : NULL;
    }
}

const struct promise *promise_of_step(const struct plan_case *plan, const struct record *record,
                                      size_t index) {
    struct place place = record_place(record);
    return plan_find_promise(plan, &place, record->steps[index].id);
}

char *promise_violation(const struct plan_case *plan, const struct record *record, size_t index,
                        struct judging *judging) {
    const struct promise *promise = promise_of_step(plan, record, index);
    if (record_follows_hang(record, index))
        return NULL;
    char *why = promise ? judge_step(plan, promise, record, index, judging) : NULL;
    return why || (promise && promise->exact) ? why : foreign_rows(plan, &record->steps[index]);
}

enum promise_state promise_judge(const struct plan_case *plan, const struct record *record,
                                 struct judging *judging, int *ret_step, char **ret_why) {
    enum promise_state state = PROMISE_NONE;
    *ret_step = -1;
    *ret_why = NULL;
    for (size_t i = 0; i < record->step_count && state != PROMISE_VIOLATED; i++) {
        const struct promise *promise = promise_of_step(plan, record, i);
        if (record_follows_hang(record, i))
            continue;
        *ret_why = promise_violation(plan, record, i, judging);
        *ret_step = *ret_why ? (int)i : -1;
        state = *ret_why ? PROMISE_VIOLATED : promise ? PROMISE_KEPT : state;
    }
    return state;
}
