// SPDX-License-Identifier: Apache-2.0
// meter.h - shows how far a run is, where somebody watches
#ifndef GONEAWAY_BATCH_METER_H
#define GONEAWAY_BATCH_METER_H

#include "report/report.h"
#include "run/items.h"

struct meter {
    FILE *out; ///< NULL: nothing is shown
    int fd;    ///< which `out` writes to
    bool line; ///< a line that is drawn again and again, else a sentence now and then
    bool utf8;
    char *shown;      ///< the line on the screen, or NULL
    double began_ms;  ///< of the run
    double before_ms; ///< of the latest sentence, after that
    int before;       ///< cases that were done then
};

/** Chooses the place by what is on standard output: where the human report is, or on standard
 * error beside other reports. On a terminal nothing else may be written between meter_draw() and
 * meter_erase(). */
void meter_open(struct meter *meter, const struct reports *reports);
/** Takes the line away, so that something else can be written. */
void meter_erase(struct meter *meter);
/** Shows how far these items are, of which so many have failed. */
void meter_draw(struct meter *meter, const struct run_item *items, size_t count, int jobs,
                int failed);
void meter_close(struct meter *meter);

#endif
