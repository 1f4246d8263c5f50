// SPDX-License-Identifier: Apache-2.0
// yaml.c - values as YAML in a case on one line, and errors with their position
#include "try/parts.h"

#include "base/utf8.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// ---- errors ------------------------------------------------------------------------------------

// Prints the line, of several, that contains a position, with a mark at its column in characters.
static void add_mark(struct text *out, const char *text, size_t at) {
    enum { BEFORE = 36, AFTER = 38 };
    size_t begin = at, end = at + strcspn(text + at, "\n");
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    bool cut = at - begin > BEFORE;
    begin = cut ? at - BEFORE : begin;
    bool rest = end - at > AFTER;
    end = rest ? at + AFTER : end;
    cleanup_free char *before = xprintf("%.*s", (int)(at - begin), text + begin);
    cleanup_free char *after = xprintf("%.*s", (int)(end - at), text + at);
    cleanup_free char *shown = utf8_shown(before, false), *shown_after = utf8_shown(after, false);
    text_printf(out, "\n  %s%s%s%s\n  %*s^", cut ? ".." : "", shown, shown_after, rest ? ".." : "",
                (int)utf8_length(shown) + (cut ? 2 : 0), "");
}

int try_error(const struct try_line *line, size_t at, struct err *err, const char *format, ...) {
    cleanup_text struct text what = {0};
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    size_t length = strlen(line->text);
    at = at < length ? at : length;
    cleanup_free char *before = xprintf("%.*s", (int)at, line->text);
    text_printf(&what, "try, character %zu: %s", utf8_length(before) + 1, message);
    add_mark(&what, line->text, at);
    return err_usage(err, "%s", text_get(&what));
}

// ---- YAML --------------------------------------------------------------------------------------

static bool is_number(const char *text) {
    return text[strspn(text, "0123456789.+-eExX_")] == '\0';
}

// Whether a text needs no quotes to remain a text.
static bool is_plain(const char *text) {
    static const char *const words[] = {"true", "false", "null"};
    size_t length = strlen(text);
    if (length == 0 || !(isalnum((unsigned char)*text) || *text == '_' || *text == '/') ||
        text[length - 1] == ' ')
        return false;
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr(" _./+-=()<>*;$%", *at))
            return false;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcasecmp(words[i], text) == 0)
            return false;
    return !is_number(text) && yaml_reads_alike(text);
}

static void add_quoted(struct text *out, const char *text) {
    text_add(out, "\"");
    for (const char *at = text; *at; at++)
        if (*at == '"' || *at == '\\')
            text_printf(out, "\\%c", *at);
        else if (*at == '\n')
            text_add(out, "\\n");
        else if ((unsigned char)*at < ' ' || *at == 127)
            text_printf(out, "\\x%02x", (unsigned char)*at);
        else
            text_append(out, at, 1);
    text_add(out, "\"");
}

void try_quote(struct text *out, const char *text) {
    if (is_plain(text))
        text_add(out, text);
    else
        add_quoted(out, text);
}

// A plain scalar may be a number or a flag, and remains one.
static void add_scalar(struct text *out, const struct node *node) {
    bool bare = *node->text &&
                !node->text[strspn(node->text, "abcdefghijklmnopqrstuvwxyz"
                                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                               "0123456789_./+-%$")] &&
                *node->text != '-' && *node->text != '%';
    if (!node->quoted && (bare || (*node->text == '-' && is_number(node->text))))
        text_add(out, node->text);
    else
        try_quote(out, node->text);
}

// Recursion is bounded, since the parser limits the depth.
void try_add_node(struct text *out, const struct node *node) {
    if (node->kind == NODE_SCALAR) {
        add_scalar(out, node);
        return;
    }
    text_add(out, node->kind == NODE_MAP ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        text_add(out, i ? ", " : "");
        if (node->kind == NODE_MAP) {
            add_scalar(out, node->keys[i]);
            text_add(out, ": ");
        }
        try_add_node(out, node->items[i]);
    }
    text_add(out, node->kind == NODE_MAP ? "}" : "]");
}

// The length of a leading "NAME=VALUE" without blanks in it; 0: there is none.
static size_t pair_length(const char *text) {
    size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz_-");
    size_t value = text[name] == '=' ? strcspn(text + name + 1, " \t,{}[]'\"") : 0;
    return name > 0 && value > 0 ? name + 1 + value : 0;
}

bool try_add_pairs(struct text *out, const char *text) {
    cleanup_text struct text pairs = {0};
    for (const char *at = text; *at;) {
        size_t length = pair_length(at), name = strcspn(at, "=");
        if (length == 0 || (at[length] && !strchr(" \t", at[length])))
            return false;
        text_printf(&pairs, "%s%.*s: %.*s", pairs.length ? ", " : "", (int)name, at,
                    (int)(length - name - 1), at + name + 1);
        at += length + strspn(at + length, " \t");
    }
    if (pairs.length)
        text_printf(out, "{%s}", text_get(&pairs));
    return pairs.length > 0;
}

// ---- for all readers ---------------------------------------------------------------------------

/** A file, and how far it is written anew. */
struct spelling {
    const char *at;
    int line, column; // of `at`, from 1
    struct text *out;
};

static void copy_until(struct spelling *spelling, const struct node *node) {
    while (*spelling->at && (spelling->line < node->line || spelling->column < node->column)) {
        bool end = *spelling->at == '\n';
        text_append(spelling->out, spelling->at++, 1);
        spelling->line += end;
        spelling->column = end ? 1 : spelling->column + ((*spelling->at & 0xc0) != 0x80);
    }
}

// Digits remain a number.
static void spell(struct spelling *spelling, const struct node *node) {
    for (size_t i = 0; node->kind != NODE_SCALAR && i < node->count; i++) {
        if (node->kind == NODE_MAP)
            spell(spelling, node->keys[i]);
        spell(spelling, node->items[i]);
    }
    if (node->kind != NODE_SCALAR || node->quoted || yaml_reads_alike(node->text) ||
        !node->text[strspn(node->text, "0123456789")])
        return;
    copy_until(spelling, node);
    add_quoted(spelling->out, node->text);
    spelling->at += strlen(node->text);
    spelling->column += (int)strlen(node->text);
}

void try_spell_alike(struct text *out, const char *text) {
    struct err ignored = {0};
    struct arena *arena = arena_new();
    const struct node *root = yaml_parse(arena, "try", text, strlen(text), &ignored);
    struct spelling spelling = {.at = text, .line = 1, .column = 1, .out = out};
    if (root)
        spell(&spelling, root);
    text_add(out, spelling.at);
    arena_free(arena);
}

// ---- values ------------------------------------------------------------------------------------

// A message without its position, which is not one in the line.
static const char *without_place(const char *what) {
    int colons = 0;
    for (const char *at = what; *at; at++)
        if (*at == ':' && ++colons == 3)
            return at + 1 + strspn(at + 1, " ");
    return what;
}

const struct node *try_parse(struct try_line *line, size_t at, const char *text, struct err *err) {
    struct err why = {0};
    struct node *node = yaml_parse(line->arena, "try", text, strlen(text), &why);
    if (node)
        return node;
    try_error(line, at, err, "'%.60s' is not a value in YAML: %s", text, without_place(why.what));
    err_remedy(err, "values are written as in a scenario, such as {from: app}; `goneaway explain "
                    "try` shows the words");
    return NULL;
}

char *try_name_of_pair(const char *text) {
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789_-.");
    bool pair = length > 0 && text[length + strspn(text + length, " ")] == '=';
    return pair ? xprintf("%.*s", (int)length, text) : NULL;
}
