// SPDX-License-Identifier: Apache-2.0
// run.c - `goneaway run`, from its arguments to its exit status
//
//     cases.c     which cases, on which server and connector
//     machine.c   what they need from this machine
//     results.c   verdicts and reports, with the command of rerun.c
//
// run/dispatch.c carries the cases out.
#include "base/clock.h"
#include "base/outlet.h"
#include "batch/attend.h"
#include "batch/cases.h"
#include "batch/machine.h"
#include "batch/programs.h"
#include "batch/progress.h"
#include "batch/rerun.h"
#include "batch/results.h"
#include "catalog/host_places.h"
#include "catalog/known.h"
#include "main/commands.h"
#include "run/dispatch.h"
#include "sandbox/room.h"
#include "verdict/verdict.h"
#include "world/recall.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/** All state of the command. */
struct session {
    const struct options *options;
    struct catalog catalog;
    struct chosen chosen;
    struct places places;
    struct machine machine;
    struct cases cases;
    size_t skipped_count; // cases at the end that this machine cannot run
    struct baselines baselines;
    struct results results;
    struct attend attend;
    int jobs;
    struct live live;
};

// ---- reported while it runs --------------------------------------------------------------------

static void tick(void *context) {
    struct session *session = context;
    live_draw(&session->live, session->cases.items, session->cases.count, session->jobs,
              session->results.failed);
}

static bool take(void *context, const struct run_item *item, struct record *record) {
    struct session *session = context;
    live_erase(&session->live);
    bool ret = results_take(&session->results, item, record);
    tick(session);
    return ret;
}

// If nobody reads the report any more, the run ends, unless it has other results.
static enum pace pace(void *context) {
    const struct session *session = context;
    bool has_purpose = session->options->bisect || session->options->update_baseline;
    if (!has_purpose && reports_are_deserted(&session->results.reports))
        return PACE_STOP;
    return session->options->fail_fast && session->results.failed > 0 ? PACE_FINISH : PACE_ON;
}

static void hold(void *context, const struct run_item *item, pid_t worker) {
    struct session *session = context;
    live_erase(&session->live);
    attend_hold(&session->attend, item, worker);
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
    struct session *session = context;
    live_erase(&session->live);
    warn_of("%s: %s", item->plan->id, what);
}

// ---- cases that are skipped --------------------------------------------------------------------

// Why a case cannot run, to be freed; NULL: it can.
static char *why_skipped(const struct session *session, const struct run_item *item) {
    const char *name = item->connector->name;
    if (item->connector->absent)
        return xprintf("the scenario is for the connector %s, which is not here; --adapter "
                       "%s='CMD' or --connectors DIR adds it",
                       name, name);
    if (item->unfit)
        return xstrdup(item->unfit);
    char *why = machine_why_not(&session->machine, item->plan);
    if (why)
        return why;
    if (item->plan->wire && item->plan->wire->proxy && !item->proxy)
        return xprintf("needs %s", session->cases.missing_proxy_why);
    return NULL;
}

// Moves the cases that this machine cannot run to the end.
static void set_skipped_apart(struct session *session) {
    cleanup_free struct run_item *all = xcalloc(session->cases.count + 1, sizeof *all);
    size_t count = session->cases.count, kept = 0;
    memcpy(all, session->cases.items, count * sizeof *all);
    session->skipped_count = 0;
    for (size_t i = 0; i < count; i++) {
        cleanup_free char *why = why_skipped(session, &all[i]);
        if (why)
            session->cases.items[count - ++session->skipped_count] = all[i];
        else
            session->cases.items[kept++] = all[i];
    }
    session->cases.count = kept;
}

static void skip_items(struct session *session) {
    for (size_t i = session->skipped_count; i-- > 0;) {
        const struct run_item *item = &session->cases.items[session->cases.count + i];
        cleanup_free char *why = why_skipped(session, item);
        results_skip(&session->results, item, why);
    }
}

