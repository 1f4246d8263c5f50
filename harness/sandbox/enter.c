// SPDX-License-Identifier: Apache-2.0
// enter.c - runs a program of the user's choice in a sandbox that is there
//
// A process joins the namespaces and forks the program, since only a child gets into another PID
// namespace. It passes SIGHUP on, at which a shell ends its jobs, and stays until the program has
// ended: a namespace cannot end while one of its processes is a zombie, and whoever inherited the
// program might never wait for it.
#include "sandbox/enter.h"

#include "base/proc.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_EXECUTE = 127 };

// Whether the sandbox has a user namespace of its own, which root's may lack.
static bool has_own_user(pid_t sandbox) {
    cleanup_free char *path = xprintf("/proc/%d/ns/user", sandbox);
    struct stat theirs, ours;
    return stat(path, &theirs) == 0 && stat("/proc/self/ns/user", &ours) == 0 &&
           theirs.st_ino != ours.st_ino;
}

static int join(const struct enter_spec *spec, struct err *err) {
    cleanup_free char *path = xprintf("/proc/%d/fd/%d", spec->sandbox, spec->netns_fd);
    cleanup_close int pidfd = proc_pidfd(spec->sandbox);
    cleanup_close int netns = open(path, O_RDONLY | O_CLOEXEC);
    int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC;
    if (pidfd < 0 || netns < 0)
        return err_errno(err, "find the namespaces of process %d", spec->sandbox);
    if (has_own_user(spec->sandbox))
        flags |= CLONE_NEWUSER;
    if (setns(pidfd, flags) < 0 || setns(netns, CLONE_NEWNET) < 0)
        return err_errno(err, "enter the namespaces of process %d", spec->sandbox);
    return 0;
}

static _Noreturn void become_program(const struct enter_spec *spec, const sigset_t *mask) {
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGHUP);
    if (chdir(spec->folder) < 0 && chdir("/") < 0)
        _exit(CANNOT_EXECUTE);
    execve(spec->argv[0], (char *const *)spec->argv, (char *const *)spec->env);
    fprintf(stderr, "goneaway: %s: %m\n", spec->argv[0]);
    _exit(CANNOT_EXECUTE);
}

// Returns the program's status once it has ended. SIGHUP and SIGCHLD are blocked.
static int attend(pid_t program, const sigset_t *signals) {
    int status;
    while (waitpid(program, &status, WNOHANG) == 0)
        if (sigwaitinfo(signals, NULL) == SIGHUP)
            kill(program, SIGHUP);
    return status;
}

// Tells the caller why it could not join, or nothing.
static _Noreturn void become_parent(const struct enter_spec *spec, int tell) {
    struct err err = {0};
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, &before);
    prctl(PR_SET_PDEATHSIG, SIGHUP);
    pid_t pid = join(spec, &err) == 0 ? fork() : -1;
    if (pid == 0)
        become_program(spec, &before);
    if (pid < 0) {
        ssize_t put = write(tell, &err, sizeof err);
        _exit(put == (ssize_t)sizeof err ? 1 : 2);
    }
    close(tell);
    int status = attend(pid, &signals);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

// The program may have been a shell, whose jobs had the terminal.
static void take_terminal_back(void) {
    signal(SIGTTOU, SIG_IGN);
    if (isatty(STDIN_FILENO))
        tcsetpgrp(STDIN_FILENO, getpgrp());
}

// Waits for the program's end, or for the signal to end it.
static int wait_for(pid_t pid, int until, int *ret_status) {
    cleanup_close int pidfd = proc_pidfd(pid);
    struct pollfd fds[] = {{.fd = pidfd, .events = POLLIN}, {.fd = until, .events = POLLIN}};
    while (poll(fds, COUNT_OF(fds), -1) < 0 && errno == EINTR)
        continue;
    bool over = !fds[0].revents && fds[1].revents;
    if (over)
        kill(pid, SIGHUP);
    while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
        continue;
    *ret_status = WIFEXITED(*ret_status) ? WEXITSTATUS(*ret_status) : 128 + WTERMSIG(*ret_status);
    take_terminal_back();
    return over;
}

int sandbox_enter(const struct enter_spec *spec, int *ret_status, struct err *err) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    cleanup_close int told = ends[0];
    signal(SIGINT, SIG_IGN); // these are for the program
    signal(SIGQUIT, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0)
        become_parent(spec, ends[1]);
    close(ends[1]);
    if (pid < 0)
        return err_errno(err, "fork");
    struct err theirs;
    if (read(told, &theirs, sizeof theirs) == (ssize_t)sizeof theirs) {
        waitpid(pid, ret_status, 0);
        *err = theirs;
        return -1;
    }
    return wait_for(pid, spec->until, ret_status);
}
