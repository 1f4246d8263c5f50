// SPDX-License-Identifier: Apache-2.0
// room.h - how much of the machine we may use: remaining memory, and processors
//
// In a container, /proc/meminfo and the number of processors are those of the whole machine; the
// cgroups tell how much of that the container may use.
#ifndef GONEAWAY_SANDBOX_ROOM_H
#define GONEAWAY_SANDBOX_ROOM_H

#include <stdbool.h>
#include <stdint.h>

/** How many more bytes may be used: MemAvailable in this file ("/proc/meminfo"), or less if a
 * cgroup that this process is in has less left; -1: unknown. */
int64_t room_memory(const char *meminfo);
/** The same for a single cgroup's folder, of version 2 (`unified`) or 1; -1: no limit. Page cache
 * counts as available. */
int64_t room_in_cgroup(const char *folder, bool unified);

/** How many processors this process may use at the same time, at least 1. */
int room_processors(void);
/** The same for a single cgroup's folder of version 2, rounded up; -1: no limit. */
int room_processors_in_cgroup(const char *folder);

#endif
