// SPDX-License-Identifier: Apache-2.0
// verdict.h - what a record means against its plan: a pure function
#ifndef GONEAWAY_VERDICT_VERDICT_H
#define GONEAWAY_VERDICT_VERDICT_H

#include "baseline/baseline.h"
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
/** What each means, and which exit status follows, for people. */
extern const char *const verdict_docs[VERDICT_COUNT];

/** By whose word a case is judged. */
enum judge {
    JUDGE_NONE,     ///< by nobody's: it was not carried out
    JUDGE_PROMISE,  ///< what any correct client must do
    JUDGE_ROW,      ///< a row of the scenario's outcomes
    JUDGE_MEASURED, ///< the outcomes that goneaway brings, measured with that connector
    JUDGE_BASELINE, ///< the user's own
    JUDGE_PROGRAM,  ///< none of these: how a program in the place of an app ended
    JUDGES,
};
/** "-", "promise", "row", "measured", "baseline", "program" as in the json report. */
extern const char *const judge_names[JUDGES];

/** A baseline that goes before the rows of a scenario. */
struct precedent {
    const struct baseline *baseline; ///< NULL: what is seen now becomes it
    enum judge judge;                ///< JUDGE_MEASURED or JUDGE_BASELINE
    bool borrowed;                   ///< it was measured with another version
    bool as_seen;                    ///< there is none yet, so that nothing differs from it
};

struct verdict {
    enum verdict_kind kind;
    char *why;                  ///< for people, one line or a few; "" for a pass
    char *note;                 ///< what is to be known of what is not wrong; NULL: nothing
    const struct plan_row *row; ///< the row that held, or NULL
    int step;                   ///< index in record->steps of the step that decided it, or -1
    bool of_connector;          ///< of a skip: it is the connector that lacks something
    enum promise_state promise; ///< PROMISE_NONE also where the case was not carried out
    enum judge judged_by;
    bool borrowed;  ///< by outcomes of another version
    char *lender;   ///< of which: "mysql-5.6 5.6.24 with libmysqlclient 9.7.4"; NULL: of none
    bool tolerated; ///< a violation that is only recorded passes: not with --strict
};

/** Judges a record. `time_scale` (>= 1) stretches upper time bounds. */
void verdict_of(const struct plan_case *plan, const struct record *record, double time_scale,
                struct verdict *ret_verdict);
/** The same with a baseline that goes before the scenario's rows; NULL: there is none. The
 * verdict's row may lie in it. */
void verdict_by(const struct plan_case *plan, const struct record *record, double time_scale,
                const struct precedent *precedent, struct verdict *ret_verdict);
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
