// SPDX-License-Identifier: Apache-2.0
// cli.h - the program as a user runs it: where it is, and what came of its latest run
//
// Each test has a process of its own, so one place holds all of this.
#ifndef GONEAWAY_TEST_LIB_CLI_H
#define GONEAWAY_TEST_LIB_CLI_H

#include "base/text.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct cli {
    char program[PATH_MAX]; ///< absolute
    char home[PATH_MAX];    ///< the source tree, or what GONEAWAY_HOME names
    // of the latest run
    int status;             ///< exit status; -1: a signal has ended it
    int signal;             ///< which; 0: none
    struct text said;       ///< standard output, and standard error if that was not kept apart
    struct text complained; ///< standard error that was kept apart
    json_t *cases;          ///< of report.json in the test's folder; NULL: there is no such report
    json_t *summary;        ///< of it; NULL: it has none
};
extern struct cli cli;

/** Finds the program, by GONEAWAY or where it is built, and tells scripts by that variable. */
void cli_find(void);

/** Begins a test that must leave nothing behind (contain.h), in a folder of its own (folder.h). */
void cli_begin(const char *prefix, mode_t mode);
/** Looks what is left, and removes the folder. */
void cli_end(void);

/** Starts a command; its input is empty. */
pid_t cli_start(const char *const *argv);
/** The same. Input comes from `in`, -1: is empty; standard output goes to `out`, -1: is kept;
 * standard error is kept apart, or not. */
pid_t cli_start_on(const char *const *argv, int in, int out, bool apart);
/** Waits for what was started, and reads what it has said and reported. One that has not ended in
 * time is killed and fails the test. */
void cli_finish(pid_t pid, int within_ms);
/** Both, one after the other. */
void cli_run(const char *const *argv, int within_ms);

/** Runs a script of sh -e, and looks at no report. */
void cli_shell_ends(const char *script, int within_ms);
/** The same of one that must succeed. */
void cli_shell(const char *script, int within_ms);

/** Standard output, while the program still runs. */
const char *cli_said(void);
/** Waits until that has a phrase; false: it does not come in time. */
bool cli_will_say(const char *phrase, int within_ms);

void cli_check_status(int wanted);
void cli_check_signal(int wanted);
void cli_check_said(const char *words);
void cli_check_unsaid(const char *words);
/** The phrases, up to NULL, must stand in a text in this order. */
void cli_check_order(const struct text *text, const char *const *phrases);
#define CLI_CHECK_ORDER(...) cli_check_order(&cli.said, (const char *const[]){__VA_ARGS__, NULL})

/** The folder of the cache, which `goneaway prepare` has just said. */
const char *cli_cache(void);

/** For scripts: `ends STATUS COMMAND ..` is a test of a command whose output lands in `out`, and
 * `says WORDS` one of that. */
#define CLI_ENDS                                                                                   \
    "ends() {\n"                                                                                   \
    "    wanted=$1; shift; status=0\n"                                                             \
    "    \"$@\" >out 2>&1 || status=$?\n"                                                          \
    "    [ $status = $wanted ] || { echo \"$* ended with $status, not $wanted\"; cat out; exit "   \
    "1; }\n"                                                                                       \
    "}\n"                                                                                          \
    "says() { grep -qF -- \"$1\" out || { echo \"'$1' is not in:\"; cat out; exit 1; }; }\n"       \
    "goneaway=$GONEAWAY\n"

#endif
