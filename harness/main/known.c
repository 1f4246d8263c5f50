// SPDX-License-Identifier: Apache-2.0
// known.c - whether the servers and connectors that a scenario names exist
//
// A plan does not know the recipes, and a user may have own ones; so this is asked where both are
// at hand, and a run only warns: a scenario may come with rows for connectors that are elsewhere.
#include "main/known.h"

#include "base/nearest.h"
#include "plan/condition.h"

#include <string.h>

/** The names of one kind, "server" or "connector". */
struct roster {
    const char *kind;
    bool others; ///< there may be others, not known yet
    size_t count;
    const char **items;
};

static void add(struct roster *roster, const char *name) {
    for (size_t i = 0; i < roster->count; i++)
        if (strcmp(roster->items[i], name) == 0)
            return;
    roster->items = xrealloc(roster->items, roster->count + 1, sizeof *roster->items);
    roster->items[roster->count++] = name;
}

static struct roster roster_of_servers(const struct images *images) {
    struct roster roster = {.kind = "server"};
    add(&roster, "mysql");
    add(&roster, "mariadb");
    for (size_t i = 0; i < images->server_count; i++)
        add(&roster, images->servers[i].name);
    return roster;
}

static struct roster roster_of_connectors(const struct images *images) {
    struct roster roster = {.kind = "connector"};
    for (size_t i = 0; i < images->connector_count; i++) {
        const struct connector_recipe *recipe = &images->connectors[i];
        if (!recipe->named_by_hello)
            add(&roster, recipe->name);
        if (recipe->family)
            add(&roster, recipe->family);
        roster.others |= recipe->on_host;
    }
    return roster;
}

static int unknown(const struct roster *roster, const char *name, const struct node *at,
                   struct err *err) {
    cleanup_text struct text all = {0};
    struct nearest nearest = {.wanted = name, .edits = NEAR_NAME};
    for (size_t i = 0; i < roster->count; i++) {
        text_printf(&all, "%s%s", i ? ", " : "", roster->items[i]);
        nearest_try(&nearest, roster->items[i]);
    }
    if (nearest_word(&nearest))
        return node_error(at, err, "there is no %s '%s'; did you mean '%s'?", roster->kind, name,
                          nearest_word(&nearest));
    if (roster->others)
        return 0;
    return node_error(at, err, "there is no %s '%s'; there is %s", roster->kind, name,
                      text_get(&all));
}

// Looks at conditions such as "mysql >= 8.0.24"; `nodes` is where they stand.
static int check_list(const struct roster *roster, const struct list *conditions,
                      const struct node *nodes, struct err *err) {
    for (size_t i = 0; i < conditions->count; i++) {
        struct condition condition;
        bool known = condition_parse(((const char **)conditions->items)[i], &condition) < 0;
        for (size_t k = 0; !known && k < roster->count; k++)
            known = strcmp(roster->items[k], condition.name) == 0;
        if (!known && unknown(roster, condition.name,
                              nodes->kind == NODE_LIST ? nodes->items[i] : nodes, err) < 0)
            return -1;
    }
    return 0;
}

static int check_row(const struct plan_row *row, const struct roster *servers,
                     const struct roster *connectors, struct err *err) {
    const struct node *condition = node_get(row->node, "if");
    if (!row->condition)
        return 0;
    if (check_list(servers, &row->condition->server, node_get(condition, "server"), err) < 0)
        return -1;
    return check_list(connectors, &row->condition->connector, node_get(condition, "connector"),
                      err);
}

static int check_scenario(const struct scenario *scenario, const struct roster *servers,
                          const struct roster *connectors, struct err *err) {
    if (check_list(servers, &scenario->servers, node_get(scenario->root, "servers"), err) < 0 ||
        check_list(connectors, &scenario->connectors, node_get(scenario->root, "connectors"), err) <
            0)
        return -1;
    for (size_t i = 0; i < scenario->case_count; i++)
        for (size_t k = 0; k < scenario->cases[i].row_count; k++)
            if (check_row(&scenario->cases[i].rows[k], servers, connectors, err) < 0)
                return -1;
    return 0;
}

int known_check(const struct scenario *scenario, const struct images *images, struct err *err) {
    struct roster servers = roster_of_servers(images), connectors = roster_of_connectors(images);
    int ret = check_scenario(scenario, &servers, &connectors, err);
    free(servers.items);
    free(connectors.items);
    return ret;
}
