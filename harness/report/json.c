// SPDX-License-Identifier: Apache-2.0
// json.c - the json report: one object per line, for programs; fixtures/schemas/report.schema.json
//
// A case is its record as from record_to_json(), plus expectations and the verdict.
#include "report/attempts.h"
#include "report/detail.h"
#include "report/ending.h"

#include "base/utf8.h"
#include "plan/codes.h"

#include <math.h>

enum { SCHEMA_VERSION = 1 };

static void *json_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    return file;
}

static void json_close(void *state) {
    (void)state;
}

// 15 digits, so that 41.2 is written as 41.2. Takes the reference.
static void write_line(FILE *file, json_t *line) {
    detail_json(file, line, JSON_COMPACT | JSON_REAL_PRECISION(15));
    fputc('\n', file);
    json_decref(line);
}

static json_t *tenths(double ms) {
    return json_real(isfinite(ms) ? round(ms * 10) / 10 : 0);
}

static json_t *servers_json(const struct report_run *run) {
    json_t *servers = json_array();
    for (size_t i = 0; i < run->server_count; i++) {
        const struct report_server *server = &run->servers[i];
        json_array_append_new(
            servers,
            json_pack("{s:o, s:o, s:o, s:o}", "name", utf8_json(server->name), "version",
                      utf8_json(server->version), "package", utf8_json(server->package), "measured",
                      server->measured_package ? utf8_json(server->measured_package)
                                               : json_null()));
    }
    return servers;
}

static void json_begin(void *state, const struct report_run *run) {
    json_t *needs = run->needs ? json_deep_copy(run->needs) : json_object();
    const struct report_shard *shard = &run->shard;
    json_t *probes = run->probes ? json_deep_copy(run->probes) : json_object();
    json_t *line = json_pack("{s:s, s:i, s:o, s:{s:o, s:o, s:o}, s:o, s:o, s:i, s:i}", "type",
                             "run", "schema", SCHEMA_VERSION, "version", utf8_json(run->version),
                             "host", "kernel", utf8_json(run->kernel), "machine",
                             utf8_json(run->machine), "netem", utf8_json(run->netem), "needs",
                             needs, "probes", probes, "jobs", run->jobs, "planned", run->planned);
    json_object_set_new(line, "servers", servers_json(run));
    if (shard->count > 0)
        json_object_set_new(line, "shard",
                            json_pack("{s:i, s:i, s:i, s:s}", "index", shard->index, "count",
                                      shard->count, "cases", shard->cases, "choice",
                                      shard->choice));
    write_line(state, line);
}

// How long a step may take by its row; NULL: the row does not say. New reference.
static json_t *within_json(const struct verdict *verdict, const struct record_step *step) {
    const struct expectation *expected = plan_find_expectation(verdict->row, step->id);
    if (!expected || (expected->within.min_ms < 0 && expected->within.max_ms < 0))
        return NULL;
    json_t *within = json_object();
    if (expected->within.min_ms >= 0)
        json_object_set_new(within, "min", json_integer(expected->within.min_ms));
    if (expected->within.max_ms >= 0)
        json_object_set_new(within, "max", json_integer(expected->within.max_ms));
    return within;
}

// Completes the record's steps: rounds times, adds the code's symbol and the expectation.
static void complete_steps(json_t *steps, const struct report_case *result) {
    for (size_t i = 0; i < result->record->step_count; i++) {
        const struct record_step *step = &result->record->steps[i];
        const struct code *code = code_by_number(step->error);
        json_t *line = json_array_get(steps, i);
        json_object_set_new(line, "ms", tenths(step->ms));
        if (code)
            json_object_set_new(line, "symbol", json_string(code->symbol));
        json_object_set_new(line, "expected", utf8_json(verdict_expected(result->verdict, step)));
        json_t *within = within_json(result->verdict, step);
        if (within)
            json_object_set_new(line, "within", within);
    }
}

