// SPDX-License-Identifier: Apache-2.0
// step_refusal.c - what is said of a step or an outcome that is put together wrongly
#include "plan/step_refusal.h"

#include "base/nearest.h"
#include "plan/guesses.h"
#include "plan/language.h"
#include "yaml/flow.h"
#include "yaml/mistakes.h"

#include <string.h>

static const char *nearest_key(const char *const *actors, const char *key) {
    struct nearest nearest = {.wanted = key, .edits = NEAR_WORD};
    for (const struct verb *const *verb = step_verbs; *verb; verb++)
        nearest_try(&nearest, (*verb)->name);
    for (; *actors; actors++)
        nearest_try(&nearest, *actors);
    for (const struct field *field = type_step_common.fields; field->name; field++)
        nearest_try(&nearest, field->name);
    return nearest_word(&nearest);
}

// Suggests `apps: [app, other]` for a key that is followed by something an app does; NULL: nothing
// is.
static char *name_app(const struct node *key, const struct node *value, const char *const *actors) {
    struct node verb = *value;
    struct text list = {0};
    struct err unused;
    const char *name;
    if (node_is_empty(&verb) || !flow_fits(&type_app, &verb) ||
        table_decode(&type_name, key, &name, NULL, &unused) < 0)
        return NULL;
    for (; *actors; actors++)
        text_printf(&list, "%s, ", *actors);
    text_add(&list, key->text);
    return list.data;
}

// Whether a key of the file was written among those of a step.
static bool is_of_file(const char *key) {
    for (const struct field *field = type_scenario.fields; field->name; field++)
        if (strcmp(field->name, key) == 0)
            return true;
    return false;
}

static void say_unknown(const struct node *key, const struct node *value, const char *const *actors,
                        struct arena *arena, struct err *err) {
    const struct type verbs = {.name = "step", .kind = TYPE_CHOICE, .verbs = step_verbs};
    const char *near = nearest_key(actors, key->text), *text = key->text;
    cleanup_free char *apps = name_app(key, value, actors);
    if (near && apps)
        node_error(
            key, err,
            "unknown key '%s' of a step; did you mean '%s'? A second app is named at the top "
            "of the file, `apps: [%s]`",
            text, near, apps);
    else if (apps)
        node_error(key, err,
                   "unknown key '%s' of a step; if it is an app, name it at the top of the file: "
                   "`apps: [%s]`",
                   text, apps);
    else if (is_of_file(text))
        node_error(key, err, "'%s' is not a key of a step; it stands at the top of the file", text);
    else if (near)
        node_error(key, err, "unknown key '%s' of a step; did you mean '%s'?", text, near);
    else
        node_error(key, err, "unknown key '%s' of a step; a step is an app's (%s ..) or one of %s",
                   text, actors[0], table_names(arena, &verbs));
}

int refuse_step(const struct node *key, const struct node *value, const char *const *actors,
                struct arena *arena, struct err *err) {
    cleanup_free char *guess = guess_hint(type_step_common.name, key->text, value);
    cleanup_free char *verb = guess ? NULL : guess_step(key->text, value);
    const char *hint = guess ? guess : verb;
    if (hint)
        return node_error(key, err, "unknown key '%s' of a step; %s", key->text, hint);
    say_unknown(key, value, actors, arena, err);
    return mistakes_misses(key, key->text); // an app that a broken step would have created
}

int refuse_actor(const struct node *at, const char *name, const char *const *actors,
                 struct err *err) {
    cleanup_text struct text known = {0};
    for (size_t i = 0; actors[i]; i++)
        text_printf(&known, "%s%s", i ? ", " : "", actors[i]);
    bool is_kill = strcmp(name, "query") == 0 || strcmp(name, "connection") == 0;
    node_error(at, err, "there is no app '%s' at this step; choose from %s%s%s%s", name,
               text_get(&known), is_kill ? "; KILL " : "", is_kill ? name : "",
               is_kill ? " is written `what: query` or `what: connection` beside `of`" : "");
    return mistakes_misses(at, name);
}

int refuse_session(const struct node *at, const char *name, struct err *err) {
    return node_error(at, err,
                      "'%s' is no session: here a session is named by its connection id, as in "
                      "`kill: 12` (SELECT CONNECTION_ID() in the session says it)",
                      name);
}

int refuse_id(const struct node *id, const struct node *key, struct err *err) {
    return node_error(id, err,
                      "'%s' has no outcome to judge; leave the id out, or put it beside a call, as "
                      "in `{id: %s, app: ping}`",
                      key->text, id->text);
}

int refuse_id_of_fault(const struct node *id, const struct node *value, struct err *err) {
    cleanup_free char *flow = node_flow(value);
    const char *kind = value->kind == NODE_MAP && *flow == '{' ? flow + 1 : NULL;
    return node_error(id, err, "the name of a fault stands within it: write `fault: {id: %s, %s%s`",
                      id->text, kind ? kind : flow, kind ? "" : ": }");
}

int refuse_beside(const struct plan_step *step, const char *call, struct err *err) {
    const char *verb = step->act.verb->name;
    if (step->as)
        return node_error(step->node, err,
                          "'%s' acts on a call in the background and is none itself; leave out "
                          "`as`",
                          verb);
    if (call)
        return 0;
    node_error(step->node, err,
               "'%s' has no call in flight to act on; begin one before it, `%s: {query: SELECT "
               "SLEEP(5), as: late}`, and end with `await: late`",
               verb, step->actor);
    return mistakes_misses(step->node, "as");
}

int refuse_outcomes(const struct node *list, struct err *err) {
    if (list->count < 2 || list->items[0]->kind != NODE_SCALAR)
        return node_error(list, err, "an outcome is a word, a code or a mapping, not a list");
    struct node others = *list;
    others.items++;
    others.count--;
    cleanup_free char *first = node_flow(list->items[0]), *rest = node_flow(&others);
    return node_error(list, err,
                      "an outcome has one code; for a race write `{error: %s, or: %s, why: which "
                      "race it is}`, for several servers or connectors a row each",
                      first, rest);
}
