// SPDX-License-Identifier: Apache-2.0
// actor_end.c - how an app ended, or that it hangs
#include "run/actor_parts.h"

#include "base/clock.h"
#include "base/proc.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

int actor_goes_on(const struct actor *actor, struct err *err) {
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

bool actor_has_ended(const struct actor *actor) {
    struct pollfd poll_fd = {.fd = actor->container.pidfd, .events = POLLIN};
    return actor->folder && (actor->container.ended || poll(&poll_fd, 1, 0) > 0);
}

bool actor_holds_output(const struct actor *actor) {
    enum { MOST_LINKS = 100000 };
    cleanup_free char *own = xprintf("/proc/self/fd/%d", actor->from);
    char wanted[64] = "";
    bool looked = actor_has_ended(actor), found = false;
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

int actor_note_end(struct actor *actor, double deadline_ms, struct record_step *step,
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
        return actor_goes_on(actor, err);
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

void actor_note_hang(struct actor *actor, struct record_step *step) {
    actor->ended = OUTCOME_HANG;
    step->outcome = OUTCOME_HANG;
    step->message = xprintf("no answer within %.0f ms", clock_ms() - actor->sent_ms);
    if (actor->folder)
        container_close(&actor->container);
    else
        kill(actor->pid, SIGKILL);
}
