// SPDX-License-Identifier: Apache-2.0
// skip.h - tests that cannot run here, and say so
//
// A test that lacks something of the machine is no test that passed: it ends by skip_test(), is
// counted as skipped, and main.c prints its name and the reason. Which tests continuous integration
// may skip stands in .ci/skips.
#ifndef GONEAWAY_TEST_LIB_SKIP_H
#define GONEAWAY_TEST_LIB_SKIP_H

/** Ends the test in whose body it stands, as skipped. */
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

/** Makes the list, which the processes that tests run in share. */
void skips_open(void);
/** Notes that the running test is skipped. */
void skip_note(const char *reason);
/** Says a line for each test and reason, and how many there were, if any. */
void skips_print(void);

#endif
