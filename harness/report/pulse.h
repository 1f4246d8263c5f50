// SPDX-License-Identifier: Apache-2.0
// pulse.h - how far a run is, while it goes on: a line on a terminal, or one now and then in a log
#ifndef GONEAWAY_REPORT_PULSE_H
#define GONEAWAY_REPORT_PULSE_H

#include <stdbool.h>
#include <stddef.h>

/** A case that is under way. */
struct pulse_case {
    const char *id;
    double ms; ///< since it began
};

struct pulse {
    int done, planned, failed;
    double ms;      ///< since the run began
    double left_ms; ///< until it ends, by estimate; -1: unknown
    size_t count;
    struct pulse_case *cases; ///< the longest first
};

/** A line of at most `width` columns, which names the cases that take long as far as they fit. To
 * be freed. */
char *pulse_line(const struct pulse *pulse, int width, bool utf8);
/** The same as a sentence of any length. To be freed. */
char *pulse_sentence(const struct pulse *pulse, bool utf8);
/** Whether a log is to have a sentence now, the last one having been printed `before_ms` after the
 * run began, when `before` cases were done: after half a minute and a tenth of the cases, whichever
 * takes longer, but after five minutes in any case. */
bool pulse_is_due(const struct pulse *pulse, double before_ms, int before);

#endif
