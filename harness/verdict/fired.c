// SPDX-License-Identifier: Apache-2.0
// fired.c - whether the faults of a case have fired as planned
//
// A code seen without the fault proves nothing.
#include "verdict/fired.h"

#include "verdict/precedent.h"

#include <string.h>

static const struct record_fault *find_fault(const struct record *record, const char *id) {
    for (size_t i = 0; i < record->fault_count; i++)
        if (record->faults[i].id && strcmp(record->faults[i].id, id) == 0)
            return &record->faults[i];
    return NULL;
}

static bool fault_failed(struct verdict *verdict, const struct record *record, const char *id,
                         const struct fires *fires) {
    const struct record_fault *fault = find_fault(record, id);
    int64_t fired = fault ? fault->fired : 0;
    if (fires->rule == FIRES_ANY || (fires->rule == FIRES_ONCE_OR_MORE && fired > 0) ||
        (fires->rule == FIRES_EXACTLY && fired == fires->times))
        return false;
    const char *waits = fault ? fault->waits : NULL;
    char *why = fires->rule == FIRES_ONCE_OR_MORE
                    ? xprintf("the fault '%s' never fired, so what was seen proves nothing%s%s", id,
                              waits ? "; " : "", waits ? waits : "")
                    : xprintf("the fault '%s' fired %lld times instead of %lld", id,
                              (long long)fired, (long long)fires->times);
    verdict_decide(verdict, VERDICT_BROKEN, -1, why);
    return true;
}

bool fired_as_planned(struct verdict *verdict, const struct plan_case *plan,
                      const struct record *record) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kind == STEP_FAULT &&
            fault_failed(verdict, record, plan->steps[i].name, &plan->steps[i].fires))
            return false;
    return !plan->nat_id || !fault_failed(verdict, record, plan->nat_id, &plan->nat_fires);
}
