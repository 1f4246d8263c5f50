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
    double at_ms;         ///< since the start of the first step
    size_t number;        ///< if times are equal, the lower number comes first
    const char *who, *to; ///< an app, `fault`, `admin` ..; or the hosts; NULL: nobody
    char *words;
    bool bad; ///< an error, or lost
    int step; ///< index of the call's step in the record; -1: none
};

struct moments {
    struct moment *items;
    size_t count;
};

/** Whether a step's actor is an app, and not `fault`, `admin` .. */
bool timeline_is_app(const char *actor);
/** What a step begins to do: "query SELECT 1, first". To be freed. */
char *timeline_begin_words(const struct plan_case *plan, const struct record_step *step);
/** Collects everything about a case in chronological order. It points into the record. */
void timeline_gather(struct moments *moments, const struct plan_case *plan,
                     const struct record *record);
void timeline_release(struct moments *moments);
/** Adds a case's timeline if traffic was captured, or why it was not. Its last line says who closed
 * the connection, see ending_tell(). */
void timeline_add(struct sheet *sheet, const struct plan_case *plan, const struct record *record);
/** Adds the part around the end of a step, given its index in the record (-1: the end of the case);
 * nothing if no packet was captured. `where`: what shows the rest, "--timeline shows". */
void timeline_add_around(struct sheet *sheet, const struct plan_case *plan,
                         const struct record *record, int step, const char *where);

#endif
