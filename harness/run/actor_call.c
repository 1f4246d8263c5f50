// SPDX-License-Identifier: Apache-2.0
// actor_call.c - a call of an app: its request, and the answer to it with the time that it took, or
// how the app ended or hung instead
#include "run/actor_parts.h"

#include "base/clock.h"
#include "base/proc.h"
#include "run/answer.h"
#include "run/stuck.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

// Longer answers are garbage; the protocol cuts rows long before that.
enum { ANSWER_MAX_BYTES = 8 << 20 };

// If the app has not read the request by the deadline it is lost: no answer will come either.
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

// An answer that is there before its request would be taken for its answer, and so on for each
// later call. Only `hello` has no earlier call whose answer could be misplaced.
int actor_check_silence(struct actor *actor, const char *verb, struct err *err) {
    int waiting = 0;
    if (actor->ended != OUTCOME_OK || (verb && strcmp(verb, "hello") == 0))
        return 0;
    cleanup_free char *asked = verb ? xprintf("'%s'", verb) : xstrdup("anything");
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
    return err_set(err, "app '%s': the adapter answered before it was asked %s: %s", actor->name,
                   asked, said);
}

int actor_send(struct actor *actor, json_t *request, const char *verb, double deadline_ms,
               struct err *err) {
    cleanup_free char *line = json_dumps(request, JSON_COMPACT);
    transcript_add(actor, true, request);
    json_decref(request);
    if (!line)
        return err_set(err, "app '%s': a request that is not valid JSON", actor->name);
    if (actor->left)
        return err_set(err, "app '%s' has ended, as it was asked to, and cannot do '%s'",
                       actor->name, verb);
    if (actor_check_silence(actor, verb, err) < 0)
        return -1;
    cleanup_free char *sent = xprintf("%s\n", line);
    actor->pending = verb;
    actor->sent_ms = clock_ms();
    if (strcmp(verb, "connect") == 0)
        actor->inode = 0; // it closes an earlier connection
    return actor->ended == OUTCOME_OK ? put_all(actor, sent, strlen(sent), deadline_ms, err) : 0;
}

// ---- how it ended, or that it hangs ------------------------------------------------------------

// Makes an error of an adapter that has closed its output.
static int goes_on(const struct actor *actor, struct err *err) {
    cleanup_free char *said = actor_tell_said(actor);
    return err_set(err,
                   "app '%s': the adapter has closed its output instead of answering '%s', "
                   "but goes on%s",
                   actor->name, actor->pending, said);
}

// Whether one of a process's descriptors is `wanted`; also true if there are too many to check.
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

// Whether the program itself has ended; it may have left others behind.
static bool has_ended(const struct actor *actor) {
    struct pollfd poll_fd = {.fd = actor->container.pidfd, .events = POLLIN};
    return actor->folder && (actor->container.ended || poll(&poll_fd, 1, 0) > 0);
}

bool actor_holds_output(const struct actor *actor) {
    enum { MOST_LINKS = 100000 };
    cleanup_free char *own = xprintf("/proc/self/fd/%d", actor->from);
    char wanted[64] = "";
    bool looked = has_ended(actor), found = false;
    pid_t program = container_program(&actor->container);
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

// If another program started the app, the kernel reports how the app died, since Linux 6.15;
// before, that program does by its exit status, if it behaves like a shell.
static int status_of_app(const struct actor *actor, int status) {
    int own;
    if (actor->pid == actor->program)
        return status;
    if (actor->pidfd > 0 && proc_pidfd_status(actor->pidfd, &own))
        return WIFSIGNALED(own) ? own : status;
    return proc_status_of_shell(status);
}

// Only its parent can wait for a child, so the kernel is asked how it ended; before Linux 6.15 it
// does not report a child that has been reaped. False: unknown.
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

// Notes that an app has ended instead of answering, and by which signal.
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
    cleanup_free char *said = actor_tell_said(actor);
    return err_set(err,
                   "app '%s': the adapter ended with exit status %d instead of answering '%s'%s",
                   actor->name, WEXITSTATUS(status), actor->pending, said);
}

