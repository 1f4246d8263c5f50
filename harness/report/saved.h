// SPDX-License-Identifier: Apache-2.0
// saved.h - reads a case from a json report, so that it can be reported again
//
// A report holds only a small part of a plan; the rest of the plan is empty here. Nothing in the
// file is trusted, since it may be a stranger's.
#ifndef GONEAWAY_REPORT_SAVED_H
#define GONEAWAY_REPORT_SAVED_H

#include "report/report.h"

/** A case with everything that its report_case points to. */
struct saved {
    struct scenario scenario;
    struct plan_case plan;
    struct plan_row row; ///< expectations of the judged steps, as text
    struct expectation *expectations;
    struct record *record;
    struct verdict verdict;
    struct report_case result;
};

/** Reads a line of the json report that is a case. The texts belong to `line`, which must outlive
 * it. Call saved_release() after an error too. */
int saved_read(struct saved *saved, const json_t *line, struct err *err);
void saved_release(struct saved *saved);
#define cleanup_saved __attribute__((cleanup(saved_release)))

#endif
