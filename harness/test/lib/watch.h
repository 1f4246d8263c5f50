// SPDX-License-Identifier: Apache-2.0
// watch.h - how much the processes below one use
#ifndef GONEAWAY_TEST_LIB_WATCH_H
#define GONEAWAY_TEST_LIB_WATCH_H

#include <stdint.h>
#include <sys/types.h>

/** The maximum seen so far. Initialise with `= {0}`. */
struct watch {
    int64_t memory; ///< bytes of private memory, in all of them
    int threads;
};

/** Looks at all processes on the machine. */
void watch_begin(void);
/** Adds what the latest look saw of a process and everything below it. */
void watch_look(struct watch *watch, pid_t root);

#endif
