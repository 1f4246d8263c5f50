// SPDX-License-Identifier: Apache-2.0
// units.h - runs tests in separate processes, several at a time
//
// A unit is what one process runs: a suite, a test, or some iterations of one. Units that fail are
// run once more, alone, after all others: one that then passes is flaky, which is reported, and
// fatal only if it happens often.
#ifndef GONEAWAY_TEST_LIB_UNITS_H
#define GONEAWAY_TEST_LIB_UNITS_H

#include <stdbool.h>
#include <stddef.h>

/** When a unit runs, and beside which others. */
enum turn {
    FIRST,  ///< before all others, one by one: they prepare what others need
    BESIDE, ///< beside others
    LATER,  ///< beside each other, after those
    ALONE,  ///< at the end, one by one
    TURNS
};

struct unit {
    const char *suite;
    char *name; ///< as for pick_only()
    enum turn turn;
    bool once; ///< a failure is final, since nothing depends on the machine
};

/** Runs each unit as `argv0 --here NAME`. Prints a line for each suite, all output of failed units,
 * and finally what was flaky, the slowest, and how many checks passed, failed and were skipped.
 * Returns the exit status: 1 if something failed, or too much was flaky. */
int units_run(const char *argv0, const struct unit *units, size_t count, int jobs);

#endif
