// SPDX-License-Identifier: Apache-2.0
// cgroup.h - a memory cgroup of its own for one process, in which the kernel kills for lack of
// memory
#ifndef GONEAWAY_WORLD_CGROUP_H
#define GONEAWAY_WORLD_CGROUP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** A memory cgroup with a limit. Zero: there is none. */
struct cgroup {
    char *folder; ///< absolute path
    char *home;   ///< that of the cgroup from which the process came
    bool unified; ///< version 2 of the interface
    pid_t pid;
    int lock; ///< a descriptor of the folder; others remove only what is not locked
};

/** Moves a process into a new memory cgroup, where it may use `bytes` more than now: what it has
 * stays charged to where it came from. Removes what killed runs have left beside it. On error
 * nothing is left, and the remedy says what the machine lacks. */
int cgroup_open(struct cgroup *cgroup, pid_t pid, int64_t bytes, struct err *err);
/** Sets the number of processes that the kernel has killed in it because memory ran out. */
int cgroup_kills(const struct cgroup *cgroup, int64_t *ret_kills, struct err *err);
/** Moves the process back if it lives, and removes the cgroup. An error if that is not possible
 * until `deadline_ms` (clock_ms()). Of none it does nothing. */
int cgroup_close(struct cgroup *cgroup, double deadline_ms, struct err *err);

#endif
