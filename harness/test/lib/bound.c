// SPDX-License-Identifier: Apache-2.0
// bound.c - bounds a test by limits of its process, rather than by a clock
#include "test/lib/bound.h"

#include <check.h>
#include <sys/resource.h>

void bound_process(unsigned seconds, size_t bytes) {
    const rlim_t most = SANITIZED ? 20 * seconds : seconds;
    const struct rlimit time = {most, most}, memory = {bytes, bytes};
    setrlimit(RLIMIT_CPU, &time);
    if (!SANITIZED)
        setrlimit(RLIMIT_DATA, &memory);
}

void bound_growth(double part_ms, double whole_ms, int parts) {
    const double most = 0.75 * parts * parts;
    ck_assert_msg(whole_ms < part_ms * most, "%.0f ms, and %.0f ms for one of %d parts", whole_ms,
                  part_ms, parts);
}
