// SPDX-License-Identifier: Apache-2.0
// fits.c - what a baseline need not say of a record, and what it must
#include "verdict/fits.h"

#include "verdict/foreign.h"

#include <stdlib.h>

static bool passes(const struct plan_case *plan, const struct record *record, double time_scale,
                   const struct baseline *baseline, enum judge *ret_judge) {
    struct precedent precedent = {.baseline = baseline, .judge = JUDGE_BASELINE};
    struct verdict verdict;
    verdict_by(plan, record, time_scale, baseline ? &precedent : NULL, &verdict);
    bool pass = verdict.kind == VERDICT_PASS;
    *ret_judge = verdict.judged_by;
    verdict_release(&verdict);
    return pass;
}

struct fits fits_of(const struct plan_case *plan, const struct record *record, double time_scale,
                    const struct baseline *own, const struct baseline *like) {
    struct fits fits = {0};
    enum judge judge;
    // as the baseline would be without the case
    struct baseline without = {.path = own ? own->path : "",
                               .like = (struct baseline *)like,
                               .like_rows = own && own->like_rows};
    bool builds = without.like || without.like_rows;
    fits.own = own && passes(plan, record, time_scale, own, &judge);
    fits.like = passes(plan, record, time_scale, NULL, &judge) && judge == JUDGE_ROW && !own;
    fits.row = judge == JUDGE_ROW;
    if (builds)
        fits.like = passes(plan, record, time_scale, &without, &judge) && judge != JUDGE_PROMISE;
    return fits;
}

bool fits_but_for_rows(const struct plan_case *plan, const struct record *record, size_t index,
                       bool renewed, struct judging *judging) {
    const struct promise *promise = promise_of_step(plan, record, index);
    if (promise && promise->exact) {
        cleanup_free char *why = promise_violation(plan, record, index, judging);
        return why != NULL;
    }
    if (promise &&
        (promise->word == PROMISE_ERROR || (promise->word == PROMISE_ERROR_OR_NEW && !renewed)))
        return false;
    cleanup_free char *foreign = foreign_rows(plan, &record->steps[index]);
    return foreign != NULL;
}
