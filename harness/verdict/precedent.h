// SPDX-License-Identifier: Apache-2.0
// precedent.h - judging by a baseline: what verdict.c asks of precedent.c, and the reverse
#ifndef GONEAWAY_VERDICT_PRECEDENT_H
#define GONEAWAY_VERDICT_PRECEDENT_H

#include "verdict/verdict.h"

/** What a case is held against: a row of a baseline or of the scenario, or nobody's. */
struct standard {
    enum {
        STANDARD_ROW,     ///< `row`; NULL: nobody's, the promise decides
        STANDARD_AS_SEEN, ///< what is seen now
    } how;
    const struct plan_row *row;
    enum judge judge;
    bool borrowed; ///< from a file of another version, also where that says `rows`
    char *reason;  ///< why there is no row, to be freed; NULL: the scenario has none
    const struct precedent *precedent;  ///< NULL: no file is for the case
    const struct baseline_case *listed; ///< the case in the file; NULL: it is not in there
    const struct plan_row *of_scenario; ///< the row that would hold without the file
};

/** The connector and the server that a file was measured with, to be freed. */
char *precedent_lender(const struct precedent *precedent);
/** Chooses between a baseline, if there is one, and the scenario's row, or NULL. */
struct standard standard_choose(const struct precedent *precedent, const struct plan_case *plan,
                                const struct plan_row *row);
/** Accepts what was seen, whatever it is. */
void verdict_judge_seen(struct verdict *verdict, const struct plan_case *plan,
                        const struct record *record, struct judging *judging);
/** Amends a verdict by what the file says besides its cells: which violations it records, and which
 * deviations are accepted. */
void precedent_judge(struct verdict *verdict, const struct plan_case *plan,
                     const struct record *record, const struct standard *standard,
                     struct judging *judging);
/** Lets a case pass that was broken by its violation, if that is accepted. */
void precedent_excuse(struct verdict *verdict, const struct precedent *precedent,
                      const struct plan_case *plan);
/** A reason, to be freed, or NULL: in a baseline `ok` alone is the session of before. */
char *precedent_differs_in_session(const struct expectation *expected,
                                   const struct record_step *step);

/** Sets a verdict; takes `why`. */
void verdict_decide(struct verdict *verdict, enum verdict_kind kind, int step, char *why);
/** The verdict for a step that violates its promise. */
enum verdict_kind verdict_of_violation(const struct record_step *step);
/** Checks the steps and the evidence against the verdict's row. */
void verdict_judge_cells(struct verdict *verdict, const struct plan_case *plan,
                         const struct record *record, struct judging *judging);

#endif
