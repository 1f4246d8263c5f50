// SPDX-License-Identifier: Apache-2.0
// program.h - a user's own program in the place of an app: starting, awaiting and ending it
#ifndef GONEAWAY_RUN_PROGRAM_H
#define GONEAWAY_RUN_PROGRAM_H

#include "program/program.h"
#include "run/case.h"

/** "mysql://user:password@host:3306/database", with the socket as a parameter if the request has
 * one; to be freed. `port` 0: none. */
char *program_url(const json_t *request, const char *host, int64_t port);
/** Carries out a STEP_PROGRAM step. */
int program_step(struct case_run *run, const struct plan_step *step, struct record_step *seen,
                 struct err *err);
/** Whether the program is still running while something is awaited. 1: it is; 0: it has ended, and
 * the server's log will show whether too early, as a program may notice at once; -1: it ended
 * "before ..", as `what` says, without meeting the failure. */
int program_goes_on(struct case_run *run, const char *what, struct err *err);
/** Passes what the program has written since the last call to the watcher, if any. `failed`: the
 * step that is the last one, so that an unfinished line counts too; NULL: the case continues. */
void program_tell_output(struct case_run *run, const struct plan_step *failed);
/** An error unless something shows that the program met the failure. */
int program_check_proof(struct case_run *run, struct err *err);

// ---- program_moment.c --------------------------------------------------------------------------

/** Notes the current counters. */
int program_mark(struct case_run *run, struct program_marks *ret, struct err *err);
/** How many connects of the program's host have failed in the kernel since then. */
int program_count_refused(struct case_run *run, int64_t *ret, struct err *err);
/** Waits until the program has come to its moment, and takes its session for the app's. */
int program_await_moment(struct case_run *run, const struct program_moment *moment,
                         double deadline_ms, struct record_step *seen, struct err *err);

#endif
