// SPDX-License-Identifier: Apache-2.0
// bound.h - a test that must not grow: limits of its process instead of a look at the clock
#ifndef GONEAWAY_TEST_BOUND_H
#define GONEAWAY_TEST_BOUND_H

#include <stddef.h>

/** From now on this process, which is a test's own, dies when it has used `seconds` of processor
 * time, and gets no memory beyond `bytes`. */
void bound_process(unsigned seconds, size_t bytes);

#endif
