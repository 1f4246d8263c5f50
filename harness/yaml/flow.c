// SPDX-License-Identifier: Apache-2.0
// flow.c - writes a node as YAML on one line, and checks whether that would be accepted where it is
// put
#include "yaml/flow.h"

#include <string.h>

static void add_flow(struct text *text, const struct node *node) {
    if (text->length > FLOW_BYTES)
        return;
    if (node->kind == NODE_SCALAR) {
        const char *quote = node->quoted ? "\"" : "";
        text_printf(text, "%s%s%s", quote, node->text, quote);
        return;
    }
    text_add(text, node->kind == NODE_MAP ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        text_add(text, i ? ", " : "");
        if (node->kind == NODE_MAP)
            text_printf(text, "%s: ", node->keys[i]->text);
        add_flow(text, node->items[i]);
    }
    text_add(text, node->kind == NODE_MAP ? "}" : "]");
}

char *node_flow(const struct node *node) {
    cleanup_text struct text text = {0};
    add_flow(&text, node);
    return text.length > FLOW_BYTES ? xstrdup("..") : xstrdup(text_get(&text));
}

// Copies a node without the file's list of mistakes, since this is only a try. The node is small:
// larger ones are not tried.
static struct node *copy(const struct node *node, struct arena *arena) {
    struct node *to = arena_alloc(arena, sizeof *to);
    *to = *node;
    to->mistakes = NULL;
    if (node->kind == NODE_SCALAR)
        return to;
    to->keys = arena_alloc(arena, (node->count + 1) * sizeof *to->keys);
    to->items = arena_alloc(arena, (node->count + 1) * sizeof *to->items);
    for (size_t i = 0; i < node->count; i++) {
        to->keys[i] = node->kind == NODE_MAP ? copy(node->keys[i], arena) : NULL;
        to->items[i] = copy(node->items[i], arena);
    }
    return to;
}

bool flow_fits(const struct type *type, const struct node *node) {
    cleanup_free char *flow = node_flow(node);
    if (strcmp(flow, "..") == 0)
        return false;
    struct arena *arena = arena_new();
    void *value = arena_alloc(arena, table_size(type));
    struct err unused = {0};
    table_unset(type, value);
    bool fits = table_decode(type, copy(node, arena), value, arena, &unused) == 0;
    arena_free(arena);
    return fits;
}

bool flow_fits_verb(const struct verb *verb, const struct node *node) {
    cleanup_free char *flow = node_flow(node);
    if (strcmp(flow, "..") == 0)
        return false;
    struct arena *arena = arena_new();
    struct choice choice = {0};
    struct err unused = {0};
    bool fits = table_decode_verb(verb, copy(node, arena), &choice, arena, &unused) == 0;
    arena_free(arena);
    return fits;
}
