// SPDX-License-Identifier: Apache-2.0
// verdict.c - what a record means against its plan
//
// Order of judgement: what could not be carried out (skip, broken set-up, a fault that did not
// fire) comes before any code, because a code seen without the fault proves nothing. Then the
// judged steps in their order; the first that differs decides. Last the evidence from the server's
// side. Where no row says what is right here, only a hang and a crash are wrong.
#include "verdict/verdict.h"

#include "base/pattern.h"
#include "base/status.h"
#include "plan/codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_PASS] = "pass",     [VERDICT_WRONG_CODE] = "wrong-code",
    [VERDICT_FAIL] = "fail",     [VERDICT_HANG] = "hang",
    [VERDICT_CRASH] = "crash",   [VERDICT_UNMEASURED] = "unmeasured",
    [VERDICT_BROKEN] = "broken", [VERDICT_SKIP] = "skip",
};

// A record that was read back may lack any text.
static const char *known(const char *text) {
    return text ? text : "";
}

static void decide(struct verdict *verdict, enum verdict_kind kind, int step, char *why) {
    verdict->kind = kind;
    verdict->step = step;
    free(verdict->why);
    verdict->why = why;
}

// ---- one step against one expectation: a reason, to be freed, or NULL -------------------------

/** Of all patterns of a case together: the main process judges, and does nothing else meanwhile.
 * About a second; those of a usual case take a thousandth of that. */
enum { PATTERN_STEPS = 100000000 };

/** What differences are sought by, and why one cannot be told. */
struct judging {
    double time_scale;
    size_t pattern_steps; // what all patterns of the case may still take together
    char *unclear;        // to be freed; NULL: all is clear. Then the case is broken
};

// A pattern that meets its bounds neither matches nor fails to.
static void leave_unclear(struct judging *judging, const struct err *err) {
    free(judging->unclear);
    judging->unclear = xprintf("%s%s%s", err->what, err->remedy[0] ? "; " : "", err->remedy);
}

static bool matches(const char *text, const char *message, struct judging *judging) {
    struct err err = {0};
    cleanup_pattern struct pattern *pattern = pattern_open(text, &err);
    int ret = pattern ? pattern_matches(pattern, known(message), strlen(known(message)),
                                        &judging->pattern_steps, &err)
                      : -1;
    if (ret < 0)
        leave_unclear(judging, &err);
    return ret == 1;
}

static bool log_has(const struct record *record, const char *pattern, struct judging *judging) {
    struct err err = {0};
    int ret = record_log_has(record, pattern, &judging->pattern_steps, &err);
    if (ret < 0)
        leave_unclear(judging, &err);
    return ret == 1;
}

static char *code_text(int number) {
    const struct code *code = code_by_number(number);
    if (number == 0)
        return xstrdup("an error without a number");
    return code ? xprintf("%d %s", number, code->symbol) : xprintf("%d", number);
}

static char *seen_text(const struct record_step *step) {
    const char *native = known(step->native);
    if (step->outcome == OUTCOME_ERROR && step->error == 0)
        return xprintf("an error without a number%s%s%s", *native ? " (" : "", native,
                       *native ? ")" : "");
    if (step->outcome == OUTCOME_ERROR)
        return code_text(step->error);
    if (step->outcome == OUTCOME_CRASH && step->signal)
        return xprintf("crash (SIG%s)", sigabbrev_np(step->signal));
    return xstrdup(outcome_names[step->outcome]);
}

static char *differs_in_kind(const struct expectation *expected, const struct record_step *step) {
    bool same =
        expected->kind == step->outcome &&
        (expected->kind != OUTCOME_ERROR || expected->code == step->error) &&
        (expected->kind != OUTCOME_CRASH || !expected->signal || expected->signal == step->signal);
    if (same)
        return NULL;
    bool one_code = expected->kind == OUTCOME_ERROR && !expected->or_else;
    cleanup_free char *wanted = one_code ? code_text(expected->code) : xstrdup(expected->text);
    cleanup_free char *seen = seen_text(step);
    return xprintf("expected %s, saw %s", wanted, seen);
}

