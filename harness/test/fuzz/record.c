// SPDX-License-Identifier: Apache-2.0
// record.c - whatever a record says, it can be judged and reported
//
// The input is JSON: {"record": as record_to_json() writes it, "outcomes": [rows of a scenario],
// "fires": of its fault, "wire": {..}, "time_scale": 1}. So expectations vary as much as
// observations.
#include "base/utf8.h"
#include "report/report.h"
#include "test/fuzz/fuzz.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <math.h>
#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.% <>=-"

static json_t *input;
static json_error_t at;

// JSON is YAML, but the language does not accept durations, codes or conditions in quotes.
static bool is_plain(const char *text) {
    static const char *const words[] = {"null", "true", "false"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(text, words[i]) == 0)
            return false;
    return isalnum((unsigned char)*text) && strspn(text, PLAIN) == strlen(text);
}

static void add_value(struct text *out, const json_t *value) {
    size_t i;
    const char *key;
    json_t *item;
    if (json_is_array(value)) {
        json_array_foreach((json_t *)value, i, item) {
            text_add(out, i ? ", " : "[");
            add_value(out, item);
        }
        text_add(out, i ? "]" : "[]");
    } else if (json_is_object(value)) {
        text_add(out, "{");
        json_object_foreach((json_t *)value, key, item) {
            text_printf(out, "%s: ", is_plain(key) ? key : "other");
            add_value(out, item);
            text_add(out, ", ");
        }
        text_add(out, "}");
    } else if (json_is_string(value) && is_plain(json_string_value(value))) {
        text_add(out, json_string_value(value));
    } else {
        cleanup_free char *text = json_dumps(value, JSON_ENCODE_ANY);
        text_add(out, text);
    }
}

// "KEY: the input's value", followed by `end`; nothing if the input has no value.
static void add_member(struct text *out, const char *key, const char *end) {
    const json_t *value = json_object_get(input, key);
    if (!value)
        return;
    text_printf(out, "%s: ", key);
    add_value(out, value);
    text_add(out, end);
}

// What is refused here is tested by the scenario target.
static struct scenario *make_scenario(void) {
    struct err refused;
    cleanup_text struct text text = {0};
    text_add(&text, "goneaway: 1\ntitle: T\ncause: killed\nsource: none\ntransport: [tcp]\n");
    add_member(&text, "wire", "\n");
    text_add(&text, "steps:\n  - app: connect\n  - fault: {id: axe, kill: app, ");
    add_member(&text, "fires", "");
    text_add(&text, "}\n  - {id: q, app: {query: SELECT 1}}\n  - {id: again, app: connect}\n");
    add_member(&text, "outcomes", "\n");
    return scenario_parse("f.yml", text_get(&text), text.length, &refused);
}

static double time_scale(void) {
    double scale = json_number_value(json_object_get(input, "time_scale"));
    return isfinite(scale) && scale >= 1 ? scale : 1;
}

// ---- reports -----------------------------------------------------------------------------------

static void check_json(const char *report, const struct record *record) {
    struct err err = {0};
    json_auto_t *line = json_loads(report, JSON_DISABLE_EOF_CHECK, &at); // the summary follows
    fuzz_require(line != NULL, "a line of the json report is JSON", at.text);
    struct record *again = record_from_json(line, &err);
    fuzz_require(again != NULL, "a line of the json report can be read as a record", err.what);
    fuzz_require(again->step_count == record->step_count, "it has all of the steps", report);
    record_free(again);
}

static void check_junit(const char *report) {
    xmlDocPtr document = xmlReadMemory(report, (int)strlen(report), NULL, NULL,
                                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_HUGE);
    fuzz_require(document != NULL, "the junit report is well-formed", report);
    xmlFreeDoc(document);
}

// Writes the whole report, and finds the start of the case in it; to be freed.
static char *write_report(const struct report_format *format, const struct report_case *result,
                          bool colour, size_t *ret_begin) {
    static const struct report_run run = {
        .planned = 1, .version = "0", .kernel = "k", .machine = "m", .jobs = 1, .netem = ""};
    struct report_summary summary = {.ms = 1};
    char *report = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&report, &length);
    fuzz_require(file != NULL, "there is room for a report", "");
    void *state = format->open(file, colour, 0);
    format->begin(state, &run);
    fflush(file);
    *ret_begin = length;
    summary.counts[result->verdict->kind] = 1;
    format->add_case(state, result);
    format->end(state, &summary);
    format->close(state);
    fclose(file);
    return report;
}

static void report_in(const struct report_format *format, const struct report_case *result,
                      bool colour) {
    size_t begin;
    cleanup_free char *report = write_report(format, result, colour, &begin);
    if (format == &report_json)
        check_json(report + begin, result->record);
    if (format == &report_junit)
        check_junit(report);
    if (!colour) // colours are escape sequences
        fuzz_require(fuzz_is_harmless(report), "a report is harmless on a terminal", report);
}

static void report(const struct plan_case *plan, const struct record *record,
                   const struct verdict *verdict) {
    struct report_case result = {
        .plan = plan, .record = record, .verdict = verdict, .rerun = "goneaway run f@tcp"};
    for (const struct report_format *const *format = report_formats; *format; format++)
        report_in(*format, &result, false);
    report_in(&report_human, &result, true);
}

// ---- judgement ---------------------------------------------------------------------------------

// The record as main gets it from a worker.
static struct record *pass_on(const struct record *record) {
    struct err err = {0};
    json_auto_t *told = record_to_json(record);
    cleanup_free char *line = json_dumps(told, JSON_COMPACT);
    json_auto_t *read = json_loads(line ? line : "", 0, &at);
    struct record *again = read ? record_from_json(read, &err) : NULL;
    fuzz_require(again != NULL, "a record can be written and read again",
                 read ? err.what : at.text);
    return again;
}

static void judge(const struct plan_case *plan, const struct record *record) {
    struct verdict verdict, again;
    struct record *copy = pass_on(record);
    verdict_of(plan, record, time_scale(), &verdict);
    verdict_of(plan, copy, time_scale(), &again);
    fuzz_require(verdict.kind == again.kind && strcmp(verdict.why, again.why) == 0,
                 "a record passed on is judged alike", verdict.why);
    fuzz_require(record->broken || record->skip ||
                     (verdict.kind == VERDICT_PASS) == (*verdict.why == '\0'),
                 "what is judged has a reason, but for a pass", verdict.why);
    fuzz_require(verdict.kind != VERDICT_PASS || !record->broken, "what is broken does not pass",
                 "");
    report(plan, record, &verdict);
    verdict_release(&verdict);
    verdict_release(&again);
    record_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct err refused;
    input = json_loadb((const char *)data, size, 0, &at);
    const json_t *seen = json_object_get(input, "record");
    struct record *record = seen ? record_from_json(seen, &refused) : NULL;
    struct scenario *scenario = record ? make_scenario() : NULL;
    if (scenario)
        judge(&scenario->cases[0], record);
    scenario_free(scenario);
    record_free(record);
    json_decref(input);
    return 0;
}

FUZZ_JSON
