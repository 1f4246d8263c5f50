// SPDX-License-Identifier: Apache-2.0
// sandbox.c - a process with its own namespaces, in which everything dies with it
#include "sandbox/sandbox.h"

#include "base/file.h"
#include "base/proc.h"
#include "base/text.h"
#include "sandbox/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { MOST_KEPT = 8 };
enum { SANDBOX_FLAGS = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC };

static pid_t clone_with(unsigned long long flags) {
    struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

static int remedy_userns(struct err *err) {
    if (file_exists("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"))
        err_remedy(err, "AppArmor keeps ordinary users from user namespaces here (Ubuntu 23.10 and "
                        "later). Run goneaway as root, or allow them: sudo sysctl -w "
                        "kernel.apparmor_restrict_unprivileged_userns=0");
    if (file_exists("/proc/sys/kernel/unprivileged_userns_clone"))
        err_remedy(err, "run goneaway as root, or allow user namespaces: sudo sysctl -w "
                        "kernel.unprivileged_userns_clone=1");
    return err_remedy(err, "run goneaway as root, or allow user namespaces: sudo sysctl -w "
                           "user.max_user_namespaces=10000 (in a container: start it with "
                           "--privileged, or with seccomp and AppArmor unconfined)");
}

// The parent-death signal is missed if the parent dies before we ask for it, and getppid() is
// always 0 in a new PID namespace; a pidfd of the parent shows whether it lives.
static int follow_parent(int parent_pidfd, struct err *err) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return err_errno(err, "prctl PR_SET_PDEATHSIG");
    struct pollfd poll_fd = {.fd = parent_pidfd, .events = POLLIN};
    if (poll(&poll_fd, 1, 0) != 0)
        _exit(1);
    return 0;
}

static int map_ids(uid_t uid, gid_t gid, struct err *err) {
    char line[64];
    if (file_put("/proc/self/setgroups", "deny", err) < 0)
        return remedy_userns(err);
    snprintf(line, sizeof line, "0 %u 1", gid);
    if (file_put("/proc/self/gid_map", line, err) < 0)
        return remedy_userns(err);
    snprintf(line, sizeof line, "0 %u 1", uid);
    if (file_put("/proc/self/uid_map", line, err) < 0)
        return remedy_userns(err);
    return 0;
}

static int leave_mounts(bool own_user, struct err *err) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        return 0;
    err_errno(err, "make the mounts private");
    return own_user ? remedy_userns(err) : -1;
}

// Standard input and output are the caller's, and may be a pipe that somebody reads to its end.
static int leave_descriptors(const struct sandbox_spec *spec, int tell, struct err *err) {
    const int *const lists[] = {spec->keep, spec->keep_too};
    cleanup_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
        return err_errno(err, "/dev/null");
    int kept[MOST_KEPT + 1] = {tell};
    size_t count = 1;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        for (const int *keep = lists[i]; keep && *keep >= 0 && count < MOST_KEPT; keep++)
            kept[count++] = *keep;
    kept[count] = -1;
    return proc_close_others(kept, err);
}

struct start {
    const struct sandbox_spec *spec;
    uid_t uid;
    gid_t gid;
    int parent_pidfd;
    bool own_user;
};

// The user's environment may contain tokens and the like, so it is cleared.
static int leave_environment(struct err *err) {
    cleanup_free char *path = xstrdup(getenv("PATH"));
    if (clearenv() != 0 || (path && setenv("PATH", path, 1) < 0))
        return err_errno(err, "clear the environment");
    return 0;
}

static int set_up(const struct start *start, int tell, struct err *err) {
    if (follow_parent(start->parent_pidfd, err) < 0)
        return -1;
    if (start->own_user && map_ids(start->uid, start->gid, err) < 0)
        return -1;
    setsid(); // a Ctrl-C on the terminal is for the main process only
    if (leave_environment(err) < 0 || leave_descriptors(start->spec, tell, err) < 0 ||
        leave_mounts(start->own_user, err) < 0)
        return -1;
    return root_enter(start->spec->places, err);
}

static void run_child(const struct start *start, int tell) {
    struct err err = {0};
    if (set_up(start, tell, &err) < 0) {
        ssize_t put = write(tell, &err, sizeof err);
        _exit(put == (ssize_t)sizeof err ? 1 : 2);
    }
    close(tell);
    _exit(start->spec->body(start->spec->context));
}

// Root can do without a user namespace where the kernel refuses one.
static pid_t clone_sandbox(struct start *start, struct err *err) {
    start->own_user = true;
    pid_t pid = clone_with(SANDBOX_FLAGS | CLONE_NEWUSER);
    if (pid < 0 && geteuid() == 0) {
        start->own_user = false;
        pid = clone_with(SANDBOX_FLAGS);
    }
    if (pid < 0) {
        err_errno(err, "make namespaces");
        remedy_userns(err);
    }
    return pid;
}

int sandbox_open(struct sandbox *sandbox, const struct sandbox_spec *spec, struct err *err) {
    cleanup_close int parent = proc_pidfd(getpid());
    if (parent < 0)
        return err_errno(err, "pidfd_open");
    struct start start = {.spec = spec, .uid = geteuid(), .gid = getegid(), .parent_pidfd = parent};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    pid_t pid = clone_sandbox(&start, err);
    if (pid == 0) {
        close(ends[0]);
        run_child(&start, ends[1]);
    }
    close(ends[1]);
    cleanup_close int told = ends[0];
    if (pid < 0)
        return -1;
    *sandbox = (struct sandbox){.pid = pid, .pidfd = proc_pidfd(pid)};
    struct err theirs;
    ssize_t got;
    while ((got = read(told, &theirs, sizeof theirs)) < 0 && errno == EINTR)
        ;
    if (got == (ssize_t)sizeof theirs) {
        sandbox_close(sandbox);
        *err = theirs;
        return -1;
    }
    return 0;
}

void sandbox_close(struct sandbox *sandbox) {
    proc_kill(sandbox->pid);
    if (sandbox->pidfd >= 0 && sandbox->pid > 0)
        close(sandbox->pidfd);
    *sandbox = (struct sandbox){.pidfd = -1};
}
