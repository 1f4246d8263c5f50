// SPDX-License-Identifier: Apache-2.0
// actor.c - an app: a connector's adapter in its container
#include "run/actor.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "run/host.h"
#include "sandbox/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>

// Where the sockets of forked children are, inside and outside of the container.
#define ACTORS_DIR "/run/actors"
// An answer longer than this is garbage; the protocol cuts rows long before.
enum { ANSWER_MAX_BYTES = 8 << 20 };
// Of a message and the like, this much is kept.
enum { TEXT_MAX_BYTES = 16 << 10 };
// What an adapter may say on standard error in one case, so that it does not fill the memory.
enum { SAID_MAX_BYTES = 16 << 20 };
// What it may write to files; a JVM's own ones take 32 KB.
enum { ACTOR_BYTES = 64 << 20 };
// What it may have open; the usual soft limit.
enum { ACTOR_DESCRIPTORS = 1024 };
// The rows of an answer, by the protocol; as text they are not larger than that.
enum { ROWS_MAX = 100, ROWS_MAX_BYTES = 512 << 10 };

static int actors_so_far;

// ---- standard error ----------------------------------------------------------------------------

// A filesystem of its own, which is full when the limit is reached, even if nobody looks. Nothing
// in the container has the folder, so that the file stays what it is; it is read by this descriptor
// all the same.
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

char *actor_said(const struct actor *actor) {
    enum { TOLD_BYTES = 4096, TOLD_LINES = 10 };
    char end[TOLD_BYTES + 1];
    struct stat info;
    if (!actor->folder || fstat(actor->said, &info) < 0)
        return NULL;
    off_t from = info.st_size > TOLD_BYTES ? info.st_size - TOLD_BYTES : 0;
    ssize_t got = pread(actor->said, end, TOLD_BYTES, from);
    while (got > 0 && end[got - 1] == '\n')
        got--;
    end[got > 0 ? got : 0] = '\0';
    return got > 0 ? xstrdup(text_tail(end, TOLD_LINES)) : NULL;
}

// "; it said:" and the last lines, or nothing; to be freed.
static char *tell_said(const struct actor *actor) {
    cleanup_free char *said = actor_said(actor);
    return xprintf("%s%s", said ? "; it said:\n" : "", said ? said : "");
}

// Refuses an adapter that has used up its standard error: what it does then is nobody's code.
static int check_said(const struct actor *actor, struct err *err) {
    struct statvfs room;
    if (!actor->folder || fstatvfs(actor->said, &room) < 0 || room.f_bavail > 0)
        return 0;
    cleanup_free char *said = tell_said(actor);
    return err_set(err,
                   "app '%s': the adapter has written %d MiB to standard error, the most that "
                   "is kept%s",
                   actor->name, SAID_MAX_BYTES >> 20, said);
}

// ---- starting ----------------------------------------------------------------------------------

enum { BINDS = 8 };

static int start_container(struct actor *actor, const struct connector_recipe *connector,
                           const struct world *world, char *const paths[NAMES_FILES], int in,
                           int out, struct err *err) {
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
    size_t count = connector->environment.count;
    cleanup_free char **env = xcalloc(count + 1, sizeof *env);
    for (size_t i = 0; i < count; i++)
        env[i] = xprintf("%s=%s", connector->environment.keys[i],
                         ((const char **)connector->environment.items)[i]);
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
                                  .in = in,
                                  .out = out,
                                  .err = actor->said,
                                  .descriptors = ACTOR_DESCRIPTORS,
                                  .exact_status = true};
    int ret = container_open(&actor->container, &spec, err);
    for (size_t i = 0; i < count; i++)
        free(env[i]);
    return ret;
}

static int make_folders(struct actor *actor, struct err *err) {
    actor->sockets = xprintf("%s/sockets", actor->folder);
    if (container_scratch(actor->folder, ACTOR_BYTES, err) < 0 ||
        file_make_folders(actor->sockets, 0755, err) < 0)
        return -1;
    return open_said(actor, err);
}

static int start(struct actor *actor, const struct connector_recipe *connector,
                 const struct world *world, const struct host_side_args *host, struct err *err) {
    int in[2], out[2];
    char *paths[NAMES_FILES] = {0};
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
    // the app can read its own output before we do
    if (fcntl(actor->from, F_SETFL, O_NONBLOCK) < 0)
        return err_errno(err, "fcntl");
    int ret = make_folders(actor, err);
    if (ret == 0)
        ret = host_write_names(actor->folder, SIDE_APP, host, paths, err);
    if (ret == 0)
        ret = start_container(actor, connector, world, paths, theirs_in, theirs_out, err);
    for (int i = 0; i < NAMES_FILES; i++)
        free(paths[i]);
    return ret;
}

