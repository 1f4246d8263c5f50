// SPDX-License-Identifier: Apache-2.0
// tale.c - a step of a scenario as a sentence
//
// Each kind of step has a template with its other properties (`tale`, see kind.h); arguments are
// inserted as written in the file.
#include "explain/tale.h"

#include "base/utf8.h"
#include "report/detail.h"

#include <ctype.h>
#include <string.h>

// ---- values ------------------------------------------------------------------------------------

static void add_value(struct text *out, const struct node *node, int depth);

// A top-level mapping with one key reads like words: "does greet, read, close".
static void add_items(struct text *out, const struct node *node, int depth) {
    bool is_map = node->kind == NODE_MAP;
    int below = depth + !(depth == 0 && is_map && node->count == 1);
    text_add(out, depth == 0 ? "" : is_map ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        text_add(out, i > 0 ? ", " : "");
        if (is_map)
            text_printf(out, "%s ", node->keys[i]->text);
        add_value(out, node->items[i], below);
    }
    text_add(out, depth == 0 ? "" : is_map ? "}" : "]");
}

static void add_value(struct text *out, const struct node *node, int depth) {
    if (node->kind == NODE_SCALAR)
        text_add(out, node->text);
    else
        add_items(out, node, depth);
}

// The end of a long value seldom matters.
static void add_cut(struct text *out, const char *value) {
    enum { MOST_BYTES = 90 };
    cleanup_free char *shown = utf8_shown(value, false);
    size_t length = strlen(shown);
    if (length > MOST_BYTES)
        for (length = MOST_BYTES; length > 0 && (shown[length] & 0xc0) == 0x80;)
            length--;
    text_append(out, shown, length);
    text_add(out, shown[length] ? " .." : "");
}

static void add_node(struct text *out, const struct node *node) {
    cleanup_text struct text value = {0};
    add_value(&value, node, 0);
    add_cut(out, text_get(&value));
}

static void add_actor(struct text *out, const char *name) {
    bool is_role =
        strcmp(name, "app") == 0 || strcmp(name, "server") == 0 || strcmp(name, "wire") == 0;
    text_printf(out, is_role ? "the %s" : "`%s`", name);
}

// ---- putting them in ---------------------------------------------------------------------------

/** What the placeholders of a tale are replaced from. */
struct telling {
    const char *tale;
    const struct node *args;
    const struct type *type;
};

static const struct node *argument(const struct telling *telling, const char *key) {
    const struct node *args = telling->args;
    const struct type *type = telling->type;
    if (!args || !*key)
        return args;
    if (args->kind == NODE_MAP)
        return node_get(args, key);
    return type && type->shorthand && strcmp(type->shorthand, key) == 0 ? args : NULL;
}

static bool names(const char *tale, const char *key) {
    cleanup_free char *plain = xprintf("{%s}", key), *actor = xprintf("{@%s}", key);
    return strstr(tale, plain) || strstr(tale, actor);
}

// A mapping is empty if a variant lacks all its parameters.
static bool is_empty(const struct node *node) {
    return node->kind != NODE_SCALAR && node->count == 0;
}

static void add_others(struct text *out, const struct telling *telling) {
    const struct node *args = telling->args;
    cleanup_text struct text list = {0};
    for (size_t i = 0; args && args->kind == NODE_MAP && i < args->count; i++)
        if (!names(telling->tale, args->keys[i]->text) && !is_empty(args->items[i])) {
            text_printf(&list, "%s%s ", list.length ? ", " : "", args->keys[i]->text);
            add_value(&list, args->items[i], 1);
        }
    add_cut(out, text_get(&list));
}

// Adds one argument, by the key in braces; false if it is not given.
static bool add_argument(struct text *out, const struct telling *telling, const char *key) {
    size_t before = out->length;
    if (strcmp(key, "*") == 0) {
        add_others(out, telling);
        return out->length > before;
    }
    const struct node *node = argument(telling, key + (*key == '@'));
    if (node && *key == '@' && node->kind == NODE_SCALAR)
        add_actor(out, node->text);
    else if (node)
        add_node(out, node);
    return node != NULL;
}

