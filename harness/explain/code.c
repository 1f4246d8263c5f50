// SPDX-License-Identifier: Apache-2.0
// code.c - one error code: which causes show it, and what tells them apart
//
// Everything here is counted in the scenarios' outcomes: each case, server, connector and step
// whose outcome is the code counts as one sight of it.
#include "explain/code.h"

#include "base/utf8.h"
#include "cli/page.h"
#include "explain/fold.h"
#include "explain/moment.h"
#include "plan/causes.h"

#include <stdlib.h>
#include <string.h>

/** One step of one case where the code shows. */
struct sight {
    const struct plan_case *plan;
    size_t server, connector, step;
    const struct plan_row *row;
    const struct expectation *cell;
};
typedef void sight_visitor(void *context, const struct sight *sight);

static void visit_row(struct sight sight, int code, sight_visitor *visit, void *context) {
    const struct plan_case *plan = sight.plan;
    for (size_t i = 0; i < plan->step_count; i++) {
        const char *id = plan->steps[i].id;
        sight.cell = id ? plan_find_expectation(sight.row, id) : NULL;
        sight.step = i;
        if (view_is_code(sight.cell, code))
            visit(context, &sight);
    }
}

static void visit_case(const struct view *view, const struct plan_case *plan, int code,
                       sight_visitor *visit, void *context) {
    struct sight sight = {.plan = plan};
    for (sight.server = 0; sight.server < view->images->usual_servers; sight.server++)
        for (sight.connector = 0; sight.connector < view->images->connector_count;
             sight.connector++) {
            sight.row = view_row(view, plan, sight.server, sight.connector);
            if (sight.row)
                visit_row(sight, code, visit, context);
        }
}

static void visit_cause(const struct view *view, const char *cause, int code, sight_visitor *visit,
                        void *context) {
    for (size_t i = 0; i < view->catalog->count; i++) {
        const struct scenario *scenario = view->catalog->items[i].scenario;
        for (size_t k = 0; strcmp(scenario->cause, cause) == 0 && k < scenario->case_count; k++)
            visit_case(view, &scenario->cases[k], code, visit, context);
    }
}

// ---- what a cause shows ------------------------------------------------------------------------

enum { MOST_WORDS = 12 };

/** Words, each with its count. */
struct word_tally {
    int count;
    struct {
        const char *word;
        int times;
    } items[MOST_WORDS];
};

static void tally_add(struct word_tally *tally, const char *word) {
    int i = 0;
    while (i < tally->count && strcmp(tally->items[i].word, word) != 0)
        i++;
    if (i == MOST_WORDS)
        return;
    tally->items[i].word = word;
    tally->items[i].times++;
    tally->count += i == tally->count;
    for (; i > 0 && tally->items[i - 1].times < tally->items[i].times; i--) {
        int times = tally->items[i].times;
        const char *moved = tally->items[i].word;
        tally->items[i] = tally->items[i - 1];
        tally->items[i - 1].word = moved;
        tally->items[i - 1].times = times;
    }
}

// The two most frequent words; what makes up less than a twentieth is left to the cause's own page.
static char *tally_text(const struct word_tally *tally) {
    enum { MOST_SHOWN = 2, RARE = 20 };
    struct text text = {0};
    int sum = 0;
    for (int i = 0; i < tally->count; i++)
        sum += tally->items[i].times;
    for (int i = 0; i < tally->count && i < MOST_SHOWN; i++)
        if (tally->items[i].times * RARE >= sum)
            view_add_name(&text, tally->items[i].word);
    return text.data ? text.data : xstrdup("");
}

/** All sights of a cause. */
struct profile {
    int sights, later;
    unsigned transports;
    struct word_tally moments, waits, evidence;
};

static void add_evidence(struct word_tally *tally, const struct evidence_args *evidence) {
    if (!evidence)
        return;
    if (evidence->uptime_reset == 1)
        tally_add(tally, "uptime");
    if (evidence->aborted_clients > 0)
        tally_add(tally, "Aborted_clients");
    if (evidence->aborted_connects > 0)
        tally_add(tally, "Aborted_connects");
    if (evidence->log)
        tally_add(tally, "log");
    if (evidence->wire)
        tally_add(tally, "the wire");
    if (evidence->uptime_reset != 1 && evidence->aborted_clients <= 0 &&
        evidence->aborted_connects <= 0 && !evidence->log && !evidence->wire)
        tally_add(tally, "nothing");
}

