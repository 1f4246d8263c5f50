// SPDX-License-Identifier: Apache-2.0
// dispatch.c - hands cases to workers, and takes their records
//
// No case may hold up the run. Workers are read only when they have something to say. A few times a
// second it is checked whether each case has time left, and what it takes of the machine; a worker
// beyond its limits is ended with its sandbox, and another one takes its place.
#include "run/dispatch_parts.h"

#include "base/clock.h"
#include "base/proc.h"
#include "base/status.h"
#include "run/channel.h"
#include "run/worker.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

// ---- workers -----------------------------------------------------------------------------------

static int number_of(const struct shared *shared, const struct worker *worker) {
    return (int)(worker - shared->workers);
}

struct progress *dispatch_progress(const struct shared *shared, const struct worker *worker) {
    return &shared->progress[number_of(shared, worker)];
}

static int start_worker(struct worker *worker, struct shared *shared, struct err *err) {
    int ends[2];
    *worker = (struct worker){.channel = -1, .current = -1, .sandbox = {.pidfd = -1}};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_errno(err, "socketpair");
    struct worker_setup setup = {.items = shared->items,
                                 .options = shared->options,
                                 .channel = ends[1],
                                 .progress = dispatch_progress(shared, worker),
                                 .cgroups = &worker->cgroups};
    *setup.progress = (struct progress){0};
    limits_give(shared->options->cgroups, &worker->cgroups);
    cleanup_free struct sandbox_place *places =
        limits_places(&worker->cgroups, shared->options->places);
    const struct sandbox_spec spec = {.body = worker_main,
                                      .context = &setup,
                                      .places = places,
                                      .keep = (const int[]){ends[1], -1},
                                      .keep_too = shared->options->keep};
    int ret = sandbox_open(&worker->sandbox, &spec, err);
    close(ends[1]);
    if (ret < 0) {
        close(ends[0]);
        return -1;
    }
    worker->channel = ends[0];
    return 0;
}

void dispatch_stop(const struct shared *shared, struct worker *worker) {
    if (worker->channel >= 0 && shared->options->used_ms)
        *shared->options->used_ms += atomic_load(&dispatch_progress(shared, worker)->used_ms);
    if (worker->channel >= 0)
        close(worker->channel);
    sandbox_close(&worker->sandbox);
    limits_take(&worker->cgroups);
    text_release(&worker->incoming);
    json_decref(worker->hosts);
    worker->hosts = NULL;
    worker->channel = -1;
}

// ---- orders ------------------------------------------------------------------------------------

// 1: the worker has served another origin, and must not run this item.
static int assign(struct shared *shared, struct worker *worker) {
    const struct run_item *before = worker->current >= 0 ? &shared->items[worker->current] : NULL;
    worker->current =
        shared->pace == PACE_ON ? schedule_take(&shared->schedule, number_of(shared, worker)) : -1;
    return before && worker->current >= 0 &&
           before->origin != shared->items[worker->current].origin;
}

// Sends a worker its item, with hints about the next ones.
static void send_order(struct shared *shared, struct worker *worker) {
    struct order order = {.item = (int32_t)worker->current};
    if (worker->current < 0)
        return;
    schedule_hint(&shared->schedule, number_of(shared, worker), order.hints);
    worker->ordered_ms = shared->items[worker->current].began_ms = clock_ms();
    worker->began_ms = 0;
    // if the worker has died, reading its answer will show that
    channel_transfer(worker->channel, &order, sizeof order, true);
}

// ---- records -----------------------------------------------------------------------------------

// Why a worker that disobeys has no record.
static char *why_dead(const struct shared *shared, struct worker *worker, const struct err *err) {
    char buffer[64];
    int status = 0;
    bool ended = proc_wait(worker->sandbox.pid, clock_ms() + 1000, &status);
    if (ended)
        worker->sandbox.pid = 0;
    cleanup_free char *at =
        progress_text(dispatch_progress(shared, worker), shared->items[worker->current].plan);
    cleanup_free char *limit = limits_struck(shared->options->cgroups, &worker->cgroups);
    bool told = ended && WIFEXITED(status) && WEXITSTATUS(status) == STATUS_MACHINE;
    return xprintf("%s%s%s (%s); %s%s", limit ? limit : "", limit ? "; " : "", err->what,
                   ended ? proc_status_text(status, buffer, sizeof buffer) : "killed", at,
                   limit  ? ""
                   : told ? "; its reason is on standard error"
                          : "; this is a defect of goneaway");
}

