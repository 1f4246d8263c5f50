// SPDX-License-Identifier: Apache-2.0
// cgroup.c - a memory cgroup of its own for one process, in which the kernel kills for lack of
// memory
//
// A cgroup is a folder that outlives whoever made it. Its name begins with PREFIX, and each use
// removes the folders of that name that it finds beside its own, if nobody holds a lock on them.
// One that is new and not locked yet may be taken away by another run; its owner makes it once
// more.
#include "world/cgroup.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define PREFIX "goneaway-memory-"

enum { MOST_TRIES = 20 };

// ---- where -------------------------------------------------------------------------------------

// Where the hierarchy with the memory controller is mounted; NULL: nowhere. Sets `ret_unified`.
// Version 1 goes first: where both are, the controller is there.
static char *find_mount(bool *ret_unified) {
    FILE *table = setmntent("/proc/self/mounts", "re");
    char *found = NULL;
    bool is_old = false;
    for (struct mntent *entry; table && !is_old && (entry = getmntent(table));) {
        is_old = strcmp(entry->mnt_type, "cgroup") == 0 && hasmntopt(entry, "memory");
        if (!is_old && (found || strcmp(entry->mnt_type, "cgroup2") != 0))
            continue;
        free(found);
        found = xstrdup(entry->mnt_dir);
    }
    if (table)
        endmntent(table);
    *ret_unified = !is_old;
    return found;
}

// Whether a line of /proc/PID/cgroup, "4:memory:/path" or "0::/path", is that of the hierarchy.
static bool is_line_of(const char *line, bool unified) {
    const char *controllers = strchr(line, ':');
    return unified ? text_starts(line, "0::")
                   : controllers &&
                         (text_starts(controllers, ":memory:") ||
                          text_starts(controllers, ":memory,") || strstr(controllers, ",memory:"));
}

// The folder of the cgroup that a process is in.
static char *folder_of(pid_t pid, const char *mount, bool unified) {
    cleanup_free char *path = xprintf("/proc/%d/cgroup", pid);
    char line[4096], *folder = NULL;
    FILE *file = fopen(path, "re");
    while (file && !folder && fgets(line, sizeof line, file)) {
        if (!is_line_of(line, unified))
            continue;
        line[strcspn(line, "\n")] = '\0';
        const char *relative = strchr(strchr(line, ':') + 1, ':') + 1;
        folder = xprintf("%s%s", mount, strcmp(relative, "/") == 0 ? "" : relative);
    }
    if (file)
        fclose(file);
    return folder;
}

// ---- one folder --------------------------------------------------------------------------------

static int put(const char *folder, const char *name, const char *value, struct err *err) {
    cleanup_free char *path = xprintf("%s/%s", folder, name);
    return file_put(path, value, err);
}

static int put_number(const char *folder, const char *name, int64_t value, struct err *err) {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return put(folder, name, text, err);
}

// Swap would save the process from its limit. A kernel without swap accounting has no such file.
static int set_limit(const char *folder, bool unified, int64_t bytes, struct err *err) {
    const char *swap = unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
    const char *memory = unified ? "memory.max" : "memory.limit_in_bytes";
    cleanup_free char *path = xprintf("%s/%s", folder, swap);
    if (put_number(folder, memory, bytes, err) < 0)
        return -1;
    return file_exists(path) ? put_number(folder, swap, unified ? 0 : bytes, err) : 0;
}

static void sweep(const char *parent) {
    DIR *folder = opendir(parent);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        cleanup_free char *path = xprintf("%s/%s", parent, entry->d_name);
        if (!text_starts(entry->d_name, PREFIX))
            continue;
        cleanup_close int lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
            rmdir(path);
    }
    if (folder)
        closedir(folder);
}

static bool move(pid_t pid, const char *folder, struct err *err) {
    return put_number(folder, "cgroup.procs", pid, err) == 0;
}

static void unlock(struct cgroup *cgroup) {
    if (cgroup->lock >= 0)
        close(cgroup->lock);
    cgroup->lock = -1;
}

