// SPDX-License-Identifier: Apache-2.0
// try.c - `goneaway try`: a case on one line, carried out and shown step by step
//
//     line.c      the line's steps, using words.c, values.c and sql.c
//     plan.c      the scenario made of them, with what guess.c adds
//     program.c   the same for a user's own program
//     show.c      what is shown while it runs
//     write.c     the scenario as a file, with what was seen
//
// It runs like any other case, by run/dispatch.c, one after the other.
#include "base/outlet.h"
#include "base/text.h"
#include "batch/attend.h"
#include "batch/cases.h"
#include "batch/machine.h"
#include "catalog/host_places.h"
#include "main/commands.h"
#include "run/dispatch.h"
#include "try/program.h"
#include "try/show.h"
#include "try/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** All state of the command. */
struct trial {
    const struct options *options;
    struct options filled; // with defaults filled in
    struct try_line line;
    struct try_plan plan;
    struct catalog catalog; // with that one scenario
    struct chosen chosen;
    struct places places;
    struct machine machine;
    struct cases cases;
    struct try_show show;
    struct try_seen seen;
    struct attend attend;
    int counts[VERDICT_COUNT];
};

// ---- while it runs -----------------------------------------------------------------------------

static void show_step(void *context, const struct run_item *item, const struct record *step) {
    struct trial *trial = context;
    try_show_step(&trial->show, item, step);
}

static bool take(void *context, const struct run_item *item, struct record *record) {
    struct trial *trial = context;
    struct verdict verdict;
    verdict_of(item->plan, record, trial->options->time_scale, &verdict);
    trial->counts[verdict.kind]++;
    try_show_end(&trial->show, item, record, &verdict);
    if (trial->options->timeline)
        try_show_timeline(&trial->show, item, record);
    try_seen_add(&trial->seen, item, record, &verdict);
    verdict_release(&verdict);
    return trial->options->keep;
}

// If nobody reads the output any more, the command ends, unless it is to write a file.
static enum pace pace(void *context) {
    const struct trial *trial = context;
    return !trial->options->write && outlet_is_deserted(STDOUT_FILENO) ? PACE_STOP : PACE_ON;
}

static void hold(void *context, const struct run_item *item, pid_t worker) {
    const struct trial *trial = context;
    attend_hold(&trial->attend, item, worker);
}

static void warn(void *context, const struct run_item *item, const char *what) {
    (void)context;
    fprintf(stderr, "goneaway: warning: %s: %s\n", item->plan->id, what);
}

// ---- what is chosen ----------------------------------------------------------------------------

// Joins the line's words as if they were one argument.
static char *join(const struct options *options) {
    struct text line = {0};
    for (int i = 0; i < options->argument_count; i++)
        text_printf(&line, "%s%s", i ? "; " : "", options->arguments[i]);
    return line.data ? line.data : xstrdup("");
}

static struct catalog catalog_of(struct scenario *scenario) {
    struct selection *item = xcalloc(1, sizeof *item);
    *item = (struct selection){.scenario = scenario,
                               .chosen = xcalloc(scenario->case_count + 1, sizeof(bool))};
    memset(item->chosen, true, scenario->case_count * sizeof(bool));
    return (struct catalog){.count = 1, .items = item};
}

// Chooses the first that is in the cache already, so that nothing has to be fetched; else the
// first.
static void choose_server(struct trial *trial) {
    struct chosen *chosen = &trial->chosen;
    struct err unused;
    for (size_t i = 0; !trial->options->servers && i < chosen->server_count; i++)
        if (image_server_find(&chosen->images, chosen->servers[i], &unused) == CACHE_READY) {
            chosen->servers[0] = chosen->servers[i];
            break;
        }
    if (!trial->options->servers)
        chosen->server_count = 1;
}

static bool is_for_program(const struct trial *trial) {
    return trial->options->program_count > 0;
}

static int read_line(struct trial *trial, struct err *err) {
    if (trial->options->argument_count == 0) {
        err_usage(err, "`goneaway try` needs a line of what is to happen");
        return err_remedy(err, "goneaway try %s; `goneaway explain try` shows the words",
                          is_for_program(trial) ? "--program 'php x.php' 'idle; kill'"
                                                : "'connect; kill; query; query'");
    }
    if (try_program_check(trial->options, err) < 0)
        return -1;
    if (trial->options->write && try_write_check(trial->options->write, err) < 0)
        return -1;
    cleanup_free char *line = join(trial->options);
    if (cases_check_transports(trial->options->transports, err) < 0 ||
        try_read(&trial->line, line, is_for_program(trial), err) < 0 ||
        (is_for_program(trial) && try_program_take(&trial->line, trial->options, err) < 0) ||
        try_plan_make(&trial->plan, &trial->line, trial->options->transports, err) < 0 ||
        (is_for_program(trial) && try_program_check_plan(&trial->plan, trial->options, err) < 0))
        return -1;
    trial->catalog = catalog_of(trial->plan.scenario);
    trial->show = (struct try_show){.out = stdout, .plan = &trial->plan};
    return 0;
}

