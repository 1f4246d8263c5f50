// SPDX-License-Identifier: Apache-2.0
// yaml.c - a YAML file as a tree of nodes, by way of libfyaml
#include "plan/yaml.h"

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct reader {
    struct arena *arena;
    const char *file;
    int depth;
    int line, column; // of the latest scalar
    struct err *err;
};

// Deeper nesting than any scenario has; keeps the recursion bounded.
enum { MAX_DEPTH = 32 };

static struct node *read_node(struct reader *reader, struct fy_node *from);

static int read_map(struct reader *reader, struct fy_node *from, struct node *to) {
    to->kind = NODE_MAP;
    to->count = (size_t)fy_node_mapping_item_count(from);
    to->items = arena_alloc(reader->arena, (to->count + 1) * sizeof *to->items);
    to->keys = arena_alloc(reader->arena, (to->count + 1) * sizeof *to->keys);
    void *position = NULL;
    size_t i = 0;
    for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(from, &position)); i++) {
        to->keys[i] = read_node(reader, fy_node_pair_key(pair));
        if (!to->keys[i])
            return -1;
        if (to->keys[i]->kind != NODE_SCALAR)
            return node_error(to->keys[i], reader->err, "a key must be a plain word");
        to->items[i] =
            fy_node_pair_value(pair) ? read_node(reader, fy_node_pair_value(pair)) : NULL;
        if (!to->items[i] && fy_node_pair_value(pair))
            return -1;
        if (!to->items[i]) {
            to->items[i] = arena_alloc(reader->arena, sizeof **to->items);
            *to->items[i] = *to->keys[i];
            to->items[i]->text = "";
        }
    }
    return 0;
}

static int read_list(struct reader *reader, struct fy_node *from, struct node *to) {
    to->kind = NODE_LIST;
    to->count = (size_t)fy_node_sequence_item_count(from);
    to->items = arena_alloc(reader->arena, (to->count + 1) * sizeof *to->items);
    void *position = NULL;
    size_t i = 0;
    for (struct fy_node *item; (item = fy_node_sequence_iterate(from, &position)); i++)
        if (!(to->items[i] = read_node(reader, item)))
            return -1;
    return 0;
}

static int read_scalar(struct reader *reader, struct fy_node *from, struct node *to) {
    size_t length = 0;
    const char *text = fy_node_get_scalar(from, &length);
    to->kind = NODE_SCALAR;
    to->text = arena_text(reader->arena, text ? text : "", length);
    enum fy_node_style style = fy_node_get_style(from);
    to->quoted = style != FYNS_PLAIN && style != FYNS_ANY;
    if (strlen(to->text) != length)
        return node_error(to, reader->err, "a value must not contain a NUL byte");
    return 0;
}

// Scalars have a token with a position. A map or list stands where its first scalar stands (its
// brackets or dashes are not told), an empty one where its parent's latest scalar was.
static void read_position(struct reader *reader, struct fy_node *from) {
    struct fy_node *first = from;
    void *position = NULL;
    while (first && !fy_node_is_scalar(first)) {
        position = NULL;
        if (fy_node_is_mapping(first)) {
            struct fy_node_pair *pair = fy_node_mapping_iterate(first, &position);
            first = pair ? fy_node_pair_key(pair) : NULL;
        } else {
            first = fy_node_sequence_iterate(first, &position);
        }
    }
    struct fy_token *token = first ? fy_node_get_scalar_token(first) : NULL;
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    if (mark) {
        reader->line = mark->line + 1;
        reader->column = mark->column + 1;
    }
}

static struct node *read_node(struct reader *reader, struct fy_node *from) {
    struct node *to = arena_alloc(reader->arena, sizeof *to);
    to->file = reader->file;
    read_position(reader, from);
    to->line = reader->line;
    to->column = reader->column;
    if (fy_node_is_alias(from)) {
        node_error(to, reader->err,
                   "anchors, aliases and tags are not part of the scenario language");
        return NULL;
    }
    if (fy_node_get_anchor(from) || fy_node_get_tag_token(from)) {
        node_error(to, reader->err,
                   "anchors, aliases and tags are not part of the scenario language");
        return NULL;
    }
    if (++reader->depth > MAX_DEPTH) {
        node_error(to, reader->err, "nested more than %d levels deep", MAX_DEPTH);
        return NULL;
    }
    int ret = fy_node_is_mapping(from)    ? read_map(reader, from, to)
              : fy_node_is_sequence(from) ? read_list(reader, from, to)
                                          : read_scalar(reader, from, to);
    reader->depth--;
    return ret == 0 ? to : NULL;
}

