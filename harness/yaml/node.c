// SPDX-License-Identifier: Apache-2.0
// node.c - finds and describes nodes of a file's tree
#include "yaml/yaml.h"

#include "base/text.h"
#include "base/utf8.h"
#include "yaml/mistakes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct node *node_get(const struct node *map, const char *key) {
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i]->text, key) == 0)
            return map->items[i];
    return NULL;
}

bool node_is_empty(const struct node *node) {
    return node->kind == NODE_SCALAR && !node->quoted && !*node->text;
}

int node_error(const struct node *node, struct err *err, const char *format, ...) {
    enum { MOST_MESSAGE_BYTES = 800 };
    cleanup_free char *message = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&message, format, args);
    va_end(args);
    if (length < 0)
        out_of_memory();
    // it contains a stranger's text, perhaps a long one, and may be shown on a terminal
    if (length > MOST_MESSAGE_BYTES + (int)sizeof " ..")
        strcpy(message + MOST_MESSAGE_BYTES, " ..");
    cleanup_free char *file = utf8_shown(node->file, false);
    cleanup_free char *shown = utf8_shown(message, false);
    mistakes_note(node->mistakes, node);
    return err_usage(err, "%s:%d:%d: %s", file, node->line, node->column, shown);
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
