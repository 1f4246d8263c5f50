// SPDX-License-Identifier: Apache-2.0
// promise.c - the promise of a scenario: what any correct client must do
//
// Outcomes say what certain clients were seen to do. The promise applies to every client, whatever
// its codes, so a client that nobody has measured is judged by it. A row of outcomes that violates
// it has to say so.
#include "plan/condition.h"
#include "plan/language_tables.h"
#include "plan/params.h"
#include "plan/parts.h"
#include "yaml/hint.h"
#include "yaml/mistakes.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

// Budget for checking the promises of a file, in comparisons of texts: about a second.
enum { MOST_COMPARISONS = 3000000 };

size_t *promise_work_new(struct arena *arena) {
    size_t *work = arena_alloc(arena, sizeof *work);
    *work = MOST_COMPARISONS;
    return work;
}

const char *const promise_names[PROMISE_WORDS] = {
    [PROMISE_OK] = "ok",
    [PROMISE_ERROR] = "error",
    [PROMISE_ERROR_OR_NEW] = "error-or-new",
    [PROMISE_UNBOUNDED] = "unbounded",
    [PROMISE_ANY] = "any",
};

// ---- reading -----------------------------------------------------------------------------------

static int find_word(const char *text) {
    for (int word = 0; word < PROMISE_WORDS; word++)
        if (strcmp(promise_names[word], text) == 0)
            return word;
    return -1;
}

static int read_word(const struct node *node, const char *because, struct promise *ret,
                     struct err *err) {
    int word = find_word(node->text);
    cleanup_free char *hint = guess_hint("word of a promise", node->text, NULL);
    if (word < 0 && hint)
        return node_error(node, err, "'%s' is not a promise; %s", node->text, hint);
    if (word < 0)
        return node_error(
            node, err,
            "'%s' is not a promise; choose from ok, error, error-or-new, unbounded and "
            "{any: why}",
            node->text);
    if (word == PROMISE_ANY && !because)
        return node_error(node, err, "'any' needs a reason, as in {any: the server may do either}");
    *ret = (struct promise){
        .word = (enum promise_word)word, .because = because, .text = promise_names[word]};
    return 0;
}

// Reads {error: rows were lost, unless: {ok: true, rows: 9}}.
static int read_unless(const struct plan_case *plan, const struct node *node, struct promise *ret,
                       struct err *err) {
    const struct node *why = node_get(node, "error"), *unless = node_get(node, "unless");
    struct expectation *exact;
    if (node->count != 2 || !why || why->kind != NODE_SCALAR)
        return node_error(node, err, "`unless` goes with the reason of an error, and nothing else");
    if (outcome_read(plan->scenario, unless, &exact, err) < 0)
        return -1;
    if (exact->kind != OUTCOME_OK || exact->or_else || !exact->rows)
        return node_error(unless, err, "`unless` is a success with its rows");
    *ret = (struct promise){.word = PROMISE_ERROR,
                            .because = why->text,
                            .unless = exact,
                            .text = promise_names[PROMISE_ERROR]};
    return 0;
}

// Reads {error: a transaction was open}, or an outcome such as {ok: true, rows: [[1]]}.
static int read_mapping(const struct plan_case *plan, const struct node *node, struct promise *ret,
                        struct err *err) {
    const struct node *value = node->count == 1 ? node->items[0] : NULL;
    if (value && value->kind == NODE_SCALAR && find_word(node->keys[0]->text) >= 0 &&
        strcmp(value->text, "true") != 0)
        return read_word(node->keys[0], value->text, ret, err);
    if (node_get(node, "unless"))
        return read_unless(plan, node, ret, err);
    struct expectation *exact;
    if (outcome_read(plan->scenario, node, &exact, err) < 0)
        return -1;
    *ret = (struct promise){.word = PROMISE_OK, .exact = exact, .text = exact->text};
    for (const struct expectation *one = exact; one; one = one->or_else)
        if (one->kind != OUTCOME_OK && one->kind != OUTCOME_CRASH)
            return node_error(node, err,
                              "a promise names no code and no hang, which differ between clients: "
                              "write error or unbounded");
    return 0;
}

