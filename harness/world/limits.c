// SPDX-License-Identifier: Apache-2.0
// limits.c - a run's cgroups, which limit each worker with everything below it
#include "world/limits.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

enum {
    CLOSE_MS = 2000,          // how long the last of a worker's processes may take to leave
    KEEPER_PATIENCE_MS = 500, // workers die with main; those still alive after this are killed
    KEEPER_CLOSE_MS = 10000,
};

// ---- the keeper --------------------------------------------------------------------------------

static int close_all(struct cgroup_tree *trees, int count, double deadline_ms) {
    int ret = 0;
    for (int i = 0; i < count; i++)
        if (cgroup_tree_close(&trees[i], deadline_ms) < 0)
            ret = -1;
    return ret;
}

// It keeps only a pidfd of main and closes every pipe, so that no reader waits for it.
static void let_go(int main_pidfd) {
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(main_pidfd, 0);
    dup2(nothing, 1);
    dup2(nothing, 2);
    close_range(3, ~0U, 0);
    if (chdir("/") < 0)
        _exit(1);
}

// Signals meant to end the whole run must not stop the keeper from cleaning up.
static void ignore_signals(void) {
    static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        signal(ends[i], SIG_IGN);
}

static void keep(struct limits *limits, int main_pidfd) {
    struct cgroup_tree trees[CGROUP_KINDS];
    setsid();
    ignore_signals();
    prctl(PR_SET_NAME, "goneaway-keeper");
    let_go(main_pidfd);
    struct pollfd main_end = {.fd = 0, .events = POLLIN};
    while (poll(&main_end, 1, -1) < 0 && errno == EINTR)
        ;
    memcpy(trees, limits->trees, sizeof trees);
    for (int i = 0; i < CGROUP_KINDS; i++)
        trees[i].lock = -1; // that is main's descriptor number
    if (close_all(trees, CGROUP_KINDS, clock_ms() + KEEPER_PATIENCE_MS) < 0) {
        for (int i = 0; i < CGROUP_KINDS; i++)
            cgroup_tree_kill(&trees[i]);
        close_all(trees, CGROUP_KINDS, clock_ms() + KEEPER_CLOSE_MS);
    }
    _exit(0);
}

static int start_keeper(struct limits *limits, struct err *err) {
    cleanup_close int main_pidfd = proc_pidfd(getpid());
    if (main_pidfd < 0)
        return err_errno(err, "pidfd_open");
    limits->keeper = fork();
    if (limits->keeper == 0)
        keep(limits, main_pidfd);
    return limits->keeper < 0 ? err_errno(err, "start the keeper") : 0;
}

// ---- the run's cgroups -------------------------------------------------------------------------

// Starts the keeper before any cgroup is made; it learns about them by shared memory.
static int prepare(struct limits *limits, struct err *err) {
    size_t size = CGROUP_KINDS * sizeof *limits->trees;
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return err_errno(err, "mmap");
    limits->trees = shared;
    limits->tree_count = cgroup_trees_find(limits->trees);
    for (int i = 0; i < limits->tree_count; i++)
        if (cgroup_tree_check(&limits->trees[i], err) == 0)
            return start_keeper(limits, err);
    return -1;
}

static void note_missing(struct limits *limits) {
    unsigned found = 0;
    for (int i = 0; i < limits->tree_count; i++)
        found |= limits->trees[i].kinds;
    for (int kind = 0; kind < CGROUP_KINDS; kind++)
        if (!(found & 1U << kind))
            err_set(&limits->errs[kind],
                    "no hierarchy of cgroups with the %s controller is mounted",
                    cgroup_names[kind]);
}

void limits_open(struct limits *limits) {
    struct err err = {0};
    bool any = false;
    *limits = (struct limits){
        .most = {[CGROUP_MEMORY] = LIMIT_MEMORY_BYTES, [CGROUP_PIDS] = LIMIT_THREADS}};
    int prepared = prepare(limits, &err);
    for (int kind = 0; kind < CGROUP_KINDS; kind++)
        limits->errs[kind] = err;
    note_missing(limits);
    for (int i = 0; prepared == 0 && i < limits->tree_count; i++) {
        cgroup_tree_open(&limits->trees[i], limits->errs);
        any |= *limits->trees[i].folder != '\0';
    }
    if (!any)
        limits_close(limits);
}

