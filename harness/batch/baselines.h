// SPDX-License-Identifier: Apache-2.0
// baselines.h - whose outcomes the cases of a run are judged by: --baseline, and what was measured
#ifndef GONEAWAY_BATCH_BASELINES_H
#define GONEAWAY_BATCH_BASELINES_H

#include "baseline/shelf.h"
#include "batch/recorded.h"
#include "cli/options.h"
#include "run/items.h"
#include "verdict/verdict.h"

/** All zero at first. */
struct baselines {
    struct shelf *own;      ///< of --baseline; NULL: not asked for
    struct shelf *measured; ///< what goneaway brings
    bool updated;           ///< what is seen becomes the baseline
    struct updates updates;
    struct err failure; ///< why that cannot be, if it cannot
    bool failed;
    size_t judged, used; ///< cases that were carried out; those that --baseline was for
};

/** Reads the baseline that the options name. baselines_close() also after an error. */
int baselines_open(struct baselines *baselines, const char *home, const struct options *options,
                   struct err *err);
void baselines_close(struct baselines *baselines);
/** Judges a record by the outcomes that go before all others. */
void baselines_judge(struct baselines *baselines, const struct plan_case *plan,
                     const struct record *record, double time_scale, struct verdict *ret_verdict);
/** Refuses to write the outcomes of several connectors or servers into one file. */
int baselines_check_cases(const struct baselines *baselines, const struct options *options,
                          const struct run_item *items, size_t count, struct err *err);
/** After a run that came to its end: writes the baseline, or refuses one that was for none of its
 * cases. */
int baselines_end(struct baselines *baselines, const struct options *options, struct err *err);

#endif
