// SPDX-License-Identifier: Apache-2.0
// told.h - what a preparing process tells its user, kept
#ifndef GONEAWAY_TEST_LIB_TOLD_H
#define GONEAWAY_TEST_LIB_TOLD_H

/** Adds a line to a text (`context`). */
void told_take(void *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
