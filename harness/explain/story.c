// SPDX-License-Identifier: Apache-2.0
// story.c - what a scenario is about, in words
//
// A scenario has many cases that are mostly alike. So each part of the story is made for each case,
// and equal parts are printed once, with the variants and transports that they apply to.
#include "explain/story.h"

#include "base/utf8.h"
#include "cli/page.h"
#include "explain/fold.h"
#include "explain/tale.h"

#include <stdlib.h>
#include <string.h>

/** The cases of a scenario that the story covers. */
struct story {
    FILE *out;
    const struct view *view;
    const struct scenario *scenario;
    bool *chosen; // for each case
};

// ---- the same in several cases -----------------------------------------------------------------

/** Texts, each with the cases that it applies to. */
struct versions {
    size_t case_count, count;
    struct version {
        char *text;
        bool *of; // for each case
    } * items;
};

static void versions_add(struct versions *versions, const char *text, size_t index) {
    size_t i = 0;
    while (i < versions->count && strcmp(versions->items[i].text, text) != 0)
        i++;
    if (i == versions->count) {
        versions->items = xrealloc(versions->items, i + 1, sizeof *versions->items);
        versions->items[versions->count++] =
            (struct version){xstrdup(text), xcalloc(versions->case_count, sizeof(bool))};
    }
    versions->items[i].of[index] = true;
}

static void versions_release(struct versions *versions) {
    for (size_t i = 0; i < versions->count; i++) {
        free(versions->items[i].text);
        free(versions->items[i].of);
    }
    free(versions->items);
}
#define cleanup_versions __attribute__((cleanup(versions_release)))

// For each case, whether any case of its variant, over any transport, is marked. The cases of a
// variant are adjacent.
static bool *mark_variants(const struct scenario *scenario, const bool *of) {
    bool *marked = xcalloc(scenario->case_count, sizeof *marked);
    for (size_t from = 0, to; from < scenario->case_count; from = to) {
        bool any = false;
        for (to = from; to < scenario->case_count &&
                        strcmp(scenario->cases[to].variant, scenario->cases[from].variant) == 0;
             to++)
            any |= of[to];
        memset(marked + from, any, to - from);
    }
    return marked;
}

// Names the variants of the story's cases, or, if they are more than half of many, "all but" the
// others.
static void add_variants(struct text *text, const struct story *story, const bool *marked) {
    enum { MANY = 4 };
    cleanup_fold struct fold fold = {0};
    int counts[2] = {0};
    const char *before = NULL;
    for (size_t i = 0; i < story->scenario->case_count; i++) {
        const char *variant = story->scenario->cases[i].variant;
        if (!story->chosen[i] || (before && strcmp(before, variant) == 0))
            continue;
        fold_add(&fold, marked[i] ? "has" : "lacks", variant);
        counts[marked[i]]++;
        before = variant;
    }
    bool most = counts[true] >= MANY && counts[true] > counts[false] && counts[false] > 0;
    for (size_t i = 0; i < fold.count; i++)
        if ((strcmp(fold.rows[i].key, "has") == 0) != most)
            text_printf(text, "%s%s", most ? "all but " : "", text_get(&fold.rows[i].words));
}

// "[query, pinged over tcp] ": which cases a text applies to; "" if to all.
static char *label_of(const struct story *story, const bool *of) {
    const struct scenario *scenario = story->scenario;
    cleanup_text struct text names = {0};
    cleanup_free bool *marked = mark_variants(scenario, of);
    unsigned transports = 0;
    bool all = true, whole = true; // all cases; all of the named variants
    for (size_t i = 0; i < scenario->case_count; i++) {
        bool lacks = story->chosen[i] && !of[i];
        all &= !lacks;
        whole &= !lacks || !marked[i];
        transports |= of[i] ? 1U << scenario->cases[i].transport : 0;
    }
    if (all)
        return xstrdup("");
    cleanup_free char *over = view_transports(transports);
    add_variants(&names, story, marked);
    return xprintf("[%s%s%s] ", text_get(&names),
                   whole          ? ""
                   : names.length ? " over "
                                  : "over ",
                   whole ? "" : over);
}

static void print_line(const struct story *story, int indent, const char *label, const char *text) {
    cleanup_free char *line = xprintf("%s%s", label, text);
    cleanup_free char *shown = utf8_shown(line, false);
    fprintf(story->out, "%*s", indent, "");
    print_folded(story->out, indent + 2, shown);
}

static void print_versions(const struct story *story, const struct versions *versions) {
    for (size_t i = 0; i < versions->count; i++) {
        cleanup_free char *label = label_of(story, versions->items[i].of);
        print_line(story, 4, label, versions->items[i].text);
    }
}

// ---- the head ----------------------------------------------------------------------------------

