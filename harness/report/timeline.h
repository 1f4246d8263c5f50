// SPDX-License-Identifier: Apache-2.0
// timeline.h - a case on one clock: what was called, what passed the network, what went wrong
#ifndef GONEAWAY_REPORT_TIMELINE_H
#define GONEAWAY_REPORT_TIMELINE_H

#include "record/record.h"
#include "report/sheet.h"

enum moment_kind {
    MOMENT_BEGIN,  ///< of a call, a fault or a wait
    MOMENT_END,    ///< of a call
    MOMENT_PASSED, ///< something passed the network, or was lost there
    MOMENT_REMARK,
};

/** A line of a timeline. */
struct moment {
    enum moment_kind kind;
    double at_ms;         ///< since the first step was begun
    size_t number;        ///< of equal times the earlier number comes first
    const char *who, *to; ///< an app, `fault`, `admin` ..; or the hosts; NULL: to nobody
    char *words;
    bool bad; ///< an error, or lost
    int step; ///< index of the call's step in the record, -1: none
};

struct moments {
    struct moment *items;
    size_t count;
};

/** All of a case, in the order of time. It points into the record. */
void timeline_gather(struct moments *moments, const struct plan_case *plan,
                     const struct record *record);
void timeline_release(struct moments *moments);
/** Adds the timeline of a case, if what passed was captured, or why it was not. */
void timeline_add(struct sheet *sheet, const struct plan_case *plan, const struct record *record);
/** Adds what of it lies around the end of a step, by its index in the record (-1: the end of the
 * case); nothing if no packet was captured. `where`: of the rest, "--timeline shows". */
void timeline_add_around(struct sheet *sheet, const struct plan_case *plan,
                         const struct record *record, int step, const char *where);

#endif
