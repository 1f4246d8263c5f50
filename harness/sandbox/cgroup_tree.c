// SPDX-License-Identifier: Apache-2.0
// cgroup_tree.c - a run's own folder in a cgroup hierarchy, with everything made in it
#include "sandbox/cgroup_tree.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/xattr.h>

enum { MOST_TRIES = 20, PARENT_LOCK_MS = 1000, MOST_DEPTH = 16 };

// goneaway-run-PID-RANDOM
#define NAME "goneaway-run-"

// ---- where -------------------------------------------------------------------------------------

// Where the hierarchy with the controller is mounted; NULL: nowhere. Sets `ret_unified`. Version 1
// takes precedence: if both exist, the controller is there.
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

// Whether a line of /proc/PID/cgroup, "4:memory,cpu:/path" or "0::/path", is about the hierarchy.
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

// A container may see only its own part of the hierarchy, mounted as if it were the whole; the path
// then leads nowhere, or outside.
static void set_start(struct cgroup_tree *tree, const char *path) {
    int length = snprintf(tree->start, sizeof tree->start, "%s%s", tree->mount,
                          strcmp(path, "/") == 0 ? "" : path);
    if (length < 0 || length >= (int)sizeof tree->start || text_starts(path, "/..") ||
        !file_exists(tree->start))
        memcpy(tree->start, tree->mount, sizeof tree->start);
}

// Finds the cgroup of this process; `start` stays empty if it is unknown.
static void find_start(struct cgroup_tree *tree, const char *controller) {
    char line[PATH_MAX + 256];
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && !*tree->start && fgets(line, sizeof line, file)) {
        if (!is_line_of(line, controller, tree->unified))
            continue;
        line[strcspn(line, "\n")] = '\0';
        set_start(tree, strchr(strchr(line, ':') + 1, ':') + 1);
    }
    if (file)
        fclose(file);
}

int cgroup_trees_find(struct cgroup_tree *trees) {
    int count = 0;
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        bool unified = false;
        cleanup_free char *mount = find_mount(cgroup_names[kind], &unified);
        int at = 0;
        while (mount && at < count && strcmp(trees[at].mount, mount) != 0)
            at++;
        if (mount && at == count) {
            trees[at] = (struct cgroup_tree){.unified = unified, .lock = -1};
            snprintf(trees[at].mount, sizeof trees[at].mount, "%s", mount);
            find_start(&trees[at], cgroup_names[kind]);
            count += *trees[at].start != '\0';
        }
        if (at < count)
            trees[at].kinds |= 1U << kind;
    }
    return count;
}

bool cgroup_tree_ascend(const struct cgroup_tree *tree, char *path) {
    if (!*path) {
        memcpy(path, tree->start, PATH_MAX);
        return true;
    }
    if (strlen(path) <= strlen(tree->mount))
        return false;
    *strrchr(path, '/') = '\0';
    return true;
}

// The next parent to try; in version 2, from `start` upwards. Start with an empty path; false: no
// more.
static bool next_parent(const struct cgroup_tree *tree, char *path) {
    return (tree->unified || !*path) && cgroup_tree_ascend(tree, path);
}

// Whether this user may make cgroups in a parent, and move processes into them from below it
// (cgroup_procs_write_permission() in kernel/cgroup/cgroup.c).
static int check_writable(const char *parent, struct err *err) {
    cleanup_free char *procs = xprintf("%s/cgroup.procs", parent);
    return access(parent, W_OK) < 0 || access(procs, W_OK) < 0 ? err_errno(err, "%s", parent) : 0;
}

int cgroup_tree_check(const struct cgroup_tree *tree, struct err *err) {
    char parent[PATH_MAX] = "";
    while (next_parent(tree, parent))
        if (check_writable(parent, err) == 0)
            return 0;
    return -1;
}

// ---- leftovers of killed runs ------------------------------------------------------------------

static int remove_folder(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)where;
    return type == FTW_DP && rmdir(path) < 0 && errno != ENOENT ? -1 : 0;
}

