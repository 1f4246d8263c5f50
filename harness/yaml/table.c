// SPDX-License-Identifier: Apache-2.0
// table.c - decodes nodes by the tables of the language
#include "yaml/table.h"

#include "base/nearest.h"
#include "base/utf8.h"
#include "yaml/hint.h"
#include "yaml/mistakes.h"
#include "yaml/refusal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const struct type type_flag = {.name = "true or false", .kind = TYPE_FLAG};
const struct type type_count = {.name = "a whole number", .kind = TYPE_COUNT};
const struct type type_duration = {.name = "a duration such as 500ms, 1.6s or 2min",
                                   .kind = TYPE_DURATION};
const struct type type_size = {.name = "a size such as 4096, 64KiB or 17MiB", .kind = TYPE_SIZE};
const struct type type_percent = {.name = "a percentage such as 30% or 0.5%", .kind = TYPE_PERCENT};
const struct type type_rate = {.name = "a rate such as 64kbit or 1mbit (a second)",
                               .kind = TYPE_RATE};
const struct type type_text = {.name = "a text", .kind = TYPE_TEXT, .most = YAML_TEXT_MAX_BYTES};
const struct type type_line = {.name = "a text", .kind = TYPE_LINE, .most = LINE_MAX_BYTES};
const struct type type_name = {
    .name = "a name of letters, digits, - and _", .kind = TYPE_NAME, .most = NAME_MAX_BYTES};
const struct type type_actor = {
    .name = "a name of letters, digits, - and _", .kind = TYPE_NAME, .most = NAME_MAX_BYTES};
const struct type type_node = {.name = "a value", .kind = TYPE_NODE};
const struct type type_value = {.name = "a single value", .kind = TYPE_VALUE};
const struct type type_texts = {
    .name = "texts", .kind = TYPE_LIST, .item = &type_text, .most = LIST_MAX_ITEMS};
const struct type type_lines = {
    .name = "texts", .kind = TYPE_LIST, .item = &type_line, .most = LIST_MAX_ITEMS};
const struct type type_names = {
    .name = "names", .kind = TYPE_LIST, .item = &type_name, .most = LIST_MAX_ITEMS};
const struct type type_scalars = {.name = "a mapping from names to values",
                                  .kind = TYPE_DICT,
                                  .item = &type_text,
                                  .most = LIST_MAX_ITEMS};

size_t table_size(const struct type *type) {
    switch (type->kind) {
    case TYPE_FLAG:
    case TYPE_WORD:
        return sizeof(int);
    case TYPE_COUNT:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_PERCENT:
    case TYPE_RATE:
        return sizeof(int64_t);
    case TYPE_TEXT:
    case TYPE_LINE:
    case TYPE_NAME:
    case TYPE_NODE:
    case TYPE_VALUE:
    case TYPE_RECORD:
        return sizeof(void *);
    case TYPE_LIST:
        return sizeof(struct list);
    case TYPE_DICT:
        return sizeof(struct dict);
    case TYPE_CHOICE:
        return sizeof(struct choice);
    }
    abort();
}

static bool is_number(const struct type *type) {
    return type->kind >= TYPE_COUNT && type->kind <= TYPE_RATE;
}

void table_unset(const struct type *type, void *value) {
    memset(value, 0, table_size(type));
    if (type->kind == TYPE_FLAG || type->kind == TYPE_WORD)
        *(int *)value = -1;
    if (is_number(type))
        *(int64_t *)value = -1;
}

bool table_is_unset(const struct type *type, const void *value) {
    cleanup_free void *unset = xcalloc(1, table_size(type));
    table_unset(type, unset);
    return memcmp(unset, value, table_size(type)) == 0;
}

const char *choice_text(const struct choice *choice) {
    return choice->args ? *(const char **)choice->args : NULL;
}

int64_t choice_number(const struct choice *choice) {
    return choice->args ? *(int64_t *)choice->args : -1;
}

const struct verb *table_find_verb(const struct verb *const *verbs, const char *name) {
    for (; name && verbs && *verbs; verbs++)
        if (strcmp((*verbs)->name, name) == 0)
            return *verbs;
    return NULL;
}

// Calls `each` with every key of a record (including those of its choices), verb of a choice, or
// word.
static void each_name(const struct type *type, void (*each)(void *, const char *), void *context) {
    for (const struct field *field = type->fields; field && field->name; field++) {
        if (field->flags & FIELD_SPREAD)
            each_name(field->type, each, context);
        else
            each(context, field->name);
    }
    for (const struct verb *const *verb = type->verbs; verb && *verb; verb++)
        each(context, (*verb)->name);
    for (const struct word *word = type->words; word && word->name; word++)
        each(context, word->name);
}

