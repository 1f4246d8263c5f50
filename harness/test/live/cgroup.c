// SPDX-License-Identifier: Apache-2.0
// cgroup.c - limits by cgroups of version 2, on a kernel without others: User-Mode Linux
//
// Most machines have one version of cgroups only, and containers can seldom write them. So this
// program itself becomes process 1 of a User-Mode Linux, which it has to itself. It prints a line
// for each row of the table: what it was, and how it went.
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "sandbox/sandbox.h"
#include "test/lib/skip.h"
#include "world/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BOOT_DEADLINE_MS = 60000,
    SUITE_TIMEOUT_S = 120,
    USER = 1000,
    SPARE_BYTES = 8 << 20,
    MOST_BYTES = 32 << 20,
    HOG_BYTES = 60 << 20,
    MOST_THREADS = 8,
    GONE_WITHIN_MS = 3000, // the keeper kills what does not die with main, after a while
};

#define ROOT "/mnt" // every system has this folder
#define BELOW ROOT "/below"
#define USERS ROOT "/user" // what systemd delegates
#define SCOPE USERS "/scope"
#define GUEST "goneaway_guest"

// ---- in the guest ------------------------------------------------------------------------------

enum place { AT_ROOT, AT_BELOW, AT_NAMESPACE, AT_SCOPE, AT_SESSION };
static const struct row {
    const char *what;
    enum place place;
    enum cgroup_kind kind;
    const char *parent; ///< of the run's folder; NULL: it cannot be made
} rows[] = {
    {"pids at the root", AT_ROOT, CGROUP_PIDS, ROOT},
    {"memory at the root", AT_ROOT, CGROUP_MEMORY, ROOT},
    {"pids below", AT_BELOW, CGROUP_PIDS, ROOT},
    {"memory below", AT_BELOW, CGROUP_MEMORY, ROOT},
    // beside the parent's processes, so threaded
    {"pids in a namespace", AT_NAMESPACE, CGROUP_PIDS, ROOT},
    {"memory in a namespace", AT_NAMESPACE, CGROUP_MEMORY, NULL},
    {"pids of a user with a scope", AT_SCOPE, CGROUP_PIDS, USERS},
    {"memory of a user with a scope", AT_SCOPE, CGROUP_MEMORY, USERS},
    {"pids of a user without", AT_SESSION, CGROUP_PIDS, NULL},
    {"memory of a user without", AT_SESSION, CGROUP_MEMORY, NULL},
};

// Sets which controllers a cgroup passes on to its children.
static void set_control(const char *folder, const char *value) {
    cleanup_free char *path = xprintf("%s/cgroup.subtree_control", folder);
    struct err ignored;
    file_put(path, value, &ignored);
}

static void own(const char *path) {
    if (chown(path, USER, USER) < 0)
        printf("chown %s: %s\n", path, strerror(errno));
}

static void delegate(void) {
    own(USERS);
    own(USERS "/cgroup.procs");
    own(USERS "/cgroup.threads");
    own(USERS "/cgroup.subtree_control");
}

