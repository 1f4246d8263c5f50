// SPDX-License-Identifier: Apache-2.0
// answer.c - reads an adapter's answer, see fixtures/connectors/PROTOCOL.md
#include "run/answer.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

// How much of a message or the like is kept.
enum { TEXT_MAX_BYTES = 16 << 10 };
// Rows that the protocol allows in an answer; as text they are no larger than this.
enum { ROWS_MAX = 100, ROWS_MAX_BYTES = 512 << 10 };
// Some readers of reports allow 256 levels; the protocol needs four.
enum { DEPTH_MAX = 32 };

char *answer_text(const json_t *answer, const char *key) {
    const char *text = json_string_value(json_object_get(answer, key));
    size_t length = text ? strlen(text) : 0;
    if (length <= TEXT_MAX_BYTES)
        return xstrdup(text);
    length = TEXT_MAX_BYTES;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) // in the middle of a
                                                                       // character
        length--;
    return xprintf("%.*s..", (int)length, text);
}

// "ECONNRESET; close", or NULL; skips what is no text.
static char *events_of(const json_t *answer) {
    size_t i;
    json_t *event;
    struct text all = {0};
    json_array_foreach(json_object_get(answer, "events"), i, event) {
        if (json_is_string(event) && all.length < TEXT_MAX_BYTES)
            text_printf(&all, "%s%.1000s", all.length > 0 ? "; " : "", json_string_value(event));
    }
    return all.data;
}

static int64_t number_of(const json_t *answer, const char *key) {
    const json_t *value = json_object_get(answer, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

// Whether an answer's rows are as in the protocol: a list of lists of scalars, or none.
static bool has_sound_rows(const json_t *answer) {
    size_t i, k;
    json_t *rows = json_object_get(answer, "rows"), *row, *cell;
    if (rows && (!json_is_array(rows) || json_array_size(rows) > ROWS_MAX ||
                 json_dumpb(rows, NULL, 0, 0) > ROWS_MAX_BYTES))
        return false;
    json_array_foreach(rows, i, row) {
        if (!json_is_array(row))
            return false;
        json_array_foreach(row, k, cell) {
            if (json_is_array(cell) || json_is_object(cell))
                return false;
        }
    }
    return true;
}

// Checks the whole line, even members that nobody reads.
static bool is_deep(const char *line) {
    int depth = 0;
    bool quoted = false;
    for (; *line && depth <= DEPTH_MAX; line++) {
        if (*line == '"')
            quoted = !quoted;
        else if (quoted && *line == '\\' && line[1])
            line++;
        else if (!quoted)
            depth += (*line == '[' || *line == '{') - (*line == ']' || *line == '}');
    }
    return depth > DEPTH_MAX;
}

static int take(const json_t *answer, struct record_step *step) {
    const char *outcome = json_string_value(json_object_get(answer, "outcome"));
    if (!outcome || !has_sound_rows(answer))
        return -1;
    static const enum outcome_kind told[] = {OUTCOME_OK, OUTCOME_ERROR, OUTCOME_UNSUPPORTED};
    size_t kind = 0;
    while (kind < COUNT_OF(told) && strcmp(outcome, outcome_names[told[kind]]) != 0)
        kind++;
    if (kind == COUNT_OF(told))
        return -1;
    step->outcome = told[kind];
    int64_t error = number_of(answer, "errno"), us = number_of(answer, "us");
    if (error > UINT16_MAX) // the MySQL protocol has two bytes for it
        return -1;
    step->error = error > 0 ? (int)error : 0;
    step->sqlstate = answer_text(answer, "sqlstate");
    step->message = answer_text(answer, "message");
    step->native = answer_text(answer, "native");
    step->events = events_of(answer);
    step->row_count = number_of(answer, "nrows");
    step->affected = number_of(answer, "affected");
    step->warnings = number_of(answer, "warnings");
    step->rows = json_incref(json_object_get(answer, "rows"));
    step->thread = number_of(answer, "thread");
    if (us >= 0)
        step->ms = (double)us / 1e3;
    return 0;
}

json_t *answer_read(const char *line, struct record_step *step, struct err *err) {
    if (is_deep(line)) {
        err_set(err, "is nested deeper than %d levels: %.200s", DEPTH_MAX, line);
        return NULL;
    }
    json_t *answer = json_loads(line, 0, NULL);
    if (answer && take(answer, step) == 0)
        return answer;
    json_decref(answer);
    err_set(err, "is not of the protocol: %.200s", line);
    return NULL;
}
