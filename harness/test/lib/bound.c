// SPDX-License-Identifier: Apache-2.0
// bound.c - a test that must not grow: limits of its process instead of a look at the clock
#include "test/lib/bound.h"

#include <sys/resource.h>

void bound_process(unsigned seconds, size_t bytes) {
    const rlim_t most = SANITIZED ? 20 * seconds : seconds;
    const struct rlimit time = {most, most}, memory = {bytes, bytes};
    setrlimit(RLIMIT_CPU, &time);
    if (!SANITIZED)
        setrlimit(RLIMIT_DATA, &memory);
}
