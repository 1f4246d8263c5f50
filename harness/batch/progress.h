// SPDX-License-Identifier: Apache-2.0
// progress.h - shows how far a run is, where somebody watches
#ifndef GONEAWAY_BATCH_PROGRESS_H
#define GONEAWAY_BATCH_PROGRESS_H

#include "report/report.h"
#include "run/items.h"

struct live {
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
 * error beside other reports. On a terminal nothing else may be written between live_draw() and
 * live_erase(). */
void live_open(struct live *live, const struct reports *reports);
/** Takes the line away, so that something else can be written. */
void live_erase(struct live *live);
/** Shows how far these items are, of which so many have failed. */
void live_draw(struct live *live, const struct run_item *items, size_t count, int jobs, int failed);
void live_close(struct live *live);

#endif
