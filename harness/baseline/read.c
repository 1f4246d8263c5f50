// SPDX-License-Identifier: Apache-2.0
// read.c - reads a baseline
//
// It uses the tables of plan/ and its parser of outcomes, so a cell means the same as in a
// scenario.
#include "baseline/baseline.h"

#include "base/file.h"
#include "base/utf8.h"
#include "plan/language_tables.h"
#include "plan/parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct outcomes_args {
    int64_t version;
    const char *connector, *server, *catalogue, *like;
    struct list known; // struct known_args *
    struct list only;
    const struct node *cases, *unstable;
};

struct known_args {
    const char *id, *because, *link;
};

static const struct type type_known = {
    .name = "an accepted deviation",
    .kind = TYPE_RECORD,
    .size = sizeof(struct known_args),
    .fields = (const struct field[]){
        FIELD(struct known_args, id, "case", &type_line, FIELD_REQUIRED, "the case's id"),
        FIELD(struct known_args, because, "because", &type_line, FIELD_REQUIRED, "the reason"),
        FIELD(struct known_args, link, "link", &type_line, 0, "where more of it is to be read"),
        END}};
static const struct type type_knowns = {
    .name = "a list of accepted deviations", .kind = TYPE_LIST, .item = &type_known, .most = 1000};

static const struct type type_outcomes = {
    .name = "a file of outcomes",
    .kind = TYPE_RECORD,
    .size = sizeof(struct outcomes_args),
    .fields = (const struct field[]){
        FIELD(struct outcomes_args, version, "goneaway-outcomes", &type_count, FIELD_REQUIRED,
              "the version of this form, 1"),
        FIELD(struct outcomes_args, connector, "connector", &type_line, FIELD_REQUIRED,
              "its name or family, and the version that was measured"),
        FIELD(struct outcomes_args, server, "server", &type_line, FIELD_REQUIRED,
              "its name, and the version that was measured"),
        FIELD(struct outcomes_args, catalogue, "catalogue", &type_line, 0,
              "the version of goneaway that wrote the file"),
        FIELD(struct outcomes_args, like, "like", &type_line, 0,
              "what holds for cases that are not in the file: `rows`, the outcomes of the "
              "scenarios, or another such file, relative to this one"),
        FIELD(struct outcomes_args, only, "only", &type_texts, 0,
              "what was run, by names, tags and globs as on the command line, if that was not all: "
              "other cases were not measured, whatever the file builds on"),
        FIELD(struct outcomes_args, known, "known", &type_knowns, 0,
              "deviations that are accepted"),
        FIELD(struct outcomes_args, cases, "cases", &type_node, 0, "what each step ends with"),
        FIELD(struct outcomes_args, unstable, "unstable", &type_node, 0,
              "what repetitions did not show alike: of each step that differed a list of the cells "
              "that were seen, each with how many `times`"),
        END}};

/** The state of reading a file. */
struct reader {
    struct baseline *baseline;
    struct scenario shell; // where the parser of outcomes puts its results
    int depth;             // length of the chain of files by `like`, this one included
    char *const *above;    // their real paths
    struct err *err;
};

// ---- ids ---------------------------------------------------------------------------------------

static int find_transport(const char *name, size_t length) {
    for (int i = 0; i < TRANSPORT_COUNT; i++)
        if (strlen(transport_words[i].name) == length &&
            memcmp(transport_words[i].name, name, length) == 0)
            return i;
    return -1;
}

const char **baseline_split_id(struct arena *arena, const char *text) {
    const char *at = strrchr(text, '@');
    const char **ids = arena_alloc(arena, (TRANSPORT_COUNT + 1) * sizeof *ids);
    size_t count = 0;
    bool seen[TRANSPORT_COUNT] = {false};
    if (!at || at[1] != '[') {
        ids[0] = text;
        return ids;
    }
    for (const char *word = at + 2;; word++) {
        word += strspn(word, " ");
        size_t length = strcspn(word, " ,]");
        int transport = find_transport(word, length);
        if (transport < 0 || seen[transport])
            return NULL;
        seen[transport] = true;
        ids[count++] =
            arena_printf(arena, "%.*s@%s", (int)(at - text), text, transport_words[transport].name);
        word += length + strspn(word + length, " ");
        if (*word != ',')
            return strcmp(word, "]") == 0 ? ids : NULL;
    }
}

