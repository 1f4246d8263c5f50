// SPDX-License-Identifier: Apache-2.0
// outcomes.c - the table of outcomes: rows, conditions and cells
#include "plan/codes.h"
#include "plan/condition.h"
#include "plan/language_tables.h"
#include "plan/need.h"
#include "plan/params.h"
#include "plan/parts.h"
#include "plan/step_refusal.h"
#include "yaml/hint.h"
#include "yaml/mistakes.h"

#include <stdio.h>
#include <string.h>

// ---- cells -------------------------------------------------------------------------------------

static int refuse_number(const struct node *node, struct err *err) {
    const struct code *near = code_nearest_number(node->text);
    if (near)
        return node_error(node, err, "there is no error %s; did you mean %d?", node->text,
                          near->number);
    return node_error(node, err, "there is no error %s; they are numbers of 1 to %d", node->text,
                      UINT16_MAX);
}

// A code that no server or client is known to use may be misspelt, or somebody's own.
static void warn_of_code(const struct scenario *scenario, const struct node *at, int number) {
    cleanup_free char *text = xprintf("%d", number);
    const struct code *near = code_nearest_number(text);
    cleanup_free char *hint = near ? xprintf("; did you mean %d?", near->number) : NULL;
    if (number > 0 && !code_is_possible(number))
        scenario_warn(scenario, at, "neither MySQL nor MariaDB has an error %d%s", number,
                      hint ? hint : "");
}

static int read_code(const struct node *node, int *ret, struct err *err) {
    char buffer[NODE_SHOWN_BYTES];
    if (node->kind == NODE_SCALAR && *node->text) {
        const struct code *code = code_by_symbol(node->text);
        if (code) {
            *ret = code->number;
            return 0;
        }
        if (strspn(node->text, "0123456789") == strlen(node->text)) {
            *ret = strlen(node->text) < 6 ? atoi(node->text) : 0;
            return *ret > 0 && *ret <= UINT16_MAX ? 0 : refuse_number(node, err);
        }
    }
    cleanup_free char *hint =
        node->kind == NODE_SCALAR ? guess_hint("word of an outcome", node->text, NULL) : NULL;
    if (hint)
        return node_error(node, err, "'%s' is not an outcome; %s", node->text, hint);
    const char *near = node->kind == NODE_SCALAR ? code_nearest(node->text) : NULL;
    if (near)
        return node_error(node, err, "unknown error code '%s'; did you mean '%s'?", node->text,
                          near);
    return node_error(
        node, err,
        "expected ok, hang, crash, unsupported or an error code (a number, or a symbol "
        "such as CR_SERVER_LOST), not %s",
        node_describe(node, buffer, sizeof buffer));
}

static struct expectation *new_expectation(struct arena *arena) {
    struct expectation *expectation = arena_alloc(arena, sizeof *expectation);
    *expectation = (struct expectation){.affected = -1,
                                        .warnings = -1,
                                        .error_number = -1,
                                        .system_errno = -1,
                                        .session = -1,
                                        .within = {-1, -1}};
    return expectation;
}

// Errors of a library itself may have no MySQL number; the cell must then say what they have
// instead.
static int read_error(const struct node *node, const struct cell_args *cell,
                      struct expectation *ret, struct err *err) {
    ret->kind = OUTCOME_ERROR;
    if (cell->error->kind != NODE_SCALAR || strcmp(cell->error->text, "0") != 0)
        return read_code(cell->error, &ret->code, err);
    if (!cell->native && !cell->sqlstate && !cell->message)
        return node_error(node, err,
                          "'error: 0' is an error without a number: say its native error, "
                          "sqlstate or message");
    ret->code = 0;
    return 0;
}

// Reads the short form: a word or a code.
static int read_short(const struct node *node, struct expectation *ret, struct err *err) {
    for (int kind = 0; kind < OUTCOME_COUNT; kind++)
        if (kind != OUTCOME_ERROR && strcmp(outcome_names[kind], node->text) == 0) {
            ret->kind = (enum outcome_kind)kind;
            return 0;
        }
    ret->kind = OUTCOME_ERROR;
    return read_code(node, &ret->code, err);
}

static int read_kind(const struct node *node, const struct cell_args *cell, struct expectation *ret,
                     struct err *err) {
    int kinds = (cell->ok == 1) + (cell->hang == 1) + (cell->unsupported == 1) +
                (cell->error != NULL) + (cell->crash != NULL);
    if (kinds != 1)
        return node_error(node, err,
                          "an outcome is exactly one of ok, error, hang, crash and unsupported");
    ret->kind = cell->hang == 1          ? OUTCOME_HANG
                : cell->unsupported == 1 ? OUTCOME_UNSUPPORTED
                                         : OUTCOME_OK;
    if (cell->error)
        return read_error(node, cell, ret, err);
    if (cell->crash) {
        ret->kind = OUTCOME_CRASH;
        return signal_decode(node_get(node, "crash"), cell->crash, &ret->signal, err);
    }
    return 0;
}

