// SPDX-License-Identifier: Apache-2.0
// parts.c - checks that need more than one table
#include "plan/parts.h"

#include "base/pattern.h"
#include "plan/language_tables.h"
#include "yaml/mistakes.h"

#include <ctype.h>
#include <search.h>
#include <string.h>

bool condition_is_name(const char *text) {
    if (!isalnum((unsigned char)*text))
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '-' && *text != '_')
            return false;
    return true;
}

// The node of a list's item; a single item may be written without brackets.
static const struct node *item_of(const struct node *nodes, size_t i) {
    return nodes->kind == NODE_LIST && i < nodes->count ? nodes->items[i] : nodes;
}

int check_apps(const struct scenario *scenario, const struct node *node, struct err *err) {
    for (size_t i = 0; node && i < scenario->apps.count; i++) {
        const char *name = ((const char **)scenario->apps.items)[i];
        for (size_t k = 0; k < i; k++)
            if (strcmp(((const char **)scenario->apps.items)[k], name) == 0)
                return node_error(item_of(node, i), err, "two apps have the name '%s'", name);
        if (step_key_exists(name))
            return node_error(item_of(node, i), err,
                              "'%s' is a key of a step; give the app another name", name);
    }
    return 0;
}

int wire_build(struct plan_case *plan, const struct node *node, struct err *err) {
    if (!plan->wire || (!plan->wire->nat && !plan->wire->proxy))
        return 0;
    if (plan->transport == TRANSPORT_SOCKET)
        return node_error(node, err,
                          "`wire` has no meaning over the Unix socket; leave socket out of "
                          "`transport`");
    if (!plan->wire->nat)
        return 0;
    const struct nat_args *nat = plan->wire->nat;
    plan->nat_id = nat->id ? nat->id : "nat";
    if (nat->idle_timeout_ms > 0 && nat->idle_timeout_ms % 1000)
        return node_error(node, err, "a NAT counts idle time in whole seconds");
    if (fires_decode(nat->fires, plan, &plan->nat_fires, err) < 0)
        return -1;
    if (plan->control && !nat->fires)
        plan->nat_fires.rule = FIRES_ANY;
    return 0;
}

int check_transports(const struct scenario *scenario, const struct list *transports,
                     const struct node *nodes, struct err *err) {
    for (size_t i = 0; i < transports->count; i++) {
        int wanted = ((const int *)transports->items)[i];
        bool found = false;
        for (size_t k = 0; k < scenario->transport_count; k++)
            found = found || scenario->transports[k] == wanted;
        if (found)
            continue;
        node_error(item_of(nodes, i), err,
                   "the scenario does not run over '%s'; add it to the scenario's `transport` or "
                   "leave it out here",
                   transport_words[wanted].name);
        return mistakes_misses(item_of(nodes, i), "transport");
    }
    return 0;
}

struct pattern_set {
    void *roots[2]; // for tsearch(3): patterns that are only matched, and awaited ones
    int count;
    size_t steps; // shared by all matches that test whether a pattern waits for nothing
};

struct pattern_set *pattern_set_new(struct arena *arena) {
    enum { STEPS = 10000000 }; // for one match, see pattern.c
    struct pattern_set *set = arena_alloc(arena, sizeof *set);
    set->steps = STEPS;
    return set;
}

static void keep_text(void *text) {
    (void)text; // it belongs to the scenario's arena
}

void pattern_set_release(struct pattern_set *set) {
    for (size_t i = 0; set && i < COUNT_OF(set->roots); i++)
        tdestroy(set->roots[i], keep_text);
}

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

// Returns 1 if the pattern is new. Compiling takes a while, and every case of a file has the same
// ones.
static int add_pattern(struct pattern_set *set, const struct node *node, const char *text,
                       bool awaited, struct err *err) {
    if (tfind(text, &set->roots[awaited], by_text))
        return 0;
    if (set->count == MOST_PATTERNS)
        mistakes_close(node);
    if (set->count == MOST_PATTERNS)
        return node_error(node, err,
                          "the cases of this file have more than %d different regular expressions; "
                          "split it",
                          MOST_PATTERNS);
    if (!tsearch(text, &set->roots[awaited], by_text))
        out_of_memory();
    set->count++;
    return 1;
}

