// SPDX-License-Identifier: Apache-2.0
// units.h - tests in processes of their own, several side by side
//
// A unit is what one process runs: a suite, a test, or some iterations of one. Units that fail are
// run once more, alone, when all others have ended: one that passes then is flaky, which is told
// and not fatal unless it happens often.
#ifndef GONEAWAY_TEST_LIB_UNITS_H
#define GONEAWAY_TEST_LIB_UNITS_H

#include <stdbool.h>
#include <stddef.h>

/** When a unit is run, beside what. */
enum turn {
    FIRST,  ///< before all others, one after the other: they prepare what others need
    BESIDE, ///< beside others
    LATER,  ///< beside each other, behind those
    ALONE,  ///< at the end, one after the other
    TURNS
};

struct unit {
    const char *suite;
    char *name; ///< as pick_only() takes it
    enum turn turn;
    bool once; ///< a failure is final: nothing of the machine is in it
};

/** Runs each unit as `argv0 --here NAME`, and says a line for each suite, all that failed units
 * have said, and at last what was flaky, the slowest, and how many checks passed, failed and were
 * skipped. Returns the exit status: 1 if something failed, or more was flaky than may be. */
int units_run(const char *argv0, const struct unit *units, size_t count, int jobs);

#endif