static int say_hello(struct actor *actor, double deadline_ms, struct err *err) {
    struct record *scratch = record_new("hello");
    struct record_step *step = record_add_step(scratch);
    int ret = actor_send(actor, json_pack("{s:s, s:i}", "op", "hello", "protocol", 1), "hello",
                         deadline_ms, err);
    if (ret == 0)
        ret = actor_take(actor, deadline_ms, step, err);
    if (ret == 0 && (step->outcome != OUTCOME_OK || !actor->version)) {
        cleanup_free char *said = tell_said(actor);
        ret = err_set(err, "the adapter did not answer hello (%s)%s",
                      step->message ? step->message : outcome_names[step->outcome], said);
    }
    record_free(scratch);
    return ret;
}

int actor_open(struct actor *actor, const char *name, const struct connector_recipe *connector,
               const struct world *world, const struct host_side_args *host, double deadline_ms,
               struct err *err) {
    *actor = (struct actor){
        .name = name, .to = -1, .from = -1, .said = -1, .thread = -1, .container = {.pidfd = -1}};
    actor->folder = xprintf("%s/actor-%d", SANDBOX_DIR, ++actors_so_far);
    if (start(actor, connector, world, host, err) < 0 || say_hello(actor, deadline_ms, err) < 0)
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

char *actor_lacks(const struct actor *actor, const json_t *request) {
    const char *op = json_string_value(json_object_get(request, "op")), *key;
    const json_t *operations = json_object_get(actor->hello, "capabilities");
    const json_t *arguments = json_object_get(json_object_get(actor->hello, "arguments"), op);
    json_t *value;
    if (json_is_array(operations) && strcmp(op, "connect") != 0 && !names(operations, op))
        return xprintf("the operation '%s'", op);
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

// ---- calls -------------------------------------------------------------------------------------

// What the app has not taken when the deadline passes is lost: its answer will not come either.
static int put_all(const struct actor *actor, const char *data, size_t length, double deadline_ms,
                   struct err *err) {
    struct pollfd poll_fd = {.fd = actor->to, .events = POLLOUT};
    for (size_t done = 0; done < length;) {
        ssize_t put = write(actor->to, data + done, length - done);
        if (put >= 0) {
            done += (size_t)put;
            continue;
        }
        if (errno == EPIPE) // SIGPIPE is ignored in a worker
            return 0;
        if (errno != EINTR && errno != EAGAIN)
            return err_errno(err, "send to app '%s'", actor->name);
        if (poll(&poll_fd, 1, clock_left_ms(deadline_ms)) == 0)
            return 0;
    }
    return 0;
}

// What lies there before a request is sent would be taken for its answer, and each later answer for
// the next one's. Only hello has nothing before it that could slip.
static int check_silence(struct actor *actor, const char *verb, struct err *err) {
    int waiting = 0;
    if (actor->ended != OUTCOME_OK || strcmp(verb, "hello") == 0)
        return 0;
    if (ioctl(actor->from, FIONREAD, &waiting) < 0)
        return err_errno(err, "app '%s': FIONREAD", actor->name);
    if (waiting == 0 && actor->received.length == 0)
        return 0;
    char said[200] = "";
    if (actor->received.length > 0)
        snprintf(said, sizeof said, "%s", actor->received.data);
    else if (read(actor->from, said, sizeof said - 1) < 0)
        return errno == EAGAIN ? 0 : err_errno(err, "read from app '%s'", actor->name);
    said[strcspn(said, "\n")] = '\0';
    return err_set(err, "app '%s': the adapter answered before it was asked '%s': %s", actor->name,
                   verb, said);
}

int actor_send(struct actor *actor, json_t *request, const char *verb, double deadline_ms,
               struct err *err) {
    cleanup_free char *line = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    if (!line)
        return err_set(err, "app '%s': a request that is no valid JSON", actor->name);
    if (actor->left)
        return err_set(err, "app '%s' has ended, as it was told to, and cannot do '%s'",
                       actor->name, verb);
    if (check_silence(actor, verb, err) < 0)
        return -1;
    cleanup_free char *sent = xprintf("%s\n", line);
    actor->pending = verb;
    actor->sent_ms = clock_ms();
    if (strcmp(verb, "connect") == 0)
        actor->inode = 0; // an earlier connection is closed by it
    return actor->ended == OUTCOME_OK ? put_all(actor, sent, strlen(sent), deadline_ms, err) : 0;
}

enum got { GOT_LINE, GOT_DEADLINE, GOT_END, GOT_TOO_MUCH };

static enum got read_line(struct actor *actor, double deadline_ms, char **ret_line) {
    for (;;) {
        char *newline = actor->received.data
                            ? memchr(actor->received.data, '\n', actor->received.length)
                            : NULL;
        if (newline || (actor->received.data && actor->received.length > ANSWER_MAX_BYTES)) {
            size_t length = newline ? (size_t)(newline - actor->received.data) : 200;
            *ret_line = xprintf("%.*s", (int)length, actor->received.data);
            size_t used = newline ? length + 1 : actor->received.length;
            actor->received.length -= used;
            memmove(actor->received.data, actor->received.data + used, actor->received.length + 1);
            return newline ? GOT_LINE : GOT_TOO_MUCH;
        }
        struct pollfd poll_fd = {.fd = actor->from, .events = POLLIN};
        int ready = poll(&poll_fd, 1, clock_left_ms(deadline_ms));
        if (ready == 0)
            return GOT_DEADLINE;
        char buffer[65536];
        ssize_t got = ready > 0 ? read(actor->from, buffer, sizeof buffer) : 0;
        if (got < 0 && errno == EAGAIN)
            continue;
        if (ready > 0 && got <= 0)
            return GOT_END;
        text_append(&actor->received, buffer, (size_t)got);
    }
}

static int goes_on(const struct actor *actor, struct err *err) {
    cleanup_free char *said = tell_said(actor);
    return err_set(err,
                   "app '%s': the adapter has closed its output instead of answering '%s', "
                   "but goes on%s",
                   actor->name, actor->pending, said);
}

// Whether one of a process's descriptors is `wanted`; also if there are too many to look at all.
static bool holds(pid_t pid, const char *wanted, int *links_left) {
    cleanup_free char *path = xprintf("/proc/%d/fd", pid);
    DIR *folder = opendir(path);
    bool found = false;
    char link[64];
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, link, sizeof link - 1);
        link[length > 0 ? length : 0] = '\0';
        found = strcmp(link, wanted) == 0 || --*links_left < 0;
    }
    if (folder)
        closedir(folder);
    return found;
}

