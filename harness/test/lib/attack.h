// SPDX-License-Identifier: Apache-2.0
// attack.h - the files of fixtures/test/hostile: what each tries, and what must happen to it
//
// The comment at the head of a file says both (fixtures/test/hostile/README.md has the keys). Where a
// file lies says what it is.
#ifndef GONEAWAY_TEST_LIB_ATTACK_H
#define GONEAWAY_TEST_LIB_ATTACK_H

#include "base/text.h"

enum attack_kind {
    ATTACK_SCENARIO, ///< scenarios/NAME.yml
    ATTACK_PRINTED,  ///< scenarios/NAME.yml.sh: a script that prints the scenario
    ATTACK_ADAPTER,  ///< adapters/NAME.sh: a program that is given as --adapter
    ATTACK_CODE,     ///< code/NAME.c: the same, compiled
    ATTACK_COMMAND,  ///< commands/NAME.sh: a script that runs the program in its own way
};

struct attack {
    enum attack_kind kind;
    char *name;     ///< of the file, without its endings
    char *path;     ///< of the file, below fixtures/test/hostile
    char *tries;    ///< for people
    char *ends;     ///< verdicts, or words for attack_ends(), that are right; for a command a
                    ///< status
    char *says;     ///< what the reason or the message must match; NULL: anything
    char *options;  ///< further options of the run, separated by blanks; NULL: none
    char *scenario; ///< for an adapter: the scenario it is tried with, without endings
    char *server;   ///< which server
    char *action;   ///< "run", or "check": the scenario is only checked
    int within_s;   ///< how long it may take
    int64_t memory; ///< bytes that the run's processes may use together
    char *mistake;  ///< what is wrong with the file's head; NULL: nothing
};

/** The attacks of a fixtures folder whose names match a glob pattern, the longest first. */
struct attack *attacks_read(const char *folder, const char *pattern, size_t *ret_count);

/** Whether an end, such as a verdict, is one of the right ones. */
bool attack_may_end(const struct attack *attack, const char *end);

#endif
