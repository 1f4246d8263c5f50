// SPDX-License-Identifier: Apache-2.0
// differs.h - in what a step, as it was recorded, differs from an expectation
#ifndef GONEAWAY_VERDICT_DIFFERS_H
#define GONEAWAY_VERDICT_DIFFERS_H

#include "record/record.h"

/** Of all patterns of a case together: the main process judges, and does nothing else meanwhile.
 * About a second; those of a usual case take a thousandth of that. */
enum { PATTERN_STEPS = 40000000 };

/** What differences are sought by, and why one cannot be determined. */
struct judging {
    double time_scale;
    size_t pattern_steps; ///< what all patterns of the case may still take together
    char *unclear;        ///< to be freed; NULL: all is clear. Then the case is broken
};

/** What a step ended as: "2013 CR_SERVER_LOST", "ok". To be freed. */
char *differs_seen(const struct record_step *step);
/** A reason, to be freed, or NULL: the step ended as expected, whatever else it did. */
char *differs_in_kind(const struct expectation *expected, const struct record_step *step);
/** A reason, to be freed, or NULL: of a step that ended as expected, its rows, its session, its
 * time and so on. */
char *differs_in_detail(const struct expectation *expected, const struct record_step *step,
                        struct judging *judging);
/** A reason, to be freed, or NULL: the number, or none was `wanted` (-1). */
char *differs_in_number(const char *what, int64_t wanted, int64_t seen);
/** Whether a line of the server's error log matches. */
bool differs_log_has(const struct record *record, const char *pattern, struct judging *judging);

#endif
