// SPDX-License-Identifier: Apache-2.0
// status.c - the exit status for the verdicts of a run
#include "verdict/verdict.h"

#include "base/status.h"

static int count_wrong(const int *counts) {
    return counts[VERDICT_WRONG_CODE] + counts[VERDICT_FAIL] + counts[VERDICT_HANG] +
           counts[VERDICT_CRASH] + counts[VERDICT_UNSOUND];
}

int verdict_bisect_status(const int *counts) {
    if (count_wrong(counts))
        return STATUS_UNEXPECTED;
    bool untested = counts[VERDICT_BROKEN] || counts[VERDICT_SKIP] || counts[VERDICT_UNMEASURED];
    return counts[VERDICT_PASS] && !untested ? STATUS_OK : STATUS_UNTESTED;
}

int verdict_exit_status(const int *counts, bool skip_is_forbidden, bool strict) {
    int wrong = count_wrong(counts) + (strict ? counts[VERDICT_UNMEASURED] : 0);
    if (counts[VERDICT_BROKEN] || (skip_is_forbidden && counts[VERDICT_SKIP]))
        return STATUS_MACHINE;
    if (wrong)
        return STATUS_UNEXPECTED;
    return counts[VERDICT_PASS] + counts[VERDICT_UNMEASURED] ? STATUS_OK : STATUS_NOTHING;
}
