// SPDX-License-Identifier: Apache-2.0
// actor.c - an app: a connector's adapter in its container; starting, forking and ending it
#include "run/actor_parts.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "run/host.h"
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>

// The folder, inside the container, with the sockets of forked children.
#define ACTORS_DIR "/run/actors"
// What it may write to files; a JVM itself needs 32 KB.
enum { ACTOR_BYTES = 64 << 20 };
// How many descriptors it may have open; the usual soft limit.
enum { ACTOR_DESCRIPTORS = 1024 };

static int actors_so_far;

// ---- standard error ----------------------------------------------------------------------------

// A filesystem of its own, so that the limit holds even when nobody looks. The folder is not
// visible in the container, so nobody can replace the file; we read it by this descriptor.
static int open_said(struct actor *actor, struct err *err) {
    cleanup_free char *folder = xprintf("%s/said", actor->folder);
    cleanup_free char *log = xprintf("%s/stderr", folder);
    cleanup_free char *options = xprintf("mode=0755,size=%d", SAID_MAX_BYTES);
    if (file_make_folders(folder, 0755, err) < 0)
        return -1;
    if (mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
        return err_errno(err, "mount a tmpfs on %s", folder);
    actor->said = open(log, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    return actor->said < 0 ? err_errno(err, "create %s", log) : 0;
}

static void close_said(const struct actor *actor) {
    cleanup_free char *folder = xprintf("%s/said", actor->folder);
    if (actor->said >= 0)
        close(actor->said);
    umount2(folder, MNT_DETACH);
}

// The last bytes between `from` and `to`, without final line feeds, and with blanks for NULs. NULL
// if there are none.
static char *read_between(const struct actor *actor, off_t from, off_t to, off_t most) {
    most = to - from < most ? to - from : most;
    char *end = xmalloc((size_t)most + 1);
    ssize_t got = pread(actor->said, end, (size_t)most, to - most);
    while (got > 0 && end[got - 1] == '\n')
        got--;
    for (ssize_t i = 0; i < got; i++)
        end[i] = end[i] ? end[i] : ' ';
    end[got > 0 ? got : 0] = '\0';
    if (got > 0)
        return end;
    free(end);
    return NULL;
}

static char *read_end(const struct actor *actor, off_t most) {
    struct stat info;
    bool there = actor->folder && fstat(actor->said, &info) == 0;
    return there ? read_between(actor, 0, info.st_size, most) : NULL;
}

// The end of the last complete line between `from` and `to`; `from` if there is none.
static off_t find_line_end(const struct actor *actor, off_t from, off_t to) {
    char block[512];
    while (to > from) {
        off_t begin = to - from > (off_t)sizeof block ? to - (off_t)sizeof block : from;
        ssize_t got = pread(actor->said, block, (size_t)(to - begin), begin);
        const char *end = got > 0 ? memrchr(block, '\n', (size_t)got) : NULL;
        if (end || got <= 0)
            return end ? begin + (end - block) + 1 : from;
        to = begin;
    }
    return from;
}

char *actor_take_output(struct actor *actor, bool all) {
    enum { TOLD_BYTES = 4096 };
    struct stat info;
    if (!actor->folder || fstat(actor->said, &info) < 0)
        return NULL;
    off_t from = actor->told_bytes;
    off_t to = all ? info.st_size : find_line_end(actor, from, info.st_size);
    actor->told_bytes = to;
    cleanup_free char *end = to > from ? read_between(actor, from, to, TOLD_BYTES) : NULL;
    if (!end || to - from <= TOLD_BYTES)
        return end ? xstrdup(end) : NULL;
    return xprintf("(%lld bytes before these)\n%s", (long long)(to - from - TOLD_BYTES), end);
}

char *actor_said(const struct actor *actor) {
    enum { TOLD_BYTES = 4096, TOLD_LINES = 10 };
    cleanup_free char *end = read_end(actor, TOLD_BYTES);
    return end ? xstrdup(text_tail(end, TOLD_LINES)) : NULL;
}

char *actor_output(const struct actor *actor) {
    return read_end(actor, ACTOR_OUTPUT_BYTES);
}

bool actor_has_filled_output(const struct actor *actor) {
    struct statvfs room;
    return actor->folder && fstatvfs(actor->said, &room) == 0 && room.f_bavail == 0;
}

char *actor_tell_said(const struct actor *actor) {
    cleanup_free char *said = actor_said(actor);
    return xprintf("%s%s", said ? "; it said:\n" : "", said ? said : "");
}

int actor_check_said(const struct actor *actor, struct err *err) {
    if (!actor_has_filled_output(actor))
        return 0;
    cleanup_free char *said = actor_tell_said(actor);
    return err_set(err,
                   "app '%s': the adapter has written %d MiB to standard error, the most that "
                   "is kept%s",
                   actor->name, SAID_MAX_BYTES >> 20, said);
}

// ---- starting ----------------------------------------------------------------------------------

enum { BINDS = 8 };

// "NAME=VALUE" from the recipe, then from the case (NULL: nothing), terminated by NULL; only the
// array is to be freed.
static char **list_environment(struct arena *arena, const struct connector_recipe *connector,
                               const char *const *more) {
    size_t count = connector->environment.count, more_count = 0;
    while (more && more[more_count])
        more_count++;
    char **env = xcalloc(count + more_count + 1, sizeof *env);
    for (size_t i = 0; i < count; i++)
        env[i] = arena_printf(arena, "%s=%s", connector->environment.keys[i],
                              ((const char **)connector->environment.items)[i]);
    for (size_t i = 0; i < more_count; i++)
        env[count + i] = arena_printf(arena, "%s", more[i]);
    return env;
}

/** Standard input and output of the program to start, and further variables for it. */
struct start {
    int in, out;
    const char *const *env; ///< "NAME=VALUE", terminated by NULL; NULL: none
};

static int start_container(struct actor *actor, const struct connector_recipe *connector,
                           const struct world *world, char *const paths[NAMES_FILES],
                           const struct start *start, struct err *err) {
    cleanup_free struct container_bind *binds =
        xcalloc(BINDS + connector->sees.count, sizeof *binds);
    const struct container_bind always[BINDS] = {
        {world->server.sockets, SERVER_SOCKET_DIR, false},
        {actor->sockets, ACTORS_DIR, true},
        {paths[0], names_files[0], false},
        {paths[1], names_files[1], false},
        {paths[2], names_files[2], false},
        {connector->certificates, ALL_CERTIFICATES_DIR, false},
        {connector->adapter ? connector->adapter : SANDBOX_NOTHING,
         connector->adapter ? "/adapter" : connector->hidden, false},
        {NULL, NULL, false}};
    for (size_t i = 0; i < connector->sees.count; i++) {
        const char *path = ((const char **)connector->sees.items)[i];
        binds[i] = (struct container_bind){path, path, false};
    }
    memcpy(binds + connector->sees.count, always, sizeof always);
    struct arena *arena = arena_new();
    cleanup_free char **env = list_environment(arena, connector, start->env);
    cleanup_free const char **argv = xcalloc(connector->command.count + 1, sizeof *argv);
    for (size_t i = 0; i < connector->command.count; i++)
        argv[i] = ((const char **)connector->command.items)[i];
    struct container_spec spec = {.root = connector->root,
                                  .scratch = actor->folder,
                                  .folder = connector->folder,
                                  .binds = binds,
                                  .argv = argv,
                                  .env = (const char *const *)env,
                                  .netns = world->app.fd,
                                  .in = start->in,
                                  .out = start->out,
                                  .err = actor->said,
                                  .descriptors = ACTOR_DESCRIPTORS,
                                  .exact_status = true};
    int ret = container_open(&actor->container, &spec, err);
    arena_free(arena);
    return ret;
}

static int make_folders(struct actor *actor, struct err *err) {
    actor->sockets = xprintf("%s/sockets", actor->folder);
    if (container_scratch(actor->folder, ACTOR_BYTES, err) < 0 ||
        file_make_folders(actor->sockets, 0755, err) < 0)
        return -1;
    return open_said(actor, err);
}

// Sets `out` in `start` if standard output is to be kept along with standard error.
static int start(struct actor *actor, const struct connector_recipe *connector,
                 const struct world *world, const struct host_side_args *host, struct start *start,
                 struct err *err) {
    char *paths[NAMES_FILES] = {0};
    int ret = make_folders(actor, err);
    if (start->out < 0)
        start->out = actor->said;
    if (ret == 0)
        ret = host_write_names(actor->folder, SIDE_APP, host, paths, err);
    if (ret == 0)
        ret = start_container(actor, connector, world, paths, start, err);
    for (int i = 0; i < NAMES_FILES; i++)
        free(paths[i]);
    return ret;
}

static int start_piped(struct actor *actor, const struct connector_recipe *connector,
                       const struct world *world, const struct host_side_args *host,
                       struct err *err) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    cleanup_close int theirs_in = in[0];
    actor->to = in[1];
    if (fcntl(actor->to, F_SETFL, O_NONBLOCK) < 0)
        return err_errno(err, "fcntl");
    if (pipe2(out, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    cleanup_close int theirs_out = out[1];
    actor->from = out[0];
    // the app could read its own output before we do
    if (fcntl(actor->from, F_SETFL, O_NONBLOCK) < 0)
        return err_errno(err, "fcntl");
    struct start piped = {theirs_in, theirs_out, NULL};
    return start(actor, connector, world, host, &piped, err);
}

static int say_hello(struct actor *actor, double deadline_ms, struct err *err) {
    struct record *scratch = record_new("hello");
    struct record_step *step = record_add_step(scratch);
    int ret = actor_send(actor, json_pack("{s:s, s:i}", "op", "hello", "protocol", 1), "hello",
                         deadline_ms, err);
    if (ret == 0)
        ret = actor_take(actor, deadline_ms, step, err);
    if (ret == 0 && (step->outcome != OUTCOME_OK || !actor->version)) {
        cleanup_free char *said = actor_tell_said(actor);
        ret = err_set(err, "the adapter did not answer hello (%s)%s",
                      step->message ? step->message : outcome_names[step->outcome], said);
    }
    record_free(scratch);
    return ret;
}

void actor_await_program(struct actor *actor, const char *name) {
    *actor = (struct actor){.name = name,
                            .to = -1,
                            .from = -1,
                            .said = -1,
                            .thread = -1,
                            .replaced = -1,
                            .container = {.pidfd = -1}};
}

int actor_open_program(struct actor *actor, const struct connector_recipe *connector,
                       const struct world *world, const struct host_side_args *host,
                       const char *const *env, struct err *err) {
    struct start silent = {-1, -1, env};
    actor->folder = xprintf("%s/actor-%d", SANDBOX_DIR, ++actors_so_far);
    if (start(actor, connector, world, host, &silent, err) < 0)
        return err_context(err, "start the program");
    actor->program = actor->pid = container_program(&actor->container);
    return 0;
}

int actor_start(struct actor *actor, const char *name, const struct connector_recipe *connector,
                const struct world *world, const struct host_side_args *host, struct err *err) {
    actor_await_program(actor, name);
    actor->folder = xprintf("%s/actor-%d", SANDBOX_DIR, ++actors_so_far);
    return start_piped(actor, connector, world, host, err);
}

int actor_open(struct actor *actor, const char *name, const struct connector_recipe *connector,
               const struct world *world, const struct host_side_args *host, double deadline_ms,
               struct err *err) {
    if (actor_start(actor, name, connector, world, host, err) < 0 ||
        say_hello(actor, deadline_ms, err) < 0)
        return err_context(err, "start app '%s' of connector %s", name, connector->name);
    actor->program = actor->pid = container_program(&actor->container);
    return 0;
}

static bool names(const json_t *list, const char *name) {
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)list, i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), name) == 0)
            return true;
    }
    return false;
}

