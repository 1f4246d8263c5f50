// SPDX-License-Identifier: Apache-2.0
// command.c - the command of a lab: the user's own program, in the network of the app's host
#include "lab/command.h"

#include "base/file.h"
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/** As in linux/mount.h, see sandbox/root.c. */
enum { MOVE_FROM_EMPTY_PATH = 4 };

/** Of the processes between the lab and the command. */
struct start {
    const struct lab_command *command;
    uid_t uid;
    gid_t gid;
    bool own_user; ///< in a user namespace of its own
    int told;      ///< where an error goes; closed by a command that runs
};

char **lab_environment(char *const *variables) {
    size_t count = 0, mine = 0;
    while (environ[count])
        count++;
    while (variables[mine])
        mine++;
    char **all = xcalloc(count + mine + 1, sizeof *all);
    memcpy(all, variables, mine * sizeof *all);
    for (size_t i = 0, next = mine; i < count; i++) {
        const char *end = strchr(environ[i], '=');
        bool replaced = false;
        for (size_t k = 0; end && k < mine; k++)
            replaced |= strncmp(environ[i], variables[k], (size_t)(end - environ[i]) + 1) == 0;
        if (!replaced)
            all[next++] = environ[i];
    }
    return all;
}

// ---- ends and signals --------------------------------------------------------------------------

// See sandbox.c: the signal is missed if the parent dies before we ask for it.
static int follow(int parent_pidfd, struct err *err) {
    struct pollfd parent = {.fd = parent_pidfd, .events = POLLIN};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return err_errno(err, "prctl PR_SET_PDEATHSIG");
    if (poll(&parent, 1, 0) != 0)
        _exit(1);
    return 0;
}

static const int forwarded[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};

// What the terminal sends, it sends to the command as well.
static void forward(pid_t pid, const siginfo_t *info) {
    if (info->si_code != SI_KERNEL && info->si_signo != SIGWINCH)
        kill(pid, info->si_signo);
}

// Waits for a child; any others, orphans of the command, are reaped.
static int supervise(pid_t pid) {
    sigset_t signals;
    siginfo_t info;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    for (size_t i = 0; i < COUNT_OF(forwarded); i++)
        sigaddset(&signals, forwarded[i]);
    for (;;) {
        int status;
        for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
            if (ended == pid)
                return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if (sigwaitinfo(&signals, &info) > 0 && info.si_signo != SIGCHLD)
            forward(pid, &info);
    }
}

// Blocked before there is a child, so that none is missed.
static void hold_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    for (size_t i = 0; i < COUNT_OF(forwarded); i++)
        sigaddset(&signals, forwarded[i]);
    sigprocmask(SIG_BLOCK, &signals, NULL);
}

_Noreturn static void fail(const struct start *start, const struct err *err) {
    ssize_t put = write(start->told, err, sizeof *err);
    _exit(put == (ssize_t)sizeof *err ? 1 : 2);
}

// ---- process 1 ---------------------------------------------------------------------------------

// Below the sandbox's user namespace, whose 0 is the user, the id is the user's again.
static int map_ids(const struct start *start, struct err *err) {
    char line[64];
    if (file_put("/proc/self/setgroups", "deny", err) < 0)
        return -1;
    snprintf(line, sizeof line, "%u 0 1", start->gid);
    if (file_put("/proc/self/gid_map", line, err) < 0)
        return -1;
    snprintf(line, sizeof line, "%u 0 1", start->uid);
    return file_put("/proc/self/uid_map", line, err);
}

static int cover(const char *path, const char *by, struct err *err) {
    struct stat info;
    if (stat(path, &info) < 0) // there is none, and none can be made
        return 0;
    return mount(by, path, NULL, MS_BIND, NULL) < 0 ? err_errno(err, "mount %s", path) : 0;
}

static int mount_names(const struct lab_folder *folder, struct err *err) {
    static const char *const caches[] = {"/run/nscd/socket", "/var/run/nscd/socket"};
    for (int i = 0; i < NAMES_FILES; i++)
        if (cover(names_files[i], folder->names[i], err) < 0)
            return -1;
    for (size_t i = 0; i < COUNT_OF(caches); i++)
        if (cover(caches[i], "/dev/null", err) < 0)
            return -1;
    return 0;
}

