// SPDX-License-Identifier: Apache-2.0
// run_cgroups.c - a run's cgroups: what they limit, and that they vanish however a run ends
//
// Each test works in cgroups of its own, in which there is nothing but what its runs make. That is
// for root and version 1 of cgroups; cgroup.c has version 2 and ordinary users.
#include "test/lib/cli.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "world/limits.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum {
    RUN_DEADLINE_MS = 150000,
    GONE_WITHIN_MS = 2000,
    TIMEOUT_S = 180,
    KILLS = 15,
    EARLIEST_KILL_MS = 100,
    LATEST_KILL_MS = 2500,
};

static struct err err;
static struct text said;
static char *places[CGROUP_KINDS]; // NULL: there are no such cgroups here

// ---- the place ---------------------------------------------------------------------------------

static void make_places(void) {
    static struct cgroup_tree trees[CGROUP_KINDS];
    int count = cgroup_trees_find(trees);
    cli_find();
    if (count != CGROUP_KINDS)
        return;
    for (int i = 0; i < count; i++)
        if (trees[i].unified || cgroup_tree_check(&trees[i], &err) < 0)
            return;
    for (int i = 0; i < count; i++) {
        places[i] = xprintf("%s/goneaway-test-%d", trees[i].start, getpid());
        ck_assert_msg(cgroup_make(places[i], &err) == 0, "%s", err.what);
    }
}

static void remove_places(void) {
    for (int i = 0; i < CGROUP_KINDS; i++) {
        if (places[i])
            rmdir(places[i]);
        free(places[i]);
        places[i] = NULL;
    }
}

static void enter_places(void) {
    for (int i = 0; i < CGROUP_KINDS; i++)
        if (places[i])
            ck_assert_msg(cgroup_move(places[i], 0, &err) == 0, "%s", err.what);
}

static bool there(void) {
    return places[0] != NULL;
}

static struct text seen;

static int see_folder(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info;
    if (type == FTW_D && where->level > 0)
        text_printf(&seen, "%s\n", path);
    return 0;
}

// The cgroups in these places; "" if there are none.
static const char *look(void) {
    text_release(&seen);
    for (int i = 0; i < CGROUP_KINDS; i++)
        nftw(places[i], see_folder, 16, FTW_PHYS);
    return text_get(&seen);
}

static void check_gone(void) {
    double deadline_ms = clock_ms() + GONE_WITHIN_MS;
    while (*look() && clock_ms() < deadline_ms)
        clock_wait(5, -1);
    ck_assert_msg(!*look(), "left: %s", look());
}

// ---- runs --------------------------------------------------------------------------------------

static pid_t start(const char *const *argv, int out) {
    struct proc_spec spec = {.argv = argv, .in = -1, .out = out, .err = out, .netns = -1};
    pid_t pid = 0;
    ck_assert_msg(proc_spawn(&spec, &pid, &err) == 0, "%s", err.what);
    return pid;
}

// Starts a run that keeps using cgroups.
static pid_t start_long(void) {
    cleanup_close int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const char *const argv[] = {cli.program,   "run",       "oom-kill", "threads",
                                "--repeat",    "100",       "--server", "mariadb-10.11",
                                "--connector", "mariadb-c", NULL};
    return start(argv, nothing);
}

// Runs one case to its end, with patience; sets `said`, returns the exit status.
static int run_case(const char *option, const char *value) {
    const char *const argv[] = {cli.program,    "run", "kill-idle@tcp", "--server", "mariadb-10.11",
                                "--time-scale", "4",   option,          value,      NULL};
    int ends[2], status = -1;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = start(argv, ends[1]);
    close(ends[1]);
    text_release(&said);
    ck_assert_int_eq(proc_collect(ends[0], clock_ms() + RUN_DEADLINE_MS, &said), 1);
    close(ends[0]);
    ck_assert_int_eq(proc_wait(pid, clock_ms() + 1000, &status), 1);
    return WEXITSTATUS(status);
}

static bool is_keeper(const char *pid) {
    cleanup_free char *path = xprintf("/proc/%s/comm", pid);
    cleanup_text struct text name = {0};
    struct err ended;
    return file_read(path, 64, &name, &ended) == 0 &&
           strcmp(text_get(&name), "goneaway-keeper\n") == 0;
}

