// SPDX-License-Identifier: Apache-2.0
// results.h - turns the records of a run into verdicts and reports
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
    bool lacks_operations; ///< some connector lacks an operation
    int failed;            ///< cases that did not pass
    struct bundles bundles;
    struct last_failed last_failed; ///< which, and those of the run before
    struct retries retries;         ///< cases that are run again before they are reported
};

/** Opens the reports that the options ask for. */
int results_open(struct results *results, struct err *err);
/** Judges a case's record and reports it. Returns whether its world is to be held (--keep). */
bool results_take(struct results *results, const struct run_item *item, struct record *record);
/** Reports cases that were to run again and did not, by what they showed before. */
void results_give_up_retries(struct results *results);
/** Reports that a case cannot run on this machine. */
void results_skip(struct results *results, const struct run_item *item, const char *why);

#endif
