// SPDX-License-Identifier: Apache-2.0
// live_cgroup.c - limits by cgroups of version 2, on a kernel that has no other: User-Mode Linux
//
// Most machines have one version of cgroups only, and a container seldom may write them. So this
// program itself is process 1 of a User-Mode Linux, and there takes all of it for its own. It says
// a line for each row of the table: what it was, and how it went.
#include "test/suites.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "world/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BOOT_DEADLINE_MS = 60000,
    SUITE_TIMEOUT_S = 120,
    SPARE_BYTES = 8 << 20,
    HOG_BYTES = 40 << 20,
};

#define ROOT "/mnt" // every system has this folder
#define BELOW ROOT "/below"
#define GUEST "goneaway_guest"

// ---- in the guest ------------------------------------------------------------------------------

enum place { AT_ROOT, AT_BELOW, AT_NAMESPACE };
static const struct row {
    const char *what;
    enum place place;
    enum cgroup_kind kind;
    const char *parent; ///< of the new cgroup; NULL: none can be made
} rows[] = {
    {"pids at the root", AT_ROOT, CGROUP_PIDS, ROOT},
    {"memory at the root", AT_ROOT, CGROUP_MEMORY, ROOT},
    // beside a process of the parent: a threaded one
    {"pids below", AT_BELOW, CGROUP_PIDS, BELOW},
    {"memory below", AT_BELOW, CGROUP_MEMORY, ROOT},
    {"pids in a namespace", AT_NAMESPACE, CGROUP_PIDS, ROOT},
    {"memory in a namespace", AT_NAMESPACE, CGROUP_MEMORY, NULL},
};

// What the root hands on to its children.
static void set_control(const char *value) {
    struct err ignored;
    file_put(ROOT "/cgroup.subtree_control", value, &ignored);
}

static int enter(enum place place, struct err *err) {
    if (place == AT_ROOT)
        return 0;
    if (file_put(BELOW "/cgroup.procs", "0", err) < 0)
        return -1;
    if (place == AT_NAMESPACE && (unshare(CLONE_NEWCGROUP | CLONE_NEWNS) < 0 || umount(ROOT) < 0 ||
                                  mount("cgroup2", ROOT, "cgroup2", 0, NULL) < 0))
        return err_errno(err, "a cgroup namespace");
    return 0;
}

static void be_limited(enum cgroup_kind kind) {
    if (kind == CGROUP_PIDS)
        _exit(fork() < 0 && errno == EAGAIN ? 0 : 1);
    char *all = mmap(NULL, HOG_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(all, 1, HOG_BYTES);
    _exit(1);
}

// A process that waits for the end of its input.
static pid_t start_victim(enum cgroup_kind kind, int *ret_tell) {
    int ends[2];
    char byte;
    if (pipe(ends) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 0 ? (be_limited(kind), 1) : 1);
    }
    close(ends[0]);
    *ret_tell = ends[1];
    return pid;
}

// What the limit did to the victim, as it is told and as it is counted.
static int strike(const struct row *row, const struct cgroup *cgroup, pid_t victim, int tell,
                  struct err *err) {
    int status;
    int64_t count;
    close(tell);
    waitpid(victim, &status, 0);
    if (cgroup_count(cgroup, &count, err) < 0)
        return -1;
    bool struck = row->kind == CGROUP_PIDS ? status == 0 : status == SIGKILL;
    if (!struck || count != 1)
        return err_set(err, "status %x, count %d", (unsigned)status, (int)count);
    return row->parent && strcmp(cgroup->parent, row->parent) == 0
               ? 0
               : err_set(err, "made in %s", cgroup->parent);
}

