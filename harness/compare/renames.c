// SPDX-License-Identifier: Apache-2.0
// renames.c - matches cases that were renamed, by `formerly` in the scenarios
#include "compare/renames.h"

#include "base/text.h"
#include "catalog/catalog.h"

#include <stdlib.h>
#include <string.h>

/** Ids, sorted. */
struct ids {
    size_t count;
    const char **items;
};

/** A former name, and today's. */
struct former {
    const char *name, *today;
};
struct formers {
    size_t count;
    struct former *items;
};

static struct ids list_ids(const struct seen *seen) {
    struct ids ids = {seen->case_count, xcalloc(seen->case_count + 1, sizeof *ids.items)};
    for (size_t i = 0; i < ids.count; i++)
        ids.items[i] = seen->cases[i].id;
    qsort(ids.items, ids.count, sizeof *ids.items, text_order);
    return ids;
}

static bool has_id(const struct ids *ids, const char *id) {
    return bsearch(&id, ids->items, ids->count, sizeof *ids->items, text_order) != NULL;
}

static bool lacks_some(const struct ids *ids, const struct seen *seen) {
    for (size_t i = 0; i < seen->case_count; i++)
        if (!has_id(ids, seen->cases[i].id))
            return true;
    return false;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct former *)a)->name, ((const struct former *)b)->name);
}

static void add_formers(struct formers *formers, const struct scenario *scenario) {
    for (size_t i = 0; i < scenario->case_count; i++) {
        const struct plan_case *plan = &scenario->cases[i];
        if (plan->former_count == 0)
            continue;
        formers->items =
            xrealloc(formers->items, formers->count + plan->former_count, sizeof *formers->items);
        for (size_t k = 0; k < plan->former_count; k++)
            formers->items[formers->count++] = (struct former){plan->former[k], plan->id};
    }
}

static struct formers list_formers(const struct catalog *catalog) {
    struct formers formers = {0};
    for (size_t i = 0; i < catalog->count; i++)
        add_formers(&formers, catalog->items[i].scenario);
    if (formers.count > 0)
        qsort(formers.items, formers.count, sizeof *formers.items, by_name);
    return formers;
}

// A file that also has today's name does not predate the renaming.
static void rename_cases(struct seen *seen, const struct ids *own, const struct ids *other,
                         const struct formers *formers) {
    for (size_t i = 0; i < seen->case_count; i++) {
        const struct former wanted = {.name = seen->cases[i].id};
        if (has_id(other, wanted.name))
            continue;
        const struct former *found =
            formers->count == 0
                ? NULL
                : bsearch(&wanted, formers->items, formers->count, sizeof *formers->items, by_name);
        if (found && has_id(other, found->today) && !has_id(own, found->today))
            seen_name_case(seen, &seen->cases[i], found->today);
    }
}

void renames_apply(struct seen *one, struct seen *other) {
    struct err ignored;
    struct catalog catalog = {0};
    struct ids ids = list_ids(one), others = list_ids(other);
    bool doubt = lacks_some(&ids, other) && lacks_some(&others, one);
    cleanup_free char *home = doubt ? catalog_home(&ignored) : NULL;
    if (home && catalog_select(&catalog, home, 0, NULL, &ignored) == 0) {
        struct formers formers = list_formers(&catalog);
        rename_cases(one, &ids, &others, &formers);
        rename_cases(other, &others, &ids, &formers);
        free(formers.items);
    }
    catalog_release(&catalog);
    free(ids.items);
    free(others.items);
}
