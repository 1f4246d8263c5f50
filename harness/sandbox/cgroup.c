// SPDX-License-Identifier: Apache-2.0
// cgroup.c - operations on cgroups, and a cgroup with a limit for a single process
//
// The files are those of version 2 (Documentation/admin-guide/cgroup-v2.rst) or version 1
// (cgroup-v1/memory.rst, pids.rst); the files in a folder tell which version it is.
#include "sandbox/cgroup.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *const cgroup_names[CGROUP_KINDS] = {
    [CGROUP_MEMORY] = "memory",
    [CGROUP_PIDS] = "pids",
};

// Where the kinds differ; files of version 1, then of version 2.
static const struct controller {
    const char *limit[2];
    const char *events[2], *event; ///< file and key of the counter of what the limit did
} controllers[CGROUP_KINDS] = {
    [CGROUP_MEMORY] = {{"memory.limit_in_bytes", "memory.max"},
                       {"memory.oom_control", "memory.events"},
                       "oom_kill "},
    [CGROUP_PIDS] = {{"pids.max", "pids.max"}, {"pids.events", "pids.events"}, "max "},
};

// ---- any cgroup --------------------------------------------------------------------------------

static bool has(const char *folder, const char *file) {
    cleanup_free char *path = xprintf("%s/%s", folder, file);
    return file_exists(path);
}

static bool is_unified(const char *folder) {
    return has(folder, "cgroup.subtree_control");
}

static int put(const char *folder, const char *file, const char *value, struct err *err) {
    cleanup_free char *path = xprintf("%s/%s", folder, file);
    return file_put(path, value, err);
}

static int put_number(const char *folder, const char *file, int64_t value, struct err *err) {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return put(folder, file, text, err);
}

// Whether a file in a folder contains `word` among others.
static bool holds(const char *folder, const char *file, const char *word) {
    cleanup_free char *path = xprintf("%s/%s", folder, file);
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

int cgroup_make(const char *folder, struct err *err) {
    if (mkdir(folder, 0755) < 0)
        return err_errno(err, "make %s", folder);
    return holds(folder, "cgroup.type", "invalid") ? put(folder, "cgroup.type", "threaded", err)
                                                   : 0;
}

bool cgroup_hands_on(const char *folder, enum cgroup_kind kind) {
    return !is_unified(folder) || holds(folder, "cgroup.subtree_control", cgroup_names[kind]);
}

int cgroup_hand_on(const char *folder, enum cgroup_kind kind, struct err *err) {
    cleanup_free char *order = xprintf("+%s", cgroup_names[kind]);
    return cgroup_hands_on(folder, kind) ? 0 : put(folder, "cgroup.subtree_control", order, err);
}

// Swap would let a process evade its limit. A kernel without swap accounting has no such file.
static int refuse_swap(const char *folder, bool unified, int64_t bytes, struct err *err) {
    const char *file = unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
    return has(folder, file) ? put_number(folder, file, unified ? 0 : bytes, err) : 0;
}

int cgroup_limit(const char *folder, enum cgroup_kind kind, int64_t limit, struct err *err) {
    bool unified = is_unified(folder);
    if (put_number(folder, controllers[kind].limit[unified], limit, err) < 0)
        return -1;
    return kind == CGROUP_MEMORY ? refuse_swap(folder, unified, limit, err) : 0;
}

int cgroup_move(const char *folder, pid_t pid, struct err *err) {
    // in version 1 a single thread can move itself, which does not wait 10 ms for all forks on the
    // machine to end
    bool alone = pid == 0 && has(folder, "tasks");
    return put_number(folder, alone ? "tasks" : "cgroup.procs", pid, err);
}

int64_t cgroup_number(const char *folder, const char *file, const char *word) {
    enum { MOST_BYTES = 1 << 20 }; // cgroup.procs has a line per process
    cleanup_free char *path = xprintf("%s/%s", folder, file);
    cleanup_text struct text text = {0};
    struct err unreadable;
    if (file_read(path, MOST_BYTES, &text, &unreadable) < 0)
        return -1;
    for (const char *line = text_get(&text); *line; line += *line == '\n')
        if (text_starts(line, word))
            return strtoll(line + strlen(word), NULL, 10);
        else
            line += strcspn(line, "\n");
    return -1;
}

int cgroup_strikes(const char *folder, enum cgroup_kind kind, int64_t *ret_count, struct err *err) {
    const struct controller *controller = &controllers[kind];
    const char *file = controller->events[is_unified(folder)];
    *ret_count = cgroup_number(folder, file, controller->event);
    return *ret_count < 0 ? err_set(err, "%s/%s does not count %s; the kernel is older than 4.13",
                                    folder, file, controller->event)
                          : 0;
}

// ---- for a worker ------------------------------------------------------------------------------

static int no_cgroup(enum cgroup_kind kind, struct err *err) {
    err_context(err, "make a %s cgroup", cgroup_names[kind]);
    if (kind == CGROUP_PIDS)
        return err_remedy(err, "run goneaway as an ordinary user, or as root who may write cgroups "
                               "(in a container: --privileged)");
    return err_remedy(
        err, "run goneaway as root (in a container: --privileged --cgroupns=host), "
             "or as an ordinary user where systemd delegates memory: systemd-run --user --scope "
             "--property=MemoryAccounting=yes goneaway ..");
}

static void release(struct cgroup *cgroup) {
    free(cgroup->folder);
    free(cgroup->back);
    *cgroup = (struct cgroup){0};
}

int cgroup_open(struct cgroup *cgroup, const struct cgroup_home *home, enum cgroup_kind kind,
                pid_t pid, int64_t limit, struct err *err) {
    static int opened;
    const struct cgroup_place *place = home ? &home->places[kind] : NULL;
    *cgroup = (struct cgroup){.kind = kind, .pid = pid};
    if (!place || !place->folder) {
        err_set(err, "%s", place ? place->why : "there is no place for cgroups");
        return no_cgroup(kind, err);
    }
    cgroup->folder = xprintf("%s/%s-%d", place->folder, cgroup_names[kind], ++opened);
    cgroup->back = xstrdup(place->own);
    if (cgroup_make(cgroup->folder, err) == 0 &&
        cgroup_limit(cgroup->folder, kind, limit, err) == 0 &&
        cgroup_move(cgroup->folder, pid, err) == 0)
        return 0;
    rmdir(cgroup->folder);
    release(cgroup);
    return no_cgroup(kind, err);
}

int cgroup_count(const struct cgroup *cgroup, int64_t *ret_count, struct err *err) {
    return cgroup_strikes(cgroup->folder, cgroup->kind, ret_count, err);
}

int cgroup_close(struct cgroup *cgroup, double deadline_ms, struct err *err) {
    struct err ended_already;
    int ret = 0;
    if (!cgroup->folder)
        return 0;
    cgroup_move(cgroup->back, cgroup->pid, &ended_already);
    // a killed process leaves it a moment later
    while ((ret = rmdir(cgroup->folder)) < 0 && errno == EBUSY && clock_ms() < deadline_ms)
        clock_wait(2, -1);
    if (ret < 0)
        err_errno(err, "remove the cgroup %s", cgroup->folder);
    release(cgroup);
    return ret;
}
