// SPDX-License-Identifier: Apache-2.0
// yaml.c - reads a YAML file as a tree of nodes, by way of libfyaml
#include "yaml/yaml.h"

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"
#include "yaml/mistakes.h"

#include <errno.h>
#include <libfyaml.h>
#include <string.h>

struct reader {
    struct arena *arena;
    struct mistakes *mistakes; // of the file, or NULL
    const char *file;
    struct fy_parser *parser;
    struct fy_diag *diag;
    int depth;
    int line, column; // of the latest scalar
    struct err *err;
};

// Deeper than any scenario nests; bounds the recursion.
enum { MAX_DEPTH = 32 };

// The items read so far of a list or mapping, whose length is unknown until its end.
struct items {
    struct node **nodes;
    size_t count, capacity;
};

static void items_add(struct items *items, struct node *node) {
    if (items->count == items->capacity) {
        items->capacity = items->capacity * 2 + 8;
        items->nodes = xrealloc(items->nodes, items->capacity, sizeof(struct node *));
    }
    items->nodes[items->count++] = node;
}

static void items_release(struct items *items) {
    free(items->nodes);
}
#define cleanup_items __attribute__((cleanup(items_release)))

static void take_position(struct reader *reader, struct fy_token *token) {
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    if (!mark)
        return;
    reader->line = mark->line + 1;
    reader->column = mark->column + 1;
}

static struct node *new_node(struct reader *reader, enum node_kind kind) {
    struct node *node = arena_alloc(reader->arena, sizeof *node);
    node->kind = kind;
    node->file = reader->file;
    node->mistakes = reader->mistakes;
    node->line = reader->line;
    node->column = reader->column;
    return node;
}

static struct node *refuse(struct reader *reader, struct fy_token *at, const char *why) {
    take_position(reader, at);
    node_error(new_node(reader, NODE_SCALAR), reader->err, "%s", why);
    return NULL;
}

// libfyaml's messages, and plainer ones with a remedy.
static const char *const plainer[][2] = {
    {"invalid nested block mapping on the same line",
     "invalid nested block mapping on the same line; put it in braces, as in `app: {connect: "
     "{read_timeout: 2s}}`"},
    {"tab character may not be used as indentation", "tabs cannot indent YAML; use spaces"},
    {"missing comma in flow mapping",
     "missing comma in {}; a text with commas or quotes in it needs quotes around the whole of it"},
};

// The first error that libfyaml collected, as one line. It collects none for some (0.7.12: a block
// text whose indentation is 0, `|0`); such an error is somewhere after the last node.
static void take_diagnostic(struct reader *reader) {
    void *position = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(reader->diag, &position);
    if (first)
        reader->line = first->line, reader->column = first->column;
    const char *why = first ? first->msg : "what follows from here on is not YAML";
    for (size_t i = 0; i < COUNT_OF(plainer); i++)
        why = strcmp(why, plainer[i][0]) == 0 ? plainer[i][1] : why;
    refuse(reader, NULL, why);
}

static struct fy_event *next_event(struct reader *reader) {
    errno = 0;
    struct fy_event *event = fy_parser_parse(reader->parser);
    if (!event && errno == ENOMEM)
        out_of_memory();
    if (!event)
        take_diagnostic(reader);
    return event;
}

static struct node *read_node(struct reader *reader, bool *ret_end);

static int read_items(struct reader *reader, struct items *items) {
    for (bool end = false;;) {
        struct node *item = read_node(reader, &end);
        if (!item)
            return end ? 0 : -1;
        items_add(items, item);
    }
}

static struct node **keep(struct reader *reader, const struct items *items, size_t first,
                          size_t step) {
    struct node **kept = arena_alloc(reader->arena, (items->count + 1) * sizeof *kept);
    for (size_t i = first, at = 0; i < items->count; i += step)
        kept[at++] = items->nodes[i];
    return kept;
}

static struct node *read_list(struct reader *reader) {
    cleanup_items struct items items = {0};
    struct node *to = new_node(reader, NODE_LIST);
    if (read_items(reader, &items) < 0)
        return NULL;
    to->count = items.count;
    to->items = keep(reader, &items, 0, 1);
    return to;
}

static int by_text(const void *a, const void *b) {
    const struct node *one = *(struct node *const *)a, *other = *(struct node *const *)b;
    int order = strcmp(one->text, other->text);
    if (order)
        return order;
    return one->line != other->line ? one->line - other->line : one->column - other->column;
}

// Drops a repeated key, so that all others who read the mapping find each key once.
static void leave_out(struct node *map, const struct node *key) {
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++)
        if (map->keys[i] != key) {
            map->keys[kept] = map->keys[i];
            map->items[kept++] = map->items[i];
        }
    map->count = kept;
}

// Returns whether to continue all the same.
static bool refuse_repeated(struct reader *reader, struct node *map, const struct node *first,
                            const struct node *again) {
    node_error(again, reader->err, "the same key stands in line %d already", first->line);
    leave_out(map, again);
    return mistakes_keep(again, again->text, reader->err);
}