// Adds the tale up to `end`; false if an argument is not given.
static bool add_part(struct text *out, const struct telling *telling, const char *from,
                     const char *end) {
    bool whole = true;
    while (from < end) {
        size_t plain = strcspn(from, "{[");
        if (plain > (size_t)(end - from))
            plain = (size_t)(end - from);
        text_append(out, from, plain);
        from += plain;
        if (from == end)
            break;
        const char *close = strchr(from, *from == '{' ? '}' : ']');
        cleanup_free char *inner = xprintf("%.*s", (int)(close - from - 1), from + 1);
        cleanup_text struct text optional = {0};
        if (*from == '{')
            whole &= add_argument(out, telling, inner);
        else if (add_part(&optional, telling, inner, inner + strlen(inner)))
            text_add(out, text_get(&optional));
        from = close + 1;
    }
    return whole;
}

void tale_render(struct text *out, const char *tale, const struct node *args,
                 const struct type *type) {
    struct telling telling = {tale, args, type};
    add_part(out, &telling, tale, tale + strlen(tale));
}

// ---- sentences ---------------------------------------------------------------------------------

// A bare word, as in `app: ping`, has no arguments: its node is the word itself.
static void add_act(struct text *out, const struct plan_step *step, const char *tale) {
    const struct node *args = step->value->kind == NODE_MAP ? step->act.node : NULL;
    tale_render(out, tale, args, step->act.verb->args);
}

// The arguments of a `call` are beside its name, not inside it.
static void add_call_arguments(struct text *out, const struct plan_step *step) {
    const struct node *list = node_get(step->value, "args");
    if (list && list->count > 0) {
        text_add(out, " with ");
        add_node(out, list);
    }
}

static void add_app(struct text *out, const struct plan_step *step) {
    add_actor(out, step->actor);
    text_add(out, " ");
    add_act(out, step, app_verb_of(step)->tale);
    add_call_arguments(out, step);
    if (step->as)
        text_printf(out, ", in the background (`%s`)", step->as);
}

static void add_admin(struct text *out, const struct plan_step *step) {
    text_add(out, "the admin ");
    add_act(out, step, step->act.verb->id == ADMIN_QUERY ? "runs `{}`" : "sets, globally: {}");
}

static void add_fault(struct text *out, const struct plan_step *step) {
    add_act(out, step, fault_kind_of(step)->tale);
    if (strcmp(step->name, step->act.verb->name) != 0)
        text_printf(out, " (fault `%s`)", step->name);
}

static void add_idle(struct text *out, const struct plan_step *step) {
    tale_render(out,
                "nothing happens for {for}[, but that every app pings every {app_pings_every}]",
                step->value, &type_idle);
}

static void add_step(struct text *out, const struct plan_step *step) {
    switch (step->kind) {
    case STEP_APP:
        add_app(out, step);
        break;
    case STEP_ADMIN:
        add_admin(out, step);
        break;
    case STEP_SERVER:
        text_add(out, "the server ");
        add_act(out, step, server_verb_of(step)->tale);
        break;
    case STEP_FAULT:
        add_fault(out, step);
        break;
    case STEP_LIFT:
        text_printf(out, "fault `%s` ends", step->name);
        break;
    case STEP_UNTIL:
        text_add(out, "wait until ");
        add_act(out, step, state_kind_of(step)->tale);
        break;
    case STEP_IDLE:
        add_idle(out, step);
        break;
    case STEP_AWAIT:
        text_printf(out, "the call `%s` comes back", step->name);
        break;
    case STEP_PROXY:
        text_printf(out, "the proxy %s",
                    step->act.verb->id == PROXY_STOP ? "stops" : "is restarted");
        break;
    case STEP_RAW:
        text_printf(out, "a raw client %s", step->act.verb->doc);
        add_act(out, step, "[ ({*})]");
        break;
    case STEP_PROGRAM:
        text_add(out, step->act.verb->doc);
        break;
    }
}

char *tale_of_step(const struct plan_step *step) {
    cleanup_text struct text sentence = {0};
    add_step(&sentence, step);
    if (sentence.length)
        sentence.data[0] = (char)toupper((unsigned char)sentence.data[0]);
    return xprintf("%s.", text_get(&sentence));
}

// ---- outcomes ----------------------------------------------------------------------------------

