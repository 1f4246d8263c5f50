// SPDX-License-Identifier: Apache-2.0
// cgroup.h - operations on cgroups, and a cgroup with a limit for a single process
//
// A cgroup is a folder, and outlives whoever made it. So a worker makes cgroups only inside a
// folder that main gave it (world/limits.h), and they are removed together with that.
#ifndef GONEAWAY_SANDBOX_CGROUP_H
#define GONEAWAY_SANDBOX_CGROUP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_kind {
    CGROUP_MEMORY, ///< bytes; the kernel kills processes that would exceed them
    CGROUP_PIDS,   ///< threads of all processes together; beyond, clone() fails (EAGAIN)
    CGROUP_KINDS
};

/** The controllers' names. */
extern const char *const cgroup_names[CGROUP_KINDS];

// ---- any cgroup, given its folder --------------------------------------------------------------

/** Makes a cgroup. In version 2, if its parent has processes, it can only be `threaded`, and then
 * is. */
int cgroup_make(const char *folder, struct err *err);
/** Makes it pass a controller to the cgroups below: version 2 does so only on request. */
int cgroup_hand_on(const char *folder, enum cgroup_kind kind, struct err *err);
/** Whether it does already. */
bool cgroup_hands_on(const char *folder, enum cgroup_kind kind);
/** Limits all processes in it and below it. Memory cannot escape to swap. */
int cgroup_limit(const char *folder, enum cgroup_kind kind, int64_t limit, struct err *err);
/** Moves a process with all its threads into it; 0: the caller, which must be single-threaded. */
int cgroup_move(const char *folder, pid_t pid, struct err *err);
/** Gets how many of its processes the kernel has killed for want of memory, or how many threads it
 * has refused. */
int cgroup_strikes(const char *folder, enum cgroup_kind kind, int64_t *ret_count, struct err *err);
/** The number after `word` at the start of a line in one of its files; -1: none. */
int64_t cgroup_number(const char *folder, const char *file, const char *word);

// ---- for a worker ------------------------------------------------------------------------------

/** Where a worker has cgroups of a controller, and can make more. */
struct cgroup_place {
    char *outer;   ///< the worker's cgroup, which has its limit
    char *folder;  ///< inside it, where the worker makes its own; NULL: there is none
    char *own;     ///< where its processes are: the same folder, or in version 2 a subfolder
    char why[512]; ///< if there is none: why
};
struct cgroup_home {
    struct cgroup_place places[CGROUP_KINDS];
};

/** A cgroup with a limit for one process of a worker. All zero: there is none. */
struct cgroup {
    enum cgroup_kind kind;
    char *folder;
    char *back; ///< the cgroup that the process came from
    pid_t pid;  ///< 0: the caller itself
};

/** Moves a process (0: the caller, which must be single-threaded) into a new cgroup with a limit.
 * Its present memory stays charged to the old cgroup, so it may use `limit` bytes more than now.
 * Its threads come along: there may be `limit` in all, or no more if there are more already. On
 * error nothing is left behind, and the remedy says what the machine lacks. */
int cgroup_open(struct cgroup *cgroup, const struct cgroup_home *home, enum cgroup_kind kind,
                pid_t pid, int64_t limit, struct err *err);
/** Gets how often the limit has struck: how many processes were killed, or threads refused. */
int cgroup_count(const struct cgroup *cgroup, int64_t *ret_count, struct err *err);
/** Moves the process back if it lives, and removes the cgroup. An error if that is impossible by
 * `deadline_ms` (clock_ms()). Does nothing if there is none. */
int cgroup_close(struct cgroup *cgroup, double deadline_ms, struct err *err);

#endif