// The files in a cgroup vanish with its folder.
static int remove_folders(const char *path) {
    return nftw(path, remove_folder, MOST_DEPTH, FTW_PHYS | FTW_DEPTH | FTW_MOUNT) < 0 &&
                   errno != ENOENT
               ? -1
               : 0;
}

static bool is_of_run(const char *name) {
    int pid, number_at = 0, end = 0;
    unsigned number;
    return sscanf(name, NAME "%d-%n%8x%n", &pid, &number_at, &number, &end) == 2 &&
           end == number_at + 8 && !name[end];
}

// Whether the folder's name is complete: its writer may have been killed halfway, and the rest
// could name somebody else's cgroup.
static bool is_named(const struct cgroup_tree *tree) {
    const char *slash = strrchr(tree->folder, '/');
    return slash && is_of_run(slash + 1);
}

// Removes what killed runs left behind. Returns how many folders remain, which others use.
static int sweep(const char *parent) {
    int used = 0;
    DIR *folder = opendir(parent);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        cleanup_free char *path = xprintf("%s/%s", parent, entry->d_name);
        if (!is_of_run(entry->d_name))
            continue;
        cleanup_close int lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0 || remove_folders(path) < 0)
            used++;
    }
    if (folder)
        closedir(folder);
    return used;
}

// ---- controllers that a parent of version 2 passes on ------------------------------------------

// Locks the parent, so that nobody revokes what another run is about to use. Gives up after a
// second: it is not worth hanging for.
static int lock_parent(const char *parent) {
    int lock = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    double deadline_ms = clock_ms() + PARENT_LOCK_MS;
    while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0 && clock_ms() < deadline_ms)
        clock_wait(2, -1);
    return lock;
}

static int hand_on(const char *parent, unsigned kinds, struct err *err) {
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        cleanup_free char *mark = xprintf("user.goneaway.%s", cgroup_names[kind]);
        if (!(kinds & 1U << kind) || cgroup_hands_on(parent, (enum cgroup_kind)kind))
            continue;
        if (cgroup_hand_on(parent, (enum cgroup_kind)kind, err) < 0)
            return -1;
        setxattr(parent, mark, "1", 1, 0);
    }
    return 0;
}

static void take_back(const char *parent) {
    cleanup_close int lock = lock_parent(parent);
    (void)lock; // held until the end
    if (sweep(parent) > 0)
        return;
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        cleanup_free char *mark = xprintf("user.goneaway.%s", cgroup_names[kind]);
        cleanup_free char *order = xprintf("-%s", cgroup_names[kind]);
        cleanup_free char *path = xprintf("%s/cgroup.subtree_control", parent);
        char value[8];
        struct err in_use;
        if (getxattr(parent, mark, value, sizeof value) >= 0 && file_put(path, order, &in_use) == 0)
            removexattr(parent, mark);
    }
}

// ---- the folder --------------------------------------------------------------------------------

// Notes the folder's name before it exists, so that whoever ends the run knows it.
static void choose_name(struct cgroup_tree *tree, const char *parent) {
    unsigned number = 0;
    if (getrandom(&number, sizeof number, GRND_NONBLOCK) < 0)
        number = (unsigned)(clock_ms() * 1000);
    snprintf(tree->folder, sizeof tree->folder, "%.4000s/" NAME "%d-%08x", parent, getpid(),
             number);
}

static void unlock(struct cgroup_tree *tree) {
    if (tree->lock >= 0)
        close(tree->lock);
    tree->lock = -1;
}

// 1: another run has removed it before it was locked.
static int make_locked(struct cgroup_tree *tree, struct err *err) {
    if (cgroup_make(tree->folder, err) < 0)
        return file_exists(tree->folder) ? -1 : 1;
    tree->lock = open(tree->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree->lock >= 0 && flock(tree->lock, LOCK_EX | LOCK_NB) == 0 && file_exists(tree->folder))
        return 0;
    unlock(tree);
    return 1;
}

