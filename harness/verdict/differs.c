// SPDX-License-Identifier: Apache-2.0
// differs.c - how a recorded step differs from an expectation
#include "verdict/differs.h"

#include "base/pattern.h"
#include "plan/codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A record that was read back may lack any text.
static const char *known(const char *text) {
    return text ? text : "";
}

// A pattern that hits its limits neither matches nor fails to match.
static void leave_unclear(struct judging *judging, const struct err *err) {
    free(judging->unclear);
    judging->unclear = xprintf("%s%s%s", err->what, err->remedy[0] ? "; " : "", err->remedy);
}

bool differs_matches(const char *text, const char *message, struct judging *judging) {
    struct err err = {0};
    cleanup_pattern struct pattern *pattern = pattern_open(text, &err);
    int ret = pattern ? pattern_matches(pattern, known(message), strlen(known(message)),
                                        &judging->pattern_steps, &err)
                      : -1;
    if (ret < 0)
        leave_unclear(judging, &err);
    return ret == 1;
}

bool differs_log_has(const struct record *record, const char *pattern, struct judging *judging) {
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

char *differs_seen(const struct record_step *step) {
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

char *differs_in_kind(const struct expectation *expected, const struct record_step *step) {
    bool same =
        expected->kind == step->outcome &&
        (expected->kind != OUTCOME_ERROR || expected->code == step->error) &&
        (expected->kind != OUTCOME_CRASH || !expected->signal || expected->signal == step->signal);
    if (same)
        return NULL;
    bool one_code = expected->kind == OUTCOME_ERROR && !expected->or_else;
    cleanup_free char *wanted = one_code ? code_text(expected->code) : xstrdup(expected->text);
    cleanup_free char *seen = differs_seen(step);
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

// An adapter lists at most this many rows; of further ones only the number is known.
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
        return xprintf("expected %s session, and the connector did not report which session it is",
                       wanted == SESSION_SAME ? "the same" : "a new");
    if (wanted < 0 || (wanted == SESSION_SAME) == same)
        return NULL;
    return xprintf("expected %s session, saw session %lld%s after %lld",
                   wanted == SESSION_SAME ? "the same" : "a new", (long long)step->thread,
                   restarted ? " of another start of the server" : "",
                   (long long)step->thread_before);
}

// The kernel counts socket timeouts in ticks of at most 10 ms, and the tick in progress counts as a
// whole one, since sock_set_timeout() and schedule_timeout() in Linux add none for it.
static char *differs_in_time(const struct bounds *within, double ms, double time_scale) {
    enum { TICK_MS = 10 };
    if (within->min_ms >= 0 && ms < (double)within->min_ms - TICK_MS)
        return xprintf("came back after %.0f ms, sooner than %lld ms", ms,
                       (long long)within->min_ms);
    if (within->max_ms >= 0 && ms > (double)within->max_ms * time_scale)
        return xprintf("came back after %.0f ms, later than %.0f ms", ms,
                       (double)within->max_ms * time_scale);
    return NULL;
}

char *differs_in_number(const char *what, int64_t wanted, int64_t seen) {
    if (wanted < 0 || wanted == seen)
        return NULL;
    cleanup_free char *text = number_text(seen);
    return xprintf("expected %s %lld, saw %s", what, (long long)wanted, text);
}

char *differs_in_detail(const struct expectation *expected, const struct record_step *step,
                        struct judging *judging) {
    char *why = differs_in_number("affected rows", expected->affected, step->affected);
    if (!why)
        why = differs_in_number("warnings", expected->warnings, step->warnings);
    if (!why)
        why = differs_in_number("error number", expected->error_number, step->error);
    if (!why && expected->events && !differs_matches(expected->events, step->events, judging))
        why = xprintf("expected unasked reports that match '%s', saw: %s", expected->events,
                      step->events ? step->events : "none");
    if (!why && expected->rows)
        why = differs_in_rows(expected->rows, step);
    if (!why && expected->sqlstate && strcmp(expected->sqlstate, known(step->sqlstate)) != 0)
        why = xprintf("expected SQLSTATE %s, saw %s", expected->sqlstate,
                      step->sqlstate ? step->sqlstate : "none");
    if (!why && expected->native && strcmp(expected->native, known(step->native)) != 0)
        why = xprintf("expected the native error %s, saw %s", expected->native,
                      step->native ? step->native : "none");
    if (!why && expected->message && !differs_matches(expected->message, step->message, judging))
        why = xprintf("expected a message that matches '%s', saw: %s", expected->message,
                      known(step->message));
    if (!why)
        why = differs_in_stage(expected, step->message);
    if (!why)
        why = differs_in_session(expected->session, step);
    return why ? why : differs_in_time(&expected->within, step->ms, judging->time_scale);
}
