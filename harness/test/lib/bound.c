// SPDX-License-Identifier: Apache-2.0
// bound.c - bounds a test by limits of its process, rather than by a clock
#include "test/lib/bound.h"

#include <sys/resource.h>

void bound_process(unsigned seconds, size_t bytes) {
    const rlim_t most = SANITIZED ? 20 * seconds : seconds;
    const struct rlimit time = {most, most}, memory = {bytes, bytes};
    setrlimit(RLIMIT_CPU, &time);
    if (!SANITIZED)
        setrlimit(RLIMIT_DATA, &memory);
}