static int read_cell(const struct plan_case *plan, const struct node *node, struct promise *ret,
                     struct err *err) {
    if (node->kind == NODE_SCALAR)
        return read_word(node, NULL, ret, err);
    if (node->kind == NODE_MAP)
        return read_mapping(plan, node, ret, err);
    return node_error(node, err, "a promise is a word such as error-or-new, or a mapping");
}

static int read_if(const struct plan_case *plan, const struct node *node, struct arena *arena,
                   struct promise_row *row, struct err *err) {
    struct condition_args *condition;
    if (condition_read(plan, node, arena, &condition, err) < 0)
        return -1;
    if (condition->connector.count > 0)
        return node_error(node_get(node, "connector"), err,
                          "a promise holds for every connector; what one does belongs into "
                          "`outcomes`");
    row->condition = condition;
    return 0;
}

static int read_column(const struct plan_case *plan, const struct node *key,
                       const struct node *value, struct arena *arena, struct promise_row *row,
                       struct err *err) {
    if (strcmp(key->text, "if") == 0)
        return read_if(plan, value, arena, row, err);
    if (check_step_id(plan->scenario, key, err) < 0 && !mistakes_keep(key, key->text, err))
        return -1;
    row->ids[row->count] = key->text;
    return read_cell(plan, value, &row->promises[row->count++], err);
}

static int read_row(const struct plan_case *plan, const struct node *node, struct arena *arena,
                    struct promise_row *row, struct err *err) {
    if (node->kind != NODE_MAP)
        return node_error(node, err, "a row of `promise` is a mapping from step ids to promises");
    int ret = 0;
    *row = (struct promise_row){.node = node};
    row->ids = arena_alloc(arena, (node->count + 1) * sizeof *row->ids);
    row->promises = arena_alloc(arena, (node->count + 1) * sizeof *row->promises);
    for (size_t i = 0; i < node->count; i++) {
        if (read_column(plan, node->keys[i], node->items[i], arena, row, err) == 0)
            continue;
        ret = -1;
        if (!mistakes_keep(node->items[i], node->keys[i]->text, err))
            return -1;
    }
    if (ret == 0 && row->count == 0)
        return node_error(node, err, "this row of `promise` is of no step");
    return ret;
}

// ---- which row ---------------------------------------------------------------------------------

// A control is promised to succeed, so a row applies to it only by naming it.
static bool is_for_case(const struct promise_row *row, const struct plan_case *plan) {
    if (!row->condition)
        return !plan->control;
    return condition_is_for_case(row->condition, plan) &&
           (!plan->control || row->condition->variant != NULL);
}

static const struct promise *find_in_row(const struct promise_row *row, const char *id) {
    for (size_t i = 0; i < row->count; i++)
        if (strcmp(row->ids[i], id) == 0)
            return &row->promises[i];
    return NULL;
}

// The first row that holds, or NULL.
static const struct promise_row *find_row(const struct plan_case *plan, const struct place *place) {
    for (size_t i = 0; i < plan->promise_count; i++) {
        const struct promise_row *row = &plan->promises[i];
        if (!row->condition || condition_is_for_server(row->condition, place))
            return row;
    }
    return NULL;
}

const struct promise *plan_find_promise(const struct plan_case *plan, const struct place *place,
                                        const char *id) {
    static const struct promise control = {.word = PROMISE_OK, .text = "ok"};
    if (!plan->promise || !id)
        return NULL;
    const struct promise_row *row = find_row(plan, place);
    if (row)
        return find_in_row(row, id);
    return plan->control ? &control : NULL;
}

// ---- checks ------------------------------------------------------------------------------------

// A row is checked against a promise only where both apply: at the places that their conditions
// distinguish, with each name that occurs, and versions around those they compare with.
enum { MOST_TEXTS = 24 };

struct texts {
    size_t count;
    const char *items[MOST_TEXTS];
};

struct places {
    struct texts servers, versions, connectors;
};

static void add_text(struct texts *texts, const char *text) {
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return;
    if (texts->count < MOST_TEXTS)
        texts->items[texts->count++] = text;
}