// Sorts the keys, since a file may have a hundred thousand of them.
static int check_keys(struct reader *reader, struct node *map) {
    cleanup_free struct node **keys = xcalloc(map->count, sizeof *keys);
    for (size_t i = 0; i < map->count; i++) {
        if (map->keys[i]->kind != NODE_SCALAR)
            return node_error(map->keys[i], reader->err, "a key must be a plain word");
        if (strlen(map->keys[i]->text) > YAML_KEY_MAX_BYTES)
            return node_error(map->keys[i], reader->err, "a key is at most %d bytes long",
                              YAML_KEY_MAX_BYTES);
        keys[i] = map->keys[i];
    }
    size_t count = map->count;
    qsort(keys, count, sizeof(struct node *), by_text);
    for (size_t i = 1; i < count; i++)
        if (strcmp(keys[i - 1]->text, keys[i]->text) == 0 &&
            !refuse_repeated(reader, map, keys[i - 1], keys[i]))
            return -1;
    return 0;
}

static struct node *read_map(struct reader *reader) {
    cleanup_items struct items items = {0};
    struct node *to = new_node(reader, NODE_MAP);
    if (read_items(reader, &items) < 0)
        return NULL;
    to->count = items.count / 2;
    to->keys = keep(reader, &items, 0, 2);
    to->items = keep(reader, &items, 1, 2);
    return check_keys(reader, to) < 0 ? NULL : to;
}

static struct node *read_scalar(struct reader *reader, struct fy_token *token) {
    size_t length = 0;
    const char *text = token ? fy_token_get_text(token, &length) : NULL;
    enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
    take_position(reader, token);
    struct node *to = new_node(reader, NODE_SCALAR);
    if (length > YAML_TEXT_MAX_BYTES) {
        node_error(to, reader->err, "a text is at most %d bytes long", YAML_TEXT_MAX_BYTES);
        return NULL;
    }
    to->text = arena_text(reader->arena, text ? text : "", length);
    to->quoted = style != FYSS_PLAIN && style != FYSS_ANY;
    if (strlen(to->text) == length)
        return to;
    node_error(to, reader->err, "a value must not contain a NUL byte");
    return NULL;
}

// Scalars have a position. A list or mapping gets that of its first scalar, since libfyaml does not
// report its brackets or dashes; an empty one, that of the latest scalar.
static struct node *read_parts(struct reader *reader, bool map, struct fy_token *start) {
    if (reader->depth == MAX_DEPTH) {
        cleanup_free char *why = xprintf("nested more than %d levels deep", MAX_DEPTH);
        return refuse(reader, start, why);
    }
    reader->depth++;
    struct node *to = map ? read_map(reader) : read_list(reader);
    reader->depth--;
    if (to && to->count > 0) {
        const struct node *first = map ? to->keys[0] : to->items[0];
        to->line = first->line;
        to->column = first->column;
    }
    return to;
}

static struct node *read_event(struct reader *reader, struct fy_event *event) {
    static const char reason[] = "anchors, aliases and tags are not part of the scenario language";
    struct fy_token *anchor = NULL, *tag = NULL;
    if (event->type == FYET_SCALAR)
        anchor = event->scalar.anchor, tag = event->scalar.tag;
    else if (event->type == FYET_SEQUENCE_START)
        anchor = event->sequence_start.anchor, tag = event->sequence_start.tag;
    else if (event->type == FYET_MAPPING_START)
        anchor = event->mapping_start.anchor, tag = event->mapping_start.tag;
    else if (event->type == FYET_ALIAS)
        anchor = event->alias.anchor;
    if (event->type == FYET_ALIAS || anchor || tag)
        return refuse(reader, anchor ? anchor : tag, reason);
    if (event->type == FYET_SCALAR)
        return read_scalar(reader, event->scalar.value);
    return event->type == FYET_MAPPING_START
               ? read_parts(reader, true, event->mapping_start.mapping_start)
               : read_parts(reader, false, event->sequence_start.sequence_start);
}

// The next node; NULL at the end of the enclosing list or mapping, and after an error.
static struct node *read_node(struct reader *reader, bool *ret_end) {
    struct fy_event *event = next_event(reader);
    struct node *node = NULL;
    if (!event)
        return NULL;
    *ret_end = event->type == FYET_SEQUENCE_END || event->type == FYET_MAPPING_END;
    if (!*ret_end)
        node = read_event(reader, event);
    fy_parser_event_free(reader->parser, event);
    return node;
}

// The type of the next event that is not part of a node; FYET_NONE after an error.
static enum fy_event_type skip_event(struct reader *reader) {
    struct fy_event *event = next_event(reader);
    enum fy_event_type type = event ? event->type : FYET_NONE;
    fy_parser_event_free(reader->parser, event);
    return type;
}

