// SPDX-License-Identifier: Apache-2.0
// cgroup.h - a cgroup of its own for one process, which limits its memory or its threads
#ifndef GONEAWAY_WORLD_CGROUP_H
#define GONEAWAY_WORLD_CGROUP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_kind {
    CGROUP_MEMORY, ///< bytes; the kernel kills whom it cannot give more
    CGROUP_PIDS,   ///< threads, those of all processes together; clone() fails (EAGAIN)
};

/** A cgroup with a limit. Zero: there is none. */
struct cgroup {
    enum cgroup_kind kind;
    char *folder; ///< absolute path
    char *parent; ///< that of the cgroup it is in
    char *home;   ///< that of the cgroup from which the process came
    bool unified; ///< version 2 of the interface
    pid_t pid;
    int lock; ///< a descriptor of the folder; others remove only what is not locked
};

/** Moves a process into a new cgroup with a limit. What memory it has stays charged to where it
 * came from: it may use `limit` bytes more than now. Its threads come along: they may be `limit` in
 * all, or it gets no more. Removes what killed runs have left beside it. On error nothing is left,
 * and the remedy says what the machine lacks. */
int cgroup_open(struct cgroup *cgroup, enum cgroup_kind kind, pid_t pid, int64_t limit,
                struct err *err);
/** Sets how often the limit has struck: how many processes the kernel has killed, or how many
 * threads it has refused. */
int cgroup_count(const struct cgroup *cgroup, int64_t *ret_count, struct err *err);
/** Moves the process back if it lives, and removes the cgroup. An error if that is not possible
 * until `deadline_ms` (clock_ms()). Of none it does nothing. */
int cgroup_close(struct cgroup *cgroup, double deadline_ms, struct err *err);

#endif
