// SPDX-License-Identifier: Apache-2.0
// bound.h - bounds a test by limits of its process, rather than by a clock
#ifndef GONEAWAY_TEST_LIB_BOUND_H
#define GONEAWAY_TEST_LIB_BOUND_H

#include <stddef.h>

/** Whether this is an AddressSanitizer build, which needs terabytes of address space and several
 * times the processor time, and ends where malloc() would return NULL. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/** From now on this process, a test's own, dies once it has used `seconds` of processor time, and
 * gets no memory beyond `bytes`. */
void bound_process(unsigned seconds, size_t bytes);

/** Fails the test if `parts` times as much took nearly the square of `parts` times as long. Both
 * times, in milliseconds, are of one run, since how long something takes is up to the machine. */
void bound_growth(double part_ms, double whole_ms, int parts);

#endif
