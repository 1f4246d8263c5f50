// SPDX-License-Identifier: Apache-2.0
// promises.c - the list of what scenarios promise for any connector
#include "explain/promises.h"

#include <stdio.h>
#include <string.h>

// "first, second: error-or-new; again: ok"
static void add_row(struct text *line, const struct promise_row *row) {
    for (size_t i = 0; i < row->count; i++) {
        bool same =
            i + 1 < row->count && strcmp(row->promises[i].text, row->promises[i + 1].text) == 0;
        text_printf(line, "%s%s", row->ids[i], same ? ", " : ": ");
        if (!same)
            text_printf(line, "%s%s", row->promises[i].text, i + 1 < row->count ? "; " : "");
    }
}

static void add_servers(struct text *line, const struct condition_args *condition) {
    for (size_t i = 0; condition && i < condition->server.count; i++)
        text_printf(line, "%s%s", i == 0 ? "on " : ", ",
                    ((const char **)condition->server.items)[i]);
    if (condition && condition->server.count > 0)
        text_add(line, ", ");
}

static void add_case(struct text *line, const struct plan_case *plan) {
    for (size_t i = 0; i < plan->promise_count; i++) {
        text_add(line, i > 0 ? " | " : "");
        add_servers(line, plan->promises[i].condition);
        add_row(line, &plan->promises[i]);
    }
    if (plan->promise_count == 0)
        text_add(line, plan->control ? "all ok, as it is a control" : "nothing");
}

static void print_scenario(FILE *file, const struct scenario *scenario) {
    cleanup_text struct text before = {0};
    for (size_t i = 0; i < scenario->case_count; i++) {
        const struct plan_case *plan = &scenario->cases[i];
        cleanup_text struct text line = {0};
        if (!plan->promise)
            continue;
        add_case(&line, plan);
        if (strcmp(text_get(&line), text_get(&before)) == 0)
            continue;
        cleanup_free char *name =
            xprintf("%s%s%s", scenario->name, *plan->variant ? "/" : "", plan->variant);
        fprintf(file, "%-34s %s\n", name, text_get(&line));
        before.length = 0;
        text_add(&before, text_get(&line));
    }
}

void promises_print(FILE *file, const struct catalog *catalog) {
    for (size_t i = 0; i < catalog->count; i++)
        print_scenario(file, catalog->items[i].scenario);
}