// Notes that it does not answer in time, and ends it.
static void note_hang(struct actor *actor, struct record_step *step) {
    actor->ended = OUTCOME_HANG;
    step->outcome = OUTCOME_HANG;
    step->message = xprintf("no answer within %.0f ms", clock_ms() - actor->sent_ms);
    step->stuck = stuck_tell(actor->pid);
    if (actor->folder)
        container_close(&actor->container);
    else
        kill(actor->pid, SIGKILL);
}

// A call that has returned cannot be acted upon any more, so the case would show something else.
static int refuse_returned(const struct actor *actor, const char *call, const char *verb,
                           struct err *err) {
    return err_set(err, "app '%s': the call '%s' had returned before '%s' could act on it",
                   actor->name, call, verb);
}

// ---- the answer --------------------------------------------------------------------------------

enum got { GOT_LINE, GOT_DEADLINE, GOT_END, GOT_TOO_MUCH };

enum { PIPE_BYTES = 65536 }; // capacity of a pipe: pipe(7)

// After the program has ended, others in the container still hold the pipe, so there is no end of
// file: bubblewrap, which writes nothing, and processes that the program left behind, which may.
enum program { PROGRAM_RUNS, PROGRAM_HAS_LEFT_OTHERS, PROGRAM_IS_GONE };

enum { LOOK_EVERY_MS = 50 }; // no event tells that the last of those has closed the pipe

static int left_ms(double deadline_ms, enum program program) {
    int left = clock_left_ms(deadline_ms);
    int most = program == PROGRAM_IS_GONE ? 0 : LOOK_EVERY_MS;
    return program == PROGRAM_RUNS || left < most ? left : most;
}

// Like poll(). Once nobody who could write is left, what is in the pipe is all there will be.
static int wait_for_output(const struct actor *actor, double deadline_ms, enum program *program) {
    for (;;) {
        bool watched = actor->folder && *program == PROGRAM_RUNS;
        struct pollfd fds[] = {
            {.fd = actor->from, .events = POLLIN},
            {.fd = watched ? actor->container.pidfd : -1, .events = POLLIN},
        };
        int ready = poll(fds, COUNT_OF(fds), left_ms(deadline_ms, *program));
        if (ready < 0 || fds[0].revents || *program == PROGRAM_IS_GONE)
            return ready;
        if (ready == 0 && (*program == PROGRAM_RUNS || clock_ms() >= deadline_ms))
            return 0;
        *program = actor_holds_output(actor) ? PROGRAM_HAS_LEFT_OTHERS : PROGRAM_IS_GONE;
    }
}

// What was in the pipe at the deadline is still read, without waiting. Later output is too late, or
// else a flood would extend the deadline.
static enum got read_line(struct actor *actor, double deadline_ms, char **ret_line) {
    size_t looked = 0;
    enum program program = PROGRAM_RUNS;
    for (bool late = false;;) {
        const char *data = actor->received.data;
        const char *newline =
            data ? memchr(data + looked, '\n', actor->received.length - looked) : NULL;
        if (newline || (data && actor->received.length > ANSWER_MAX_BYTES)) {
            size_t length = newline ? (size_t)(newline - data) : 200;
            *ret_line = xprintf("%.*s", (int)length, data);
            size_t used = newline ? length + 1 : actor->received.length;
            actor->received.length -= used;
            memmove(actor->received.data, actor->received.data + used, actor->received.length + 1);
            return newline ? GOT_LINE : GOT_TOO_MUCH;
        }
        looked = actor->received.length;
        if (late)
            return GOT_DEADLINE;
        int ready = wait_for_output(actor, deadline_ms, &program);
        if (ready == 0)
            return program == PROGRAM_IS_GONE ? GOT_END : GOT_DEADLINE;
        late = clock_ms() >= deadline_ms;
        char buffer[PIPE_BYTES];
        ssize_t got = ready > 0 ? read(actor->from, buffer, sizeof buffer) : 0;
        if (got < 0 && errno == EAGAIN)
            continue;
        if (ready > 0 && got <= 0)
            return GOT_END;
        text_append(&actor->received, buffer, (size_t)got);
    }
}

