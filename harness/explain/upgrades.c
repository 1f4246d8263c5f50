// SPDX-License-Identifier: Apache-2.0
// upgrades.c - scenarios/UPGRADES.md, from what was measured on each server
//
// Of a server, the measured files of each C library are compared before and after; of a connector,
// those of its oldest and its newest version, on each server, all as `goneaway compare` does. Equal
// changes in a scenario share a line, and changes in both lanes, which are the libraries or the
// servers, are attributed to both. Steps on which repetitions disagree do not count as changed.
#include "explain/upgrades.h"

#include "compare/comparison.h"
#include "plan/causes.h"

#include <stdlib.h>
#include <string.h>

enum { LIBRARIES = 2, LANES = 2 };
static const struct {
    const char *name, *folder;
} libraries[LIBRARIES] = {{"libmysqlclient", "libmysqlclient-9.7.4"},
                          {"Connector/C", "mariadb-c-3.3.20"}};

static const struct {
    const char *title, *before, *after;
} servers[] = {
    {"MySQL 5.6 to 9.7", "mysql-5.6", "mysql-9.7"},
    {"MariaDB 10.5 to 10.11", "mariadb-10.5", "mariadb-10.11"},
    {"MariaDB 10.11 to 11.8", "mariadb-10.11", "mariadb-11.8"},
    {"MySQL 9.7 to MariaDB 11.8", "mysql-9.7", "mariadb-11.8"},
};

// By the folders of what was measured, and the names of recipes.
static const struct {
    const char *title, *folders[2], *option;
} connectors[] = {
    {"aiomysql 0.1 to 0.3", {"aiomysql-0.1.1", "aiomysql-0.3.2"}, "aiomysql,aiomysql-0.3"},
    {"asyncmy 0.2.10 to 0.2.15", {"asyncmy-0.2.10", "asyncmy-sid-0.2.15"}, "asyncmy,asyncmy-sid"},
    {"Django 3.2 to 5.2", {"django-3.2.25", "django-5.2.18"}, "django,django-5.2"},
    {"go-sql-driver/mysql 1.5 to 1.10",
     {"go-mysql-1.5.0", "go-mysql-sid-1.10.1"},
     "go-mysql,go-mysql-sid"},
    {"MariaDB Connector/J 2.7 to 3.5",
     {"mariadb-jdbc-2.7.6", "mariadb-jdbc-sid-3.5.10"},
     "mariadb-jdbc,mariadb-jdbc-sid"},
    {"PHP's mysqli 7.4 to 8.4",
     {"php-mysqli-7.4.33", "php-mysqli-8.4.28"},
     "php-mysqli-7.4,php-mysqli-8.4"},
    {"PHP's PDO 7.4 to 8.4", {"php-pdo-7.4.33", "php-pdo-8.4.28"}, "php-pdo-7.4,php-pdo-8.4"},
    {"PyMySQL 0.9 to 1.2", {"pymysql-0.9.3", "pymysql-sid-1.2.0"}, "pymysql-0.9,pymysql-sid"},
    {"SQLAlchemy 1.4 to 2.0",
     {"sqlalchemy-1.4.46", "sqlalchemy-2.0.40"},
     "sqlalchemy,sqlalchemy-2"},
};

/** What is printed of an upgrade. */
struct upgrade {
    const char *lanes[LANES + 1]; ///< "with libmysqlclient", ..; the last: of all lanes
    const char *option;           ///< "--server mysql-5.6,mysql-9.7"
};