struct enumeration {
    struct text text;
    const char *last;
};

static void add_name(void *context, const char *name) {
    struct enumeration *enumeration = context;
    if (enumeration->last)
        text_printf(&enumeration->text, "%s%s", enumeration->text.length ? ", " : "",
                    enumeration->last);
    enumeration->last = name;
}

char *table_names(struct arena *arena, const struct type *type) {
    struct enumeration enumeration = {0};
    each_name(type, add_name, &enumeration);
    char *result = arena_printf(arena, "%s%s%s", text_get(&enumeration.text),
                                enumeration.text.length ? " or " : "",
                                enumeration.last ? enumeration.last : "");
    text_release(&enumeration.text);
    return result;
}

static void try_name(void *context, const char *name) {
    nearest_try(context, name);
}

const char *table_nearest(const struct type *type, const char *name) {
    struct nearest nearest = {.wanted = name, .edits = NEAR_WORD};
    each_name(type, try_name, &nearest);
    return nearest_word(&nearest);
}

static int check_most(const struct type *type, const struct node *node, size_t seen,
                      struct err *err) {
    if (!type->most || seen <= (size_t)type->most)
        return 0;
    cleanup_free char *bounds = table_bounds(type);
    return node_error(node, err, "expected %s, not %zu", bounds, seen);
}

static int decode_number(const struct type *type, const struct node *node, int64_t *value,
                         struct err *err) {
    *value = -1;
    if (node->kind == NODE_SCALAR && type->words && strcmp(node->text, type->words[0].name) == 0) {
        *value = 0;
        return 0;
    }
    if (node->kind == NODE_SCALAR && !node->quoted) {
        if (type->kind == TYPE_DURATION)
            *value = text_duration_ms(node->text);
        else if (type->kind == TYPE_SIZE)
            *value = text_size_bytes(node->text);
        else if (type->kind == TYPE_PERCENT)
            *value = text_percent_ppm(node->text);
        else if (type->kind == TYPE_RATE)
            *value = text_rate_bits(node->text);
        else if (*node->text && strspn(node->text, "0123456789") == strlen(node->text) &&
                 strlen(node->text) < 18)
            *value = strtoll(node->text, NULL, 10);
    }
    if (*value < 0)
        return refuse_value(type, node, err);
    bool fits = !type->most || (*value >= type->least && *value <= type->most);
    return fits ? 0 : refuse_bounds(type, node, err);
}

static int decode_flag(const struct type *type, const struct node *node, int *value,
                       struct err *err) {
    if (node->kind != NODE_SCALAR || node->quoted)
        return refuse_value(type, node, err);
    *value = strcmp(node->text, "true") == 0 ? 1 : strcmp(node->text, "false") == 0 ? 0 : -1;
    return *value < 0 ? refuse_value(type, node, err) : 0;
}

static bool is_line(const char *text) {
    uint32_t character;
    for (size_t length; (length = utf8_next(text, &character)) > 0; text += length)
        if (!utf8_is_visible(character))
            return false;
    return true;
}

static int decode_text(const struct type *type, const struct node *node, const char **value,
                       struct err *err) {
    if (node->kind != NODE_SCALAR || (!*node->text && !node->quoted))
        return refuse_value(type, node, err);
    if (type->kind == TYPE_LINE && !is_line(node->text))
        return node_error(
            node, err,
            "a text that is shown to people has neither control characters nor line ends");
    if (type->kind == TYPE_NAME) {
        for (const char *c = node->text; *c; c++)
            if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
                return refuse_value(type, node, err);
        if (type != &type_actor && !isalpha((unsigned char)node->text[0]) && node->text[0] != '_')
            return refuse_value(type, node, err);
    }
    *value = node->text;
    return check_most(type, node, strlen(node->text), err);
}

static int decode_word(const struct type *type, const struct node *node, int *value,
                       struct arena *arena, struct err *err) {
    if (node->kind != NODE_SCALAR)
        return refuse_value(type, node, err);
    for (int i = 0; type->words[i].name; i++)
        if (strcmp(type->words[i].name, node->text) == 0) {
            *value = i;
            return 0;
        }
    return refuse_word(type, node, NULL, type->name, arena, err);
}