static int read_cell(const struct scenario *scenario, const struct node *node,
                     struct expectation **ret, struct err *err);

static int read_alternatives(const struct scenario *scenario, const struct node *node,
                             const struct cell_args *cell, struct expectation *ret,
                             struct err *err) {
    if ((cell->or_else.count > 0) != (cell->why != NULL))
        return node_error(node, err,
                          cell->why ? "`why` explains an `or`, and there is none"
                                    : "`or` needs a `why`: which race is it, and why is it real?");
    struct expectation **next = &ret->or_else;
    for (size_t i = 0; i < cell->or_else.count; i++) {
        const struct node *other = ((const struct node **)cell->or_else.items)[i];
        if (read_cell(scenario, other, next, err) < 0)
            return -1;
        if ((*next)->or_else)
            return node_error(other, err,
                              "an alternative has none of its own; put all of them into one `or`");
        next = &(*next)->or_else;
    }
    return 0;
}

static int read_long(const struct scenario *scenario, const struct node *node,
                     struct expectation *ret, struct err *err) {
    struct cell_args *cell;
    if (table_decode(&type_cell, node, &cell, scenario->arena, err) < 0 ||
        read_kind(node, cell, ret, err) < 0 || cell_check(node, cell, ret->kind, err) < 0 ||
        check_pattern(scenario, node_get(node, "message"), cell->message, false, err) < 0 ||
        check_pattern(scenario, node_get(node, "events"), cell->events, false, err) < 0)
        return -1;
    ret->rows = cell->rows;
    ret->affected = cell->affected;
    ret->warnings = cell->warnings;
    ret->error_number = cell->error_number;
    ret->events = cell->events;
    ret->system_errno = cell->system_errno;
    ret->session = cell->session;
    if (cell->within)
        ret->within = *cell->within;
    ret->sqlstate = cell->sqlstate;
    ret->native = cell->native;
    ret->message = cell->message;
    ret->stage = cell->stage;
    ret->why = cell->why;
    return read_alternatives(scenario, node, cell, ret, err);
}

static void add_text(const struct expectation *expectation, struct text *text) {
    if (expectation->kind == OUTCOME_ERROR)
        text_printf(text, "%d", expectation->code);
    else
        text_add(text, outcome_names[expectation->kind]);
    if (expectation->signal)
        text_printf(text, " (SIG%s)", sigabbrev_np(expectation->signal));
    if (expectation->or_else) {
        text_add(text, " or ");
        add_text(expectation->or_else, text);
    }
}

static int read_cell(const struct scenario *scenario, const struct node *node,
                     struct expectation **ret, struct err *err) {
    *ret = new_expectation(scenario->arena);
    int done = node->kind == NODE_SCALAR ? read_short(node, *ret, err)
               : node->kind == NODE_MAP  ? read_long(scenario, node, *ret, err)
                                         : refuse_outcomes(node, err);
    if (done < 0)
        return -1;
    cleanup_text struct text text = {0};
    warn_of_code(scenario, node, (*ret)->code);
    add_text(*ret, &text);
    (*ret)->text = arena_text(scenario->arena, text_get(&text), text.length);
    return 0;
}

// ---- conditions --------------------------------------------------------------------------------

static int check_conditions(const struct list *conditions, bool vendor, const struct node *node,
                            struct err *err) {
    for (size_t i = 0; i < conditions->count; i++) {
        const char *text = ((const char **)conditions->items)[i];
        const struct node *at = node->kind == NODE_LIST ? node->items[i] : node;
        struct condition condition;
        if (condition_parse(text, &condition) < 0)
            return node_error(at, err,
                              "'%s' is not a condition; write \"%s >= 8.0.24\" or just the name",
                              text, vendor ? "mysql" : "libmysqlclient");
        if (vendor && !text_starts(condition.name, "mysql") &&
            !text_starts(condition.name, "mariadb") && !text_starts(condition.name, "percona"))
            return node_error(at, err,
                              "'%s' is not a server; a name begins with mysql, mariadb or percona",
                              condition.name);
    }
    return 0;
}

int check_servers(const struct list *servers, const struct node *nodes, struct err *err) {
    return check_conditions(servers, true, nodes, err);
}

static bool holds_words(const struct list *wanted, int word) {
    for (size_t i = 0; i < wanted->count; i++)
        if (((int *)wanted->items)[i] == word)
            return true;
    return wanted->count == 0;
}