/** How steps of a scenario ended, before and after, in one lane. */
struct item {
    const struct scenario *scenario;
    const char *before, *after, *id; ///< `id`: of the first case that shows it
    const char *last;                ///< of the latest one
    size_t cases;                    ///< how many cases show it
    struct text steps;               ///< "first, second"
    size_t lane;
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
        if (item->scenario == like->scenario && item->lane == like->lane &&
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

// `lane`: -1: by the server.
static void collect(struct items *items, const struct comparison *comparison, int lane,
                    const struct catalog *catalog) {
    for (size_t i = 0; i < comparison->change_count; i++) {
        const struct change *change = &comparison->changes[i];
        const char *server = change->traits[TRAIT_SERVER];
        const struct item like = {.scenario =
                                      find_scenario(catalog, change->traits[TRAIT_SCENARIO]),
                                  .before = change->before_text,
                                  .after = change->after_text,
                                  .id = change->where.id,
                                  .lane = lane >= 0                      ? (size_t)lane
                                          : text_starts(server, "mysql") ? 0
                                                                         : 1};
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

static void print_item(FILE *out, const struct upgrade *upgrade, struct items *items,
                       struct item *item) {
    const char *lane = upgrade->lanes[item->lane];
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].lane != item->lane && is_alike(&items->items[i], item)) {
            items->items[i].printed = true;
            lane = upgrade->lanes[LANES];
        }
    item->printed = true;
    cleanup_free char *cases = cases_text(item);
    fprintf(out, "  - %s, %s (%s): **%s** instead of %s\n", lane, text_get(&item->steps), cases,
            item->after, item->before);
}

static void print_scenario(FILE *out, const struct upgrade *upgrade, struct items *items,
                           const struct scenario *scenario) {
    bool begun = false;
    for (size_t i = 0; i < items->count; i++) {
        struct item *item = &items->items[i];
        if (item->scenario != scenario || item->printed)
            continue;
        if (!begun)
            fprintf(out, "- %s.\n  `goneaway run %s %s`\n", scenario->title, scenario->name,
                    upgrade->option);
        begun = true;
        print_item(out, upgrade, items, item);
    }
}

static void print_cause(FILE *out, const struct upgrade *upgrade, struct items *items,
                        const struct catalog *catalog, const struct word *cause) {
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
        print_scenario(out, upgrade, items, scenario);
    }
}

static void print_upgrade(FILE *out, const char *title, const struct upgrade *upgrade,
                          struct items *items, const struct catalog *catalog) {
    fprintf(out, "\n## %s\n%s", title,
            items->count ? "" : "\nNothing changes in what was measured.\n");
    for (const struct word *cause = cause_words; cause->name; cause++)
        print_cause(out, upgrade, items, catalog, cause);
}

// ---- servers -----------------------------------------------------------------------------------

static int print_server(FILE *out, const struct seen *seen, const struct catalog *catalog,
                        size_t index, struct err *err) {
    const char *before = servers[index].before, *after = servers[index].after;
    struct comparison comparisons[LIBRARIES] = {0};
    struct items items = {0};
    cleanup_free char *pair = xprintf("%s=%s", before, after);
    cleanup_free char *option = xprintf("--server %s,%s", before, after);
    const struct upgrade upgrade = {
        .lanes = {"with libmysqlclient", "with Connector/C", "with both libraries"},
        .option = option};
    int ret = 0;
    for (size_t i = 0; i < LIBRARIES && ret == 0; i++) {
        ret = comparison_make(&comparisons[i], &seen[i], &seen[i], NULL, pair, err);
        if (ret == 0)
            collect(&items, &comparisons[i], (int)i, catalog);
    }
    if (ret == 0)
        print_upgrade(out, servers[index].title, &upgrade, &items, catalog);
    items_release(&items);
    for (size_t i = 0; i < LIBRARIES; i++)
        comparison_release(&comparisons[i]);
    return ret;
}

// ---- connectors --------------------------------------------------------------------------------

static int print_connector(FILE *out, const char *home, const struct catalog *catalog, size_t index,
                           struct err *err) {
    cleanup_free char *option = xprintf("--connector %s", connectors[index].option);
    const struct upgrade upgrade = {.lanes = {"on MySQL 9.7", "on MariaDB 11.8", "on both servers"},
                                    .option = option};
    struct comparison comparison = {0};
    struct items items = {0};
    struct seen seen[2] = {0};
    int ret = 0;
    for (size_t i = 0; i < COUNT_OF(seen) && ret == 0; i++) {
        cleanup_free char *path =
            xprintf("%s/fixtures/measured/%s", home, connectors[index].folders[i]);
        ret = seen_read_baselines(&seen[i], path, err);
    }
    if (ret == 0)
        ret = comparison_make(&comparison, &seen[0], &seen[1], NULL, NULL, err);
    if (ret == 0) {
        collect(&items, &comparison, -1, catalog);
        print_upgrade(out, connectors[index].title, &upgrade, &items, catalog);
    }
    items_release(&items);
    comparison_release(&comparison);
    for (size_t i = 0; i < COUNT_OF(seen); i++)
        seen_release(&seen[i]);
    return ret;
}

// ---- the page ----------------------------------------------------------------------------------

static void print_head(FILE *out) {
    fputs("# What changes for an application whose server or connector is upgraded\n\n"
          "Generated by `make table` from the scenarios' outcomes and `fixtures/measured`: by "
          "upgrade, by cause, and for each\nscenario what its steps end with after it, in bold, "
          "and before. In brackets stands the first case that shows it; the\ncommand runs all "
          "cases of the scenario on both sides. Scenarios that end alike, or that only one of the "
          "two sides can\nhave, are not listed, nor is what differs from one repetition to the "
          "next.\n\nServers were measured with",
          out);
    for (size_t i = 0; i < LIBRARIES; i++)
        fprintf(out, "%s %s (`%s`)", i ? " and" : "", libraries[i].name, libraries[i].folder);
    fputs(".\nA scenario that is younger than a server's file there is taken to end as its rows "
          "say; a run of the whole catalogue on\nthat server, judged by the file, shows where "
          "that is not so. Of connectors, the headline set and the pools were\ncompared, on both "
          "newest servers.\n",
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
    for (size_t i = 0; i < COUNT_OF(servers) && ret == 0; i++)
        ret = print_server(out, seen, catalog, i, err);
    for (size_t i = 0; i < COUNT_OF(connectors) && ret == 0; i++)
        ret = print_connector(out, home, catalog, i, err);
    for (size_t i = 0; i < LIBRARIES; i++) {
        seen_release(&seen[i]);
        free(paths[i]);
    }
    return ret;
}
