// SPDX-License-Identifier: Apache-2.0
// contain.c - detects whether a process below the test has left anything behind
#include "test/lib/contain.h"

#include "base/clock.h"
#include "base/file.h"

#include <check.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

// A closed socket keeps its network namespace until its FIN is acknowledged or given up, which on a
// loaded machine, with long round trips, takes 5 s (see netns.c). Then a single kernel thread takes
// down the namespaces of the whole machine. A wire with the kernel's default patience needs 100 s.
enum { ENDED_WITHIN_MS = 2000, GONE_WITHIN_MS = 30000, MOST_COUNTED = 64, LARGE_LIMIT = 10000 };

static const struct kind {
    const char *name;
    int flag, own; // how many the test's own process has made
} kinds[] = {{"net", CLONE_NEWNET, 0}, {"mnt", CLONE_NEWNS, 1}, {"ipc", CLONE_NEWIPC, 0}};

static struct err err;
static struct text mounts_before;
static int counting;

int contain_user(uid_t id) {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWUSER) < 0)
        return 0;
    cleanup_free char *user = xprintf("%u %u 1", id, uid);
    cleanup_free char *group = xprintf("%u %u 1", id, gid);
    ck_assert_msg(file_put("/proc/self/setgroups", "deny", &err) == 0, "%s", err.what);
    ck_assert_msg(file_put("/proc/self/uid_map", user, &err) == 0, "%s", err.what);
    ck_assert_msg(file_put("/proc/self/gid_map", group, &err) == 0, "%s", err.what);
    return 1;
}

void contain_limit(const char *kind, int limit) {
    cleanup_free char *path = xprintf("/proc/sys/user/max_%s_namespaces", kind);
    cleanup_free char *value = xprintf("%d", limit);
    ck_assert_msg(file_put(path, value, &err) == 0, "%s", err.what);
}

// Whether a limit admits one more namespace. If it does not, none is made, so that the check itself
// adds nothing that the kernel would have to take down first.
static bool admits_one(const struct kind *kind, int limit) {
    int status = 0;
    contain_limit(kind->name, limit);
    pid_t pid = fork();
    if (pid == 0)
        _exit(unshare(kind->flag) == 0 ? 0 : errno == ENOSPC ? 1 : 2);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    contain_limit(kind->name, LARGE_LIMIT);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 0;
}

static int count_left(const struct kind *kind) {
    int count = 0;
    while (count < MOST_COUNTED && !admits_one(kind, kind->own + count + 1))
        count++;
    return count;
}

bool contain_net_is_left(void) {
    return counting && !admits_one(&kinds[0], kinds[0].own + 1);
}

static void read_mounts(struct text *mounts) {
    text_release(mounts);
    ck_assert_msg(file_read("/proc/self/mountinfo", 16 << 20, mounts, &err) == 0, "%s", err.what);
}

void contain_begin(void) {
    contain_begin_as(0);
}

void contain_begin_as(uid_t id) {
    counting = contain_user(id);
    contain_begin_here();
}

void contain_begin_here(void) {
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    read_mounts(&mounts_before);
}

// Somebody else on the machine may remove a mount by removing the folder it is on.
static void check_mounts(const char *before, char *now) {
    for (char *line; (line = strsep(&now, "\n"));)
        ck_assert_msg(strstr(before, line) != NULL, "a mount is left: %s", line);
}

static int reaped_all(void) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        ;
    return pid < 0 && errno == ECHILD;
}

static void check_kind(const struct kind *kind, double deadline_ms) {
    while (!admits_one(kind, kind->own + 1))
        if (clock_ms() < deadline_ms)
            clock_wait(50, -1);
        else
            ck_abort_msg("a namespace is left: %s (%d of them)", kind->name, count_left(kind));
}

void contain_check(void) {
    double deadline_ms = clock_ms() + ENDED_WITHIN_MS;
    cleanup_text struct text mounts = {0};
    while (!reaped_all() && clock_ms() < deadline_ms)
        clock_wait(5, -1);
    ck_assert_msg(reaped_all(), "a process is left");
    read_mounts(&mounts);
    check_mounts(text_get(&mounts_before), mounts.data);
    deadline_ms = clock_ms() + GONE_WITHIN_MS;
    for (size_t i = 0; counting && i < COUNT_OF(kinds); i++)
        check_kind(&kinds[i], deadline_ms);
}