// How much longer than measured here an answer may claim: its clock may be the calendar's, which
// can be set, or a coarse one.
enum { CLOCKS_DIFFER_MS = 100, CLOCKS_DIFFER_PERCENT = 1 };

// A call happens between its request and its answer, so it cannot have taken longer.
static int check_time(const struct actor *actor, double measured_ms, const struct record_step *step,
                      struct err *err) {
    if (step->ms <= measured_ms * (100 + CLOCKS_DIFFER_PERCENT) / 100 + CLOCKS_DIFFER_MS)
        return 0;
    return err_set(err,
                   "app '%s': the adapter's answer to '%s' is not of the protocol: by its `us` the "
                   "call took %.0f ms, but it came %.0f ms after the request",
                   actor->name, actor->pending, step->ms, measured_ms);
}

// Whether it is the answer to the call in progress: while one is in flight beside that, each could
// be either's.
static bool is_answer_to(const json_t *answer, const char *verb, bool beside) {
    const char *op = json_string_value(json_object_get(answer, "op"));
    return !beside || (op && strcmp(op, verb) == 0);
}

static int take_answer(struct actor *actor, const char *line, struct record_step *step,
                       struct err *err) {
    struct err why = {0};
    json_t *answer = answer_read(line, step, &why);
    if (!answer)
        return err_set(err, "app '%s': the adapter's answer to '%s' %s", actor->name,
                       actor->pending, why.what);
    transcript_add(actor, false, answer);
    if (!is_answer_to(answer, actor->pending, actor->in_flight)) {
        json_decref(answer);
        return refuse_returned(actor, actor->in_flight, actor->pending, err);
    }
    if (step->thread >= 0)
        actor->thread = step->thread;
    if (!actor->hello) {
        actor->version = answer_text(answer, "version");
        actor->hello = json_incref(answer);
    }
    json_decref(answer);
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
        step->message = xstrdup(actor->folder || actor->pid > 0
                                    ? "the app was lost at an earlier step"
                                    : "there is no such app: the fork that makes it has failed");
        return 0;
    }
    enum got got = read_line(actor, deadline_ms, &line);
    double measured_ms = step->ms = clock_ms() - actor->sent_ms;
    if (actor_check_said(actor, err) < 0)
        return -1;
    if (got == GOT_TOO_MUCH)
        return err_set(err, "app '%s': the adapter's answer to '%s' has no end after %d MiB: %s",
                       actor->name, actor->pending, ANSWER_MAX_BYTES >> 20, line);
    if (got == GOT_DEADLINE && actor->folder && !actor_holds_output(actor)) {
        if (!has_ended(actor))
            return goes_on(actor, err);
        got = GOT_END;
    }
    if (got == GOT_DEADLINE)
        note_hang(actor, step);
    else if (got == GOT_END)
        return note_end(actor, clock_ms() + 5000, step, err);
    else if (take_answer(actor, line, step, err) < 0 ||
             check_time(actor, measured_ms, step, err) < 0)
        return -1;
    actor->pending = NULL;
    return 0;
}

int actor_ask_beside(struct actor *actor, json_t *request, const char *verb, double deadline_ms,
                     struct record_step *step, struct err *err) {
    const char *call = actor->pending;
    double sent_ms = actor->sent_ms;
    struct err unused = {0};
    if (actor_check_silence(actor, verb, &unused) < 0) {
        json_decref(request);
        return refuse_returned(actor, call, verb, err);
    }
    actor->in_flight = call;
    int ret = actor_send(actor, request, verb, deadline_ms, err);
    if (ret == 0)
        ret = actor_take(actor, deadline_ms, step, err);
    actor->in_flight = NULL;
    actor->pending = call;
    actor->sent_ms = sent_ms;
    return ret;
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