static const char **split_id(const struct reader *reader, const struct node *at, const char *text) {
    const char **ids = baseline_split_id(reader->baseline->arena, text);
    if (!ids)
        node_error(at, reader->err,
                   "'%s' is not a case; several transports are written NAME@[socket, tcp]", text);
    return ids;
}

// ---- cells -------------------------------------------------------------------------------------

// `{error: 2013, times: 7}`: takes `times` out of a cell.
static int read_times(struct reader *reader, const struct node *cell, struct node *ret_cell,
                      int64_t *ret_times) {
    struct arena *arena = reader->baseline->arena;
    const struct node *times = cell->kind == NODE_MAP ? node_get(cell, "times") : NULL;
    *ret_cell = *cell;
    *ret_times = 0;
    if (!times)
        return 0;
    ret_cell->count = 0;
    ret_cell->keys = arena_alloc(arena, cell->count * sizeof *ret_cell->keys);
    ret_cell->items = arena_alloc(arena, cell->count * sizeof *ret_cell->items);
    for (size_t i = 0; i < cell->count; i++)
        if (cell->items[i] != times) {
            ret_cell->keys[ret_cell->count] = cell->keys[i];
            ret_cell->items[ret_cell->count++] = cell->items[i];
        }
    return table_decode(COUNT(1, MOST_COUNTED), times, ret_times, arena, reader->err);
}

// For an unstable step, the cells that were seen become alternatives.
static int read_seen(struct reader *reader, const struct node *node, struct expectation **ret) {
    if (node->count == 0 || node->count > MOST_ALTERNATIVES)
        return node_error(node, reader->err, "a list of what was seen has from 1 to %d cells",
                          MOST_ALTERNATIVES);
    cleanup_text struct text all = {0};
    struct expectation **next = ret;
    for (size_t i = 0; i < node->count; i++) {
        int64_t times;
        struct node *cell = arena_alloc(reader->baseline->arena, sizeof *cell);
        if (read_times(reader, node->items[i], cell, &times) < 0 ||
            outcome_read(&reader->shell, cell, next, reader->err) < 0)
            return -1;
        (*next)->times = times;
        text_printf(&all, "%s%s", i > 0 ? " or " : "", (*next)->text);
        while (*next)
            next = &(*next)->or_else;
    }
    (*ret)->text = arena_text(reader->baseline->arena, text_get(&all), all.length);
    return 0;
}

static int read_row(struct reader *reader, const struct node *key, const struct node *node,
                    bool unstable, struct plan_row **ret) {
    struct arena *arena = reader->baseline->arena;
    if (node->kind != NODE_MAP || node->count == 0)
        return node_error(node, reader->err,
                          "a case is a mapping from step ids to what they end with");
    if (node->count > MOST_STEPS)
        return node_error(node, reader->err, "a case has at most %d steps", MOST_STEPS);
    struct plan_row *row = *ret = arena_alloc(arena, sizeof *row);
    row->node = key;
    row->unstable = unstable;
    row->ids = arena_alloc(arena, node->count * sizeof *row->ids);
    row->expectations = arena_alloc(arena, node->count * sizeof *row->expectations);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *cell = node->items[i];
        struct expectation **expected = &row->expectations[row->count];
        const char *unused;
        if (table_decode(&type_name, node->keys[i], &unused, arena, reader->err) < 0 ||
            (unstable && cell->kind == NODE_LIST
                 ? read_seen(reader, cell, expected)
                 : outcome_read(&reader->shell, cell, expected, reader->err)) < 0)
            return -1;
        row->ids[row->count++] = node->keys[i]->text;
    }
    return 0;
}

static int add_case(struct reader *reader, const struct node *key, const struct node *value,
                    bool unstable) {
    struct baseline *baseline = reader->baseline;
    struct plan_row *row = NULL;
    const char **ids = split_id(reader, key, key->text);
    if (!ids || read_row(reader, key, value, unstable, &row) < 0)
        return -1;
    for (; *ids; ids++) {
        if (baseline->case_count == BASELINE_MOST_CASES)
            return node_error(key, reader->err, "a file has at most %d cases", BASELINE_MOST_CASES);
        baseline->cases[baseline->case_count++] = (struct baseline_case){
            .id = *ids, .unstable = unstable, .row = row, .key = key, .value = value};
    }
    return 0;
}