// Whether somebody in the container could still answer. Bubblewrap holds the pipe too, so reading
// does not come to its end when everybody else has gone.
static bool holds_output(const struct actor *actor) {
    enum { MOST_LINKS = 100000 };
    cleanup_free char *own = xprintf("/proc/self/fd/%d", actor->from);
    char wanted[64] = "";
    pid_t program = container_program(&actor->container);
    bool looked = false, found = false;
    int links_left = MOST_LINKS;
    DIR *all = opendir("/proc");
    if (readlink(own, wanted, sizeof wanted - 1) < 0)
        found = true;
    for (struct dirent *entry; all && !found && (entry = readdir(all));) {
        pid_t pid = atoi(entry->d_name);
        if (pid <= 0 || pid == getpid() || pid == actor->container.supervisor ||
            pid == actor->container.init)
            continue;
        looked = looked || pid == program;
        found = holds(pid, wanted, &links_left);
    }
    if (all)
        closedir(all);
    return found || !looked;
}

// Of an app that was started by another program the kernel tells how it died, since Linux 6.15;
// before, that program does, by its exit status, if it behaves like a shell.
static int status_of_app(const struct actor *actor, int status) {
    int own;
    if (actor->pid == actor->program)
        return status;
    if (actor->pidfd > 0 && proc_pidfd_status(actor->pidfd, &own))
        return WIFSIGNALED(own) ? own : status;
    return proc_status_of_shell(status);
}

// A child is waited for by its parent, if at all, so the kernel is asked how it ended; before Linux
// 6.15 it does not tell of one that has been waited for. False: that is not known.
static bool status_of_child(const struct actor *child, double deadline_ms, int *ret_status) {
    if (child->pidfd <= 0 || !clock_wait(deadline_ms - clock_ms(), child->pidfd))
        return false;
    return proc_pidfd_status(child->pidfd, ret_status) ||
           proc_zombie_status(child->pid, ret_status);
}

