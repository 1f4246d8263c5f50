// SPDX-License-Identifier: Apache-2.0
// cgroup.c - a cgroup of its own for one process, which limits its memory or its threads
//
// A cgroup is a folder that outlives whoever made it. Its name begins with the prefix of its kind,
// and each use removes the folders of that name that it finds beside its own, if nobody holds a
// lock on them. One that is new and not locked yet may be taken away by another run; its owner
// makes it once more.
//
// Version 2 (Documentation/admin-guide/cgroup-v2.rst) gives a cgroup only those controllers that
// its parent hands on, in cgroup.subtree_control. systemd does that for its slices; elsewhere it is
// done here, and marked by an extended attribute of the parent, so that the last to leave takes it
// back. A cgroup with processes of its own cannot hand on the memory controller (but for the root),
// so one goes up to its parent; it can hand on pids, to a child that is `threaded`.
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
#include <sys/xattr.h>

enum { MOST_TRIES = 20, PARENT_LOCK_MS = 1000 };

// What differs between the kinds; the files of version 1, then those of version 2.
static const struct controller {
    const char *name, *prefix;
    const char *limit[2];
    const char *events[2], *event; ///< file and name of the counter of what the limit did
    const char *mark;              ///< the attribute of a parent that was made to hand it on
} controllers[] = {
    [CGROUP_MEMORY] = {.name = "memory",
                       .prefix = "goneaway-memory-",
                       .limit = {"memory.limit_in_bytes", "memory.max"},
                       .events = {"memory.oom_control", "memory.events"},
                       .event = "oom_kill ",
                       .mark = "user.goneaway.memory"},
    [CGROUP_PIDS] = {.name = "pids",
                     .prefix = "goneaway-pids-",
                     .limit = {"pids.max", "pids.max"},
                     .events = {"pids.events", "pids.events"},
                     .event = "max ",
                     .mark = "user.goneaway.pids"},
};

// ---- where -------------------------------------------------------------------------------------

