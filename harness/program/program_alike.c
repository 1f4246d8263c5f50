// SPDX-License-Identifier: Apache-2.0
// program_alike.c - finds variants of a scenario that are the same for a program
//
// Such variants differ only in what the scenario's app calls, as an INSERT of one size or another,
// and a program makes its own calls. The first one represents them all.
#include "program/program.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

// In a scenario with more cases nothing is merged, since comparing takes time quadratic in their
// number.
enum { MOST_COMPARED = 100 };

static void add_node(struct text *text, const struct node *node) {
    if (node && node->kind == NODE_SCALAR)
        text_printf(text, "'%s'", node->text);
    for (size_t i = 0; node && i < node->count; i++) {
        text_add(text, node->kind == NODE_MAP ? node->keys[i]->text : "-");
        add_node(text, node->items[i]);
    }
    text_add(text, ";");
}

static void add_dict(struct text *text, const struct dict *dict) {
    for (size_t i = 0; i < dict->count; i++) {
        text_add(text, dict->keys[i]);
        add_node(text, ((const struct node **)dict->items)[i]);
    }
}

static void add_json(struct text *text, const struct type *type, const void *value) {
    json_t *json = table_is_unset(type, value) ? NULL : table_to_json(type, value);
    cleanup_free char *dump = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    json_decref(json);
    text_printf(text, "%s|", dump ? dump : "");
}

// Everything that can distinguish two plans, as text; to be freed.
static char *describe(const struct plan_case *derived) {
    struct text text = {0};
    const struct connect_args *connect = derived->program->connect->act.args;
    if (derived->server)
        add_dict(&text, &derived->server->options);
    add_json(&text, &type_wire, &derived->wire);
    add_json(&text, &type_host, &derived->host);
    add_dict(&text, &connect->session);
    text_printf(&text, "%d %d %s %s %d|", connect->host, connect->to,
                connect->user ? connect->user : "", connect->password ? connect->password : "",
                (int)derived->program->moment.at);
    for (size_t i = 0; i < derived->step_count; i++) {
        text_printf(&text, "%d ", (int)derived->steps[i].kind);
        add_node(&text, derived->steps[i].value);
    }
    return text.data;
}

// Everything that can distinguish the plan derived from a case; NULL if there is none.
static char *describe_derived(const struct plan_case *plan, const struct program_options *options) {
    struct arena *arena = arena_new();
    struct plan_case derived;
    cleanup_free char *why = program_derive_apart(plan, options, arena, &derived);
    char *described = why ? NULL : describe(&derived);
    arena_free(arena);
    return described;
}

// Of the cases that are the same for a program, the first in which something fails.
static const struct plan_case *first_alike(const struct plan_case *plan,
                                           const struct program_options *options) {
    const struct scenario *scenario = plan->scenario;
    const struct plan_case *found = plan;
    cleanup_free char *own = describe_derived(plan, options);
    for (size_t i = 0; i < scenario->case_count && scenario->case_count <= MOST_COMPARED; i++) {
        const struct plan_case *one = &scenario->cases[i];
        bool better =
            program_is_calm(found) == program_is_calm(one) ? one < found : !program_is_calm(one);
        cleanup_free char *other =
            one->transport == plan->transport && better ? describe_derived(one, options) : NULL;
        if (other && strcmp(own, other) == 0)
            found = one;
    }
    return found;
}

char *program_derive(const struct plan_case *plan, const struct program_options *options,
                     struct plan_case *ret) {
    char *why = program_derive_apart(plan, options, plan->scenario->arena, ret);
    if (why)
        return why;
    const struct plan_case *first = first_alike(plan, options);
    return first == plan ? NULL
                         : xprintf("it is the same as %s, since they differ only in the calls of "
                                   "the app",
                                   first->id);
}