// Reports what --fail-fast left out. A run stopped by a signal says so as a whole.
static void skip_rest(struct session *session) {
    for (size_t i = 0; i < session->cases.count; i++)
        if (!session->cases.items[i].taken)
            results_skip(&session->results, &session->cases.items[i],
                         "not run after the first case that did not pass (--fail-fast)");
}

// ---- the run -----------------------------------------------------------------------------------

static int choose_images(struct session *session, struct err *err) {
    chosen_drop_unused(&session->chosen, &session->catalog, session->options);
    return chosen_prepare(&session->chosen, stderr, err);
}

// No more jobs than cases, nor than fit into memory: if the kernel killed servers for want of it,
// sound cases would be broken.
static int choose_jobs(const struct session *session) {
    int asked = session->options->jobs
                    ? session->options->jobs
                    : items_jobs(session->cases.items, session->cases.count, room_processors());
    int wanted = (size_t)asked < session->cases.count ? asked : (int)session->cases.count;
    int64_t available = room_memory("/proc/meminfo");
    int jobs = watch_fitting(wanted, available);
    if (jobs < wanted)
        warn_of("%d jobs instead of %d: a job may take %d MiB of memory, and %lld MiB are "
                "available",
                jobs, wanted, WATCH_WORKER_MIB, (long long)(available >> 20));
    return jobs < wanted ? jobs : asked;
}

static struct report_server *list_servers(const struct chosen *chosen) {
    struct report_server *servers = xcalloc(chosen->server_count + 1, sizeof *servers);
    for (size_t i = 0; i < chosen->server_count; i++)
        servers[i] = (struct report_server){.name = chosen->servers[i]->name,
                                            .version = chosen->servers[i]->version,
                                            .package = chosen->servers[i]->package,
                                            .measured = server_measured(chosen->servers[i])};
    return servers;
}

static void tell_bundles(const struct bundles *bundles) {
    if (bundles->count == 1)
        fprintf(stderr, "goneaway: the case is bundled: %s\n", bundles->last);
    else if (bundles->count > 1)
        fprintf(stderr, "goneaway: %zu cases are bundled in %s\n", bundles->count, bundles->folder);
}

// Tries once more what was not as expected, now that nothing else is running: one at a time, unless
// there are so many that the machine is not to blame.
static int dispatch_again(struct session *session, const struct dispatch_options *options,
                          double began_ms, struct err *err) {
    enum { FEW = 8 };
    size_t count;
    cleanup_free struct run_item *items = retries_list(&session->results.retries, &count);
    struct dispatch_options again = *options;
    if (count == 0)
        return 0;
    if (count <= FEW)
        again.jobs = 1;
    if (options->run_timeout_ms > 0) { // one limit covers all attempts
        again.run_timeout_ms -= (int64_t)(clock_ms() - began_ms);
        if (again.run_timeout_ms <= 0)
            return 0;
    }
    return dispatch_items(items, count, &again, err);
}

