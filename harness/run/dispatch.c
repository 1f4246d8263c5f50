// SPDX-License-Identifier: Apache-2.0
// dispatch.c - hands cases to workers, and takes their records
//
// No case may hold up the run. Workers are read only when they have something to say. A few times a
// second it is checked whether each case has time left, and what it takes of the machine; a worker
// beyond its limits is ended with its sandbox, and another one takes its place.
#include "run/dispatch.h"

#include "base/clock.h"
#include "base/proc.h"
#include "base/status.h"
#include "run/channel.h"
#include "run/items.h"
#include "run/worker.h"
#include "sandbox/room.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum {
    LOOK_EVERY_MS = 250,
    LOOK_RARELY_MS = 1000, // if a look takes more than one part in LOOK_SHARE of a processor
    LOOK_SHARE = 100,
    TIDYING_MS = 60 * 1000 // at most, until the next case begins
};

struct worker {
    struct sandbox sandbox;
    struct cgroup_home cgroups;
    int channel;          // our end; -1: the worker has ended
    long current;         // index of its item; -1: idle
    struct text incoming; // part of its record
    double ordered_ms;    // when it was given the item
    double began_ms;      // when it was seen to have begun with it; 0: not yet
};

struct shared {
    struct schedule schedule;
    struct run_item *items; // the schedule's
    const struct dispatch_options *options;
    struct worker *workers;
    int jobs;
    struct progress *progress; // for each worker
    struct watch_table table;
    enum pace pace;
    double look_ms; // when to look at the workers again
    double end_ms;  // when the run's time is up; 0: never
};

// ---- workers -----------------------------------------------------------------------------------

static int number_of(const struct shared *shared, const struct worker *worker) {
    return (int)(worker - shared->workers);
}

static struct progress *progress_of(const struct shared *shared, const struct worker *worker) {
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
                                 .progress = progress_of(shared, worker),
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

static void stop_worker(const struct shared *shared, struct worker *worker) {
    if (worker->channel >= 0 && shared->options->used_ms)
        *shared->options->used_ms += atomic_load(&progress_of(shared, worker)->used_ms);
    if (worker->channel >= 0)
        close(worker->channel);
    sandbox_close(&worker->sandbox);
    limits_take(&worker->cgroups);
    text_release(&worker->incoming);
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
        progress_text(progress_of(shared, worker), shared->items[worker->current].plan);
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
        stop_worker(shared, worker);
        if (start_worker(worker, shared, err) < 0)
            return -1;
        worker->current = next;
    }
    send_order(shared, worker);
    return 0;
}

static int replace_worker(struct shared *shared, struct worker *worker, struct err *err) {
    stop_worker(shared, worker);
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

// No case's time passes while the user looks at a world.
static void hold(struct shared *shared, const struct worker *worker) {
    const struct dispatch_options *options = shared->options;
    double began = clock_ms();
    options->hold(options->context, &shared->items[worker->current], worker->sandbox.pid);
    double held = clock_ms() - began;
    excuse(shared, held);
    shared->end_ms += shared->end_ms > 0 ? held : 0;
}

// Reports a worker's case as broken, and ends the worker. `held`: the user may look at it first.
static int lose_case(struct shared *shared, struct worker *worker, const char *why, bool held,
                     struct err *err) {
    const struct run_item *item = &shared->items[worker->current];
    cleanup_record struct record *record = items_lost(item, why, clock_ms() - worker->ordered_ms);
    if (report(shared, worker, record) && held)
        hold(shared, worker);
    return replace_worker(shared, worker, err);
}

// Reads from a worker that has something to say; replaces one that has died.
static int take_result(struct shared *shared, struct worker *worker, struct err *err) {
    const struct dispatch_options *options = shared->options;
    struct err reason = {0};
    uint32_t go_on = 0;
    int there = channel_receive(worker->channel, &worker->incoming, &reason);
    if (there == 0)
        return 0;
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
        return lose_case(shared, worker, why, false, err);
    }
    cleanup_free char *limit = limits_struck(options->cgroups, &worker->cgroups);
    if (limit)
        record_break(record, limit);
    if (report(shared, worker, record))
        hold(shared, worker);
    if (limit)
        return replace_worker(shared, worker, err);
    progress_begin_anew(progress_of(shared, worker)); // until the worker reports that it has begun
    channel_transfer(worker->channel, &go_on, sizeof go_on, true);
    return next_item(shared, worker, err);
}

// ---- bounds ------------------------------------------------------------------------------------

static char *duration_text(double ms) {
    return ms >= 60000 && fmod(ms, 60000) == 0 ? xprintf("%g min", ms / 60000)
                                               : xprintf("%g s", ms / 1000);
}

static double case_ms(const struct shared *shared) {
    return (double)shared->options->case_timeout_ms * shared->options->time_scale;
}

static int end_overdue(struct shared *shared, struct worker *worker, struct err *err) {
    cleanup_free char *time = duration_text(case_ms(shared));
    cleanup_free char *at =
        progress_text(progress_of(shared, worker), shared->items[worker->current].plan);
    cleanup_free char *why =
        xprintf("the case exceeded its time of %s: %s\nremedy: a case that takes longer needs "
                "another --timeout; one that hangs shows a defect of goneaway, since each step has "
                "a deadline of its own",
                time, at);
    return lose_case(shared, worker, why, true, err);
}