static int next_item(struct shared *shared, struct worker *worker, struct err *err) {
    if (assign(shared, worker)) {
        long next = worker->current;
        dispatch_stop(shared, worker);
        if (start_worker(worker, shared, err) < 0)
            return -1;
        worker->current = next;
    }
    send_order(shared, worker);
    return 0;
}

int dispatch_replace(struct shared *shared, struct worker *worker, struct err *err) {
    dispatch_stop(shared, worker);
    schedule_replace(&shared->schedule, number_of(shared, worker));
    return start_worker(worker, shared, err) < 0 ? -1 : next_item(shared, worker, err);
}

// Charges no case for time that we spent elsewhere: its answer may have been waiting meanwhile.
static void excuse(struct shared *shared, double ms) {
    for (int i = 0; i < shared->jobs; i++) {
        shared->workers[i].ordered_ms += ms;
        shared->workers[i].began_ms += shared->workers[i].began_ms > 0 ? ms : 0;
    }
}

// Judges and reports a case; slow readers of reports take time. True: its world is to be held.
static bool report(struct shared *shared, const struct worker *worker, struct record *record) {
    struct run_item *item = &shared->items[worker->current];
    double began = clock_ms();
    item->took_ms = began - item->began_ms;
    bool ret = shared->options->result(shared->options->context, item, record);
    excuse(shared, clock_ms() - began);
    if (shared->options->pace)
        shared->pace = shared->options->pace(shared->options->context);
    return ret;
}

// No case's time passes while the user looks at a world. `step`: see struct held.
static void hold(struct shared *shared, struct worker *worker, int step) {
    const struct dispatch_options *options = shared->options;
    const struct held held = {worker->sandbox.pid, worker->hosts, step};
    double began = clock_ms();
    worker->entered |= options->hold(options->context, &shared->items[worker->current], &held);
    double ms = clock_ms() - began;
    excuse(shared, ms);
    shared->end_ms += shared->end_ms > 0 ? ms : 0;
}

// A worker has told which hosts there are, and perhaps waits after a step.
static void take_hosts(struct shared *shared, struct worker *worker) {
    uint32_t go_on = 0;
    json_decref(worker->hosts);
    worker->hosts = channel_read_hosts(&worker->incoming);
    int step = (int)json_integer_value(json_object_get(worker->hosts, "step"));
    if (step <= 0)
        return;
    hold(shared, worker, step);
    channel_transfer(worker->channel, &go_on, sizeof go_on, true);
}

// Reports a worker's case as broken, and ends the worker. `held`: the user may look at it first.
int dispatch_lose_case(struct shared *shared, struct worker *worker, const char *why, bool held,
                       struct err *err) {
    const struct run_item *item = &shared->items[worker->current];
    cleanup_record struct record *record = items_lost(item, why, clock_ms() - worker->ordered_ms);
    if (report(shared, worker, record) && held)
        hold(shared, worker, 0);
    return dispatch_replace(shared, worker, err);
}

// Reads from a worker that has something to say; replaces one that has died.
static int take_result(struct shared *shared, struct worker *worker, struct err *err) {
    const struct dispatch_options *options = shared->options;
    struct err reason = {0};
    uint32_t go_on = 0;
    int there = channel_receive(worker->channel, &worker->incoming, &reason);
    if (there == 0)
        return 0;
    if (there > 0 && channel_has_hosts(&worker->incoming)) {
        take_hosts(shared, worker);
        return 0;
    }
    bool step = channel_has_step(&worker->incoming);
    cleanup_record struct record *record =
        there > 0 ? channel_read_record(&worker->incoming, &reason) : NULL;
    if (record && step) {
        if (options->step)
            options->step(options->context, &shared->items[worker->current], record);
        return 0;
    }
    if (!record) {
        cleanup_free char *why = why_dead(shared, worker, &reason);
        return dispatch_lose_case(shared, worker, why, false, err);
    }
    cleanup_free char *limit = limits_struck(options->cgroups, &worker->cgroups);
    if (limit)
        record_break(record, limit);
    if (report(shared, worker, record))
        hold(shared, worker, 0);
    if (limit || worker->entered)
        return dispatch_replace(shared, worker, err);
    progress_begin_anew(
        dispatch_progress(shared, worker)); // until the worker reports that it has begun
    channel_transfer(worker->channel, &go_on, sizeof go_on, true);
    return next_item(shared, worker, err);
}

