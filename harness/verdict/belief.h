// SPDX-License-Identifier: Apache-2.0
// belief.h - judges by a file of outcomes: the interface between verdict.c and belief.c
#ifndef GONEAWAY_VERDICT_BELIEF_H
#define GONEAWAY_VERDICT_BELIEF_H

#include "verdict/verdict.h"

/** Whose outcomes a case is judged by. */
struct believed {
    enum {
        BELIEVED_ROW,      ///< `row`; if NULL, nobody's, and the promise decides
        BELIEVED_UNSTABLE, ///< nobody's: the file lists the case as unstable
        BELIEVED_AS_SEEN,  ///< what is seen now
    } how;
    const struct plan_row *row;
    enum judge judge;
    bool borrowed;               ///< from a file for another version, even if that defers to `rows`
    char *reason;                ///< why there is no row, to be freed; NULL: the scenario has none
    const struct belief *belief; ///< NULL: no file covers the case
    const struct baseline_case *listed; ///< the case in the file; NULL: not listed
    const struct plan_row *of_scenario; ///< the row that would apply without the file
};

/** The connector and the server that a file was measured with, to be freed. */
char *belief_lender(const struct belief *belief);
/** Chooses between a file of outcomes, if any, and the scenario's row, or NULL. */
struct believed belief_choose(const struct belief *belief, const struct plan_case *plan,
                              const struct plan_row *row);
/** Accepts what was seen, whatever it is. */
void belief_judge_seen(struct verdict *verdict, const struct plan_case *plan,
                       const struct record *record, struct judging *judging);
/** Amends a verdict by what the file says besides its cells: which violations it records, and which
 * deviations are accepted. */
void belief_judge(struct verdict *verdict, const struct plan_case *plan,
                  const struct record *record, const struct believed *believed,
                  struct judging *judging);
/** Lets a case pass that was broken by its violation, if that is accepted. */
void belief_excuse(struct verdict *verdict, const struct belief *belief,
                   const struct plan_case *plan);
/** A reason, to be freed, or NULL. In a file of outcomes, plain `ok` means the same session as
 * before. */
char *belief_differs_in_session(const struct expectation *expected, const struct record_step *step);

/** Sets a verdict; takes `why`. */
void verdict_decide(struct verdict *verdict, enum verdict_kind kind, int step, char *why);
/** The verdict for a step that violates its promise. */
enum verdict_kind verdict_of_violation(const struct record_step *step);
/** Checks the steps and the evidence against the verdict's row. */
void verdict_judge_cells(struct verdict *verdict, const struct plan_case *plan,
                         const struct record *record, struct judging *judging);

#endif
