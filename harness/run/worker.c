// SPDX-License-Identifier: Apache-2.0
// worker.c - a worker process: orders in, records out
#include "run/worker.h"

#include "base/clock.h"
#include "base/file.h"
#include "run/case.h"
#include "run/channel.h"
#include "run/hosts.h"

#include <signal.h>
#include <sys/resource.h>

enum { MOST_PROCESSES = 4096 };

static void expect_hinted(const struct worker_setup *setup, struct world *world,
                          const struct order *order) {
    const struct run_item *now = &setup->items[order->item];
    for (int i = 0; i < HINTS; i++) {
        if (order->hints[i] == NO_HINT)
            continue;
        const struct run_item *later = &setup->items[order->hints[i]];
        case_expect(world, later->plan, later->server, now->leaves);
    }
}

// Sends what a program has written since. It results from what was done to the program, so it
// follows that.
static void tell_output(const struct worker_setup *setup, struct case_run *run, bool all) {
    cleanup_free char *output = actor_take_output(&run->actors[0], all);
    struct record_said said = {.actor = (char *)run->actors[0].name, .text = output};
    struct record record = {.case_id = run->record->case_id,
                            .said = &said,
                            .said_count = 1,
                            .ms = clock_ms() - run->began_ms};
    if (output)
        channel_send_step(setup->channel, &record);
}

// Sends what is shown of a step while its case runs: how often a fault has fired so far, and no
// long rows.
static void tell_step(void *context, struct case_run *run, const struct plan_step *step,
                      const struct record_step *seen) {
    enum { MOST_BYTES = 4096 };
    const struct worker_setup *setup = context;
    struct err err;
    int64_t fired = 0;
    bool program = run->plan->program != NULL;
    if (!step || (program && !seen)) {
        tell_output(setup, run, step != NULL);
        return;
    }
    if (program && step->kind == STEP_PROGRAM)
        tell_output(setup, run, seen->id != NULL);
    struct record_step one = {.number = step->number, .row_count = -1};
    if (seen)
        one = *seen;
    if (json_dumpb(one.rows, NULL, 0, 0) > MOST_BYTES)
        one.rows = NULL;
    struct record record = {.case_id = run->record->case_id,
                            .step_count = 1,
                            .steps = &one,
                            .ms = clock_ms() - run->began_ms};
    struct record_fault fault = {0};
    if (step->kind == STEP_FAULT && fault_count(run, step->name, &fired, &err) == 0) {
        fault = (struct record_fault){.id = (char *)step->name, .fired = fired};
        record.faults = &fault;
        record.fault_count = 1;
    }
    channel_send_step(setup->channel, &record);
    if (program && step->kind != STEP_PROGRAM)
        tell_output(setup, run, false);
}

// Tells which hosts there are by now, and waits if the world is to be held after this step.
static void tell_hosts(const struct worker_setup *setup, struct case_run *run,
                       const struct plan_step *step) {
    const char *keep_at = setup->options->keep_at;
    bool waits = step && keep_at && plan_step_is(step, keep_at);
    uint32_t go_on;
    json_auto_t *hosts = hosts_json(run, waits ? step : NULL);
    if (channel_send_hosts(setup->channel, hosts) == 0 && waits)
        channel_transfer(setup->channel, &go_on, sizeof go_on, false);
}

static void watch(void *context, struct case_run *run, const struct plan_step *step,
                  const struct record_step *seen) {
    const struct worker_setup *setup = context;
    if (setup->options->step)
        tell_step(context, run, step, seen);
    if (setup->options->kept && step)
        tell_hosts(setup, run, step);
}

// Carries out one item; tidies its world once the main process has taken the record.
static int work(const struct worker_setup *setup, struct world *world, const struct order *order) {
    const struct run_item *item = &setup->items[order->item];
    cleanup_record struct record *record = record_new(item->plan->id);
    const struct case_job job = {.plan = item->plan,
                                 .world = world,
                                 .server = item->server,
                                 .connector = item->connector,
                                 .proxy = item->proxy,
                                 .time_scale = setup->options->time_scale,
                                 .overheard = setup->options->overheard,
                                 .exhibited = setup->options->exhibited,
                                 .record = record,
                                 .watcher =
                                     setup->options->step || setup->options->kept ? watch : NULL,
                                 .watching = (void *)setup};
    struct case_run run;
    progress_tell(PROGRESS_SERVING, 0);
    case_begin(&run, &job);
    expect_hinted(setup, world, order);
    (setup->options->carry_out ? setup->options->carry_out : case_carry_out)(&run);
    uint32_t go_on;
    if (setup->options->kept)
        tell_hosts(setup, &run, NULL);
    int ret = channel_send_record(setup->channel, record);
    if (ret == 0)
        ret = channel_transfer(setup->channel, &go_on, sizeof go_on, false);
    case_close(&run);
    progress_tell(PROGRESS_WAITING, 0);
    return ret;
}

static int refuse(const struct worker_setup *setup, const struct order *order,
                  const struct err *err) {
    cleanup_record struct record *record = record_new(setup->items[order->item].plan->id);
    record->broken = xprintf("%s%s%s", err->what, err->remedy[0] ? "\nremedy: " : "", err->remedy);
    uint32_t go_on;
    return channel_send_record(setup->channel, record) < 0
               ? -1
               : channel_transfer(setup->channel, &go_on, sizeof go_on, false);
}

// Inherited by everything below. The limit of processes counts all in the sandbox together, since
// Linux 5.14, and does not bind real root. Core files would fill the disk of whoever runs us.
static int limit_self(struct err *err) {
    struct rlimit core, processes;
    // if memory runs out all the same, the kernel is to kill this process
    if (file_put("/proc/self/oom_score_adj", "1000", err) < 0)
        return -1;
    // only a limit of 1 keeps a core handler of the host (`|..` in kernel.core_pattern) from
    // getting the core as well; a hard limit of 0 cannot be raised to that
    if (getrlimit(RLIMIT_CORE, &core) < 0 || getrlimit(RLIMIT_NPROC, &processes) < 0)
        return err_errno(err, "limit the worker");
    core.rlim_cur = core.rlim_max = core.rlim_max < 1 ? 0 : 1;
    if (setrlimit(RLIMIT_CORE, &core) < 0)
        return err_errno(err, "limit the worker");
    processes.rlim_max = processes.rlim_max < MOST_PROCESSES ? processes.rlim_max : MOST_PROCESSES;
    if (processes.rlim_cur > processes.rlim_max)
        processes.rlim_cur = processes.rlim_max;
    return setrlimit(RLIMIT_NPROC, &processes) < 0 ? err_errno(err, "limit the worker") : 0;
}

int worker_main(void *context) {
    const struct worker_setup *setup = context;
    struct world world;
    struct err err = {0};
    struct order order;
    progress_use(setup->progress);
    limits_enter(setup->cgroups);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    int opened = limit_self(&err);
    if (opened == 0)
        opened = world_open(&world, &err);
    world_equip(&world, setup->options->netem, setup->cgroups);
    progress_tell(PROGRESS_WAITING, 0);
    while (channel_transfer(setup->channel, &order, sizeof order, false) == 0)
        if ((opened == 0 ? work(setup, &world, &order) : refuse(setup, &order, &err)) < 0)
            break;
    return 0;
}
