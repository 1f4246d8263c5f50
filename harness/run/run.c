// SPDX-License-Identifier: Apache-2.0
// run.c - workers and the order of cases
//
// A worker is told the index of an item (4 bytes) and answers with its record (a length of 4 bytes,
// then JSON). It tidies its world up when the next number comes, so that the main process can look
// at a failed case first. Longest cases go first; a worker prefers cases for the server that it
// has.
#include "run/run.h"

#include "base/clock.h"
#include "base/proc.h"
#include "run/case.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct worker {
    struct sandbox sandbox;
    int channel;                   // ours; -1: the worker has ended
    long current;                  // index of its item, -1: idle
    const struct run_item *served; // its latest item: tells the server that it has
};

struct shared {
    struct run_item *items;
    size_t count;
    const struct run_options *options;
    int channel; // the worker's
};

// ---- the worker's side -------------------------------------------------------------------------

static int transfer(int fd, void *data, size_t length, bool out) {
    for (size_t done = 0; done < length;) {
        ssize_t moved = out ? send(fd, (char *)data + done, length - done, MSG_NOSIGNAL)
                            : recv(fd, (char *)data + done, length - done, 0);
        if (moved < 0 && errno == EINTR)
            continue;
        if (moved <= 0)
            return -1;
        done += (size_t)moved;
    }
    return 0;
}

static int send_record(int channel, const struct record *record) {
    json_t *json = record_to_json(record);
    cleanup_free char *line = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    uint32_t length = line ? (uint32_t)strlen(line) : 0;
    if (transfer(channel, &length, sizeof length, true) < 0)
        return -1;
    return transfer(channel, line, length, true);
}

static int worker_main(void *context) {
    struct shared *shared = context;
    struct world world;
    struct err world_err = {0};
    uint32_t index;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    int opened = world_open(&world, &world_err);
    while (transfer(shared->channel, &index, sizeof index, false) == 0) {
        const struct run_item *item = &shared->items[index];
        cleanup_record struct record *record = record_new(item->plan->id);
        struct case_run run = {0};
        if (opened == 0)
            case_open(&run, item->plan, &world, item->server, item->connector,
                      shared->options->time_scale, record);
        else
            record->broken = xprintf("%s%s%s", world_err.what,
                                     world_err.remedy[0] ? "\nremedy: " : "", world_err.remedy);
        if (send_record(shared->channel, record) < 0)
            break;
        uint32_t go_on;
        if (transfer(shared->channel, &go_on, sizeof go_on, false) < 0)
            break;
        if (opened == 0)
            case_close(&run);
    }
    return 0;
}

// ---- the main process's side -------------------------------------------------------------------

static int start_worker(struct worker *worker, struct shared *shared, struct err *err) {
    int ends[2];
    *worker = (struct worker){.channel = -1, .current = -1, .sandbox = {.pidfd = -1}};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_errno(err, "socketpair");
    shared->channel = ends[1];
    int ret = sandbox_open(&worker->sandbox, worker_main, shared, err);
    close(ends[1]);
    if (ret < 0) {
        close(ends[0]);
        return -1;
    }
    worker->channel = ends[0];
    return 0;
}

static void stop_worker(struct worker *worker) {
    if (worker->channel >= 0)
        close(worker->channel);
    sandbox_close(&worker->sandbox);
    worker->channel = -1;
}

static int64_t weight(const struct run_item *item) {
    return item->plan->imposed_ms + (item->plan->server ? 300 : 0) +
           (item->plan->dirties_server ? 300 : 0);
}

static bool same_server(const struct run_item *a, const struct run_item *b) {
    return a->server == b->server && a->plan->server == b->plan->server;
}

// The longest case that is left, but one that fits the worker's present server if there is any.
static long choose(const struct shared *shared, const struct worker *worker) {
    long best = -1;
    bool best_fits = false;
    for (size_t i = 0; i < shared->count; i++) {
        const struct run_item *item = &shared->items[i];
        if (item->taken)
            continue;
        bool fits = worker->served && same_server(worker->served, item);
        if (best < 0 || (fits && !best_fits) ||
            (fits == best_fits && weight(item) > weight(&shared->items[best]))) {
            best = (long)i;
            best_fits = fits;
        }
    }
    return best;
}