static bool same_value(const struct node *node, const json_t *value) {
    if (node->kind != NODE_SCALAR)
        return false;
    bool null = !node->quoted && (strcmp(node->text, "null") == 0 || strcmp(node->text, "~") == 0);
    if (json_is_null(value))
        return null;
    if (json_is_string(value))
        return strcmp(node->text, json_string_value(value)) == 0;
    cleanup_free char *text = json_dumps(value, JSON_ENCODE_ANY);
    return text && strcmp(node->text, text) == 0;
}

static bool same_rows(const struct node *rows, const json_t *seen) {
    if (json_array_size(seen) != rows->count)
        return false;
    for (size_t i = 0; i < rows->count; i++) {
        const struct node *row = rows->items[i];
        const json_t *seen_row = json_array_get(seen, i);
        if (row->kind != NODE_LIST || json_array_size(seen_row) != row->count)
            return false;
        for (size_t k = 0; k < row->count; k++)
            if (!same_value(row->items[k], json_array_get(seen_row, k)))
                return false;
    }
    return true;
}

static char *number_text(int64_t number) {
    return number < 0 ? xstrdup("an unknown number") : xprintf("%lld", (long long)number);
}

// "3", "1 to 9998", "at least 1", "at most 9998"
static char *bounds_text(const struct node *least, const struct node *most) {
    if (least && most)
        return least == most ? xstrdup(least->text) : xprintf("%s to %s", least->text, most->text);
    return least ? xprintf("at least %s", least->text)
                 : xprintf("at most %s", most ? most->text : "any");
}

static char *differs_in_row_count(const struct node *rows, int64_t count) {
    const struct node *least = node_get(rows, "min"), *most = node_get(rows, "max");
    if (rows->kind == NODE_SCALAR)
        least = most = rows;
    if (count >= 0 && (!least || count >= atoll(least->text)) &&
        (!most || count <= atoll(most->text)))
        return NULL;
    cleanup_free char *wanted = bounds_text(least, most), *seen = number_text(count);
    return xprintf("expected %s rows, saw %s", wanted, seen);
}

// An adapter lists no more rows than this; of those behind only the number is known.
enum { ROWS_LISTED = 100 };

static char *differs_in_rows(const struct node *rows, const struct record_step *step) {
    if (rows->kind != NODE_LIST)
        return differs_in_row_count(rows, step->row_count);
    bool same = same_rows(rows, step->rows);
    if (same && rows->count >= ROWS_LISTED && step->row_count != (int64_t)rows->count) {
        cleanup_free char *number = number_text(step->row_count);
        return xprintf("expected %zu rows, saw %s", rows->count, number);
    }
    if (same)
        return NULL;
    cleanup_free char *seen = step->rows ? json_dumps(step->rows, 0) : NULL;
    return xprintf("other rows than expected, saw %s", seen ? seen : "none");
}

// "Lost connection to server at 'STAGE', system error: N"
static char *differs_in_stage(const struct expectation *expected, const char *message) {
    const char *at = message ? strstr(message, "at '") : NULL;
    const char *error = message ? strstr(message, "system error: ") : NULL;
    size_t length = expected->stage ? strlen(expected->stage) : 0;
    if (expected->stage &&
        (!at || strncmp(at + 4, expected->stage, length) != 0 || at[4 + length] != '\''))
        return xprintf("expected the stage '%s', saw: %s", expected->stage, known(message));
    if (expected->system_errno >= 0 &&
        (!error || atoll(error + strlen("system error: ")) != expected->system_errno))
        return xprintf("expected system error %lld, saw: %s", (long long)expected->system_errno,
                       known(message));
    return NULL;
}

static char *differs_in_session(int wanted, const struct record_step *step) {
    bool restarted = step->start != step->start_before;
    bool same = step->thread == step->thread_before && !restarted;
    if (wanted >= 0 && (step->thread < 0 || step->thread_before < 0))
        return xprintf("expected %s session, and which session it is was not told",
                       wanted == SESSION_SAME ? "the same" : "a new");
    if (wanted < 0 || (wanted == SESSION_SAME) == same)
        return NULL;
    return xprintf("expected %s session, saw session %lld%s after %lld",
                   wanted == SESSION_SAME ? "the same" : "a new", (long long)step->thread,
                   restarted ? " of another start of the server" : "",
                   (long long)step->thread_before);
}

