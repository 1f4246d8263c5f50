// SPDX-License-Identifier: Apache-2.0
// container.c - a program in a root filesystem of its own, by bubblewrap
#include "sandbox/container.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "sandbox/sandbox.h"
#include "sandbox/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/** How long a killed process 1 may take to end; after that it is left to the sandbox. */
enum { INIT_DEADLINE_MS = 10000 };

/** The descriptors that bubblewrap is given. */
enum { FD_INFO, FD_STATUS, FDS };
/** Path of goneaway-wait in a container. */
#define WAIT "/run/goneaway-wait"

// An argument vector that grows; the strings are not owned.
struct arguments {
    const char **items;
    size_t count;
};

static void add(struct arguments *arguments, const char *item) {
    arguments->items = xrealloc(arguments->items, arguments->count + 2, sizeof *arguments->items);
    arguments->items[arguments->count++] = item;
    arguments->items[arguments->count] = NULL;
}

static void add_all(struct arguments *arguments, const char *const *items) {
    for (; items && *items; items++)
        add(arguments, *items);
}

// bubblewrap takes name and value as separate arguments.
static void add_environment(struct arguments *arguments, const char *const *env,
                            struct arena *arena) {
    for (; env && *env; env++) {
        const char *equals = strchr(*env, '=');
        if (!equals)
            continue;
        add(arguments, "--setenv");
        add(arguments, arena_text(arena, *env, (size_t)(equals - *env)));
        add(arguments, arena_text(arena, equals + 1, strlen(equals + 1)));
    }
}

/** Where a container can write besides its root: the folders of container_scratch(). */
static const struct scratch {
    const char *name, *to;
} scratches[] = {{"tmp", "/tmp"}, {"run", "/run"}, {"shm", "/dev/shm"}};

static void add_scratches(struct arguments *arguments, const struct container_spec *spec,
                          struct arena *arena) {
    for (size_t i = 0; i < COUNT_OF(scratches); i++) {
        add(arguments, spec->scratch ? "--bind" : "--tmpfs");
        if (spec->scratch)
            add(arguments, arena_printf(arena, "%s/%s", spec->scratch, scratches[i].name));
        add(arguments, scratches[i].to);
    }
}

static void add_descriptor(struct arguments *arguments, const char *option, int fd,
                           struct arena *arena) {
    add(arguments, option);
    add(arguments, arena_printf(arena, "%d", fd));
}

static void build_arguments(struct arguments *arguments, const struct container_spec *spec,
                            const int fds[FDS], struct arena *arena) {
    // in a host name with a dot, the resolver would take the rest for a search domain
    static const char *const isolation[] = {"--unshare-pid",
                                            "--unshare-ipc",
                                            "--unshare-uts",
                                            "--hostname",
                                            "goneaway",
                                            "--cap-drop",
                                            "ALL",
                                            "--clearenv",
                                            "--setenv",
                                            "PATH",
                                            "/usr/sbin:/usr/bin:/sbin:/bin",
                                            NULL};
    static const char *const places[] = {"--proc", "/proc", "--dev", "/dev", NULL};
    // bubblewrap's /dev is a tmpfs that anybody inside could fill; and it leaves writable those
    // files of /proc/sys that root may write without capabilities, such as kernel.core_pattern
    static const char *const closing[] = {"--remount-ro", "/dev",    "--remount-ro",
                                          "/proc",        "--chdir", NULL};
    // they list the user's keys, whatever the namespace
    static const char *const covered[] = {"/proc/keys", "/proc/key-users"};
    add(arguments, "bwrap");
    add_all(arguments, isolation);
    add_environment(arguments, spec->env, arena);
    add(arguments, spec->root_writable ? "--bind" : "--ro-bind");
    add(arguments, spec->root);
    add(arguments, "/");
    add_all(arguments, places);
    add_scratches(arguments, spec, arena);
    for (const struct container_bind *bind = spec->binds; bind && bind->from; bind++) {
        add(arguments, bind->writable ? "--bind" : "--ro-bind");
        add(arguments, bind->from);
        add(arguments, bind->to);
    }
    for (size_t i = 0; i < COUNT_OF(covered); i++)
        if (access(covered[i], F_OK) == 0) {
            add(arguments, "--ro-bind");
            add(arguments, "/dev/null");
            add(arguments, covered[i]);
        }
    if (spec->exact_status) {
        add(arguments, "--ro-bind");
        add(arguments, SANDBOX_WAIT);
        add(arguments, WAIT);
    }
    add_all(arguments, closing);
    add(arguments, spec->folder ? spec->folder : "/");
    add_descriptor(arguments, "--info-fd", fds[FD_INFO], arena);
    add(arguments, "--");
    if (spec->exact_status)
        add_descriptor(arguments, WAIT, fds[FD_STATUS], arena);
    add_all(arguments, spec->argv);
}

