// SPDX-License-Identifier: Apache-2.0
// progress.h - shows the progress of a run to somebody who watches
#ifndef GONEAWAY_BATCH_PROGRESS_H
#define GONEAWAY_BATCH_PROGRESS_H

#include "report/report.h"
#include "run/items.h"

struct live {
    FILE *out; ///< NULL: nowhere
    int fd;    ///< of `out`
    bool line; ///< a line that is redrawn; else a sentence now and then
    bool utf8;
    char *shown;      ///< the line on the screen, or NULL
    double began_ms;  ///< of the run
    double before_ms; ///< of the latest sentence
    int before;       ///< cases that were done by then
};

/** Chooses where to show it: on standard output beside the human report, else on standard error. On
 * a terminal nothing else may be written between live_draw() and live_erase(). */
void live_open(struct live *live, const struct reports *reports);
/** Erases the line so that something else can be written. */
void live_erase(struct live *live);
/** Shows the progress of these items; `failed` of them have failed. */
void live_draw(struct live *live, const struct run_item *items, size_t count, int jobs, int failed);
void live_close(struct live *live);

#endif
