// SPDX-License-Identifier: Apache-2.0
// run.c - `goneaway run`, from its arguments to its exit status
//
//     cases.c     which cases, on which server and connector
//     carry.c     has them carried out
//     results.c   verdicts and reports, with the command of rerun.c
#include "base/clock.h"
#include "base/file.h"
#include "base/outlet.h"
#include "batch/carry.h"
#include "batch/meter.h"
#include "batch/programs.h"
#include "batch/rerun.h"
#include "batch/results.h"
#include "catalog/known.h"
#include "main/commands.h"
#include "sandbox/room.h"
#include "verdict/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/** All state of the command. */
struct invocation {
    const struct options *options;
    struct carry carry;
    struct judges judges;
    struct recording recording;
    struct results results;
    int jobs;
    struct meter meter;
};

// ---- reported while it runs --------------------------------------------------------------------

static void tick(void *context) {
    struct invocation *run = context;
    meter_draw(&run->meter, run->carry.cases.items, run->carry.cases.count, run->jobs,
               run->results.failed);
}

static bool take(void *context, const struct run_item *item, struct record *record) {
    struct invocation *run = context;
    meter_erase(&run->meter);
    bool ret = results_take(&run->results, item, record);
    tick(run);
    return ret;
}

// If nobody reads the report any more, the run ends, unless it has other results.
static enum pace pace(void *context) {
    const struct invocation *run = context;
    bool has_purpose = run->options->bisect || run->options->update_baseline;
    if (!has_purpose && reports_are_deserted(&run->results.reports))
        return PACE_STOP;
    return run->options->fail_fast && run->results.failed > 0 ? PACE_FINISH : PACE_ON;
}

static bool hold(void *context, const struct run_item *item, const struct held *held) {
    struct invocation *run = context;
    meter_erase(&run->meter);
    return attend_hold(&run->carry.attend, item, held);
}

// Standard error, too, may be a pipe that nobody empties.
static void warn_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void warn_of(const char *format, ...) {
    FILE *out = outlet_open(STDERR_FILENO, false);
    va_list args;
    if (!out)
        return;
    va_start(args, format);
    fputs("goneaway: warning: ", out);
    vfprintf(out, format, args);
    fputs("\n", out);
    fclose(out);
    va_end(args);
}

static void warn(void *context, const struct run_item *item, const char *what) {
    struct invocation *run = context;
    meter_erase(&run->meter);
    warn_of("%s: %s", item->plan->id, what);
}

// ---- cases that are skipped --------------------------------------------------------------------

static void skip_items(struct invocation *run) {
    const struct carry *carry = &run->carry;
    for (size_t i = carry->skipped_count; i-- > 0;) {
        const struct run_item *item = &carry->cases.items[carry->cases.count + i];
        cleanup_free char *why = carry_why_not(carry, item);
        results_skip(&run->results, item, why);
    }
}

// Reports what --fail-fast left out. A run stopped by a signal says so as a whole.
static void skip_rest(struct invocation *run) {
    const struct cases *cases = &run->carry.cases;
    for (size_t i = 0; i < cases->count; i++)
        if (!cases->items[i].taken)
            results_skip(&run->results, &cases->items[i],
                         "not run after the first case that did not pass (--fail-fast)");
}

// ---- the run -----------------------------------------------------------------------------------

// No more jobs than cases, nor than fit into memory: if the kernel killed servers for want of it,
// sound cases would be broken.
static int choose_jobs(const struct carry *carry) {
    const struct cases *cases = &carry->cases;
    int asked = carry->options->jobs;
    if (asked == 0)
        asked = items_jobs(cases->items, cases->count, room_processors());
    int wanted = (size_t)asked < cases->count ? asked : (int)cases->count;
    int64_t available = room_memory("/proc/meminfo");
    int jobs = watch_fitting(wanted, available);
    if (jobs < wanted)
        warn_of("%d jobs instead of %d: a job may take %d MiB of memory, and %lld MiB are "
                "available",
                jobs, wanted, WATCH_WORKER_MIB, (long long)(available >> 20));
    return jobs < wanted ? jobs : asked;
}

static struct report_server *list_servers(const struct lineup *lineup) {
    struct report_server *servers = xcalloc(lineup->server_count + 1, sizeof *servers);
    for (size_t i = 0; i < lineup->server_count; i++)
        servers[i] =
            (struct report_server){.name = lineup->servers[i]->name,
                                   .version = lineup->servers[i]->version,
                                   .package = lineup->servers[i]->package,
                                   .measured_package = server_measured_package(lineup->servers[i])};
    return servers;
}