// A key without a value has no cases.
static int read_cases(struct reader *reader, const struct node *node, bool unstable) {
    if (!node || (node->kind == NODE_SCALAR && !node->quoted && !*node->text))
        return 0;
    if (node->kind != NODE_MAP)
        return node_error(node, reader->err, "'%s' is a mapping from cases to their steps",
                          unstable ? "unstable" : "cases");
    for (size_t i = 0; i < node->count; i++)
        if (add_case(reader, node->keys[i], node->items[i], unstable) < 0)
            return -1;
    return 0;
}

static int by_id(const void *a, const void *b) {
    const struct baseline_case *one = a, *other = b;
    int order = strcmp(one->id, other->id);
    return order ? order : one->key->line - other->key->line;
}

static int read_all_cases(struct reader *reader, const struct outcomes_args *args) {
    struct baseline *baseline = reader->baseline;
    size_t most = TRANSPORT_COUNT * ((args->cases ? args->cases->count : 0) +
                                     (args->unstable ? args->unstable->count : 0));
    baseline->cases = arena_alloc(baseline->arena, (most + 1) * sizeof *baseline->cases);
    if (read_cases(reader, args->cases, false) < 0 || read_cases(reader, args->unstable, true) < 0)
        return -1;
    qsort(baseline->cases, baseline->case_count, sizeof *baseline->cases, by_id);
    for (size_t i = 1; i < baseline->case_count; i++)
        if (strcmp(baseline->cases[i - 1].id, baseline->cases[i].id) == 0)
            return node_error(baseline->cases[i].key, reader->err,
                              "the case %s stands in line %d already", baseline->cases[i].id,
                              baseline->cases[i - 1].key->line);
    return 0;
}

// ---- accepted deviations -----------------------------------------------------------------------

static int add_known(struct reader *reader, const struct known_args *args,
                     const struct node *node) {
    struct baseline *baseline = reader->baseline;
    const char **ids = split_id(reader, node, args->id);
    if (!ids)
        return -1;
    for (; *ids; ids++) {
        if (baseline_known(baseline, *ids))
            return node_error(node, reader->err, "the case %s is listed here twice", *ids);
        baseline->known[baseline->known_count++] = (struct baseline_known){
            .id = *ids, .because = args->because, .link = args->link, .node = node};
    }
    return 0;
}

static int read_known(struct reader *reader, const struct list *list, const struct node *nodes) {
    struct baseline *baseline = reader->baseline;
    baseline->known =
        arena_alloc(baseline->arena, (TRANSPORT_COUNT * list->count + 1) * sizeof *baseline->known);
    for (size_t i = 0; i < list->count; i++)
        if (add_known(reader, ((struct known_args **)list->items)[i],
                      nodes->kind == NODE_LIST ? nodes->items[i] : nodes) < 0)
            return -1;
    return 0;
}

// ---- the head ----------------------------------------------------------------------------------

// "pymysql 1.1.1"
static int split_name(struct reader *reader, const char *key, const char *text,
                      const char **ret_name, const char **ret_version) {
    const struct node *node = node_get(reader->baseline->root, key);
    size_t length = strcspn(text, " ");
    if (length == 0 || length > NAME_MAX_BYTES || strchr(text, '\t'))
        return node_error(node, reader->err, "expected a name and a version, as in pymysql 1.1.1");
    *ret_name = arena_text(reader->baseline->arena, text, length);
    *ret_version = text + length + strspn(text + length, " ");
    return 0;
}

static struct baseline *read_file(const char *path, int depth, char *const *above, struct err *err);

// Opens nothing but files of outcomes, so that `like` cannot reveal what else is on this machine.
static int check_like(struct reader *reader, const struct node *node) {
    const char *text = node->text;
    size_t length = strlen(text);
    if (*text == '/' || length < 5 || strcmp(text + length - 4, ".yml") != 0)
        return node_error(node, reader->err,
                          "'like' is `rows`, or the path of a file .yml relative to this one");
    if (reader->depth == BASELINE_MOST_LIKES)
        return node_error(node, reader->err, "more than %d files build on each other",
                          BASELINE_MOST_LIKES);
    return 0;
}