static int run_reported(struct session *session, struct err *err) {
    struct utsname host;
    uname(&host);
    json_auto_t *needs = machine_needs_json(&session->machine);
    json_auto_t *probes = machine_probes_json(&session->machine);
    struct watch_limits watch = watch_default_limits();
    if (session->options->memory_bytes > 0)
        watch.bytes = session->options->memory_bytes;
    session->machine.limits.most[CGROUP_MEMORY] = watch.bytes;
    session->jobs = choose_jobs(session);
    struct dispatch_options options = {.jobs = session->jobs,
                                       .time_scale = session->options->time_scale,
                                       .overheard = true,
                                       .exhibited = session->options->bundle != NULL,
                                       .shuffle = session->options->shuffle,
                                       .result = take,
                                       .pace = pace,
                                       .tick = tick,
                                       .hold = hold,
                                       .warn = warn,
                                       .case_timeout_ms = session->options->case_timeout_ms,
                                       .run_timeout_ms = session->options->run_timeout_ms,
                                       .watch = watch,
                                       .context = session,
                                       .used_ms = &session->results.summary.used_ms,
                                       .netem = session->machine.needs[NEED_NETEM].netem,
                                       .places = session->places.items,
                                       .cgroups = &session->machine.limits,
                                       .stop_fd = session->attend.fd};
    cleanup_free struct report_server *servers = list_servers(&session->chosen);
    struct report_run begin = {.planned = (int)session->cases.count,
                               .version = goneaway_version,
                               .kernel = host.release,
                               .machine = host.machine,
                               .jobs = options.jobs,
                               .needs = needs,
                               .probes = probes,
                               .netem = netem_name(options.netem),
                               .shard = session->cases.shard,
                               .server_count = session->chosen.server_count,
                               .servers = servers};
    cleanup_free char *list = rerun_listing(session->options, "run");
    begin.list = list;
    begin.verbosity = session->options->verbosity;
    begin.timeline = session->options->timeline;
    // whoever is to enter the world of a case must see which case it is
    if ((session->options->keep || session->options->timeline) && begin.verbosity == 0)
        begin.verbosity = 1;
    double began = clock_ms();
    reports_begin(&session->results.reports, &begin);
    set_skipped_apart(session);
    if (begin.verbosity >= 0)
        live_open(&session->live, &session->results.reports);
    int ret = dispatch_items(session->cases.items, session->cases.count, &options, err);
    for (int i = 0; i < session->options->retries && ret == 0 && pace(session) == PACE_ON; i++)
        ret = dispatch_again(session, &options, began, err);
    results_give_up_retries(&session->results);
    live_close(&session->live);
    if (ret == 0 && pace(session) == PACE_FINISH)
        skip_rest(session);
    skip_items(session); // by now all connectors have their names
    session->results.summary.ms = clock_ms() - began;
    session->results.summary.used_ms += clock_used_ms();
    session->results.summary.interrupted = ret != 0;
    reports_end(&session->results.reports, &session->results.summary);
    tell_bundles(&session->results.bundles);
    return ret;
}

