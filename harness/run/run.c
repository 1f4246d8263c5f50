// SPDX-License-Identifier: Apache-2.0
// run.c - workers and the order of cases
//
// A worker is told the index of an item, and what it will probably be asked next so that servers
// boot ahead (struct order), and answers with its record (a length of 4 bytes, then JSON). It
// tidies its world up when the next number comes, so that the main process can look at a failed
// case first. Longest cases go first; a worker prefers cases for the server that it has, and then
// those for servers that no other worker has: each server boots once, and the boots, which are work
// for the processors, go on beside the many cases of the plain server, which mostly wait.
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

enum { HINTS = 2, NO_HINT = -1 };

/** What the main process sends. */
struct order {
    int32_t item;
    int32_t hints[HINTS]; ///< NO_HINT: none
};

struct worker {
    struct sandbox sandbox;
    int channel;                          // ours; -1: the worker has ended
    long current;                         // index of its item, -1: idle
    const struct run_item *served;        // its latest item: tells the server that it has
    const struct run_item *hinted[HINTS]; // of its latest order, NULL: none
};

struct shared {
    struct run_item *items;
    size_t count;
    const struct run_options *options;
    struct worker *workers;
    int jobs;
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

static void expect_hinted(const struct shared *shared, struct world *world,
                          const struct order *order) {
    const struct run_item *now = &shared->items[order->item];
    for (int i = 0; i < HINTS; i++) {
        if (order->hints[i] == NO_HINT)
            continue;
        const struct run_item *later = &shared->items[order->hints[i]];
        case_expect(world, later->plan, later->server, now->leaves);
    }
}

// Carries out one item; its world is tidied when the main process has seen the record.
static int work(const struct shared *shared, struct world *world, const struct order *order) {
    const struct run_item *item = &shared->items[order->item];
    cleanup_record struct record *record = record_new(item->plan->id);
    struct case_run run;
    struct err err = {0};
    int served = case_serve(world, item->plan, item->server, record, &err);
    expect_hinted(shared, world, order);
    case_open(&run, item->plan, world, item->server, item->connector, item->proxy,
              shared->options->time_scale, record, served, &err);
    uint32_t go_on;
    int ret = send_record(shared->channel, record);
    if (ret == 0)
        ret = transfer(shared->channel, &go_on, sizeof go_on, false);
    case_close(&run);
    return ret;
}

static int refuse(const struct shared *shared, const struct order *order, const struct err *err) {
    cleanup_record struct record *record = record_new(shared->items[order->item].plan->id);
    record->broken = xprintf("%s%s%s", err->what, err->remedy[0] ? "\nremedy: " : "", err->remedy);
    uint32_t go_on;
    return send_record(shared->channel, record) < 0
               ? -1
               : transfer(shared->channel, &go_on, sizeof go_on, false);
}

static int worker_main(void *context) {
    struct shared *shared = context;
    struct world world;
    struct err err = {0};
    struct order order;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    int opened = world_open(&world, &err);
    world.netem.backend = shared->options->netem;
    while (transfer(shared->channel, &order, sizeof order, false) == 0)
        if ((opened == 0 ? work(shared, &world, &order) : refuse(shared, &order, &err)) < 0)
            break;
    return 0;
}

// ---- the main process's side -------------------------------------------------------------------

static int start_worker(struct worker *worker, struct shared *shared, struct err *err) {
    int ends[2];
    *worker = (struct worker){.channel = -1, .current = -1, .sandbox = {.pidfd = -1}};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_errno(err, "socketpair");
    shared->channel = ends[1];
    const struct sandbox_spec spec = {.body = worker_main,
                                      .context = shared,
                                      .places = shared->options->places,
                                      .keep = (const int[]){ends[1], -1}};
    int ret = sandbox_open(&worker->sandbox, &spec, err);
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

// How long a step may take, as far as it tells: a timeout is there to expire, a deadline of its own
// because the call hangs. MySQL's shutdown gives sessions two seconds to end.
static int64_t guess_step(const struct plan_step *step) {
    enum { BOOT_MS = 600, SHUTDOWN_MS = 2500 };
    int64_t guess = step->deadline_ms < STEP_DEADLINE_MS ? step->deadline_ms : 0;
    if (step->kind == STEP_APP && step->act.verb->id == APP_CONNECT) {
        const struct connect_args *args = step->act.args;
        guess += args->read_timeout_ms > 0 ? args->read_timeout_ms : 0;
        guess += args->write_timeout_ms > 0 ? args->write_timeout_ms : 0;
    }
    if (step->kind == STEP_SERVER && step->act.verb->id != SERVER_STOP)
        guess += BOOT_MS;
    if (step->kind == STEP_SERVER &&
        (step->act.verb->id == SERVER_STOP || step->act.verb->id == SERVER_RESTART) &&
        ((const struct restart_args *)step->act.args)->signal == SIGNAL_TERM)
        guess += SHUTDOWN_MS;
    return guess;
}

static void guess(struct run_item *item) {
    const struct plan_case *plan = item->plan;
    item->leaves = plan->dirties_server || plan->changes_server || plan->stops_server;
    item->guess_ms = plan->imposed_ms;
    for (size_t i = 0; i < plan->step_count; i++)
        item->guess_ms += guess_step(&plan->steps[i]);
    item->guess_ms += item->leaves ? 300 : 0;
}

// Numbers the servers that the items want.
static void group_items(struct run_item *items, size_t count) {
    char **keys = xcalloc(count + 1, sizeof *keys);
    int groups = 0;
    for (size_t i = 0; i < count; i++) {
        char *key = case_server_key(items[i].plan, items[i].server);
        int group = 0;
        while (group < groups && strcmp(keys[group], key) != 0)
            group++;
        if (group == groups)
            keys[groups++] = key;
        else
            free(key);
        items[i].group = group;
        const struct plan_case *plan = items[i].plan;
        items[i].plain = !plan->fresh_server && (!plan->server || plan->server->options.count == 0);
        guess(&items[i]);
    }
    for (int i = 0; i < groups; i++)
        free(keys[i]);
    free(keys);
}

static bool has_or_expects(const struct worker *worker, int group) {
    if (worker->served && worker->served->group == group)
        return true;
    for (int i = 0; i < HINTS; i++)
        if (worker->hinted[i] && worker->hinted[i]->group == group)
            return true;
    return false;
}

// How well an item suits a worker: what was hinted to it, then what fits its server, then what fits
// no other worker's, then what fits the plain server, then the rest, and last what was hinted to
// others.
static int suits(const struct shared *shared, const struct run_item *item,
                 const struct worker *worker) {
    if (item->hinted_to)
        return item->hinted_to == worker ? 5 : 0;
    if (worker->served && worker->served->group == item->group)
        return 4;
    for (int i = 0; i < shared->jobs; i++)
        if (&shared->workers[i] != worker && has_or_expects(&shared->workers[i], item->group))
            return item->plain ? 2 : 1;
    return 3;
}

// Of the items that are left and not yet `hinted`, the one that suits best; of those the longest.
static long choose(const struct shared *shared, const struct worker *worker, bool hint) {
    long best = -1;
    int most = 0;
    for (size_t i = 0; i < shared->count; i++) {
        const struct run_item *item = &shared->items[i];
        if (item->taken || (hint && item->hinted_to))
            continue;
        int suitable = suits(shared, item, worker);
        if (best < 0 || suitable > most ||
            (suitable == most && item->guess_ms > shared->items[best].guess_ms)) {
            best = (long)i;
            most = suitable;
        }
    }
    return best;
}

static void assign(struct shared *shared, struct worker *worker) {
    worker->current = choose(shared, worker, false);
    if (worker->current < 0)
        return;
    worker->served = &shared->items[worker->current];
    shared->items[worker->current].taken = true;
}

// Sends a worker its item, with hints about the next ones.
static void send_order(struct shared *shared, struct worker *worker) {
    struct order order = {.item = (int32_t)worker->current, .hints = {NO_HINT, NO_HINT}};
    int hints = 0;
    if (worker->current < 0)
        return;
    for (size_t i = 0; i < shared->count; i++) // those of before that nobody took
        if (shared->items[i].hinted_to == worker && !shared->items[i].taken && hints < HINTS)
            order.hints[hints++] = (int32_t)i;
    for (long next; hints < HINTS && (next = choose(shared, worker, true)) >= 0; hints++) {
        shared->items[next].hinted_to = worker;
        order.hints[hints] = (int32_t)next;
    }
    for (int i = 0; i < HINTS; i++)
        worker->hinted[i] = i < hints ? &shared->items[order.hints[i]] : NULL;
    // a worker that has died shows when its answer is read
    transfer(worker->channel, &order, sizeof order, true);
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
    assign(shared, worker);
    send_order(shared, worker);
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
        assign(shared, &workers[i]);
    for (int i = 0; i < jobs; i++)
        send_order(shared, &workers[i]);
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
    struct worker *workers = xcalloc((size_t)jobs + 1, sizeof *workers);
    struct shared shared = {
        .items = items, .count = count, .options = options, .workers = workers, .jobs = jobs};
    int started = 0, ret = 0;
    group_items(items, count);
    for (; ret == 0 && started < jobs; started++)
        ret = start_worker(&workers[started], &shared, err);
    if (ret == 0)
        ret = feed(&shared, workers, jobs, err);
    for (int i = 0; i < started; i++)
        stop_worker(&workers[i]);
    free(workers);
    return ret;
}
