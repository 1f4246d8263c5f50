// SPDX-License-Identifier: Apache-2.0
// limits.h - the cgroups of a run, in which each worker with all below it has limits
//
//     PARENT/goneaway-run-PID-RANDOM/     made by main, removed at the end of the run
//         worker-N/                       has the limits; main reads here whether they struck
//             own/                        all that the worker sees of it: its processes, and the
//                                         cgroups that it makes for faults (oom, threads)
//
// That is once in version 2 of cgroups (the worker's processes are in own/main there), and in
// version 1 once for each controller. Where the user may make no cgroups there is nothing of it.
//
// A process beside main, the keeper, removes the folder if main is killed. It has a session of its
// own, holds none of main's descriptors, and waits for main's end. What is killed together with its
// keeper leaves a folder without a lock, which the next run in that place removes.
#ifndef GONEAWAY_WORLD_LIMITS_H
#define GONEAWAY_WORLD_LIMITS_H

#include "sandbox/cgroup_tree.h"
#include "sandbox/sandbox.h"

/** What a worker may use, with the servers and apps of its cases: three servers of 200 MB and their
 * threads are usual. */
enum { LIMIT_THREADS = 2000 };
#define LIMIT_MEMORY_BYTES ((int64_t)4 << 30)

/** Start with `= {0}`: there are none. */
struct limits {
    int64_t most[CGROUP_KINDS]; ///< of each worker: bytes, threads
    struct cgroup_tree *trees;  ///< shared with the keeper
    int tree_count;
    struct err errs[CGROUP_KINDS]; ///< of a kind without a tree: why
    pid_t keeper;
    int given; ///< how many workers there have been
};

/** Makes the run's cgroups, as far as that is possible here, and starts the keeper. */
void limits_open(struct limits *limits);
/** Removes them; the keeper ends. */
void limits_close(struct limits *limits);

/** Makes a worker's cgroups, with the limits; places that there are not say why. */
void limits_give(struct limits *limits, struct cgroup_home *ret_home);
/** Adds what its sandbox must see of them to `places` (NULL: none). Free the list alone. */
struct sandbox_place *limits_places(const struct cgroup_home *home,
                                    const struct sandbox_place *places);
/** Moves the caller, a worker that has started nothing yet, to its cgroups. */
void limits_enter(const struct cgroup_home *home);
/** Whether a worker that has started is in its cgroups, with limits of memory and of threads. */
bool limits_hold(const struct cgroup_home *home);
/** Whether the kernel has killed a process of the worker for want of memory, or has refused it a
 * thread, outside of the cgroups that it has made itself. Says how, to be freed; NULL: no. */
char *limits_struck(const struct limits *limits, const struct cgroup_home *home);
/** Removes a worker's cgroups when it has ended. */
void limits_take(struct cgroup_home *home);

#endif
