// SPDX-License-Identifier: Apache-2.0
// contain.c - a test that sees whether a process under it has left anything behind
#include "test/contain.h"

#include "base/clock.h"
#include "base/file.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

// The kernel takes its time for namespaces: closed sockets in there still send their FIN.
enum { ENDED_WITHIN_MS = 2000, GONE_WITHIN_MS = 5000, SMALL_LIMIT = 8, LARGE_LIMIT = 10000 };

static const struct kind {
    const char *name, *file;
    int flag;
} kinds[] = {{"net", "/proc/self/ns/net", CLONE_NEWNET},
             {"mnt", "/proc/self/ns/mnt", CLONE_NEWNS},
             {"ipc", "/proc/self/ns/ipc", CLONE_NEWIPC}};

static struct err err;
static struct text mounts_before;
static int room_before[COUNT_OF(kinds)];
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

// How many more namespaces the limit admits; those made here end with the child that holds them.
static int room(const struct kind *kind) {
    int status = 0;
    contain_limit(kind->name, SMALL_LIMIT);
    pid_t pid = fork();
    if (pid == 0) {
        int made = 0;
        while (made < SMALL_LIMIT && unshare(kind->flag) == 0 && open(kind->file, O_RDONLY) >= 0)
            made++;
        _exit(made);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    contain_limit(kind->name, LARGE_LIMIT);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void read_mounts(struct text *mounts) {
    text_release(mounts);
    ck_assert_msg(file_read("/proc/self/mountinfo", 16 << 20, mounts, &err) == 0, "%s", err.what);
}

void contain_begin(void) {
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    counting = contain_user(0);
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    read_mounts(&mounts_before);
    for (size_t i = 0; counting && i < COUNT_OF(kinds); i++)
        room_before[i] = room(&kinds[i]);
}

static int reaped_all(void) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        ;
    return pid < 0 && errno == ECHILD;
}

// The kernel takes namespaces down some time after their last process; the more were tried here.
static int room_is_back(const struct kind *kind, int before, double deadline_ms) {
    int now;
    while ((now = room(kind)) != before && clock_ms() < deadline_ms)
        clock_wait(100, -1);
    return now;
}

void contain_check(void) {
    double deadline_ms = clock_ms() + ENDED_WITHIN_MS;
    cleanup_text struct text mounts = {0};
    while (!reaped_all() && clock_ms() < deadline_ms)
        clock_wait(5, -1);
    ck_assert_msg(reaped_all(), "a process is left");
    read_mounts(&mounts);
    ck_assert_msg(strcmp(text_get(&mounts), text_get(&mounts_before)) == 0, "a mount is left");
    deadline_ms = clock_ms() + GONE_WITHIN_MS;
    for (size_t i = 0; counting && i < COUNT_OF(kinds); i++)
        ck_assert_msg(room_is_back(&kinds[i], room_before[i], deadline_ms) == room_before[i],
                      "a namespace is left: %s", kinds[i].name);
}