static int note_end_of_child(const struct actor *child, double deadline_ms,
                             struct record_step *step, struct err *err) {
    int status = SIGKILL;
    bool known = status_of_child(child, deadline_ms, &status);
    if (!WIFSIGNALED(status))
        return err_set(err,
                       "app '%s': the child ended with exit status %d instead of answering '%s'",
                       child->name, WEXITSTATUS(status), child->pending);
    if (known)
        step->signal = WTERMSIG(status);
    step->message = known ? xprintf("the child died of SIG%s", sigabbrev_np(step->signal))
                          : xstrdup("the child has ended");
    return 0;
}

static int note_end(struct actor *actor, double deadline_ms, struct record_step *step,
                    struct err *err) {
    int status = 0;
    actor->ended = OUTCOME_CRASH;
    step->outcome = OUTCOME_CRASH;
    if (!actor->folder) {
        int ret = note_end_of_child(actor, deadline_ms, step, err);
        actor->signal = step->signal;
        return ret;
    }
    if (!container_ended(&actor->container, deadline_ms, &status))
        return goes_on(actor, err);
    status = status_of_app(actor, status);
    if (WIFSIGNALED(status)) {
        actor->signal = step->signal = WTERMSIG(status);
        step->message = xprintf("the app died of SIG%s", sigabbrev_np(step->signal));
        return 0;
    }
    cleanup_free char *said = tell_said(actor);
    return err_set(err,
                   "app '%s': the adapter ended with exit status %d instead of answering '%s'%s",
                   actor->name, WEXITSTATUS(status), actor->pending, said);
}

static void note_hang(struct actor *actor, struct record_step *step) {
    actor->ended = OUTCOME_HANG;
    step->outcome = OUTCOME_HANG;
    step->message = xprintf("no answer within %.0f ms", clock_ms() - actor->sent_ms);
    if (actor->folder)
        container_close(&actor->container);
    else
        kill(actor->pid, SIGKILL);
}

// A message of a server has at most 512 bytes; what is far longer is not kept whole.
static char *text_of(const json_t *answer, const char *key) {
    const char *text = json_string_value(json_object_get(answer, key));
    size_t length = text ? strlen(text) : 0;
    if (length <= TEXT_MAX_BYTES)
        return xstrdup(text);
    length = TEXT_MAX_BYTES;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) // inside of a character
        length--;
    return xprintf("%.*s..", (int)length, text);
}

// "ECONNRESET; close", or NULL; as far as these are texts.
static char *events_of(const json_t *answer) {
    size_t i;
    json_t *event;
    struct text all = {0};
    json_array_foreach(json_object_get(answer, "events"), i, event) {
        if (json_is_string(event) && all.length < TEXT_MAX_BYTES)
            text_printf(&all, "%s%.1000s", all.length > 0 ? "; " : "", json_string_value(event));
    }
    return all.data;
}

