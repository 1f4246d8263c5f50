// SPDX-License-Identifier: Apache-2.0
// foreign.c - whether a step's rows belong to its own statement
//
// Most statements of the catalogue select literals, so they reveal their result. A client that has
// lost track of whose answer it reads, or that makes one up, shows something else, whatever the
// session.
#include "verdict/foreign.h"

#include "plan/language_tables.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

// The call that a step waits for, or the step itself.
static const struct plan_step *find_call(const struct plan_case *plan,
                                         const struct plan_step *step) {
    if (!step || step->kind != STEP_AWAIT)
        return step;
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *one = &plan->steps[i];
        if (one->kind == STEP_APP && one->as && strcmp(one->as, step->name) == 0)
            return one;
    }
    return NULL;
}

static const char *find_statement(const struct plan_case *plan, const struct record_step *step) {
    const struct plan_step *call = find_call(plan, plan_find_step(plan, step->number));
    if (!call || call->kind != STEP_APP || strcmp(call->act.verb->name, "query") != 0)
        return NULL;
    return ((const struct sql_args *)call->act.args)->sql;
}

enum { MOST_DIGITS = 9, MOST_TEXT = 200 };

// Characters without special meaning; a `$` may refer to a payload.
static size_t plain_length(const char *text) {
    size_t length = 0;
    while (isascii((unsigned char)text[length]) && isprint((unsigned char)text[length]) &&
           !strchr("'\\$", text[length]))
        length++;
    return length;
}

// Reads 'text' without escapes, or digits. Returns the value, with `*at` after it; else NULL.
static json_t *read_literal(const char **at) {
    bool quoted = **at == '\'';
    const char *start = *at + quoted;
    size_t length = quoted ? plain_length(start) : strspn(start, "0123456789");
    if (quoted ? start[length] != '\'' || length > MOST_TEXT : length == 0 || length > MOST_DIGITS)
        return NULL;
    *at = start + length + quoted;
    return json_stringn(start, length);
}

// The only row of a SELECT of literals, or NULL.
static json_t *read_row(const char *sql) {
    if (strncasecmp(sql, "SELECT ", 7) != 0)
        return NULL;
    json_t *row = json_array();
    const char *at = sql + 7;
    for (;;) {
        json_t *value = read_literal(&at);
        if (json_array_append_new(row, value) < 0 || (*at && strncmp(at, ", ", 2) != 0)) {
            json_decref(row);
            return NULL;
        }
        if (!*at)
            return row;
        at += 2;
    }
}

// A connector may return numbers as texts.
static bool is_value(const json_t *wanted, const json_t *seen) {
    cleanup_free char *number =
        json_is_integer(seen) ? xprintf("%lld", (long long)json_integer_value(seen)) : NULL;
    const char *text = number ? number : json_string_value(seen);
    return text && strcmp(json_string_value(wanted), text) == 0;
}

static bool is_row(const json_t *wanted, const json_t *rows) {
    const json_t *seen = json_array_get(rows, 0);
    bool same = json_array_size(rows) == 1 && json_array_size(seen) == json_array_size(wanted);
    for (size_t i = 0; same && i < json_array_size(wanted); i++)
        same = is_value(json_array_get(wanted, i), json_array_get(seen, i));
    return same;
}

// Whether a stub was asked, which answers by its script, whatever the statement.
static bool was_asked_of_stub(const struct plan_case *plan, const struct record_step *step) {
    bool to_stub = false;
    for (size_t i = 0; i < plan->step_count && plan->steps[i].number < step->number; i++) {
        const struct plan_step *one = &plan->steps[i];
        if (one->kind == STEP_APP && strcmp(one->act.verb->name, "connect") == 0 &&
            strcmp(one->actor, step->actor) == 0)
            to_stub = ((const struct connect_args *)one->act.args)->to == TO_STUB;
    }
    return to_stub;
}

char *foreign_rows(const struct plan_case *plan, const struct record_step *step) {
    const char *sql = find_statement(plan, step);
    if (!sql || step->outcome != OUTCOME_OK || (!step->rows && step->row_count != 0))
        return NULL;
    if (json_array_size(step->rows) == 0 && was_asked_of_stub(plan, step))
        return NULL; // it rightly ends with an OK without rows
    json_t *wanted = read_row(sql);
    bool foreign = wanted && !is_row(wanted, step->rows);
    json_decref(wanted);
    if (!foreign)
        return NULL;
    cleanup_free char *seen = step->rows ? json_dumps(step->rows, 0) : NULL;
    return xprintf("`%s` showed %.200s, which `%s` does not select", step->id ? step->id : "query",
                   seen ? seen : "no row", sql);
}

char *foreign_rows_of(const struct plan_case *plan, const struct plan_row *row,
                      const struct record_step *step) {
    const struct expectation *one = plan_find_expectation(row, step->id);
    if (!one || row->violates)
        return NULL;
    for (; one; one = one->or_else)
        if (one->rows)
            return NULL;
    return foreign_rows(plan, step);
}
