// SPDX-License-Identifier: Apache-2.0
// dispatch_bounds.c - ends workers that take too long, or too much of the machine
#include "run/dispatch_parts.h"

#include "base/clock.h"
#include "sandbox/room.h"

#include <math.h>

enum {
    LOOK_RARELY_MS = 1000, // if a look takes more than one part in LOOK_SHARE of a processor
    LOOK_SHARE = 100,
    TIDYING_MS = 60 * 1000 // at most, until the next case begins
};

char *dispatch_duration(double ms) {
    return ms >= 60000 && fmod(ms, 60000) == 0 ? xprintf("%g min", ms / 60000)
                                               : xprintf("%g s", ms / 1000);
}

static double case_ms(const struct shared *shared) {
    return (double)shared->options->case_timeout_ms * shared->options->time_scale;
}

static int end_overdue(struct shared *shared, struct worker *worker, struct err *err) {
    cleanup_free char *time = dispatch_duration(case_ms(shared));
    cleanup_free char *at =
        progress_text(dispatch_progress(shared, worker), shared->items[worker->current].plan);
    cleanup_free char *why =
        xprintf("the case exceeded its time of %s: %s\nremedy: a case that takes longer needs "
                "another --timeout; one that hangs shows a defect of goneaway, since each step has "
                "a deadline of its own",
                time, at);
    return dispatch_lose_case(shared, worker, why, true, err);
}

// A worker that does not begin its case is still tidying up the previous one, which has been
// reported. So the new case is put back once, for the replacement.
static int end_stuck(struct shared *shared, struct worker *worker, struct err *err) {
    const struct run_item *item = &shared->items[worker->current];
    cleanup_free char *at = progress_text(dispatch_progress(shared, worker), item->plan);
    cleanup_free char *why =
        xprintf("the worker did not begin with the case: %s; this is a defect of goneaway", at);
    if (item->put_back)
        return dispatch_lose_case(shared, worker, why, true, err);
    schedule_put_back(&shared->schedule, worker->current, (int)(worker - shared->workers));
    shared->options->warn(shared->options->context, item, why);
    return dispatch_replace(shared, worker, err);
}

static int check_time(struct shared *shared, struct worker *worker, double now, struct err *err) {
    double most = case_ms(shared);
    if (worker->began_ms == 0 && progress_has_begun(dispatch_progress(shared, worker)))
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
        dispatch_stop(shared, worker);
        return 0;
    }
    cleanup_free char *at =
        progress_text(dispatch_progress(shared, worker), shared->items[worker->current].plan);
    cleanup_free char *why = xprintf("the case took too much of the machine: %s; %s", use, at);
    return dispatch_lose_case(shared, worker, why, false, err);
}

// How long to wait until the next look, given what the last one cost.
static double pause_ms(double took_ms) {
    double pause = took_ms * LOOK_SHARE;
    return pause < LOOK_EVERY_MS ? LOOK_EVERY_MS : pause > LOOK_RARELY_MS ? LOOK_RARELY_MS : pause;
}

// Looks at all workers, if it is time to.
int dispatch_check(struct shared *shared, struct err *err) {
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
