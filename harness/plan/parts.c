// SPDX-License-Identifier: Apache-2.0
// parts.c - checks that need more than one table
#include "plan/parts.h"

#include <ctype.h>
#include <string.h>

bool condition_is_name(const char *text) {
    if (!isalnum((unsigned char)*text))
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '-' && *text != '_')
            return false;
    return true;
}

int check_apps(const struct scenario *scenario, const struct node *node, struct err *err) {
    for (size_t i = 0; node && i < scenario->apps.count; i++) {
        const char *name = ((const char **)scenario->apps.items)[i];
        for (size_t k = 0; k < i; k++)
            if (strcmp(((const char **)scenario->apps.items)[k], name) == 0)
                return node_error(node, err, "two apps have the name '%s'", name);
        if (table_find_verb(step_verbs, name))
            return node_error(node, err, "'%s' is a kind of step; give the app another name", name);
    }
    return 0;
}

// Option names compare as the servers do: dashes and underscores are the same.
static bool same_option(const char *a, const char *b) {
    for (; *a && *b; a++, b++)
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
            return false;
    return *a == *b;
}

int check_options(const struct plan_case *plan, struct err *err) {
    static const char *const ours[] = {"datadir",       "socket",    "port",
                                       "pid-file",      "log-error", "user",
                                       "defaults-file", "basedir",   "daemonize"};
    for (size_t i = 0; plan->server && i < plan->server->options.count; i++) {
        const char *name = plan->server->options.keys[i];
        const struct node *value = ((const struct node **)plan->server->options.items)[i];
        if (!condition_is_name(name))
            return node_error(value, err, "'%s' is no name of a server option; write it without --",
                              name);
        if (value->kind != NODE_SCALAR)
            return node_error(value, err, "a server option has a single value");
        for (size_t k = 0; k < COUNT_OF(ours); k++)
            if (same_option(name, ours[k]))
                return node_error(value, err, "the server option '%s' belongs to the harness",
                                  name);
    }
    return 0;
}

int check_wire(const struct plan_case *plan, struct err *err) {
    if (plan->transport != TRANSPORT_SOCKET || !plan->wire)
        return 0;
    return err_usage(err,
                     "%s: `wire` has no meaning over the Unix socket; run this only over tcp and "
                     "tls",
                     plan->scenario->file);
}

static int read_fires(const struct node *node, struct fires *ret, struct err *err) {
    if (node->kind == NODE_SCALAR && strcmp(node->text, "never") == 0) {
        *ret = (struct fires){.rule = FIRES_EXACTLY, .times = 0};
        return 0;
    }
    *ret = (struct fires){.rule = FIRES_EXACTLY};
    struct err unused;
    if (table_decode(&type_count, node, &ret->times, NULL, &unused) == 0)
        return 0;
    return node_error(node, err, "expected how often the fault fires: a count, or never");
}

int fires_decode(const struct node *node, const struct plan_case *plan, struct fires *ret,
                 struct err *err) {
    *ret = (struct fires){.rule = FIRES_ONCE_OR_MORE};
    if (!node)
        return 0;
    if (node->kind != NODE_MAP)
        return read_fires(node, ret, err);
    for (size_t i = 0; i < node->count; i++) {
        struct fires one;
        if (read_fires(node->items[i], &one, err) < 0)
            return -1;
        if (strcmp(node->keys[i]->text, plan->variant) == 0)
            *ret = one;
    }
    return 0;
}