json_t *report_case_json(const struct report_case *result) {
    const struct plan_case *plan = result->plan;
    const struct scenario *scenario = plan->scenario;
    json_auto_t *seen = record_to_json(result->record);
    json_t *steps = json_object_get(seen, "steps");
    complete_steps(steps, result);
    json_t *line = json_pack(
        "{s:s, s:o, s:o, s:o, s:s, s:O, s:O, s:s, s:o, s:o, s:o, s:O, s:O, s:O}", "type", "case",
        "id", utf8_json(plan->id), "scenario", utf8_json(scenario->name), "variant",
        utf8_json(plan->variant), "transport", transport_words[plan->transport].name, "server",
        json_object_get(seen, "server"), "connector", json_object_get(seen, "connector"), "verdict",
        verdict_names[result->verdict->kind], "why",
        utf8_json(result->verdict->why ? result->verdict->why : ""), "ms",
        tenths(result->record->ms), "boot_ms", tenths(result->record->boot_ms), "faults",
        json_object_get(seen, "faults"), "evidence", json_object_get(seen, "evidence"), "steps",
        steps);
    json_object_set_new(line, "promise",
                        json_string(promise_state_names[result->verdict->promise]));
    json_object_set_new(line, "judged_by", json_string(judge_names[result->verdict->judged_by]));
    json_object_set_new(line, "borrowed", json_boolean(result->verdict->borrowed));
    if (result->verdict->lender)
        json_object_set_new(line, "lender", utf8_json(result->verdict->lender));
    if (result->verdict->note)
        json_object_set_new(line, "note", utf8_json(result->verdict->note));
    if (result->verdict->tolerated)
        json_object_set_new(line, "tolerated", json_true());
    static const char *const timeline[] = {"began_at_ms", "wire",     "wire_left_out",
                                           "blind",       "sessions", "proxy"};
    for (size_t i = 0; i < COUNT_OF(timeline); i++)
        if (json_object_get(seen, timeline[i]))
            json_object_set(line, timeline[i], json_object_get(seen, timeline[i]));
    cleanup_free char *ending = ending_tell(plan, result->record);
    if (ending)
        json_object_set_new(line, "ending", utf8_json(ending));
    json_object_set_new(line, "title", utf8_json(scenario->title));
    json_object_set_new(line, "cause", utf8_json(scenario->cause));
    json_object_set_new(line, "file", utf8_json(scenario->file));
    json_object_set_new(line, "path", utf8_json(detail_path(result)));
    if (result->verdict->step >= 0)
        json_object_set_new(line, "decided", json_integer(result->verdict->step));
    json_object_set_new(line, "imposed_ms", json_integer(plan->imposed_ms));
    json_object_set_new(line, "control", json_boolean(plan->control));
    json_object_set_new(line, "rerun", utf8_json(result->rerun));
    if (result->allowed)
        json_object_set_new(line, "allowed", json_true());
    if (json_array_size(result->attempts) > 0) {
        json_object_set(line, "attempts", (json_t *)result->attempts);
        json_object_set_new(line, "flaky", json_boolean(attempts_are_flaky(result)));
        json_object_set_new(line, "unstable", json_boolean(attempts_differ(result)));
    }
    if (result->repeat > 0)
        json_object_set_new(line, "repeat", json_integer(result->repeat));
    if (result->record->broken)
        json_object_set_new(line, "broken", utf8_json(result->record->broken));
    if (result->record->skip)
        json_object_set_new(line, "skip", utf8_json(result->record->skip));
    if (result->record->lacks)
        json_object_set_new(line, "lacks", utf8_json(result->record->lacks));
    if (result->record->said_count > 0)
        json_object_set(line, "said", json_object_get(seen, "said"));
    return line;
}

static void json_case(void *state, const struct report_case *result) {
    write_line(state, report_case_json(result));
}

static json_t *loans_json(const struct report_summary *summary) {
    json_t *loans = json_array();
    for (int i = 0; i < summary->loan_count; i++) {
        const struct report_loan *loan = &summary->loans[i];
        json_array_append_new(loans,
                              json_pack("{s:o, s:o, s:i}", "server", utf8_json(loan->server),
                                        "lender", utf8_json(loan->lender), "cases", loan->cases));
    }
    return loans;
}

static void json_end(void *state, const struct report_summary *summary) {
    json_t *line = json_pack("{s:s}", "type", "summary");
    for (int i = 0; i < VERDICT_COUNT; i++)
        json_object_set_new(line, verdict_names[i], json_integer(summary->counts[i]));
    json_t *promises = json_object();
    for (int i = 0; i < summary->kept_count; i++)
        json_object_set_new(promises, summary->kept[i].connector,
                            json_pack("{s:i, s:i}", "kept", summary->kept[i].kept, "promised",
                                      summary->kept[i].promised));
    json_object_set_new(line, "promises", promises);
    json_object_set_new(line, "tolerated", json_integer(summary->tolerated));
    json_object_set_new(line, "borrowed", json_integer(summary->borrowed));
    if (summary->loan_count > 0)
        json_object_set_new(line, "loans", loans_json(summary));
    json_object_set_new(line, "flaky", json_integer(summary->flaky));
    json_object_set_new(line, "unstable", json_integer(summary->unstable));
    json_object_set_new(line, "ms", tenths(summary->ms));
    json_object_set_new(line, "used_ms", tenths(summary->used_ms));
    json_object_set_new(line, "interrupted", json_boolean(summary->interrupted));
    write_line(state, line);
}

const struct report_format report_json = {
    .name = "json",
    .doc = "one JSON object a line: the run, each case with all its steps, a summary",
    .open = json_open,
    .begin = json_begin,
    .add_case = json_case,
    .end = json_end,
    .close = json_close,
};
