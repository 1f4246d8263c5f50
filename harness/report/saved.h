// SPDX-License-Identifier: Apache-2.0
// saved.h - a case of a json report, read back so that it can be reported again
//
// What a report holds of a plan is a small part of it; the rest of the plan here is empty. Who
// reads a saved case trusts nothing in it: the file is a stranger's.
#ifndef GONEAWAY_REPORT_SAVED_H
#define GONEAWAY_REPORT_SAVED_H

#include "report/report.h"

/** A case with all that its report_case points to. */
struct saved {
    struct scenario scenario;
    struct plan_case plan;
    struct plan_row row; ///< what was expected of each judged step, as text
    struct expectation *expectations;
    struct record *record;
    struct verdict verdict;
    struct report_case result;
};

/** Reads a line of the json report that is a case. The texts are those of `line`, which must stay.
 * saved_release() also after an error. */
int saved_read(struct saved *saved, const json_t *line, struct err *err);
void saved_release(struct saved *saved);
#define cleanup_saved __attribute__((cleanup(saved_release)))

#endif
