// SPDX-License-Identifier: Apache-2.0
// program.h - somebody's own program in the place of an app: started, waited for, ended
#ifndef GONEAWAY_RUN_PROGRAM_H
#define GONEAWAY_RUN_PROGRAM_H

#include "program/program.h"
#include "run/case.h"

/** Carries out a step STEP_PROGRAM. */
int program_step(struct case_run *run, const struct plan_step *step, struct record_step *seen,
                 struct err *err);
/** Whether the program goes on while something is waited for: 1; 0: it has ended, and the server's
 * log will show whether that was early, as of a program that notices at once; -1: it has ended
 * "before ..", as `what` says, and has not met the failure. */
int program_goes_on(struct case_run *run, const char *what, struct err *err);
/** Tells the watcher, if there is one, what the program has written since. `failed`: the step that
 * is the last one, so that even an unfinished line counts; NULL: it goes on. */
void program_tell_output(struct case_run *run, const struct plan_step *failed);
/** An error if nothing shows that the program has met the failure. */
int program_check_proof(struct case_run *run, struct err *err);

// ---- program_moment.c --------------------------------------------------------------------------

/** Notes how counters stand. */
int program_mark(struct case_run *run, struct program_marks *ret, struct err *err);
/** How many connects of the program's host have failed in the kernel since then. */
int program_count_refused(struct case_run *run, int64_t *ret, struct err *err);
/** Waits until the program has come to its moment, and takes the session that it has then for the
 * app's. */
int program_await_moment(struct case_run *run, const struct program_moment *moment,
                         double deadline_ms, struct record_step *seen, struct err *err);

#endif
