// SPDX-License-Identifier: Apache-2.0
// watchdog.h - what the workers use of the machine, with everything that runs below each
//
// Cgroups and process limits are better where they work: an ordinary user often has no cgroup, root
// is not bound by a number of processes, and no rlimit adds up the memory of several processes.
// This always works. It looks at the process table a few times a second. A worker is process 1 of
// its PID namespace, so nothing that it starts can escape from below it.
#ifndef GONEAWAY_SANDBOX_WATCHDOG_H
#define GONEAWAY_SANDBOX_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** What a worker may use. */
struct watch_limits {
    int64_t bytes;       ///< of anonymous memory
    int64_t threads;     ///< of all its processes
    int64_t floor_bytes; ///< if the machine has less than this left, the largest worker is ended:
                         ///< memory that the kernel holds for it, for example in sockets, is in no
                         ///< process's size
};
/** Threads: the headline failures use up to 110, and a crowd of sessions a few hundred more. */
enum { WATCH_MOST_THREADS = 2000 };
/** What a worker may need: the headline failures, with three servers, take up to that. */
enum { WATCH_WORKER_MIB = 600 };
struct watch_process {
    pid_t pid, parent;
    int64_t bytes, threads;
    char name[16];
    int owner; ///< index of the worker above it, -1: none; by watch_find_owners()
};

struct watch_table {
    struct watch_process *processes;
    size_t count, capacity;
    int64_t available_bytes; ///< what the machine has left; -1: unknown
};

/** Reads the machine's process table; -1 with errno. */
int watch_read(struct watch_table *table);
void watch_release(struct watch_table *table);

/** Finds for each process which of `workers` it is or runs below, and sorts them by pid. */
void watch_find_owners(struct watch_table *table, const pid_t *workers, size_t count);
/** The worker that uses too much, the largest if several do; -1: none. Sets `ret_reason`, to be
 * freed: what it used, and which process most of it. */
int watch_judge(const struct watch_table *table, size_t workers, const struct watch_limits *limits,
                char **ret_reason);

/** How many of `wanted` workers fit into this machine's memory, at least 1. */
int watch_fitting(int wanted, int64_t available_bytes);
/** Limits suitable for this machine: at most 4 GiB, and at most the larger part of its memory. */
struct watch_limits watch_default_limits(void);

#endif