static char *differs_in_time(const struct bounds *within, double ms, double time_scale) {
    if (within->min_ms >= 0 && ms < (double)within->min_ms)
        return xprintf("came back after %.0f ms, sooner than %lld ms", ms,
                       (long long)within->min_ms);
    if (within->max_ms >= 0 && ms > (double)within->max_ms * time_scale)
        return xprintf("came back after %.0f ms, later than %.0f ms", ms,
                       (double)within->max_ms * time_scale);
    return NULL;
}

static char *differs_in_number(const char *what, int64_t wanted, int64_t seen) {
    if (wanted < 0 || wanted == seen)
        return NULL;
    cleanup_free char *text = number_text(seen);
    return xprintf("expected %s %lld, saw %s", what, (long long)wanted, text);
}

static char *differs_in_detail(const struct expectation *expected, const struct record_step *step,
                               struct judging *judging) {
    char *why = differs_in_number("affected rows", expected->affected, step->affected);
    if (!why)
        why = differs_in_number("warnings", expected->warnings, step->warnings);
    if (!why && expected->rows)
        why = differs_in_rows(expected->rows, step);
    if (!why && expected->sqlstate && strcmp(expected->sqlstate, known(step->sqlstate)) != 0)
        why = xprintf("expected SQLSTATE %s, saw %s", expected->sqlstate,
                      step->sqlstate ? step->sqlstate : "none");
    if (!why && expected->native && strcmp(expected->native, known(step->native)) != 0)
        why = xprintf("expected the native error %s, saw %s", expected->native,
                      step->native ? step->native : "none");
    if (!why && expected->message && !matches(expected->message, step->message, judging))
        why = xprintf("expected a message that matches '%s', saw: %s", expected->message,
                      known(step->message));
    if (!why)
        why = differs_in_stage(expected, step->message);
    if (!why)
        why = differs_in_session(expected->session, step);
    return why ? why : differs_in_time(&expected->within, step->ms, judging->time_scale);
}

// Judges one step; true if it fits the expectation or one of its alternatives.
static bool judge_step(struct verdict *verdict, const struct expectation *expected,
                       const struct record_step *step, int index, struct judging *judging) {
    cleanup_free char *reason = NULL;
    bool right_kind = false;
    for (const struct expectation *one = expected; one; one = one->or_else) {
        char *why = differs_in_kind(one, step);
        bool kind_fits = !why;
        if (!why)
            why = differs_in_detail(one, step, judging);
        if (!why)
            return true;
        if (judging->unclear) {
            free(why);
            decide(verdict, VERDICT_BROKEN, index, xprintf("%s: %s", step->id, judging->unclear));
            return false;
        }
        // of several reasons the one that comes nearest is told
        if (!reason || (kind_fits && !right_kind)) {
            free(reason);
            reason = why;
            right_kind = kind_fits;
        } else {
            free(why);
        }
    }
    enum verdict_kind kind = right_kind                             ? VERDICT_FAIL
                             : step->outcome == OUTCOME_HANG        ? VERDICT_HANG
                             : step->outcome == OUTCOME_CRASH       ? VERDICT_CRASH
                             : step->outcome == OUTCOME_UNSUPPORTED ? VERDICT_FAIL
                                                                    : VERDICT_WRONG_CODE;
    decide(verdict, kind, index, xprintf("%s: %s", step->id, reason));
    return false;
}

// ---- the whole case ----------------------------------------------------------------------------

static bool expects(const struct expectation *expected, enum outcome_kind kind) {
    for (; expected; expected = expected->or_else)
        if (expected->kind == kind)
            return true;
    return false;
}

static void skip_for_connector(struct verdict *verdict, int step, char *why) {
    decide(verdict, VERDICT_SKIP, step, why);
    verdict->of_connector = true;
}

// What a connector cannot do says nothing about what the failure would show.
static bool connector_lacks(struct verdict *verdict, const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if (step->outcome != OUTCOME_UNSUPPORTED ||
            expects(plan_find_expectation(verdict->row, step->id), OUTCOME_UNSUPPORTED))
            continue;
        skip_for_connector(verdict, (int)i,
                           xprintf("%s does not support step %d (%s: %s)%s%s",
                                   known(record->connector), step->number, known(step->actor),
                                   known(step->verb), step->message ? ": " : "",
                                   known(step->message)));
        return true;
    }
    return false;
}

