// SPDX-License-Identifier: Apache-2.0
// selection.c - selects variants of a scenario: by name, by group, or all but some
#include "plan/language_tables.h"
#include "plan/parts.h"
#include "yaml/mistakes.h"

#include <string.h>

static bool has_text(const struct list *list, const char *text) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(((const char **)list->items)[i], text) == 0)
            return true;
    return false;
}

static const struct list *find_group(const struct scenario *scenario, const char *name) {
    for (size_t i = 0; i < scenario->groups.count; i++)
        if (strcmp(scenario->groups.keys[i], name) == 0)
            return &((const struct list *)scenario->groups.items)[i];
    return NULL;
}

// Whether a list of variants and groups includes a variant.
static bool names(const struct scenario *scenario, const struct list *list, const char *variant) {
    if (has_text(list, variant))
        return true;
    for (size_t i = 0; i < list->count; i++) {
        const struct list *group = find_group(scenario, ((const char **)list->items)[i]);
        if (group && has_text(group, variant))
            return true;
    }
    return false;
}

static const struct node *item_of(const struct node *node, size_t index) {
    return node->kind == NODE_LIST ? node->items[index] : node;
}

// `groups`: whether names of groups are allowed.
static int check_names(const struct scenario *scenario, const struct list *list, bool groups,
                       const struct node *nodes, struct err *err) {
    for (size_t i = 0; i < list->count; i++) {
        const char *name = ((const char **)list->items)[i];
        if (has_text(&scenario->variants, name) || (groups && find_group(scenario, name)))
            continue;
        cleanup_text struct text known = {0};
        for (size_t k = 0; k < scenario->variants.count; k++)
            text_printf(&known, "%s%s", k ? ", " : "; choose from ",
                        ((const char **)scenario->variants.items)[k]);
        for (size_t k = 0; groups && k < scenario->groups.count; k++)
            text_printf(&known, "%s%s", k ? ", " : "; groups: ", scenario->groups.keys[k]);
        node_error(item_of(nodes, i), err, "there is no variant '%s'%s", name, text_get(&known));
        mistakes_misses(item_of(nodes, i), scenario->variants.count ? name : "variants");
        return mistakes_misses(item_of(nodes, i), scenario->groups.count ? name : "groups");
    }
    return 0;
}

int groups_check(const struct scenario *scenario, const struct node *node, struct err *err) {
    for (size_t i = 0; i < scenario->groups.count; i++) {
        const char *name = scenario->groups.keys[i];
        const struct list *group = &((const struct list *)scenario->groups.items)[i];
        if (!condition_is_name(name))
            return node_error(node->keys[i], err,
                              "a group's name is made of letters, digits, - and _");
        if (has_text(&scenario->variants, name))
            return node_error(node->keys[i], err, "'%s' is a variant; call the group otherwise",
                              name);
        if (group->count == 0)
            return node_error(node->items[i], err, "a group names one variant or more");
        if (check_names(scenario, group, false, node->items[i], err) < 0)
            return -1;
    }
    return 0;
}

// `[]` has always meant all.
static bool is_empty(const struct selection_args *selection) {
    return selection->of.count == 0 && selection->all_but.count == 0;
}

int selection_check(const struct scenario *scenario, const struct selection_args *selection,
                    const struct node *node, struct err *err) {
    if (!selection || is_empty(selection))
        return 0;
    bool excludes = selection->all_but.count > 0;
    if (excludes && selection->of.count > 0)
        return node_error(node, err,
                          "name the variants that are meant, or `all-but` some; not both");
    if (check_names(scenario, excludes ? &selection->all_but : &selection->of, true,
                    node->kind != NODE_MAP ? node : node->items[0], err) < 0)
        return -1;
    for (size_t i = 0; i < scenario->variants.count; i++)
        if (selection_has(scenario, selection, ((const char **)scenario->variants.items)[i]))
            return 0;
    return node_error(node, err, "this leaves no variant");
}

bool selection_has(const struct scenario *scenario, const struct selection_args *selection,
                   const char *variant) {
    if (!selection || is_empty(selection))
        return true;
    return selection->all_but.count ? !names(scenario, &selection->all_but, variant)
                                    : names(scenario, &selection->of, variant);
}