static int make_in(struct cgroup_tree *tree, const char *parent, struct err *err) {
    int ret = 1;
    for (int i = 0; ret > 0 && i < MOST_TRIES; i++) {
        choose_name(tree, parent);
        ret = make_locked(tree, err);
    }
    for (int kind = 0; ret == 0 && kind < CGROUP_KINDS; kind++)
        if (tree->kinds & 1U << kind)
            ret = cgroup_hand_on(tree->folder, (enum cgroup_kind)kind, err);
    if (ret == 0)
        return 0;
    rmdir(tree->folder);
    unlock(tree);
    *tree->folder = '\0';
    return -1;
}

static int open_locked(struct cgroup_tree *tree, const char *parent, struct err *err) {
    cleanup_close int lock = tree->unified ? lock_parent(parent) : -1;
    (void)lock; // held until the end
    sweep(parent);
    if (tree->unified && hand_on(parent, tree->kinds, err) < 0)
        return -1;
    return make_in(tree, parent, err);
}

static int open_in(struct cgroup_tree *tree, const char *parent, struct err *err) {
    if (check_writable(parent, err) < 0)
        return -1;
    if (open_locked(tree, parent, err) == 0)
        return 0;
    if (tree->unified)
        take_back(parent);
    return -1;
}

static int open_with(struct cgroup_tree *tree, unsigned kinds, struct err *err) {
    char parent[PATH_MAX] = "";
    tree->kinds = kinds;
    while (next_parent(tree, parent))
        if (open_in(tree, parent, err) == 0)
            return 0;
    return -1;
}

// A container that passes on pids may be unable to pass on memory; one is better than none.
void cgroup_tree_open(struct cgroup_tree *tree, struct err ret_errs[CGROUP_KINDS]) {
    unsigned wanted = tree->kinds;
    struct err err = {0};
    if (open_with(tree, wanted, &err) == 0)
        return;
    bool several = (wanted & (wanted - 1)) != 0;
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        if (!(wanted & 1U << kind))
            continue;
        ret_errs[kind] = err;
        if (several && !*tree->folder)
            open_with(tree, 1U << kind, &ret_errs[kind]);
    }
}

int cgroup_tree_close(struct cgroup_tree *tree, double deadline_ms) {
    char parent[PATH_MAX];
    int ret = 0;
    if (!is_named(tree))
        return 0;
    while ((ret = remove_folders(tree->folder)) < 0 && clock_ms() < deadline_ms)
        clock_wait(2, -1);
    if (ret < 0)
        return -1;
    unlock(tree);
    memcpy(parent, tree->folder, sizeof parent);
    *strrchr(parent, '/') = '\0';
    if (tree->unified)
        take_back(parent);
    *tree->folder = '\0';
    return 0;
}

// ---- processes in the folder -------------------------------------------------------------------

// The processes of a `threaded` cgroup cannot be read, but its threads can.
static FILE *open_members(const char *folder) {
    cleanup_free char *procs = xprintf("%s/cgroup.procs", folder);
    cleanup_free char *threads = xprintf("%s/cgroup.threads", folder);
    FILE *file = fopen(procs, "re");
    int first = file ? getc(file) : EOF;
    if (first != EOF) {
        ungetc(first, file);
        return file;
    }
    if (file)
        fclose(file);
    return fopen(threads, "re");
}

static int kill_members(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)where;
    char line[32];
    FILE *file = type == FTW_D ? open_members(path) : NULL;
    while (file && fgets(line, sizeof line, file)) {
        pid_t pid = (pid_t)strtol(line, NULL, 10);
        if (pid > 1)
            kill(pid, SIGKILL);
    }
    if (file)
        fclose(file);
    return 0;
}

void cgroup_tree_kill(const struct cgroup_tree *tree) {
    if (is_named(tree))
        nftw(tree->folder, kill_members, MOST_DEPTH, FTW_PHYS | FTW_MOUNT);
}
