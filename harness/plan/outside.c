// SPDX-License-Identifier: Apache-2.0
// outside.c - a case whose steps are not in a file: they come from outside, while it runs
#include "plan/outside.h"

#include "plan/parts.h"

#include <string.h>

struct scenario *outside_open(enum transport transport) {
    struct arena *arena = arena_new();
    struct scenario *scenario = arena_alloc(arena, sizeof *scenario);
    struct plan_case *plan = arena_alloc(arena, sizeof *plan);
    *scenario = (struct scenario){.name = "lab",
                                  .file = "lab",
                                  .title = "A test suite of its own",
                                  .arena = arena,
                                  .case_count = 1,
                                  .cases = plan,
                                  .warnings = arena_alloc(arena, sizeof *scenario->warnings),
                                  .patterns = pattern_set_new(arena),
                                  .promise_work = promise_work_new(arena)};
    *plan = (struct plan_case){.scenario = scenario,
                               .id = arena_printf(arena, "lab@%s", transport_words[transport].name),
                               .variant = "",
                               .transport = transport,
                               .of_sessions = true,
                               .steps = arena_alloc(arena, OUTSIDE_STEPS * sizeof *plan->steps)};
    return scenario;
}

bool outside_names_session(const char *name) {
    enum { MOST_DIGITS = 18 };
    size_t digits = strspn(name, "0123456789");
    return digits > 0 && digits <= MOST_DIGITS && name[digits] == '\0';
}

const char *outside_name_fault(const struct plan_case *plan, const char *kind) {
    const char *name = kind;
    for (int i = 2; fault_exists(plan, name); i++)
        name = arena_printf(plan->scenario->arena, "%s-%d", kind, i);
    return name;
}

// `fires` says what a case must prove; outside of a case nobody would look.
static int refuse_fires(const struct node *body, struct err *err) {
    return node_get(body, "fires")
               ? node_error(
                     node_get(body, "fires"), err,
                     "'fires' is for the judge of a scenario; here the answer says how often "
                     "the fault has fired")
               : 0;
}

// In JSON every text has quotes, with which a duration or a bare word would be no such thing in YAML;
// and a key without a value has null.
static void read_as_json(struct node *node) {
    static const char *const others[] = {"true", "false", "null", ""};
    bool text = false;
    for (size_t i = 0; i < node->count; i++)
        read_as_json(node->items[i]);
    if (node->kind != NODE_SCALAR)
        return;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        text |= strcmp(node->text, others[i]) == 0;
    if (!node->quoted && strcmp(node->text, "null") == 0)
        node->text = "";
    node->quoted &= text;
}

static void add_key(struct node *map, struct node *key, struct node *value) {
    map->keys[map->count] = key;
    map->items[map->count++] = value;
}

// {KEY: BODY}, with `deadline` from within the body beside it.
static struct node *make_step(struct arena *arena, const char *key, struct node *body) {
    enum { KEYS = 2 };
    struct node *step = arena_alloc(arena, sizeof *step);
    struct node *name = arena_alloc(arena, sizeof *name);
    *name =
        (struct node){.kind = NODE_SCALAR, .file = body->file, .line = 1, .column = 1, .text = key};
    *step = (struct node){.kind = NODE_MAP,
                          .file = body->file,
                          .line = 1,
                          .column = 1,
                          .keys = arena_alloc(arena, KEYS * sizeof *step->keys),
                          .items = arena_alloc(arena, KEYS * sizeof *step->items)};
    add_key(step, name, body);
    for (size_t i = 0; body->kind == NODE_MAP && i < body->count; i++) {
        if (strcmp(body->keys[i]->text, "deadline") != 0 || strcmp(key, "until") != 0)
            continue;
        add_key(step, body->keys[i], body->items[i]);
        body->count--;
        memmove(body->keys + i, body->keys + i + 1, (body->count - i) * sizeof *body->keys);
        memmove(body->items + i, body->items + i + 1, (body->count - i) * sizeof *body->items);
        break;
    }
    return step;
}

// The links that netem spoils are made when the world is.
static int refuse_netem(const struct plan_case *plan, const struct node *body, struct err *err) {
    if (!plan->netem)
        return 0;
    return node_error(body, err,
                      "netem has no place here: it spoils a link from when that is made, and those "
                      "of a lab are made before anybody asks");
}

static int read_step(struct plan_case *plan, const char *key, struct node *body, struct err *err) {
    struct arena *arena = plan->scenario->arena;
    read_as_json(body);
    struct node *step = make_step(arena, key, body);
    struct node steps = {
        .kind = NODE_LIST, .file = body->file, .line = 1, .column = 1, .count = 1, .items = &step};
    if (refuse_fires(body, err) < 0 || steps_build(plan, &steps, &steps, arena, err) < 0)
        return -1;
    plan->steps[plan->step_count - 1].number = (int)plan->step_count;
    plan->looks_up_names = false; // the server looks none up, whatever happens to the name service
    return refuse_netem(plan, body, err);
}

const struct plan_step *outside_add(struct scenario *scenario, const char *key, const char *data,
                                    size_t length, struct err *err) {
    struct plan_case *plan = scenario->cases;
    struct plan_case before = *plan;
    if (plan->step_count == OUTSIDE_STEPS) {
        err_set(err, "there is room for %d faults and their ends only", OUTSIDE_STEPS / 2);
        err_remedy(err, "a reset forgets them");
        return NULL;
    }
    char *kept = arena_text(scenario->arena, key, strlen(key));
    struct node *body = yaml_parse(scenario->arena, kept, data, length, err);
    if (body && read_step(plan, kept, body, err) == 0)
        return &plan->steps[plan->step_count - 1];
    *plan = before;
    return NULL;
}

void outside_drop(struct scenario *scenario) {
    scenario->cases->step_count--;
}
