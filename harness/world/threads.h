// SPDX-License-Identifier: Apache-2.0
// threads.h - a process that gets no new threads
#ifndef GONEAWAY_WORLD_THREADS_H
#define GONEAWAY_WORLD_THREADS_H

#include "sandbox/cgroup.h"

/** A limit of the threads of a process. Zero: there is none. */
struct thread_limit {
    struct cgroup cgroup; ///< zero: by RLIMIT_NPROC
    pid_t pid;            ///< 0: there is no limit
    int64_t limit;        ///< of RLIMIT_NPROC
    int64_t before;       ///< the soft limit that was there
};

/** Keeps a process from having more than `spare` new threads; 0: from any at all, also if others
 * end meanwhile. By a cgroup if `home` (may be NULL) has a place for it. On error nothing is left,
 * and the remedy says what the machine lacks. */
int thread_limit_open(struct thread_limit *limit, const struct cgroup_home *home, pid_t pid,
                      int64_t spare, struct err *err);
/** By what it is carried out. */
const char *thread_limit_mechanism(const struct thread_limit *limit);
/** Sets how many threads the kernel has refused; of a resource limit, for which it does not count
 * them: 1 if there are as many threads as the limit allows. */
int thread_limit_count(const struct thread_limit *limit, int64_t *ret_refused, struct err *err);
/** Takes the limit away, until `deadline_ms` (clock_ms()). Of none it does nothing. */
int thread_limit_close(struct thread_limit *limit, double deadline_ms, struct err *err);
/** Whether a process of this machine can be limited: tries it on one of its own. */
int thread_limit_try(const struct cgroup_home *home, struct err *err);

#endif
