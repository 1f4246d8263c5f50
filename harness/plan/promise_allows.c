// SPDX-License-Identifier: Apache-2.0
// promise_allows.c - whether an outcome keeps a promise
#include "plan/plan.h"

#include <string.h>

static bool is_unless(const struct promise *promise, const struct expectation *one) {
    const struct node *rows = one->rows, *wanted = promise->unless ? promise->unless->rows : NULL;
    return rows && wanted && rows->kind == NODE_SCALAR && wanted->kind == NODE_SCALAR &&
           strcmp(rows->text, wanted->text) == 0;
}

bool promise_allows(const struct promise *promise, const struct expectation *one, bool renewed) {
    bool dies = false;
    for (const struct expectation *exact = promise->exact; exact; exact = exact->or_else)
        dies |= exact->kind == OUTCOME_CRASH;
    switch (one->kind) {
    case OUTCOME_OK:
        return (promise->exact ? !dies || promise->exact->or_else
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