int condition_read(const struct plan_case *plan, const struct node *node, struct arena *arena,
                   struct condition_args **ret, struct err *err) {
    if (table_decode(&type_condition, node, ret, arena, err) < 0 ||
        selection_check(plan->scenario, (*ret)->variant, node_get(node, "variant"), err) < 0 ||
        check_transports(plan->scenario, &(*ret)->transport, node_get(node, "transport"), err) < 0)
        return -1;
    return check_conditions(&(*ret)->server, true, node_get(node, "server"), err) < 0 ||
                   check_conditions(&(*ret)->connector, false, node_get(node, "connector"), err) < 0
               ? -1
               : 0;
}

bool condition_is_for_case(const struct condition_args *condition, const struct plan_case *plan) {
    return selection_has(plan->scenario, condition->variant, plan->variant) &&
           holds_words(&condition->transport, plan->transport);
}

bool outcomes_is_key(const char *word) {
    static const char *const keys[] = {"if", "evidence", "violates", "because"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (strcmp(keys[i], word) == 0)
            return true;
    return false;
}

// ---- rows --------------------------------------------------------------------------------------

static int read_evidence(const struct plan_case *plan, const struct node *node, struct arena *arena,
                         struct evidence_args **ret, struct err *err) {
    return table_decode(&type_evidence, node, ret, arena, err) < 0 ||
                   check_pattern(plan->scenario, node_get(node, "log"), (*ret)->log, false, err) <
                       0 ||
                   check_pattern(plan->scenario, node_get(node, "no_log"), (*ret)->no_log, false,
                                 err) < 0 ||
                   check_wire(plan, node_get(node, "wire"), (*ret)->wire, err) < 0
               ? -1
               : 0;
}

// Evidence in a row overrides that for all rows, key by key.
static const struct evidence_args *merge_evidence(const struct evidence_args *all,
                                                  const struct evidence_args *own,
                                                  struct arena *arena) {
    if (!all || !own)
        return all ? all : own;
    struct evidence_args *merged = arena_alloc(arena, sizeof *merged);
    *merged = *all;
    for (const struct field *field = type_evidence.fields; field->name; field++) {
        const void *value = (const char *)own + field->offset;
        if (!table_is_unset(field->type, value))
            memcpy((char *)merged + field->offset, value, table_size(field->type));
    }
    return merged;
}

// Reads the value of one key of a row.
static int read_column(const struct plan_case *plan, const struct node *key,
                       const struct node *value, struct arena *arena, struct plan_row *row,
                       struct err *err) {
    struct condition_args *condition;
    if (strcmp(key->text, "if") == 0) {
        if (condition_read(plan, value, arena, &condition, err) < 0)
            return -1;
        row->condition = condition;
        return 0;
    }
    if (strcmp(key->text, "evidence") == 0) {
        struct evidence_args *own;
        if (read_evidence(plan, value, arena, &own, err) < 0)
            return -1;
        row->evidence = merge_evidence(plan->evidence, own, arena);
        return 0;
    }
    if (outcomes_is_key(key->text))
        return table_decode(&type_line, value, *key->text == 'v' ? &row->violates : &row->because,
                            arena, err);
    if (check_step_id(plan->scenario, key, err) < 0 && !mistakes_keep(key, key->text, err))
        return -1;
    row->ids[row->count] = key->text;
    return read_cell(plan->scenario, value, &row->expectations[row->count++], err);
}

static int read_row(const struct plan_case *plan, const struct node *node, struct arena *arena,
                    struct plan_row *row, struct err *err) {
    int ret = 0;
    *row = (struct plan_row){.node = node, .evidence = plan->evidence};
    if (node->kind != NODE_MAP)
        return node_error(node, err, "a row of `outcomes` is a mapping from step ids to outcomes");
    row->ids = arena_alloc(arena, (node->count + 1) * sizeof *row->ids);
    row->expectations = arena_alloc(arena, (node->count + 1) * sizeof *row->expectations);
    for (size_t i = 0; i < node->count; i++) {
        if (read_column(plan, node->keys[i], node->items[i], arena, row, err) == 0)
            continue;
        ret = -1;
        if (!mistakes_keep(node->items[i], node->keys[i]->text, err))
            return -1;
    }
    if (ret == 0 && check_wire_row(row, err) < 0)
        return -1;
    if (ret < 0 || row->count > 0)
        return ret;
    node_error(node, err, "this row of `outcomes` judges no step");
    for (size_t i = 0; i < node->count; i++)
        mistakes_misses(node, node->keys[i]->text); // such a step would not be reachable by this
                                                    // key
    return -1;
}

// Whether packets must be captured to judge the case.
static bool needs_packets(const struct plan_case *plan) {
    for (size_t i = 0; plan->transport != TRANSPORT_SOCKET && i < plan->row_count; i++)
        if (plan->rows[i].evidence && plan->rows[i].evidence->wire)
            return true;
    return false;
}

int outcome_read(const struct scenario *scenario, const struct node *node, struct expectation **ret,
                 struct err *err) {
    return read_cell(scenario, node, ret, err);
}

int outcomes_build(struct plan_case *plan, const struct node *outcomes, const struct node *evidence,
                   const struct node *root, struct arena *arena, struct err *err) {
    if (!outcomes || outcomes->kind != NODE_LIST || outcomes->count == 0)
        return node_error(outcomes ? outcomes : root, err,
                          "'outcomes' must be a list of rows, each begun by `- `");
    if (outcomes->count > MOST_ROWS)
        return node_error(outcomes, err, "'outcomes' has at most %d rows, not %zu; split the file",
                          MOST_ROWS, outcomes->count);
    if (evidence && read_evidence(plan, evidence, arena, &plan->evidence, err) < 0 &&
        !mistakes_keep(evidence, "evidence", err))
        return -1;
    int ret = 0;
    plan->rows = arena_alloc(arena, (outcomes->count + 1) * sizeof *plan->rows);
    for (size_t i = 0; i < outcomes->count; i++) {
        struct plan_row row;
        if (read_row(plan, outcomes->items[i], arena, &row, err) < 0 ||
            params_check_memory(arena, outcomes->items[i], err) < 0) {
            ret = -1;
            if (!mistakes_keep(outcomes->items[i], "outcomes", err))
                return -1;
            continue;
        }
        row.index = i;
        if (row.condition && !condition_is_for_case(row.condition, plan))
            continue;
        params_warn(plan->scenario, plan->variant, outcomes->items[i]);
        plan->rows[plan->row_count++] = row;
    }
    if (needs_packets(plan))
        plan->needs |= NEED_BIT(NEED_PACKETS);
    if (ret == 0 && plan->row_count == 0)
        return node_error(outcomes, err, "no row of `outcomes` is for the case %s; add one",
                          plan->id);
    return ret;
}

/** How closely a list of conditions matches, from not at all to by name. */
enum fit { FITS_NOT, FITS_ANY, FITS_KIND, FITS_NAME };

// `kind`: a server's vendor, or a connector's family.
static enum fit fit_conditions(const struct list *conditions, const char *name, const char *kind,
                               const char *version) {
    enum fit best = conditions->count == 0 ? FITS_ANY : FITS_NOT;
    for (size_t i = 0; i < conditions->count; i++) {
        struct condition condition;
        if (condition_parse(((const char **)conditions->items)[i], &condition) < 0 ||
            !condition_holds(&condition, version))
            continue;
        if (strcmp(condition.name, name) == 0)
            return FITS_NAME;
        if (strcmp(condition.name, kind) == 0)
            best = FITS_KIND;
    }
    return best;
}

bool condition_is_for_server(const struct condition_args *condition, const struct place *place) {
    return fit_conditions(&condition->server, place->server, place->vendor,
                          place->server_version) != FITS_NOT;
}

bool plan_is_for_server(const struct scenario *scenario, const struct place *place) {
    return fit_conditions(&scenario->servers, place->server, place->vendor,
                          place->server_version) != FITS_NOT;
}

// How closely a row matches the connector; not at all, if it is for another server.
static enum fit fit_row(const struct plan_row *row, const struct place *place) {
    const struct condition_args *condition = row->condition;
    if (!condition)
        return FITS_ANY;
    if (!condition_is_for_server(condition, place))
        return FITS_NOT;
    const char *family = place->family ? place->family : place->connector;
    return fit_conditions(&condition->connector, place->connector, family,
                          place->connector_version);
}

const struct plan_row *plan_find_row(const struct plan_case *plan, const struct place *place) {
    const struct plan_row *of_family = NULL;
    for (size_t i = 0; i < plan->row_count; i++) {
        enum fit fit = fit_row(&plan->rows[i], place);
        if (fit == FITS_NAME || (fit == FITS_ANY && !of_family))
            return &plan->rows[i];
        if (fit == FITS_KIND && !of_family)
            of_family = &plan->rows[i];
    }
    return of_family;
}

const struct expectation *plan_find_expectation(const struct plan_row *row, const char *id) {
    for (size_t i = 0; row && id && i < row->count; i++)
        if (strcmp(row->ids[i], id) == 0)
            return row->expectations[i];
    return NULL;
}
