// SPDX-License-Identifier: Apache-2.0
// watch.h - how much the processes below one take
#ifndef GONEAWAY_TEST_LIB_WATCH_H
#define GONEAWAY_TEST_LIB_WATCH_H

#include <stdint.h>
#include <sys/types.h>

/** The most that was seen so far. Start with `= {0}`. */
struct watch {
    int64_t memory; ///< bytes of their own, in all of them
    int threads;
};

/** Looks at all processes of the machine. */
void watch_begin(void);
/** Adds what the latest look has seen of a process and all below it. */
void watch_look(struct watch *watch, pid_t root);

#endif
