// SPDX-License-Identifier: Apache-2.0
// script_fault.c - a case as a list of moves: what happens to the server and the network
//
// fault.sh comes back when what it did has taken effect, so a state that follows from that is passed
// over. A session that the server ends by itself is the one state that a program has to wait for.
#include "base/text.h"
#include "export/parts.h"
#include "plan/kind.h"

#include <string.h>

static struct move *add(struct making *making, const struct plan_step *step, enum fault_bit fault,
                        const char *first, const char *second, const char *third) {
    struct move *move = making_add(making, step, MOVE_FAULT);
    const char *words[MOVE_WORDS] = {first, second, third};
    move->id = NULL;
    for (size_t i = 0; i < MOVE_WORDS && words[i]; i++)
        move->words[move->word_count++] = words[i];
    making->script->faults |= (unsigned)fault;
    return move;
}

static void add_of_session(struct making *making, const struct plan_step *step,
                           enum fault_bit fault, const char *word, const char *actor) {
    struct move *move = add(making, step, fault, word, NULL, NULL);
    move->connection = making_connection(making, actor);
    move->of_session = true;
    making->script->needs_ids = true;
}

// ---- faults ------------------------------------------------------------------------------------

static int add_kill(struct making *making, const struct plan_step *step, struct err *err) {
    const char *of = step_argument(step, NULL);
    of = of ? of : step_argument(step, "of");
    const char *what = step_argument(step, "what");
    bool query = what && strcmp(what, "query") == 0;
    if (!of)
        return making_refuse(making, err, "`kill` does not name an app");
    add_of_session(making, step, query ? CAN_KILL_QUERY : CAN_KILL, query ? "kill-query" : "kill",
                   of);
    return 0;
}

// Only what an ordinary rule in the server's own network can say.
static int add_filter(struct making *making, const struct plan_step *step, struct err *err) {
    const char *from = step_argument(step, "from"), *with = step_argument(step, "with");
    const struct node *node = step->act.node;
    for (size_t i = 0; node && i < node->count; i++) {
        const char *key = node->keys[i]->text;
        if (strcmp(key, "from") != 0 && strcmp(key, "with") != 0)
            return making_refuse(making, err,
                                 "the fault `%s` has `%s`, for which an ordinary "
                                 "firewall's rule is not enough",
                                 step->act.verb->name, key);
    }
    if (!from)
        return making_refuse(making, err, "`%s` does not say whose packets", step->act.verb->name);
    bool drops = strcmp(step->act.verb->name, "drop") == 0;
    add(making, step, CAN_FILTER, drops ? "drop" : "reject", from, with);
    return 0;
}

static int add_pause(struct making *making, const struct plan_step *step, struct err *err) {
    const char *what = step_argument(step, NULL);
    if (!what || strcmp(what, "server") != 0)
        return making_refuse(making, err, "`pause` stops the app itself");
    add(making, step, CAN_PAUSE, "pause", NULL, NULL);
    return 0;
}

static const struct {
    const char *name;
    int (*add)(struct making *making, const struct plan_step *step, struct err *err);
} faults[] = {
    {"kill", add_kill}, {"drop", add_filter}, {"reject", add_filter}, {"pause", add_pause}};

static int add_fault(struct making *making, const struct plan_step *step, struct err *err) {
    const char *kind = step->act.verb->name;
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        if (strcmp(faults[i].name, kind) == 0)
            return faults[i].add(making, step, err);
    return making_refuse(making, err, "there is no public means for the fault `%s`", kind);
}

// Only the rules of a firewall and a pause last until they are lifted.
static int add_lift(struct making *making, const struct plan_step *step, struct err *err) {
    const struct plan_case *plan = making->script->plan;
    for (size_t i = 0; i < making->at; i++) {
        const struct plan_step *armed = &plan->steps[i];
        if (armed->kind != STEP_FAULT || strcmp(armed->name, step->name) != 0)
            continue;
        bool is_pause = strcmp(armed->act.verb->name, "pause") == 0;
        add(making, step, is_pause ? CAN_UNPAUSE : CAN_LIFT, is_pause ? "unpause" : "lift", NULL,
            NULL);
        return 0;
    }
    return making_refuse(making, err, "nothing in it is called `%s`", step->name);
}

// ---- the server --------------------------------------------------------------------------------

static int add_server(struct making *making, const struct plan_step *step, struct err *err) {
    const char *verb = step->act.verb->name;
    const char *signal = step_argument(step, NULL);
    signal = signal ? signal : step_argument(step, "signal");
    signal = signal && strcmp(signal, verb) != 0 ? signal : "TERM";
    if (strcmp(verb, "restart") == 0)
        add(making, step, CAN_RESTART, verb, signal, NULL);
    else if (strcmp(verb, "stop") == 0)
        add(making, step, CAN_STOP, verb, signal, NULL);
    else if (strcmp(verb, "start") == 0)
        add(making, step, CAN_START, verb, NULL, NULL);
    else
        return making_refuse(making, err, "there is no public means to `%s` something in a server",
                             verb);
    making->is_stopped = strcmp(verb, "stop") == 0;
    return 0;
}