static void give_work(struct shared *shared, struct worker *worker) {
    long index = choose(shared, worker);
    worker->current = index;
    if (index < 0)
        return;
    uint32_t number = (uint32_t)index;
    shared->items[index].taken = true;
    worker->served = &shared->items[index];
    // a worker that has died shows when its answer is read
    if (transfer(worker->channel, &number, sizeof number, true) < 0)
        return;
}

static struct record *read_record(struct worker *worker, struct err *err) {
    uint32_t length;
    if (transfer(worker->channel, &length, sizeof length, false) < 0) {
        err_set(err, "the worker ended");
        return NULL;
    }
    cleanup_free char *line = xcalloc(1, (size_t)length + 1);
    if (transfer(worker->channel, line, length, false) < 0) {
        err_set(err, "the worker ended while it told its record");
        return NULL;
    }
    json_t *json = json_loads(line, 0, NULL);
    struct record *record = record_from_json(json, err);
    json_decref(json);
    return record;
}

static struct record *record_of_dead(const struct run_item *item, struct worker *worker,
                                     const struct err *err) {
    struct record *record = record_new(item->plan->id);
    char buffer[64];
    int status = 0;
    bool ended = proc_wait(worker->sandbox.pid, clock_ms() + 1000, &status);
    record->server = xstrdup(item->server->name);
    record->vendor = xstrdup(item->server->vendor);
    record->server_version = xstrdup(item->server->version);
    record->connector = xstrdup(item->connector->name);
    record->connector_version = xstrdup("");
    record->broken = xprintf("%s (%s); this is a defect of goneaway", err->what,
                             ended ? proc_status_text(status, buffer, sizeof buffer) : "killed");
    if (ended)
        worker->sandbox.pid = 0;
    return record;
}

// Takes a worker's record; a worker that died is replaced.
static int take_result(struct shared *shared, struct worker *worker, struct err *err) {
    const struct run_item *item = &shared->items[worker->current];
    const struct run_options *options = shared->options;
    struct err reason = {0};
    cleanup_record struct record *record = read_record(worker, &reason);
    bool died = !record;
    if (died)
        record = record_of_dead(item, worker, &reason);
    if (options->result(options->context, item, record) && !died)
        options->hold(options->context, item, worker->sandbox.pid);
    if (died) {
        stop_worker(worker);
        if (start_worker(worker, shared, err) < 0)
            return -1;
    } else {
        uint32_t go_on = 0;
        transfer(worker->channel, &go_on, sizeof go_on, true);
    }
    give_work(shared, worker);
    return 0;
}

static int wait_events(struct worker *workers, int jobs, int stop_fd, struct pollfd *ret_fds) {
    int busy = 0;
    for (int i = 0; i < jobs; i++) {
        ret_fds[i] = (struct pollfd){.fd = workers[i].current >= 0 ? workers[i].channel : -1,
                                     .events = POLLIN};
        busy += workers[i].current >= 0;
    }
    ret_fds[jobs] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
    if (busy == 0)
        return 0;
    while (poll(ret_fds, (nfds_t)jobs + 1, -1) < 0 && errno == EINTR)
        ;
    return 1;
}

static int feed(struct shared *shared, struct worker *workers, int jobs, struct err *err) {
    cleanup_free struct pollfd *fds = xcalloc((size_t)jobs + 1, sizeof *fds);
    for (int i = 0; i < jobs; i++)
        give_work(shared, &workers[i]);
    while (wait_events(workers, jobs, shared->options->stop_fd, fds)) {
        if (fds[jobs].revents)
            return 1;
        for (int i = 0; i < jobs; i++)
            if (fds[i].revents && take_result(shared, &workers[i], err) < 0)
                return -1;
    }
    return 0;
}

int run_items(struct run_item *items, size_t count, const struct run_options *options,
              struct err *err) {
    int jobs = (size_t)options->jobs < count ? options->jobs : (int)count;
    struct shared shared = {.items = items, .count = count, .options = options};
    struct worker *workers = xcalloc((size_t)jobs + 1, sizeof *workers);
    int started = 0, ret = 0;
    for (; ret == 0 && started < jobs; started++)
        ret = start_worker(&workers[started], &shared, err);
    if (ret == 0)
        ret = feed(&shared, workers, jobs, err);
    for (int i = 0; i < started; i++)
        stop_worker(&workers[i]);
    free(workers);
    return ret;
}
