// SPDX-License-Identifier: Apache-2.0
// room.h - how much of a machine there is for us: memory that is left, and processors
//
// In a container /proc/meminfo and the number of processors are those of the whole machine; what
// the container may use of them is written in the cgroups that it is in.
#ifndef GONEAWAY_SANDBOX_ROOM_H
#define GONEAWAY_SANDBOX_ROOM_H

#include <stdbool.h>
#include <stdint.h>

/** How many bytes may be used still: MemAvailable of this file ("/proc/meminfo"), or less if a
 * cgroup that this process is in has less left; -1: unknown. */
int64_t room_memory(const char *meminfo);
/** The same of one cgroup's folder alone, in version 2 (`unified`) or 1 of cgroups; -1: it has no
 * limit. Memory that holds only files' contents counts as left. */
int64_t room_in_cgroup(const char *folder, bool unified);

/** How many processors this process may use at a time, at least 1. */
int room_processors(void);
/** The same of one cgroup's folder, rounded up, in version 2; -1: it has no limit. */
int room_processors_in_cgroup(const char *folder);

#endif
