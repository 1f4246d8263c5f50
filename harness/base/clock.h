// SPDX-License-Identifier: Apache-2.0
// clock.h - the monotonic clock and deadlines
#ifndef GONEAWAY_BASE_CLOCK_H
#define GONEAWAY_BASE_CLOCK_H

#include <stdint.h>

/** Milliseconds of CLOCK_MONOTONIC, with fractions. */
double clock_ms(void);
/** Milliseconds since 1970, UTC, with fractions: for people, and for what others have timed. */
double clock_wall_ms(void);
/** Milliseconds of processor time that this process itself has used. */
double clock_used_ms(void);
/** What remains until `deadline_ms` (a value of clock_ms()), as poll() wants it: >= 0, rounded up.
 */
int clock_left_ms(double deadline_ms);
/** Waits `ms`, or until `fd` (-1: none) is readable or hung up; 1 if it is, else 0. For waits that
 * are the fault itself, and as the pause between two looks at a state that gives no event. */
int clock_wait(double ms, int fd);
/** The pause between two looks at a state that gives no event: 2 ms, and up to 10 ms when it has
 * been waited for since long before (`began_ms`), where a little more matters less. */
void clock_look_again(double began_ms);

#endif
