// SPDX-License-Identifier: Apache-2.0
// verdict.h - what a record means against its plan: a pure function
#ifndef GONEAWAY_VERDICT_VERDICT_H
#define GONEAWAY_VERDICT_VERDICT_H

#include "verdict/promise.h"

enum verdict_kind {
    VERDICT_PASS,
    VERDICT_WRONG_CODE, ///< another error code than expected, or an error instead of success
    VERDICT_FAIL,       ///< the code is right, but rows, session, time or evidence are not
    VERDICT_HANG,       ///< a call did not come back, and that was not expected
    VERDICT_CRASH,      ///< an app died by a signal, and that was not expected
    VERDICT_UNSOUND,    ///< no row of the outcomes is for this place, and the promise is violated
    VERDICT_UNMEASURED, ///< no row is, and the promise is kept as far as there is one
    VERDICT_BROKEN,     ///< the case was not carried out: set-up failed, or a fault did not fire
    VERDICT_SKIP,       ///< the machine lacks something, or the connector does
    VERDICT_COUNT,
};
/** "pass", "wrong-code" .. as in the json report. */
extern const char *const verdict_names[VERDICT_COUNT];

struct verdict {
    enum verdict_kind kind;
    char *why;                  ///< for people, one line or a few; "" for a pass
    const struct plan_row *row; ///< the row that held, or NULL
    int step;                   ///< index in record->steps of the step that decided it, or -1
    bool of_connector;          ///< of a skip: it is the connector that lacks something
    enum promise_state promise; ///< PROMISE_NONE also where the case was not carried out
};

/** Judges a record. `time_scale` (>= 1) stretches upper time bounds. */
void verdict_of(const struct plan_case *plan, const struct record *record, double time_scale,
                struct verdict *ret_verdict);
void verdict_release(struct verdict *verdict);

/** What was expected of a recorded step: "2013", "ok" ..; NULL if it is set-up or no row held. */
const char *verdict_expected(const struct verdict *verdict, const struct record_step *step);

/** Whether a case with this verdict is not as expected, or could not be carried out. */
bool verdict_is_trouble(enum verdict_kind kind);
/** The exit status of a run: 3 before 1 before 4 before 0. `counts` has VERDICT_COUNT numbers;
 * `strict`: what is unmeasured is not as expected. */
int verdict_exit_status(const int *counts, bool skip_is_forbidden, bool strict);
/** What git bisect run is to hear of a commit: 1 (bad) where a case was seen not to be as expected,
 * whatever became of the others; 0 (good) only where all of them passed; else 125. */
int verdict_bisect_status(const int *counts);

#endif
