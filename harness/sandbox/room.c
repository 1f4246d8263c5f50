// SPDX-License-Identifier: Apache-2.0
// room.c - how much of the machine we may use: remaining memory, and processors
#include "sandbox/room.h"

#include "base/file.h"
#include "base/text.h"
#include "sandbox/cgroup_tree.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

static int64_t least(int64_t a, int64_t b) {
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

// In a cgroup's file, "max" or a number beyond all memory means no limit.
int64_t room_in_cgroup(const char *folder, bool unified) {
    const char *stat = "memory.stat";
    const char *of_files[] = {unified ? "active_file " : "total_active_file ",
                              unified ? "inactive_file " : "total_inactive_file "};
    int64_t limit = cgroup_number(folder, unified ? "memory.max" : "memory.limit_in_bytes", "");
    int64_t used = cgroup_number(folder, unified ? "memory.current" : "memory.usage_in_bytes", "");
    if (limit <= 0 || limit >= INT64_MAX / 4096 * 4096 || used < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(of_files); i++) {
        int64_t bytes = cgroup_number(folder, stat, of_files[i]);
        used -= bytes > 0 ? bytes : 0;
    }
    return used < 0 ? limit : limit > used ? limit - used : 0;
}

int room_processors_in_cgroup(const char *folder) {
    cleanup_free char *path = xprintf("%s/cpu.max", folder);
    cleanup_text struct text text = {0};
    struct err unlimited;
    long long quota, period;
    if (file_read(path, 256, &text, &unlimited) < 0 ||
        sscanf(text_get(&text), "%lld %lld", &quota, &period) != 2 || quota <= 0 || period <= 0)
        return -1;
    return (int)((quota + period - 1) / period);
}

/** Of the cgroups that this process is in, those that have limits. */
struct cgroups {
    bool unified;
    size_t count;
    char *folders[CGROUP_DEPTH];
};

static bool limits_something(const char *folder, bool unified) {
    return room_in_cgroup(folder, unified) >= 0 ||
           (unified && room_processors_in_cgroup(folder) > 0);
}

// The cgroups of this process that have limits, in the hierarchy with the memory controller;
// determined on the first call.
static const struct cgroups *own_cgroups(void) {
    static struct cgroups cgroups;
    static bool known;
    struct cgroup_tree trees[CGROUP_KINDS];
    int count = known ? 0 : cgroup_trees_find(trees);
    for (int i = 0; i < count; i++) {
        if (!(trees[i].kinds & 1U << CGROUP_MEMORY))
            continue;
        char path[PATH_MAX] = "";
        cgroups.unified = trees[i].unified;
        while (cgroups.count < CGROUP_DEPTH && cgroup_tree_ascend(&trees[i], path))
            if (limits_something(path, trees[i].unified))
                cgroups.folders[cgroups.count++] = xstrdup(path);
    }
    known = true;
    return &cgroups;
}

int64_t room_memory(const char *meminfo) {
    const struct cgroups *cgroups = own_cgroups();
    cleanup_text struct text text = {0};
    struct err unknown;
    const char *found = file_read(meminfo, 64 << 10, &text, &unknown) == 0
                            ? strstr(text_get(&text), "\nMemAvailable:")
                            : NULL;
    int64_t bytes = found ? strtoll(found + strlen("\nMemAvailable:"), NULL, 10) * 1024 : -1;
    for (size_t i = 0; i < cgroups->count; i++)
        bytes = least(bytes, room_in_cgroup(cgroups->folders[i], cgroups->unified));
    return bytes;
}

int room_processors(void) {
    const struct cgroups *cgroups = own_cgroups();
    cpu_set_t allowed;
    int count = sched_getaffinity(0, sizeof allowed, &allowed) == 0
                    ? CPU_COUNT(&allowed)
                    : (int)sysconf(_SC_NPROCESSORS_ONLN);
    for (size_t i = 0; cgroups->unified && i < cgroups->count; i++) {
        int quota = room_processors_in_cgroup(cgroups->folders[i]);
        count = quota > 0 && quota < count ? quota : count;
    }
    return count > 0 ? count : 1;
}
