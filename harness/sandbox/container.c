// SPDX-License-Identifier: Apache-2.0
// container.c - a program in a root filesystem of its own, by bubblewrap
#include "sandbox/container.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/** How long a killed process 1 may take to end; then it is left to the sandbox. */
enum { INIT_DEADLINE_MS = 10000 };

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

static void add_environment(struct arguments *arguments, const char *const *env,
                            struct text *store) {
    // bwrap wants name and value apart; the names are kept in one buffer, which must not move
    size_t total = 1;
    for (const char *const *item = env; item && *item; item++)
        total += strlen(*item) + 1;
    store->data = xcalloc(1, total);
    char *at = store->data;
    for (; env && *env; env++) {
        strcpy(at, *env);
        char *equals = strchrnul(at, '=');
        if (!*equals)
            continue;
        *equals = '\0';
        add(arguments, "--setenv");
        add(arguments, at);
        add(arguments, equals + 1);
        at += strlen(*env) + 1;
    }
}

static void build_arguments(struct arguments *arguments, const struct container_spec *spec,
                            const char *info_fd, struct text *store) {
    // of a host's name with a dot, the resolver takes the rest for a domain to search in
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
    static const char *const places[] = {"--proc", "/proc",   "--dev", "/dev", "--tmpfs",
                                         "/tmp",   "--tmpfs", "/run",  NULL};
    add(arguments, "bwrap");
    add_all(arguments, isolation);
    add_environment(arguments, spec->env, store);
    add(arguments, spec->root_writable ? "--bind" : "--ro-bind");
    add(arguments, spec->root);
    add(arguments, "/");
    add_all(arguments, places);
    for (const struct container_bind *bind = spec->binds; bind && bind->from; bind++) {
        add(arguments, bind->writable ? "--bind" : "--ro-bind");
        add(arguments, bind->from);
        add(arguments, bind->to);
    }
    add(arguments, "--chdir");
    add(arguments, "/");
    add(arguments, "--info-fd");
    add(arguments, info_fd);
    add(arguments, "--");
    add_all(arguments, spec->argv);
}

// bubblewrap tells the process id of the container's process 1 as soon as that exists.
static pid_t read_init(int fd) {
    cleanup_text struct text data = {0};
    char buffer[512];
    for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;)
        text_append(&data, buffer, (size_t)got);
    json_t *info = json_loads(text_get(&data), 0, NULL);
    pid_t pid = (pid_t)json_integer_value(json_object_get(info, "child-pid"));
    json_decref(info);
    return pid;
}

int container_open(struct container *container, const struct container_spec *spec,
                   struct err *err) {
    *container = (struct container){.pidfd = -1};
    int info[2];
    if (pipe2(info, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    cleanup_close int from = info[0];
    char info_fd[16];
    snprintf(info_fd, sizeof info_fd, "%d", info[1]);
    struct arguments arguments = {0};
    cleanup_text struct text store = {0};
    build_arguments(&arguments, spec, info_fd, &store);
    struct proc_spec proc = {.argv = arguments.items,
                             .in = spec->in,
                             .out = spec->out,
                             .err = spec->err,
                             .netns = spec->netns,
                             .keep = (const int[]){info[1], -1}};
    int spawned = proc_spawn(&proc, &container->supervisor, err);
    free(arguments.items);
    close(info[1]);
    if (spawned < 0) {
        container->supervisor = 0;
        return err_context(err, "run container");
    }
    container->pidfd = proc_pidfd(container->supervisor);
    fcntl(container->pidfd, F_SETFD, FD_CLOEXEC);
    container->init = read_init(from);
    if (container->init > 0)
        container->init_pidfd = proc_pidfd(container->init);
    return 0;
}

// Kills process 1 of the container, and waits until all that it holds is gone.
static void end_init(struct container *container) {
    if (container->init_pidfd < 0)
        return;
    struct pollfd poll_fd = {.fd = container->init_pidfd, .events = POLLIN};
    double deadline_ms = clock_ms() + INIT_DEADLINE_MS;
    syscall(SYS_pidfd_send_signal, container->init_pidfd, SIGKILL, NULL, 0);
    while (poll(&poll_fd, 1, clock_left_ms(deadline_ms)) < 0 && errno == EINTR)
        ;
}

// A process 1 that bubblewrap has not waited for is ours once bubblewrap has ended.
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
    *container = (struct container){.pidfd = -1};
}

pid_t container_program(const struct container *container) {
    return container->init > 0 ? proc_first_child(container->init) : 0;
}

bool container_ended(struct container *container, double deadline_ms, int *ret_status) {
    if (container->supervisor <= 0 || !proc_wait(container->supervisor, deadline_ms, ret_status))
        return false;
    // bubblewrap tells a signal as a shell does
    int number = WIFEXITED(*ret_status) ? WEXITSTATUS(*ret_status) - 128 : 0;
    if (number > 0 && number < NSIG)
        *ret_status = number;
    container->supervisor = 0;
    close(container->pidfd);
    container->pidfd = -1;
    return true;
}

// Colons and commas end a layer's path or an option; the kernel takes a backslash before them.
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