// The first error that libfyaml collected, as one line.
static void take_diagnostic(struct reader *reader, struct fy_diag *diag) {
    void *position = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(diag, &position);
    if (first)
        err_usage(reader->err, "%s:%d:%d: %s", reader->file, first->line, first->column,
                  first->msg);
    else
        err_usage(reader->err, "%s:1:1: the file is empty", reader->file);
}

// The document's tree; a second document in the same file is an error.
static struct node *read_stream(struct reader *reader, struct fy_parser *parser,
                                struct fy_diag *diag) {
    struct node *root = NULL;
    struct fy_document *document = fy_parse_load_document(parser);
    if (!document || fy_parser_get_stream_error(parser))
        take_diagnostic(reader, diag);
    else if (!fy_document_root(document))
        err_usage(reader->err, "%s:1:1: the file is empty", reader->file);
    else
        root = read_node(reader, fy_document_root(document));
    fy_parse_document_destroy(parser, document);
    document = root ? fy_parse_load_document(parser) : NULL;
    if (root && fy_parser_get_stream_error(parser)) {
        take_diagnostic(reader, diag);
        root = NULL;
    } else if (document) {
        err_usage(reader->err, "%s:%d:%d: the file goes on with a second document after this",
                  reader->file, reader->line, reader->column);
        root = NULL;
    }
    fy_parse_document_destroy(parser, document);
    return root;
}

static bool is_blank(const char *data, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (data[i] == '\0' || !strchr(" \t\r\n", data[i]))
            return false;
    return true;
}

static bool is_control(uint32_t character) {
    return character < ' ' ? !strchr("\t\r\n", (int)character)
                           : character >= 0x7f && character < 0xa0 && character != 0x85;
}

// libfyaml takes a NUL byte for the end of the file, and may never return from an invalid one.
static int check_characters(struct reader *reader, const char *data, size_t length) {
    int line = 1, column = 1;
    for (const char *at = data; at < data + length; column++) {
        uint32_t character;
        size_t used = utf8_next(at, &character);
        if (used == 0 || character == UTF8_INVALID || is_control(character))
            return err_usage(reader->err,
                             "%s:%d:%d: the byte 0x%02x is no text; a scenario is UTF-8",
                             reader->file, line, column, (unsigned)(unsigned char)*at);
        if (character == '\n')
            line++, column = 0;
        at += used;
    }
    return 0;
}

struct node *yaml_parse(struct arena *arena, const char *name, const char *data, size_t length,
                        struct err *err) {
    struct reader reader = {.arena = arena,
                            .file = arena_text(arena, name, strlen(name)),
                            .line = 1,
                            .column = 1,
                            .err = err};
    if (is_blank(data, length)) {
        err_usage(err, "%s:1:1: the file is empty", name);
        return NULL;
    }
    const char *text = arena_text(arena, data, length);
    if (check_characters(&reader, text, length) < 0)
        return NULL;
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    if (!diag)
        abort();
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg config = {.flags = FYPCF_DEFAULT_VERSION_1_2, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&config);
    if (!parser || fy_parser_set_string(parser, text, length) < 0)
        abort();
    struct node *root = read_stream(&reader, parser, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return root;
}

struct node *yaml_read(struct arena *arena, const char *path, struct err *err) {
    cleanup_text struct text data = {0};
    if (file_read(path, YAML_MAX_BYTES, &data, err) < 0) {
        err->kind = ERR_USAGE;
        return NULL;
    }
    return yaml_parse(arena, path, text_get(&data), data.length, err);
}

const struct node *node_get(const struct node *map, const char *key) {
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i]->text, key) == 0)
            return map->items[i];
    return NULL;
}

int node_error(const struct node *node, struct err *err, const char *format, ...) {
    cleanup_free char *message = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&message, format, args);
    va_end(args);
    if (length < 0)
        abort();
    return err_usage(err, "%s:%d:%d: %s", node->file, node->line, node->column, message);
}

const char *node_describe(const struct node *node, char *buffer, size_t size) {
    if (node->kind == NODE_LIST)
        return "a list";
    if (node->kind == NODE_MAP)
        return "a mapping";
    if (!*node->text && !node->quoted)
        return "nothing";
    if (strlen(node->text) + sizeof "''" <= size)
        snprintf(buffer, size, "'%s'", node->text);
    else
        snprintf(buffer, size, "'%.*s..'", (int)(size - sizeof "'..'"), node->text);
    return buffer;
}
