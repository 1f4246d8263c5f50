// SPDX-License-Identifier: Apache-2.0
// server.c - a real server in its container
#include "world/server.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

// Everything that a server writes is on one filesystem: data, temporary files, and the error log,
// which a full one would silence too. No scenario of the catalogue writes more than 100 MB.
enum { SERVER_BYTES = 512 << 20 };

// Makes the folder names of a sandbox's servers unique.
static int servers_so_far;

static int start_process(struct server *server, struct err *err) {
    struct arena *arena = arena_new();
    const char *const *command = server_command(arena, server->recipe, server->options);
    cleanup_close int log = open(server->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) {
        arena_free(arena);
        return err_errno(err, "create %s", server->log);
    }
    struct container_spec spec = {
        .root = server->root,
        .root_writable = true,
        .scratch = server->folder,
        .argv = command,
        .netns = server->netns.fd,
        .binds = (const struct container_bind[]){{server->sockets, SERVER_SOCKET_DIR, true},
                                                 {server->names[0], names_files[0], false},
                                                 {server->names[1], names_files[1], false},
                                                 {server->names[2], names_files[2], false},
                                                 {server->recipe->certificates,
                                                  ALL_CERTIFICATES_DIR, false},
                                                 {NULL, NULL, false}},
        .in = -1,
        .out = log,
        .err = log};
    int ret = container_open(&server->container, &spec, err);
    arena_free(arena);
    return ret;
}

