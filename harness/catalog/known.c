// SPDX-License-Identifier: Apache-2.0
// known.c - whether the servers and connectors that a scenario names exist
//
// A plan does not know the recipes, and users may add their own, so this is checked where both are
// at hand. For connectors a run only warns: a scenario may have rows for some that are elsewhere.
#include "catalog/known.h"

#include "base/nearest.h"
#include "base/utf8.h"
#include "plan/condition.h"
#include "plan/parts.h"
#include "yaml/mistakes.h"

#include <string.h>

/** The names of one kind, "server" or "connector". */
struct roster {
    const char *kind;
    bool elsewhere; ///< one that is missing here may exist elsewhere
    bool others;    ///< more may turn up that are not known yet
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
    struct roster roster = {.kind = "connector", .elsewhere = true};
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

// Returns whether to continue.
static bool tell(const struct scenario *scenario, const struct roster *roster, const char *name,
                 const struct node *at, const char *what, struct err *err) {
    cleanup_free char *shown = utf8_shown(name, false);
    if (roster->elsewhere) {
        scenario_warn(scenario, at, "there is no %s '%s'; %s", roster->kind, shown, what);
        return true;
    }
    node_error(at, err, "there is no %s '%s'; %s", roster->kind, shown, what);
    return mistakes_keep(at, name, err);
}

// Suggests longer names that contain this one as a part; else those most like it.
static void find_near(const struct roster *roster, struct nearest *nearest) {
    enum { LEAST_PART = 4 };
    struct nearest like = *nearest;
    bool part = strlen(nearest->wanted) >= LEAST_PART;
    for (size_t i = 0; i < roster->count; i++) {
        nearest_try(&like, roster->items[i]);
        if (part && text_starts(roster->items[i], nearest->wanted) &&
            nearest->count < NEAREST_WORDS)
            nearest->words[nearest->count++] = roster->items[i];
    }
    if (nearest->count == 0)
        *nearest = like;
}

static bool unknown(const struct scenario *scenario, const struct roster *roster, const char *name,
                    const struct node *at, struct err *err) {
    cleanup_text struct text known = {0}, near = {0};
    struct nearest nearest = {.wanted = name, .edits = NEAR_NAME};
    find_near(roster, &nearest);
    for (size_t i = 0; i < roster->count; i++)
        text_printf(&known, "%s%s", i ? ", " : "choose from ", roster->items[i]);
    if (nearest_word(&nearest))
        text_printf(&near, "did you mean '%s'?", nearest_word(&nearest));
    else if (roster->others)
        return true;
    return tell(scenario, roster, name, at, text_get(near.length ? &near : &known), err);
}

// Checks conditions such as "mysql >= 8.0.24"; `nodes` gives their positions.
static bool check_list(const struct scenario *scenario, const struct roster *roster,
                       const struct list *conditions, const struct node *nodes, struct err *err) {
    for (size_t i = 0; i < conditions->count; i++) {
        struct condition condition;
        bool known = condition_parse(((const char **)conditions->items)[i], &condition) < 0;
        for (size_t k = 0; !known && k < roster->count; k++)
            known = strcmp(roster->items[k], condition.name) == 0;
        const struct node *at = nodes->kind == NODE_LIST ? nodes->items[i] : nodes;
        if (!known && !unknown(scenario, roster, condition.name, at, err))
            return false;
    }
    return true;
}

static bool check_row(const struct scenario *scenario, const struct plan_row *row,
                      const struct roster *servers, const struct roster *connectors,
                      struct err *err) {
    const struct node *condition = node_get(row->node, "if");
    return !row->condition || (check_list(scenario, servers, &row->condition->server,
                                          node_get(condition, "server"), err) &&
                               check_list(scenario, connectors, &row->condition->connector,
                                          node_get(condition, "connector"), err));
}

static bool check_scenario(const struct scenario *scenario, const struct roster *servers,
                           const struct roster *connectors, struct err *err) {
    const struct node *root = scenario->root;
    if (!check_list(scenario, servers, &scenario->servers, node_get(root, "servers"), err) ||
        !check_list(scenario, connectors, &scenario->connectors, node_get(root, "connectors"), err))
        return false;
    for (size_t i = 0; i < scenario->case_count; i++)
        for (size_t k = 0; k < scenario->cases[i].row_count; k++)
            if (!check_row(scenario, &scenario->cases[i].rows[k], servers, connectors, err))
                return false;
    return true;
}

int known_check(const struct scenario *scenario, const struct images *images, struct err *err) {
    struct roster servers = roster_of_servers(images), connectors = roster_of_connectors(images);
    bool whole = check_scenario(scenario, &servers, &connectors, err);
    free(servers.items);
    free(connectors.items);
    return mistakes_end(scenario->root->mistakes, whole ? 0 : -1, err);
}
