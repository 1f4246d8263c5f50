// SPDX-License-Identifier: Apache-2.0
// renamed.c - former words of the language: still accepted, with a warning that names today's
//
// They are replaced in the tree before anything else reads it, so the tables know only today's
// words.
#include "plan/parts.h"

#include <string.h>

static struct node *item(struct node *map, const char *key) {
    return (struct node *)node_get(map, key);
}

static void rename_key(const struct scenario *scenario, struct node *map, const char *from,
                       const char *to) {
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
        if (strcmp(map->keys[i]->text, from) == 0 && !node_get(map, to)) {
            scenario_warn(scenario, map->keys[i], "`%s` is written `%s` today", from, to);
            map->keys[i]->text = to;
        }
}

static void rename_value(const struct scenario *scenario, struct node *node, const char *from,
                         const char *to) {
    if (!node || node->kind != NODE_SCALAR || strcmp(node->text, from) != 0)
        return;
    scenario_warn(scenario, node,
                  "`%s` is written `%s` today: some readers of YAML take it for a "
                  "boolean",
                  from, to);
    node->text = to;
}

// Handles an outcome that is a mapping, and its alternatives.
static void rename_in_cell(const struct scenario *scenario, struct node *cell) {
    struct node *others = item(cell, "or");
    if (node_get(cell, "error") || node_get(cell, "ok"))
        rename_key(scenario, cell, "errno", "system_errno");
    for (size_t i = 0; others && others->kind == NODE_LIST && i < others->count; i++)
        rename_in_cell(scenario, others->items[i]);
}

static void rename_in_cells(const struct scenario *scenario, struct node *row) {
    for (size_t i = 0; row && row->kind == NODE_MAP && i < row->count; i++)
        rename_in_cell(scenario, row->items[i]);
}

static void rename_in_rows(const struct scenario *scenario, struct node *rows) {
    if (rows && rows->kind == NODE_MAP)
        rename_in_cells(scenario, rows);
    for (size_t i = 0; rows && rows->kind == NODE_LIST && i < rows->count; i++)
        rename_in_cells(scenario, rows->items[i]);
}

static void rename_in_step(const struct scenario *scenario, struct node *step) {
    struct node *status = item(item(step, "until"), "status");
    if (status)
        rename_key(scenario, status, "at_least", "grown_by");
}

static void rename_in_variant(const struct scenario *scenario, struct node *variant) {
    struct node *holds = item(variant, "holds");
    rename_value(scenario, holds, "yes", "true");
    rename_value(scenario, holds, "no", "false");
    rename_in_cells(scenario, item(variant, "with")); // a parameter may be an outcome
}

void renamed_apply(const struct scenario *scenario, struct node *root) {
    rename_key(scenario, root, "host", "hosts");
    struct node *variants = item(root, "variants"), *steps = item(root, "steps");
    for (size_t i = 0; variants && variants->kind == NODE_MAP && i < variants->count; i++)
        rename_in_variant(scenario, variants->items[i]);
    for (size_t i = 0; steps && steps->kind == NODE_LIST && i < steps->count; i++)
        rename_in_step(scenario, steps->items[i]);
    rename_in_rows(scenario, item(root, "promise"));
    rename_in_rows(scenario, item(root, "outcomes"));
}
