// SPDX-License-Identifier: Apache-2.0
// known.c - whether the servers and connectors that a scenario names exist
//
// A plan does not know the recipes, and a user may have own ones; so this is asked where both are
// at hand, and a run only warns: a scenario may come with rows for connectors that are elsewhere.
#include "main/known.h"

#include "plan/condition.h"

#include <string.h>

enum { NEAR = 4 }; // differences in a name that are taken for a slip

/** The names of one kind, "server" or "connector". */
struct names {
    const char *kind;
    const char *const *always; ///< ended by NULL: those that are no recipe's
    const void *recipes;       ///< each begins with its name
    size_t count, size;
};

static const char *name_at(const struct names *names, size_t i) {
    for (const char *const *name = names->always; *name; name++)
        if (i-- == 0)
            return *name;
    return i < names->count ? *(const char *const *)((const char *)names->recipes + i * names->size)
                            : NULL;
}

static int unknown(const struct names *names, const char *name, const struct node *at,
                   struct err *err) {
    cleanup_text struct text all = {0};
    const char *near = NULL;
    int least = NEAR;
    for (size_t i = 0; name_at(names, i); i++) {
        int distance = text_distance(name, name_at(names, i));
        text_printf(&all, "%s%s", i ? ", " : "", name_at(names, i));
        if (distance < least) {
            least = distance;
            near = name_at(names, i);
        }
    }
    if (near)
        return node_error(at, err, "there is no %s '%s'; did you mean '%s'?", names->kind, name,
                          near);
    return node_error(at, err, "there is no %s '%s'; there is %s", names->kind, name,
                      text_get(&all));
}

// Looks at conditions such as "mysql >= 8.0.24"; `nodes` is where they stand.
static int check_list(const struct names *names, const struct list *conditions,
                      const struct node *nodes, struct err *err) {
    for (size_t i = 0; i < conditions->count; i++) {
        struct condition condition;
        bool known = condition_parse(((const char **)conditions->items)[i], &condition) < 0;
        for (size_t k = 0; !known && name_at(names, k); k++)
            known = strcmp(name_at(names, k), condition.name) == 0;
        if (!known)
            return unknown(names, condition.name,
                           nodes->kind == NODE_LIST ? nodes->items[i] : nodes, err);
    }
    return 0;
}

static int check_row(const struct plan_row *row, const struct names *servers,
                     const struct names *connectors, struct err *err) {
    const struct node *condition = node_get(row->node, "if");
    if (!row->condition)
        return 0;
    if (check_list(servers, &row->condition->server, node_get(condition, "server"), err) < 0)
        return -1;
    return check_list(connectors, &row->condition->connector, node_get(condition, "connector"),
                      err);
}

int known_check(const struct scenario *scenario, const struct images *images, struct err *err) {
    static const char *const vendors[] = {"mysql", "mariadb", NULL};
    static const char *const own[] = {"adapter", NULL};
    const struct names servers = {"server", vendors, images->servers, images->server_count,
                                  sizeof *images->servers};
    const struct names connectors = {"connector", own, images->connectors, images->connector_count,
                                     sizeof *images->connectors};
    if (check_list(&servers, &scenario->servers, node_get(scenario->root, "servers"), err) < 0 ||
        check_list(&connectors, &scenario->connectors, node_get(scenario->root, "connectors"),
                   err) < 0)
        return -1;
    for (size_t i = 0; i < scenario->case_count; i++)
        for (size_t k = 0; k < scenario->cases[i].row_count; k++)
            if (check_row(&scenario->cases[i].rows[k], &servers, &connectors, err) < 0)
                return -1;
    return 0;
}
