// SPDX-License-Identifier: Apache-2.0
// watchdog.h - what the workers take of the machine, with all that lives below each
//
// Cgroups and limits of processes are better where they hold: an ordinary user often has no cgroup,
// root is held to no number of processes, and no limit adds up the memory of several. This always
// holds. It looks at the table of processes a few times a second; a worker is process 1 of its PID
// namespace, so that nothing it starts can get away from below it.
#ifndef GONEAWAY_SANDBOX_WATCHDOG_H
#define GONEAWAY_SANDBOX_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** What a worker may take. */
struct watch_limits {
    int64_t bytes;       ///< of memory that is no file's
    int64_t threads;     ///< of all its processes
    int64_t floor_bytes; ///< when the machine has less than this left, the largest worker goes:
                         ///< what the kernel holds for it, for example in sockets, which is in no
                         ///< process's size
};
/** Threads: the headline failures have up to 110, and a crowd of sessions a few hundred more. */
enum { WATCH_MOST_THREADS = 2000 };
/** What a worker may well take: the headline failures, with three servers, take up to that. */
enum { WATCH_WORKER_MIB = 600 };
struct watch_process {
    pid_t pid, parent;
    int64_t bytes, threads;
    char name[16];
    int owner; ///< index of the worker it lives below, -1: none; by watch_find_owners()
};

struct watch_table {
    struct watch_process *processes;
    size_t count, capacity;
    int64_t available_bytes; ///< what the machine has left; -1 unknown
};

/** Reads the machine's table of processes; -1 with errno. */
int watch_read(struct watch_table *table);
void watch_release(struct watch_table *table);

/** Finds for each process which of `workers` it is or lives below, and orders them by pid. */
void watch_find_owners(struct watch_table *table, const pid_t *workers, size_t count);
/** The worker that takes too much, the largest if several do; -1: none. Sets `ret_reason`, to be
 * freed: what it took, and who most of it. */
int watch_judge(const struct watch_table *table, size_t workers, const struct watch_limits *limits,
                char **ret_reason);

/** How many of `wanted` workers this machine has the memory for, at least 1. */
int watch_fitting(int wanted, int64_t available_bytes);
/** A limit that suits this machine: no more than 4 GiB, nor than the most of its memory. */
struct watch_limits watch_default_limits(void);

#endif
