// SPDX-License-Identifier: Apache-2.0
// run.c - `goneaway run`, from its arguments to its exit status
//
//     cases.c     which cases, on which server and connector
//     carry.c     has them carried out
//     results.c   verdicts and reports, with the command of rerun.c
#include "base/clock.h"
#include "base/outlet.h"
#include "batch/carry.h"
#include "batch/programs.h"
#include "batch/progress.h"
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

/** One run from its arguments to its exit status. */
struct session {
    const struct options *options;
    struct carry carry;
    struct judges judges;
    struct recording recording;
    struct results results;
    int jobs;
    struct live live;
};

// ---- reported while it runs --------------------------------------------------------------------

static void tick(void *context) {
    struct session *session = context;
    live_draw(&session->live, session->carry.cases.items, session->carry.cases.count, session->jobs,
              session->results.failed);
}

static bool take(void *context, const struct run_item *item, struct record *record) {
    struct session *session = context;
    live_erase(&session->live);
    bool ret = results_take(&session->results, item, record);
    tick(session);
    return ret;
}

// Of a report that nobody reads any more nothing is left to do, unless there is more to a run.
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
    attend_hold(&session->carry.attend, item, worker);
}

// Standard error may be a pipe that nobody empties, too.
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

static void skip_items(struct session *session) {
    const struct carry *carry = &session->carry;
    for (size_t i = carry->skipped_count; i-- > 0;) {
        const struct run_item *item = &carry->cases.items[carry->cases.count + i];
        cleanup_free char *why = carry_why_not(carry, item);
        results_skip(&session->results, item, why);
    }
}

// What --fail-fast has left out. A run that was cut short by a signal has other reasons, and says
// so as a whole.
static void skip_rest(struct session *session) {
    const struct cases *cases = &session->carry.cases;
    for (size_t i = 0; i < cases->count; i++)
        if (!cases->items[i].taken)
            results_skip(&session->results, &cases->items[i],
                         "not run after the first case that did not pass (--fail-fast)");
}

// ---- the run -----------------------------------------------------------------------------------

// No more jobs than there are cases, nor than the memory holds: servers that the kernel kills for
// want of it would break cases that are all right.
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

static struct report_server *list_servers(const struct chosen *chosen) {
    struct report_server *servers = xcalloc(chosen->server_count + 1, sizeof *servers);
    for (size_t i = 0; i < chosen->server_count; i++)
        servers[i] =
            (struct report_server){.name = chosen->servers[i]->name,
                                   .version = chosen->servers[i]->version,
                                   .package = chosen->servers[i]->package,
                                   .measured_package = server_measured_package(chosen->servers[i])};
    return servers;
}

// One more attempt of what was not as expected, now that nothing else is running. They run one at a
// time, unless there are so many that the machine is not to blame.
static int carry_out_retries(struct session *session, const struct dispatch_options *options,
                             struct err *err) {
    enum { FEW = 8 };
    size_t count;
    cleanup_free struct run_item *items = retries_list(&session->results.retries, &count);
    struct dispatch_options again = *options;
    if (count == 0)
        return 0;
    if (count <= FEW)
        again.jobs = 1;
    return carry_out_again(&session->carry, items, count, &again, err);
}

// All cases, and once more those that were not as expected.
static int carry_out_cases(struct session *session, struct err *err) {
    const struct options *options = session->options;
    const struct dispatch_options how = {.jobs = session->jobs,
                                         .overheard = true,
                                         .exhibited = options->bundle != NULL,
                                         .shuffle = options->shuffle,
                                         .result = take,
                                         .pace = pace,
                                         .tick = tick,
                                         .hold = hold,
                                         .warn = warn,
                                         .context = session,
                                         .used_ms = &session->results.summary.used_ms};
    int ret = carry_out(&session->carry, &how, err);
    for (int i = 0; i < options->retries && ret == 0 && pace(session) == PACE_ON; i++)
        ret = carry_out_retries(session, &how, err);
    return ret;
}

static int run_reported(struct session *session, struct err *err) {
    struct carry *carry = &session->carry;
    struct utsname host;
    uname(&host);
    json_auto_t *needs = machine_needs_json(&carry->machine);
    json_auto_t *probes = machine_probes_json(&carry->machine);
    session->jobs = choose_jobs(carry);
    cleanup_free struct report_server *servers = list_servers(&carry->chosen);
    struct report_run begin = {.planned = (int)carry->cases.count,
                               .version = goneaway_version,
                               .kernel = host.release,
                               .machine = host.machine,
                               .jobs = session->jobs,
                               .needs = needs,
                               .probes = probes,
                               .netem = netem_name(carry->machine.needs[NEED_NETEM].netem),
                               .shard = carry->cases.shard,
                               .server_count = carry->chosen.server_count,
                               .servers = servers};
    cleanup_free char *list = rerun_listing(session->options, "run");
    begin.list = list;
    begin.verbosity = session->options->verbosity;
    begin.timeline = session->options->timeline;
    // who is to enter the world of a case must see what it is
    if ((session->options->keep || session->options->timeline) && begin.verbosity == 0)
        begin.verbosity = 1;
    double began = clock_ms();
    reports_begin(&session->results.reports, &begin);
    carry_set_apart(carry);
    if (begin.verbosity >= 0)
        live_open(&session->live, &session->results.reports);
    int ret = carry_out_cases(session, err);
    results_give_up_retries(&session->results);
    live_close(&session->live);
    if (ret == 0 && pace(session) == PACE_FINISH)
        skip_rest(session);
    skip_items(session); // by now all connectors have their names
    session->results.summary.ms = clock_ms() - began;
    session->results.summary.used_ms += clock_used_ms();
    session->results.summary.interrupted = ret != 0;
    reports_end(&session->results.reports, &session->results.summary);
    bundles_tell(&session->results.bundles);
    return ret;
}