// Whether a step is judged rather than set-up.
static bool is_judged(const struct verdict *verdict, const struct record_step *step) {
    return verdict->row ? plan_find_expectation(verdict->row, step->id) != NULL : step->id != NULL;
}

static bool set_up_failed(struct verdict *verdict, const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if (step->outcome == OUTCOME_OK || is_judged(verdict, step))
            continue;
        cleanup_free char *seen = seen_text(step);
        decide(verdict, VERDICT_BROKEN, (int)i,
               xprintf("step %d (%s: %s) is set-up and must succeed, but ended as %s%s%s",
                       step->number, known(step->actor), known(step->verb), seen,
                       step->message ? ": " : "", known(step->message)));
        return true;
    }
    return false;
}

static const struct record_fault *find_fault(const struct record *record, const char *id) {
    for (size_t i = 0; i < record->fault_count; i++)
        if (record->faults[i].id && strcmp(record->faults[i].id, id) == 0)
            return &record->faults[i];
    return NULL;
}

static bool fault_failed(struct verdict *verdict, const struct record *record, const char *id,
                         const struct fires *fires) {
    const struct record_fault *fault = find_fault(record, id);
    int64_t fired = fault ? fault->fired : 0;
    if (fires->rule == FIRES_ANY || (fires->rule == FIRES_ONCE_OR_MORE && fired > 0) ||
        (fires->rule == FIRES_EXACTLY && fired == fires->times))
        return false;
    char *why = fires->rule == FIRES_ONCE_OR_MORE
                    ? xprintf("the fault '%s' never fired, so what was seen proves nothing", id)
                    : xprintf("the fault '%s' fired %lld times instead of %lld", id,
                              (long long)fired, (long long)fires->times);
    decide(verdict, VERDICT_BROKEN, -1, why);
    return true;
}

static bool faults_failed(struct verdict *verdict, const struct plan_case *plan,
                          const struct record *record) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kind == STEP_FAULT &&
            fault_failed(verdict, record, plan->steps[i].name, &plan->steps[i].fires))
            return true;
    return plan->nat_id && fault_failed(verdict, record, plan->nat_id, &plan->nat_fires);
}

static bool steps_failed(struct verdict *verdict, const struct plan_case *plan,
                         const struct record *record, struct judging *judging) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        const struct expectation *expected = plan_find_expectation(verdict->row, step->id);
        if (expected && !judge_step(verdict, expected, step, (int)i, judging))
            return true;
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        const char *id = plan->steps[i].id;
        bool seen = !plan_find_expectation(verdict->row, id);
        for (size_t k = 0; !seen && k < record->step_count; k++)
            seen = record->steps[k].id && strcmp(record->steps[k].id, id) == 0;
        if (!seen) {
            decide(verdict, VERDICT_BROKEN, -1, xprintf("the step '%s' was never carried out", id));
            return true;
        }
    }
    return false;
}

static char *differs_in_evidence(const struct evidence_args *evidence, const struct record *record,
                                 struct judging *judging) {
    char *why =
        differs_in_number("Aborted_clients +", evidence->aborted_clients, record->aborted_clients);
    if (!why)
        why = differs_in_number("Aborted_connects +", evidence->aborted_connects,
                                record->aborted_connects);
    if (!why && evidence->uptime_reset >= 0 && evidence->uptime_reset != record->uptime_reset)
        why =
            xprintf("the server %s started anew", record->uptime_reset < 0 ? "has ended and was not"
                                                  : record->uptime_reset   ? "was"
                                                                           : "was not");
    if (!why && evidence->log && !log_has(record, evidence->log, judging))
        why = xprintf("no line of the server's error log matches '%s'", evidence->log);
    if (!why && evidence->no_log && log_has(record, evidence->no_log, judging))
        why = xprintf("a line of the server's error log matches '%s'", evidence->no_log);
    return why;
}

static const struct plan_row *find_row(const struct plan_case *plan, const struct record *record) {
    struct place place = {.server = known(record->server),
                          .vendor = known(record->vendor),
                          .server_version = known(record->server_version),
                          .connector = known(record->connector),
                          .family = known(record->family),
                          .connector_version = known(record->connector_version)};
    return plan_find_row(plan, &place);
}