static int decode_list(const struct type *type, const struct node *node, struct list *list,
                       struct arena *arena, struct err *err) {
    size_t size = table_size(type->item);
    bool single = node->kind != NODE_LIST;
    size_t count = single ? 1 : node->count;
    if (check_most(type, node, count, err) < 0)
        return -1;
    list->items = arena_alloc(arena, (count + 1) * size);
    int ret = 0;
    for (size_t i = 0; i < count; i++) {
        const struct node *item = single ? node : node->items[i];
        if (table_decode(type->item, item, (char *)list->items + i * size, arena, err) == 0)
            continue;
        ret = -1;
        if (!mistakes_keep(item, type->item->name, err))
            return -1;
    }
    list->count = ret < 0 ? 0 : count;
    return ret;
}

static int decode_dict(const struct type *type, const struct node *node, struct dict *dict,
                       struct arena *arena, struct err *err) {
    if (node->kind != NODE_MAP)
        return refuse_value(type, node, err);
    if (check_most(type, node, node->count, err) < 0)
        return -1;
    size_t size = table_size(type->item);
    dict->keys = arena_alloc(arena, (node->count + 1) * sizeof *dict->keys);
    dict->items = arena_alloc(arena, (node->count + 1) * size);
    int ret = 0;
    for (size_t i = 0; i < node->count; i++) {
        void *value = (char *)dict->items + i * size;
        table_unset(type->item, value);
        dict->keys[i] = node->keys[i]->text;
        if (table_decode(type->item, node->items[i], value, arena, err) == 0)
            continue;
        ret = -1;
        if (!mistakes_keep(node->items[i], dict->keys[i], err))
            return -1;
    }
    dict->count = node->count;
    return ret;
}

int table_decode_verb(const struct verb *verb, const struct node *node, struct choice *choice,
                      struct arena *arena, struct err *err) {
    bool bare = node->kind == NODE_SCALAR && !node->quoted &&
                (!*node->text || strcmp(node->text, verb->name) == 0);
    choice->verb = verb;
    choice->node = node;
    if (!verb->args)
        return bare ? 0 : node_error(node, err, "'%s' takes no argument", verb->name);
    if (verb->args->kind != TYPE_RECORD) {
        choice->args = arena_alloc(arena, table_size(verb->args));
        table_unset(verb->args, choice->args);
        return table_decode(verb->args, node, choice->args, arena, err);
    }
    const struct node *used = node;
    if (bare) { // a bare verb: treated as a mapping without keys, which fails if one is required
        struct node *empty = arena_alloc(arena, sizeof *empty);
        *empty = *node;
        empty->kind = NODE_MAP;
        empty->count = 0;
        used = empty;
    }
    return table_decode(verb->args, used, &choice->args, arena, err);
}

static int decode_choice(const struct type *type, const struct node *node, struct choice *choice,
                         struct arena *arena, struct err *err) {
    const struct node *key = node;
    if (node->kind == NODE_MAP && node->count == 1)
        key = node->keys[0];
    if (key->kind != NODE_SCALAR)
        return node_error(node, err, "expected %s: %s", type->name, table_names(arena, type));
    const struct verb *verb = table_find_verb(type->verbs, key->text);
    if (!verb)
        return refuse_word(type, key, node->kind == NODE_MAP ? node->items[0] : NULL, type->name,
                           arena, err);
    return table_decode_verb(verb, node->kind == NODE_MAP ? node->items[0] : node, choice, arena,
                             err);
}

// The field that a key belongs to: its own, or a choice with a verb of this name.
static const struct field *find_field(const struct type *type, const char *key) {
    for (const struct field *field = type->fields; field->name; field++)
        if (field->flags & FIELD_SPREAD ? table_find_verb(field->type->verbs, key) != NULL
                                        : strcmp(field->name, key) == 0)
            return field;
    return NULL;
}

static int decode_key(const struct type *type, const struct node *map, size_t i, char *record,
                      struct arena *arena, struct err *err) {
    const struct node *key = map->keys[i], *value = map->items[i];
    const struct field *field = find_field(type, key->text);
    if (!field && is_cut_off(map, i))
        return refuse_cut_off(map, i, err);
    if (!field)
        return refuse_word(type, key, value, "key", arena, err);
    if (!(field->flags & FIELD_SPREAD))
        return table_decode(field->type, value, record + field->offset, arena, err);
    struct choice *choice = (struct choice *)(record + field->offset);
    if (choice->verb)
        return refuse_second(choice->verb->name, key, value, err);
    return table_decode_verb(table_find_verb(field->type->verbs, key->text), value, choice, arena,
                             err);
}