// When the run's time is up, reports cases not carried out yet, so that no report lacks them.
static void end_run(struct shared *shared) {
    const struct dispatch_options *options = shared->options;
    cleanup_free char *time = dispatch_duration((double)options->run_timeout_ms);
    for (int i = 0; i < shared->jobs; i++) {
        struct worker *worker = &shared->workers[i];
        if (worker->current < 0)
            continue;
        const struct run_item *item = &shared->items[worker->current];
        cleanup_free char *at = progress_text(dispatch_progress(shared, worker), item->plan);
        cleanup_free char *why =
            xprintf("not finished: the run's time of %s was over; %s", time, at);
        cleanup_record struct record *record =
            items_lost(item, why, clock_ms() - worker->ordered_ms);
        options->result(options->context, item, record);
        dispatch_stop(shared, worker);
    }
    cleanup_free char *why = xprintf("not run: the run's time of %s was over", time);
    for (size_t i = 0; i < shared->schedule.count; i++) {
        if (shared->items[i].taken || shared->pace != PACE_ON)
            continue;
        cleanup_record struct record *record = items_lost(&shared->items[i], why, 0);
        options->result(options->context, &shared->items[i], record);
    }
}

// ---- the run -----------------------------------------------------------------------------------

static int wait_events(const struct shared *shared, struct pollfd *ret_fds) {
    int busy = 0, jobs = shared->jobs;
    const struct worker *workers = shared->workers;
    for (int i = 0; i < jobs; i++) {
        ret_fds[i] = (struct pollfd){.fd = workers[i].current >= 0 ? workers[i].channel : -1,
                                     .events = POLLIN};
        busy += workers[i].current >= 0;
    }
    ret_fds[jobs] = (struct pollfd){.fd = shared->options->stop_fd, .events = POLLIN};
    if (busy == 0)
        return 0;
    if (poll(ret_fds, (nfds_t)jobs + 1, clock_left_ms(shared->look_ms)) < 0) // EINTR
        for (int i = 0; i <= jobs; i++)
            ret_fds[i].revents = 0;
    return 1;
}

static int feed(struct shared *shared, struct err *err) {
    cleanup_free struct pollfd *fds = xcalloc((size_t)shared->jobs + 1, sizeof *fds);
    for (int i = 0; i < shared->jobs; i++)
        assign(shared, &shared->workers[i]);
    for (int i = 0; i < shared->jobs; i++)
        send_order(shared, &shared->workers[i]);
    while (wait_events(shared, fds)) {
        if (fds[shared->jobs].revents)
            return 1;
        for (int i = 0; i < shared->jobs; i++)
            if (fds[i].revents && take_result(shared, &shared->workers[i], err) < 0)
                return -1;
        if (dispatch_check(shared, err) < 0)
            return -1;
        if (shared->pace == PACE_STOP)
            return 1;
        if (shared->end_ms > 0 && clock_ms() >= shared->end_ms) {
            end_run(shared);
            return 0;
        }
    }
    return 0;
}

static int start_and_feed(struct shared *shared, struct err *err) {
    int started = 0, ret = 0;
    for (; ret == 0 && started < shared->jobs; started++)
        ret = start_worker(&shared->workers[started], shared, err);
    if (ret == 0)
        ret = feed(shared, err);
    for (int i = 0; i < started; i++)
        dispatch_stop(shared, &shared->workers[i]);
    return ret;
}

int dispatch_items(struct run_item *items, size_t count, const struct dispatch_options *options,
                   struct err *err) {
    int jobs = (size_t)options->jobs < count ? options->jobs : (int)count;
    cleanup_free struct worker *workers = xcalloc((size_t)jobs + 1, sizeof *workers);
    double now = clock_ms();
    cleanup_free struct schedule_seat *seats = xcalloc((size_t)jobs + 1, sizeof *seats);
    struct shared shared = {.schedule = {items, count, seats, jobs},
                            .items = items,
                            .options = options,
                            .workers = workers,
                            .jobs = jobs,
                            .progress = progress_map((size_t)jobs + 1),
                            .look_ms = now + LOOK_EVERY_MS};
    if (!shared.progress)
        return err_errno(err, "map memory for the workers");
    if (options->run_timeout_ms > 0)
        shared.end_ms = now + (double)options->run_timeout_ms;
    items_prepare(items, count);
    if (options->shuffle)
        items_shuffle(items, count, (unsigned int)options->shuffle);
    int ret = start_and_feed(&shared, err);
    progress_unmap(shared.progress, (size_t)jobs + 1);
    watch_release(&shared.table);
    return ret;
}