static void add_sight(void *context, const struct sight *sight) {
    struct profile *profile = context;
    enum moment moment = moment_of(sight->plan, sight->row, sight->step);
    const char *wait = moment_wait(sight->plan, sight->step, sight->cell);
    profile->sights++;
    profile->later += moment == MOMENT_LATER;
    if (moment == MOMENT_LATER)
        return;
    profile->transports |= 1U << sight->plan->transport;
    tally_add(&profile->moments, moment_names[moment]);
    tally_add(&profile->waits, wait ? wait : "at once");
    add_evidence(&profile->evidence, sight->row->evidence);
}

static struct profile profile_of(const struct view *view, const char *cause, int code) {
    struct profile profile = {0};
    visit_cause(view, cause, code, add_sight, &profile);
    return profile;
}

// ---- a line for each cause ---------------------------------------------------------------------

static const char line_format[] = "  %-27s  %-21s  %-11s  %-29s  %s\n";

static void print_profile(FILE *out, const char *cause, const struct profile *profile) {
    bool all = profile->transports == (1U << TRANSPORT_COUNT) - 1;
    cleanup_free char *moments = tally_text(&profile->moments);
    cleanup_free char *waits = tally_text(&profile->waits);
    cleanup_free char *evidence = tally_text(&profile->evidence);
    cleanup_free char *transports = all ? xstrdup("any") : view_transports(profile->transports);
    fprintf(out, line_format, cause, moments, transports, waits, evidence);
}

// Lists the causes where the code shows only in later calls, after another one.
static void print_later(FILE *out, const struct view *view, int code) {
    cleanup_text struct text text = {0};
    for (const struct word *cause = cause_words; cause->name; cause++) {
        struct profile profile = profile_of(view, cause->name, code);
        if (profile.sights && profile.later == profile.sights)
            view_add_name(&text, cause->name);
    }
    if (!text.length)
        return;
    fputs("\nOnly in later calls, after another code:\n  ", out);
    print_folded(out, 2, text_get(&text));
}

static void print_legend(FILE *out, int code) {
    fputs(
        "\nIn which call: the one that connects; one that was running when it happened; the next "
        "call after it\nhappened, however long after; the call itself, which causes it. After: the "
        "timeout that had to pass. The\nserver's side: counters that grow, an uptime that begins "
        "anew, a line in its error log.\n",
        out);
    fprintf(out,
            "`goneaway explain %d CAUSE` goes into one; `goneaway explain SCENARIO` tells a "
            "scenario's story.\n",
            code);
}

void code_print_causes(FILE *out, const struct view *view, int code) {
    const char *group = NULL;
    for (const struct word *cause = cause_words; cause->name; cause++) {
        struct profile profile = profile_of(view, cause->name, code);
        if (profile.sights == profile.later)
            continue;
        if (!group) {
            fputc('\n', out);
            fprintf(out, line_format, "cause", "in which call", "over", "after",
                    "the server's side");
        }
        if (cause_group_of(cause->name) != group)
            fprintf(out, "%s\n", cause_group_of(cause->name));
        group = cause_group_of(cause->name);
        print_profile(out, cause->name, &profile);
    }
    print_later(out, view, code);
    if (group)
        print_legend(out, code);
    else
        fputs("\nNo scenario of the catalogue shows it as the first error.\n", out);
}

// ---- one cause ---------------------------------------------------------------------------------

/** Sights of a step in a variant with one connector, as long as they look alike. */
struct look {
    const char *variant, *id;
    enum moment moment;
    const char *wait;
    struct spread spread;
};

struct looks {
    size_t count;
    struct look *items;
    struct fold evidence; // what shows on the server's side, with the variants
};

static bool is_alike(const struct look *one, const struct look *other) {
    return strcmp(one->variant, other->variant) == 0 && strcmp(one->id, other->id) == 0 &&
           one->moment == other->moment && one->wait == other->wait;
}

// The look equal to `wanted`, added if there is none.
static struct look *find_look(struct looks *looks, const struct look *wanted) {
    for (size_t i = 0; i < looks->count; i++)
        if (is_alike(&looks->items[i], wanted) &&
            bits_are_equal(looks->items[i].spread.connectors, wanted->spread.connectors))
            return &looks->items[i];
    looks->items = xrealloc(looks->items, looks->count + 1, sizeof *looks->items);
    looks->items[looks->count] = *wanted;
    return &looks->items[looks->count++];
}

