// SPDX-License-Identifier: Apache-2.0
// pick.h - which of all tests a process adds to its suites, and which there are
//
// A suite's function adds its tests by Check's macros, which suites.h leads here. What is picked is
// added and listed; all is picked until pick_only() says otherwise.
#ifndef GONEAWAY_TEST_LIB_PICK_H
#define GONEAWAY_TEST_LIB_PICK_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

/** A test that was picked, with the iterations from `from` up to, but not with, `to`. */
struct picked {
    const char *suite, *test;
    int from, to;
};

/** Picks a suite, "live_run", a test of it, "live_run/globals_are_set_back", or some of its
 * iterations, "live_run/wrong_usage_is_refused:3" or ":3-8" (with the last); may be called again
 * for more. False if it is none of these in form. */
bool pick_only(const char *name);
/** Whether anything of this suite is picked. */
bool pick_has(const char *suite);
/** Whether all of this suite is picked. */
bool pick_is_whole(const char *suite);
/** Says whose tests are added from now on; the name is kept. */
void pick_suite(const char *suite);
/** What tcase_add_test() and tcase_add_loop_test() do. */
void pick_add(TCase *tcase, const TTest *test, int from, int to);
/** A test, or suite, that was asked for and of which nothing was added; NULL if there is none. */
const char *pick_unmet(void);
/** All that was picked and is there, in the order in which it was added. */
const struct picked *picked_all(size_t *ret_count);

#endif