// Waiting for a pattern that every line matches is waiting for nothing. If that takes too long to
// decide, so would waiting.
static int check_awaited(struct pattern_set *set, const struct node *node,
                         const struct pattern *pattern, const char *quoted, struct err *err) {
    struct err unclear;
    int matches = pattern_matches(pattern, "", 0, &set->steps, &unclear);
    if (matches > 0)
        return node_error(node, err,
                          "%s matches a line with nothing in it, so it waits for nothing; write "
                          "what the line says",
                          quoted);
    if (matches < 0)
        return node_error(node, err,
                          "whether %s matches a line with nothing in it takes too long to tell; "
                          "write it with fewer alternatives, or split the file",
                          quoted);
    return 0;
}

int check_pattern(const struct scenario *scenario, const struct node *node, const char *text,
                  bool awaited, struct err *err) {
    char buffer[NODE_SHOWN_BYTES];
    struct err reason = {0};
    int added = text ? add_pattern(scenario->patterns, node, text, awaited, err) : 0;
    if (added <= 0)
        return added;
    const struct node shown = {.text = text, .quoted = true};
    const char *quoted = node_describe(&shown, buffer, sizeof buffer);
    cleanup_pattern struct pattern *pattern = pattern_open(text, &reason);
    if (!pattern && reason.kind == ERR_MACHINE) {
        *err = reason;
        return -1;
    }
    if (!pattern)
        return node_error(node, err, "%s is not a regular expression: %s", quoted, reason.what);
    return awaited ? check_awaited(scenario->patterns, node, pattern, quoted, err) : 0;
}

int signal_decode(const struct node *node, const char *name, int *ret_number, struct err *err) {
    const char *bare = text_starts(name, "SIG") ? name + 3 : name;
    for (int number = 1; number < 32; number++) {
        const char *abbreviation = sigabbrev_np(number);
        if (abbreviation && strcmp(abbreviation, bare) == 0) {
            *ret_number = number;
            return 0;
        }
    }
    return node_error(node, err, "'%s' is not a signal; write SIGSEGV, SIGABRT ..", name);
}

int count_alternatives(const struct node *node) {
    int count = node_get(node, "or") != NULL;
    for (size_t i = 0; node && i < node->count; i++)
        count += count_alternatives(node->items[i]);
    return count;
}

static int read_fires(const struct node *node, struct fires *ret, struct err *err) {
    if (node->kind == NODE_SCALAR && strcmp(node->text, "never") == 0) {
        *ret = (struct fires){.rule = FIRES_EXACTLY, .times = 0};
        return 0;
    }
    enum { MOST_TIMES = 1000000 };
    *ret = (struct fires){.rule = FIRES_EXACTLY};
    struct err unused;
    if (table_decode(COUNT(0, MOST_TIMES), node, &ret->times, NULL, &unused) == 0)
        return 0;
    char buffer[NODE_SHOWN_BYTES];
    return node_error(node, err, "expected how often the fault fires, 0 to %d, or never; not %s",
                      MOST_TIMES, node_describe(node, buffer, sizeof buffer));
}

int fires_decode(const struct node *node, const struct plan_case *plan, struct fires *ret,
                 struct err *err) {
    bool named = false; // by its own name, which takes precedence over its group
    int done = 0;
    *ret = (struct fires){.rule = FIRES_ONCE_OR_MORE};
    if (!node)
        return 0;
    if (node->kind != NODE_MAP)
        return read_fires(node, ret, err);
    for (size_t i = 0; i < node->count; i++) {
        struct fires one;
        const struct selection_args key = {.of = {.count = 1, .items = &node->keys[i]->text}};
        bool is_variant = strcmp(node->keys[i]->text, plan->variant) == 0;
        if (selection_check(plan->scenario, &key, node->keys[i], err) < 0 ||
            read_fires(node->items[i], &one, err) < 0) {
            done = -1;
            if (!mistakes_keep(node->items[i], node->keys[i]->text, err))
                return -1;
            continue;
        }
        if (is_variant || (!named && selection_has(plan->scenario, &key, plan->variant)))
            *ret = one;
        named |= is_variant;
    }
    return done;
}