// Copies the options: the server may outlive the case that asked for it, and be restarted.
static const char *const *copy_options(struct arena *arena, const char *const *options) {
    size_t count = 0;
    while (options && options[count])
        count++;
    const char **copy = arena_alloc(arena, (count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_text(arena, options[i], strlen(options[i]));
    return copy;
}

int server_open(struct server *server, const struct server_recipe *recipe,
                const char *const *options, struct err *err) {
    *server = (struct server){.recipe = recipe, .container = {.pidfd = -1}, .arena = arena_new()};
    server->options = copy_options(server->arena, options);
    server->folder = xprintf("%s/server-%d", SANDBOX_DIR, ++servers_so_far);
    server->sockets = xprintf("%s/sockets", server->folder);
    server->log = xprintf("%s/error.log", server->folder);
    if (container_scratch(server->folder, SERVER_BYTES, err) < 0 ||
        file_make_folders(server->sockets, 0755, err) < 0 || netns_open(&server->netns, err) < 0 ||
        names_write(server->folder, SIDE_SERVER, (struct names_resolver){-1, -1}, server->names,
                    err) < 0)
        return err_context(err, "start server %s", recipe->name);
    server->root = container_overlay(server->folder,
                                     (const char *const[]){recipe->data, recipe->root, NULL}, err);
    if (!server->root || start_process(server, err) < 0)
        return err_context(err, "start server %s", recipe->name);
    return 0;
}

// The log from the first error on, or its last lines if there is none: MySQL continues for long
// after an error.
static const char *telling_lines(struct text *log) {
    enum { MOST_LINES = 12 };
    char *error = log->data ? strstr(log->data, "[ERROR]") : NULL;
    if (!error)
        return text_tail(text_get(log), MOST_LINES);
    char *end = error;
    for (int i = 0; end && i < MOST_LINES; i++)
        end = strchr(end + 1, '\n');
    if (end)
        *end = '\0';
    while (error > log->data && error[-1] != '\n')
        error--;
    return error;
}

static int died(struct server *server, int status, struct err *err) {
    cleanup_text struct text log = {0};
    struct err unread;
    char buffer[64];
    if (server_log_read(server, 0, &log, &unread) < 0)
        text_add(&log, unread.what);
    return err_set(err, "it ended with %s; its error log says:\n%s",
                   proc_status_text(status, buffer, sizeof buffer), telling_lines(&log));
}

enum { LISTENS_WITHIN_MS = 500 }; // after it has made the socket

/** What to wait for while a server boots. */
struct boot {
    struct server *server;
    char *socket;
    int events;      ///< for the folder of its sockets; -1: it cannot be watched
    double stirs_ms; ///< until when something may happen there without an event
};

static void watch_boot(struct boot *boot, struct server *server) {
    *boot = (struct boot){.server = server,
                          .socket = xprintf("%s/" SERVER_SOCKET_FILE, server->sockets),
                          .events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    if (boot->events >= 0 && inotify_add_watch(boot->events, server->sockets, IN_CREATE) < 0) {
        close(boot->events);
        boot->events = -1;
    }
    if (file_exists(boot->socket)) // made before anybody watched
        boot->stirs_ms = clock_ms() + LISTENS_WITHIN_MS;
}

static void release_boot(struct boot *boot) {
    if (boot->events >= 0)
        close(boot->events);
    free(boot->socket);
}

// Waits until another look is worthwhile. Creating the socket gives an event; listening on it, soon
// after, does not.
static void await_stir(struct boot *boot, double deadline_ms) {
    enum { LOOK_EVERY_MS = 2, LOOK_RARELY_MS = 50 };
    char events[4096];
    struct pollfd fds[] = {{.fd = boot->server->container.pidfd, .events = POLLIN},
                           {.fd = boot->events, .events = POLLIN}};
    bool often = boot->events < 0 || clock_ms() < boot->stirs_ms;
    double until = clock_ms() + (often ? LOOK_EVERY_MS : LOOK_RARELY_MS);
    poll(fds, COUNT_OF(fds), clock_left_ms(until < deadline_ms ? until : deadline_ms));
    if (boot->events >= 0 && read(boot->events, events, sizeof events) > 0)
        boot->stirs_ms = clock_ms() + LISTENS_WITHIN_MS;
}

static int not_ready(struct server *server, struct err *err) {
    cleanup_text struct text log = {0};
    struct err unread;
    server_log_read(server, 0, &log, &unread);
    return err_set(err, "start server %s: not ready in time; its error log says:\n%s",
                   server->recipe->name, telling_lines(&log));
}

struct admin *server_log_in(const struct server *server, bool as_root, struct err *err) {
    cleanup_free char *socket = xprintf("%s/" SERVER_SOCKET_FILE, server->sockets);
    struct admin *admin = as_root ? admin_open(socket, "root", server->recipe->password, err)
                                  : admin_open(socket, APP_USER, APP_PASSWORD, err);
    if (!admin || container_has(&server->container, admin_peer(admin)))
        return admin;
    admin_close(admin);
    err_set(err, "admin: a process outside of the server's container answers at %s", socket);
    return NULL;
}

static int wait_admin(struct boot *boot, double deadline_ms, struct err *err) {
    struct server *server = boot->server;
    int status = 0;
    for (;;) {
        struct err unready;
        if (container_ended(&server->container, 0, &status)) {
            died(server, status, err);
            return err_context(err, "start server %s", server->recipe->name);
        }
        if (file_exists(boot->socket))
            server->admin = server_log_in(server, true, &unready);
        if (server->admin)
            return 0;
        if (clock_ms() > deadline_ms)
            return not_ready(server, err);
        await_stir(boot, deadline_ms);
    }
}

int server_wait_ready(struct server *server, double deadline_ms, struct err *err) {
    struct boot boot;
    if (!server->admin) {
        watch_boot(&boot, server);
        int ret = wait_admin(&boot, deadline_ms, err);
        release_boot(&boot);
        if (ret < 0)
            return -1;
    }
    if (server->inventory)
        return 0;
    struct err unknown; // without these it serves only one case
    server->variables = admin_variables(server->admin, &unknown);
    server->used_bytes = server_used_bytes(server);
    return admin_take_inventory(server->admin, &server->inventory, err);
}

static void lose_admin(struct server *server) {
    admin_close(server->admin);
    server->admin = NULL;
}

void server_settle(const struct server *server) {
    enum { SETTLES_WITHIN_MS = 100 };
    double began_ms = clock_ms(), deadline_ms = began_ms + SETTLES_WITHIN_MS;
    pid_t pid = server_pid(server);
    while (pid > 0 && proc_any_thread_running(pid) && clock_ms() < deadline_ms)
        clock_look_again(began_ms);
}

int server_end_process(struct server *server, int signal, double deadline_ms, struct err *err) {
    int status;
    pid_t pid = server_pid(server);
    lose_admin(server);
    if (signal == SIGTERM)
        server_settle(server);
    if (pid <= 0 || kill(pid, signal) < 0)
        return err_set(err, "stop server %s: it is not running", server->recipe->name);
    if (!container_ended(&server->container, deadline_ms, &status))
        return err_set(err, "stop server %s: it has not ended in time", server->recipe->name);
    return 0;
}

// Whether the server's process has ended; processes that it left in its container may still be
// there.
static bool has_ended(struct server *server, double deadline_ms) {
    int status;
    return server->container.supervisor <= 0 ||
           container_ended(&server->container, deadline_ms, &status);
}

int server_start_again(struct server *server, double deadline_ms, struct err *err) {
    cleanup_free char *socket = xprintf("%s/" SERVER_SOCKET_FILE, server->sockets);
    // the container ends a moment after its main process
    if (!has_ended(server, 0) && (server_pid(server) > 0 || !has_ended(server, deadline_ms)))
        return err_set(err,
                       "start server %s: it is running; before `server: start` comes `server: "
                       "stop`, or a crash and `until: {server: gone}`",
                       server->recipe->name);
    lose_admin(server);
    container_close(&server->container);
    unlink(socket); // a killed server leaves its socket behind
    if (start_process(server, err) < 0)
        return err_context(err, "start server %s", server->recipe->name);
    return server_wait_ready(server, deadline_ms, err);
}

void server_close(struct server *server) {
    admin_close(server->admin);
    container_close(&server->container);
    netns_close(&server->netns);
    if (server->root)
        umount2(server->root, MNT_DETACH);
    if (server->folder)
        container_drop_scratch(server->folder);
    json_decref(server->variables);
    free(server->root);
    free(server->folder);
    free(server->sockets);
    free(server->log);
    for (int i = 0; i < NAMES_FILES; i++)
        free(server->names[i]);
    arena_free(server->arena);
    *server = (struct server){.container = {.pidfd = -1}};
}

int64_t server_used_bytes(const struct server *server) {
    struct statvfs info;
    if (statvfs(server->folder, &info) < 0)
        return 0;
    return (int64_t)(info.f_blocks - info.f_bfree) * (int64_t)info.f_frsize;
}

pid_t server_pid(const struct server *server) {
    return container_program(&server->container);
}

bool server_is_there(const struct server *server) {
    struct pollfd ends[] = {{.fd = server->container.pidfd, .events = POLLIN},
                            {.fd = server->container.init_pidfd, .events = POLLIN}};
    return server->container.supervisor > 0 && poll(ends, COUNT_OF(ends), 0) == 0;
}

long server_log_size(const struct server *server, struct err *err) {
    struct stat info;
    return stat(server->log, &info) == 0 ? (long)info.st_size : err_errno(err, "the error log");
}

int server_log_read(const struct server *server, long offset, struct text *log, struct err *err) {
    cleanup_text struct text all = {0};
    if (file_read(server->log, 64 << 20, &all, err) < 0)
        return -1;
    if (offset < (long)all.length)
        text_append(log, all.data + offset, all.length - (size_t)offset);
    return 0;
}
