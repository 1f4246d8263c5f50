// SPDX-License-Identifier: Apache-2.0
// overview.c - the causes, and what the catalogue shows of each
//
// Everything here follows from the scenarios' outcomes: for each case, server and connector, the
// row that applies there. Servers and connectors are identified by their index in the images'
// lists, so that a set of them is a bit mask.
#include "explain/overview.h"

#include "catalog/view.h"
#include "cli/page.h"
#include "explain/moment.h"
#include "explain/symptoms.h"
#include "plan/causes.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CODES = 64 };

/** What a set of cases shows. */
struct summary {
    int scenarios, cases;
    struct bits servers;
    int code_count;
    int codes[MOST_CODES]; // ascending
};

static void add_code(struct summary *summary, int code) {
    int at = 0;
    while (at < summary->code_count && summary->codes[at] < code)
        at++;
    if (summary->code_count == MOST_CODES ||
        (at < summary->code_count && summary->codes[at] == code))
        return;
    memmove(&summary->codes[at + 1], &summary->codes[at],
            (size_t)(summary->code_count++ - at) * sizeof summary->codes[0]);
    summary->codes[at] = code;
}

static void add_row(struct summary *summary, const struct plan_row *row) {
    for (size_t i = 0; i < row->count; i++)
        for (const struct expectation *cell = row->expectations[i]; cell; cell = cell->or_else)
            if (cell->kind == OUTCOME_ERROR && cell->code != 0)
                add_code(summary, cell->code);
}

// Adds the places for which a case has outcomes.
static void add_case(const struct view *view, struct summary *summary,
                     const struct plan_case *plan) {
    bool found = false;
    for (size_t server = 0; server < view->images->usual_servers; server++)
        for (size_t i = 0; i < view->images->connector_count; i++) {
            const struct plan_row *row = view_row(view, plan, server, i);
            if (!row)
                continue;
            found = true;
            bits_add(&summary->servers, server);
            add_row(summary, row);
        }
    summary->cases += found;
}

static struct summary summarise(const struct view *view, const char *cause) {
    struct summary summary = {0};
    for (size_t i = 0; i < view->catalog->count; i++) {
        const struct scenario *scenario = view->catalog->items[i].scenario;
        if (strcmp(scenario->cause, cause) != 0)
            continue;
        summary.scenarios++;
        for (size_t k = 0; k < scenario->case_count; k++)
            add_case(view, &summary, &scenario->cases[k]);
    }
    return summary;
}

// ---- pieces of text ----------------------------------------------------------------------------

static char *codes_text(const struct summary *summary) {
    struct text text = {0};
    for (int i = 0; i < summary->code_count; i++) {
        cleanup_free char *number = xprintf("%d", summary->codes[i]);
        view_add_name(&text, number);
    }
    return text.data ? text.data : xstrdup("none");
}

static char *link_text(const struct scenario *scenario) {
    return xprintf("[%s](%s)", scenario->name, view_path(scenario));
}

// Scenarios of a cause, in Markdown or plain.
static char *scenarios_text(const struct view *view, const char *cause, const char *format) {
    struct text text = {0};
    for (size_t i = 0; i < view->catalog->count; i++) {
        const struct scenario *scenario = view->catalog->items[i].scenario;
        if (strcmp(scenario->cause, cause) != 0)
            continue;
        cleanup_free char *name = strcmp(format, "markdown") == 0
                                      ? link_text(scenario)
                                      : xprintf("%s (%zu)", scenario->name, scenario->case_count);
        view_add_name(&text, name);
    }
    return text.data ? text.data : xstrdup("none yet");
}

/** Called for each claim and remedy of a cause, with the servers that its cases cover. */
typedef void claim_visitor(FILE *out, const struct scenario *scenario, const struct claim *claim,
                           const char *servers);

