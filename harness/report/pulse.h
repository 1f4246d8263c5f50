// SPDX-License-Identifier: Apache-2.0
// pulse.h - the progress of a run: a line on a terminal, or one now and then in a log
#ifndef GONEAWAY_REPORT_PULSE_H
#define GONEAWAY_REPORT_PULSE_H

#include <stdbool.h>
#include <stddef.h>

/** A case that is running. */
struct pulse_case {
    const char *id;
    double ms; ///< since it began
};

struct pulse {
    int done, planned, failed;
    double ms;      ///< since the run began
    double left_ms; ///< estimated time left; -1: unknown
    size_t count;
    struct pulse_case *cases; ///< longest first
};

/** A line of at most `width` columns, which names slow cases as far as they fit. To be freed. */
char *pulse_line(const struct pulse *pulse, int width, bool utf8);
/** The same as a sentence of any length. To be freed. */
char *pulse_sentence(const struct pulse *pulse, bool utf8);
/** Whether a log is due for a sentence. The previous one was printed `before_ms` after the run
 * began, when `before` cases were done. The next is due after half a minute or a tenth of the
 * cases, whichever takes longer, but after five minutes in any case. */
bool pulse_is_due(const struct pulse *pulse, double before_ms, int before);

#endif