void limits_close(struct limits *limits) {
    if (!limits->trees)
        return;
    if (close_all(limits->trees, limits->tree_count, clock_ms() + CLOSE_MS) == 0)
        proc_kill(limits->keeper); // otherwise it would outlive main
    munmap(limits->trees, CGROUP_KINDS * sizeof *limits->trees);
    limits->trees = NULL;
    limits->tree_count = 0;
    limits->keeper = 0;
}

// ---- a worker's cgroups ------------------------------------------------------------------------

static int hand_on(const struct cgroup_tree *tree, const char *folder, struct err *err) {
    for (int kind = 0; kind < CGROUP_KINDS; kind++)
        if (tree->kinds & 1U << kind && cgroup_hand_on(folder, (enum cgroup_kind)kind, err) < 0)
            return -1;
    return 0;
}

static int make_outer(const struct limits *limits, const struct cgroup_tree *tree,
                      const char *outer, struct err *err) {
    if (cgroup_make(outer, err) < 0 || hand_on(tree, outer, err) < 0)
        return -1;
    for (int kind = 0; kind < CGROUP_KINDS; kind++)
        if (tree->kinds & 1U << kind &&
            cgroup_limit(outer, (enum cgroup_kind)kind, limits->most[kind], err) < 0)
            return -1;
    return 0;
}

// In version 2, a cgroup that passes controllers on cannot have processes of its own.
static int make_own(const struct cgroup_tree *tree, const char *folder, const char *own,
                    struct err *err) {
    if (cgroup_make(folder, err) < 0 || hand_on(tree, folder, err) < 0)
        return -1;
    return tree->unified ? cgroup_make(own, err) : 0;
}

static void remove_all(const char *outer, const char *folder, const char *own) {
    rmdir(own);
    rmdir(folder);
    rmdir(outer);
}

static void give_in(const struct limits *limits, const struct cgroup_tree *tree,
                    struct cgroup_home *home) {
    cleanup_free char *outer = xprintf("%s/worker-%d", tree->folder, limits->given);
    cleanup_free char *folder = xprintf("%s/own", outer);
    cleanup_free char *own = xprintf("%s%s", folder, tree->unified ? "/main" : "");
    struct err err = {0};
    bool made =
        make_outer(limits, tree, outer, &err) == 0 && make_own(tree, folder, own, &err) == 0;
    if (!made)
        remove_all(outer, folder, own);
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        struct cgroup_place *place = &home->places[kind];
        if (!(tree->kinds & 1U << kind))
            continue;
        snprintf(place->why, sizeof place->why, "%.500s", err.what);
        if (made)
            *place = (struct cgroup_place){
                .outer = xstrdup(outer), .folder = xstrdup(folder), .own = xstrdup(own)};
    }
}

void limits_give(struct limits *limits, struct cgroup_home *ret_home) {
    *ret_home = (struct cgroup_home){0};
    for (int kind = 0; kind < CGROUP_KINDS; kind++)
        snprintf(ret_home->places[kind].why, sizeof ret_home->places[kind].why, "%.500s",
                 limits->errs[kind].what);
    limits->given++;
    for (int i = 0; i < limits->tree_count; i++)
        if (*limits->trees[i].folder)
            give_in(limits, &limits->trees[i], ret_home);
}

// Whether a place is the first in its folder: in version 2 both controllers share one.
static bool is_first(const struct cgroup_home *home, int kind) {
    for (int i = 0; i < kind; i++)
        if (home->places[i].folder &&
            strcmp(home->places[i].folder, home->places[kind].folder) == 0)
            return false;
    return true;
}