// An adapter that does not list its calls answers when asked for one.
static bool lacks_call(const struct actor *actor, const char *op, const json_t *request) {
    const json_t *calls = json_object_get(actor->hello, "calls");
    return strcmp(op, "call") == 0 && json_is_array(calls) &&
           !names(calls, json_string_value(json_object_get(request, "name")));
}

char *actor_lacks(const struct actor *actor, const json_t *request) {
    const char *op = json_string_value(json_object_get(request, "op")), *key;
    const json_t *operations = json_object_get(actor->hello, "capabilities");
    const json_t *arguments = json_object_get(json_object_get(actor->hello, "arguments"), op);
    json_t *value;
    if (json_is_array(operations) && strcmp(op, "connect") != 0 && !names(operations, op))
        return xprintf("the operation '%s'", op);
    if (lacks_call(actor, op, request))
        return xprintf("the call '%s'", json_string_value(json_object_get(request, "name")));
    if (!json_is_array(arguments))
        return NULL;
    json_object_foreach((json_t *)request, key, value) {
        if (strcmp(key, "op") != 0 && !names(arguments, key))
            return xprintf("the argument '%s' of '%s'", key, op);
    }
    return NULL;
}

void actor_close(struct actor *actor) {
    if (!actor->name)
        return;
    if (actor->folder)
        container_close(&actor->container);
    else if (actor->pid > 0 && actor->ended == OUTCOME_OK)
        kill(actor->pid, SIGKILL);
    if (actor->to >= 0)
        close(actor->to);
    if (actor->from >= 0 && actor->from != actor->to)
        close(actor->from);
    if (actor->folder) {
        close_said(actor);
        container_drop_scratch(actor->folder);
    }
    free(actor->sockets);
    free(actor->forked);
    if (actor->pidfd > 0)
        close(actor->pidfd);
    free(actor->folder);
    free(actor->version);
    json_decref(actor->hello);
    text_release(&actor->received);
    *actor = (struct actor){.to = -1, .from = -1, .said = -1};
}

