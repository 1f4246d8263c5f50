// SPDX-License-Identifier: Apache-2.0
// baselines.h - which outcomes the cases of a run are judged by: --baseline, and the measured ones
#ifndef GONEAWAY_BATCH_BASELINES_H
#define GONEAWAY_BATCH_BASELINES_H

#include "baseline/shelf.h"
#include "batch/recorded.h"
#include "cli/options.h"
#include "run/items.h"
#include "verdict/verdict.h"

/** All zero at first. */
struct baselines {
    struct shelf *own;      ///< --baseline's; NULL: not given
    struct shelf *measured; ///< those shipped with goneaway
    bool updated;           ///< --update-baseline: what is seen becomes the baseline
    struct updates updates;
    struct err failure; ///< why the update is impossible, if it is
    bool failed;
    size_t judged, used; ///< cases that were carried out; those that --baseline covers
};

/** Reads the baseline that the options name. Call baselines_close() after an error too. */
int baselines_open(struct baselines *baselines, const char *home, const struct options *options,
                   struct err *err);
void baselines_close(struct baselines *baselines);
/** Judges a record, by the outcomes that take precedence. */
void baselines_judge(struct baselines *baselines, const struct plan_case *plan,
                     const struct record *record, double time_scale, struct verdict *ret_verdict);
/** Refuses to write the outcomes of several connectors or servers into one file. */
int baselines_check_cases(const struct baselines *baselines, const struct options *options,
                          const struct run_item *items, size_t count, struct err *err);
/** After a run that was not stopped: writes the baseline, or refuses one that covered none of the
 * run's cases. */
int baselines_end(struct baselines *baselines, const struct options *options, struct err *err);

#endif
