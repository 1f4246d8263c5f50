// SPDX-License-Identifier: Apache-2.0
// keeper.c - does work on the cache that leaves nothing behind, however it ends
#include "cache/keeper.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "cache/aside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

/** Free space needed to prepare one server, at its peak. */
enum { NEEDED_MB = 1000 };

/** From keeper or worker to main, one packet each. */
struct message {
    enum { PROGRESS, FAILED, DONE } kind;
    struct err err; // for PROGRESS: only `what`, the line
};

// If the machine is out of buffers for a message, it is only for a moment.
static void send_message(struct keeper *keeper, const struct message *message) {
    enum { MOST_TRIES = 100 };
    for (int tries = 0; send(keeper->channel, message, sizeof *message, MSG_NOSIGNAL) < 0 &&
                        (errno == EINTR || err_is_exhaustion(errno)) && tries < MOST_TRIES;
         tries++)
        clock_wait(10, -1);
}

void keeper_tell(struct keeper *keeper, const char *format, ...) {
    struct message message = {.kind = PROGRESS};
    va_list args;
    va_start(args, format);
    vsnprintf(message.err.what, sizeof message.err.what, format, args);
    va_end(args);
    send_message(keeper, &message);
}

static bool disk_is_full(const char *folder, const struct err *err, unsigned long *ret_free_mb) {
    static const char *const signs[] = {"No space left on device", "Disk quota exceeded",
                                        "enough free space"};
    struct statvfs info = {0};
    bool known = statvfs(folder, &info) == 0;
    *ret_free_mb = known ? (unsigned long)(info.f_bavail * (info.f_frsize / 1024) / 1024) : 0;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (strstr(err->what, signs[i]))
            return true;
    return known && (*ret_free_mb < 1 || (info.f_files > 0 && info.f_favail == 0));
}

// Explains that the cache's disk is full, whoever noticed it first, and in whatever words.
static void explain_full_disk(const struct keeper *keeper, struct err *err) {
    unsigned long free_mb = 0;
    if (!disk_is_full(keeper->cache, err, &free_mb))
        return;
    err_context(err, "no space left in %s", keeper->cache);
    err->remedy[0] = '\0';
    err_remedy(err,
               "have %d MB free there (%lu MB are), or set GONEAWAY_CACHE to a folder on a "
               "larger disk",
               NEEDED_MB, free_mb);
}

static void work(struct keeper *keeper, keeper_job *job, void *context) {
    struct message message = {.kind = DONE};
    umask(022);
    if (setenv("TMPDIR", keeper->aside, 1) < 0 || setenv("LC_ALL", "C.UTF-8", 1) < 0)
        out_of_memory();
    if (job(keeper, context, &message.err) < 0) {
        message.kind = FAILED;
        explain_full_disk(keeper, &message.err);
    }
    send_message(keeper, &message);
    _exit(0);
}

static pid_t fork_worker(struct keeper *keeper, keeper_job *job, void *context) {
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL); // of the keeper, which has just forked us and is alive
    work(keeper, job, context);
    return 0;
}

static void end_descendants(void) {
    for (pid_t pid; (pid = proc_first_child(getpid())) > 0;)
        proc_kill(pid);
}

static int wait_for_either(pid_t worker, int main_pidfd, struct err *err) {
    cleanup_close int worker_pidfd = proc_pidfd(worker);
    if (worker_pidfd < 0)
        return err_errno(err, "follow the process that prepares");
    struct pollfd ends[] = {{.fd = worker_pidfd, .events = POLLIN},
                            {.fd = main_pidfd, .events = POLLIN}};
    while (poll(ends, COUNT_OF(ends), -1) < 0)
        if (errno != EINTR)
            return err_errno(err, "wait for the process that prepares");
    return 0;
}

static void keep(struct keeper *keeper, int main_pidfd, keeper_job *job, void *context) {
    struct message message = {.kind = FAILED};
    int lock = -1;
    setsid();
    // whatever main has set, programs below get default signal handling
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (aside_open(keeper->cache, &keeper->aside, &lock, &message.err) < 0) {
        explain_full_disk(keeper, &message.err);
        send_message(keeper, &message);
        _exit(1);
    }
    pid_t worker = fork_worker(keeper, job, context);
    if (worker < 0 ? err_errno(&message.err, "fork") < 0
                   : wait_for_either(worker, main_pidfd, &message.err) < 0)
        send_message(keeper, &message);
    end_descendants();
    if (aside_remove(keeper->aside, &message.err) < 0)
        keeper_tell(keeper, "could not remove a temporary folder: %s", message.err.what);
    _exit(0);
}

// Ends when all processes that could still write are gone.
static int listen_to(int channel, keeper_progress *progress, void *context, struct err *err) {
    int ret = err_set(err, "the process that prepares was ended from outside");
    struct message message;
    for (;;) {
        ssize_t got = recv(channel, &message, sizeof message, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != (ssize_t)sizeof message)
            return ret;
        if (message.kind == PROGRESS)
            progress(context, "%s", message.err.what);
        if (message.kind == FAILED)
            *err = message.err;
        if (message.kind == DONE)
            ret = 0;
    }
}

int keeper_run(const char *cache, keeper_job *job, void *context, keeper_progress *progress,
               void *progress_context, struct err *err) {
    cleanup_close int main_pidfd = proc_pidfd(getpid());
    int ends[2];
    if (main_pidfd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return err_errno(err, "start the keeper");
    struct keeper keeper = {.cache = cache, .channel = ends[1]};
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        keep(&keeper, main_pidfd, job, context);
    }
    int number = errno;
    close(ends[1]);
    cleanup_close int channel = ends[0];
    errno = number;
    if (pid < 0)
        return err_errno(err, "start the keeper");
    int ret = listen_to(channel, progress, progress_context, err);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return ret;
}
