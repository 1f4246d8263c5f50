// SPDX-License-Identifier: Apache-2.0
// differs.h - how a recorded step differs from an expectation
#ifndef GONEAWAY_VERDICT_DIFFERS_H
#define GONEAWAY_VERDICT_DIFFERS_H

#include "record/record.h"

/** For all patterns of a case together, since the main process does nothing else while it judges.
 * About a second; a usual case takes a thousandth of that. */
enum { PATTERN_STEPS = 40000000 };

/** The budget for comparisons, and why one could not be decided. */
struct judging {
    double time_scale;
    size_t pattern_steps; ///< remaining budget for all patterns of the case
    char *unclear;        ///< to be freed; NULL: everything is clear; otherwise the case is broken
};

/** How a step ended: "2013 CR_SERVER_LOST", "ok". To be freed. */
char *differs_seen(const struct record_step *step);
/** A reason, to be freed, or NULL if the step ended as expected, regardless of details. */
char *differs_in_kind(const struct expectation *expected, const struct record_step *step);
/** For a step that ended as expected: a reason, to be freed, or NULL if its rows, session, time and
 * so on are right too. */
char *differs_in_detail(const struct expectation *expected, const struct record_step *step,
                        struct judging *judging);
/** A reason, to be freed, or NULL if the number is right, or none was `wanted` (-1). */
char *differs_in_number(const char *what, int64_t wanted, int64_t seen);
/** Whether a text matches a pattern; NULL is "". */
bool differs_matches(const char *pattern, const char *text, struct judging *judging);
/** Whether a line of the server's error log matches. */
bool differs_log_has(const struct record *record, const char *pattern, struct judging *judging);

#endif