static void print_head(const struct story *story) {
    const struct scenario *scenario = story->scenario;
    cleanup_text struct text line = {0};
    unsigned transports = 0;
    size_t count = 0;
    for (size_t i = 0; i < scenario->case_count; i++)
        if (story->chosen[i]) {
            transports |= 1U << scenario->cases[i].transport;
            count++;
        }
    cleanup_free char *over = view_transports(transports);
    text_printf(&line, "Cause: %s. %zu case%s, over %s", scenario->cause, count,
                count == 1 ? "" : "s", over);
    for (size_t i = 0; i < scenario->tags.count; i++)
        text_printf(&line, "%s%s",
                    i > 0 ? ", " : "; tags: ", ((const char **)scenario->tags.items)[i]);
    print_line(story, 0, scenario->name, " - a scenario");
    print_line(story, 4, scenario->title, ".");
    print_line(story, 4, text_get(&line), ".");
}

// ---- what happens ------------------------------------------------------------------------------

static void add_steps(const struct story *story, int number, struct versions *versions) {
    for (size_t i = 0; i < story->scenario->case_count; i++) {
        const struct plan_case *plan = &story->scenario->cases[i];
        for (size_t k = 0; story->chosen[i] && k < plan->step_count; k++) {
            const struct plan_step *step = &plan->steps[k];
            if (step->number != number || step->skipped)
                continue;
            cleanup_free char *tale = tale_of_step(step);
            cleanup_free char *line =
                xprintf("%s%s%s", step->id ? step->id : "", step->id ? ": " : "", tale);
            versions_add(versions, line, i);
        }
    }
}

static void print_settings(const struct story *story) {
    cleanup_versions struct versions versions = {.case_count = story->scenario->case_count};
    for (size_t i = 0; i < story->scenario->case_count; i++) {
        cleanup_free char *tale = tale_of_settings(&story->scenario->cases[i]);
        if (tale && story->chosen[i])
            versions_add(&versions, tale, i);
    }
    print_versions(story, &versions);
}

static void print_steps(const struct story *story) {
    int last = 0;
    for (size_t i = 0; i < story->scenario->case_count; i++) {
        const struct plan_case *plan = &story->scenario->cases[i];
        if (plan->step_count && plan->steps[plan->step_count - 1].number > last)
            last = plan->steps[plan->step_count - 1].number;
    }
    fputs("\nWhat happens (steps with a name are judged):\n", story->out);
    print_settings(story);
    for (int number = 1; number <= last; number++) {
        cleanup_versions struct versions versions = {.case_count = story->scenario->case_count};
        add_steps(story, number, &versions);
        print_versions(story, &versions);
    }
}

// ---- what any correct client must do -----------------------------------------------------------

const char *story_of_promise(const struct promise *promise) {
    static const char *const phrases[PROMISE_WORDS] = {
        [PROMISE_OK] = "success",
        [PROMISE_ERROR] = "an error",
        [PROMISE_ERROR_OR_NEW] = "an error, or success in a new session",
        [PROMISE_UNBOUNDED] = "an error, success in a new session, or no end",
        [PROMISE_ANY] = "success or any error, but no hang",
    };
    return promise->exact ? promise->text : phrases[promise->word];
}

static void add_servers(struct text *line, const struct condition_args *condition) {
    for (size_t i = 0; condition && i < condition->server.count; i++)
        text_printf(line, "%s%s", i == 0 ? "on " : " or ",
                    ((const char **)condition->server.items)[i]);
    text_add(line, condition && condition->server.count ? ": " : "");
}

static void add_promise(struct text *block, const struct promise_row *row) {
    cleanup_fold struct fold fold = {0};
    for (size_t i = 0; i < row->count; i++) {
        const struct promise *promise = &row->promises[i];
        cleanup_free char *key =
            xprintf("%s%s%s%s", story_of_promise(promise), promise->because ? " (" : "",
                    promise->because ? promise->because : "", promise->because ? ")" : "");
        fold_add(&fold, key, row->ids[i]);
    }
    text_add(block, block->length ? "; else " : "");
    add_servers(block, row->condition);
    for (size_t i = 0; i < fold.count; i++)
        text_printf(block, "%s%s: %s", i > 0 ? "; " : "", text_get(&fold.rows[i].words),
                    fold.rows[i].key);
}

static void print_promises(const struct story *story) {
    cleanup_versions struct versions versions = {.case_count = story->scenario->case_count};
    for (size_t i = 0; i < story->scenario->case_count; i++) {
        const struct plan_case *plan = &story->scenario->cases[i];
        cleanup_text struct text block = {0};
        for (size_t k = 0; k < plan->promise_count; k++)
            add_promise(&block, &plan->promises[k]);
        if (plan->promise && plan->promise_count == 0 && plan->control)
            text_add(&block, "success throughout: the remedy is applied");
        if (story->chosen[i] && block.length)
            versions_add(&versions, text_get(&block), i);
    }
    if (versions.count)
        fputs("\nWhat any correct client must do, whatever its codes:\n", story->out);
    print_versions(story, &versions);
}

// ---- what measured clients show ----------------------------------------------------------------

