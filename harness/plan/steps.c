// SPDX-License-Identifier: Apache-2.0
// steps.c - builds the steps of a case, and resolves every name in them
#include "plan/kind.h"
#include "plan/language_tables.h"
#include "plan/outside.h"
#include "plan/params.h"
#include "plan/parts.h"
#include "plan/step_refusal.h"
#include "yaml/mistakes.h"

#include <string.h>

// The state of reading the steps from first to last.
struct reading {
    struct plan_case *plan;
    struct arena *arena;
    struct err *err;
    const char **actors;  // apps and forked children, terminated by NULL
    const char **pending; // for each actor: the name of its background call, or NULL
    size_t actor_count;
    bool raw; // the raw connection has been opened
};

static int find_actor(const struct reading *reading, const char *name) {
    for (size_t i = 0; i < reading->actor_count; i++)
        if (strcmp(reading->actors[i], name) == 0)
            return (int)i;
    return -1;
}

static void add_actor(struct reading *reading, const char *name) {
    reading->actors[reading->actor_count++] = name;
}

static int need_actor(struct reading *reading, const struct node *at, const char *name) {
    if (reading->plan->of_sessions)
        return outside_names_session(name) ? 0 : refuse_session(at, name, reading->err);
    return find_actor(reading, name) >= 0 ? 0
                                          : refuse_actor(at, name, reading->actors, reading->err);
}

static int check_transport(struct reading *reading, const struct plan_step *step) {
    if (!(step->act.verb->flags & VERB_NEEDS_TCP) || reading->plan->transport != TRANSPORT_SOCKET)
        return 0;
    return node_error(step->node, reading->err,
                      "'%s' acts on the network, which the Unix socket does not use; add "
                      "`transport: [tcp, tls]` to the step or to the scenario",
                      step->act.verb->name);
}

// Refuses a fault or a state that the case cannot have: because of its transport, or because the
// app does not exist.
static int check_reference(struct reading *reading, const struct plan_step *step, kind_app *app) {
    const char *name = app ? app(&step->act) : NULL;
    if (check_transport(reading, step) < 0)
        return -1;
    return name ? need_actor(reading, step->act.node, name) : 0;
}

static int64_t guess(kind_guess *guess_ms, const struct choice *act) {
    return guess_ms ? guess_ms(act) : 0;
}

// ---- kinds of steps ----------------------------------------------------------------------------

// Refuses an actor that a step cannot create.
static int add_child(struct reading *reading, const struct plan_step *step, const char *child) {
    if (find_actor(reading, child) >= 0 || step_key_exists(child))
        return node_error(step->act.node, reading->err,
                          "'%s' is taken; give the child another name", child);
    if (reading->plan->fork_count == MOST_FORKS)
        return node_error(step->act.node, reading->err, "a case forks at most %d children",
                          MOST_FORKS);
    reading->plan->fork_count++;
    add_actor(reading, child);
    return 0;
}

static int read_app(struct reading *reading, const struct node *value, struct plan_step *step) {
    struct app_act *act;
    int actor = find_actor(reading, step->actor);
    if (table_decode(&type_app, value, &act, reading->arena, reading->err) < 0 ||
        call_take_args(act, value, reading->err) < 0)
        return -1;
    step->kind = STEP_APP;
    step->act = act->op;
    step->as = act->as;
    if (app_verb_of(step)->beside)
        return refuse_beside(step, reading->pending[actor], reading->err);
    if (reading->pending[actor]) {
        node_error(step->node, reading->err,
                   "'%s' is still busy with '%s'; `await: %s` comes first", step->actor,
                   reading->pending[actor], reading->pending[actor]);
        mistakes_misses(step->node, "await");
        return mistakes_misses(step->node, reading->pending[actor]);
    }
    if (step->as && step->id)
        return node_error(
            step->node, reading->err,
            "a call in the background is judged where it is awaited: put the id there");
    for (size_t i = 0; step->as && i < reading->actor_count; i++)
        if (reading->pending[i] && strcmp(reading->pending[i], step->as) == 0)
            return node_error(step->node, reading->err, "'%s' is the name of another call",
                              step->as);
    reading->pending[actor] = step->as;
    const struct app_verb *verb = app_verb_of(step);
    step->guess_ms = guess(verb->guess_ms, &step->act);
    if (verb->check && verb->check(reading->plan, step, reading->err) < 0)
        return -1;
    return verb->child ? add_child(reading, step, verb->child(&step->act)) : 0;
}

// Notes what a fault implies for the whole case.
static void note_fault(struct plan_case *plan, const struct plan_step *step) {
    const struct fault_kind *kind = fault_kind_of(step);
    plan->dirties_server |= (kind->word.flags & VERB_DIRTIES) != 0;
    plan->fresh_server |= (kind->word.flags & VERB_FRESH) != 0;
    plan->needs |= kind->needs | (kind->needs_of ? kind->needs_of(&step->act) : 0);
}

