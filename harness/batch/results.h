// SPDX-License-Identifier: Apache-2.0
// results.h - what becomes of the records of a run: verdicts, and reports of them
#ifndef GONEAWAY_BATCH_RESULTS_H
#define GONEAWAY_BATCH_RESULTS_H

#include "batch/bundles.h"
#include "batch/judges.h"
#include "batch/last_failed.h"
#include "batch/recording.h"
#include "batch/retries.h"
#include "catalog/catalog.h"
#include "cli/options.h"
#include "report/report.h"
#include "run/dispatch.h"

struct results {
    // filled in by the caller
    const struct options *options;
    const struct catalog *catalog;
    const char *home; ///< folder with scenarios and fixtures
    struct images *images;
    struct judges *judges;
    struct recording *recording;
    // all zero at first
    struct reports reports;
    struct report_summary summary;
    bool lacks_operations; ///< some connector does
    int failed;            ///< cases that did not pass
    struct bundles bundles;
    struct last_failed last_failed; ///< which, and those of the run before
    struct retries retries;         ///< cases that are run again before they are reported
};

/** Opens the reports that the options ask for. */
int results_open(struct results *results, struct err *err);
/** Judges a case's record and reports it. Whether its world is to be held, see --keep. */
bool results_take(struct results *results, const struct run_item *item, struct record *record);
/** Reports the cases that were to run again and have not, by what they showed before. */
void results_give_up_retries(struct results *results);
/** Reports that this machine cannot run a case. */
void results_skip(struct results *results, const struct run_item *item, const char *why);

#endif
