// SPDX-License-Identifier: Apache-2.0
// surprises.c - the differences between connectors that surprise most, for scenarios/MATRIX.md
//
// Three rules choose them. A connector that alone breaks a promise: one family breaks it on a server,
// and at least LEAST_KEEPERS others keep it; the worst ends first (a crash, a hang, a success that
// is none, an error), then by how many keep it. Versions of one connector that part: one keeps a
// promise that the version measured next to it breaks. And, of the failures that are tagged
// `headline`, those at which the first failing call shows the most different errors on the newest
// server.
#include "explain/surprises.h"

#include "base/text.h"
#include "baseline/cell.h"
#include "explain/fold.h"
#include "report/markdown.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_KEEPERS = 4, MOST_LONERS = 10, MOST_PARTINGS = 6, MOST_ANSWERS = 5, WIDTH = 400 };

/** A family that alone breaks a scenario's promise on a server. */
struct loner {
    const struct scenario *scenario;
    const struct measured_place *measured;
    const struct plan_case *plan;
    const struct expectation *cell;
    const char *step;
    size_t keepers;
};

struct loners {
    size_t count;
    struct loner *items;
};

// ---- who alone breaks a promise ----------------------------------------------------------------

// The first case of a scenario in which a connector breaks the promise; false: in none.
// `ret_measured`: whether any case was measured.
static bool find_broken(const struct measured_place *measured, const struct scenario *scenario,
                        struct loner *ret, bool *ret_measured) {
    for (size_t i = 0; i < scenario->case_count; i++) {
        const struct plan_case *plan = &scenario->cases[i];
        const struct plan_row *row = measured_row(measured, plan);
        const char *step = row ? plan_find_violation(plan, &measured->place, row) : NULL;
        *ret_measured |= row != NULL;
        if (!step)
            continue;
        *ret = (struct loner){.scenario = scenario,
                              .measured = measured,
                              .plan = plan,
                              .cell = plan_find_expectation(row, step),
                              .step = step};
        return true;
    }
    return false;
}

static size_t end_of_server(const struct measured *measured, size_t from) {
    size_t to = from;
    while (to < measured->count &&
           strcmp(measured->items[to].place.server, measured->items[from].place.server) == 0)
        to++;
    return to;
}

static bool is_first_of_family(const struct measured *measured, size_t from, size_t i) {
    return i == from ||
           strcmp(measured->items[i].place.family, measured->items[i - 1].place.family) != 0;
}

// Whether exactly one family breaks a scenario's promise on the server of places `from` to `to`.
// Places of a family are together; its first version that breaks the promise stands for all.
static bool find_loner(const struct measured *measured, size_t from, size_t to,
                       const struct scenario *scenario, struct loner *ret) {
    const char *family = NULL; // that breaks it
    size_t keepers = 0;
    bool kept = false; // by the family so far
    for (size_t i = from; i < to; i++) {
        struct loner found;
        bool is_measured = false;
        const char *own = measured->items[i].place.family;
        if (is_first_of_family(measured, from, i))
            kept = false;
        bool broken = find_broken(&measured->items[i], scenario, &found, &is_measured);
        if (broken && family && strcmp(family, own) != 0)
            return false;
        if (broken && !family)
            *ret = found;
        keepers += is_measured && !broken && !kept;
        keepers -= broken && kept;
        kept |= is_measured && !broken;
        family = broken ? own : family;
    }
    ret->keepers = keepers;
    return family && keepers >= LEAST_KEEPERS;
}

// The same on an older server is no news.
static bool is_known(const struct loners *loners, const struct loner *loner) {
    for (size_t i = 0; i < loners->count; i++)
        if (loners->items[i].scenario == loner->scenario &&
            strcmp(loners->items[i].measured->place.family, loner->measured->place.family) == 0)
            return true;
    return false;
}

static int severity(const struct loner *loner) {
    static const int severities[OUTCOME_COUNT] = {
        [OUTCOME_CRASH] = 3, [OUTCOME_HANG] = 2, [OUTCOME_OK] = 1};
    return severities[loner->cell->kind];
}

