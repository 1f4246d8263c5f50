// SPDX-License-Identifier: Apache-2.0
// refusal.c - the message for a word or a value that does not fit, with a suggestion
#include "yaml/refusal.h"

#include "yaml/flow.h"
#include "yaml/hint.h"

#include <string.h>
#include <strings.h>

// The field that a bare value is probably meant for: the only one, or the only required one.
static const struct field *likely_field(const struct type *type) {
    const struct field *only = NULL, *required = NULL;
    int count = 0, required_count = 0;
    for (const struct field *field = type->fields; field && field->name; field++) {
        if (field->flags & FIELD_SPREAD)
            return NULL;
        count++;
        only = field;
        if (field->flags & FIELD_REQUIRED) {
            required_count++;
            required = field;
        }
    }
    return count == 1 ? only : required_count == 1 ? required : NULL;
}

static bool has_word(const struct field *field, const char *word) {
    for (const struct word *one = field->type->words; one && one->name; one++)
        if (strcmp(one->name, word) == 0)
            return true;
    return false;
}

// Another field that has the value as a word, if the likely one does not.
static const struct field *other_field(const struct type *type, const struct field *likely,
                                       const char *word) {
    const struct field *field = type->fields;
    while (field->name && !has_word(field, word))
        field++;
    return field->name && !has_word(likely, word) ? field : NULL;
}

// Suggests the mapping for a bare list or value, which may be right under its key.
static char *as_mapping(const struct type *type, const struct node *node) {
    const struct field *field = type->kind == TYPE_RECORD ? likely_field(type) : NULL;
    if (!field || node->kind == NODE_MAP || (node->kind == NODE_SCALAR && !*node->text) ||
        (node->kind == NODE_LIST && field->type->kind != TYPE_LIST))
        return NULL;
    cleanup_free char *shown = node_flow(node);
    const struct field *other = other_field(type, field, shown);
    const char *flow = other || flow_fits(field->type, node) ? shown
                       : node->kind == NODE_LIST             ? "[..]"
                                                             : "..";
    return other
               ? xprintf("write `%s: {%s: .., %s: %s}`", type->name, field->name, other->name, flow)
               : xprintf("write `%s: {%s: %s}`", type->name, field->name, flow);
}

// Suggests "3s" for 3.
static char *with_unit(const struct type *type, const struct node *node) {
    if (type->kind != TYPE_DURATION || node->kind != NODE_SCALAR || !*node->text ||
        strlen(node->text) > 9 || strspn(node->text, "0123456789.") != strlen(node->text))
        return NULL;
    return xprintf("write %ss for seconds", node->text);
}

// The hint for a word that people try, or for a mapping with such a key.
static char *guess_of(const struct type *type, const struct node *node) {
    char *guess = NULL;
    if (node->kind == NODE_SCALAR)
        guess = guess_hint(type->name, node->text, NULL);
    else if (node->kind == NODE_MAP && node->count == 1)
        guess = guess_hint(type->name, node->keys[0]->text, node->items[0]);
    return guess ? guess : guess_hint(type->name, "*", node);
}

int refuse_value(const struct type *type, const struct node *node, struct err *err) {
    char buffer[NODE_SHOWN_BYTES];
    cleanup_free char *mapping = as_mapping(type, node), *unit = with_unit(type, node);
    cleanup_free char *guess = guess_of(type, node);
    const char *hint = guess ? guess : mapping ? mapping : unit;
    return node_error(node, err, "expected %s, not %s%s%s", type->name,
                      node_describe(node, buffer, sizeof buffer), hint ? "; " : "",
                      hint ? hint : "");
}

int refuse_bounds(const struct type *type, const struct node *node, struct err *err) {
    char buffer[NODE_SHOWN_BYTES];
    cleanup_free char *bounds = table_bounds(type);
    return node_error(node, err, "expected %s, not %s", bounds,
                      node_describe(node, buffer, sizeof buffer));
}

// The same word in other case, or a signal with its SIG; NULL: none.
static const char *same_word(const struct type *type, const char *word) {
    const char *bare = strncasecmp(word, "SIG", 3) == 0 ? word + 3 : word;
    for (const struct word *one = type->words; one && one->name; one++)
        if (strcasecmp(one->name, word) == 0 || strcasecmp(one->name, bare) == 0)
            return one->name;
    return NULL;
}

// "'firewall-connect' or 'firewall-established'" for firewall; NULL: none.
static char *words_that_begin(const struct type *type, const char *word) {
    cleanup_text struct text list = {0};
    for (const struct word *one = type->words; one && one->name; one++)
        if (strlen(word) >= 3 && text_starts(one->name, word))
            text_printf(&list, "%s'%s'", list.length ? " or " : "", one->name);
    return list.length ? xstrdup(text_get(&list)) : NULL;
}

int refuse_word(const struct type *type, const struct node *word, const struct node *value,
                const char *what, struct arena *arena, struct err *err) {
    if (strcmp(type->name, word->text) == 0) // a bare `fault: stub`
        return node_error(word, err, "`%s` needs a value: choose from %s", word->text,
                          table_names(arena, type));
    const char *near = same_word(type, word->text);
    cleanup_free char *hint = near ? NULL : guess_hint(type->name, word->text, value);
    if (hint)
        return node_error(word, err, "unknown %s '%s'; %s", what, word->text, hint);
    cleanup_free char *longer = near ? NULL : words_that_begin(type, word->text);
    if (longer)
        return node_error(word, err, "unknown %s '%s'; did you mean %s?", what, word->text, longer);
    if (!near)
        near = table_nearest(type, word->text);
    if (near)
        return node_error(word, err, "unknown %s '%s'; did you mean '%s'?", what, word->text, near);
    return node_error(word, err, "unknown %s '%s'; choose from %s", what, word->text,
                      table_names(arena, type));
}

// The first of a run of empty keys that this item belongs to.
static size_t first_empty(const struct node *map, size_t i) {
    while (i > 0 && node_is_empty(map->items[i - 1]))
        i--;
    return i;
}

bool is_cut_off(const struct node *map, size_t i) {
    size_t first = first_empty(map, i);
    const struct node *before = first > 0 ? map->items[first - 1] : NULL;
    return before && node_is_empty(map->items[i]) && before->kind == NODE_SCALAR &&
           !before->quoted && strchr(before->text, ' ') && before->line == map->keys[i]->line;
}

int refuse_cut_off(const struct node *map, size_t i, struct err *err) {
    cleanup_text struct text text = {0};
    size_t first = first_empty(map, i);
    text_add(&text, map->items[first - 1]->text);
    for (size_t k = first; k < map->count && node_is_empty(map->items[k]); k++)
        if (text.length <= FLOW_BYTES)
            text_printf(&text, ", %s", map->keys[k]->text);
    const char *quote = strchr(text_get(&text), '"') ? "'" : "\"";
    if (text.length > FLOW_BYTES || strstr(text_get(&text), quote))
        return node_error(map->keys[first], err,
                          "a comma ends a value inside of {}; put quotes around the whole value");
    return node_error(map->keys[first], err,
                      "a comma ends a value inside of {}; put it in quotes: `%s: %s%s%s`",
                      map->keys[first - 1]->text, quote, text_get(&text), quote);
}

int refuse_second(const char *first, const struct node *key, const struct node *value,
                  struct err *err) {
    cleanup_free char *guess = guess_hint(first, key->text, value);
    return node_error(key, err, "'%s' and '%s' exclude each other; %s", first, key->text,
                      guess ? guess : "write a step for each");
}