// Reads the document's tree; a second document in the same file is an error.
static struct node *read_stream(struct reader *reader) {
    bool end;
    skip_event(reader);
    enum fy_event_type begun = skip_event(reader);
    if (begun == FYET_STREAM_END)
        return refuse(reader, NULL, "the file is empty");
    struct node *root = begun == FYET_DOCUMENT_START ? read_node(reader, &end) : NULL;
    if (!root || skip_event(reader) != FYET_DOCUMENT_END)
        return NULL;
    enum fy_event_type after = skip_event(reader);
    if (after == FYET_DOCUMENT_START)
        return refuse(reader, NULL, "the file goes on with a second document after this");
    return after == FYET_STREAM_END ? root : NULL;
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

// libfyaml takes a NUL byte for the end of the file, and may never return from an invalid byte. A
// run of blanks and empty lines takes it quadratic time.
static int check_characters(struct reader *reader, const char *data, size_t length) {
    enum { MOST_BLANKS = 1000 };
    int line = 1, column = 1, blanks = 0;
    for (const char *at = data; at < data + length; column++) {
        uint32_t character;
        size_t used = utf8_next(at, &character);
        if (used == 0 || character == UTF8_INVALID || is_control(character))
            return err_usage(reader->err,
                             "%s:%d:%d: the byte 0x%02x is not text; a scenario is UTF-8",
                             reader->file, line, column, (unsigned)(unsigned char)*at);
        blanks = strchr(" \t\r\n", (int)character) && character < 0x80 ? blanks + 1 : 0;
        if (blanks > MOST_BLANKS)
            return err_usage(reader->err,
                             "%s:%d:%d: more than %d blanks and empty lines one after the other",
                             reader->file, line, column, MOST_BLANKS);
        if (character == '\n')
            line++, column = 0;
        at += used;
    }
    return 0;
}

static int refuse_tag(struct reader *reader, int line, int column, int most, const char *what) {
    return err_usage(reader->err,
                     "%s:%d:%d: more than %d %s in one word behind a '!'; tags are not part of the "
                     "scenario language",
                     reader->file, line, column, most, what);
}

// Escapes such as %41 in a tag, and an unterminated `!<tag`, take libfyaml quadratic time too. A
// tag is a word that starts with '!'; all are refused, but only once they have been parsed.
static int check_tags(struct reader *reader, const char *text) {
    enum { MOST_ESCAPES = 100, LONGEST = 1000 };
    int line = 1, column = 1, bang = 0, escapes = 0;
    bool verbatim = false;
    for (const char *at = text; *at; at++, column += (*at & 0xc0) != 0x80) {
        if (strchr(" \t\r\n", *at))
            bang = escapes = verbatim = 0;
        else if (*at == '!' && !bang)
            bang = column;
        verbatim |= bang && at[0] == '!' && at[1] == '<';
        if (verbatim && column - bang > LONGEST)
            return refuse_tag(reader, line, bang, LONGEST, "characters");
        if (bang && *at == '%' && ++escapes > MOST_ESCAPES)
            return refuse_tag(reader, line, bang, MOST_ESCAPES, "%-escapes");
        if (*at == '\n')
            line++, column = 0;
    }
    return 0;
}

// Directives take libfyaml time quadratic in their number. A carriage return ends a line too.
static int check_directives(struct reader *reader, const char *text) {
    int line = 1;
    char before = '\n';
    for (const char *at = text; *at; before = *at++) {
        if (*at == '%' && (before == '\n' || before == '\r'))
            return err_usage(reader->err,
                             "%s:%d:1: directives are not part of the scenario language",
                             reader->file, line);
        line += *at == '\n';
    }
    return 0;
}

static struct node *parse(struct reader *reader, const char *text, size_t length) {
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    reader->diag = fy_diag_create(&diag_config);
    if (!reader->diag)
        out_of_memory();
    fy_diag_set_collect_errors(reader->diag, true);
    struct fy_parse_cfg config = {.flags = FYPCF_DEFAULT_VERSION_1_2, .diag = reader->diag};
    reader->parser = fy_parser_create(&config);
    if (!reader->parser || fy_parser_set_string(reader->parser, text, length) < 0)
        out_of_memory();
    struct node *root = read_stream(reader);
    fy_parser_destroy(reader->parser);
    fy_diag_destroy(reader->diag);
    return root;
}

struct node *yaml_parse(struct arena *arena, const char *name, const char *data, size_t length,
                        struct err *err) {
    return yaml_parse_all(arena, NULL, name, data, length, err);
}

struct node *yaml_parse_all(struct arena *arena, struct mistakes *mistakes, const char *name,
                            const char *data, size_t length, struct err *err) {
    struct reader reader = {.arena = arena,
                            .mistakes = mistakes,
                            .file = arena_text(arena, name, strlen(name)),
                            .line = 1,
                            .column = 1,
                            .err = err};
    if (is_blank(data, length)) {
        err_usage(err, "%s:1:1: the file is empty", name);
        return NULL;
    }
    const char *text = arena_text(arena, data, length);
    if (check_characters(&reader, text, length) < 0 || check_directives(&reader, text) < 0 ||
        check_tags(&reader, text) < 0)
        return NULL;
    return parse(&reader, text, length);
}

struct node *yaml_read(struct arena *arena, const char *path, struct err *err) {
    cleanup_text struct text data = {0};
    if (file_read(path, YAML_MAX_BYTES, &data, err) < 0) {
        err->kind = ERR_USAGE;
        return NULL;
    }
    return yaml_parse(arena, path, text_get(&data), data.length, err);
}