static int by_surprise(const void *a, const void *b) {
    const struct loner *one = a, *other = b;
    int order = severity(other) - severity(one);
    if (order == 0)
        order = (int)other->keepers - (int)one->keepers;
    return order ? order : strcmp(one->plan->id, other->plan->id);
}

static void find_loners(struct loners *loners, const struct measured *measured,
                        const struct catalog *catalog) {
    for (size_t from = 0, to; from < measured->count; from = to) {
        to = end_of_server(measured, from);
        for (size_t i = 0; i < catalog->count; i++) {
            struct loner loner;
            if (!find_loner(measured, from, to, catalog->items[i].scenario, &loner) ||
                is_known(loners, &loner))
                continue;
            loners->items = xgrow(loners->items, loners->count, sizeof *loners->items);
            loners->items[loners->count++] = loner;
        }
    }
    if (loners->count > 0)
        qsort(loners->items, loners->count, sizeof *loners->items, by_surprise);
}

static void print_loner(FILE *out, const struct loner *loner) {
    static const char *const verbs[OUTCOME_COUNT] = {
        [OUTCOME_CRASH] = "crashes", [OUTCOME_HANG] = "hangs", [OUTCOME_OK] = "reports success"};
    const char *verb = verbs[loner->cell->kind];
    cleanup_free char *cell = cell_of_expectation(loner->cell);
    cleanup_text struct text title = {0};
    markdown_escape(&title, loner->scenario->title, WIDTH);
    fprintf(
        out,
        "- Only **%s** %s: %s. `%s` of `%s` ends with `%s` on %s; %zu others keep the promise.\n",
        loner->measured->place.connector, verb ? verb : "breaks its promise", text_get(&title),
        loner->step, loner->plan->id, cell, loner->measured->place.server, loner->keepers);
}

// ---- versions that part ------------------------------------------------------------------------

// Whether two versions of a connector are beside each other, and both measured on one server.
static bool are_neighbours(const struct measured_place *one, const struct measured_place *other) {
    return strcmp(one->place.server, other->place.server) == 0 &&
           strcmp(one->place.server_version, other->place.server_version) == 0 &&
           strcmp(one->place.connector, other->place.connector) == 0;
}

// "**c** 1.1 breaks a promise that 1.0 keeps: ..", or the other way about; NULL: they do not part.
static char *parting_text(const struct measured_place *older, const struct measured_place *newer,
                          const struct scenario *scenario) {
    struct loner found;
    bool old_measured = false, new_measured = false;
    bool old_broken = find_broken(older, scenario, &found, &old_measured);
    bool new_broken = find_broken(newer, scenario, &found, &new_measured);
    if (!old_measured || !new_measured || old_broken == new_broken)
        return NULL;
    cleanup_text struct text title = {0};
    markdown_escape(&title, scenario->title, WIDTH);
    return xprintf("**%s** %s %s a promise that %s %s: %s (`%s`)", newer->place.connector,
                   newer->place.connector_version, new_broken ? "breaks" : "keeps",
                   older->place.connector_version, new_broken ? "keeps" : "breaks",
                   text_get(&title), scenario->name);
}

// The same on several servers is said once.
static void find_partings(struct fold *partings, const struct measured *measured,
                          const struct catalog *catalog) {
    for (size_t i = 1; i < measured->count; i++)
        for (size_t k = 0; k < catalog->count; k++) {
            const struct measured_place *older = &measured->items[i - 1];
            const struct measured_place *newer = &measured->items[i];
            cleanup_free char *text = are_neighbours(older, newer)
                                          ? parting_text(older, newer, catalog->items[k].scenario)
                                          : NULL;
            if (text)
                fold_add(partings, text, newer->place.server);
        }
}

