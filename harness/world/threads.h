// SPDX-License-Identifier: Apache-2.0
// threads.h - denies a process new threads
#ifndef GONEAWAY_WORLD_THREADS_H
#define GONEAWAY_WORLD_THREADS_H

#include "sandbox/cgroup.h"

/** A limit on the threads of a process. All zero: none. */
struct thread_limit {
    struct cgroup cgroup; ///< zero: by RLIMIT_NPROC
    pid_t pid;            ///< 0: there is no limit
    int64_t limit;        ///< for RLIMIT_NPROC
    int64_t before;       ///< the soft limit to restore
};

/** Allows a process at most `spare` new threads; 0: none at all, even if others end meanwhile. Uses
 * a cgroup if `home` (may be NULL) has a place for it. On error nothing is left behind, and the
 * remedy says what the machine lacks. */
int thread_limit_open(struct thread_limit *limit, const struct cgroup_home *home, pid_t pid,
                      int64_t spare, struct err *err);
/** How it is done, for the report. */
const char *thread_limit_mechanism(const struct thread_limit *limit);
/** Gets how many threads the kernel has refused. A resource limit does not count them; then it is 1
 * if there are as many threads as the limit allows. */
int thread_limit_count(const struct thread_limit *limit, int64_t *ret_refused, struct err *err);
/** Lifts the limit, by `deadline_ms` (clock_ms()). Does nothing if there is none. */
int thread_limit_close(struct thread_limit *limit, double deadline_ms, struct err *err);
/** Whether a process of this machine can be limited: tries it on its own child. */
int thread_limit_try(const struct cgroup_home *home, struct err *err);

#endif
