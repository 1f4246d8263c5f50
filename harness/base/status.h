// SPDX-License-Identifier: Apache-2.0
// status.h - exit statuses of the program, and of the processes that it forks
//
// A run's cases have it by verdict_exit_status(), an error by fail() in main/main.c, refused files
// by main/check.c.
#ifndef GONEAWAY_BASE_STATUS_H
#define GONEAWAY_BASE_STATUS_H

enum status {
    STATUS_OK = 0,
    STATUS_UNEXPECTED = 1, ///< some case was not as expected
    STATUS_USAGE = 2,      ///< wrong usage or an invalid file
    STATUS_MACHINE = 3,    ///< the harness or the machine failed; standard error says how
    STATUS_NOTHING = 4,    ///< nothing ran
    // for `run --bisect`: git bisect run asks whether a commit is good (0) or bad (1)
    STATUS_UNTESTED = 125, ///< not decided
    STATUS_ABORT = 255,    ///< the command line is wrong, so no commit could be tested
};

#endif
