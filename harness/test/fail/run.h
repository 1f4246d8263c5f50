// SPDX-License-Identifier: Apache-2.0
// run.h - runs a command of goneaway with one failing call, and judges the result
#ifndef GONEAWAY_TEST_FAIL_RUN_H
#define GONEAWAY_TEST_FAIL_RUN_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>

enum { FAIL_MOST_ARGUMENTS = 20 };

/** A command of goneaway. */
struct fail_command {
    const char *name;
    /** "@" at the start of an argument, or after its "=", means the folder for its files. */
    const char *arguments[FAIL_MOST_ARGUMENTS];
    bool prepares; ///< works on its own cache, from which its entries were removed
    bool every;    ///< tries every place it reaches, not only those that no earlier command reached
};

/** How a command is run. */
struct fail_run {
    const struct fail_command *command;
    const char *program;
    const char *folder; ///< for its files, emptied first; "shared" in it is the shared file
    const char *cache;  ///< for commands that prepare: has the images' roots
    const char *place;  ///< the failing call; "": none, places are noted
    unsigned number;    ///< which time, from 1; 0: every time
    bool keeps_cache;   ///< leaves the entries of `cache` as they are
    int deadline_ms;
};

/** The result of a run. */
struct fail_seen {
    int status; ///< as from waitpid()
    bool hung;  ///< killed at its deadline
    bool fired; ///< the call was made to fail
    char *left; ///< what it left behind; NULL: nothing
    struct text out, err;
    struct text files;  ///< its output, numbers replaced; reports with names and contents
    struct text cases;  ///< from its json report: "ID VERDICT", one per line
    struct text cached; ///< names in its own cache
};

/** Runs it to its end. An error is this program's, not that of the program it runs. */
int fail_run(const struct fail_run *run, struct fail_seen *ret_seen, struct err *err);
/** Why the result is wrong, given the result without a failure, to be freed; NULL: it is right. */
char *fail_judge(const struct fail_run *run, const struct fail_seen *seen,
                 const struct fail_seen *expected);
void fail_seen_release(struct fail_seen *seen);

#endif
