// SPDX-License-Identifier: Apache-2.0
// skip.h - skips tests that cannot run here, and lists them
//
// A test that lacks something on this machine has not passed: it ends by skip_test(), is counted as
// skipped, and main.c prints its name and the reason. .ci/skips lists which tests continuous
// integration may skip.
#ifndef GONEAWAY_TEST_LIB_SKIP_H
#define GONEAWAY_TEST_LIB_SKIP_H

/** Ends the test that calls it, as skipped. */
#define skip_test(reason)                                                                          \
    do {                                                                                           \
        skip_note(reason);                                                                         \
        return;                                                                                    \
    } while (0)

/** The same for a test that only root can do. */
#define skip_test_unless_root()                                                                    \
    do {                                                                                           \
        if (geteuid() != 0)                                                                        \
            skip_test("needs root");                                                               \
    } while (0)

/** Makes the list, shared with the processes that tests run in. */
void skips_open(void);
/** Notes that the running test is skipped. */
void skip_note(const char *reason);
/** Prints a line for each skipped test with its reason, and how many there were, if any. */
void skips_print(void);

#endif
