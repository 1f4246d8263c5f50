// SPDX-License-Identifier: Apache-2.0
// clock.h - the monotonic clock and deadlines
#ifndef GONEAWAY_BASE_CLOCK_H
#define GONEAWAY_BASE_CLOCK_H

#include <stdint.h>

/** Milliseconds of CLOCK_MONOTONIC, with fractions. */
double clock_ms(void);
/** Milliseconds since 1970, UTC, with fractions: for display, and to match timestamps made by
 * others. */
double clock_wall_ms(void);
/** Milliseconds of processor time used by this process. */
double clock_used_ms(void);
/** Time left until `deadline_ms` (a value of clock_ms()), for poll(): >= 0, rounded up. */
int clock_left_ms(double deadline_ms);
/** Waits `ms`, or until `fd` (-1: none) is readable or hung up; 1 if it is, else 0. Use it only for
 * a wait that is itself the fault, or between two looks at a state that raises no event. */
int clock_wait(double ms, int fd);
/** Pauses between two looks at a state that raises no event: 2 ms at first, rising to 10 ms the
 * longer ago the wait began (`began_ms`), when a little more matters less. */
void clock_look_again(double began_ms);

#endif