// Where the hierarchy with the controller is mounted; NULL: nowhere. Sets `ret_unified`.
// Version 1 goes first: where both are, the controller is there.
static char *find_mount(const char *controller, bool *ret_unified) {
    FILE *table = setmntent("/proc/self/mounts", "re");
    char *found = NULL;
    bool is_old = false;
    for (struct mntent *entry; table && !is_old && (entry = getmntent(table));) {
        is_old = strcmp(entry->mnt_type, "cgroup") == 0 && hasmntopt(entry, controller);
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

// Whether a line of /proc/PID/cgroup, "4:memory,cpu:/path" or "0::/path", is that of the hierarchy.
static bool is_line_of(const char *line, const char *controller, bool unified) {
    const char *list = strchr(line, ':');
    if (!list || unified)
        return list && text_starts(line, "0::");
    size_t length = strcspn(++list, ":"), wanted = strlen(controller);
    for (size_t at = 0; at < length; at += strcspn(list + at, ",:") + 1)
        if (strcspn(list + at, ",:") == wanted && strncmp(list + at, controller, wanted) == 0)
            return true;
    return false;
}

// A container may see only its own part of the hierarchy, mounted in place of the whole: then the
// path leads nowhere, or out of it.
static char *folder_of_path(const char *mount, const char *path) {
    cleanup_free char *folder = xprintf("%s%s", mount, strcmp(path, "/") == 0 ? "" : path);
    return xstrdup(text_starts(path, "/..") || !file_exists(folder) ? mount : folder);
}

// The folder of the cgroup that a process is in.
static char *folder_of(pid_t pid, const char *mount, const char *controller, bool unified) {
    cleanup_free char *path = xprintf("/proc/%d/cgroup", pid);
    char line[4096], *folder = NULL;
    FILE *file = fopen(path, "re");
    while (file && !folder && fgets(line, sizeof line, file)) {
        if (!is_line_of(line, controller, unified))
            continue;
        line[strcspn(line, "\n")] = '\0';
        folder = folder_of_path(mount, strchr(strchr(line, ':') + 1, ':') + 1);
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
static int refuse_swap(const char *folder, bool unified, int64_t bytes, struct err *err) {
    const char *swap = unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
    cleanup_free char *path = xprintf("%s/%s", folder, swap);
    return file_exists(path) ? put_number(folder, swap, unified ? 0 : bytes, err) : 0;
}

static int set_limit(const struct cgroup *cgroup, const char *folder, int64_t limit,
                     struct err *err) {
    const struct controller *controller = &controllers[cgroup->kind];
    if (put_number(folder, controller->limit[cgroup->unified], limit, err) < 0)
        return -1;
    return cgroup->kind == CGROUP_MEMORY ? refuse_swap(folder, cgroup->unified, limit, err) : 0;
}

// Removes what killed runs have left. Returns how many remain, which others use.
static int sweep(const char *parent, const char *prefix) {
    int used = 0;
    DIR *folder = opendir(parent);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        cleanup_free char *path = xprintf("%s/%s", parent, entry->d_name);
        if (!text_starts(entry->d_name, prefix))
            continue;
        cleanup_close int lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0 || rmdir(path) < 0)
            used++;
    }
    if (folder)
        closedir(folder);
    return used;
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

// ---- what a parent of version 2 hands on -------------------------------------------------------

// A lock of the parent, so that nobody takes back what another is about to use. Without it after a
// second: it is not worth hanging for.
static int lock_parent(const char *parent) {
    int lock = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    double deadline_ms = clock_ms() + PARENT_LOCK_MS;
    while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0 && clock_ms() < deadline_ms)
        clock_wait(2, -1);
    return lock;
}

// Whether the file `name` of a folder holds `word` among others.
static bool holds(const char *folder, const char *name, const char *word) {
    cleanup_free char *path = xprintf("%s/%s", folder, name);
    cleanup_text struct text text = {0};
    struct err unreadable;
    if (file_read(path, 4096, &text, &unreadable) < 0)
        return false;
    char *rest = text.data;
    for (char *one; rest && (one = strsep(&rest, " \n"));)
        if (strcmp(one, word) == 0)
            return true;
    return false;
}

static int hand_on(const struct controller *controller, const char *parent, struct err *err) {
    if (holds(parent, "cgroup.subtree_control", controller->name))
        return 0;
    cleanup_free char *order = xprintf("+%s", controller->name);
    if (put(parent, "cgroup.subtree_control", order, err) < 0)
        return -1;
    setxattr(parent, controller->mark, "1", 1, 0);
    return 0;
}

static void take_back(const struct controller *controller, const char *parent) {
    char mark[8];
    struct err in_use;
    cleanup_close int lock = lock_parent(parent);
    (void)lock; // held until the end
    if (sweep(parent, controller->prefix) > 0 ||
        getxattr(parent, controller->mark, mark, sizeof mark) < 0)
        return;
    cleanup_free char *order = xprintf("-%s", controller->name);
    if (put(parent, "cgroup.subtree_control", order, &in_use) == 0)
        removexattr(parent, controller->mark);
}

// Beside processes of the parent's own a child can only be `threaded`.
static int ready_child(const struct cgroup *cgroup, const char *parent, const char *folder,
                       struct err *err) {
    if (!cgroup->unified)
        return 0;
    if (hand_on(&controllers[cgroup->kind], parent, err) < 0)
        return -1;
    return holds(folder, "cgroup.type", "invalid") ? put(folder, "cgroup.type", "threaded", err)
                                                   : 0;
}

// ---- a folder in a parent ----------------------------------------------------------------------

static int open_once(struct cgroup *cgroup, const char *parent, const char *folder, int64_t limit,
                     struct err *err) {
    if (ready_child(cgroup, parent, folder, err) < 0 || set_limit(cgroup, folder, limit, err) < 0 ||
        !move(cgroup->pid, folder, err))
        return -1;
    cgroup->folder = xstrdup(folder);
    return 0;
}

// In one parent: 0, or -1.
static int open_in(struct cgroup *cgroup, const char *parent, int64_t limit, struct err *err) {
    static int opened;
    cleanup_free char *folder = xprintf("%s/%s%d-%d-%.0f", parent, controllers[cgroup->kind].prefix,
                                        cgroup->pid, ++opened, clock_ms() * 1000);
    cleanup_close int lock = cgroup->unified ? lock_parent(parent) : -1;
    (void)lock;
    for (int i = 0; i < MOST_TRIES; i++) {
        if (make_locked(folder, &cgroup->lock, err) < 0)
            return -1;
        if (open_once(cgroup, parent, folder, limit, err) == 0)
            return 0;
        bool own = rmdir(folder) == 0;
        unlock(cgroup);
        if (own)
            return -1;
        // else another run has swept it away
    }
    return -1;
}

// ---- for others --------------------------------------------------------------------------------

static int no_cgroup(enum cgroup_kind kind, struct err *err) {
    if (kind == CGROUP_PIDS)
        return err_remedy(err, "run goneaway as an ordinary user, or as root who may write cgroups "
                               "(in a container: --privileged)");
    return err_remedy(
        err, "run goneaway as root (in a container: --privileged --cgroupns=host), "
             "or as an ordinary user where systemd delegates memory: systemd-run --user --scope "
             "--property=MemoryAccounting=yes goneaway ..");
}

// From the process's own cgroup upwards.
static int open_above(struct cgroup *cgroup, const char *mount, int64_t limit, struct err *err) {
    const struct controller *controller = &controllers[cgroup->kind];
    cgroup->parent = xstrdup(cgroup->home);
    while (strlen(cgroup->parent) >= strlen(mount)) {
        sweep(cgroup->parent, controller->prefix);
        if (open_in(cgroup, cgroup->parent, limit, err) == 0)
            return 0;
        if (cgroup->unified)
            take_back(controller, cgroup->parent);
        *strrchr(cgroup->parent, '/') = '\0';
    }
    return -1;
}

static void release(struct cgroup *cgroup) {
    unlock(cgroup);
    free(cgroup->folder);
    free(cgroup->parent);
    free(cgroup->home);
    *cgroup = (struct cgroup){0};
}

int cgroup_open(struct cgroup *cgroup, enum cgroup_kind kind, pid_t pid, int64_t limit,
                struct err *err) {
    const char *controller = controllers[kind].name;
    *cgroup = (struct cgroup){.kind = kind, .pid = pid, .lock = -1};
    cleanup_free char *mount = find_mount(controller, &cgroup->unified);
    cgroup->home = mount ? folder_of(pid, mount, controller, cgroup->unified) : NULL;
    if (!cgroup->home) {
        release(cgroup);
        err_set(err, "no hierarchy of cgroups with the %s controller is mounted", controller);
        return no_cgroup(kind, err);
    }
    if (open_above(cgroup, mount, limit, err) < 0) {
        release(cgroup);
        err_context(err, "make a %s cgroup", controller);
        return no_cgroup(kind, err);
    }
    return 0;
}

int cgroup_count(const struct cgroup *cgroup, int64_t *ret_count, struct err *err) {
    const struct controller *controller = &controllers[cgroup->kind];
    cleanup_free char *path = xprintf("%s/%s", cgroup->folder, controller->events[cgroup->unified]);
    cleanup_text struct text events = {0};
    if (file_read(path, 4096, &events, err) < 0)
        return -1;
    const char *line = strstr(text_get(&events), controller->event);
    if (!line)
        return err_set(err, "%s does not count %s; the kernel is older than 4.13", path,
                       controller->event);
    *ret_count = strtoll(line + strlen(controller->event), NULL, 10);
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
    else if (cgroup->unified)
        take_back(&controllers[cgroup->kind], cgroup->parent);
    release(cgroup);
    return ret;
}