// ---- forked children ---------------------------------------------------------------------------

int actor_listen_for_child(const char *path, struct err *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return err_set(err, "path too long for a socket: %s", path);
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0) {
        err_errno(err, "listen on %s", path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static int accept_child(int listener, struct actor *child, double deadline_ms, struct err *err) {
    struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
    if (poll(&poll_fd, 1, clock_left_ms(deadline_ms)) <= 0)
        return err_set(err, "the forked child '%s' did not come", child->name);
    child->from = child->to = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (child->from < 0 || getsockopt(child->from, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return err_errno(err, "accept the forked child '%s'", child->name);
    child->pid = peer.pid;
    child->pidfd = proc_pidfd(child->pid);
    return 0;
}

// A fork that failed leaves no child, so each call of the child ends as the fork did.
static void note_no_child(struct actor *child, const struct record_step *step) {
    child->ended = step->outcome;
    child->signal = step->signal;
    child->thread = -1;
    child->inode = 0;
    child->port = child->peer_port = 0;
}

int actor_fork(struct actor *actor, struct actor *child, const char *name, double deadline_ms,
               struct record_step *step, struct err *err) {
    *child = (struct actor){.name = name,
                            .to = -1,
                            .from = -1,
                            .said = -1,
                            .thread = actor->thread,
                            .replaced = -1,
                            .start = actor->start,
                            .inode = actor->inode,
                            .port = actor->port,
                            .peer_port = actor->peer_port,
                            .transcript = actor->transcript,
                            .container = {.pidfd = -1}};
    if (!actor->folder)
        return err_set(err, "app '%s': a forked child cannot fork again", actor->name);
    cleanup_free char *path = xprintf("%s/%s.sock", actor->sockets, name);
    cleanup_free char *inside = xprintf(ACTORS_DIR "/%s.sock", name);
    cleanup_close int listener = actor_listen_for_child(path, err);
    if (listener < 0)
        return -1;
    json_t *request = json_pack("{s:s, s:s}", "op", "fork", "socket", inside);
    if (actor_send(actor, request, "fork", deadline_ms, err) < 0 ||
        actor_take(actor, deadline_ms, step, err) < 0)
        return -1;
    if (step->outcome != OUTCOME_OK) {
        note_no_child(child, step);
        return 0;
    }
    if (accept_child(listener, child, deadline_ms, err) < 0)
        return -1;
    actor->forked = xrealloc(actor->forked, actor->forked_count + 1, sizeof *actor->forked);
    actor->forked[actor->forked_count++] = child->pid;
    return 0;
}