static void add_conditions(struct places *places, struct texts *names, const struct list *list,
                           struct arena *arena) {
    for (size_t i = 0; i < list->count; i++) {
        struct condition condition;
        if (condition_parse(((const char **)list->items)[i], &condition) < 0)
            continue;
        add_text(names, arena_text(arena, condition.name, strlen(condition.name)));
        if (condition.comparison != COMPARE_NONE)
            add_text(&places->versions,
                     arena_text(arena, condition.version, strlen(condition.version)));
    }
}

static void find_places(const struct plan_case *plan, struct arena *arena, struct places *ret) {
    *ret = (struct places){.servers = {2, {"mysql", "mariadb"}}, .connectors = {1, {"?"}}};
    add_conditions(ret, &ret->servers, &plan->scenario->servers, arena);
    for (size_t i = 0; i < plan->row_count; i++)
        if (plan->rows[i].condition) {
            add_conditions(ret, &ret->servers, &plan->rows[i].condition->server, arena);
            add_conditions(ret, &ret->connectors, &plan->rows[i].condition->connector, arena);
        }
    for (size_t i = 0; i < plan->promise_count; i++)
        if (plan->promises[i].condition)
            add_conditions(ret, &ret->servers, &plan->promises[i].condition->server, arena);
    add_text(&ret->versions, "0");
    if (ret->versions.count > 1)
        add_text(&ret->versions, "9999");
}

// The vendor of "mysql-9.7", or the family of "mariadb-c-3.4".
static const char *strip_version(const char *name, struct arena *arena) {
    for (const char *dash = strchr(name, '-'); dash; dash = strchr(dash + 1, '-'))
        if (isdigit((unsigned char)dash[1]))
            return arena_text(arena, name, (size_t)(dash - name));
    return name;
}

static int spend(const struct plan_case *plan, size_t comparisons, struct err *err) {
    size_t *left = plan->scenario->promise_work;
    if (comparisons <= *left) {
        *left -= comparisons;
        return 0;
    }
    mistakes_close(plan->promise);
    return node_error(
        plan->promise, err,
        "too many servers, connectors and versions are told apart to hold all rows of "
        "`outcomes` against the promise; split the file");
}

// The cost of finding the rows for a place.
static size_t cost_of_place(const struct plan_case *plan) {
    size_t cost = 1 + plan->promise_count + plan->row_count;
    for (size_t i = 0; i < plan->row_count; i++)
        if (plan->rows[i].condition)
            cost +=
                plan->rows[i].condition->server.count + plan->rows[i].condition->connector.count;
    for (size_t i = 0; i < plan->promise_count; i++)
        if (plan->promises[i].condition)
            cost += plan->promises[i].condition->server.count;
    return cost;
}

typedef int visit_place(const struct plan_case *plan, const struct place *place, void *data);

static int visit_connectors(const struct plan_case *plan, struct arena *arena,
                            const struct places *places, struct place *place, visit_place *visit,
                            void *data, struct err *err) {
    if (!plan_is_for_server(plan->scenario, place))
        return 0;
    size_t count = places->connectors.count * places->versions.count;
    if (spend(plan, count * cost_of_place(plan), err) < 0)
        return -1;
    for (size_t i = 0; i < places->connectors.count; i++)
        for (size_t k = 0; k < places->versions.count; k++) {
            place->connector = places->connectors.items[i];
            place->family = strip_version(place->connector, arena);
            place->connector_version = places->versions.items[k];
            if (visit(plan, place, data) < 0)
                return -1;
        }
    return 0;
}

// Stops when a visit fails.
static int visit_places(const struct plan_case *plan, struct arena *arena, visit_place *visit,
                        void *data, struct err *err) {
    struct places places;
    find_places(plan, arena, &places);
    for (size_t i = 0; i < places.servers.count; i++)
        for (size_t k = 0; k < places.versions.count; k++) {
            const char *server = places.servers.items[i];
            struct place place = {.server = server,
                                  .vendor = strip_version(server, arena),
                                  .server_version = places.versions.items[k]};
            if (visit_connectors(plan, arena, &places, &place, visit, data, err) < 0)
                return -1;
        }
    return 0;
}

