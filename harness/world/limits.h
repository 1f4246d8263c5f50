// SPDX-License-Identifier: Apache-2.0
// limits.h - a run's cgroups, which limit each worker with everything below it
//
//     PARENT/goneaway-run-PID-RANDOM/     made by main, removed at the end of the run
//         worker-N/                       has the limits; main reads here whether they struck
//             own/                        all that the worker sees of it: its processes, and the
//                                         cgroups that it makes for faults (oom, threads)
//
// This exists once with cgroup version 2 (where the worker's processes are in own/main), and once
// per controller with version 1; not at all if the user may make no cgroups.
//
// A separate process, the keeper, removes the folder if main is killed. It has its own session,
// holds none of main's descriptors, and waits for main's end. If main and keeper are both killed, a
// folder without a lock is left, which the next run in that place removes.
#ifndef GONEAWAY_WORLD_LIMITS_H
#define GONEAWAY_WORLD_LIMITS_H

#include "sandbox/cgroup_tree.h"
#include "sandbox/sandbox.h"

/** What a worker may use, including the servers and apps of its cases: three servers of 200 MB and
 * their threads are usual. */
enum { LIMIT_THREADS = 2000 };
#define LIMIT_MEMORY_BYTES ((int64_t)4 << 30)

/** Initialise with `= {0}`: there are none. */
struct limits {
    int64_t most[CGROUP_KINDS]; ///< for each worker: bytes, threads
    struct cgroup_tree *trees;  ///< shared with the keeper
    int tree_count;
    struct err errs[CGROUP_KINDS]; ///< for a kind without a tree: why
    pid_t keeper;
    int given; ///< how many workers there have been
};

/** Makes the run's cgroups, as far as possible here, and starts the keeper. */
void limits_open(struct limits *limits);
/** Removes them and ends the keeper. */
void limits_close(struct limits *limits);

/** Makes a worker's cgroups, with the limits; a place that is unavailable says why. */
void limits_give(struct limits *limits, struct cgroup_home *ret_home);
/** Appends what its sandbox must see of them to `places` (NULL: none). Free only the list. */
struct sandbox_place *limits_places(const struct cgroup_home *home,
                                    const struct sandbox_place *places);
/** Moves the caller, a worker that has not started any process yet, into its cgroups. */
void limits_enter(const struct cgroup_home *home);
/** Whether a running worker is in its cgroups, with limits on memory and threads. */
bool limits_hold(const struct cgroup_home *home);
/** Whether the kernel has killed one of the worker's processes for want of memory, or refused it a
 * thread, apart from cgroups that the worker made itself. Returns a description, to be freed; NULL:
 * no. */
char *limits_struck(const struct limits *limits, const struct cgroup_home *home);
/** Removes a worker's cgroups once it has ended. */
void limits_take(struct cgroup_home *home);

#endif