// Whether the hint for a wrong key suggests this field.
static bool hint_names(const char *hint, const char *field) {
    cleanup_free char *key = xprintf("%s:", field);
    return hint && strstr(hint, key);
}

// Whether one of the record's keys is the field's, or an unknown one that may be meant for it.
static bool stands_for(const struct type *type, const struct node *node,
                       const struct field *field) {
    for (size_t i = 0; node->kind == NODE_MAP && i < node->count; i++) {
        const char *key = node->keys[i]->text;
        const struct field *found = find_field(type, key);
        cleanup_free char *hint = found ? NULL : guess_hint(type->name, key, NULL);
        const char *near = found ? NULL : table_nearest(type, key);
        if (found == field || hint_names(hint, field->name) ||
            (near && find_field(type, near) == field) || (!found && (field->flags & FIELD_SPREAD)))
            return true;
    }
    return false;
}

// A field is not reported as missing if a wrong key may be meant for it.
static int check_required(const struct type *type, const struct node *node, const char *record,
                          struct arena *arena, struct err *err) {
    cleanup_text struct text missing = {0};
    int count = 0;
    for (const struct field *field = type->fields; field->name; field++) {
        if (!(field->flags & FIELD_REQUIRED) ||
            !table_is_unset(field->type, record + field->offset) || stands_for(type, node, field))
            continue;
        if (field->flags & FIELD_SPREAD)
            return node_error(node, err, "%s needs one of: %s", type->name,
                              table_names(arena, field->type));
        text_printf(&missing, "%s'%s'", count++ ? ", " : "", field->name);
    }
    return count == 0 ? 0
                      : node_error(node, err, "%s needs the key%s %s", type->name,
                                   count == 1 ? "" : "s", text_get(&missing));
}

static const struct field *spread_field(const struct type *type) {
    for (const struct field *field = type->fields; field->name; field++)
        if (field->flags & FIELD_SPREAD)
            return field;
    return NULL;
}

// A bare value is the value of the shorthand's key, or a verb without argument.
static int decode_shorthand(const struct type *type, const struct node *node, char *record,
                            struct arena *arena, struct err *err) {
    const struct field *field =
        type->shorthand ? find_field(type, type->shorthand) : spread_field(type);
    if (!field || (!type->shorthand && node->kind != NODE_SCALAR))
        return refuse_value(type, node, err);
    return table_decode(field->type, node, record + field->offset, arena, err);
}

static int decode_record(const struct type *type, const struct node *node, void **value,
                         struct arena *arena, struct err *err) {
    char *record = arena_alloc(arena, type->size);
    for (const struct field *field = type->fields; field->name; field++)
        table_unset(field->type, record + field->offset);
    *value = record;
    int ret = node->kind == NODE_MAP ? 0 : decode_shorthand(type, node, record, arena, err);
    for (size_t i = 0; node->kind == NODE_MAP && i < node->count; i++) {
        if (decode_key(type, node, i, record, arena, err) == 0)
            continue;
        ret = -1;
        if (!mistakes_keep(node->items[i], node->keys[i]->text, err))
            return -1;
    }
    bool whole = ret == 0 || node->kind == NODE_MAP;
    return whole && check_required(type, node, record, arena, err) < 0 ? -1 : ret;
}

int table_decode(const struct type *type, const struct node *node, void *value, struct arena *arena,
                 struct err *err) {
    switch (type->kind) {
    case TYPE_FLAG:
        return decode_flag(type, node, value, err);
    case TYPE_COUNT:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_PERCENT:
    case TYPE_RATE:
        return decode_number(type, node, value, err);
    case TYPE_TEXT:
    case TYPE_LINE:
    case TYPE_NAME:
        return decode_text(type, node, value, err);
    case TYPE_WORD:
        return decode_word(type, node, value, arena, err);
    case TYPE_NODE:
    case TYPE_VALUE:
        *(const struct node **)value = node;
        return type->kind == TYPE_NODE || node->kind == NODE_SCALAR ? 0
                                                                    : refuse_value(type, node, err);
    case TYPE_RECORD:
        return decode_record(type, node, value, arena, err);
    case TYPE_LIST:
        return decode_list(type, node, value, arena, err);
    case TYPE_DICT:
        return decode_dict(type, node, value, arena, err);
    case TYPE_CHOICE:
        return decode_choice(type, node, value, arena, err);
    }
    abort();
}
