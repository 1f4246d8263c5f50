// SPDX-License-Identifier: Apache-2.0
// meter.h - shows how far a run is, where somebody watches
#ifndef GONEAWAY_BATCH_METER_H
#define GONEAWAY_BATCH_METER_H

#include "report/report.h"
#include "run/items.h"

struct meter {
    FILE *out; ///< NULL: nowhere
    int fd;    ///< of `out`
    bool line; ///< a line that is redrawn; else a sentence now and then
    bool utf8;
    char *shown;      ///< the line on the screen, or NULL
    double began_ms;  ///< of the run
    double before_ms; ///< of the latest sentence
    int before;       ///< cases that were done by then
};

/** Chooses the place by what is on standard output: where the human report is, or on standard
 * error beside other reports. On a terminal nothing else may be written between meter_draw() and
 * meter_erase(). */
void meter_open(struct meter *meter, const struct reports *reports);
/** Erases the line so that something else can be written. */
void meter_erase(struct meter *meter);
/** Shows the progress of these items; `failed` of them have failed. */
void meter_draw(struct meter *meter, const struct run_item *items, size_t count, int jobs,
                int failed);
void meter_close(struct meter *meter);

#endif