static int check_complete(const struct plan_case *plan, const struct promise_row *promised,
                          struct err *err) {
    if (spend(plan, plan->step_count * promised->count, err) < 0)
        return -1;
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].id && !find_in_row(promised, plan->steps[i].id))
            return node_error(promised->node, err,
                              "nothing is promised of the step '%s' in the case %s",
                              plan->steps[i].id, plan->id);
    return 0;
}

static int check_place(const struct plan_case *plan, const struct place *place, void *data) {
    struct err *err = data;
    const struct promise_row *promised = find_row(plan, place);
    if (!promised && !plan->control)
        return node_error(plan->promise, err,
                          "no row of `promise` is for the case %s with %s; add one", plan->id,
                          place->server);
    const struct plan_row *row = plan_find_row(plan, place);
    if (row && spend(plan, row->count * (promised ? promised->count : 1), err) < 0)
        return -1;
    const char *any = row && !row->violates ? plan_find_violation(plan, place, row) : NULL;
    if (!any || mistakes_has(row->node))
        return 0;
    node_error(row->node, err,
               "in the case %s '%s' violates the promise; `violates:` says why the connector does "
               "that, and where that is known from",
               plan->id, any);
    return mistakes_keep(row->node, "outcomes", err) ? 0 : -1;
}

static int mark_used(const struct plan_case *plan, const struct place *place, void *data) {
    bool *used = data;
    const struct plan_row *row = plan_find_row(plan, place);
    if (row && row->violates)
        used[row->index] |= plan_find_violation(plan, place, row) != NULL;
    return 0;
}

// A row applies to several cases, and may violate the promise in any of them.
int promise_check_uses(const struct scenario *scenario, struct err *err) {
    bool used[MOST_ROWS] = {false};
    const struct node *rows[MOST_ROWS] = {NULL};
    int ret = 0;
    for (size_t i = 0; ret == 0 && i < scenario->case_count; i++) {
        const struct plan_case *plan = &scenario->cases[i];
        bool any = false;
        for (size_t k = 0; plan->promise && k < plan->row_count; k++)
            if (plan->rows[k].violates) {
                rows[plan->rows[k].index] = plan->rows[k].node;
                any = true;
            }
        if (any)
            ret = visit_places(plan, scenario->arena, mark_used, used, err);
    }
    for (size_t i = 0; ret == 0 && i < MOST_ROWS; i++)
        if (rows[i] && !used[i])
            return node_error(node_get(rows[i], "violates"), err,
                              "nothing in this row violates the promise");
    return ret;
}

// Skips a row that is for other cases, or comes after one for all servers.
static int add_row(struct plan_case *plan, const struct promise_row *row, bool *settled,
                   struct err *err) {
    if (*settled || !is_for_case(row, plan))
        return 0;
    plan->promises[plan->promise_count++] = *row;
    *settled = !row->condition || row->condition->server.count == 0;
    return check_complete(plan, row, err);
}

int promise_build(struct plan_case *plan, const struct node *node, bool hold, struct arena *arena,
                  struct err *err) {
    if (!node)
        return 0;
    bool list = node->kind == NODE_LIST;
    size_t count = list ? node->count : 1;
    if (count == 0 || count > MOST_ROWS)
        return node_error(node, err, "a promise has from 1 to %d rows", MOST_ROWS);
    plan->promise = node;
    plan->promises = arena_alloc(arena, count * sizeof *plan->promises);
    bool settled = false; // by a row for all servers
    int ret = 0;
    for (size_t i = 0; i < count; i++) {
        struct promise_row row = {0};
        const struct node *at = list ? node->items[i] : node;
        if (read_row(plan, at, arena, &row, err) < 0 || params_check_memory(arena, at, err) < 0 ||
            add_row(plan, &row, &settled, err) < 0) {
            ret = -1;
            if (!mistakes_keep(at, "promise", err))
                return -1;
        }
    }
    return ret == 0 && hold ? visit_places(plan, arena, check_place, err, err) : ret;
}