static void print_partings(FILE *out, const struct measured *measured,
                           const struct catalog *catalog) {
    cleanup_fold struct fold partings = {0};
    find_partings(&partings, measured, catalog);
    if (partings.count > 0)
        fputs("\nVersions of one connector part:\n\n", out);
    for (size_t i = 0; i < partings.count && i < MOST_PARTINGS; i++)
        fprintf(out, "- %s, on %s.\n", partings.rows[i].key, text_get(&partings.rows[i].words));
}

// ---- the most different answers ----------------------------------------------------------------

/** What the first failing call of a scenario shows: each error, with the connectors. */
struct answers {
    const struct plan_case *plan;
    const char *server;
    struct fold words;
};

static bool is_headline(const struct scenario *scenario) {
    for (size_t i = 0; i < scenario->tags.count; i++)
        if (strcmp(((const char **)scenario->tags.items)[i], "headline") == 0)
            return true;
    return false;
}

static void add_answer(struct fold *words, const struct measured_place *measured,
                       const struct plan_case *plan) {
    const struct plan_row *row = measured_row(measured, plan);
    for (size_t i = 0; row && i < row->count; i++) {
        const struct expectation *cell = row->expectations[i];
        if (cell->kind == OUTCOME_OK)
            continue;
        cleanup_free char *number = cell->code > 0 ? xprintf("%d", cell->code) : NULL;
        fold_add(words,
                 number         ? number
                 : cell->native ? cell->native
                                : outcome_names[cell->kind],
                 measured->place.connector);
        return;
    }
}

static int by_count(const void *a, const void *b) {
    const struct answers *one = a, *other = b;
    if (one->words.count != other->words.count)
        return one->words.count > other->words.count ? -1 : 1;
    return strcmp(one->plan->id, other->plan->id);
}

static void print_answer(FILE *out, const struct answers *answers) {
    cleanup_text struct text title = {0};
    markdown_escape(&title, answers->plan->scenario->title, WIDTH);
    fprintf(out, "- %s (`%s` on %s): ", text_get(&title), answers->plan->id, answers->server);
    for (size_t i = 0; i < answers->words.count; i++)
        fprintf(out, "%s`%s` with %s", i ? "; " : "", answers->words.rows[i].key,
                text_get(&answers->words.rows[i].words));
    fputs(".\n", out);
}

// On the newest server alone, which comes first in what was measured.
static void print_answers(FILE *out, const struct measured *measured,
                          const struct catalog *catalog) {
    struct answers *items = xcalloc(catalog->count + 1, sizeof *items);
    size_t count = 0, end = end_of_server(measured, 0);
    for (size_t i = 0; i < catalog->count && end > 0; i++) {
        const struct scenario *scenario = catalog->items[i].scenario;
        if (!is_headline(scenario) || scenario->case_count == 0)
            continue;
        struct answers *one = &items[count++];
        *one = (struct answers){.plan = &scenario->cases[0],
                                .server = measured->items[0].place.server};
        for (size_t k = 0; k < end; k++)
            add_answer(&one->words, &measured->items[k], one->plan);
    }
    if (count > 0)
        qsort(items, count, sizeof *items, by_count);
    for (size_t i = 0; i < count; i++) {
        if (i < MOST_ANSWERS && items[i].words.count > 1)
            print_answer(out, &items[i]);
        fold_release(&items[i].words);
    }
    free(items);
}

void surprises_print(FILE *out, const struct measured *measured, const struct catalog *catalog) {
    struct loners loners = {0};
    find_loners(&loners, measured, catalog);
    fprintf(out,
            "## What surprises most\n\n"
            "One connector alone breaks a promise that at least %d others keep on the same server; "
            "crashes first, then hangs, then\nsuccess where there was none:\n\n",
            LEAST_KEEPERS);
    for (size_t i = 0; i < loners.count && i < MOST_LONERS; i++)
        print_loner(out, &loners.items[i]);
    print_partings(out, measured, catalog);
    fputs("\nThe well-known failures that have the most different first errors:\n\n", out);
    print_answers(out, measured, catalog);
    fputs("\n", out);
    free(loners.items);
}
