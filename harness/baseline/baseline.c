// SPDX-License-Identifier: Apache-2.0
// baseline.c - looks up cases and deviations in a baseline
#include "baseline/baseline.h"

#include <stdlib.h>
#include <string.h>

static int by_id(const void *id, const void *one) {
    return strcmp(id, ((const struct baseline_case *)one)->id);
}

const struct baseline_case *baseline_own_case(const struct baseline *baseline, const char *id) {
    return baseline->case_count == 0
               ? NULL
               : bsearch(id, baseline->cases, baseline->case_count, sizeof *baseline->cases, by_id);
}

const struct baseline_case *baseline_case(const struct baseline *baseline, const char *id) {
    for (; baseline; baseline = baseline->like) {
        const struct baseline_case *found = baseline_own_case(baseline, id);
        if (found)
            return found;
    }
    return NULL;
}

bool baseline_ends_in_rows(const struct baseline *baseline) {
    while (baseline->like)
        baseline = baseline->like;
    return baseline->like_rows;
}

const struct baseline_known *baseline_known(const struct baseline *baseline, const char *id) {
    for (size_t i = 0; i < baseline->known_count; i++)
        if (strcmp(baseline->known[i].id, id) == 0)
            return &baseline->known[i];
    return NULL;
}

bool baseline_means(const char *id, const struct plan_case *plan) {
    bool same = strcmp(id, plan->id) == 0;
    for (size_t i = 0; !same && i < plan->former_count; i++)
        same = strcmp(id, plan->former[i]) == 0;
    return same;
}

const struct baseline_case *baseline_find_own(const struct baseline *baseline,
                                              const struct plan_case *plan) {
    const struct baseline_case *found = baseline_own_case(baseline, plan->id);
    for (size_t i = 0; !found && i < plan->former_count; i++)
        found = baseline_own_case(baseline, plan->former[i]);
    return found;
}

const struct baseline_case *baseline_find(const struct baseline *baseline,
                                          const struct plan_case *plan) {
    const struct baseline_case *found = NULL;
    for (; baseline && !found; baseline = baseline->like)
        found = baseline_find_own(baseline, plan);
    return found;
}