static void judge_evidence(struct verdict *verdict, const struct record *record,
                           struct judging *judging) {
    if (!verdict->row->evidence)
        return;
    char *why = differs_in_evidence(verdict->row->evidence, record, judging);
    if (judging->unclear) {
        free(why);
        decide(verdict, VERDICT_BROKEN, -1, xprintf("evidence: %s", judging->unclear));
    } else if (why) {
        decide(verdict, VERDICT_FAIL, -1, why);
    }
}

// Whether another connector is known to end so here, by what the scenario does to it, perhaps.
static bool some_row_expects(const struct plan_case *plan, const struct record_step *step) {
    for (size_t i = 0; i < plan->row_count; i++)
        for (const struct expectation *one = plan_find_expectation(&plan->rows[i], step->id); one;
             one = one->or_else)
            if (one->kind == step->outcome && (!one->signal || one->signal == step->signal))
                return true;
    return false;
}

// No connector should hang or die, whatever else it does.
static bool is_lost(struct verdict *verdict, const struct plan_case *plan,
                    const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if ((step->outcome != OUTCOME_HANG && step->outcome != OUTCOME_CRASH) ||
            some_row_expects(plan, step))
            continue;
        cleanup_free char *seen = seen_text(step);
        decide(verdict, step->outcome == OUTCOME_HANG ? VERDICT_HANG : VERDICT_CRASH, (int)i,
               xprintf("%s: saw %s", step->id ? step->id : known(step->verb), seen));
        return true;
    }
    return false;
}

static void judge_unmeasured(struct verdict *verdict, const struct plan_case *plan,
                             const struct record *record) {
    if (!is_lost(verdict, plan, record))
        decide(verdict, VERDICT_UNMEASURED, -1,
               xprintf("no row of `outcomes` is for %s %s with %s %s", known(record->server),
                       known(record->server_version), known(record->connector),
                       known(record->connector_version)));
}

static void judge(struct verdict *verdict, const struct plan_case *plan,
                  const struct record *record, struct judging *judging) {
    verdict->row = find_row(plan, record);
    if (connector_lacks(verdict, record) || (!verdict->row && is_lost(verdict, plan, record)) ||
        set_up_failed(verdict, record) || faults_failed(verdict, plan, record))
        return;
    if (!verdict->row)
        judge_unmeasured(verdict, plan, record);
    else if (!steps_failed(verdict, plan, record, judging))
        judge_evidence(verdict, record, judging);
}

void verdict_of(const struct plan_case *plan, const struct record *record, double time_scale,
                struct verdict *ret_verdict) {
    struct judging judging = {.time_scale = time_scale, .pattern_steps = PATTERN_STEPS};
    *ret_verdict = (struct verdict){.kind = VERDICT_PASS, .why = xstrdup(""), .step = -1};
    if (record->skip)
        decide(ret_verdict, VERDICT_SKIP, -1, xstrdup(record->skip));
    else if (record->broken)
        decide(ret_verdict, VERDICT_BROKEN, -1, xstrdup(record->broken));
    else if (record->lacks)
        skip_for_connector(ret_verdict, -1, xstrdup(record->lacks));
    else
        judge(ret_verdict, plan, record, &judging);
    free(judging.unclear);
}

void verdict_release(struct verdict *verdict) {
    free(verdict->why);
    *verdict = (struct verdict){0};
}

const char *verdict_expected(const struct verdict *verdict, const struct record_step *step) {
    const struct expectation *expected = plan_find_expectation(verdict->row, step->id);
    return expected ? expected->text : NULL;
}

bool verdict_is_trouble(enum verdict_kind kind) {
    return kind != VERDICT_PASS && kind != VERDICT_UNMEASURED && kind != VERDICT_SKIP;
}

int verdict_exit_status(const int *counts, bool skip_is_forbidden, bool strict) {
    int wrong = counts[VERDICT_WRONG_CODE] + counts[VERDICT_FAIL] + counts[VERDICT_HANG] +
                counts[VERDICT_CRASH] + (strict ? counts[VERDICT_UNMEASURED] : 0);
    if (counts[VERDICT_BROKEN] || (skip_is_forbidden && counts[VERDICT_SKIP]))
        return STATUS_MACHINE;
    if (wrong)
        return STATUS_UNEXPECTED;
    return counts[VERDICT_PASS] + counts[VERDICT_UNMEASURED] ? STATUS_OK : STATUS_NOTHING;
}