static int limit_victim(const struct row *row, struct err *err) {
    struct cgroup cgroup;
    int tell = -1;
    if (enter(row->place, err) < 0)
        return -1;
    pid_t victim = start_victim(row->kind, &tell);
    int64_t limit = row->kind == CGROUP_PIDS ? 0 : SPARE_BYTES;
    if (cgroup_open(&cgroup, row->kind, victim, limit, err) < 0)
        return row->parent ? -1 : 0;
    int ret = strike(row, &cgroup, victim, tell, err);
    struct err ignored;
    int closed = cgroup_close(&cgroup, clock_ms() + 1000, ret < 0 ? &ignored : err);
    return ret < 0 ? ret : closed;
}

// Nothing is left: no folder, and no controller handed on beyond what was given.
static int check_left(const char *folder, const char *given, struct err *err) {
    cleanup_free char *path = xprintf("%s/cgroup.subtree_control", folder);
    cleanup_text struct text control = {0};
    struct stat info;
    if (file_read(path, 4096, &control, err) < 0)
        return -1;
    if (strcmp(text_get(&control), given) != 0)
        return err_set(err, "%s hands on %s", folder, text_get(&control));
    nlink_t expected = strcmp(folder, ROOT) == 0 ? 3 : 2;
    if (stat(folder, &info) == 0 && info.st_nlink != expected)
        return err_set(err, "%s has folders left", folder);
    return 0;
}

static void run_row(const struct row *row) {
    const char *given = row->place == AT_ROOT ? "" : "memory pids\n";
    struct err err = {0};
    int status;
    set_control(row->place == AT_ROOT ? "-memory -pids" : "+memory +pids");
    pid_t pid = fork();
    if (pid == 0) {
        int ret = limit_victim(row, &err);
        if (ret < 0)
            printf("row %s: %s\n", row->what, err.what);
        fflush(stdout);
        _exit(ret < 0);
    }
    waitpid(pid, &status, 0);
    if (status == 0 && check_left(ROOT, given, &err) == 0 && check_left(BELOW, "", &err) == 0)
        printf("row %s: ok\n", row->what);
    else
        printf("row %s: %s\n", row->what, status ? "has failed" : err.what);
    fflush(stdout);
}

bool is_cgroup_guest(void) {
    return getpid() == 1 && getenv(GUEST);
}

void cgroup_guest(void) {
    if (mount("proc", "/proc", "proc", 0, NULL) < 0 ||
        mount("cgroup2", ROOT, "cgroup2", 0, NULL) < 0 || mkdir(BELOW, 0755) < 0)
        perror("cgroup2");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        run_row(&rows[i]);
    reboot(RB_POWER_OFF);
}

// ---- on the host -------------------------------------------------------------------------------

static char folder[] = "/tmp/goneaway-cgroup-XXXXXX";

// A name without spaces for this program: the kernel's command line could not hold them.
static void make_folder(void) {
    char self[4096] = "";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
    cleanup_free char *link = xprintf("%s/init", folder);
    ck_assert_int_eq(symlink(self, link), 0);
}

static void remove_folder(void) {
    struct err ignored;
    file_remove_tree(folder, &ignored);
}

// All that the guest says until it ends.
static void run_guest(struct text *said) {
    cleanup_free char *init = xprintf("init=%s/init", folder);
    cleanup_free char *uml_dir = xprintf("uml_dir=%s/", folder);
    cleanup_free char *home = xprintf("HOME=%s", folder);
    const char *const argv[] = {
        "linux.uml", "mem=192M",   "rootfstype=hostfs", "rootflags=/", "rw",
        init,        uml_dir,      "con0=fd:0,fd:1",    "con=null",    "ssl=null",
        "quiet",     "loglevel=1", GUEST "=1",          NULL};
    const char *const env[] = {home, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
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

START_TEST(version_2_limits_and_leaves_nothing) {
    cleanup_text struct text said = {0};
    run_guest(&said);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cleanup_free char *line = xprintf("row %s: ok", rows[i].what);
        ck_assert_msg(strstr(text_get(&said), line), "no '%s' in: %s", line, text_get(&said));
    }
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