struct sandbox_place *limits_places(const struct cgroup_home *home,
                                    const struct sandbox_place *places) {
    size_t count = 0;
    while (places && places[count].path)
        count++;
    struct sandbox_place *all = xcalloc(count + CGROUP_KINDS + 1, sizeof *all);
    if (count > 0)
        memcpy(all, places, count * sizeof *all);
    for (int kind = 0; kind < CGROUP_KINDS; kind++)
        if (home->places[kind].folder && is_first(home, kind))
            all[count++] =
                (struct sandbox_place){.path = home->places[kind].folder, .writable = true};
    return all;
}

// A worker that cannot be moved has no limits, as on a machine without cgroups.
void limits_enter(const struct cgroup_home *home) {
    struct err refused;
    for (int kind = 0; kind < CGROUP_KINDS; kind++)
        if (home->places[kind].own && is_first(home, kind))
            cgroup_move(home->places[kind].own, 0, &refused);
}

bool limits_hold(const struct cgroup_home *home) {
    for (int kind = 0; kind < CGROUP_KINDS; kind++)
        if (!home->places[kind].own ||
            cgroup_number(home->places[kind].own, "cgroup.procs", "") <= 0)
            return false;
    return true;
}

void limits_take(struct cgroup_home *home) {
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        struct cgroup_place *place = &home->places[kind];
        if (place->own && is_first(home, kind))
            remove_all(place->outer, place->folder, place->own);
    }
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        free(home->places[kind].outer);
        free(home->places[kind].folder);
        free(home->places[kind].own);
    }
    *home = (struct cgroup_home){0};
}

// ---- whether a limit struck --------------------------------------------------------------------

// Whether it was the worker's own limit. In version 1 only the peak usage shows that (failcnt stays
// 0 on Linux 6.18), and it falls short of the limit if a large page does not fit.
static bool limit_was_reached(const struct cgroup_place *place, int64_t limit) {
    enum { LARGE_PAGES_BYTES = 16 << 20 };
    int64_t reached = cgroup_number(place->outer, "memory.events.local", "oom ");
    int64_t highest = cgroup_number(place->outer, "memory.max_usage_in_bytes", "");
    return reached > 0 || highest >= limit - LARGE_PAGES_BYTES;
}

// The kernel counts a kill in the victim's cgroup, so a fault's limit does not count here. It also
// kills when the whole machine, or a cgroup above, is out of memory.
static char *memory_struck(const struct cgroup_place *place, int64_t limit) {
    int64_t killed = 0;
    struct err unknown;
    if (cgroup_strikes(place->own, CGROUP_MEMORY, &killed, &unknown) < 0 || killed == 0)
        return NULL;
    double gib = (double)limit / (1 << 30);
    if (limit_was_reached(place, limit))
        return xprintf("the memory limit of a worker (%.3g GiB) struck: oom_kill %lld", gib,
                       (long long)killed);
    return xprintf("the machine ran out of memory (a worker's limit of %.3g GiB was not reached), "
                   "and the kernel killed a process of the worker: oom_kill %lld",
                   gib, (long long)killed);
}

// A refusal is counted in the cgroup that the thread was for; since Linux 6.11, in version 2, in
// the one with the limit.
static char *threads_struck(const struct cgroup_place *place, int64_t limit) {
    int64_t refused = 0;
    struct err unknown;
    int64_t at_limit = cgroup_number(place->outer, "pids.events.local", "max ");
    if (cgroup_strikes(place->own, CGROUP_PIDS, &refused, &unknown) < 0)
        refused = 0;
    refused += at_limit > 0 ? at_limit : 0;
    return refused > 0 ? xprintf("the limit of threads of a worker (%lld) struck: %lld refused",
                                 (long long)limit, (long long)refused)
                       : NULL;
}

char *limits_struck(const struct limits *limits, const struct cgroup_home *home) {
    static char *(*const looks[CGROUP_KINDS])(const struct cgroup_place *, int64_t) = {
        [CGROUP_MEMORY] = memory_struck, [CGROUP_PIDS] = threads_struck};
    char *how = NULL;
    for (int kind = 0; !how && kind < CGROUP_KINDS; kind++)
        if (home->places[kind].own)
            how = looks[kind](&home->places[kind], limits->most[kind]);
    return how;
}
