// SPDX-License-Identifier: Apache-2.0
// saved.c - reads a case from a json report, so that it can be reported again
#include "report/saved.h"

#include <string.h>

// A text that may be null or missing, which yields NULL.
static int read_optional(const json_t *line, const char *key, const char **ret, struct err *err) {
    const json_t *value = json_object_get(line, key);
    *ret = json_string_value(value);
    return !value || json_is_null(value) || *ret ? 0 : err_set(err, "%s: is not text", key);
}

static int read_needed(const json_t *line, const char *key, const char **ret, struct err *err) {
    if (read_optional(line, key, ret, err) < 0)
        return -1;
    return *ret ? 0 : err_set(err, "%s is missing", key);
}

static int read_transport(const json_t *line, enum transport *ret, struct err *err) {
    const char *name;
    if (read_needed(line, "transport", &name, err) < 0)
        return -1;
    for (int i = 0; i < TRANSPORT_COUNT; i++)
        if (strcmp(transport_words[i].name, name) == 0) {
            *ret = (enum transport)i;
            return 0;
        }
    return err_set(err, "there is no transport '%s'", name);
}

static int read_verdict(struct saved *saved, const json_t *line, struct err *err) {
    const char *name, *why;
    if (read_needed(line, "verdict", &name, err) < 0 || read_needed(line, "why", &why, err) < 0)
        return -1;
    int kind = 0;
    while (kind < VERDICT_COUNT && strcmp(verdict_names[kind], name) != 0)
        kind++;
    if (kind == VERDICT_COUNT)
        return err_set(err, "there is no verdict '%s'", name);
    const char *promise = json_string_value(json_object_get(line, "promise"));
    int state = PROMISE_STATES - 1;
    while (state > 0 && (!promise || strcmp(promise_state_names[state], promise) != 0))
        state--; // to PROMISE_NONE: older reports lack it
    const char *judge = json_string_value(json_object_get(line, "judged_by"));
    int by = JUDGES - 1;
    while (by > 0 && (!judge || strcmp(judge_names[by], judge) != 0))
        by--;
    const char *note = json_string_value(json_object_get(line, "note"));
    const char *lender = json_string_value(json_object_get(line, "lender"));
    const json_t *decided = json_object_get(line, "decided");
    json_int_t step = json_is_integer(decided) ? json_integer_value(decided) : -1;
    bool exists = step >= 0 && step < (json_int_t)saved->record->step_count;
    saved->verdict = (struct verdict){.kind = (enum verdict_kind)kind,
                                      .why = xstrdup(why),
                                      .row = &saved->row,
                                      .promise = (enum promise_state)state,
                                      .judged_by = (enum judge)by,
                                      .borrowed = json_is_true(json_object_get(line, "borrowed")),
                                      .tolerated = json_is_true(json_object_get(line, "tolerated")),
                                      .note = xstrdup(note),
                                      .lender = xstrdup(lender),
                                      .step = exists ? (int)step : -1};
    return 0;
}

// A bound that is missing or impossible counts as none.
static int64_t read_bound(const json_t *step, const char *key) {
    const json_t *bound = json_object_get(json_object_get(step, "within"), key);
    return json_is_integer(bound) && json_integer_value(bound) >= 0 ? json_integer_value(bound)
                                                                    : -1;
}

// Reads what each step was expected to end with. Of several steps with one id, the first decides.
static int read_expected(struct saved *saved, const json_t *line, struct err *err) {
    size_t i;
    json_t *steps = json_object_get(line, "steps"), *step;
    size_t count = json_array_size(steps);
    struct plan_row *row = &saved->row;
    row->ids = xcalloc(count + 1, sizeof *row->ids);
    row->expectations = xcalloc(count + 1, sizeof *row->expectations);
    saved->expectations = xcalloc(count + 1, sizeof *saved->expectations);
    json_array_foreach(steps, i, step) {
        const char *id, *expected;
        if (read_optional(step, "id", &id, err) < 0 ||
            read_optional(step, "expected", &expected, err) < 0)
            return err_context(err, "steps[%zu]", i);
        if (!id || !expected || plan_find_expectation(row, id))
            continue;
        saved->expectations[row->count] = (struct expectation){
            .text = expected, .within = {read_bound(step, "min"), read_bound(step, "max")}};
        row->expectations[row->count] = &saved->expectations[row->count];
        row->ids[row->count++] = id;
    }
    return 0;
}

static int read_numbers(struct saved *saved, const json_t *line, struct err *err) {
    enum { MOST_REPEATS = 1000000 };
    json_int_t repeat = json_integer_value(json_object_get(line, "repeat"));
    if (repeat < 0 || repeat > MOST_REPEATS)
        return err_set(err, "repeat: is out of range");
    if (!(saved->record->ms >= 0 && saved->record->boot_ms >= 0))
        return err_set(err, "ms: is negative");
    saved->result.repeat = (int)repeat;
    saved->result.allowed = json_is_true(json_object_get(line, "allowed"));
    if (json_is_array(json_object_get(line, "attempts")))
        saved->result.attempts = json_object_get(line, "attempts");
    saved->plan.imposed_ms = json_integer_value(json_object_get(line, "imposed_ms"));
    saved->plan.control = json_is_true(json_object_get(line, "control"));
    return 0;
}

static int read_plan(struct saved *saved, const json_t *line, struct err *err) {
    struct scenario *scenario = &saved->scenario;
    struct plan_case *plan = &saved->plan;
    plan->scenario = scenario;
    if (read_needed(line, "id", &plan->id, err) < 0 ||
        read_needed(line, "scenario", &scenario->name, err) < 0 ||
        read_needed(line, "variant", &plan->variant, err) < 0 ||
        read_transport(line, &plan->transport, err) < 0 ||
        read_optional(line, "title", &scenario->title, err) < 0 ||
        read_optional(line, "cause", &scenario->cause, err) < 0)
        return -1;
    return read_optional(line, "file", &scenario->file, err);
}

int saved_read(struct saved *saved, const json_t *line, struct err *err) {
    *saved = (struct saved){0};
    if (read_plan(saved, line, err) < 0 ||
        read_optional(line, "path", &saved->result.path, err) < 0 ||
        read_optional(line, "rerun", &saved->result.rerun, err) < 0)
        return -1;
    saved->record = record_from_json(line, err);
    if (!saved->record || read_verdict(saved, line, err) < 0 ||
        read_expected(saved, line, err) < 0 || read_numbers(saved, line, err) < 0)
        return -1;
    saved->result.plan = &saved->plan;
    saved->result.record = saved->record;
    saved->result.verdict = &saved->verdict;
    return 0;
}

void saved_release(struct saved *saved) {
    record_free(saved->record);
    verdict_release(&saved->verdict);
    free(saved->expectations);
    free(saved->row.expectations);
    free(saved->row.ids);
    *saved = (struct saved){0};
}
