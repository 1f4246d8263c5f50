// SPDX-License-Identifier: Apache-2.0
// bounded.c - programs that fetch and unpack what a stranger has made, held to a size
//
// Neither skopeo nor umoci has a bound of its own, and what an image claims of its size is the
// stranger's word: so what a program has written is looked at while it runs.
#include "image/prepare.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 250, MOST_FILES = 250000, MOST_SAID_BYTES = 1 << 20 };
static const long long most_bytes = 6LL << 30; // of an image, packed and unpacked together

static long long bytes_so_far;
static long files_so_far;

static int add_file(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)path, (void)type, (void)where;
    bytes_so_far += (long long)info->st_blocks * 512;
    return ++files_so_far > MOST_FILES || bytes_so_far > most_bytes;
}

static bool is_too_large(const char *folder) {
    bytes_so_far = files_so_far = 0;
    nftw(folder, add_file, 32, FTW_PHYS | FTW_MOUNT);
    return files_so_far > MOST_FILES || bytes_so_far > most_bytes;
}

static int refuse_size(struct err *err) {
    err_set(err, "the image has more than %d files or %lld GiB, too much for a server", MOST_FILES,
            most_bytes >> 30);
    return err_remedy(err, "take an image that has nothing but the server and what it needs");
}

static int follow(pid_t pid, const char *folder, double deadline_ms, int *ret_status,
                  struct err *err) {
    for (;;) {
        if (proc_wait(pid, clock_ms() + LOOK_EVERY_MS, ret_status))
            return is_too_large(folder) ? refuse_size(err) : 0;
        bool late = clock_ms() > deadline_ms, large = is_too_large(folder);
        if (!late && !large)
            continue;
        proc_kill(pid);
        return large ? refuse_size(err) : err_set(err, "not done before its deadline");
    }
}

static int spawn(const char *const *command, const char *said, const char *to, pid_t *ret_pid,
                 struct err *err) {
    size_t count = 0, most = 32;
    for (const char *const *item = command; *item; item++)
        most++;
    cleanup_free const char **argv = xcalloc(most, sizeof *argv);
    for (const char *const *item = debian_namespaces(); *item; item++)
        argv[count++] = *item;
    for (; *command; command++)
        argv[count++] = *command;
    enum { FLAGS = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC };
    cleanup_close int complaints = open(said, FLAGS, 0644), out = open(to ? to : said, FLAGS, 0644);
    if (complaints < 0 || out < 0)
        return err_errno(err, "create %s", said);
    struct proc_spec spec = {.argv = argv, .in = -1, .out = out, .err = complaints, .netns = -1};
    return proc_spawn(&spec, ret_pid, err);
}

int bounded_run(struct keeper *keeper, const char *const *command, const char *to,
                double deadline_ms, struct err *err) {
    cleanup_free char *said = xprintf("%s/said", keeper->aside);
    cleanup_text struct text words = {0};
    struct err unread;
    pid_t pid = 0;
    int status = 0;
    if (spawn(command, said, to, &pid, err) < 0 ||
        follow(pid, keeper->aside, clock_ms() + deadline_ms, &status, err) < 0)
        return -1;
    if (status == 0)
        return 0;
    if (file_read(said, MOST_SAID_BYTES, &words, &unread) < 0)
        text_add(&words, unread.what);
    return debian_explain(command[0], text_get(&words), status, err);
}
