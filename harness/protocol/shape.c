// SPDX-License-Identifier: Apache-2.0
// shape.c - checks that a line is an answer: its keys, their types, and its cells
#include "protocol/shape.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

// As in run/answer.c and run/actor_call.c, which refuse anything beyond.
enum { ROWS_MAX = 100, ROWS_MAX_BYTES = 512 << 10, CLOCKS_DIFFER_MS = 100 };
// A text that was cut ends with "...(N bytes)".
enum { CELL_MAX_BYTES = 256, CUT_MAX_BYTES = CELL_MAX_BYTES + 32 };

// ---- is it JSON --------------------------------------------------------------------------------

static json_t *refuse(struct findings *findings, const char *operation, const char *line) {
    json_error_t error;
    json_auto_t *strict = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    json_auto_t *loose = json_loads(line, JSON_ALLOW_NUL, NULL);
    if (strict || loose)
        findings_add(findings, operation, RULE_ONCE, "%s in the answer %.300s",
                     strict ? "U+0000" : "a key twice", line);
    else
        findings_add(findings, operation, RULE_LINE, "the answer is not JSON (%s): %.300s",
                     error.text, line);
    return NULL;
}

static json_t *load(struct findings *findings, const char *operation, const char *line) {
    json_t *answer = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    if (!answer)
        return refuse(findings, operation, line);
    if (json_is_object(answer))
        return answer;
    findings_add(findings, operation, RULE_LINE, "the answer is no JSON object: %.300s", line);
    json_decref(answer);
    return NULL;
}

// ---- its keys ----------------------------------------------------------------------------------

/** Where a key is required. */
enum must {
    MUST_ALWAYS = 1,
    MUST_ON_ERROR = 2,
    MUST_ON_REFUSAL = 4, ///< outcome `unsupported`
    MUST_OF_ROWS = 8,    ///< on rows, of query, fetch and execute
};

static bool is_integer(const json_t *value) {
    return json_is_integer(value);
}
static bool is_natural(const json_t *value) {
    return json_is_integer(value) && json_integer_value(value) >= 0;
}
static bool is_number_of_mysql(const json_t *value) {
    return is_natural(value) && json_integer_value(value) <= UINT16_MAX;
}
static bool is_text(const json_t *value) {
    return json_is_string(value);
}
static bool is_something(const json_t *value) {
    return json_is_string(value) && json_string_length(value) > 0;
}
// A library without an SQLSTATE for an error may give an empty one.
static bool is_sqlstate(const json_t *value) {
    enum { SQLSTATE_BYTES = 5 };
    size_t length = json_string_length(value);
    return json_is_string(value) && (length == 0 || length == SQLSTATE_BYTES);
}
static bool is_count(const json_t *value) {
    return is_integer(value) && json_integer_value(value) >= -1;
}
static bool is_texts(const json_t *value) {
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)value, i, item) {
        if (!json_is_string(item))
            return false;
    }
    return json_is_array(value);
}
static bool is_rows(const json_t *value) {
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)value, i, row) {
        if (!json_is_array(row))
            return false;
    }
    return json_is_array(value) && json_array_size(value) <= ROWS_MAX &&
           json_dumpb(value, NULL, 0, 0) <= ROWS_MAX_BYTES;
}

static const struct {
    const char *name;
    enum rule rule;
    bool (*fits)(const json_t *value);
    unsigned must; ///< enum must
    const char *wanted;
} keys[] = {
    {"us", RULE_US, is_natural, MUST_ALWAYS, "a number of microseconds"},
    {"message", RULE_MESSAGE, is_text, MUST_ON_ERROR | MUST_ON_REFUSAL, "a text"},
    {"errno", RULE_ERRNO, is_number_of_mysql, MUST_ON_ERROR, "a number from 0 to 65535"},
    {"sqlstate", RULE_SQLSTATE, is_sqlstate, 0, "five characters"},
    {"native", RULE_NATIVE, is_something, MUST_ON_ERROR, "a text"},
    {"events", RULE_EVENTS, is_texts, 0, "a list of texts"},
    {"thread", RULE_THREAD, is_natural, 0, "the number of a session"},
    {"rows", RULE_ROWS, is_rows, 0, "at most 100 lists, of 512 KiB"},
    {"nrows", RULE_NROWS, is_natural, MUST_OF_ROWS, "a number of rows"},
    {"affected", RULE_AFFECTED, is_count, 0, "a number of rows, or -1"},
    {"warnings", RULE_WARNINGS, is_natural, 0, "a number"},
};

