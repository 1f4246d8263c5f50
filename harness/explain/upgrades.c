// SPDX-License-Identifier: Apache-2.0
// upgrades.c - scenarios/UPGRADES.md, from what was measured on each server
//
// The measured files of each C library are compared, server by server, as `goneaway compare` does.
// Equal changes in a scenario share a line, and changes in both libraries are attributed to both.
// Steps on which repetitions disagree do not count as changed.
#include "explain/upgrades.h"

#include "compare/comparison.h"
#include "plan/causes.h"

#include <stdlib.h>
#include <string.h>

enum { LIBRARIES = 2 };
static const struct {
    const char *name, *folder;
} libraries[LIBRARIES] = {{"libmysqlclient", "libmysqlclient-9.7.4"},
                          {"Connector/C", "mariadb-c-3.3.20"}};

static const struct {
    const char *title, *before, *after;
} upgrades[] = {
    {"MySQL 5.6 to 9.7", "mysql-5.6", "mysql-9.7"},
    {"MariaDB 10.5 to 10.11", "mariadb-10.5", "mariadb-10.11"},
    {"MariaDB 10.11 to 11.8", "mariadb-10.11", "mariadb-11.8"},
    {"MySQL 9.7 to MariaDB 11.8", "mysql-9.7", "mariadb-11.8"},
};

/** How steps of a scenario ended, before and after, with one library. */
struct item {
    const struct scenario *scenario;
    const char *before, *after, *id; ///< `id`: of the first case that shows it
    const char *last;                ///< of the latest one
    size_t cases;                    ///< how many cases show it
    struct text steps;               ///< "first, second"
    size_t library;
    bool printed;
};
struct items {
    size_t count;
    struct item *items;
};

static void items_release(struct items *items) {
    for (size_t i = 0; i < items->count; i++)
        text_release(&items->items[i].steps);
    free(items->items);
}

// ---- collecting --------------------------------------------------------------------------------

static const struct scenario *find_scenario(const struct catalog *catalog, const char *name) {
    for (size_t i = 0; name && i < catalog->count; i++)
        if (strcmp(catalog->items[i].scenario->name, name) == 0)
            return catalog->items[i].scenario;
    return NULL;
}

static struct item *find_item(struct items *items, const struct item *like) {
    for (size_t i = 0; i < items->count; i++) {
        struct item *item = &items->items[i];
        if (item->scenario == like->scenario && item->library == like->library &&
            strcmp(item->before, like->before) == 0 && strcmp(item->after, like->after) == 0)
            return item;
    }
    items->items = xgrow(items->items, items->count, sizeof *items->items);
    items->items[items->count] = *like;
    return &items->items[items->count++];
}

static void add_step(struct text *steps, const char *step) {
    cleanup_free char *quoted = xprintf("`%s`", step);
    if (!strstr(text_get(steps), quoted))
        text_printf(steps, "%s%s", steps->length ? ", " : "", quoted);
}

static void collect(struct items *items, const struct comparison *comparison, size_t library,
                    const struct catalog *catalog) {
    for (size_t i = 0; i < comparison->change_count; i++) {
        const struct change *change = &comparison->changes[i];
        const struct item like = {.scenario =
                                      find_scenario(catalog, change->traits[TRAIT_SCENARIO]),
                                  .before = change->before_text,
                                  .after = change->after_text,
                                  .id = change->where.id,
                                  .library = library};
        if (!like.scenario || change->before.count != 1 || change->after.count != 1)
            continue;
        struct item *item = find_item(items, &like);
        item->cases += !item->last || strcmp(item->last, like.id) != 0;
        item->last = like.id;
        add_step(&item->steps, change->traits[TRAIT_STEP]);
    }
}

// ---- printing ----------------------------------------------------------------------------------

// "(`query@socket` and 2 more)": which cases of the scenario.
static char *cases_text(const struct item *item) {
    const char *name = item->scenario->name;
    size_t length = strlen(name);
    const char *rest = strncmp(item->id, name, length) == 0 ? item->id + length : item->id;
    cleanup_free char *more =
        item->cases > 1 ? xprintf(" and %zu more", item->cases - 1) : xstrdup("");
    return xprintf("`%s`%s", rest + (*rest == '/'), more);
}

static bool is_alike(const struct item *one, const struct item *other) {
    return one->scenario == other->scenario && strcmp(one->before, other->before) == 0 &&
           strcmp(one->after, other->after) == 0 && one->cases == other->cases &&
           strcmp(one->id, other->id) == 0 &&
           strcmp(text_get(&one->steps), text_get(&other->steps)) == 0;
}