// "first, second 2013; again ok", in step order.
static char *sequence_of(const struct plan_case *plan, const struct plan_row *row) {
    struct text text = {0};
    cleanup_free char *before = NULL;
    for (size_t i = 0; i < plan->step_count; i++) {
        const char *id = plan->steps[i].id;
        const struct expectation *cell = id ? plan_find_expectation(row, id) : NULL;
        if (!cell)
            continue;
        char *shown = tale_of_cell(cell);
        if (before && strcmp(before, shown) != 0)
            text_printf(&text, " %s; %s", before, id);
        else
            text_printf(&text, "%s%s", before ? ", " : "", id);
        free(before);
        before = shown;
    }
    if (before)
        text_printf(&text, " %s", before);
    if (row->violates)
        text_printf(&text, " - which violates the promise: %s", row->violates);
    return text.data ? text.data : xstrdup("");
}

// Names where one connector shows it: "mariadb-c: ", "mariadb-c on mysql-9.7: ".
static void add_places(const struct story *story, size_t index, size_t connector,
                       struct versions *versions) {
    const struct view *view = story->view;
    const struct plan_case *plan = &story->scenario->cases[index];
    cleanup_fold struct fold fold = {0};
    size_t servers = 0;
    for (size_t server = 0; server < view->images->usual_servers; server++) {
        const struct plan_row *row = view_row(view, plan, server, connector);
        cleanup_free char *sequence = row ? sequence_of(plan, row) : NULL;
        if (sequence)
            fold_add(&fold, sequence, view->images->servers[server].name);
        servers += row != NULL;
    }
    for (size_t i = 0; i < fold.count; i++) {
        bool everywhere = fold.count == 1 && servers == view->images->usual_servers;
        cleanup_free char *line = xprintf(
            "%s%s%s: %s", view->images->connectors[connector].name, everywhere ? "" : " on ",
            everywhere ? "" : text_get(&fold.rows[i].words), fold.rows[i].key);
        versions_add(versions, line, index);
    }
}

static void print_outcomes(const struct story *story) {
    fputs("\nWhat measured clients show:\n", story->out);
    for (size_t connector = 0; connector < story->view->images->connector_count; connector++) {
        cleanup_versions struct versions versions = {.case_count = story->scenario->case_count};
        for (size_t i = 0; i < story->scenario->case_count; i++)
            if (story->chosen[i])
                add_places(story, i, connector, &versions);
        print_versions(story, &versions);
    }
}

// Prints distinct texts taken from rows, each with the cases where such a row applies.
static void print_rows(const struct story *story, const char *title,
                       char *(*text_of)(const struct plan_row *row)) {
    cleanup_versions struct versions versions = {.case_count = story->scenario->case_count};
    const struct images *images = story->view->images;
    for (size_t i = 0; i < story->scenario->case_count; i++)
        for (size_t k = 0; k < images->usual_servers * images->connector_count; k++) {
            const struct plan_row *row =
                view_row(story->view, &story->scenario->cases[i], k / images->connector_count,
                         k % images->connector_count);
            cleanup_free char *text = row && story->chosen[i] ? text_of(row) : NULL;
            if (text && *text)
                versions_add(&versions, text, i);
        }
    if (versions.count)
        fprintf(story->out, "\n%s:\n", title);
    print_versions(story, &versions);
}

static char *evidence_of(const struct plan_row *row) {
    return view_evidence(row->evidence);
}

static char *reason_of(const struct plan_row *row) {
    return xstrdup(row->because);
}

// ---- why ---------------------------------------------------------------------------------------

static void print_claims(const struct story *story) {
    const struct scenario *scenario = story->scenario;
    if (scenario->claim_count)
        fputs("\nWhat is put to the test:\n", story->out);
    for (size_t i = 0; i < scenario->claim_count; i++) {
        cleanup_free char *label = xprintf("[%s] ", scenario->claims[i].variant);
        cleanup_free char *line =
            xprintf("%s: %s", scenario->claims[i].text, view_judgement(&scenario->claims[i]));
        print_line(story, 4, label, line);
    }
}

static void print_sources(const struct story *story) {
    if (story->scenario->source.count)
        fputs("\nSources:\n", story->out);
    for (size_t i = 0; i < story->scenario->source.count; i++)
        print_line(story, 4, "", ((const char **)story->scenario->source.items)[i]);
    const char *path = view_path(story->scenario);
    cleanup_free char *line =
        xprintf("All of it, with more reasons beside the outcomes, is in %s%s.",
                path == story->scenario->file ? "" : "scenarios/", path);
    fputc('\n', story->out);
    print_line(story, 0, "", line);
}

void story_print(FILE *out, const struct view *view, const struct scenario *scenario,
                 const char *word) {
    cleanup_free bool *chosen = xcalloc(scenario->case_count, sizeof *chosen);
    struct story story = {out, view, scenario, chosen};
    for (size_t i = 0; i < scenario->case_count; i++)
        chosen[i] = catalog_fits(scenario, &scenario->cases[i], word);
    print_head(&story);
    print_steps(&story);
    print_promises(&story);
    print_outcomes(&story);
    print_rows(&story, "What the server's side shows", evidence_of);
    print_rows(&story, "Why", reason_of);
    print_claims(&story);
    print_sources(&story);
}