static void add_place(void *context, const struct sight *sight) {
    struct looks *looks = context;
    const char *id = sight->plan->steps[sight->step].id;
    struct look wanted = {.variant = sight->plan->variant,
                          .id = id ? id : "",
                          .moment = moment_of(sight->plan, sight->row, sight->step),
                          .wait = moment_wait(sight->plan, sight->step, sight->cell)};
    bits_add(&wanted.spread.connectors, sight->connector);
    struct look *look = find_look(looks, &wanted);
    bits_add(&look->spread.servers, sight->server);
    look->spread.transports |= 1U << sight->plan->transport;
    cleanup_free char *evidence = view_evidence(sight->row->evidence);
    if (*evidence)
        fold_add(&looks->evidence, evidence, *wanted.variant ? wanted.variant : "always");
}

// Merges connectors that see the same.
static void join_connectors(struct looks *looks) {
    for (size_t i = 0; i < looks->count; i++)
        for (size_t k = i + 1; k < looks->count; k++) {
            struct look *one = &looks->items[i], *other = &looks->items[k];
            if (!is_alike(one, other) ||
                !bits_are_equal(one->spread.servers, other->spread.servers) ||
                one->spread.transports != other->spread.transports)
                continue;
            bits_join(&one->spread.connectors, other->spread.connectors);
            *other = looks->items[--looks->count];
            k--;
        }
}

// "first, second: next call, at once; tcp; all servers; mariadb-c", folded over ids, then variants.
static void fold_places(const struct view *view, const struct looks *looks, struct fold *ret) {
    cleanup_fold struct fold ids = {0};
    for (size_t i = 0; i < looks->count; i++) {
        const struct look *place = &looks->items[i];
        cleanup_free char *spread = view_spread(view, &place->spread);
        cleanup_free char *key =
            xprintf("%s\n%s, %s%s; %s", place->variant, moment_names[place->moment],
                    place->wait ? "after " : "", place->wait ? place->wait : "at once", spread);
        fold_add(&ids, key, place->id);
    }
    for (size_t i = 0; i < ids.count; i++) {
        const char *rest = strchr(ids.rows[i].key, '\n') + 1;
        cleanup_free char *variant =
            xprintf("%.*s", (int)(rest - 1 - ids.rows[i].key), ids.rows[i].key);
        cleanup_free char *key = xprintf("%s: %s", text_get(&ids.rows[i].words), rest);
        fold_add(ret, key, variant);
    }
}

static void print_fold(FILE *out, const struct fold *fold, const char *head) {
    for (size_t i = 0; i < fold->count; i++) {
        const char *words = text_get(&fold->rows[i].words);
        bool always = !*words || strcmp(words, "always") == 0;
        cleanup_free char *line = xprintf("%s%s%s%s%s", always ? "" : "[", always ? "" : words,
                                          always ? "" : "] ", head, fold->rows[i].key);
        cleanup_free char *shown = utf8_shown(line, false);
        fputs("    ", out);
        print_folded(out, 6, shown);
    }
}

static void print_scenario(FILE *out, const struct view *view, const struct scenario *scenario,
                           int code) {
    struct looks looks = {0};
    cleanup_fold struct fold lines = {0};
    for (size_t i = 0; i < scenario->case_count; i++)
        visit_case(view, &scenario->cases[i], code, add_place, &looks);
    join_connectors(&looks);
    fold_places(view, &looks, &lines);
    if (lines.count)
        fprintf(out, "\n  %s - %s\n", scenario->name, scenario->title);
    print_fold(out, &lines, "");
    print_fold(out, &looks.evidence, "the server: ");
    fold_release(&looks.evidence);
    free(looks.items);
}

void code_print_cause(FILE *out, const struct view *view, int code, const char *cause) {
    bool any = false;
    for (size_t i = 0; i < view->catalog->count; i++) {
        const struct scenario *scenario = view->catalog->items[i].scenario;
        if (strcmp(scenario->cause, cause) != 0 || !view_shows_code(view, scenario, code))
            continue;
        any = true;
        print_scenario(out, view, scenario, code);
    }
    if (!any)
        fprintf(out, "\nNo scenario of this cause shows %d.\n", code);
}