static void each_claim(FILE *out, const struct view *view, const char *cause,
                       claim_visitor *visit) {
    for (size_t i = 0; i < view->catalog->count; i++) {
        const struct scenario *scenario = view->catalog->items[i].scenario;
        for (size_t k = 0; strcmp(scenario->cause, cause) == 0 && k < scenario->claim_count; k++) {
            const struct claim *claim = &scenario->claims[k];
            struct summary summary = {0};
            for (size_t n = 0; n < scenario->case_count; n++)
                if (strcmp(scenario->cases[n].variant, claim->variant) == 0)
                    add_case(view, &summary, &scenario->cases[n]);
            cleanup_free char *servers = view_servers(view, summary.servers);
            visit(out, scenario, claim, servers);
        }
    }
}

// ---- for a terminal ----------------------------------------------------------------------------

static void print_labelled(FILE *out, const char *label, const char *text) {
    enum { COLUMN = 18 };
    fprintf(out, "    %-*s", COLUMN - 4, label);
    print_folded(out, COLUMN, text);
}

static void print_claim(FILE *out, const struct scenario *scenario, const struct claim *claim,
                        const char *servers) {
    cleanup_free char *line =
        xprintf("%s (%s/%s on %s)", claim->text, scenario->name, claim->variant, servers);
    print_labelled(out, view_judgement(claim), line);
}

static void print_cause(FILE *out, const struct view *view, const struct word *cause) {
    struct summary summary = summarise(view, cause->name);
    cleanup_free char *head = xprintf("%s - %s", cause->name, cause->doc);
    print_indented(out, 2, head);
    cleanup_free char *scenarios = scenarios_text(view, cause->name, "plain");
    print_labelled(out, "scenarios", scenarios);
    if (!summary.scenarios)
        return;
    cleanup_free char *servers = view_servers(view, summary.servers);
    cleanup_free char *numbers = codes_text(&summary);
    print_labelled(out, "servers", servers);
    print_labelled(out, "codes", numbers);
    each_claim(out, view, cause->name, print_claim);
}

void overview_print(FILE *out, const struct catalog *catalog, const struct images *images) {
    struct view view = {catalog, images};
    const char *group = NULL;
    for (const struct word *cause = cause_words; cause->name; cause++) {
        const char *own = cause_group_of(cause->name);
        if (own != group)
            fprintf(out, "%s%s\n", group ? "\n" : "", own);
        group = own;
        print_cause(out, &view, cause);
    }
}

// ---- by symptom --------------------------------------------------------------------------------

static const struct scenario *scenario_named(const struct view *view, const char *name) {
    for (size_t i = 0; i < view->catalog->count; i++)
        if (strcmp(view->catalog->items[i].scenario->name, name) == 0)
            return view->catalog->items[i].scenario;
    return NULL;
}

static void add_first_codes(struct summary *summary, const struct plan_case *plan,
                            const struct plan_row *row) {
    for (size_t i = 0; row && i < plan->step_count; i++) {
        const char *id = plan->steps[i].id;
        const struct expectation *cell = id ? plan_find_expectation(row, id) : NULL;
        for (; cell && moment_of(plan, row, i) != MOMENT_LATER; cell = cell->or_else)
            if (cell->kind == OUTCOME_ERROR && cell->code != 0)
                add_code(summary, cell->code);
    }
}

// The codes of the first failing call, without those of later calls.
static char *first_codes(const struct view *view, const struct scenario *scenario) {
    struct summary summary = {0};
    for (size_t i = 0; i < scenario->case_count; i++)
        for (size_t server = 0; server < view->images->usual_servers; server++)
            for (size_t k = 0; k < view->images->connector_count; k++)
                add_first_codes(&summary, &scenario->cases[i],
                                view_row(view, &scenario->cases[i], server, k));
    return codes_text(&summary);
}

void overview_print_symptoms(FILE *out) {
    enum { COLUMN = 26 };
    for (const struct symptom *symptom = symptoms; symptom->question; symptom++) {
        fprintf(out, "%s%s\n", symptom == symptoms ? "" : "\n", symptom->question);
        print_indented(out, 2, symptom->first);
        for (const struct suspect *one = symptom->suspects; one->scenario; one++) {
            fprintf(out, "  %-*s", COLUMN - 2, one->scenario);
            print_folded(out, COLUMN, one->sign);
        }
    }
}

