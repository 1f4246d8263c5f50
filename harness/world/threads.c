// SPDX-License-Identifier: Apache-2.0
// threads.c - denies a process new threads
//
// By a pids cgroup if possible, since that counts what it refuses. Otherwise by RLIMIT_NPROC, which
// works for ordinary users: the kernel does not apply it to real root (copy_process() in
// kernel/fork.c). Since Linux 5.14 it counts the user's threads within the user namespace, which
// here means the whole sandbox, but applies to this process only.
#include "world/threads.h"

#include "base/clock.h"
#include "base/text.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROBE_DEADLINE_MS = 1000 };

// ---- RLIMIT_NPROC ------------------------------------------------------------------------------

static int threads_of(const char *pid) {
    cleanup_free char *path = xprintf("/proc/%s/status", pid);
    char line[256];
    int threads = 0;
    FILE *file = fopen(path, "re");
    while (file && threads == 0 && fgets(line, sizeof line, file))
        if (text_starts(line, "Threads:"))
            threads = (int)strtol(line + strlen("Threads:"), NULL, 10);
    if (file)
        fclose(file);
    return threads;
}

// All threads in the sandbox, whose processes belong to a single user.
static int64_t threads_of_all(void) {
    int64_t threads = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (isdigit((unsigned char)entry->d_name[0]))
            threads += threads_of(entry->d_name);
    if (folder)
        closedir(folder);
    return threads;
}

// Whether a fork is refused; tried in a process that may die of it. If it failed otherwise, errno
// says why; else that is 0.
static bool fork_is_refused(void) {
    errno = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    errno = pid < 0 ? errno : 0;
    return errno == EAGAIN;
}

static bool succeeds(bool (*body)(void)) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(body() ? 0 : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool rlimit_is_obeyed(void) {
    struct rlimit none = {0};
    return setrlimit(RLIMIT_NPROC, &none) == 0 && fork_is_refused();
}

static int limit_user(struct thread_limit *limit, struct err *err) {
    struct rlimit was, now;
    if (prlimit(limit->pid, RLIMIT_NPROC, NULL, &was) < 0)
        return err_errno(err, "prlimit");
    now = (struct rlimit){.rlim_cur = (rlim_t)limit->limit, .rlim_max = was.rlim_max};
    if (prlimit(limit->pid, RLIMIT_NPROC, &now, NULL) < 0)
        return err_errno(err, "prlimit");
    limit->before = (int64_t)was.rlim_cur;
    return 0;
}

// ---- for others --------------------------------------------------------------------------------

// The lowest limit that allows `spare` threads beyond `now`.
static int64_t limit_with_spare(int64_t now, int64_t spare) {
    return spare > 0 ? now + spare : 0;
}

static int open_user(struct thread_limit *limit, int64_t spare, struct err *err) {
    limit->limit = limit_with_spare(threads_of_all(), spare);
    return limit_user(limit, err);
}

int thread_limit_open(struct thread_limit *limit, const struct cgroup_home *home, pid_t pid,
                      int64_t spare, struct err *err) {
    char name[16];
    snprintf(name, sizeof name, "%d", pid);
    *limit = (struct thread_limit){.pid = pid};
    int ret = cgroup_open(&limit->cgroup, home, CGROUP_PIDS, pid,
                          limit_with_spare(threads_of(name), spare), err);
    if (ret < 0 && succeeds(rlimit_is_obeyed))
        ret = open_user(limit, spare, err);
    if (ret < 0)
        *limit = (struct thread_limit){0};
    return ret;
}

const char *thread_limit_mechanism(const struct thread_limit *limit) {
    return limit->cgroup.folder ? "cgroup" : "prlimit";
}

int thread_limit_count(const struct thread_limit *limit, int64_t *ret_refused, struct err *err) {
    if (limit->cgroup.folder)
        return cgroup_count(&limit->cgroup, ret_refused, err);
    *ret_refused = limit->pid && threads_of_all() >= limit->limit;
    return 0;
}

// The process may have ended meanwhile; then there is nothing to lift.
int thread_limit_close(struct thread_limit *limit, double deadline_ms, struct err *err) {
    int ret = 0;
    if (limit->cgroup.folder) {
        ret = cgroup_close(&limit->cgroup, deadline_ms, err);
    } else if (limit->pid && kill(limit->pid, 0) == 0) {
        limit->limit = limit->before;
        ret = limit_user(limit, err);
    }
    *limit = (struct thread_limit){0};
    return ret;
}

// ---- the need ----------------------------------------------------------------------------------

enum { GOT_IT = 255 }; // no errno

// Waits until the other end is closed: 0 if a fork is then refused, else GOT_IT, or an errno.
static int try_when_told(int told) {
    char byte;
    if (read(told, &byte, 1) < 0)
        return errno;
    return fork_is_refused() ? 0 : errno ? errno : GOT_IT;
}

// Starts a process that exits with what try_when_told() returns.
static pid_t start_victim(int *ret_tell, struct err *err) {
    int ends[2];
    if (pipe(ends) < 0)
        return err_errno(err, "pipe");
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        _exit(try_when_told(ends[0]));
    }
    close(ends[0]);
    *ret_tell = ends[1];
    if (pid < 0) {
        err_errno(err, "fork");
        close(ends[1]);
    }
    return pid;
}

int thread_limit_try(const struct cgroup_home *home, struct err *err) {
    struct thread_limit limit;
    struct err ignored;
    int64_t refused = 0;
    int tell = -1, status = -1;
    pid_t pid = start_victim(&tell, err);
    if (pid < 0)
        return -1;
    int ret = thread_limit_open(&limit, home, pid, 0, err);
    close(tell);
    if (waitpid(pid, &status, 0) < 0 && ret == 0)
        ret = err_errno(err, "wait for a process");
    if (ret == 0 && WIFEXITED(status) && status != 0 && WEXITSTATUS(status) != GOT_IT) {
        errno = WEXITSTATUS(status);
        ret = err_errno(err, "try a limit of threads");
    }
    if (ret == 0)
        ret = thread_limit_count(&limit, &refused, err);
    if (ret == 0 && status == 0 && refused == 0) {
        errno = EAGAIN;
        ret = err_errno(err, "a fork was refused by something else than its limit (%s)",
                        thread_limit_mechanism(&limit));
    }
    if (ret == 0 && status != 0)
        ret = err_set(err, "a process got a thread beyond its limit (%s)",
                      thread_limit_mechanism(&limit));
    int closed =
        thread_limit_close(&limit, clock_ms() + PROBE_DEADLINE_MS, ret < 0 ? &ignored : err);
    return ret < 0 ? ret : closed;
}
