// SPDX-License-Identifier: Apache-2.0
// script.c - a case as a list of moves: what the app does
#include "export/script.h"

#include "base/text.h"
#include "export/parts.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

// ---- parts -------------------------------------------------------------------------------------

int making_refuse(const struct making *making, struct err *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *why = NULL;
    int length = vasprintf(&why, format, args);
    va_end(args);
    if (length < 0)
        out_of_memory();
    err_usage(err, "%s cannot be exported: %s", making->script->plan->id, why);
    free(why);
    return err_remedy(err, "`goneaway list scenarios --export` shows what can");
}

const char *step_argument(const struct plan_step *step, const char *key) {
    const struct node *node = step->act.node;
    if (node && node->kind == NODE_SCALAR)
        return !key ? node->text : NULL;
    const struct node *value = node && key ? node_get(node, key) : NULL;
    return value && value->kind == NODE_SCALAR ? value->text : NULL;
}

const char *making_connection(const struct making *making, const char *actor) {
    if (strcmp(actor, "app") == 0)
        return "connection";
    char *name = arena_printf(making->script->arena, "%s", actor);
    for (char *at = name; *at; at++)
        *at = *at == '-' ? '_' : *at;
    return name;
}

// The class of an error that has no number, or its text where that is what tells it apart:
// "InterfaceError=0", "Error=ECONNRESET".
static const char *class_of(struct arena *arena, const char *native) {
    const char *equal = strchr(native, '=');
    if (!equal)
        return native;
    bool is_number = !equal[1 + strspn(equal + 1, "-0123456789")];
    return is_number ? arena_text(arena, native, (size_t)(equal - native)) : equal + 1;
}

static const char *name_of(struct arena *arena, const struct expectation *one) {
    if (one->kind == OUTCOME_OK)
        return "ok";
    if (one->code > 0)
        return arena_printf(arena, "%d", one->code);
    return one->native ? class_of(arena, one->native) : NULL;
}

// How a step ended where it was measured; NULL with an error if a program cannot check that.
static const char *expected_of(const struct making *making, const struct plan_step *step,
                               struct err *err) {
    const char *all = NULL;
    for (const struct expectation *one = plan_find_expectation(making->row, step->id); one;
         one = one->or_else) {
        struct arena *arena = making->script->arena;
        bool is_plain = one->kind == OUTCOME_OK || one->kind == OUTCOME_ERROR;
        const char *name = is_plain && !one->rows ? name_of(arena, one) : NULL;
        if (!name) {
            making_refuse(making, err,
                          "`%s` ends with %s, which is more than a program of its own "
                          "can check",
                          step->id, one->rows ? "rows that matter" : one->text);
            return NULL;
        }
        all = all ? arena_printf(arena, "%s or %s", all, name) : name;
    }
    if (!all)
        making_refuse(making, err, "nobody has measured how `%s` ends", step->id);
    return all;
}

struct move *making_add(struct making *making, const struct plan_step *step, enum move_kind kind) {
    struct script *script = making->script;
    script->moves = xgrow(script->moves, script->count, sizeof *script->moves);
    struct move *move = &script->moves[script->count++];
    *move = (struct move){.kind = kind,
                          .id = step->id,
                          .connection = making_connection(making, step->actor),
                          .connect_ms = -1,
                          .read_ms = -1,
                          .write_ms = -1};
    script->kinds |= 1U << kind;
    return move;
}

// ---- verbs of an app ---------------------------------------------------------------------------

typedef int add_verb(struct making *making, const struct plan_step *step, struct err *err);

// SET SESSION for the variables that a connect asks for.
static void add_session(struct making *making, const struct plan_step *step,
                        const struct connect_args *args) {
    cleanup_text struct text sql = {0};
    for (size_t i = 0; i < args->session.count; i++) {
        const struct node *value = ((const struct node **)args->session.items)[i];
        bool bare = !value->quoted && value->text[strspn(value->text, "0123456789.")] == '\0';
        text_printf(&sql, "%s%s = %s%s%s", i > 0 ? ", " : "SET SESSION ", args->session.keys[i],
                    bare ? "" : "'", value->text, bare ? "" : "'");
    }
    if (!sql.length)
        return;
    struct move *move = making_add(making, step, MOVE_QUERY);
    move->id = NULL;
    move->sql = arena_printf(making->script->arena, "%s", text_get(&sql));
}

static const char *odd_option(const struct plan_step *step) {
    static const char *const known[] = {"connect_timeout", "read_timeout", "write_timeout",
                                        "session"};
    const struct node *node = step->act.node;
    for (size_t i = 0; node && node->kind == NODE_MAP && i < node->count; i++) {
        bool is_known = false;
        for (size_t k = 0; k < COUNT_OF(known); k++)
            is_known |= strcmp(known[k], node->keys[i]->text) == 0;
        if (!is_known)
            return node->keys[i]->text;
    }
    return NULL;
}

static int add_connect(struct making *making, const struct plan_step *step, struct err *err) {
    const struct connect_args *args = step->act.args;
    const char *odd = odd_option(step);
    if (odd)
        return making_refuse(making, err, "connect with `%s` has no form that all languages have",
                             odd);
    struct move *move = making_add(making, step, MOVE_CONNECT);
    if (!args)
        return 0;
    move->connect_ms = args->connect_timeout_ms;
    move->read_ms = args->read_timeout_ms;
    move->write_ms = args->write_timeout_ms;
    if (args->session.count && step->id)
        return making_refuse(making, err, "`%s` connects and sets variables in one step", step->id);
    add_session(making, step, args);
    return 0;
}

