// SPDX-License-Identifier: Apache-2.0
// results.c - turns the records of a run into verdicts and reports
#include "batch/results.h"

#include "batch/rerun.h"
#include "plan/kind.h"
#include "report/attempts.h"
#include "verdict/verdict.h"

#include <stdlib.h>
#include <string.h>

int results_open(struct results *results, struct err *err) {
    bundles_open(&results->bundles, results->options);
    for (int i = 0; i < results->options->report_count; i++)
        if (reports_add(&results->reports, results->options->reports[i], err) < 0)
            return -1;
    return reports_use_stdout(&results->reports) ? 0 : reports_add(&results->reports, "human", err);
}

// A server or an adapter that does not start may have lost a part of its cache entry.
static void blame_cache(struct results *results, const struct run_item *item,
                        struct record *record) {
    cleanup_free char *damage =
        image_blame(results->images, item->server, item->connector, item->proxy);
    if (!damage)
        return;
    cleanup_free char *seen = record->broken;
    record->broken = xprintf("%s\n%s", damage, seen);
}

static void add_package(struct record *record, const struct server_recipe *server) {
    const char *measured = server_measured_package(server);
    free(record->server_package); // a worker does not know it
    free(record->measured_package);
    record->server_package = xstrdup(server->package);
    record->measured_package = xstrdup(measured);
}

// A connector named by its hello keeps that name in all later records, even of cases that ended
// before the hello.
static void name_by_hello(struct results *results, const struct run_item *item,
                          struct record *record) {
    struct images *images = results->images;
    for (size_t i = 0; i < images->connector_count; i++) {
        struct connector_recipe *connector = &images->connectors[i];
        if (connector != item->connector || !connector->named_by_hello)
            continue;
        if (strcmp(record->connector, connector->name) != 0 && record->family)
            connector->name = arena_printf(images->arena, "%s", record->connector);
        free(record->connector);
        record->connector = xstrdup(connector->name);
    }
}

// The file by which a scenario was named; NULL if it was not.
static const char *file_of(const struct catalog *catalog, const struct scenario *scenario) {
    for (size_t i = 0; i < catalog->count; i++)
        if (catalog->items[i].scenario == scenario && catalog->items[i].by_file)
            return scenario->file;
    return NULL;
}

// As the exit status counts it.
static bool has_failed(const struct report_case *result, bool strict) {
    const struct verdict *verdict = result->verdict;
    return (verdict_is_trouble(verdict->kind) && !result->allowed) ||
           (strict && (verdict->kind == VERDICT_UNMEASURED || verdict->tolerated ||
                       attempts_are_flaky(result)));
}

// Whether a deviation is from outcomes measured with another version of the server or the
// connector. A violated promise, or a broken case, is wrong with any version.
static bool is_allowed(const struct options *options, const struct record *record,
                       const struct verdict *verdict) {
    bool by_outcomes = verdict->judged_by == JUDGE_ROW || verdict->judged_by == JUDGE_MEASURED ||
                       verdict->judged_by == JUDGE_BASELINE;
    return options->allow_borrowed && by_outcomes &&
           (verdict->borrowed || record->measured_package) && verdict_is_trouble(verdict->kind) &&
           verdict->kind != VERDICT_BROKEN && verdict->kind != VERDICT_UNSOUND;
}

static void add_attempts(struct verdict *verdict, const struct report_case *result) {
    cleanup_free char *line = attempts_line(result);
    if (!line)
        return;
    char *before = verdict->note;
    verdict->note = xprintf("%s%s%s", line, before ? "; " : "", before ? before : "");
    free(before);
}

// How a call is cancelled is the language's own; C and others have nothing of the kind.
static bool cancels(const struct plan_case *plan) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kind == STEP_APP && app_verb_of(&plan->steps[i])->beside)
            return true;
    return false;
}

bool results_take(struct results *results, const struct run_item *item, struct record *record) {
    double time_scale = results->options->time_scale;
    struct verdict verdict;
    add_package(record, item->server);
    name_by_hello(results, item, record);
    if (record->broken)
        blame_cache(results, item, record);
    cleanup_free char *rerun = rerun_command(item, results->catalog, results->options);
    cleanup_free char *path = catalog_relative(results->home, item->plan->scenario->file);
    judges_decide(results->judges, item->plan, record, time_scale, &verdict);
    recording_add(results->recording, item->plan, record, time_scale, &verdict);
    struct report_case result = {.plan = item->plan,
                                 .record = record,
                                 .verdict = &verdict,
                                 .rerun = rerun,
                                 .repeat = item->repeat,
                                 .path = path,
                                 .allowed = is_allowed(results->options, record, &verdict)};
    bundles_take(&results->bundles, results->images, item, &result);
    if (verdict_is_trouble(verdict.kind) && retries_keep(&results->retries, item, &result)) {
        verdict_release(&verdict);
        return false;
    }
    retries_end(&results->retries, item, &result);
    add_attempts(&verdict, &result);
    record_shorten_log(record);
    if (!verdict_is_trouble(verdict.kind) && !options_show_traffic(results->options))
        record_forget_events(record);
    report_count(&results->summary, &result);
    reports_case(&results->reports, &result);
    results->lacks_operations |= verdict.of_connector && !cancels(item->plan);
    if (has_failed(&result, results->options->strict)) {
        results->failed++;
        last_failed_add(&results->last_failed, item,
                        file_of(results->catalog, item->plan->scenario));
    }
    bool hold = verdict_is_trouble(verdict.kind)
                    ? results->options->keep || results->options->keep_failed
                    : results->options->keep && verdict.kind != VERDICT_SKIP;
    verdict_release(&verdict);
    return hold;
}

void results_give_up_retries(struct results *results) {
    const struct run_item *item;
    for (struct record *record; (record = retries_give_up(&results->retries, &item));) {
        results_take(results, item, record);
        record_free(record);
    }
}

void results_skip(struct results *results, const struct run_item *item, const char *why) {
    cleanup_record struct record *record = record_new(item->plan->id);
    record->server = xstrdup(item->server->name);
    record->vendor = xstrdup(item->server->vendor);
    record->server_version = xstrdup(item->server->version);
    record->connector = xstrdup(item->connector->name);
    record->connector_version = xstrdup("");
    record->skip = xstrdup(why);
    results_take(results, item, record);
}