static int read_fault(struct reading *reading, const struct node *value, struct plan_step *step) {
    struct fault_act *act;
    struct plan_case *plan = reading->plan;
    if (table_decode(&type_fault, value, &act, reading->arena, reading->err) < 0)
        return -1;
    step->act = act->kind;
    step->name = act->id             ? act->id
                 : plan->of_sessions ? outside_name_fault(plan, act->kind.verb->name)
                                     : act->kind.verb->name;
    if (fault_exists(plan, step->name))
        return node_error(step->node, reading->err,
                          "there is a fault '%s' already; give this one an id of its own, as in "
                          "`fault: {id: other, ..}`",
                          step->name);
    kind_check *check = fault_kind_of(step)->check;
    if ((check && check(plan, step, reading->err) < 0) ||
        fires_decode(act->fires, plan, &step->fires, reading->err) < 0)
        return -1;
    note_fault(plan, step);
    step->guess_ms = guess(fault_kind_of(step)->guess_ms, &step->act);
    return check_reference(reading, step, fault_kind_of(step)->app);
}

static int read_lift(struct reading *reading, const struct node *value, struct plan_step *step) {
    if (table_decode(&type_name, value, &step->name, reading->arena, reading->err) < 0)
        return -1;
    return check_fault(reading->plan, value, step->name, reading->err);
}

static int read_until(struct reading *reading, const struct node *value, struct plan_step *step) {
    struct until_act *act;
    if (table_decode(&type_until, value, &act, reading->arena, reading->err) < 0)
        return -1;
    step->act = act->what;
    const struct state_kind *kind = state_kind_of(step);
    step->skipped = reading->plan->control && kind->is_damage && kind->is_damage(&step->act);
    reading->plan->needs |= kind->needs;
    if (kind->check && kind->check(reading->plan, step, reading->err) < 0)
        return -1;
    return check_reference(reading, step, kind->app);
}

static int read_await(struct reading *reading, const struct node *value, struct plan_step *step) {
    if (table_decode(&type_name, value, &step->name, reading->arena, reading->err) < 0)
        return -1;
    for (size_t i = 0; i < reading->actor_count; i++)
        if (reading->pending[i] && strcmp(reading->pending[i], step->name) == 0) {
            step->actor = reading->actors[i];
            reading->pending[i] = NULL;
            return 0;
        }
    node_error(value, reading->err, "no call named '%s' runs in the background here", step->name);
    return mistakes_misses(value, step->name);
}

static int read_act(struct reading *reading, const struct type *type, const struct node *value,
                    struct plan_step *step) {
    struct choice *act; // the records of admin and server consist of a choice
    if (table_decode(type, value, &act, reading->arena, reading->err) < 0)
        return -1;
    step->act = *act;
    reading->plan->dirties_server |= (act->verb->flags & VERB_DIRTIES) != 0;
    if (step->kind == STEP_SERVER)
        step->guess_ms = guess(server_verb_of(step)->guess_ms, act);
    return 0;
}

static int read_idle(struct reading *reading, const struct node *value, struct plan_step *step) {
    struct idle_args *idle;
    if (table_decode(&type_idle, value, &idle, reading->arena, reading->err) < 0)
        return -1;
    step->idle = *idle;
    reading->plan->imposed_ms += idle->for_ms;
    return 0;
}

static int read_raw(struct reading *reading, const struct node *value, struct plan_step *step) {
    struct raw_act *act;
    if (table_decode(&type_raw, value, &act, reading->arena, reading->err) < 0)
        return -1;
    step->act = act->op;
    if (reading->plan->transport == TRANSPORT_TLS) {
        node_error(step->node, reading->err,
                   "a raw step speaks no TLS; add `transport: [tcp, socket]` to the step or to the "
                   "scenario");
        return mistakes_misses(step->node, "raw"); // reported only for the first of them
    }
    if (act->op.verb->id != PEER_CONNECT && !reading->raw) {
        node_error(step->node, reading->err,
                   "there is no raw connection at this step; `raw: connect` comes first");
        return mistakes_misses(step->node, "raw");
    }
    reading->raw = act->op.verb->id != PEER_CLOSE && act->op.verb->id != PEER_RESET;
    return peer_check(reading->plan, &act->op, reading->err);
}