static int read_like(struct reader *reader, const char *like) {
    struct baseline *baseline = reader->baseline;
    const struct node *node = node_get(baseline->root, "like");
    baseline->like_rows = like && strcmp(like, "rows") == 0;
    if (!like || baseline->like_rows)
        return 0;
    if (check_like(reader, node) < 0)
        return -1;
    const char *slash = strrchr(baseline->path, '/');
    cleanup_free char *path =
        xprintf("%.*s%s", slash ? (int)(slash + 1 - baseline->path) : 0, baseline->path, like);
    cleanup_free char *real = realpath(path, NULL), *own = realpath(baseline->path, NULL);
    char *chain[BASELINE_MOST_LIKES + 1] = {NULL};
    for (int i = 0; i + 1 < reader->depth; i++)
        chain[i] = reader->above[i];
    chain[reader->depth - 1] = own;
    for (int i = 0; i < reader->depth; i++)
        if (real && chain[i] && strcmp(real, chain[i]) == 0)
            return node_error(node, reader->err, "'%s' builds on this file in turn", like);
    struct err why = {0};
    baseline->like = read_file(path, reader->depth + 1, chain, &why);
    if (baseline->like)
        return 0;
    cleanup_free char *what = utf8_shown(why.what, false);
    return node_error(node, reader->err, "like: %s", what);
}

static int check_version(const struct reader *reader) {
    const struct node *root = reader->baseline->root, *version;
    int64_t number;
    if (root->kind != NODE_MAP || !(version = node_get(root, "goneaway-outcomes")))
        return node_error(root, reader->err,
                          "this is not a file of outcomes: the key 'goneaway-outcomes', as in "
                          "`goneaway-outcomes: 1`, is missing");
    if (table_decode(&type_count, version, &number, NULL, reader->err) < 0)
        return -1;
    return number == 1 ? 0
                       : node_error(version, reader->err,
                                    "this goneaway reads version 1 of such files, not %lld",
                                    (long long)number);
}

static int build(struct reader *reader) {
    struct baseline *baseline = reader->baseline;
    struct outcomes_args *args;
    if (check_version(reader) < 0 ||
        table_decode(&type_outcomes, baseline->root, &args, baseline->arena, reader->err) < 0 ||
        split_name(reader, "connector", args->connector, &baseline->connector,
                   &baseline->connector_version) < 0 ||
        split_name(reader, "server", args->server, &baseline->server, &baseline->server_version) <
            0)
        return -1;
    baseline->catalogue = args->catalogue;
    baseline->only = args->only;
    return read_known(reader, &args->known, node_get(baseline->root, "known")) < 0 ||
                   read_all_cases(reader, args) < 0
               ? -1
               : read_like(reader, args->like);
}

static struct baseline *parse(const char *path, const char *data, size_t length, int depth,
                              char *const *above, struct err *err) {
    struct arena *arena = arena_new();
    struct baseline *baseline = arena_alloc(arena, sizeof *baseline);
    baseline->arena = arena;
    baseline->path = arena_text(arena, path, strlen(path));
    struct reader reader = {.baseline = baseline,
                            .shell = {.arena = arena, .patterns = pattern_set_new(arena)},
                            .depth = depth,
                            .above = above,
                            .err = err};
    baseline->root = yaml_parse(arena, path, data, length, err);
    int ret = baseline->root ? build(&reader) : -1;
    baseline->bytes = length + (baseline->like ? baseline->like->bytes : 0);
    pattern_set_release(reader.shell.patterns);
    if (ret == 0)
        return baseline;
    baseline_free(baseline);
    return NULL;
}

static struct baseline *read_file(const char *path, int depth, char *const *above,
                                  struct err *err) {
    cleanup_text struct text data = {0};
    if (file_read(path, YAML_MAX_BYTES, &data, err) < 0) {
        err->kind = ERR_USAGE;
        return NULL;
    }
    return parse(path, text_get(&data), data.length, depth, above, err);
}

struct baseline *baseline_read(const char *path, struct err *err) {
    return read_file(path, 1, NULL, err);
}

struct baseline *baseline_parse(const char *path, const char *data, size_t length,
                                struct err *err) {
    return parse(path, data, length, 1, NULL, err);
}

void baseline_free(struct baseline *baseline) {
    if (!baseline)
        return;
    baseline_free(baseline->like);
    arena_free(baseline->arena);
}