// bubblewrap reports the pid of the container's process 1 as soon as it exists; 0 if bubblewrap
// ends before that, -1 with errno on failure.
static pid_t read_init(int fd) {
    cleanup_text struct text data = {0};
    char buffer[512];
    for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) != 0;) {
        if (got < 0 && errno != EINTR)
            return -1;
        if (got > 0)
            text_append(&data, buffer, (size_t)got);
    }
    json_t *info = json_loads(text_get(&data), 0, NULL);
    pid_t pid = (pid_t)json_integer_value(json_object_get(info, "child-pid"));
    json_decref(info);
    return pid;
}

// Opens pidfds of bubblewrap and of the container's process 1, unless they have ended already.
static int follow(struct container *container, int info, struct err *err) {
    container->init_pidfd = -1;
    container->pidfd = proc_pidfd(container->supervisor);
    container->init = container->pidfd >= 0 ? read_init(info) : -1;
    if (container->init > 0)
        container->init_pidfd = proc_pidfd(container->init);
    bool held = container->init <= 0 || container->init_pidfd >= 0 || !err_is_exhaustion(errno);
    if (container->init >= 0 && held)
        return 0;
    err_errno(err, "follow the container");
    container_close(container);
    return -1;
}

static int spawn(struct container *container, const struct container_spec *spec,
                 const int fds[FDS + 1], struct err *err) {
    if (spec->exact_status && access(SANDBOX_WAIT, X_OK) < 0) {
        if (err_is_exhaustion(errno))
            return err_errno(err, "look for goneaway-wait");
        err_set(err, "goneaway-wait is neither beside goneaway nor in " GONEAWAY_LIBEXECDIR);
        return err_remedy(err, "`make build` or `make install` anew");
    }
    // bubblewrap gets the filter too: it is process 1 inside, and could be traced by others there
    struct sock_fprog syscalls;
    if (syscalls_filter(&syscalls, err) < 0)
        return -1;
    // bubblewrap is process 1 inside, where anybody can read its environment
    static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    struct arguments arguments = {0};
    struct arena *arena = arena_new();
    build_arguments(&arguments, spec, fds, arena);
    struct proc_spec proc = {.argv = arguments.items,
                             .in = spec->in,
                             .out = spec->out,
                             .err = spec->err,
                             .netns = spec->netns,
                             .keep = fds,
                             .env = environment,
                             .syscalls = &syscalls,
                             .descriptors = spec->descriptors,
                             .new_session =
                                 true}; // a signal to our process group must not reach it
    int spawned = proc_spawn(&proc, &container->supervisor, err);
    free(arguments.items);
    arena_free(arena);
    free(syscalls.filter);
    return spawned;
}

