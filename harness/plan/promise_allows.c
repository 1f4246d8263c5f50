// SPDX-License-Identifier: Apache-2.0
// promise_allows.c - whether an outcome, or a row of them, keeps the promise
#include "plan/plan.h"

#include <string.h>

// The number of rows; -1: unspecified.
static int64_t count_rows(const struct node *rows) {
    if (rows && rows->kind == NODE_LIST)
        return (int64_t)rows->count;
    return rows && rows->kind == NODE_SCALAR ? atoll(rows->text) : -1;
}

static bool is_same(const struct node *one, const struct node *other) {
    if (one->kind == NODE_SCALAR || other->kind == NODE_SCALAR)
        return one->kind == other->kind && strcmp(one->text, other->text) == 0;
    bool same = one->kind == other->kind && one->count == other->count;
    for (size_t i = 0; same && i < one->count; i++)
        same = is_same(one->items[i], other->items[i]);
    return same;
}

static bool is_unless(const struct promise *promise, const struct expectation *one) {
    const struct node *wanted = promise->unless ? promise->unless->rows : NULL;
    return one->rows && wanted && is_same(one->rows, wanted);
}

// Whether the rows cannot be the promised ones.
static bool has_other_rows(const struct expectation *exact, const struct expectation *one) {
    int64_t promised = count_rows(exact->rows), shown = count_rows(one->rows);
    if (promised < 0 || shown < 0)
        return false;
    return promised != shown || (exact->rows->kind == NODE_LIST && one->rows->kind == NODE_LIST &&
                                 !is_same(exact->rows, one->rows));
}

// Whether this success may be one that the promise allows.
static bool allows_ok(const struct promise *promise, const struct expectation *one) {
    bool any = false;
    for (const struct expectation *exact = promise->exact; exact; exact = exact->or_else)
        any |= exact->kind == OUTCOME_OK && !has_other_rows(exact, one);
    return any;
}

bool promise_allows(const struct promise *promise, const struct expectation *one, bool renewed) {
    bool dies = false;
    for (const struct expectation *exact = promise->exact; exact; exact = exact->or_else)
        dies |= exact->kind == OUTCOME_CRASH;
    switch (one->kind) {
    case OUTCOME_OK:
        return (promise->exact ? allows_ok(promise, one)
                               : promise->word != PROMISE_ERROR || is_unless(promise, one)) &&
               (promise->word != PROMISE_ERROR_OR_NEW || renewed || one->session != SESSION_SAME);
    case OUTCOME_ERROR:
        return promise->word != PROMISE_OK;
    case OUTCOME_HANG:
        return promise->word == PROMISE_UNBOUNDED;
    case OUTCOME_CRASH:
        return dies;
    default:
        return true;
    }
}

// A hanging app is ended from outside, so none of its later calls comes back either.
static bool follows_hang(const struct plan_case *plan, const struct plan_row *row, const char *id) {
    const char *actor = NULL;
    for (size_t i = plan->step_count; i-- > 0;) {
        const struct plan_step *step = &plan->steps[i];
        if (actor) {
            const struct expectation *one =
                step->id && step->actor && strcmp(step->actor, actor) == 0
                    ? plan_find_expectation(row, step->id)
                    : NULL;
            if (one && one->kind == OUTCOME_HANG && !one->or_else)
                return true;
        } else if (step->id && strcmp(step->id, id) == 0) {
            actor = step->actor;
        }
    }
    return false;
}

const char *plan_find_violation(const struct plan_case *plan, const struct place *place,
                                const struct plan_row *row) {
    bool renewed = false;
    for (size_t i = 0; i < row->count; i++) {
        const struct promise *promise = plan_find_promise(plan, place, row->ids[i]);
        bool renews = false;
        for (const struct expectation *one = row->expectations[i]; promise && one;
             one = one->or_else) {
            if (!promise_allows(promise, one, renewed) &&
                !(one->kind == OUTCOME_HANG && follows_hang(plan, row, row->ids[i])))
                return row->ids[i];
            renews |= one->session == SESSION_NEW;
        }
        renewed |= renews;
    }
    return NULL;
}