static int read_kind(struct reading *reading, const struct node *value, struct plan_step *step) {
    switch (step->kind) {
    case STEP_APP:
        return read_app(reading, value, step);
    case STEP_ADMIN:
        return read_act(reading, &type_admin, value, step);
    case STEP_SERVER:
        return read_act(reading, &type_server_act, value, step);
    case STEP_PROXY:
        if (check_proxy(reading->plan, value, reading->err) < 0)
            return -1;
        return read_act(reading, &type_proxy_act, value, step);
    case STEP_FAULT:
        return read_fault(reading, value, step);
    case STEP_LIFT:
        return read_lift(reading, value, step);
    case STEP_UNTIL:
        return read_until(reading, value, step);
    case STEP_IDLE:
        return read_idle(reading, value, step);
    case STEP_AWAIT:
        return read_await(reading, value, step);
    case STEP_RAW:
        return read_raw(reading, value, step);
    case STEP_PROGRAM: // no key leads here
        break;
    }
    abort();
}

// ---- one step ----------------------------------------------------------------------------------

static bool is_common(const char *key) {
    for (const struct field *field = type_step_common.fields; field->name; field++)
        if (strcmp(field->name, key) == 0)
            return true;
    return false;
}

bool step_key_exists(const char *word) {
    return is_common(word) || table_find_verb(step_verbs, word);
}

static int read_common(struct reading *reading, const struct node *node, struct step_common **ret) {
    const struct scenario *scenario = reading->plan->scenario;
    struct node common = *node;
    common.count = 0;
    common.keys = arena_alloc(reading->arena, (node->count + 1) * sizeof *common.keys);
    common.items = arena_alloc(reading->arena, (node->count + 1) * sizeof *common.items);
    for (size_t i = 0; i < node->count; i++)
        if (is_common(node->keys[i]->text)) {
            common.keys[common.count] = node->keys[i];
            common.items[common.count++] = node->items[i];
        }
    if (table_decode(&type_step_common, &common, ret, reading->arena, reading->err) < 0)
        return -1;
    if ((*ret)->id && outcomes_is_key((*ret)->id))
        return node_error(node_get(node, "id"), reading->err,
                          "'%s' has a meaning of its own in `outcomes`; choose another id",
                          (*ret)->id);
    return selection_check(scenario, (*ret)->variants, node_get(node, "variants"), reading->err) <
                       0 ||
                   check_transports(scenario, &(*ret)->transport, node_get(node, "transport"),
                                    reading->err) < 0
               ? -1
               : 0;
}

static int check_act_key(struct reading *reading, const struct node *key, const struct node *value,
                         const struct node *found) {
    if (!table_find_verb(step_verbs, key->text) && find_actor(reading, key->text) < 0)
        return refuse_step(key, value, reading->actors, reading->arena, reading->err);
    return found ? node_error(key, reading->err, "a step does one thing, not '%s' and '%s'",
                              found->text, key->text)
                 : 0;
}

// The one key that says what the step does; NULL after an error.
static const struct node *find_act(struct reading *reading, const struct node *node,
                                   const struct node **ret_value) {
    const struct node *found = NULL;
    bool broken = false;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *key = node->keys[i];
        if (is_common(key->text))
            continue;
        if (check_act_key(reading, key, node->items[i], found) < 0) {
            broken = true;
            if (!mistakes_keep(node->items[i], key->text, reading->err))
                return NULL;
            continue;
        }
        found = key;
        *ret_value = node->items[i];
    }
    if (!found && !broken)
        node_error(node, reading->err,
                   "this step does nothing; add what it does, such as `app: ping`");
    return found;
}

// Whether the step is carried out in this case.
static bool belongs(const struct step_common *common, const struct plan_case *plan) {
    bool transport = common->transport.count == 0;
    for (size_t i = 0; i < common->transport.count; i++)
        transport = transport || ((const int *)common->transport.items)[i] == (int)plan->transport;
    return transport && selection_has(plan->scenario, common->variants, plan->variant);
}

static int check_id(const struct plan_case *plan, const char *id, const struct node *node,
                    struct err *err) {
    for (size_t i = 0; id && i < plan->step_count; i++)
        if (plan->steps[i].id && strcmp(plan->steps[i].id, id) == 0)
            return node_error(node_get(node, "id"), err, "two steps have the id '%s'", id);
    return 0;
}

// Only a call has an outcome to judge by an id; beside a fault, an id is meant as the fault's name.
static int check_judged(const struct plan_step *step, const struct node *node, struct err *err) {
    const struct node *id = node_get(node, "id");
    if (step->id && step->kind == STEP_FAULT)
        return refuse_id_of_fault(id, step->value, err);
    bool calls = step->kind == STEP_APP || step->kind == STEP_ADMIN || step->kind == STEP_AWAIT ||
                 step->kind == STEP_RAW;
    return step->id && !calls ? refuse_id(id, step->node, err) : 0;
}