static void add_within(struct text *out, const struct bounds *within) {
    if (within->min_ms >= 0) {
        text_add(out, ", after ");
        detail_duration(out, (double)within->min_ms);
    }
    if (within->max_ms >= 0) {
        text_add(out, within->min_ms >= 0 ? " to " : ", within ");
        detail_duration(out, (double)within->max_ms);
    }
}

static void add_text_demand(struct text *out, const char *what, const char *value) {
    if (value) {
        text_printf(out, ", %s ", what);
        add_cut(out, value);
    }
}

static void add_pattern_demand(struct text *out, const char *what, const char *pattern) {
    cleanup_free char *quoted = pattern ? xprintf("'%s'", pattern) : NULL;
    add_text_demand(out, what, quoted);
}

static void add_number_demand(struct text *out, const char *what, int64_t value) {
    if (value >= 0)
        text_printf(out, ", %s %lld", what, (long long)value);
}

// Adds everything that a cell demands besides its outcome, after commas.
static void add_demands(struct text *out, const struct expectation *cell) {
    if (cell->session >= 0)
        text_printf(out, ", in %s session", cell->session == SESSION_NEW ? "a new" : "the same");
    if (cell->rows) {
        cleanup_text struct text rows = {0};
        add_value(&rows, cell->rows, 1);
        add_text_demand(out, "rows", text_get(&rows));
    }
    add_number_demand(out, "affected rows", cell->affected);
    add_number_demand(out, "warnings", cell->warnings);
    add_number_demand(out, "error number", cell->error_number);
    add_number_demand(out, "errno", cell->system_errno);
    add_text_demand(out, "SQLSTATE", cell->sqlstate);
    add_text_demand(out, "natively", cell->native);
    add_text_demand(out, "stage", cell->stage);
    add_pattern_demand(out, "events", cell->events);
    add_pattern_demand(out, "message", cell->message);
    add_within(out, &cell->within);
}

char *tale_of_cell(const struct expectation *cell) {
    struct text out = {0};
    for (const struct expectation *one = cell; one; one = one->or_else) {
        cleanup_text struct text demands = {0};
        const char *others = strstr(one->text, " or "); // its text includes all of them
        size_t length = others ? (size_t)(others - one->text) : strlen(one->text);
        add_demands(&demands, one);
        text_printf(&out, "%s%.*s", one == cell ? "" : " or ", (int)length, one->text);
        if (demands.length)
            text_printf(&out, " (%s)", text_get(&demands) + strlen(", "));
    }
    return out.data;
}

// ---- settings ----------------------------------------------------------------------------------

static void add_json(struct text *out, json_t *json);

// The record has durations in milliseconds, with keys that say so.
static void add_members(struct text *out, json_t *object) {
    const char *key, *comma = "";
    json_t *value;
    json_object_foreach(object, key, value) {
        if (json_is_object(value) && json_object_size(value) == 0)
            continue;
        size_t length = strlen(key);
        bool is_ms = length > 3 && strcmp(key + length - 3, "_ms") == 0;
        text_printf(out, "%s%.*s ", comma, (int)(is_ms ? length - 3 : length), key);
        add_json(out, value);
        text_add(out, is_ms ? " ms" : "");
        comma = ", ";
    }
}

static void add_json(struct text *out, json_t *json) {
    if (json_is_object(json)) {
        text_add(out, "{");
        add_members(out, json);
        text_add(out, "}");
    } else if (json_is_string(json)) {
        text_add(out, json_string_value(json));
    } else {
        cleanup_free char *value = xgot(json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT));
        text_add(out, value);
    }
}

static void add_setting(struct text *out, const char *whose, const struct type *type,
                        const void *value) {
    json_auto_t *json = table_to_json(type, value);
    cleanup_text struct text members = {0};
    if (json)
        add_members(&members, json);
    if (members.length)
        text_printf(out, "%s%s: %s", out->length ? "; " : "Beforehand, ", whose,
                    text_get(&members));
}

char *tale_of_settings(const struct plan_case *plan) {
    struct text out = {0};
    add_setting(&out, "the server", &type_server, &plan->server);
    add_setting(&out, "the wire between", &type_wire, &plan->wire);
    add_setting(&out, "the hosts", &type_host, &plan->host);
    if (out.length)
        text_add(&out, ".");
    return out.data;
}
