// SPDX-License-Identifier: Apache-2.0
// run.h - runs a command of goneaway with one call that fails, and judges what came of it
#ifndef GONEAWAY_TEST_FAIL_RUN_H
#define GONEAWAY_TEST_FAIL_RUN_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>

enum { FAIL_MOST_ARGUMENTS = 20 };

/** A command of goneaway. */
struct fail_command {
    const char *name;
    /** "@" at an argument's beginning or behind its "=" stands for the folder of its files. */
    const char *arguments[FAIL_MOST_ARGUMENTS];
    bool prepares; ///< works on a cache of its own, from which its entries were removed
    bool every;    ///< tries every place it meets, not only those that no command before it met
};

/** How a command is run. */
struct fail_run {
    const struct fail_command *command;
    const char *program;
    const char *folder; ///< for its files, emptied first; "shared" in it is the shared file
    const char *cache;  ///< for those that prepare: has the images' roots
    const char *place;  ///< the call that fails; "": none, places are noted
    unsigned number;    ///< which time, from 1; 0: every time
    bool keeps_cache;   ///< leaves the entries of `cache` as they are
    int deadline_ms;
};

/** What was seen. */
struct fail_seen {
    int status; ///< as waitpid() has it
    bool hung;  ///< killed at its deadline
    bool fired; ///< the call was made to fail
    char *left; ///< what it left behind; NULL: nothing
    struct text out, err;
    struct text files;  ///< what it wrote, numbers replaced: of its reports, names and contents
    struct text cases;  ///< of its json report: "ID VERDICT", a line each
    struct text cached; ///< names in its own cache
};

/** Runs it to its end. An error is one of this program, not of the one that is run. */
int fail_run(const struct fail_run *run, struct fail_seen *ret_seen, struct err *err);
/** Why what was seen is wrong, given what is seen when nothing fails, to be freed; NULL: it is
 * right. */
char *fail_judge(const struct fail_run *run, const struct fail_seen *seen,
                 const struct fail_seen *expected);
void fail_seen_release(struct fail_seen *seen);

#endif