static void print_item(FILE *out, struct items *items, struct item *item) {
    const char *with = libraries[item->library].name;
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].library != item->library && is_alike(&items->items[i], item)) {
            items->items[i].printed = true;
            with = "both libraries";
        }
    item->printed = true;
    cleanup_free char *cases = cases_text(item);
    fprintf(out, "  - with %s, %s (%s): **%s** instead of %s\n", with, text_get(&item->steps),
            cases, item->after, item->before);
}

static void print_scenario(FILE *out, struct items *items, const struct scenario *scenario,
                           size_t upgrade) {
    bool begun = false;
    for (size_t i = 0; i < items->count; i++) {
        struct item *item = &items->items[i];
        if (item->scenario != scenario || item->printed)
            continue;
        if (!begun)
            fprintf(out, "- %s.\n  `goneaway run %s --server %s,%s`\n", scenario->title,
                    scenario->name, upgrades[upgrade].before, upgrades[upgrade].after);
        begun = true;
        print_item(out, items, item);
    }
}

static void print_cause(FILE *out, struct items *items, const struct catalog *catalog,
                        const struct word *cause, size_t upgrade) {
    bool begun = false;
    for (size_t i = 0; i < catalog->count; i++) {
        const struct scenario *scenario = catalog->items[i].scenario;
        bool changes = false;
        for (size_t k = 0; k < items->count; k++)
            changes |= items->items[k].scenario == scenario;
        if (!changes || strcmp(scenario->cause, cause->name) != 0)
            continue;
        if (!begun)
            fprintf(out, "\n### %s: %s\n\n", cause->name, cause->doc);
        begun = true;
        print_scenario(out, items, scenario, upgrade);
    }
}

static int print_upgrade(FILE *out, const struct seen *seen, const struct catalog *catalog,
                         size_t upgrade, struct err *err) {
    struct comparison comparisons[LIBRARIES] = {0};
    struct items items = {0};
    cleanup_free char *servers =
        xprintf("%s=%s", upgrades[upgrade].before, upgrades[upgrade].after);
    int ret = 0;
    for (size_t i = 0; i < LIBRARIES && ret == 0; i++) {
        ret = comparison_make(&comparisons[i], &seen[i], &seen[i], NULL, servers, err);
        if (ret == 0)
            collect(&items, &comparisons[i], i, catalog);
    }
    fprintf(out, "\n## %s\n", upgrades[upgrade].title);
    for (const struct word *cause = cause_words; ret == 0 && cause->name; cause++)
        print_cause(out, &items, catalog, cause, upgrade);
    items_release(&items);
    for (size_t i = 0; i < LIBRARIES; i++)
        comparison_release(&comparisons[i]);
    return ret;
}

static void print_head(FILE *out) {
    fputs("# What changes for an application whose server is upgraded\n\n"
          "Generated by `make table` from the scenarios' outcomes and `fixtures/measured`: by "
          "upgrade, by cause, and for each\nscenario what its steps end with on the new server, "
          "in bold, and on the old one. In brackets stands the first case\nthat shows it; the "
          "command runs all cases of the scenario on both servers. Scenarios that end alike, or "
          "that only\none of the two servers can have, are not listed, nor is what differs from "
          "one repetition to the next.\n\nMeasured with",
          out);
    for (size_t i = 0; i < LIBRARIES; i++)
        fprintf(out, "%s %s (`%s`)", i ? " and" : "", libraries[i].name, libraries[i].folder);
    fputs(
        ". A scenario that is younger\nthan a server's file there is taken to end as its rows say; "
        "a run of the whole catalogue on that server, judged by\nthe file, shows where that is "
        "not so.\n",
        out);
}

int upgrades_print(FILE *out, const char *home, const struct catalog *catalog, struct err *err) {
    struct seen seen[LIBRARIES] = {0};
    char *paths[LIBRARIES] = {0};
    int ret = 0;
    for (size_t i = 0; i < LIBRARIES && ret == 0; i++) {
        paths[i] = xprintf("%s/fixtures/measured/%s", home, libraries[i].folder);
        ret = seen_read(&seen[i], paths[i], err);
    }
    if (ret == 0)
        print_head(out);
    for (size_t i = 0; i < COUNT_OF(upgrades) && ret == 0; i++)
        ret = print_upgrade(out, seen, catalog, i, err);
    for (size_t i = 0; i < LIBRARIES; i++) {
        seen_release(&seen[i]);
        free(paths[i]);
    }
    return ret;
}
