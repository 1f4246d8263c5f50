// SPDX-License-Identifier: Apache-2.0
// program.h - a case with somebody's own program in the place of an adapter
//
// A program does what it does, so the calls of the scenario's app are not carried out. What remains
// of a case is all around them: the server and its options, the wire, what an admin does, the fault
// and the states that follow it. Such a plan is derived from the case:
//
//     what stands before the app's first call
//     the program starts
//     it has come to the moment at which the fault is due (observed: run/program.c)
//     faults, the server's restart .. and the states of server and socket that are waited for then
//     the program ends, which is what is judged (verdict/program.c)
//     what the admin looks at afterwards, which is shown
//
// The language has no word for it: a scenario of a stranger's cannot name a program.
#ifndef GONEAWAY_PROGRAM_PROGRAM_H
#define GONEAWAY_PROGRAM_PROGRAM_H

#include "plan/plan.h"

/** How far a program has come. */
enum program_at {
    AT_START,     ///< it has been started, and nothing more is known
    AT_CONNECTED, ///< it has a session
    AT_IDLE,      ///< it has done a statement, and rests
    AT_RUNNING,   ///< a statement of it is running
    AT_STATEMENT, ///< its n-th statement has begun
    AT_FORKED,    ///< another process of it holds its connection too
    AT_END,       ///< it has ended; of a line only
    AT_COUNT,
};

/** A moment in the life of a program. */
struct program_moment {
    enum program_at at;
    const char *text; ///< AT_RUNNING: what the statement holds; NULL: whatever
    int64_t nth;      ///< AT_STATEMENT: from 1
};

/** What a user says of programs. */
struct program_options {
    const struct program_moment *moment; ///< NULL: that of the scenario's own shape
    const char *expect_output;           ///< a regular expression for a line; NULL: none
    int64_t deadline_ms;                 ///< of coming to the moment, and of ending after the fault
    /** For each step of the case: the moment that is waited for in the place of this call; NULL:
     * none. After it the case goes on, whatever was done to the program before. NULL: none has. */
    const struct program_moment *const *moments;
    bool is_trial;   ///< nothing need show that the program has met a failure
    const char *log; ///< but a line of the server's error log that matches this; NULL: none
};

/** What shows that the program has met the failure at all. */
enum program_proof {
    PROOF_OF_FAULT, ///< what the fault, or the moment, proves of itself
    PROOF_LOG,      ///< a line of the server's error log
    PROOF_ABORTED,  ///< the server has counted a connect that failed
    PROOF_REFUSED,  ///< a connect was refused by the kernel, since nobody listens
};

/** Of a plan for a program. */
struct program_plan {
    struct program_moment moment;
    const struct plan_step *connect; ///< the step that says how the app reaches the server
    enum program_proof proof;
    size_t log_count;
    const char **logs;         ///< PROOF_LOG: patterns, of which one must match
    const char *expect_output; ///< or NULL
    const int *origins;        ///< of each step its number in the case; 0: it is the program's own
};

/** What a step STEP_PROGRAM does, as `act.verb->id`. That of PROGRAM_COMES is a moment, which
 * `act.args` is. */
enum program_act { PROGRAM_STARTS, PROGRAM_COMES, PROGRAM_ENDS };
/** The id of the step that is judged. */
#define PROGRAM_STEP_ID "program"

/** Reads a moment, "running=INSERT". */
int program_moment_read(const char *text, struct program_moment *ret, struct err *err);
/** "idle", "running" .. */
const char *program_moment_word(const struct program_moment *moment);
/** "it had done a statement and its session was idle": to be freed. */
char *program_moment_text(const struct program_moment *moment);

/** Derives the plan of a case for a program; `ret` lives as long as the scenario. NULL, or why the
 * case cannot be carried out so, to be freed. */
char *program_derive(const struct plan_case *plan, const struct program_options *options,
                     struct plan_case *ret);

// ---- parts -------------------------------------------------------------------------------------

/** The same without looking at other variants; `ret` lives as long as the arena. */
char *program_derive_apart(const struct plan_case *plan, const struct program_options *options,
                           struct arena *arena, struct plan_case *ret);
/** Whether nothing fails in a case, of what the scenario's app does. */
bool program_is_calm(const struct plan_case *plan);

#endif
