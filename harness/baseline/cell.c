// SPDX-License-Identifier: Apache-2.0
// cell.c - writes how a step ended as a cell of a baseline
//
// A cell holds no more than what distinguishes two behaviours: a code, or whatever names an error
// without one. Messages are omitted, since they differ where nothing else does.
#include "baseline/cell.h"

#include "base/utf8.h"
#include "plan/kind.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>

// Longer texts are not names of errors; longer rows are recorded as their number.
enum { NAME_BYTES = 300, ROWS_BYTES = 1000 };

void cell_quote(struct text *out, const char *text) {
    uint32_t character;
    text_add(out, "\"");
    for (size_t length; (length = utf8_next(text, &character)) > 0; text += length)
        if (character == '"' || character == '\\')
            text_printf(out, "\\%c", (int)character);
        else if (character == UTF8_INVALID)
            text_add(out, "?");
        else if (utf8_is_visible(character))
            text_append(out, text, length);
        else
            text_printf(out, "\\U%08x", character);
    text_add(out, "\"");
}

bool cell_is_renewed(const struct record_step *step) {
    const struct app_verb *verb = app_verb_named(step->verb ? step->verb : "");
    if (step->outcome != OUTCOME_OK || step->thread < 0 || step->thread_before < 0 ||
        (verb && verb->connects))
        return false;
    return step->thread != step->thread_before || step->start != step->start_before;
}

static bool is_name(const char *text) {
    return text && *text && strlen(text) <= NAME_BYTES;
}

// Names an error that has no number. An error without any name is written as a pattern that matches
// every message.
static void add_nameless(struct text *cell, const char *native, const char *sqlstate) {
    text_add(cell, "{error: 0, ");
    text_add(cell, is_name(native) ? "native: " : is_name(sqlstate) ? "sqlstate: " : "message: ");
    cell_quote(cell, is_name(native) ? native : is_name(sqlstate) ? sqlstate : "");
    text_add(cell, "}");
}

static void add_error(struct text *cell, int code, const char *native, const char *sqlstate) {
    if (code > 0)
        text_printf(cell, "%d", code);
    else
        add_nameless(cell, native, sqlstate);
}

static void add_crash(struct text *cell, int signal) {
    const char *name = signal ? sigabbrev_np(signal) : NULL;
    if (name)
        text_printf(cell, "{crash: SIG%s}", name);
    else
        text_add(cell, "crash");
}

static void add_value(struct text *cell, const json_t *value) {
    if (json_is_string(value)) {
        cell_quote(cell, json_string_value(value));
        return;
    }
    cleanup_free char *text = json_dumps(value, JSON_ENCODE_ANY);
    text_add(cell, text ? text : "null");
}

static char *rows_text(const struct record_step *step) {
    if (step->row_count < 0)
        return NULL; // the message is unknown
    size_t i, k;
    json_t *row, *value;
    struct text text = {0};
    text_add(&text, "[");
    json_array_foreach(step->rows, i, row) {
        text_add(&text, i ? ", [" : "[");
        json_array_foreach(row, k, value) {
            text_add(&text, k ? ", " : "");
            add_value(&text, value);
        }
        text_add(&text, "]");
    }
    text_add(&text, "]");
    bool all = step->rows && step->row_count == (int64_t)json_array_size(step->rows);
    if (all && text.length <= ROWS_BYTES)
        return text.data;
    text.length = 0;
    text_printf(&text, "%lld", (long long)step->row_count);
    return text.data;
}

static void add_ok(struct text *cell, const char *rows, bool renewed) {
    if (!rows && !renewed) {
        text_add(cell, "ok");
        return;
    }
    text_add(cell, "{ok: true");
    if (rows)
        text_printf(cell, ", rows: %s", rows);
    text_add(cell, renewed ? ", session: new}" : "}");
}

char *cell_of_step(const struct record_step *step, bool with_rows) {
    struct text cell = {0};
    cleanup_free char *rows = with_rows && step->outcome == OUTCOME_OK ? rows_text(step) : NULL;
    if (step->outcome == OUTCOME_OK)
        add_ok(&cell, rows, cell_is_renewed(step));
    else if (step->outcome == OUTCOME_ERROR)
        add_error(&cell, step->error, step->native, step->sqlstate);
    else if (step->outcome == OUTCOME_CRASH)
        add_crash(&cell, step->signal);
    else
        text_add(&cell, outcome_names[step->outcome]);
    return cell.data;
}

void cell_add_id(struct text *out, const char *id) {
    if (yaml_reads_alike(id))
        text_add(out, id);
    else
        cell_quote(out, id);
}

// Numbers and words are written as they are.
static void add_scalar(struct text *cell, const struct node *node) {
    bool plain = !node->quoted && *node->text && yaml_reads_alike(node->text);
    for (const char *at = node->text; plain && *at; at++)
        plain = isalnum((unsigned char)*at) || strchr("+-._~", *at);
    if (plain)
        text_add(cell, node->text);
    else
        cell_quote(cell, node->text);
}

static void add_node(struct text *cell, const struct node *node) {
    if (node->kind == NODE_SCALAR)
        add_scalar(cell, node);
    for (size_t i = 0; node->kind != NODE_SCALAR && i < node->count; i++) {
        text_add(cell, i > 0 ? ", " : node->kind == NODE_LIST ? "[" : "{");
        if (node->kind == NODE_MAP)
            text_printf(cell, "%s: ", node->keys[i]->text);
        add_node(cell, node->items[i]);
    }
    if (node->kind != NODE_SCALAR && node->count == 0)
        text_add(cell, node->kind == NODE_LIST ? "[" : "{");
    if (node->kind != NODE_SCALAR)
        text_add(cell, node->kind == NODE_LIST ? "]" : "}");
}

char *cell_of_expectation(const struct expectation *expected) {
    struct text cell = {0};
    cleanup_text struct text rows = {0};
    if (expected->rows)
        add_node(&rows, expected->rows);
    if (expected->kind == OUTCOME_OK)
        add_ok(&cell, expected->rows ? text_get(&rows) : NULL, expected->session == SESSION_NEW);
    else if (expected->kind == OUTCOME_ERROR)
        add_error(&cell, expected->code, expected->native, expected->sqlstate);
    else if (expected->kind == OUTCOME_CRASH)
        add_crash(&cell, expected->signal);
    else
        text_add(&cell, outcome_names[expected->kind]);
    return cell.data;
}