// Tries once more what was not as expected, now that nothing else is running: one at a time, unless
// there are so many that the machine is not to blame.
static int carry_out_retries(struct invocation *run, const struct dispatch_options *options,
                             struct err *err) {
    enum { FEW = 8 };
    size_t count;
    cleanup_free struct run_item *items = retries_list(&run->results.retries, &count);
    struct dispatch_options again = *options;
    if (count == 0)
        return 0;
    if (count <= FEW)
        again.jobs = 1;
    return carry_out_again(&run->carry, items, count, &again, err);
}

// All cases, and once more those that were not as expected.
static int carry_out_cases(struct invocation *run, struct err *err) {
    const struct options *options = run->options;
    const struct dispatch_options how = {.jobs = run->jobs,
                                         .overheard = true,
                                         .exhibited = options->bundle != NULL,
                                         .shuffle = options->shuffle,
                                         .result = take,
                                         .pace = pace,
                                         .tick = tick,
                                         .hold = hold,
                                         .warn = warn,
                                         .context = run,
                                         .used_ms = &run->results.summary.used_ms};
    int ret = carry_out(&run->carry, &how, err);
    for (int i = 0; i < options->retries && ret == 0 && pace(run) == PACE_ON; i++)
        ret = carry_out_retries(run, &how, err);
    return ret;
}

static int run_reported(struct invocation *run, struct err *err) {
    struct carry *carry = &run->carry;
    struct utsname host;
    uname(&host);
    json_auto_t *needs = machine_needs_json(&carry->machine);
    json_auto_t *probes = machine_probes_json(&carry->machine);
    run->jobs = choose_jobs(carry);
    cleanup_free struct report_server *servers = list_servers(&carry->lineup);
    struct report_run begin = {.planned = (int)carry->cases.count,
                               .version = goneaway_version,
                               .kernel = host.release,
                               .machine = host.machine,
                               .jobs = run->jobs,
                               .needs = needs,
                               .probes = probes,
                               .netem = netem_name(carry->machine.needs[NEED_NETEM].netem),
                               .shard = carry->cases.shard,
                               .server_count = carry->lineup.server_count,
                               .servers = servers};
    cleanup_free char *list = rerun_listing(run->options, "run");
    begin.list = list;
    begin.verbosity = run->options->verbosity;
    begin.timeline = run->options->timeline;
    // whoever is to enter the world of a case must see which case it is
    if ((options_keep(run->options) || run->options->timeline) && begin.verbosity == 0)
        begin.verbosity = 1;
    double began = clock_ms();
    reports_begin(&run->results.reports, &begin);
    carry_set_apart(carry);
    if (begin.verbosity >= 0)
        meter_open(&run->meter, &run->results.reports);
    int ret = carry_out_cases(run, err);
    results_give_up_retries(&run->results);
    meter_close(&run->meter);
    if (ret == 0 && pace(run) == PACE_FINISH)
        skip_rest(run);
    skip_items(run); // by now all connectors have their names
    run->results.summary.ms = clock_ms() - began;
    run->results.summary.used_ms += clock_used_ms();
    run->results.summary.interrupted = ret != 0;
    reports_end(&run->results.reports, &run->results.summary);
    bundles_tell(&run->results.bundles);
    return ret;
}

// What was seen becomes the baseline; or it was judged by one.
static int end_baseline(const struct invocation *run, struct err *err) {
    return run->options->update_baseline ? recording_write(&run->recording, run->options, err)
                                         : judges_check_use(&run->judges, run->options, err);
}

static int run_all(struct invocation *run, struct err *err) {
    const struct carry *carry = &run->carry;
    if (carry_begin(&run->carry, err) < 0)
        return -1;
    int ret = run_reported(run, err);
    struct err lost = {0};
    if (ret >= 0 &&
        last_failed_save(&run->results.last_failed, carry->lineup.images.cache.folder, run->options,
                         carry->cases.items, carry->cases.count, &lost) < 0)
        warn_of("--last-failed will not know what did not pass now: %s", lost.what);
    lost = (struct err){0};
    bool closed = reports_close(&run->results.reports, &lost) == 0;
    if (!closed && !lost.unread) {
        *err = lost;
        ret = -1;
    }
    carry_end(&run->carry);
    if (run->results.bundles.lost && ret >= 0) {
        *err = run->results.bundles.err;
        ret = -1;
    }
    if (ret == 0 && !run->results.summary.interrupted && end_baseline(run, err) < 0)
        ret = -1;
    bool forbidden = run->carry.machine.requires_operations && run->results.lacks_operations;
    const struct report_summary *summary = &run->results.summary;
    if (ret < 0)
        return -1;
    if (!closed) {
        *err = lost;
        return -1;
    }
    return run->options->bisect ? verdict_bisect_status(summary->counts)
                                : report_exit_status(summary, forbidden, run->options->strict);
}

