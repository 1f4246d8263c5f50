// SPDX-License-Identifier: Apache-2.0
// reasons.h - cases with the same reason, told together: what was not as expected, and skips
#ifndef GONEAWAY_REPORT_REASONS_H
#define GONEAWAY_REPORT_REASONS_H

#include "report/detail.h"

/** Cases of one verdict whose reasons differ at most in a time or a session's number. */
struct reason {
    enum verdict_kind kind;
    char *key;
    char *why; ///< of the first case
    size_t count;
    struct text cases, connectors, servers; ///< their names, each once, as far as there is room
    size_t left_out;                        ///< cases for whose names there was none
    struct text shown;                      ///< what the report keeps of them until the end
};

struct reasons {
    size_t count;
    struct reason **items;
    void *index; ///< of tsearch(3)
};

/** Counts a case and gives its reason, which is new if its count is 1. */
struct reason *reasons_add(struct reasons *reasons, const struct report_case *result);
/** The most frequent first. */
void reasons_sort(struct reasons *reasons);
void reasons_release(struct reasons *reasons);

/** "46 x second: expected 2013, saw 2006"; with `names`, in the next lines which cases. */
void reason_draw(struct sheet *sheet, const struct reason *reason, bool names, int width);

#endif