// The keeper of a main process; 0: none.
static pid_t find_keeper(pid_t parent) {
    cleanup_free char *path = xprintf("/proc/%d/task/%d/children", parent, parent);
    cleanup_text struct text children = {0};
    if (file_read(path, 65536, &children, &err) < 0)
        return 0;
    char *rest = children.data;
    for (char *child; rest && (child = strsep(&rest, " "));)
        if (*child && is_keeper(child))
            return (pid_t)strtol(child, NULL, 10);
    return 0;
}

// Waits for a cgroup with `part` in its path.
static void wait_for(const char *part) {
    double deadline_ms = clock_ms() + RUN_DEADLINE_MS;
    while (!strstr(look(), part) && clock_ms() < deadline_ms)
        clock_wait(1, -1);
    ck_assert_msg(strstr(text_get(&seen), part) != NULL, "there are: %s", text_get(&seen));
}

static void wait_for_workers(void) {
    wait_for("/worker-2/own");
}

// A run whose workers have their cgroups, and its keeper.
static pid_t start_with_keeper(pid_t *ret_keeper) {
    pid_t pid = start_long();
    wait_for("/worker-2/own");
    *ret_keeper = find_keeper(pid);
    ck_assert_int_gt(*ret_keeper, 0);
    return pid;
}

static void end(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

// ---- tests -------------------------------------------------------------------------------------

// At any moment, also while a fault has a cgroup (of memory or of threads).
START_TEST(killed_run_leaves_no_cgroup) {
    if (!there())
        skip_test("needs cgroups of version 1 that it may write");
    double ms = EARLIEST_KILL_MS + (double)(LATEST_KILL_MS - EARLIEST_KILL_MS) * _i / KILLS;
    pid_t pid = start_long();
    if (_i % 3 == 0)
        clock_wait(ms, -1);
    else
        wait_for(_i % 3 == 1 ? "memory-" : "pids-");
    end(pid);
    check_gone();
}
END_TEST

START_TEST(next_run_removes_what_is_left) {
    if (!there())
        skip_test("needs cgroups of version 1 that it may write");
    pid_t keeper, pid = start_with_keeper(&keeper);
    kill(keeper, SIGKILL);
    end(pid);
    clock_wait(1000, -1);
    ck_assert_msg(*look(), "nothing was left");
    ck_assert_int_eq(run_case("--connector", "mariadb-c"), 0);
    ck_assert_msg(!*look(), "left: %s", look());
}
END_TEST

static bool runs(pid_t pid) {
    char state = proc_state(pid);
    return state != 0 && state != 'Z'; // whoever inherits it may take a while
}

// Nobody waits for the end of something that the keeper holds, and no Ctrl-C reaches it.
START_TEST(keeper_holds_nothing) {
    if (!there())
        skip_test("needs cgroups of version 1 that it may write");
    pid_t keeper, pid = start_with_keeper(&keeper);
    cleanup_free char *pattern = xprintf("/proc/%d/fd/*", keeper);
    glob_t found = {0};
    ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char target[256] = "";
        ck_assert_int_gt(readlink(found.gl_pathv[i], target, sizeof target - 1), 0);
        ck_assert_msg(strstr(target, "pidfd") || strcmp(target, "/dev/null") == 0, "%s", target);
    }
    globfree(&found);
    ck_assert_int_eq(getsid(keeper), keeper);
    end(pid);
    check_gone();
    double deadline_ms = clock_ms() + GONE_WITHIN_MS;
    while (runs(keeper) && clock_ms() < deadline_ms)
        clock_wait(5, -1);
    ck_assert(!runs(keeper));
}
END_TEST

static pid_t parent_of(const char *pid) {
    cleanup_free char *path = xprintf("/proc/%s/stat", pid);
    cleanup_text struct text stat = {0};
    struct err ended;
    int parent = 0;
    if (file_read(path, 65536, &stat, &ended) == 0)
        sscanf(strrchr(text_get(&stat), ')') + 1, " %*c %d", &parent);
    return parent;
}