// A worker that does not begin its case is still tidying up the previous one, which has been
// reported. So the new case is put back once, for the replacement.
static int end_stuck(struct shared *shared, struct worker *worker, struct err *err) {
    const struct run_item *item = &shared->items[worker->current];
    cleanup_free char *at = progress_text(progress_of(shared, worker), item->plan);
    cleanup_free char *why =
        xprintf("the worker did not begin with the case: %s; this is a defect of goneaway", at);
    if (item->put_back)
        return lose_case(shared, worker, why, true, err);
    schedule_put_back(&shared->schedule, worker->current, number_of(shared, worker));
    shared->options->warn(shared->options->context, item, why);
    return replace_worker(shared, worker, err);
}

static int check_time(struct shared *shared, struct worker *worker, double now, struct err *err) {
    double most = case_ms(shared);
    if (worker->began_ms == 0 && progress_has_begun(progress_of(shared, worker)))
        worker->began_ms = now;
    if (worker->began_ms > 0)
        return most > 0 && now - worker->began_ms > most ? end_overdue(shared, worker, err) : 0;
    double tidying = most > 0 && most < TIDYING_MS ? most : TIDYING_MS;
    return now - worker->ordered_ms > tidying ? end_stuck(shared, worker, err) : 0;
}

// Whether the kernel enforces all limits, and the machine has memory left. Then there is no need to
// look at each process, which with many takes longer than everything else here.
static bool kernel_holds(const struct shared *shared) {
    const struct watch_limits *watch = &shared->options->watch;
    if (watch->bytes < LIMIT_MEMORY_BYTES || watch->threads < LIMIT_THREADS)
        return false;
    for (int i = 0; i < shared->jobs; i++)
        if (shared->workers[i].channel >= 0 && !limits_hold(&shared->workers[i].cgroups))
            return false;
    return room_memory("/proc/meminfo") >= watch->floor_bytes;
}

static int check_use(struct shared *shared, struct err *err) {
    if (kernel_holds(shared))
        return 0;
    cleanup_free pid_t *pids = xcalloc((size_t)shared->jobs, sizeof *pids);
    cleanup_free char *use = NULL;
    for (int i = 0; i < shared->jobs; i++)
        pids[i] = shared->workers[i].sandbox.pid;
    if (watch_read(&shared->table) < 0)
        return err_errno(err, "read the table of processes in /proc");
    watch_find_owners(&shared->table, pids, (size_t)shared->jobs);
    int found = watch_judge(&shared->table, (size_t)shared->jobs, &shared->options->watch, &use);
    if (found < 0)
        return 0;
    struct worker *worker = &shared->workers[found];
    if (worker->current < 0) { // it has no work any more
        stop_worker(shared, worker);
        return 0;
    }
    cleanup_free char *at =
        progress_text(progress_of(shared, worker), shared->items[worker->current].plan);
    cleanup_free char *why = xprintf("the case took too much of the machine: %s; %s", use, at);
    return lose_case(shared, worker, why, false, err);
}

// How long to wait until the next look, given what the last one cost.
static double pause_ms(double took_ms) {
    double pause = took_ms * LOOK_SHARE;
    return pause < LOOK_EVERY_MS ? LOOK_EVERY_MS : pause > LOOK_RARELY_MS ? LOOK_RARELY_MS : pause;
}

// Looks at all workers, if it is time to.
static int check_workers(struct shared *shared, struct err *err) {
    if (clock_ms() < shared->look_ms)
        return 0;
    double began = clock_used_ms();
    int ret = check_use(shared, err);
    double took = clock_used_ms() - began;
    for (int i = 0; ret == 0 && i < shared->jobs; i++)
        if (shared->workers[i].current >= 0)
            ret = check_time(shared, &shared->workers[i], clock_ms(), err);
    if (shared->options->tick)
        shared->options->tick(shared->options->context);
    shared->look_ms = clock_ms() + pause_ms(took);
    return ret;
}

// When the run's time is up, reports cases not carried out yet, so that no report lacks them.
static void end_run(struct shared *shared) {
    const struct dispatch_options *options = shared->options;
    cleanup_free char *time = duration_text((double)options->run_timeout_ms);
    for (int i = 0; i < shared->jobs; i++) {
        struct worker *worker = &shared->workers[i];
        if (worker->current < 0)
            continue;
        const struct run_item *item = &shared->items[worker->current];
        cleanup_free char *at = progress_text(progress_of(shared, worker), item->plan);
        cleanup_free char *why =
            xprintf("not finished: the run's time of %s was over; %s", time, at);
        cleanup_record struct record *record =
            items_lost(item, why, clock_ms() - worker->ordered_ms);
        options->result(options->context, item, record);
        stop_worker(shared, worker);
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
        if (check_workers(shared, err) < 0)
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
        stop_worker(shared, &shared->workers[i]);
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