static int mount_all(const struct lab_command *command, struct err *err) {
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        return err_errno(err, "keep the mounts apart");
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
        err_errno(err, "mount /proc");
        return err_remedy(err, "if this is a container, its /proc is masked: start it with "
                               "--privileged or --security-opt systempaths=unconfined");
    }
    if (syscall(SYS_move_mount, command->sockets, "", AT_FDCWD, command->folder->sockets,
                MOVE_FROM_EMPTY_PATH) < 0)
        return err_errno(err, "mount %s", command->folder->sockets);
    return mount_names(command->folder, err);
}

_Noreturn static void execute(const struct start *start) {
    const struct lab_command *command = start->command;
    struct err err = {0};
    signal(SIGPIPE, SIG_DFL); // which the lab ignores
    signal(SIGXFSZ, SIG_DFL);
    umask(command->umask);
    sigprocmask(SIG_SETMASK, command->signals, NULL);
    execvpe(command->argv[0], command->argv, command->env);
    err_errno(&err, "%s", command->argv[0]);
    err.kind = ERR_USAGE;
    fail(start, &err);
}

_Noreturn static void be_first(const struct start *start, int parent) {
    struct err err = {0};
    if (follow(parent, &err) < 0 || (start->own_user && map_ids(start, &err) < 0) ||
        mount_all(start->command, &err) < 0)
        fail(start, &err);
    close(start->command->link);
    pid_t pid = fork();
    if (pid == 0)
        execute(start);
    if (pid < 0) {
        err_errno(&err, "fork");
        fail(start, &err);
    }
    close(start->told);
    _exit(supervise(pid));
}

// ---- the supervisor ----------------------------------------------------------------------------

// Root may enter the network as it is; others only from within the sandbox's user namespace.
static int enter_network(struct start *start, struct err *err) {
    const struct lab_command *command = start->command;
    if (setns(command->netns, CLONE_NEWNET) == 0)
        return 0;
    start->own_user = true;
    if (setns(command->user, CLONE_NEWUSER) < 0 || setns(command->netns, CLONE_NEWNET) < 0)
        return err_errno(err, "enter the network of the app's host");
    return 0;
}

static pid_t clone_first(const struct start *start) {
    struct clone_args args = {.flags = CLONE_NEWNS | CLONE_NEWPID |
                                       (start->own_user ? (unsigned)CLONE_NEWUSER : 0),
                              .exit_signal = SIGCHLD};
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

_Noreturn static void be_supervisor(struct start *start, int parent) {
    struct err err = {0};
    int self = proc_pidfd(getpid());
    hold_signals();
    // asked for once the ids have changed, which would revoke it
    if (enter_network(start, &err) < 0 || follow(parent, &err) < 0)
        fail(start, &err);
    pid_t pid = self < 0 ? -1 : clone_first(start);
    if (pid == 0)
        be_first(start, self);
    if (pid < 0) {
        err_errno(&err, "make the command's namespaces");
        fail(start, &err);
    }
    close(start->told);
    _exit(supervise(pid));
}

int lab_command_start(const struct lab_command *command, pid_t *ret_pid, struct err *err) {
    cleanup_close int self = proc_pidfd(getpid());
    struct err theirs;
    int ends[2];
    if (self < 0 || pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "start the command");
    struct start start = {.command = command, .uid = geteuid(), .gid = getegid(), .told = ends[1]};
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        be_supervisor(&start, self);
    }
    close(ends[1]);
    cleanup_close int told = ends[0];
    if (pid < 0)
        return err_errno(err, "start the command");
    ssize_t got;
    while ((got = read(told, &theirs, sizeof theirs)) < 0 && errno == EINTR)
        ;
    *ret_pid = pid;
    if (got != (ssize_t)sizeof theirs)
        return 0;
    proc_kill(pid);
    *err = theirs;
    return -1;
}