static bool descends(const char *pid, pid_t ancestor) {
    pid_t parent = parent_of(pid);
    char name[16];
    snprintf(name, sizeof name, "%d", parent);
    return parent == ancestor || (parent > 1 && descends(name, ancestor));
}

// How many processes below main, without the keeper, are in a worker's cgroup. `stray` gets one
// that is not, or stays empty: a worker moves itself there a moment after its start.
static int count_members(pid_t pid, struct text *stray) {
    int members = 0;
    text_release(stray);
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all && (entry = readdir(all));) {
        cleanup_free char *path = xprintf("/proc/%s/cgroup", entry->d_name);
        cleanup_text struct text cgroups = {0};
        if (!isdigit((unsigned char)entry->d_name[0]) || !descends(entry->d_name, pid) ||
            is_keeper(entry->d_name) || file_read(path, 65536, &cgroups, &err) < 0)
            continue;
        const char *first = strstr(text_get(&cgroups), "/worker-");
        if (first && strstr(first + 1, "/worker-"))
            members++;
        else
            text_printf(stray, "%s is in %s", entry->d_name, text_get(&cgroups));
    }
    if (all)
        closedir(all);
    return members;
}

START_TEST(all_below_main_is_in_there) {
    enum { SERVERS_AND_APPS = 8 };
    if (!there())
        skip_test("needs cgroups of version 1 that it may write");
    double deadline_ms = clock_ms() + RUN_DEADLINE_MS;
    pid_t pid = start_long();
    cleanup_text struct text stray = {0};
    wait_for_workers();
    while ((count_members(pid, &stray) < SERVERS_AND_APPS || stray.length > 0) &&
           clock_ms() < deadline_ms)
        clock_wait(5, -1);
    ck_assert_msg(clock_ms() < deadline_ms, "not all are in there: %s", text_get(&stray));
    end(pid);
    check_gone();
}
END_TEST

// Adapters that take all they can get, and end when they get no more. Nothing in the background has
// their standard output, so their end is seen at once.
static const struct {
    const char *adapter, *why;
} hogs[] = {
    {"cat /dev/zero | tail -c 6G >/dev/null",
     "the memory limit of a worker (4 GiB) struck: oom_kill "},
    {"I=0; while [ $I -lt 4000 ]; do sleep 1000 >/dev/null & I=$((I+1)); done; wait",
     "the limit of threads of a worker (2000) struck: "},
};

START_TEST(limits_of_a_worker_strike) {
    if (!there())
        skip_test("needs cgroups of version 1 that it may write");
    ck_assert_int_eq(run_case("--adapter", hogs[_i].adapter), 3);
    ck_assert_msg(strstr(text_get(&said), hogs[_i].why), "%.3000s", text_get(&said));
    ck_assert_msg(strstr(text_get(&said), "broken"), "%.3000s", text_get(&said));
    check_gone();
}
END_TEST

START_TEST(run_leaves_neither_cgroup_nor_keeper) {
    if (!there())
        skip_test("needs cgroups of version 1 that it may write");
    ck_assert_int_eq(run_case("--connector", "mariadb-c"), 0);
    ck_assert_msg(!*look(), "left: %s", look());
    ck_assert_int_eq(find_keeper(getpid()), 0);
}
END_TEST

Suite *live_run_cgroups(void) {
    Suite *suite = suite_create("live_run_cgroups");
    TCase *tests = tcase_create("limits");
    tcase_add_unchecked_fixture(tests, make_places, remove_places);
    tcase_add_checked_fixture(tests, enter_places, NULL);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_loop_test(tests, killed_run_leaves_no_cgroup, 0, KILLS);
    tcase_add_test(tests, next_run_removes_what_is_left);
    tcase_add_test(tests, keeper_holds_nothing);
    tcase_add_test(tests, all_below_main_is_in_there);
    tcase_add_loop_test(tests, limits_of_a_worker_strike, 0, COUNT_OF(hogs));
    tcase_add_test(tests, run_leaves_neither_cgroup_nor_keeper);
    suite_add_tcase(suite, tests);
    return suite;
}