int container_open(struct container *container, const struct container_spec *spec,
                   struct err *err) {
    int info[2], status[2] = {-1, -1};
    *container = (struct container){.pidfd = -1};
    if (pipe2(info, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    cleanup_close int info_from = info[0];
    int ret = spec->exact_status ? pipe2(status, O_CLOEXEC | O_NONBLOCK) : 0;
    if (ret < 0)
        err_errno(err, "pipe");
    const int fds[FDS + 1] = {[FD_INFO] = info[1], [FD_STATUS] = status[1], [FDS] = -1};
    if (ret == 0 && (ret = spawn(container, spec, fds, err)) < 0) {
        container->supervisor = 0;
        err_context(err, "run container");
    }
    close(info[1]); // so that we see the end of file
    if (status[1] >= 0)
        close(status[1]);
    if (ret == 0)
        ret = follow(container, info_from, err);
    container->waited = ret == 0 && spec->exact_status;
    if (container->waited)
        container->status_fd = status[0];
    else if (status[0] >= 0)
        close(status[0]);
    return ret;
}

// Kills the container's process 1, and waits until everything that it holds is gone.
static void end_init(struct container *container) {
    if (container->init_pidfd < 0)
        return;
    struct pollfd poll_fd = {.fd = container->init_pidfd, .events = POLLIN};
    double deadline_ms = clock_ms() + INIT_DEADLINE_MS;
    syscall(SYS_pidfd_send_signal, container->init_pidfd, SIGKILL, NULL, 0);
    while (poll(&poll_fd, 1, clock_left_ms(deadline_ms)) < 0 && errno == EINTR)
        ;
}

// If bubblewrap ends without reaping process 1, that becomes our child.
static void reap_init(struct container *container) {
    siginfo_t info;
    if (container->init_pidfd < 0)
        return;
    waitid(P_PIDFD, (id_t)container->init_pidfd, &info, WEXITED | WNOHANG);
    close(container->init_pidfd);
}

void container_close(struct container *container) {
    if (container->init > 0)
        end_init(container);
    if (container->supervisor > 0) {
        proc_kill(container->supervisor);
        close(container->pidfd);
    }
    if (container->init > 0)
        reap_init(container);
    if (container->waited)
        close(container->status_fd);
    *container = (struct container){.pidfd = -1};
}

pid_t container_program(const struct container *container) {
    pid_t first = container->init > 0 ? proc_first_child(container->init) : 0;
    return first > 0 && container->waited ? proc_first_child(first) : first;
}

// The inode of a process's PID namespace; 0 if there is no such process.
static ino_t pid_namespace(pid_t pid) {
    struct stat info;
    cleanup_free char *path = xprintf("/proc/%d/ns/pid", (int)pid);
    return pid > 0 && stat(path, &info) == 0 ? info.st_ino : 0;
}

bool container_has(const struct container *container, pid_t pid) {
    ino_t own = pid_namespace(container->init);
    return own && own == pid_namespace(pid);
}

// What goneaway-wait reported; else bubblewrap's exit status, which is like a shell's.
static int status_of(const struct container *container, int exit_status) {
    int exact;
    if (container->waited &&
        read(container->status_fd, &exact, sizeof exact) == (ssize_t)sizeof exact &&
        (WIFEXITED(exact) || WIFSIGNALED(exact)))
        return exact;
    return proc_status_of_shell(exit_status);
}

bool container_ended(struct container *container, double deadline_ms, int *ret_status) {
    *ret_status = container->status;
    if (container->ended)
        return true;
    if (container->supervisor <= 0 || !proc_wait(container->supervisor, deadline_ms, ret_status))
        return false;
    *ret_status = container->status = status_of(container, *ret_status);
    container->ended = true;
    container->supervisor = 0;
    close(container->pidfd);
    container->pidfd = -1;
    return true;
}

int container_scratch(const char *folder, int64_t bytes, struct err *err) {
    enum { MOST_FILES = 20000 }; // each costs a kilobyte of kernel memory that counts in no size
    cleanup_free char *options =
        xprintf("mode=0755,size=%lld,nr_inodes=%d", (long long)bytes, MOST_FILES);
    if (file_make_folders(folder, 0755, err) < 0)
        return -1;
    if (mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
        return err_errno(err, "mount a tmpfs on %s", folder);
    for (size_t i = 0; i < COUNT_OF(scratches); i++) {
        cleanup_free char *path = xprintf("%s/%s", folder, scratches[i].name);
        if (file_make_folders(path, 0755, err) < 0)
            return -1;
        if (i != 1 && chmod(path, 01777) < 0)
            return err_errno(err, "chmod %s", path);
    }
    return 0;
}

void container_drop_scratch(const char *folder) {
    umount2(folder, MNT_DETACH);
    rmdir(folder);
}

// Colons and commas would end a layer's path or an option; the kernel accepts backslashes before
// them.
static void add_layer(struct text *options, const char *path) {
    for (; *path; path++)
        text_printf(options, strchr(":,\\", *path) ? "\\%c" : "%c", *path);
}

char *container_overlay(const char *folder, const char *const *layers, struct err *err) {
    cleanup_free char *upper = xprintf("%s/upper", folder);
    cleanup_free char *work = xprintf("%s/work", folder);
    cleanup_free char *root = xprintf("%s/root", folder);
    if (file_make_folders(upper, 0755, err) < 0 || file_make_folders(work, 0755, err) < 0 ||
        file_make_folders(root, 0755, err) < 0)
        return NULL;
    cleanup_text struct text options = {0};
    text_add(&options, "userxattr,lowerdir=");
    for (const char *const *layer = layers; *layer; layer++) {
        if (layer != layers)
            text_add(&options, ":");
        add_layer(&options, *layer);
    }
    text_add(&options, ",upperdir=");
    add_layer(&options, upper);
    text_add(&options, ",workdir=");
    add_layer(&options, work);
    if (mount("overlay", root, "overlay", 0, text_get(&options)) < 0) {
        err_errno(err, "mount overlay on %s", root);
        err_remedy(err, "goneaway needs overlayfs in user namespaces (Linux 5.11 and later), and a "
                        "cache folder on a filesystem that can be its lower layer");
        return NULL;
    }
    char *result = root;
    root = NULL;
    return result;
}