static bool is_bare(const struct node *value) {
    return !value->quoted &&
           (!value->text[strspn(value->text, "0123456789.")] ||
            strcasecmp(value->text, "on") == 0 || strcasecmp(value->text, "off") == 0 ||
            strcmp(value->text, "true") == 0 || strcmp(value->text, "false") == 0);
}

static int add_admin(struct making *making, const struct plan_step *step, struct err *err) {
    const struct node *node = step->act.node;
    struct arena *arena = making->script->arena;
    if (step->id)
        return making_refuse(making, err, "it judges what the admin sees, in `%s`", step->id);
    if (step->act.verb->id == ADMIN_QUERY && node->kind == NODE_SCALAR) {
        if (strchr(node->text, '$'))
            return making_refuse(making, err, "the admin's statement has a generated part");
        add(making, step, CAN_SQL, "sql", node->text, NULL);
        return 0;
    }
    if (step->act.verb->id != ADMIN_SET_GLOBAL || node->kind != NODE_MAP)
        return making_refuse(making, err, "there is no plain form for what the admin does");
    for (size_t i = 0; i < node->count; i++) {
        const char *quote = is_bare(node->items[i]) ? "" : "'";
        add(making, step, CAN_SQL, "sql",
            arena_printf(arena, "SET GLOBAL %s = %s%s%s", node->keys[i]->text, quote,
                         node->items[i]->text, quote),
            NULL);
    }
    return 0;
}

// ---- states ------------------------------------------------------------------------------------

static bool expects_success_next(const struct making *making) {
    const struct plan_case *plan = making->script->plan;
    for (size_t i = making->at; making->row && i < plan->step_count; i++) {
        const struct expectation *cell =
            plan->steps[i].id ? plan_find_expectation(making->row, plan->steps[i].id) : NULL;
        if (cell)
            return cell->kind == OUTCOME_OK;
    }
    return true;
}

// A kill waits for that itself.
static int add_gone(struct making *making, const struct plan_step *step, const char *actor) {
    const struct script *script = making->script;
    const struct move *last = script->count ? &script->moves[script->count - 1] : NULL;
    bool is_killed = last && last->of_session && strcmp(last->words[0], "kill") == 0 &&
                     strcmp(last->connection, making_connection(making, actor)) == 0;
    bool stays = step->optional && expects_success_next(making);
    if (!making->is_stopped && !stays && !is_killed)
        add_of_session(making, step, CAN_GONE, "gone", actor);
    return 0;
}

// "{of: app, is: gone}" or "gone" alone, which is about the app.
static int add_until(struct making *making, const struct plan_step *step, struct err *err) {
    const char *state = step->act.verb->name, *word = step_argument(step, NULL);
    const char *of = step_argument(step, "of"), *is = step_argument(step, "is");
    bool session = strcmp(state, "session") == 0, socket = strcmp(state, "app-socket") == 0;
    bool server = strcmp(state, "server") == 0;
    is = is ? is : word ? word : "?";
    if (session && strcmp(is, "gone") == 0)
        return add_gone(making, step, of ? of : "app");
    if (socket && (strcmp(is, "closed-by-peer") == 0 || strcmp(is, "gone") == 0))
        return add_gone(making, step, of ? of : "app");
    if (session && strcmp(is, "idle") == 0)
        return 0; // the call before has come back
    if (server && (strcmp(is, "up") == 0 || strcmp(is, "gone") == 0))
        return 0; // fault.sh waits for that
    return making_refuse(making, err, "there is no public means to wait for the state `%s`%s%s",
                         state, *is == '?' ? "" : ": ", *is == '?' ? "" : is);
}

static bool waits_next(const struct making *making) {
    const struct plan_case *plan = making->script->plan;
    const struct plan_step *next =
        making->at + 1 < plan->step_count ? &plan->steps[making->at + 1] : NULL;
    return next && next->kind == STEP_UNTIL && !next->skipped && !next->optional;
}

// Time that passes until the server ends the session is waited for by that.
static int add_idle(struct making *making, const struct plan_step *step, struct err *err) {
    if (step->idle.app_pings_every_ms > 0)
        return making_refuse(making, err, "the app pings while nothing else happens");
    if (!waits_next(making))
        add(making, step, CAN_IDLE, "idle",
            arena_printf(making->script->arena, "%g", (double)step->idle.for_ms / 1000), NULL);
    return 0;
}

int add_fault_step(struct making *making, const struct plan_step *step, struct err *err) {
    static int (*const adds[])(struct making *, const struct plan_step *, struct err *) = {
        [STEP_FAULT] = add_fault, [STEP_LIFT] = add_lift,   [STEP_SERVER] = add_server,
        [STEP_ADMIN] = add_admin, [STEP_UNTIL] = add_until, [STEP_IDLE] = add_idle,
    };
    static const char *const names[] = {[STEP_AWAIT] = "await",
                                        [STEP_PROXY] = "proxy",
                                        [STEP_RAW] = "raw",
                                        [STEP_PROGRAM] = "program"};
    if ((size_t)step->kind < COUNT_OF(adds) && adds[step->kind])
        return adds[step->kind](making, step, err);
    return making_refuse(making, err, "there is no plain form for `%s`", names[step->kind]);
}
