// SPDX-License-Identifier: Apache-2.0
// reasons.h - groups cases by their reason: those not as expected, and skips
#ifndef GONEAWAY_REPORT_REASONS_H
#define GONEAWAY_REPORT_REASONS_H

#include "report/detail.h"

/** Cases of one verdict whose reasons differ at most in a time or a session's number. */
struct reason {
    enum verdict_kind kind;
    char *key;
    char *why; ///< the first case's
    size_t count;
    struct text cases, connectors, servers; ///< their distinct names, as far as there is room
    size_t left_out;                        ///< cases whose names did not fit
    struct text shown;                      ///< what the report keeps about them until the end
};

struct reasons {
    size_t count;
    struct reason **items;
    void *index; ///< for tsearch(3)
};

/** Counts a case and returns its reason, which is new if its count is 1. */
struct reason *reasons_add(struct reasons *reasons, const struct report_case *result);
/** Sorts by frequency, highest first. */
void reasons_sort(struct reasons *reasons);
void reasons_release(struct reasons *reasons);

/** "46 x second: expected 2013, saw 2006"; with `names`, the cases on the next lines. */
void reason_draw(struct sheet *sheet, const struct reason *reason, bool names, int width);

#endif