static int64_t number_of(const json_t *answer, const char *key) {
    const json_t *value = json_object_get(answer, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

// Whether an answer's rows are what the protocol has: a list of lists of single values, or none.
static bool has_sound_rows(const json_t *answer) {
    size_t i, k;
    json_t *rows = json_object_get(answer, "rows"), *row, *cell;
    if (rows && (!json_is_array(rows) || json_array_size(rows) > ROWS_MAX ||
                 json_dumpb(rows, NULL, 0, 0) > ROWS_MAX_BYTES))
        return false;
    json_array_foreach(rows, i, row) {
        if (!json_is_array(row))
            return false;
        json_array_foreach(row, k, cell) {
            if (json_is_array(cell) || json_is_object(cell))
                return false;
        }
    }
    return true;
}

static int read_answer(struct actor *actor, const json_t *answer, struct record_step *step) {
    const char *outcome = json_string_value(json_object_get(answer, "outcome"));
    if (!outcome || !has_sound_rows(answer))
        return -1;
    static const enum outcome_kind told[] = {OUTCOME_OK, OUTCOME_ERROR, OUTCOME_UNSUPPORTED};
    size_t kind = 0;
    while (kind < COUNT_OF(told) && strcmp(outcome, outcome_names[told[kind]]) != 0)
        kind++;
    if (kind == COUNT_OF(told))
        return -1;
    step->outcome = told[kind];
    int64_t error = number_of(answer, "errno"), us = number_of(answer, "us");
    if (error > UINT16_MAX) // the protocol of MySQL has two bytes for it
        return -1;
    step->error = error > 0 ? (int)error : 0;
    step->sqlstate = text_of(answer, "sqlstate");
    step->message = text_of(answer, "message");
    step->native = text_of(answer, "native");
    step->events = events_of(answer);
    step->row_count = number_of(answer, "nrows");
    step->affected = number_of(answer, "affected");
    step->warnings = number_of(answer, "warnings");
    step->rows = json_incref(json_object_get(answer, "rows"));
    step->thread = number_of(answer, "thread");
    if (us >= 0)
        step->ms = (double)us / 1e3;
    if (step->thread >= 0)
        actor->thread = step->thread;
    if (!actor->hello) {
        actor->version = text_of(answer, "version");
        actor->hello = json_deep_copy(answer);
    }
    return 0;
}

int actor_take(struct actor *actor, double deadline_ms, struct record_step *step, struct err *err) {
    cleanup_free char *line = NULL;
    step->thread_before = actor->thread;
    step->start_before = step->start = actor->start;
    step->verb = xstrdup(actor->pending);
    if (actor->ended != OUTCOME_OK) {
        step->outcome = actor->ended;
        step->signal = actor->signal;
        step->message = xstrdup("the app was lost at an earlier step");
        return 0;
    }
    enum got got = read_line(actor, deadline_ms, &line);
    step->ms = clock_ms() - actor->sent_ms;
    if (check_said(actor, err) < 0)
        return -1;
    if (got == GOT_TOO_MUCH)
        return err_set(err, "app '%s': the adapter's answer to '%s' has no end after %d MiB: %s",
                       actor->name, actor->pending, ANSWER_MAX_BYTES >> 20, line);
    if (got == GOT_DEADLINE && actor->folder && !holds_output(actor))
        return goes_on(actor, err);
    if (got == GOT_DEADLINE)
        note_hang(actor, step);
    else if (got == GOT_END)
        return note_end(actor, clock_ms() + 5000, step, err);
    else {
        json_t *answer = json_loads(line, 0, NULL);
        int ret = answer ? read_answer(actor, answer, step) : -1;
        json_decref(answer);
        if (ret < 0)
            return err_set(err,
                           "app '%s': the adapter's answer to '%s' is not of the protocol: %.200s",
                           actor->name, actor->pending, line);
    }
    actor->pending = NULL;
    return 0;
}

bool actor_has_answer(const struct actor *actor) {
    struct pollfd poll_fd = {.fd = actor->from, .events = POLLIN};
    return actor->received.length > 0 || poll(&poll_fd, 1, 0) > 0;
}

int actor_wait_end(struct actor *actor, double deadline_ms, struct err *err) {
    char *line = NULL;
    enum got got = actor->ended == OUTCOME_OK ? read_line(actor, deadline_ms, &line) : GOT_END;
    free(line);
    if (got != GOT_END)
        return err_set(err, "app '%s' has announced its end but goes on", actor->name);
    actor->ended = OUTCOME_CRASH;
    actor->left = true;
    return 0;
}

// ---- forked children ---------------------------------------------------------------------------

static int listen_for_child(const char *path, struct err *err) {
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

int actor_fork(struct actor *actor, struct actor *child, const char *name, double deadline_ms,
               struct record_step *step, struct err *err) {
    *child = (struct actor){.name = name,
                            .to = -1,
                            .from = -1,
                            .said = -1,
                            .thread = actor->thread,
                            .start = actor->start,
                            .inode = actor->inode,
                            .port = actor->port,
                            .peer_port = actor->peer_port,
                            .container = {.pidfd = -1}};
    if (!actor->folder)
        return err_set(err, "app '%s': a forked child cannot fork again", actor->name);
    cleanup_free char *path = xprintf("%s/%s.sock", actor->sockets, name);
    cleanup_free char *inside = xprintf(ACTORS_DIR "/%s.sock", name);
    cleanup_close int listener = listen_for_child(path, err);
    if (listener < 0)
        return -1;
    json_t *request = json_pack("{s:s, s:s}", "op", "fork", "socket", inside);
    if (actor_send(actor, request, "fork", deadline_ms, err) < 0 ||
        actor_take(actor, deadline_ms, step, err) < 0)
        return -1;
    if (step->outcome != OUTCOME_OK)
        return 0;
    if (accept_child(listener, child, deadline_ms, err) < 0)
        return -1;
    actor->forked = xrealloc(actor->forked, actor->forked_count + 1, sizeof *actor->forked);
    actor->forked[actor->forked_count++] = child->pid;
    return 0;
}