static int choose(struct trial *trial, const char *home, struct err *err) {
    struct options *filled = &trial->filled;
    *filled = *trial->options;
    if (!filled->connectors && filled->adapter_count == 0 && !is_for_program(trial))
        filled->connectors = "libmysqlclient";
    if (chosen_open(&trial->chosen, home, filled, err) < 0)
        return -1;
    choose_server(trial);
    struct images *images = &trial->chosen.images;
    if (machine_probe(&trial->machine, &trial->catalog, filled, images->cache.folder, err) < 0 ||
        chosen_prepare(&trial->chosen, stderr, err) < 0)
        return -1;
    cases_add_all(&trial->cases, home, &trial->catalog, &trial->chosen, filled);
    for (size_t i = 0; i < trial->cases.count && is_for_program(trial); i++)
        if (try_program_fit(&trial->cases.items[i], &trial->plan, filled, err) < 0)
            return -1;
    if (cases_prepare_proxies(&trial->cases, images, err) < 0 ||
        places_open(&trial->places, images, filled, err) < 0)
        return -1;
    places_show(&trial->places, images);
    return 0;
}

// ---- the trial ---------------------------------------------------------------------------------

// All cases need the same from the machine.
static int check_needs(const struct trial *trial, struct err *err) {
    cleanup_free char *why =
        trial->cases.count ? machine_why_not(&trial->machine, trial->cases.items[0].plan) : NULL;
    return why ? err_set(err, "this %s", why) : 0;
}

static int carry_out(struct trial *trial, struct err *err) {
    const struct options *options = trial->options;
    struct watch_limits watch = watch_default_limits();
    trial->machine.limits.most[CGROUP_MEMORY] = watch.bytes;
    if (attend_open(&trial->attend, err) < 0)
        return -1;
    const struct dispatch_options dispatch = {.jobs = 1,
                                              .time_scale = options->time_scale,
                                              .overheard = options->timeline,
                                              .step = show_step,
                                              .result = take,
                                              .pace = pace,
                                              .hold = hold,
                                              .warn = warn,
                                              .context = trial,
                                              .case_timeout_ms = options->case_timeout_ms,
                                              .run_timeout_ms = options->run_timeout_ms,
                                              .watch = watch,
                                              .netem = trial->machine.needs[NEED_NETEM].netem,
                                              .places = trial->places.items,
                                              .cgroups = &trial->machine.limits,
                                              .stop_fd = trial->attend.fd};
    int ret = dispatch_items(trial->cases.items, trial->cases.count, &dispatch, err);
    limits_close(&trial->machine.limits);
    attend_close(&trial->attend);
    return ret < 0 ? -1 : 0;
}

static int write_down(const struct trial *trial, struct err *err) {
    const char *path = trial->options->write;
    if (!path)
        return 0;
    if (try_write(path, &trial->plan, &trial->seen, err) < 0)
        return -1;
    printf("\n%s is a proposal for a scenario: review what its comments name, then\n"
           "  goneaway run %s\n",
           path, path);
    return 0;
}

static int try_all(struct trial *trial, struct err *err) {
    if (read_line(trial, err) < 0)
        return -1;
    cleanup_free char *home = catalog_home(err);
    if (!home || choose(trial, home, err) < 0 || check_needs(trial, err) < 0 ||
        carry_out(trial, err) < 0)
        return -1;
    int status = verdict_exit_status(trial->counts, false, false);
    int written = status == STATUS_MACHINE ? 0 : write_down(trial, err);
    return written < 0 ? -1 : status;
}

int command_try(const struct options *options, struct err *err) {
    struct trial trial = {.options = options};
    int ret = try_all(&trial, err);
    machine_release(&trial.machine);
    chosen_close(&trial.chosen);
    places_release(&trial.places);
    cases_release(&trial.cases);
    try_seen_release(&trial.seen);
    if (trial.catalog.count) {
        free(trial.catalog.items->chosen);
        free(trial.catalog.items);
    }
    try_plan_release(&trial.plan);
    try_release(&trial.line);
    return ret;
}
