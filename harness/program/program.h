// SPDX-License-Identifier: Apache-2.0
// program.h - a case with a user's own program in the place of an adapter
//
// A program does what it does, so the calls of the scenario's app are left out. The rest of the
// case remains: the server and its options, the wire, what an admin does, the fault and the states
// that follow it. The derived plan is:
//
//     everything before the app's first call
//     the program starts
//     it has come to the moment at which the fault is due (observed: run/program.c)
//     faults, the server's restart .. and the states of server and socket that are then awaited
//     the program ends, which is judged (verdict/program.c)
//     what the admin looks at afterwards, which is shown
//
// The language has no word for this, so a stranger's scenario cannot name a program.
#ifndef GONEAWAY_PROGRAM_PROGRAM_H
#define GONEAWAY_PROGRAM_PROGRAM_H

#include "plan/plan.h"

/** How far a program has come. */
enum program_at {
    AT_START,     ///< it has been started; nothing else is known
    AT_CONNECTED, ///< it has a session
    AT_IDLE,      ///< it has finished a statement, and is idle
    AT_RUNNING,   ///< one of its statements is running
    AT_STATEMENT, ///< its n-th statement has begun
    AT_FORKED,    ///< another process of it has the connection too
    AT_END,       ///< it has ended; only in `try`
    AT_COUNT,
};

/** A moment in the life of a program. */
struct program_moment {
    enum program_at at;
    const char *text; ///< AT_RUNNING: a part of the statement; NULL: any
    int64_t nth;      ///< AT_STATEMENT: from 1
};

/** What the user asks of programs. */
struct program_options {
    const struct program_moment *moment; ///< NULL: the one that the scenario implies
    const char *expect_output;           ///< a regular expression for a line; NULL: none
    int64_t deadline_ms;                 ///< for reaching the moment, and for ending after the
                                         ///< fault
    /** For each step of the case, the moment awaited in place of this call; NULL: none. After it
     * the case continues, whatever was done to the program before. NULL: none for any step. */
    const struct program_moment *const *moments;
    bool is_trial;   ///< nothing needs to prove that the program met a failure
    const char *log; ///< except for a line of the server's error log that matches this; NULL: none
};

/** What proves that the program met the failure at all. */
enum program_proof {
    PROOF_OF_FAULT, ///< the fault, or the moment, proves it
    PROOF_LOG,      ///< a line of the server's error log
    PROOF_ABORTED,  ///< the server counted a failed connect
    PROOF_REFUSED,  ///< the kernel refused a connect, since nobody listens
};

/** What a plan for a program adds. */
struct program_plan {
    struct program_moment moment;
    const struct plan_step *connect; ///< the step that says how the app reaches the server
    enum program_proof proof;
    size_t log_count;
    const char **logs;         ///< PROOF_LOG: patterns, one of which must match
    const char *expect_output; ///< or NULL
    const int *origins;        ///< for each step, its number in the case; 0: added for the program
};

/** What a STEP_PROGRAM step does, as `act.verb->id`. For PROGRAM_COMES, `act.args` is the
 * moment. */
enum program_act { PROGRAM_STARTS, PROGRAM_COMES, PROGRAM_ENDS };
/** The id of the step that is judged. */
#define PROGRAM_STEP_ID "program"

/** Reads a moment, "running=INSERT". */
int program_moment_read(const char *text, struct program_moment *ret, struct err *err);
/** "idle", "running" .. */
const char *program_moment_word(const struct program_moment *moment);
/** "it had done a statement and its session was idle"; to be freed. */
char *program_moment_text(const struct program_moment *moment);

/** Derives the plan of a case for a program; the result lives as long as the scenario. NULL, or why
 * the case cannot be derived, to be freed. */
char *program_derive(const struct plan_case *plan, const struct program_options *options,
                     struct plan_case *ret);

// ---- parts -------------------------------------------------------------------------------------

/** The same, regardless of other variants; the result lives as long as the arena. */
char *program_derive_apart(const struct plan_case *plan, const struct program_options *options,
                           struct arena *arena, struct plan_case *ret);
/** Whether nothing that the scenario's app does in a case fails. */
bool program_is_calm(const struct plan_case *plan);

#endif
