// SPDX-License-Identifier: Apache-2.0
// verdict.h - judges a record against its plan: a pure function
#ifndef GONEAWAY_VERDICT_VERDICT_H
#define GONEAWAY_VERDICT_VERDICT_H

#include "baseline/baseline.h"
#include "verdict/promise.h"

enum verdict_kind {
    VERDICT_PASS,
    VERDICT_WRONG_CODE, ///< another error code than expected, or an error instead of success
    VERDICT_FAIL,       ///< the code is right, but rows, session, time or evidence are not
    VERDICT_HANG,       ///< a call did not return, unexpectedly
    VERDICT_CRASH,      ///< an app died by a signal, unexpectedly
    VERDICT_UNSOUND,    ///< no row of outcomes covers this place, and the promise is violated
    VERDICT_UNMEASURED, ///< no row does, and the promise, if any, is kept
    VERDICT_BROKEN,     ///< not carried out: set-up failed, or a fault did not fire
    VERDICT_SKIP,       ///< the machine or the connector lacks something
    VERDICT_COUNT,
};
/** "pass", "wrong-code" .., as in the json report. */
extern const char *const verdict_names[VERDICT_COUNT];
/** What each means, and the exit status that follows, for people. */
extern const char *const verdict_docs[VERDICT_COUNT];

/** Whose word a case is judged by. */
enum judge {
    JUDGE_NONE,     ///< nobody's: it was not carried out
    JUDGE_PROMISE,  ///< the promise: what any correct client must do
    JUDGE_ROW,      ///< a row of the scenario's outcomes
    JUDGE_MEASURED, ///< the outcomes shipped with goneaway, measured with that connector
    JUDGE_BASELINE, ///< the user's own
    JUDGE_PROGRAM,  ///< none of these, but how a program in the place of an app ended
    JUDGES,
};
/** "-", "promise", "row", "measured", "baseline", "program", as in the json report. */
extern const char *const judge_names[JUDGES];

/** A baseline that goes before the rows of a scenario. */
struct precedent {
    const struct baseline *baseline; ///< NULL: what is seen now becomes it
    enum judge judge;                ///< JUDGE_MEASURED or JUDGE_BASELINE
    bool borrowed;                   ///< it was measured with another version
    bool as_seen;                    ///< there is none yet, so that nothing differs from it
    const struct baseline *lender; ///< what it builds on, for a case outside of its `only`; or NULL
};

struct verdict {
    enum verdict_kind kind;
    char *why;                  ///< for people, a line or a few; "" for a pass
    char *note;                 ///< worth knowing although nothing is wrong; NULL: nothing
    const struct plan_row *row; ///< the row that applied, or NULL
    int step;                   ///< index in record->steps of the step that decided it, or -1
    bool of_connector;          ///< for a skip: it is the connector that lacks something
    enum promise_state promise; ///< PROMISE_NONE also if the case was not carried out
    enum judge judged_by;
    bool borrowed;  ///< by outcomes of another version
    char *lender;   ///< which: "mysql-5.6 5.6.24 with libmysqlclient 9.7.4"; NULL: none
    bool tolerated; ///< passes with a recorded violation, but not with --strict
};

/** Judges a record. `time_scale` (>= 1) stretches upper time bounds. */
void verdict_of(const struct plan_case *plan, const struct record *record, double time_scale,
                struct verdict *ret_verdict);
/** The same with a baseline that goes before the scenario's rows; NULL: there is none. The
 * verdict's row may lie in it. */
void verdict_by(const struct plan_case *plan, const struct record *record, double time_scale,
                const struct precedent *precedent, struct verdict *ret_verdict);
void verdict_release(struct verdict *verdict);

/** What was expected of a recorded step: "2013", "ok" ..; NULL if it is set-up or no row
 * applied. */
const char *verdict_expected(const struct verdict *verdict, const struct record_step *step);

/** Whether a case with this verdict is not as expected, or could not be carried out. */
bool verdict_is_trouble(enum verdict_kind kind);
/** The exit status of a run: 3 takes precedence over 1, then 4, then 0. `counts` has VERDICT_COUNT
 * numbers; with `strict`, unmeasured cases are not as expected. */
int verdict_exit_status(const int *counts, bool skip_is_forbidden, bool strict);
/** What `git bisect run` is told about a commit: 1 (bad) if a case was not as expected, whatever
 * became of the others; 0 (good) only if all of them passed; else 125. */
int verdict_bisect_status(const int *counts);

#endif
