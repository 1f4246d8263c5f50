// SPDX-License-Identifier: Apache-2.0
// bounded.c - limits the size of what programs fetch and unpack for a stranger
//
// Neither skopeo nor umoci has a limit of its own, and an image's claims about its size cannot be
// trusted. So what such a program has written is measured while it runs.
#include "image/bounded.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "cache/keeper.h"
#include "image/debian.h"
#include "sandbox/namespaces.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 250, MOST_FILES = 250000, MOST_SAID_BYTES = 1 << 20 };
static const long long most_kib = 6LL << 20; // of an image, packed and unpacked together

// Prints the number of files and their KiB, and what could not be examined. An image may make its
// folders unreadable, which does not stop root in a namespace; files may vanish while they are
// counted.
static const char look[] =
    "{ du -sx --inodes \"$1\"; du -sxk \"$1\"; } 2>&1 | grep -v ': No such file or directory$'";

// Sets `ret_large`. A folder that cannot be examined is an error.
static int measure(const char *folder, bool *ret_large, struct err *err) {
    enum { LOOK_DEADLINE_MS = 60 * 1000 };
    const char *argv[32] = {NULL};
    const char *const shell[] = {"bash", "-c", look, "bash", folder, NULL};
    size_t count = 0;
    for (const char *const *item = namespaces_command(); *item; item++)
        argv[count++] = *item;
    for (size_t i = 0; shell[i]; i++)
        argv[count++] = shell[i];
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    cleanup_text struct text said = {0};
    if (proc_run(&spec, clock_ms() + LOOK_DEADLINE_MS, &said, err) < 0)
        return err_context(err, "count what a program has written");
    long long files = 0, kib = 0;
    if (sscanf(text_get(&said), "%lld %*[^\n] %lld", &files, &kib) != 2)
        return err_set(err, "what a program has written cannot be counted: %s", text_get(&said));
    *ret_large = files > MOST_FILES || kib > most_kib;
    return 0;
}

static int refuse_size(struct err *err) {
    err_set(err, "the image has more than %d files or %lld GiB, too much for a server", MOST_FILES,
            most_kib >> 20);
    return err_remedy(err, "take an image that has nothing but the server and what it needs");
}

static int follow(pid_t pid, const char *folder, double deadline_ms, int *ret_status,
                  struct err *err) {
    for (;;) {
        bool ended = proc_wait(pid, clock_ms() + LOOK_EVERY_MS, ret_status);
        bool large = false, late = !ended && clock_ms() > deadline_ms;
        int ret = measure(folder, &large, err);
        if (ret == 0 && large)
            ret = refuse_size(err);
        else if (ret == 0 && late)
            ret = err_set(err, "not done before its deadline");
        if (ended || ret < 0) {
            if (!ended)
                proc_kill(pid);
            return ret;
        }
    }
}

// A tar header may claim gigabytes, which tar allocates before it checks them. And two readers of
// an archive may understand it differently. So nothing outside of the folder can be written, and
// only what asks a registry has a network.
static int spawn(const char *folder, const char *const *command, const char *said, const char *to,
                 bool online, pid_t *ret_pid, struct err *err) {
    const char *const bounds[] = {"prlimit",
                                  "--data=2147483648",
                                  "--",
                                  "bwrap",
                                  "--ro-bind",
                                  "/",
                                  "/",
                                  "--dev-bind",
                                  "/dev",
                                  "/dev",
                                  "--bind",
                                  folder,
                                  folder,
                                  "--die-with-parent",
                                  online ? "--share-net" : "--unshare-net",
                                  "--"};
    size_t count = 0, most = 48;
    for (const char *const *item = command; *item; item++)
        most++;
    cleanup_free const char **argv = xcalloc(most, sizeof *argv);
    for (const char *const *item = namespaces_command(); *item; item++)
        argv[count++] = *item;
    for (size_t i = 0; i < COUNT_OF(bounds); i++)
        argv[count++] = bounds[i];
    for (; *command; command++)
        argv[count++] = *command;
    enum { FLAGS = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC };
    cleanup_close int complaints = open(said, FLAGS, 0644), out = open(to ? to : said, FLAGS, 0644);
    if (complaints < 0 || out < 0)
        return err_errno(err, "create %s", said);
    struct proc_spec spec = {.argv = argv, .in = -1, .out = out, .err = complaints, .netns = -1};
    return proc_spawn(&spec, ret_pid, err);
}

static int run(struct keeper *keeper, const char *const *command, const char *to, bool online,
               double deadline_ms, struct err *err) {
    cleanup_free char *said = xprintf("%s/said", keeper->aside);
    cleanup_text struct text words = {0};
    struct err unread;
    pid_t pid = 0;
    int status = 0;
    if (spawn(keeper->aside, command, said, to, online, &pid, err) < 0 ||
        follow(pid, keeper->aside, clock_ms() + deadline_ms, &status, err) < 0)
        return -1;
    if (status == 0)
        return 0;
    if (file_read(said, MOST_SAID_BYTES, &words, &unread) < 0)
        text_add(&words, unread.what);
    return debian_explain(command[0], text_get(&words), status, err);
}

int bounded_run(struct keeper *keeper, const char *const *command, const char *to,
                double deadline_ms, struct err *err) {
    return run(keeper, command, to, false, deadline_ms, err);
}

int bounded_fetch(struct keeper *keeper, const char *const *command, const char *to,
                  double deadline_ms, struct err *err) {
    return run(keeper, command, to, true, deadline_ms, err);
}