static int read_act_of(struct reading *reading, const struct node *node,
                       const struct step_common *common, int number) {
    struct plan_case *plan = reading->plan;
    const struct node *value = NULL, *key = find_act(reading, node, &value);
    if (!key)
        return -1;
    params_warn(plan->scenario, plan->variant, node);
    const struct verb *kind = table_find_verb(step_verbs, key->text);
    struct plan_step step = {.number = number,
                             .id = common->id,
                             .actor = key->text,
                             .node = key,
                             .value = value,
                             .kind = kind ? (enum step_kind)kind->id : STEP_APP,
                             .optional = common->optional == 1,
                             .deadline_ms =
                                 common->deadline_ms >= 0 ? common->deadline_ms : STEP_DEADLINE_MS};
    if (step.optional && step.kind != STEP_UNTIL)
        return node_error(node_get(node, "optional"), reading->err,
                          "only a state may be optional: `optional` goes with `until`");
    if (check_judged(&step, node, reading->err) < 0 ||
        check_id(plan, step.id, node, reading->err) < 0 || read_kind(reading, value, &step) < 0)
        return -1;
    // unless the step is for the control by name
    step.skipped = step.skipped && !common->variants;
    plan->steps[plan->step_count++] = step;
    return params_check_memory(reading->arena, node, reading->err);
}

static int read_step(struct reading *reading, const struct node *node, int number) {
    struct step_common *common;
    if (node->kind != NODE_MAP)
        return node_error(node, reading->err, "a step is a mapping such as `app: connect`");
    int ret = read_common(reading, node, &common);
    if (ret < 0 && !mistakes_keep(node, "step", reading->err))
        return -1;
    // the mistake may be in which cases it is for
    bool unclear = ret < 0 && (node_get(node, "variants") || node_get(node, "transport"));
    if (unclear || !belongs(common, reading->plan))
        return ret;
    return read_act_of(reading, node, common, number) < 0 ? -1 : ret;
}

// The name that a broken step would have defined.
static const char *name_act(const struct node *node) {
    for (size_t i = 0; node->kind == NODE_MAP && i < node->count; i++)
        if (!is_common(node->keys[i]->text))
            return node->keys[i]->text;
    return "step";
}

// Every background call must be awaited in the end.
static int check_awaited(struct reading *reading) {
    for (size_t i = 0; i < reading->actor_count; i++)
        for (size_t k = reading->plan->step_count; reading->pending[i] && k-- > 0;) {
            const struct node *at = reading->plan->steps[k].node;
            if (reading->plan->steps[k].as != reading->pending[i])
                continue;
            node_error(at, reading->err, "the call '%s' is never awaited; add `await: %s`",
                       reading->pending[i], reading->pending[i]);
            mistakes_misses(at, "await");
            return mistakes_misses(at, reading->pending[i]);
        }
    return 0;
}

// Notes needs that depend on more than one step.
static void note_needs(struct plan_case *plan) {
    plan->needs |= (plan->looks_up_names ? NEED_BIT(NEED_NAMES) : 0) |
                   (plan->ipv6 ? NEED_BIT(NEED_IPV6) : 0) | (plan->nat_id ? NEED_BIT(NEED_NAT) : 0);
}

int steps_build(struct plan_case *plan, const struct node *steps, const struct node *root,
                struct arena *arena, struct err *err) {
    if (!steps || steps->kind != NODE_LIST || steps->count == 0)
        return node_error(steps ? steps : root, err,
                          "'steps' must be a list of steps, each begun by `- `, as in `- app: "
                          "connect`");
    if (steps->count > MOST_STEPS)
        return node_error(steps, err, "a scenario has at most %d steps, not %zu; split it",
                          MOST_STEPS, steps->count);
    size_t most = steps->count + plan->scenario->apps.count + 1;
    struct reading reading = {.plan = plan,
                              .arena = arena,
                              .err = err,
                              .actors = arena_alloc(arena, most * sizeof(char *)),
                              .pending = arena_alloc(arena, most * sizeof(char *))};
    for (size_t i = 0; i < plan->scenario->apps.count; i++)
        add_actor(&reading, ((const char **)plan->scenario->apps.items)[i]);
    if (!plan->of_sessions) // which has room, and steps in it
        plan->steps = arena_alloc(arena, most * sizeof *plan->steps);
    plan->looks_up_names = options_look_up_names(plan);
    int ret = 0;
    for (size_t i = 0; i < steps->count; i++) {
        if (read_step(&reading, steps->items[i], (int)i + 1) == 0)
            continue;
        ret = -1;
        if (!mistakes_keep(steps->items[i], name_act(steps->items[i]), err))
            return -1;
        mistakes_spoil(steps->items[i]);
    }
    note_needs(plan);
    return check_awaited(&reading) < 0 ? -1 : ret;
}