static void mark_suspect(FILE *out, const struct view *view, const struct suspect *suspect) {
    const struct scenario *scenario = scenario_named(view, suspect->scenario);
    cleanup_free char *link = scenario ? link_text(scenario) : xstrdup(suspect->scenario);
    cleanup_free char *numbers = scenario ? first_codes(view, scenario) : xstrdup("");
    fprintf(out, "| %s | %s | %s |\n", link, suspect->sign, numbers);
}

static void mark_symptoms(FILE *out, const struct view *view) {
    fputs("## Found by symptom\n\n"
          "The codes are those that a scenario shows first, with whatever server and connector. "
          "`goneaway list symptoms`\nshows the same, and `goneaway explain SCENARIO` tells a "
          "scenario's story.\n",
          out);
    for (const struct symptom *symptom = symptoms; symptom->question; symptom++) {
        fprintf(out,
                "\n### %s\n\n%s\n\n| scenario | what tells it apart | codes |\n|---|---|---|\n",
                symptom->question, symptom->first);
        for (const struct suspect *one = symptom->suspects; one->scenario; one++)
            mark_suspect(out, view, one);
    }
}

// ---- Markdown ----------------------------------------------------------------------------------

static void mark_claim(FILE *out, const struct scenario *scenario, const struct claim *claim,
                       const char *servers) {
    (void)servers;
    fprintf(out, "- **%s**: %s (`%s/%s`)\n", view_judgement(claim), claim->text, scenario->name,
            claim->variant);
}

static void mark_cause(FILE *out, const struct view *view, const struct word *cause) {
    struct summary summary = summarise(view, cause->name);
    cleanup_free char *scenarios = scenarios_text(view, cause->name, "markdown");
    cleanup_free char *servers = view_servers(view, summary.servers);
    cleanup_free char *numbers = codes_text(&summary);
    fprintf(out, "| `%s` | %s | %s | %d | %s | %s |\n", cause->name, cause->doc, scenarios,
            summary.cases, summary.scenarios ? servers : "", summary.scenarios ? numbers : "");
}

static bool has_claims(const struct view *view, const char *cause) {
    for (size_t i = 0; i < view->catalog->count; i++)
        if (strcmp(view->catalog->items[i].scenario->cause, cause) == 0 &&
            view->catalog->items[i].scenario->claim_count)
            return true;
    return false;
}

static void mark_claims(FILE *out, const struct view *view) {
    fputs("\n## Remedies and claims\n\n"
          "What the manual and widely read guides promise, put to the test; each names the "
          "variant that shows it.\n",
          out);
    for (const struct word *cause = cause_words; cause->name; cause++)
        if (has_claims(view, cause->name)) {
            fprintf(out, "\n### %s\n\n", cause->name);
            each_claim(out, view, cause->name, mark_claim);
        }
}

void overview_print_markdown(FILE *out, const struct catalog *catalog,
                             const struct images *images) {
    struct view view = {catalog, images};
    const char *group = NULL;
    fputs("# The scenarios: how MySQL connections die\n\n"
          "Generated by `make table` from the scenarios in this folder: first by what somebody "
          "sees, then by cause, last what\nbecame of remedies and claims.\n\n",
          out);
    mark_symptoms(out, &view);
    fputs("\n## Found by cause\n\n"
          "`goneaway list causes` shows the same. A case is a variant over one transport; it runs "
          "on each server with each\nconnector. Codes are all those that any of its steps shows on "
          "any of them; `goneaway explain 2013` tells which causes\nshow a code, and what tells "
          "them apart.\n",
          out);
    for (const struct word *cause = cause_words; cause->name; cause++) {
        const char *own = cause_group_of(cause->name);
        if (own != group)
            fprintf(out,
                    "\n### %s\n\n| cause | what happens | scenarios | cases | servers | codes |\n"
                    "|---|---|---|---|---|---|\n",
                    own);
        group = own;
        mark_cause(out, &view, cause);
    }
    mark_claims(out, &view);
}
