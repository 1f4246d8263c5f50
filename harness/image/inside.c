// SPDX-License-Identifier: Apache-2.0
// inside.c - preparation steps done in a sandbox, and commands run in an image there
#include "image/inside.h"

#include "base/clock.h"
#include "base/proc.h"
#include "image/image.h"
#include "sandbox/container.h"
#include "sandbox/sandbox.h"
#include "sandbox/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    RUN_DEADLINE_MS = 300000,     ///< for each command: 4 s as measured
    MOST_OUTPUT_BYTES = 64 << 20, ///< for each: a stranger's program could print without end
    DEADLINE_MS = 1200000,        ///< for all together: 15 s as measured
    LOOK_EVERY_MS = 200,          ///< at what its processes use
};

/** Memory for each process of a server: 0.5 GB as measured. */
#define MOST_MEMORY_BYTES ((rlim_t)4 << 30)

/** Shared between the worker and its sandbox. */
struct errand {
    inside_work *work;
    void *context;
    struct err err;
};

static int in_sandbox(void *context) {
    struct errand *errand = context;
    return errand->work(errand->context, &errand->err) < 0;
}

// A limit for each process, or for each command, does not limit all of them together.
static int refuse_excess(const struct watch_limits *limits, pid_t pid, struct watch_table *table,
                         struct err *err) {
    cleanup_free char *reason = NULL;
    if (watch_read(table) < 0)
        return 0; // the machine is out of descriptors, but only briefly
    watch_find_owners(table, &pid, 1);
    return watch_judge(table, 1, limits, &reason) < 0 ? 0 : err_set(err, "%s", reason);
}

static int watch(struct sandbox *sandbox, int *ret_status, struct err *err) {
    const struct watch_limits limits = watch_default_limits();
    struct watch_table table = {0};
    double deadline_ms = clock_ms() + DEADLINE_MS;
    int ret = 0;
    while (ret == 0 && !proc_wait(sandbox->pid, clock_ms() + LOOK_EVERY_MS, ret_status))
        ret = clock_ms() > deadline_ms
                  ? err_set(err, "not done within %d minutes", DEADLINE_MS / 60000)
                  : refuse_excess(&limits, sandbox->pid, &table, err);
    watch_release(&table);
    if (ret < 0)
        sandbox_close(sandbox);
    else
        close(sandbox->pidfd);
    return ret;
}

static int run_sandbox(struct errand *errand, const struct inside_view *view, struct err *err) {
    struct sandbox sandbox;
    int status = 0;
    const struct images *images = view->images;
    cleanup_free struct sandbox_place *places = xcalloc(images->folder_count + 4, sizeof *places);
    for (size_t i = 0; i < images->folder_count; i++)
        places[i] = (struct sandbox_place){.path = images->folders[i], .inert = true};
    struct sandbox_place *last = places + images->folder_count;
    *last++ = (struct sandbox_place){.path = images->cache.folder};
    *last++ = (struct sandbox_place){.path = images->fixtures};
    *last++ = (struct sandbox_place){.path = view->writes, .writable = true};
    const struct sandbox_spec spec = {.body = in_sandbox,
                                      .context = errand,
                                      .places = places,
                                      .keep = (const int[]){view->keeper->channel, -1}};
    if (sandbox_open(&sandbox, &spec, err) < 0 || watch(&sandbox, &status, err) < 0)
        return -1;
    char text[64];
    if (status == 0)
        return 0;
    if (!errand->err.what[0])
        return err_set(err, "the sandbox ended: %s", proc_status_text(status, text, sizeof text));
    *err = errand->err;
    return -1;
}

int inside_sandbox(const struct inside_view *view, inside_work *work, void *context,
                   struct err *err) {
    struct errand *errand =
        mmap(NULL, sizeof *errand, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (errand == MAP_FAILED)
        return err_errno(err, "mmap");
    *errand = (struct errand){.work = work, .context = context};
    int ret = run_sandbox(errand, view, err);
    munmap(errand, sizeof *errand);
    return ret;
}

int inside_bound_memory(struct err *err) {
    struct rlimit limit = {MOST_MEMORY_BYTES, MOST_MEMORY_BYTES};
#ifdef __SANITIZE_ADDRESS__ // the terabytes that it reserves would count
    limit.rlim_cur = limit.rlim_max = RLIM_INFINITY;
#endif
    return setrlimit(RLIMIT_DATA, &limit) < 0 ? err_errno(err, "bound the memory") : 0;
}

// Reads until nobody has the pipe's other end open; false at the deadline, or after too much.
static bool collect(int fd, double deadline_ms, struct text *output) {
    char buffer[65536];
    while (output->length <= MOST_OUTPUT_BYTES && clock_ms() < deadline_ms) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int ready = poll(&poll_fd, 1, clock_left_ms(deadline_ms));
        ssize_t got = ready > 0 ? read(fd, buffer, sizeof buffer) : -1;
        if (got == 0)
            return true;
        if (got > 0)
            text_append(output, buffer, (size_t)got);
    }
    return false;
}

int inside_try(const struct container_spec *command, struct text *output, int *ret_status,
               struct err *err) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    struct container_spec spec = *command;
    struct container container;
    spec.netns = spec.in = -1;
    spec.out = spec.err = ends[1];
    int opened = container_open(&container, &spec, err);
    close(ends[1]);
    cleanup_close int from = ends[0];
    if (opened < 0)
        return -1;
    double deadline_ms = clock_ms() + RUN_DEADLINE_MS;
    bool ended =
        collect(from, deadline_ms, output) && container_ended(&container, deadline_ms, ret_status);
    container_close(&container);
    if (ended)
        return 0;
    return err_set(err, "%s: %s\n%s", spec.argv[0],
                   output->length > MOST_OUTPUT_BYTES ? "it prints too much" : "not done in time",
                   text_tail(text_get(output), 12));
}

int inside_run(const struct container_spec *command, struct text *output, struct err *err) {
    int status = 0;
    char text[64];
    if (inside_try(command, output, &status, err) < 0)
        return -1;
    if (status == 0)
        return 0;
    return err_set(err, "%s: %s\n%s", command->argv[0], proc_status_text(status, text, sizeof text),
                   text_tail(text_get(output), 12));
}