static void warn_of_names(const struct scenario *scenario, const struct images *images) {
    const struct warnings *warnings = scenario->warnings;
    size_t before = warnings->count;
    struct err err;
    if (known_check(scenario, images, &err) < 0)
        fprintf(stderr, "goneaway: warning: %s\n", err.what);
    for (size_t i = before; i < warnings->count; i++)
        fprintf(stderr, "goneaway: %s\n", warnings->texts[i]);
}

// A misspelt name makes a row, or a whole scenario, that applies to nobody.
static void warn_of_unknown(const struct invocation *run) {
    const struct catalog *catalog = &run->carry.catalog;
    for (size_t i = 0; i < catalog->count; i++)
        if (selection_has_chosen(&catalog->items[i]))
            warn_of_names(catalog->items[i].scenario, &run->carry.lineup.images);
}

static int nothing_status(const struct options *options) {
    return options->bisect ? STATUS_UNTESTED : STATUS_NOTHING;
}

static int select_scenarios(struct invocation *run, struct err *err) {
    const struct options *options = run->options;
    struct carry *carry = &run->carry;
    int ret = 1;
    if (options->last_failed)
        ret = last_failed_select(&run->results.last_failed, &carry->catalog, carry->home,
                                 carry->lineup.images.cache.folder, options, err);
    else if (catalog_select(&carry->catalog, carry->home, options->argument_count,
                            options->arguments, err) < 0)
        ret = -1;
    cases_narrow(&carry->catalog, options);
    return ret;
}

// What is only written at the end is refused at the beginning, as far as that can be seen.
static int check_outputs(const struct options *options, struct err *err) {
    if (options->bundle && file_check_place(options->bundle, err) < 0)
        return err_context(err, "--bundle");
    if (options->update_baseline && options->baseline &&
        file_check_place(options->baseline, err) < 0)
        return err_context(err, "--update-baseline");
    return 0;
}

static int open_session(struct invocation *run, struct err *err) {
    const struct options *options = run->options;
    struct carry *carry = &run->carry;
    if (check_outputs(options, err) < 0 || carry_open(carry, options, err) < 0 ||
        programs_check(options, err) < 0 ||
        judges_open(&run->judges, carry->home, options, err) < 0 ||
        cases_check_transports(options->transports, err) < 0 || carry_choose(carry, err) < 0)
        return -1;
    if (options->update_baseline)
        run->recording.shelf = run->judges.own;
    run->results = (struct results){.options = options,
                                    .catalog = &carry->catalog,
                                    .home = carry->home,
                                    .images = &carry->lineup.images,
                                    .judges = &run->judges,
                                    .recording = &run->recording,
                                    .retries.most = options->retries};
    return 0;
}

static int run_session(struct invocation *run, struct err *err) {
    const struct options *options = run->options;
    struct carry *carry = &run->carry;
    struct cases *cases = &carry->cases;
    if (open_session(run, err) < 0)
        return -1;
    int some = select_scenarios(run, err);
    if (some <= 0)
        return some < 0 ? -1 : nothing_status(options);
    if (results_open(&run->results, err) < 0)
        return -1;
    lineup_drop_unused(&carry->lineup, &carry->catalog, options);
    if (carry_prepare(carry, err) < 0)
        return -1;
    warn_of_unknown(run);
    if (cases_add(cases, carry->home, &carry->catalog, &carry->lineup, options,
                  &run->results.last_failed, err) < 0 ||
        recording_check_cases(&run->recording, options, cases->items, cases->count, err) < 0)
        return -1;
    if (cases->count == 0) {
        cases_tell_none(cases);
        if (cases->shard.cases == 0)
            return nothing_status(options);
    }
    return carry_equip(carry, err) < 0 ? -1 : run_all(run, err);
}

int command_run(const struct options *options, struct err *err) {
    struct invocation run = {.options = options};
    struct err ignored;
    int ret = run_session(&run, err);
    if (ret < 0 || run.results.summary.counts[VERDICT_BROKEN] > 0)
        carry_doubt_machine(&run.carry);
    last_failed_release(&run.results.last_failed);
    bundles_release(&run.results.bundles);
    retries_release(&run.results.retries);
    reports_close(&run.results.reports, &ignored); // of a run that did not come to its end
    recording_release(&run.recording);
    judges_close(&run.judges);
    carry_release(&run.carry);
    return ret;
}
