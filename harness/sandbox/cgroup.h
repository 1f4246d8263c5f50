// SPDX-License-Identifier: Apache-2.0
// cgroup.h - cgroups: what is done to one, and one for a single process with a limit
//
// A cgroup is a folder, and it outlives whoever made it. So a worker makes its cgroups only in a
// folder that main has given it (world/limits.h), and with which they go.
#ifndef GONEAWAY_SANDBOX_CGROUP_H
#define GONEAWAY_SANDBOX_CGROUP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_kind {
    CGROUP_MEMORY, ///< bytes; the kernel kills whom it cannot give more
    CGROUP_PIDS,   ///< threads, those of all processes together; clone() fails (EAGAIN)
    CGROUP_KINDS
};

/** The controllers' names. */
extern const char *const cgroup_names[CGROUP_KINDS];

// ---- any cgroup, by its folder -----------------------------------------------------------------

/** Makes one. In version 2 one that is beside processes of its parent can only be `threaded`, and
 * then it is. */
int cgroup_make(const char *folder, struct err *err);
/** Has it give a controller to the cgroups below it: version 2 does so only on request. */
int cgroup_hand_on(const char *folder, enum cgroup_kind kind, struct err *err);
/** Whether it does so already. */
bool cgroup_hands_on(const char *folder, enum cgroup_kind kind);
/** Limits all processes in it and below it. Memory cannot evade to swap. */
int cgroup_limit(const char *folder, enum cgroup_kind kind, int64_t limit, struct err *err);
/** Moves a process with all its threads into it; 0: the caller, which must have one only. */
int cgroup_move(const char *folder, pid_t pid, struct err *err);
/** Sets how many of its processes the kernel has killed for want of memory, or how many threads it
 * has refused them. */
int cgroup_strikes(const char *folder, enum cgroup_kind kind, int64_t *ret_count, struct err *err);
/** The number behind `word` at the beginning of a line in a file of it; -1: there is none. */
int64_t cgroup_number(const char *folder, const char *file, const char *word);

// ---- of a worker -------------------------------------------------------------------------------

/** Where a worker has cgroups of a controller, and can make more. */
struct cgroup_place {
    char *outer;   ///< the cgroup of the worker with all below it, which has its limit
    char *folder;  ///< in there: where it makes its own; NULL: there is none
    char *own;     ///< where its processes are: the same folder, or in version 2 one in it
    char why[512]; ///< of none: why
};
struct cgroup_home {
    struct cgroup_place places[CGROUP_KINDS];
};

/** A cgroup with a limit for one process of a worker. Zero: there is none. */
struct cgroup {
    enum cgroup_kind kind;
    char *folder;
    char *back; ///< the cgroup from which the process came
    pid_t pid;  ///< 0: its maker
};

/** Moves a process (0: the caller, which has a single thread) into a new cgroup with a limit. What
 * memory it has stays charged to where it came from: it may use `limit` bytes more than now. Its
 * threads come along: they may be `limit` in all, or it gets no more. On error nothing is left, and
 * the remedy says what the machine lacks. */
int cgroup_open(struct cgroup *cgroup, const struct cgroup_home *home, enum cgroup_kind kind,
                pid_t pid, int64_t limit, struct err *err);
/** Sets how often the limit has struck: how many processes the kernel has killed, or how many
 * threads it has refused. */
int cgroup_count(const struct cgroup *cgroup, int64_t *ret_count, struct err *err);
/** Moves the process back if it lives, and removes the cgroup. An error if that is not possible
 * until `deadline_ms` (clock_ms()). Of none it does nothing. */
int cgroup_close(struct cgroup *cgroup, double deadline_ms, struct err *err);

#endif
