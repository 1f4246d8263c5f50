// SPDX-License-Identifier: Apache-2.0
// params.c - substitutes a variant's parameters in the steps
#include "plan/params.h"

#include "base/utf8.h"
#include "plan/parts.h"
#include "yaml/mistakes.h"

#include <ctype.h>
#include <string.h>

enum { PARAM_MAX_BYTES = 64 };

static const struct node *find(const struct params *params, const char *name) {
    for (size_t i = 0; params->with && i < params->with->count; i++)
        if (strcmp(params->with->keys[i], name) == 0) {
            if (params->used)
                params->used[i] = true;
            return ((const struct node **)params->with->items)[i];
        }
    return NULL;
}

// 1 found, 0 defined by other variants only, -1 unknown.
static int look_up(const struct params *params, const char *name, const struct node *at,
                   const struct node **ret_node, struct err *err) {
    *ret_node = find(params, name);
    if (*ret_node)
        return 1;
    if (!params->known)
        return node_error(at, err,
                          "the value of a parameter cannot refer to another, '$%s' (write $$ for a "
                          "dollar sign)",
                          name);
    if (bsearch(&name, params->known, params->known_count, sizeof(char *), text_order))
        return 0;
    node_error(at, err,
               "unknown parameter '$%s'; parameters are defined by a variant's `with`"
               " (write $$ for a dollar sign)",
               name);
    return mistakes_misses(at, params->known_count ? name : "variants");
}

static size_t name_length(const char *text) {
    size_t length = 0;
    if (isalpha((unsigned char)text[0]) || text[0] == '_')
        while (isalnum((unsigned char)text[length]) || text[length] == '_')
            length++;
    return length;
}

static int expand(const struct params *params, const struct node *at, const char *from,
                  size_t length, struct text *to, struct err *err);

// Generators that adapters expand; here, only the argument is converted to plain digits.
static const struct generator {
    const char *opening;
    int64_t most;
    const char *example, *refusal; // `refusal` is of a bad argument, which replaces its %s
} generators[] = {
    {"blob(", PAYLOAD_MAX_BYTES, "$blob(17MiB)",
     "$blob needs a size of at most 1GiB, such as 17MiB, not '%s'"},
    {"rows(", PAYLOAD_MAX_ROWS, "$rows(1000)",
     "$rows needs a count of at most 10000000, such as 1000, not '%s'"},
};

// Expands "$blob(SIZE)"; `from` is after the opening bracket. Returns the length consumed, 0 if it
// is none.
static long expand_generator(const struct params *params, const struct generator *generator,
                             const struct node *at, const char *from, struct text *to,
                             struct err *err) {
    size_t length = strcspn(from, ")");
    if (!from[length])
        return node_error(at, err, "'$%s' lacks its closing bracket, as in %s", generator->opening,
                          generator->example);
    cleanup_text struct text argument = {0};
    int ret = expand(params, at, from, length, &argument, err);
    if (ret <= 0)
        return ret;
    int64_t number = text_size_bytes(text_get(&argument));
    if (number < 0 || number > generator->most) {
        cleanup_free char *why = xprintf(generator->refusal, text_get(&argument));
        return node_error(at, err, "%s", why);
    }
    text_printf(to, "$%s%lld)", generator->opening, (long long)number);
    return (long)length + 1;
}

// Expands one `$..`; `from` is after the dollar. Returns the length consumed, 0 if it is none, -1
// on error.
static long expand_one(const struct params *params, const struct node *at, const char *from,
                       struct text *to, struct err *err) {
    if (*from == '$') {
        text_add(to, "$");
        return 1;
    }
    for (size_t i = 0; i < COUNT_OF(generators); i++) {
        size_t opening = strlen(generators[i].opening);
        if (!text_starts(from, generators[i].opening))
            continue;
        long used = expand_generator(params, &generators[i], at, from + opening, to, err);
        return used <= 0 ? used : used + (long)opening;
    }
    char name[PARAM_MAX_BYTES];
    size_t length = name_length(from);
    if (length == 0 || length >= sizeof name)
        return node_error(at, err, "a dollar sign must be written $$ where no parameter follows");
    memcpy(name, from, length);
    name[length] = '\0';
    const struct node *value;
    int ret = look_up(params, name, at, &value, err);
    if (ret <= 0 || !value)
        return ret;
    if (value->kind != NODE_SCALAR)
        return node_error(at, err, "'$%s' is not a single value and cannot stand inside a text",
                          name);
    text_add(to, value->text);
    return (long)length;
}