// A process that changed its user does not own its own files in /proc.
static int become_user(struct err *err) {
    if (setgid(USER) < 0 || setuid(USER) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
        return err_errno(err, "setuid");
    return 0;
}

static int enter(enum place place, struct err *err) {
    const char *folder = place == AT_ROOT ? ROOT : place == AT_SCOPE ? SCOPE : BELOW;
    if (cgroup_move(folder, 0, err) < 0)
        return -1;
    if (place == AT_NAMESPACE && (unshare(CLONE_NEWCGROUP | CLONE_NEWNS) < 0 || umount(ROOT) < 0 ||
                                  mount("cgroup2", ROOT, "cgroup2", 0, NULL) < 0))
        return err_errno(err, "a cgroup namespace");
    if (place == AT_SCOPE || place == AT_SESSION)
        return become_user(err);
    return 0;
}

static void use(enum cgroup_kind kind) {
    if (kind == CGROUP_PIDS) {
        for (int i = 0; i < 2 * MOST_THREADS; i++) {
            pid_t pid = fork();
            if (pid == 0)
                _exit(pause());
            if (pid < 0)
                _exit(errno == EAGAIN ? 0 : 1);
        }
        _exit(1);
    }
    char *all = mmap(NULL, HOG_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(all, 1, HOG_BYTES);
    _exit(1);
}

// Starts a process that waits for the end of its input, and then takes more than it may have.
static pid_t start_victim(enum cgroup_kind kind, int *ret_tell) {
    int ends[2];
    char byte;
    if (pipe(ends) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        setpgid(0, 0);
        _exit(read(ends[0], &byte, 1) == 0 ? (use(kind), 1) : 1);
    }
    close(ends[0]);
    *ret_tell = ends[1];
    return pid;
}

// Lets a victim continue. An error if the limit did not strike.
static int strike(enum cgroup_kind kind, pid_t victim, int tell, struct err *err) {
    int status;
    close(tell);
    waitpid(victim, &status, 0);
    kill(-victim, SIGKILL);
    return status == (kind == CGROUP_PIDS ? 0 : SIGKILL)
               ? 0
               : err_set(err, "the victim ended with %x", (unsigned)status);
}

// A fault's limit, on one process.
static int limit_one(const struct row *row, const struct cgroup_home *home, struct err *err) {
    struct cgroup cgroup;
    int64_t count = 0;
    int tell = -1;
    pid_t victim = start_victim(row->kind, &tell);
    int64_t limit = row->kind == CGROUP_PIDS ? 0 : SPARE_BYTES;
    if (cgroup_open(&cgroup, home, row->kind, victim, limit, err) < 0)
        return -1;
    int ret = strike(row->kind, victim, tell, err);
    if (ret == 0)
        ret = cgroup_count(&cgroup, &count, err);
    if (ret == 0 && count != 1)
        ret = err_set(err, "the cgroup counts %d", (int)count);
    struct err ignored;
    int closed = cgroup_close(&cgroup, clock_ms() + 1000, ret < 0 ? &ignored : err);
    return ret < 0 ? ret : closed;
}

// The worker's limit.
static int limit_own(const struct row *row, struct err *err) {
    int tell = -1;
    pid_t victim = start_victim(row->kind, &tell);
    return strike(row->kind, victim, tell, err);
}

struct worker {
    const struct row *row;
    struct limits limits;
    struct cgroup_home home;
};

// Runs in a sandbox, which sees no other cgroups.
static int be_worker(void *context) {
    const struct worker *worker = context;
    struct err err = {0};
    limits_enter(&worker->home);
    int ret = limit_one(worker->row, &worker->home, &err);
    if (ret == 0)
        ret = limit_own(worker->row, &err);
    if (ret < 0)
        fprintf(stderr, "row %s: %s\n", worker->row->what, err.what);
    return ret < 0;
}

// Checks what main reports: nothing about a fault's limit.
static int check_struck(const struct worker *worker, struct err *err) {
    const char *said = worker->row->kind == CGROUP_PIDS
                           ? "the limit of threads of a worker (8) struck: 1 refused"
                           : "the memory limit of a worker (0.0312 GiB) struck: oom_kill 1";
    cleanup_free char *how = limits_struck(&worker->limits, &worker->home);
    return how && strcmp(how, said) == 0 ? 0 : err_set(err, "told as %s", how ? how : "nothing");
}

static int run_worker(struct worker *worker, struct err *err) {
    cleanup_free struct sandbox_place *places = limits_places(&worker->home, NULL);
    const struct sandbox_spec spec = {.body = be_worker, .context = worker, .places = places};
    struct sandbox sandbox;
    int status = 0;
    if (sandbox_open(&sandbox, &spec, err) < 0)
        return -1;
    waitpid(sandbox.pid, &status, 0);
    close(sandbox.pidfd);
    return status == 0 ? check_struck(worker, err) : err_set(err, "the worker has failed");
}

static int check_place(const struct row *row, const struct cgroup_home *home, struct err *err) {
    const char *folder = home->places[row->kind].folder;
    cleanup_free char *begin = xprintf("%s/goneaway-run-", row->parent ? row->parent : "");
    if (!folder == !row->parent && (!folder || text_starts(folder, begin)))
        return 0;
    return err_set(err, "made in %s", folder ? folder : home->places[row->kind].why);
}

static int limit_worker(const struct row *row, struct err *err) {
    struct worker worker = {.row = row};
    struct limits *limits = &worker.limits;
    if (enter(row->place, err) < 0)
        return -1;
    limits_open(limits);
    limits->most[CGROUP_MEMORY] = MOST_BYTES;
    limits->most[CGROUP_PIDS] = MOST_THREADS;
    limits_give(limits, &worker.home);
    int ret = check_place(row, &worker.home, err);
    if (ret == 0 && row->parent)
        ret = run_worker(&worker, err);
    limits_take(&worker.home);
    limits_close(limits);
    return ret;
}

// Checks that nothing is left: no folder, and no controller passed on beyond the given ones.
static int check_left(const char *folder, const char *given, struct err *err) {
    cleanup_free char *path = xprintf("%s/cgroup.subtree_control", folder);
    cleanup_free char *pattern = xprintf("%s/goneaway*", folder);
    cleanup_text struct text control = {0};
    glob_t found = {0};
    if (file_read(path, 4096, &control, err) < 0)
        return -1;
    if (strcmp(text_get(&control), given) != 0)
        return err_set(err, "%s hands on %s", folder, text_get(&control));
    bool none = glob(pattern, 0, NULL, &found) == GLOB_NOMATCH;
    if (!none)
        err_set(err, "%s is left", found.gl_pathv[0]);
    globfree(&found);
    return none ? 0 : -1;
}

static int check_all_left(const char *given, struct err *err) {
    return check_left(ROOT, given, err) == 0 && check_left(BELOW, "", err) == 0 &&
                   check_left(USERS, *given ? given : "", err) == 0
               ? 0
               : -1;
}

static void tell(const char *what, int ret, const struct err *err) {
    printf("row %s: %s\n", what, ret == 0 ? "ok" : err->what);
    fflush(stdout);
}

// Prepares a row: as systemd would, or nothing at all.
static const char *prepare(enum place place) {
    const char *orders = place == AT_ROOT ? "-memory -pids" : "+memory +pids";
    if (place == AT_ROOT)
        set_control(USERS, orders);
    set_control(ROOT, orders);
    set_control(USERS, orders);
    return place == AT_ROOT ? "" : "memory pids\n";
}

static void run_row(const struct row *row) {
    const char *given = prepare(row->place);
    struct err err = {0};
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int ret = limit_worker(row, &err);
        if (ret < 0)
            tell(row->what, ret, &err);
        _exit(ret < 0);
    }
    waitpid(pid, &status, 0);
    if (status == 0)
        tell(row->what, check_all_left(given, &err), &err);
}

// ---- a run that is killed ----------------------------------------------------------------------

#define KILLED "main is killed"
#define BOTH_KILLED "main and its keeper are killed"

// A main whose worker does not die with it. Reports the pids of its keeper and its worker.
static void be_main(enum place place, int told) {
    struct limits limits;
    struct cgroup_home home;
    struct err ignored;
    enter(place, &ignored);
    limits_open(&limits);
    limits_give(&limits, &home);
    pid_t pids[] = {limits.keeper, fork()};
    if (pids[1] == 0)
        limits_enter(&home);
    if (pids[1] > 0 && write(told, pids, sizeof pids) < 0)
        _exit(1);
    _exit(pause());
}

static pid_t start_main(enum place place, pid_t ret_pids[2]) {
    int ends[2];
    if (pipe(ends) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        be_main(place, ends[1]);
    if (read(ends[0], ret_pids, 2 * sizeof *ret_pids) < 0)
        perror("read");
    close(ends[0]);
    close(ends[1]);
    return pid;
}

static void end(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void kill_main(void) {
    const char *given = prepare(AT_SCOPE);
    double deadline_ms = clock_ms() + GONE_WITHIN_MS;
    pid_t pids[2] = {0};
    struct err err = {0};
    int ret;
    end(start_main(AT_SCOPE, pids));
    while ((ret = check_all_left(given, &err)) < 0 && clock_ms() < deadline_ms)
        clock_wait(10, -1);
    tell(KILLED, ret, &err);
}

// The user's next run removes the folder.
static void kill_both(void) {
    const char *given = prepare(AT_ROOT);
    pid_t pids[2] = {0};
    struct err err = {0};
    pid_t pid = start_main(AT_ROOT, pids);
    kill(pids[0], SIGKILL);
    end(pid);
    kill(pids[1], SIGKILL);
    clock_wait(200, -1);
    int ret = check_all_left(given, &err) < 0 ? 0 : err_set(&err, "nothing was left");
    pid = fork();
    if (pid == 0) {
        struct limits limits;
        limits_open(&limits);
        limits_close(&limits);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    tell(BOTH_KILLED, ret < 0 ? ret : check_all_left(given, &err), &err);
}

bool is_cgroup_guest(void) {
    return getpid() == 1 && getenv(GUEST);
}

void cgroup_guest(void) {
    if (mount("proc", "/proc", "proc", 0, NULL) < 0 ||
        mount("cgroup2", ROOT, "cgroup2", 0, NULL) < 0 || mkdir(BELOW, 0755) < 0 ||
        mkdir(USERS, 0755) < 0 || mkdir(SCOPE, 0755) < 0)
        perror("cgroup2");
    delegate();
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        run_row(&rows[i]);
    kill_main();
    kill_both();
    reboot(RB_POWER_OFF);
}

// ---- on the host -------------------------------------------------------------------------------

static char folder[] = "/tmp/goneaway-cgroup-XXXXXX";

// Paths without spaces for this program, and for the library beside it that lets User-Mode Linux
// run, since neither the kernel's command line nor LD_PRELOAD could hold spaces.
static void make_folder(void) {
    char self[4096] = "";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
    cleanup_free char *link = xprintf("%s/init", folder);
    cleanup_free char *library = xprintf("%s/registers.so", folder);
    ck_assert_int_eq(symlink(self, link), 0);
    strcpy(strrchr(self, '/'), "/goneaway-netem.so");
    ck_assert_int_eq(symlink(self, library), 0);
}

static void remove_folder(void) {
    struct err ignored;
    file_remove_tree(folder, &ignored);
}

// Collects the guest's output until it ends.
static void run_guest(struct text *said) {
    cleanup_free char *init = xprintf("init=%s/init", folder);
    cleanup_free char *uml_dir = xprintf("uml_dir=%s/", folder);
    cleanup_free char *home = xprintf("HOME=%s", folder);
    cleanup_free char *preload = xprintf("LD_PRELOAD=%s/registers.so", folder);
    const char *const argv[] = {
        "linux.uml", "mem=192M",   "rootfstype=hostfs", "rootflags=/", "rw",
        init,        uml_dir,      "con0=fd:0,fd:1",    "con=null",    "ssl=null",
        "quiet",     "loglevel=1", GUEST "=1",          NULL};
    const char *const env[] = {home, preload, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    struct err err = {0};
    int ends[2], status = -1;
    pid_t pid;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    cleanup_close int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct proc_spec spec = {.argv = argv,
                             .env = env,
                             .in = nothing,
                             .out = ends[1],
                             .err = ends[1],
                             .netns = -1,
                             .new_session = true};
    ck_assert_msg(proc_spawn(&spec, &pid, &err) == 0, "%s; install user-mode-linux", err.what);
    close(ends[1]);
    char buffer[512];
    for (ssize_t got; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
        text_append(said, buffer, (size_t)got);
    close(ends[0]);
    if (!proc_wait(pid, clock_ms() + BOOT_DEADLINE_MS, &status))
        proc_kill(pid);
}

static void check_said(const struct text *said, const char *what) {
    cleanup_free char *line = xprintf("row %s: ok", what);
    ck_assert_msg(strstr(text_get(said), line), "no '%s' in: %s", line, text_get(said));
}

START_TEST(version_2_limits_and_leaves_nothing) {
    cleanup_text struct text said = {0};
    cleanup_free char *kernel = proc_find_program("linux.uml");
    if (!kernel)
        skip_test("needs user-mode-linux");
    run_guest(&said);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_said(&said, rows[i].what);
    check_said(&said, KILLED);
    check_said(&said, BOTH_KILLED);
}
END_TEST

Suite *live_cgroup(void) {
    Suite *suite = suite_create("live_cgroup");
    TCase *tests = tcase_create("guest");
    tcase_add_unchecked_fixture(tests, make_folder, remove_folder);
    tcase_set_timeout(tests, SUITE_TIMEOUT_S);
    tcase_add_test(tests, version_2_limits_and_leaves_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
