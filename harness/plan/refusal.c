// SPDX-License-Identifier: Apache-2.0
// refusal.c - the message for a word or a value that does not fit, with a suggestion
#include "plan/refusal.h"

#include "base/nearest.h"
#include "plan/guesses.h"
#include "plan/language.h"
#include "plan/mistakes.h"

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
    cleanup_free char *shown = guess_flow(node);
    const struct field *other = other_field(type, field, shown);
    const char *flow = other || guess_fits(field->type, node) ? shown
                       : node->kind == NODE_LIST              ? "[..]"
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

static bool is_empty(const struct node *node) {
    return node->kind == NODE_SCALAR && !node->quoted && !*node->text;
}

// The first of a run of empty keys that this item belongs to.
static size_t first_empty(const struct node *map, size_t i) {
    while (i > 0 && is_empty(map->items[i - 1]))
        i--;
    return i;
}

bool is_cut_off(const struct node *map, size_t i) {
    size_t first = first_empty(map, i);
    const struct node *before = first > 0 ? map->items[first - 1] : NULL;
    return before && is_empty(map->items[i]) && before->kind == NODE_SCALAR && !before->quoted &&
           strchr(before->text, ' ') && before->line == map->keys[i]->line;
}

int refuse_cut_off(const struct node *map, size_t i, struct err *err) {
    cleanup_text struct text text = {0};
    size_t first = first_empty(map, i);
    text_add(&text, map->items[first - 1]->text);
    for (size_t k = first; k < map->count && is_empty(map->items[k]); k++)
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

static const char *nearest_key(const char *const *actors, const char *key) {
    struct nearest nearest = {.wanted = key, .edits = NEAR_WORD};
    for (const struct verb *const *verb = step_verbs; *verb; verb++)
        nearest_try(&nearest, (*verb)->name);
    for (; *actors; actors++)
        nearest_try(&nearest, *actors);
    for (const struct field *field = type_step_common.fields; field->name; field++)
        nearest_try(&nearest, field->name);
    return nearest_word(&nearest);
}

// Suggests `apps: [app, other]` for a key that is followed by something an app does; NULL: nothing
// is.
static char *name_app(const struct node *key, const struct node *value, const char *const *actors) {
    struct node verb = *value;
    struct text list = {0};
    struct err unused;
    const char *name;
    if (is_empty(&verb) || !guess_fits(&type_app, &verb) ||
        table_decode(&type_name, key, &name, NULL, &unused) < 0)
        return NULL;
    for (; *actors; actors++)
        text_printf(&list, "%s, ", *actors);
    text_add(&list, key->text);
    return list.data;
}

// Whether a key of the file was written among those of a step.
static bool is_of_file(const char *key) {
    for (const struct field *field = type_scenario.fields; field->name; field++)
        if (strcmp(field->name, key) == 0)
            return true;
    return false;
}

static void say_unknown(const struct node *key, const struct node *value, const char *const *actors,
                        struct arena *arena, struct err *err) {
    const struct type verbs = {.name = "step", .kind = TYPE_CHOICE, .verbs = step_verbs};
    const char *near = nearest_key(actors, key->text), *text = key->text;
    cleanup_free char *apps = name_app(key, value, actors);
    if (near && apps)
        node_error(
            key, err,
            "unknown key '%s' of a step; did you mean '%s'? A second app is named at the top "
            "of the file, `apps: [%s]`",
            text, near, apps);
    else if (apps)
        node_error(key, err,
                   "unknown key '%s' of a step; if it is an app, name it at the top of the file: "
                   "`apps: [%s]`",
                   text, apps);
    else if (is_of_file(text))
        node_error(key, err, "'%s' is not a key of a step; it stands at the top of the file", text);
    else if (near)
        node_error(key, err, "unknown key '%s' of a step; did you mean '%s'?", text, near);
    else
        node_error(key, err, "unknown key '%s' of a step; a step is an app's (%s ..) or one of %s",
                   text, actors[0], table_names(arena, &verbs));
}

int refuse_step(const struct node *key, const struct node *value, const char *const *actors,
                struct arena *arena, struct err *err) {
    cleanup_free char *guess = guess_hint(type_step_common.name, key->text, value);
    cleanup_free char *verb = guess ? NULL : guess_step(key->text, value);
    const char *hint = guess ? guess : verb;
    if (hint)
        return node_error(key, err, "unknown key '%s' of a step; %s", key->text, hint);
    say_unknown(key, value, actors, arena, err);
    return mistakes_misses(key, key->text); // an app that a broken step would have created
}

int refuse_id(const struct node *id, const struct node *key, struct err *err) {
    return node_error(id, err,
                      "'%s' has no outcome to judge; leave the id out, or put it beside a call, as "
                      "in `{id: %s, app: ping}`",
                      key->text, id->text);
}

int refuse_id_of_fault(const struct node *id, const struct node *value, struct err *err) {
    cleanup_free char *flow = guess_flow(value);
    const char *kind = value->kind == NODE_MAP && *flow == '{' ? flow + 1 : NULL;
    return node_error(id, err, "the name of a fault stands within it: write `fault: {id: %s, %s%s`",
                      id->text, kind ? kind : flow, kind ? "" : ": }");
}

int refuse_outcomes(const struct node *list, struct err *err) {
    if (list->count < 2 || list->items[0]->kind != NODE_SCALAR)
        return node_error(list, err, "an outcome is a word, a code or a mapping, not a list");
    struct node others = *list;
    others.items++;
    others.count--;
    cleanup_free char *first = guess_flow(list->items[0]), *rest = guess_flow(&others);
    return node_error(list, err,
                      "an outcome has one code; for a race write `{error: %s, or: %s, why: which "
                      "race it is}`, for several servers or connectors a row each",
                      first, rest);
}
