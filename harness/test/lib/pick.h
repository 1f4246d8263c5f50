// SPDX-License-Identifier: Apache-2.0
// pick.h - picks the tests that a process adds to its suites
//
// A suite's function adds its tests by Check's macros, which suites.h redirects here. Picked tests
// are added and listed; everything is picked until pick_only() is called.
#ifndef GONEAWAY_TEST_LIB_PICK_H
#define GONEAWAY_TEST_LIB_PICK_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

/** A picked test, with its iterations from `from` up to but excluding `to`. */
struct picked {
    const char *suite, *test;
    int from, to;
};

/** Picks a suite, "live_run", a test in it, "live_run/globals_are_set_back", or some of its
 * iterations, "live_run/wrong_usage_is_refused:3" or ":3-8" (inclusive). May be called repeatedly
 * to pick more. False if the syntax is none of these. */
bool pick_only(const char *name);
/** Whether anything of this suite is picked. */
bool pick_has(const char *suite);
/** Whether the whole suite is picked. */
bool pick_is_whole(const char *suite);
/** Sets the suite whose tests are added from now on; keeps the pointer. */
void pick_suite(const char *suite);
/** Replaces tcase_add_test() and tcase_add_loop_test(). */
void pick_add(TCase *tcase, const TTest *test, int from, int to);
/** A test or suite that was asked for but did not occur; NULL if there is none. */
const char *pick_unmet(void);
/** All picked tests that exist, in the order in which they were added. */
const struct picked *picked_all(size_t *ret_count);

#endif