static int make_locked(const char *folder, int *ret_lock, struct err *err) {
    if (mkdir(folder, 0755) < 0)
        return err_errno(err, "make %s", folder);
    *ret_lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_lock >= 0)
        flock(*ret_lock, LOCK_EX);
    return 0;
}

// In one parent: 0, or -1.
static int open_in(struct cgroup *cgroup, const char *parent, int64_t bytes, struct err *err) {
    static int opened;
    cleanup_free char *folder =
        xprintf("%s/" PREFIX "%d-%d-%.0f", parent, cgroup->pid, ++opened, clock_ms() * 1000);
    for (int i = 0; i < MOST_TRIES; i++) {
        if (make_locked(folder, &cgroup->lock, err) < 0)
            return -1;
        if (set_limit(folder, cgroup->unified, bytes, err) == 0 && move(cgroup->pid, folder, err)) {
            cgroup->folder = xstrdup(folder);
            return 0;
        }
        bool own = rmdir(folder) == 0;
        unlock(cgroup);
        if (own)
            return -1;
        // else another run has swept it away
    }
    return -1;
}

// ---- for others --------------------------------------------------------------------------------

static int no_cgroup(struct err *err) {
    return err_remedy(err, "run goneaway as root (in a container: --privileged), or as an ordinary "
                           "user where systemd delegates memory: systemd-run --user --scope "
                           "--property=MemoryAccounting=yes goneaway ..");
}

// From the process's own cgroup upwards: version 2 gives a child controllers only if its parent has
// no processes.
int cgroup_open(struct cgroup *cgroup, pid_t pid, int64_t bytes, struct err *err) {
    *cgroup = (struct cgroup){.pid = pid, .lock = -1};
    cleanup_free char *mount = find_mount(&cgroup->unified);
    cgroup->home = mount ? folder_of(pid, mount, cgroup->unified) : NULL;
    if (!cgroup->home) {
        err_set(err, "no hierarchy of cgroups with the memory controller is mounted");
        return no_cgroup(err);
    }
    cleanup_free char *parent = xstrdup(cgroup->home);
    int ret = -1;
    while (ret < 0 && strlen(parent) >= strlen(mount)) {
        sweep(parent);
        ret = open_in(cgroup, parent, bytes, err);
        *strrchr(parent, '/') = '\0';
    }
    if (ret < 0) {
        free(cgroup->home);
        *cgroup = (struct cgroup){0};
        err_context(err, "make a memory cgroup");
        return no_cgroup(err);
    }
    return 0;
}

int cgroup_kills(const struct cgroup *cgroup, int64_t *ret_kills, struct err *err) {
    cleanup_free char *path =
        xprintf("%s/%s", cgroup->folder, cgroup->unified ? "memory.events" : "memory.oom_control");
    cleanup_text struct text events = {0};
    if (file_read(path, 4096, &events, err) < 0)
        return -1;
    const char *line = strstr(text_get(&events), "oom_kill ");
    if (!line)
        return err_set(err, "%s does not count oom_kill; the kernel is older than 4.13", path);
    *ret_kills = strtoll(line + strlen("oom_kill "), NULL, 10);
    return 0;
}

int cgroup_close(struct cgroup *cgroup, double deadline_ms, struct err *err) {
    struct err ended_already;
    int ret = 0;
    if (!cgroup->folder)
        return 0;
    move(cgroup->pid, cgroup->home, &ended_already);
    // a process that was killed leaves it a moment later
    while ((ret = rmdir(cgroup->folder)) < 0 && errno == EBUSY && clock_ms() < deadline_ms)
        clock_wait(2, -1);
    if (ret < 0 && errno == ENOENT)
        ret = 0;
    if (ret < 0)
        err_errno(err, "remove the cgroup %s", cgroup->folder);
    unlock(cgroup);
    free(cgroup->folder);
    free(cgroup->home);
    *cgroup = (struct cgroup){0};
    return ret;
}