static int add_sql(struct making *making, const struct plan_step *step, enum move_kind kind,
                   struct err *err) {
    const char *sql = step_argument(step, NULL);
    if (!sql || strstr(sql, "$rows("))
        return making_refuse(making, err, "`%s` has a generated list of rows",
                             step->act.verb->name);
    making_add(making, step, kind)->sql = sql;
    making->script->has_blob |= script_find_blob(sql, NULL, NULL, NULL);
    return 0;
}

static int add_query(struct making *making, const struct plan_step *step, struct err *err) {
    return add_sql(making, step, MOVE_QUERY, err);
}

static int add_prepare(struct making *making, const struct plan_step *step, struct err *err) {
    return add_sql(making, step, MOVE_PREPARE, err);
}

static int add_execute(struct making *making, const struct plan_step *step, struct err *err) {
    const struct node *params = node_get(step->act.node, "params");
    for (size_t i = 0; params && i < params->count; i++)
        if (params->items[i]->kind != NODE_SCALAR || strchr(params->items[i]->text, '$'))
            return making_refuse(making, err, "`execute` has a generated parameter");
    struct move *move = making_add(making, step, MOVE_EXECUTE);
    if (params)
        move->params = (struct list){params->count, params->items};
    return 0;
}

static int add_ping(struct making *making, const struct plan_step *step, struct err *err) {
    (void)err;
    making_add(making, step, MOVE_PING);
    return 0;
}

static int add_close(struct making *making, const struct plan_step *step, struct err *err) {
    (void)err;
    making_add(making, step, MOVE_CLOSE);
    return 0;
}

// The next step must say how the child ends.
static int add_fork(struct making *making, const struct plan_step *step, struct err *err) {
    static const char *const endings[] = {
        [ENDING_CLOSE] = "close", [ENDING_EXIT] = "exit", [ENDING_EXIT_AT_ONCE] = "_exit"};
    const struct plan_case *plan = making->script->plan;
    const char *child = step_argument(step, NULL);
    const struct plan_step *next =
        making->at + 1 < plan->step_count ? &plan->steps[making->at + 1] : NULL;
    bool follows = next && child && next->kind == STEP_APP && strcmp(next->actor, child) == 0;
    for (size_t i = 0; follows && !next->id && i < COUNT_OF(endings); i++)
        if (strcmp(next->act.verb->name, endings[i]) == 0) {
            making_add(making, step, MOVE_FORK)->ending = (enum ending)i;
            making->is_child = true;
            return 0;
        }
    return making_refuse(making, err, "`fork`: the child does more than end");
}

static const struct {
    const char *name;
    add_verb *add;
} verbs[] = {{"connect", add_connect}, {"query", add_query},     {"ping", add_ping},
             {"prepare", add_prepare}, {"execute", add_execute}, {"close", add_close},
             {"fork", add_fork}};

static int add_app_step(struct making *making, const struct plan_step *step, struct err *err) {
    const char *verb = step->act.verb->name;
    if (step->as)
        return making_refuse(making, err, "`%s` runs in the background, as `%s`", verb, step->as);
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, verb) == 0)
            return verbs[i].add(making, step, err);
    return making_refuse(making, err, "the verb `%s` has no form that all languages have", verb);
}

// ---- the whole ---------------------------------------------------------------------------------

static int check_world(const struct making *making, struct err *err) {
    const struct plan_case *plan = making->script->plan;
    if (plan->transport != TRANSPORT_TCP)
        return making_refuse(making, err, "a container's server is reached over tcp, not `%s`",
                             transport_words[plan->transport].name);
    if (plan->wire)
        return making_refuse(making, err, "it needs a %s between app and server",
                             plan->wire->nat ? "NAT" : "proxy");
    if (plan->host)
        return making_refuse(making, err, "it changes settings of the hosts");
    if (plan->server && plan->server->starts == 0)
        return making_refuse(making, err, "the server does not start");
    return 0;
}

// A program has no use for a connection of which nothing is seen or asked.
static int add_steps(struct making *making, struct err *err) {
    const struct plan_case *plan = making->script->plan;
    for (making->at = 0; making->at < plan->step_count; making->at++) {
        const struct plan_step *step = &plan->steps[making->at];
        size_t before = making->script->count;
        bool is_told = making->is_child;
        making->is_child = false;
        if (step->skipped || is_told)
            continue;
        if ((step->kind == STEP_APP ? add_app_step : add_fault_step)(making, step, err) < 0)
            return -1;
        for (size_t i = before; making->row && step->id && i < making->script->count; i++) {
            struct move *move = &making->script->moves[i];
            if (move->id && !(move->expected = expected_of(making, step, err)))
                return -1;
        }
    }
    return 0;
}

int script_make(struct script *ret, const struct plan_case *plan, const struct plan_row *row,
                struct err *err) {
    *ret = (struct script){.plan = plan, .arena = arena_new()};
    struct making making = {.script = ret, .row = row};
    if (check_world(&making, err) < 0 || add_steps(&making, err) < 0)
        return -1;
    bool is_judged = false;
    for (size_t i = 0; i < ret->count; i++)
        is_judged |= ret->moves[i].id != NULL;
    return is_judged ? 0 : making_refuse(&making, err, "it judges no call of an app");
}

void script_release(struct script *script) {
    free(script->moves);
    arena_free(script->arena);
    *script = (struct script){0};
}

bool script_find_blob(const char *sql, size_t *ret_from, size_t *ret_to, int64_t *ret_bytes) {
    const char *from = sql ? strstr(sql, "$blob(") : NULL;
    if (!from)
        return false;
    const char *digits = from + strlen("$blob("), *end = strchr(digits, ')');
    if (!end)
        return false;
    if (ret_from)
        *ret_from = (size_t)(from - sql);
    if (ret_to)
        *ret_to = (size_t)(end + 1 - sql);
    if (ret_bytes)
        *ret_bytes = strtoll(digits, NULL, 10);
    return true;
}