static int expand(const struct params *params, const struct node *at, const char *from,
                  size_t length, struct text *to, struct err *err) {
    for (const char *end = from + length; from < end;) {
        if (to->length > YAML_TEXT_MAX_BYTES)
            return node_error(at, err,
                              "with its parameters put in, this text is longer than %d bytes",
                              YAML_TEXT_MAX_BYTES);
        size_t plain = strcspn(from, "$");
        if (plain > (size_t)(end - from))
            plain = (size_t)(end - from);
        text_append(to, from, plain);
        from += plain;
        if (from == end)
            break;
        // at the very end of a text, as in a regular expression, a dollar is literal
        if (from[1] == '\0') {
            text_add(to, "$");
            break;
        }
        long used = expand_one(params, at, from + 1, to, err);
        if (used <= 0)
            return (int)used;
        from += 1 + used;
    }
    return 1;
}

int params_check_memory(const struct arena *arena, const struct node *node, struct err *err) {
    if (arena_used(arena) <= SCENARIO_MAX_MEMORY)
        return 0;
    mistakes_close(node);
    return node_error(node, err,
                      "with the parameters put in, the cases of this file take more than %d MiB; "
                      "give it fewer variants or transports, or shorter texts",
                      SCENARIO_MAX_MEMORY >> 20);
}

// Whether a text consists of `$name` or `$name?` alone.
static bool is_reference(const char *text) {
    size_t length = *text == '$' ? name_length(text + 1) : 0;
    return length > 0 && length < PARAM_MAX_BYTES &&
           (!text[1 + length] || strcmp(text + 1 + length, "?") == 0);
}

static bool is_optional(const struct node *node) {
    return node->kind == NODE_SCALAR && is_reference(node->text) && strchr(node->text, '?');
}

static int apply_scalar(const struct params *params, const struct node *node, struct arena *arena,
                        const struct node **ret_node, struct err *err) {
    *ret_node = node;
    if (!strchr(node->text, '$'))
        return 0;
    if (is_reference(node->text)) {
        char name[PARAM_MAX_BYTES] = {0};
        memcpy(name, node->text + 1, name_length(node->text + 1));
        return look_up(params, name, node, ret_node, err) < 0 ? -1 : 0;
    }
    cleanup_text struct text text = {0};
    int ret = expand(params, node, node->text, strlen(node->text), &text, err);
    struct node *copy = arena_alloc(arena, sizeof *copy);
    *copy = *node;
    copy->text = arena_text(arena, text_get(&text), text.length);
    *ret_node = ret > 0 ? copy : NULL;
    return ret < 0 ? -1 : params_check_memory(arena, node, err);
}

int params_apply(const struct params *params, const struct node *node, struct arena *arena,
                 const struct node **ret_node, struct err *err) {
    if (node->kind == NODE_SCALAR)
        return apply_scalar(params, node, arena, ret_node, err);
    struct node *copy = arena_alloc(arena, sizeof *copy);
    *copy = *node;
    copy->count = 0;
    copy->items = arena_alloc(arena, (node->count + 1) * sizeof *copy->items);
    copy->keys = arena_alloc(arena, (node->count + 1) * sizeof *copy->keys);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item;
        if (params_apply(params, node->items[i], arena, &item, err) < 0) {
            if (!mistakes_keep(node->items[i], "", err))
                return -1;
            item = node->items[i];
        }
        if (!item) {
            if (!copy->left_out && !is_optional(node->items[i]))
                copy->left_out = node->items[i];
            continue;
        }
        if (node->kind == NODE_MAP)
            copy->keys[copy->count] = node->keys[i];
        copy->items[copy->count++] = (struct node *)item;
    }
    *ret_node = copy;
    return params_check_memory(arena, node, err);
}

void params_warn(const struct scenario *scenario, const char *variant, const struct node *node) {
    if (node && node->left_out) {
        cleanup_free char *shown = utf8_shown(node->left_out->text, false);
        scenario_warn(
            scenario, node->left_out,
            "the variant '%s' lacks a parameter of '%.*s', so this key is left out; write "
            "`\"$name?\"` where that is meant",
            variant, NODE_SHOWN_BYTES, shown);
    }
    for (size_t i = 0; node && i < node->count; i++)
        params_warn(scenario, variant, node->items[i]);
}

int params_prepare(struct dict *with, struct arena *arena, struct err *err) {
    const struct node **values = with->items;
    const struct params none = {0};
    for (size_t i = 0; i < with->count; i++) {
        const struct node *value;
        if (params_apply(&none, values[i], arena, &value, err) == 0)
            values[i] = value;
        else if (!mistakes_keep(values[i], with->keys[i], err))
            return -1;
    }
    return 0;
}

bool params_is_name(const char *name) {
    size_t length = name_length(name);
    return length > 0 && length < PARAM_MAX_BYTES && !name[length];
}