static int run_all(struct session *session, struct err *err) {
    if (attend_open(&session->attend, err) < 0)
        return -1;
    int ret = run_reported(session, err);
    struct err lost = {0};
    if (ret >= 0 &&
        last_save(&session->results.last, session->chosen.images.cache.folder, session->options,
                  session->cases.items, session->cases.count, &lost) < 0)
        warn_of("--last-failed will not know what did not pass now: %s", lost.what);
    lost = (struct err){0};
    bool closed = reports_close(&session->results.reports, &lost) == 0;
    if (!closed && !lost.unread) {
        *err = lost;
        ret = -1;
    }
    limits_close(&session->machine.limits);
    attend_close(&session->attend);
    if (session->results.bundles.lost && ret >= 0) {
        *err = session->results.bundles.err;
        ret = -1;
    }
    if (ret == 0 && !session->results.summary.interrupted &&
        baselines_end(&session->baselines, session->options, err) < 0)
        ret = -1;
    bool forbidden = session->machine.requires_operations && session->results.lacks_operations;
    const struct report_summary *summary = &session->results.summary;
    if (ret < 0)
        return -1;
    if (!closed) {
        *err = lost;
        return -1;
    }
    return session->options->bisect
               ? verdict_bisect_status(summary->counts)
               : report_exit_status(summary, forbidden, session->options->strict);
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
static void warn_of_unknown(const struct session *session) {
    for (size_t i = 0; i < session->catalog.count; i++)
        if (selection_has_chosen(&session->catalog.items[i]))
            warn_of_names(session->catalog.items[i].scenario, &session->chosen.images);
}

// A shard without cases is reported all the same, or `merge` would miss it.
static void tell_nothing(const struct report_shard *shard) {
    if (shard->cases == 0)
        fprintf(stderr, "goneaway: nothing to run: no case is left by the options\n");
    else
        fprintf(stderr, "goneaway: nothing to run in shard %d/%d: there %s only %d case%s\n",
                shard->index, shard->count, shard->cases == 1 ? "is" : "are", shard->cases,
                shard->cases == 1 ? "" : "s");
}

// Cases may be broken because the machine no longer has what an earlier run found, so the next run
// probes again.
static void doubt_needs(const struct session *session, int ret) {
    if (session->chosen.images.cache.folder &&
        (ret < 0 || session->results.summary.counts[VERDICT_BROKEN] > 0))
        recall_forget(session->chosen.images.cache.folder);
}

static int nothing_status(const struct options *options) {
    return options->bisect ? STATUS_UNTESTED : STATUS_NOTHING;
}

// With --last-failed, selects what the last run remembered. 0: nothing is left to run.
static int select_last(struct session *session, const char *home, struct err *err) {
    const struct options *options = session->options;
    struct last *last = &session->results.last;
    const char *cache = session->chosen.images.cache.folder;
    if (last_read(last, cache, err) < 0)
        return -1;
    if (!last->known)
        fprintf(stderr, "goneaway: nothing to run: %s remembers no run\n", cache);
    else if (json_array_size(last->known) == 0)
        fprintf(stderr, "goneaway: nothing to run: the last run had no case that did not pass\n");
    if (!last->known || json_array_size(last->known) == 0)
        return 0;
    int count = options->argument_count;
    char **arguments = count > 0 ? options->arguments : last_arguments(last);
    for (; !options->argument_count && arguments[count]; count++)
        ;
    if (catalog_select(&session->catalog, home, count, arguments, err) < 0)
        return -1;
    last_narrow(last, &session->catalog);
    return 1;
}

static int select_scenarios(struct session *session, const char *home, struct err *err) {
    const struct options *options = session->options;
    int ret = 1;
    if (options->last_failed)
        ret = select_last(session, home, err);
    else if (catalog_select(&session->catalog, home, options->argument_count, options->arguments,
                            err) < 0)
        ret = -1;
    cases_narrow(&session->catalog, options);
    return ret;
}

static int run_session(struct session *session, struct err *err) {
    const struct options *options = session->options;
    struct images *images = &session->chosen.images;
    cleanup_free char *home = catalog_home(err);
    session->results = (struct results){.options = options,
                                        .catalog = &session->catalog,
                                        .home = home,
                                        .images = images,
                                        .baselines = &session->baselines,
                                        .retries.most = options->retries};
    if (!home || programs_check(options, err) < 0 ||
        baselines_open(&session->baselines, home, options, err) < 0 ||
        cases_check_transports(options->transports, err) < 0 ||
        chosen_open(&session->chosen, home, options, err) < 0)
        return -1;
    int some = select_scenarios(session, home, err);
    if (some <= 0)
        return some < 0 ? -1 : nothing_status(options);
    if (results_open(&session->results, err) < 0 ||
        machine_probe(&session->machine, &session->catalog, options, images->cache.folder, err) <
            0 ||
        choose_images(session, err) < 0)
        return -1;
    warn_of_unknown(session);
    if (cases_add(&session->cases, home, &session->catalog, &session->chosen, options,
                  &session->results.last, err) < 0)
        return -1;
    if (baselines_check_cases(&session->baselines, options, session->cases.items,
                              session->cases.count, err) < 0)
        return -1;
    if (session->cases.count == 0) {
        tell_nothing(&session->cases.shard);
        if (session->cases.shard.cases == 0)
            return nothing_status(options);
    }
    if (cases_prepare_proxies(&session->cases, images, err) < 0 ||
        places_open(&session->places, images, options, err) < 0)
        return -1;
    places_show(&session->places, images);
    return run_all(session, err);
}

int command_run(const struct options *options, struct err *err) {
    struct session session = {.options = options};
    struct err ignored;
    int ret = run_session(&session, err);
    doubt_needs(&session, ret);
    last_release(&session.results.last);
    bundles_release(&session.results.bundles);
    retries_release(&session.results.retries);
    reports_close(&session.results.reports, &ignored); // for a run that did not end normally
    machine_release(&session.machine);
    catalog_release(&session.catalog);
    chosen_close(&session.chosen);
    places_release(&session.places);
    cases_release(&session.cases);
    baselines_close(&session.baselines);
    return ret;
}
