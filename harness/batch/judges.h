// SPDX-License-Identifier: Apache-2.0
// judges.h - whose outcomes the cases of a run are judged by: --baseline, and what was measured
//
// All verdicts of a run are made here. With --update-baseline nothing that was measured before
// counts: what is seen is right by itself, and recording.h keeps it.
#ifndef GONEAWAY_BATCH_JUDGES_H
#define GONEAWAY_BATCH_JUDGES_H

#include "baseline/shelf.h"
#include "cli/options.h"
#include "verdict/verdict.h"

/** All zero at first. */
struct judges {
    struct shelf *own;      ///< of --baseline; NULL: not asked for
    struct shelf *measured; ///< what goneaway brings
    bool as_seen;           ///< what is seen becomes the baseline
    size_t judged, by_own;  ///< cases that were carried out; those that --baseline was for
};

/** Reads the baseline that the options name. judges_close() also after an error. */
int judges_open(struct judges *judges, const char *home, const struct options *options,
                struct err *err);
void judges_close(struct judges *judges);
/** Judges a record, by the outcomes that take precedence. */
void judges_decide(struct judges *judges, const struct plan_case *plan, const struct record *record,
                   double time_scale, struct verdict *ret_verdict);
/** After a run that came to its end: refuses a baseline that was for none of its cases. */
int judges_check_use(const struct judges *judges, const struct options *options, struct err *err);

#endif