static unsigned musts_of(const char *operation, const char *outcome) {
    bool reads = strcmp(operation, "query") == 0 || strcmp(operation, "fetch") == 0 ||
                 strcmp(operation, "stmt_fetch") == 0 || strcmp(operation, "stmt_store") == 0 ||
                 strcmp(operation, "execute") == 0;
    bool refused = strcmp(outcome, "unsupported") == 0, failed = strcmp(outcome, "error") == 0;
    return MUST_ALWAYS | (failed ? MUST_ON_ERROR : 0) | (refused ? MUST_ON_REFUSAL : 0) |
           (reads && !refused ? MUST_OF_ROWS : 0);
}

static void check_keys(struct findings *findings, const char *operation, const json_t *answer,
                       unsigned musts) {
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const json_t *value = json_object_get(answer, keys[i].name);
        if (value ? keys[i].fits(value) : !(keys[i].must & musts))
            continue;
        cleanup_free char *shown = findings_show(value ? value : answer);
        if (value)
            findings_add(findings, operation, keys[i].rule, "`%s` is %s, not %s", keys[i].name,
                         shown, keys[i].wanted);
        else
            findings_add(findings, operation, keys[i].rule, "no `%s` in the answer %s",
                         keys[i].name, shown);
    }
}

// ---- its cells ---------------------------------------------------------------------------------

static bool is_cut(const char *text) {
    size_t length = strlen(text);
    const char *mark = strstr(text + CELL_MAX_BYTES - 4, "...(");
    return length <= CUT_MAX_BYTES && mark && strcmp(text + length - 7, " bytes)") == 0;
}

static void check_cell(struct findings *findings, const char *operation, const json_t *cell) {
    bool simple = json_is_null(cell) || json_is_integer(cell) || json_is_string(cell);
    bool whole = json_string_length(cell) <= CELL_MAX_BYTES || is_cut(json_string_value(cell));
    if (simple && whole)
        return;
    cleanup_free char *shown = findings_show(cell);
    if (!simple)
        findings_add(findings, operation, RULE_CELL,
                     "the cell %s is neither null, integer nor text", shown);
    else
        findings_add(findings, operation, RULE_CUT, "a cell of %zu bytes: %s",
                     json_string_length(cell), shown);
}

static void check_cells(struct findings *findings, const char *operation, const json_t *rows) {
    size_t i, k;
    json_t *row, *cell;
    json_array_foreach((json_t *)rows, i, row) {
        json_array_foreach(row, k, cell) {
            check_cell(findings, operation, cell);
        }
    }
}

// ---- all of it ---------------------------------------------------------------------------------

static void check_time(struct findings *findings, const char *operation, const json_t *answer,
                       double measured_ms) {
    const json_t *us = json_object_get(answer, "us");
    double ms = (double)json_integer_value(us) / 1e3;
    if (json_is_integer(us) && ms > measured_ms + CLOCKS_DIFFER_MS)
        findings_add(findings, operation, RULE_US,
                     "by its `us` the call took %.0f ms, but the answer came %.0f ms after the "
                     "request",
                     ms, measured_ms);
}

static const char *outcome_of(struct findings *findings, const char *operation,
                              const json_t *answer) {
    static const char *const known[] = {"ok", "error", "unsupported"};
    const json_t *value = json_object_get(answer, "outcome");
    const char *outcome = json_string_value(value);
    cleanup_free char *shown = findings_show(value ? value : answer);
    for (size_t i = 0; outcome && i < COUNT_OF(known); i++)
        if (strcmp(outcome, known[i]) == 0)
            return outcome;
    findings_add(findings, operation, RULE_OUTCOME,
                 value ? "the outcome is %s, not ok, error or unsupported" : "no `outcome` in %s",
                 shown);
    return NULL;
}

json_t *shape_read(struct findings *findings, const char *operation, const char *line,
                   double measured_ms) {
    json_t *answer = load(findings, operation, line);
    const char *outcome = answer ? outcome_of(findings, operation, answer) : NULL;
    if (!outcome) {
        json_decref(answer);
        return NULL;
    }
    unsigned musts = musts_of(operation, outcome);
    if (strcmp(operation, NO_OPERATION) == 0)
        musts &= ~(unsigned)MUST_ON_REFUSAL;
    check_keys(findings, operation, answer, musts);
    check_cells(findings, operation, json_object_get(answer, "rows"));
    check_time(findings, operation, answer, measured_ms);
    return answer;
}