// What was seen becomes the baseline; or it was judged by one.
static int end_baseline(const struct session *session, struct err *err) {
    return session->options->update_baseline
               ? recording_write(&session->recording, session->options, err)
               : judges_check_use(&session->judges, session->options, err);
}

static int run_all(struct session *session, struct err *err) {
    const struct carry *carry = &session->carry;
    if (carry_begin(&session->carry, err) < 0)
        return -1;
    int ret = run_reported(session, err);
    struct err lost = {0};
    if (ret >= 0 && last_save(&session->results.last, carry->chosen.images.cache, session->options,
                              carry->cases.items, carry->cases.count, &lost) < 0)
        warn_of("--last-failed will not know what did not pass now: %s", lost.what);
    lost = (struct err){0};
    bool closed = reports_close(&session->results.reports, &lost) == 0;
    if (!closed && !lost.unread) {
        *err = lost;
        ret = -1;
    }
    carry_end(&session->carry);
    if (session->results.bundles.lost && ret >= 0) {
        *err = session->results.bundles.err;
        ret = -1;
    }
    if (ret == 0 && !session->results.summary.interrupted && end_baseline(session, err) < 0)
        ret = -1;
    bool forbidden =
        session->carry.machine.requires_operations && session->results.lacks_operations;
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

// A slip in a name makes a row, or a whole scenario, that is for nobody.
static void warn_of_unknown(const struct session *session) {
    const struct catalog *catalog = &session->carry.catalog;
    for (size_t i = 0; i < catalog->count; i++)
        if (selection_has_chosen(&catalog->items[i]))
            warn_of_names(catalog->items[i].scenario, &session->carry.chosen.images);
}

static int nothing_status(const struct options *options) {
    return options->bisect ? STATUS_UNTESTED : STATUS_NOTHING;
}

// With --last-failed, what the last run says. 0: it leaves nothing to run.
static int select_last(struct session *session, struct err *err) {
    const struct options *options = session->options;
    struct last *last = &session->results.last;
    const char *cache = session->carry.chosen.images.cache;
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
    if (catalog_select(&session->carry.catalog, session->carry.home, count, arguments, err) < 0)
        return -1;
    last_narrow(last, &session->carry.catalog);
    return 1;
}

static int select_scenarios(struct session *session, struct err *err) {
    const struct options *options = session->options;
    int ret = 1;
    if (options->last_failed)
        ret = select_last(session, err);
    else if (catalog_select(&session->carry.catalog, session->carry.home, options->argument_count,
                            options->arguments, err) < 0)
        ret = -1;
    cases_narrow(&session->carry.catalog, options);
    return ret;
}

static int open_session(struct session *session, struct err *err) {
    const struct options *options = session->options;
    struct carry *carry = &session->carry;
    if (carry_open(carry, options, err) < 0 || programs_check(options, err) < 0 ||
        judges_open(&session->judges, carry->home, options, err) < 0 ||
        cases_check_transports(options->transports, err) < 0 || carry_choose(carry, err) < 0)
        return -1;
    if (options->update_baseline)
        session->recording.shelf = session->judges.own;
    session->results = (struct results){.options = options,
                                        .catalog = &carry->catalog,
                                        .home = carry->home,
                                        .images = &carry->chosen.images,
                                        .judges = &session->judges,
                                        .recording = &session->recording,
                                        .retries.most = options->retries};
    return 0;
}

static int run_session(struct session *session, struct err *err) {
    const struct options *options = session->options;
    struct carry *carry = &session->carry;
    struct cases *cases = &carry->cases;
    if (open_session(session, err) < 0)
        return -1;
    int some = select_scenarios(session, err);
    if (some <= 0)
        return some < 0 ? -1 : nothing_status(options);
    if (results_open(&session->results, err) < 0)
        return -1;
    chosen_drop_unused(&carry->chosen, &carry->catalog, options);
    if (carry_prepare(carry, err) < 0)
        return -1;
    warn_of_unknown(session);
    if (cases_add(cases, carry->home, &carry->catalog, &carry->chosen, options,
                  &session->results.last, err) < 0 ||
        recording_check_cases(&session->recording, options, cases->items, cases->count, err) < 0)
        return -1;
    if (cases->count == 0) {
        cases_tell_none(cases);
        if (cases->shard.cases == 0)
            return nothing_status(options);
    }
    return carry_equip(carry, err) < 0 ? -1 : run_all(session, err);
}

int command_run(const struct options *options, struct err *err) {
    struct session session = {.options = options};
    struct err ignored;
    int ret = run_session(&session, err);
    if (ret < 0 || session.results.summary.counts[VERDICT_BROKEN] > 0)
        carry_doubt_machine(&session.carry);
    last_release(&session.results.last);
    bundles_release(&session.results.bundles);
    retries_release(&session.results.retries);
    reports_close(&session.results.reports, &ignored); // of a run that did not come to its end
    recording_release(&session.recording);
    judges_close(&session.judges);
    carry_release(&session.carry);
    return ret;
}
