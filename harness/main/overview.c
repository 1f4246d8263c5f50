// SPDX-License-Identifier: Apache-2.0
// overview.c - what the catalogue knows: cause x server x connector x transport -> code
//
// Everything here is read off the scenarios' outcomes: for each case, server and connector the row
// that holds there. Servers and connectors are counted by their place in the images' lists, so that
// a set of them is a bit mask.
#include "main/overview.h"

#include "main/chosen.h"
#include "plan/causes.h"
#include "plan/codes.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CODES = 64 };

/** Where something appears. */
struct spread {
    unsigned servers, connectors, transports;
};

/** What a set of cases shows. */
struct summary {
    int scenarios, cases;
    struct spread spread;
    int code_count;
    int codes[MOST_CODES]; // ascending
};

struct view {
    const struct catalog *catalog;
    const struct images *images;
};

// A recipe's version is known when it is prepared; its name, mysql-9.7, tells enough before.
static const char *version_of(const struct server_recipe *server) {
    const char *dash = strrchr(server->name, '-');
    return server->version ? server->version : dash ? dash + 1 : "";
}

static const struct plan_row *row_at(const struct view *view, const struct plan_case *plan,
                                     size_t server, size_t connector) {
    const struct server_recipe *recipe = &view->images->servers[server];
    const struct connector_recipe *client = &view->images->connectors[connector];
    if (client->on_request == 1 || !connector_is_for(client, plan->scenario))
        return NULL;
    struct place place = {.server = recipe->name,
                          .vendor = recipe->vendor,
                          .server_version = version_of(recipe),
                          .connector = client->name,
                          .family = client->family ? client->family : client->name,
                          .connector_version = ""};
    return plan_is_for_server(plan->scenario, &place) ? plan_find_row(plan, &place) : NULL;
}

static bool row_has_code(const struct plan_row *row, int code) {
    for (size_t i = 0; i < row->count; i++)
        for (const struct expectation *cell = row->expectations[i]; cell; cell = cell->or_else)
            if (cell->kind == OUTCOME_ERROR && cell->code == code)
                return true;
    return false;
}

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

// Adds where a case is specified; with `code`, only where that appears.
static bool add_case(const struct view *view, struct summary *summary, const struct plan_case *plan,
                     int code) {
    bool found = false;
    for (size_t server = 0; server < view->images->server_count; server++)
        for (size_t i = 0; i < view->images->connector_count; i++) {
            const struct plan_row *row = row_at(view, plan, server, i);
            if (!row || (code && !row_has_code(row, code)))
                continue;
            found = true;
            summary->spread.servers |= 1U << server;
            summary->spread.connectors |= 1U << i;
            summary->spread.transports |= 1U << plan->transport;
            add_row(summary, row);
        }
    summary->cases += found;
    return found;
}

static struct summary summarise(const struct view *view, const char *cause) {
    struct summary summary = {0};
    for (size_t i = 0; i < view->catalog->count; i++) {
        const struct scenario *scenario = view->catalog->items[i].scenario;
        if (strcmp(scenario->cause, cause) != 0)
            continue;
        summary.scenarios++;
        for (size_t k = 0; k < scenario->case_count; k++)
            add_case(view, &summary, &scenario->cases[k], 0);
    }
    return summary;
}

static const char *group_of(const char *cause, const char *before) {
    for (const struct cause_group *group = cause_groups; group->title; group++)
        if (strcmp(group->first, cause) == 0)
            return group->title;
    return before;
}

// ---- pieces of text ----------------------------------------------------------------------------

static void add_name(struct text *text, const char *name) {
    text_printf(text, "%s%s", text->length ? ", " : "", name);
}

static char *servers_text(const struct view *view, unsigned servers) {
    struct text text = {0};
    for (size_t i = 0; i < view->images->server_count; i++)
        if (servers & 1U << i)
            add_name(&text, view->images->servers[i].name);
    return text.data ? text.data : xstrdup("none");
}

// A scenario that names no connectors has a row for all of those.
static bool are_all_libraries(const struct view *view, unsigned connectors) {
    unsigned libraries = 0;
    for (size_t i = 0; i < view->images->connector_count; i++)
        if (view->images->connectors[i].only_named != 1 &&
            view->images->connectors[i].on_request != 1)
            libraries |= 1U << i;
    return connectors == libraries;
}

static char *connectors_text(const struct view *view, unsigned connectors) {
    struct text text = {0};
    if (are_all_libraries(view, connectors))
        return xstrdup("all libraries");
    for (size_t i = 0; i < view->images->connector_count; i++)
        if (connectors & 1U << i)
            add_name(&text, view->images->connectors[i].name);
    return text.data ? text.data : xstrdup("none");
}

static char *transports_text(unsigned transports) {
    struct text text = {0};
    for (int i = 0; i < TRANSPORT_COUNT; i++)
        if (transports & 1U << i)
            add_name(&text, transport_words[i].name);
    return text.data ? text.data : xstrdup("none");
}

static char *codes_text(const struct summary *summary) {
    struct text text = {0};
    for (int i = 0; i < summary->code_count; i++) {
        cleanup_free char *number = xprintf("%d", summary->codes[i]);
        add_name(&text, number);
    }
    return text.data ? text.data : xstrdup("none");
}

// A scenario lies in a folder of the catalogue.
static const char *link_to(const struct scenario *scenario) {
    const char *at = scenario->file + strlen(scenario->file);
    for (int slashes = 0; at > scenario->file; at--)
        if (at[-1] == '/' && ++slashes == 2)
            break;
    return at;
}

// Scenarios of a cause, each in `before` and `after`.
static char *scenarios_text(const struct view *view, const char *cause, const char *format) {
    struct text text = {0};
    for (size_t i = 0; i < view->catalog->count; i++) {
        const struct scenario *scenario = view->catalog->items[i].scenario;
        if (strcmp(scenario->cause, cause) != 0)
            continue;
        cleanup_free char *name =
            strcmp(format, "markdown") == 0
                ? xprintf("[%s](%s)", scenario->name, link_to(scenario))
                : xprintf("%s (%zu cases)", scenario->name, scenario->case_count);
        add_name(&text, name);
    }
    return text.data ? text.data : xstrdup("none yet");
}

/** Called for each claim and remedy of a cause, with the servers on which its cases stand. */
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
                    add_case(view, &summary, &scenario->cases[n], 0);
            cleanup_free char *servers = servers_text(view, summary.spread.servers);
            visit(out, scenario, claim, servers);
        }
    }
}

static const char *judgement(const struct claim *claim) {
    static const char *const remedies[HOLDS_WORDS] = {
        [HOLDS_YES] = "helps", [HOLDS_PARTLY] = "helps partly", [HOLDS_NO] = "does not help"};
    static const char *const claims[HOLDS_WORDS] = {
        [HOLDS_YES] = "true", [HOLDS_PARTLY] = "partly true", [HOLDS_NO] = "false"};
    return (claim->remedy ? remedies : claims)[claim->holds];
}

// ---- for a terminal ----------------------------------------------------------------------------

static void print_claim(FILE *out, const struct scenario *scenario, const struct claim *claim,
                        const char *servers) {
    fprintf(out, "    %-14s%s (%s/%s on %s)\n", judgement(claim), claim->text, scenario->name,
            claim->variant, servers);
}

static void print_cause(FILE *out, const struct view *view, const struct word *cause) {
    struct summary summary = summarise(view, cause->name);
    fprintf(out, "  %s - %s\n", cause->name, cause->doc);
    cleanup_free char *scenarios = scenarios_text(view, cause->name, "plain");
    fprintf(out, "    %-14s%s\n", "scenarios", scenarios);
    if (!summary.scenarios)
        return;
    cleanup_free char *servers = servers_text(view, summary.spread.servers);
    cleanup_free char *numbers = codes_text(&summary);
    fprintf(out, "    %-14s%s\n", "servers", servers);
    fprintf(out, "    %-14s%s\n", "codes", numbers);
    each_claim(out, view, cause->name, print_claim);
}

void overview_print(FILE *out, const struct catalog *catalog, const struct images *images) {
    struct view view = {catalog, images};
    const char *group = NULL;
    for (const struct word *cause = cause_words; cause->name; cause++) {
        const char *own = group_of(cause->name, group);
        if (own != group)
            fprintf(out, "%s%s\n", group ? "\n" : "", own);
        group = own;
        print_cause(out, &view, cause);
    }
}

// ---- Markdown ----------------------------------------------------------------------------------

static void mark_claim(FILE *out, const struct scenario *scenario, const struct claim *claim,
                       const char *servers) {
    (void)servers;
    fprintf(out, "- **%s**: %s (`%s/%s`)\n", judgement(claim), claim->text, scenario->name,
            claim->variant);
}

static void mark_cause(FILE *out, const struct view *view, const struct word *cause) {
    struct summary summary = summarise(view, cause->name);
    cleanup_free char *scenarios = scenarios_text(view, cause->name, "markdown");
    cleanup_free char *servers = servers_text(view, summary.spread.servers);
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
    fputs("# The causes, and where they are reproduced\n\n"
          "Generated by `make table` from the scenarios in this folder; `goneaway list causes` "
          "shows the same. A case is a\nvariant over one transport; it runs on each server with "
          "each connector. Codes are all those that any of its steps\nshows on any of them; "
          "`goneaway explain 2013` tells where a code appears.\n",
          out);
    for (const struct word *cause = cause_words; cause->name; cause++) {
        const char *own = group_of(cause->name, group);
        if (own != group)
            fprintf(out,
                    "\n## %s\n\n| cause | what happens | scenarios | cases | servers | codes |\n"
                    "|---|---|---|---|---|---|\n",
                    own);
        group = own;
        mark_cause(out, &view, cause);
    }
    mark_claims(out, &view);
}

// ---- one code ----------------------------------------------------------------------------------

// "wait-timeout/query  tcp, tls; mysql-9.7; mariadb-c", without what is the same everywhere.
static void print_place(FILE *out, const struct view *view, const struct scenario *scenario,
                        const char *variant, const struct spread *spread) {
    cleanup_free char *transports = transports_text(spread->transports);
    cleanup_free char *servers = servers_text(view, spread->servers);
    cleanup_free char *connectors = connectors_text(view, spread->connectors);
    cleanup_free char *name = xprintf("%s%s%s", scenario->name, *variant ? "/" : "", variant);
    fprintf(out, "        %-32s %s; %s; %s\n", name, transports,
            spread->servers == (1U << view->images->server_count) - 1 ? "all servers" : servers,
            connectors);
}

// The cases of a variant stand one after the other.
static void print_scenario(FILE *out, const struct view *view, const struct scenario *scenario,
                           int code) {
    for (size_t i = 0; i < scenario->case_count;) {
        const char *variant = scenario->cases[i].variant;
        struct summary summary = {0};
        for (; i < scenario->case_count && strcmp(scenario->cases[i].variant, variant) == 0; i++)
            add_case(view, &summary, &scenario->cases[i], code);
        if (summary.cases)
            print_place(out, view, scenario, variant, &summary.spread);
    }
}

static bool shows(const struct view *view, const struct scenario *scenario, int code) {
    struct summary ignored = {0};
    for (size_t i = 0; i < scenario->case_count; i++)
        if (add_case(view, &ignored, &scenario->cases[i], code))
            return true;
    return false;
}

void overview_print_code(FILE *out, int code, const struct catalog *catalog,
                         const struct images *images) {
    struct view view = {catalog, images};
    bool any = false;
    for (const struct word *cause = cause_words; cause->name; cause++) {
        bool named = false;
        for (size_t i = 0; i < catalog->count; i++) {
            const struct scenario *scenario = catalog->items[i].scenario;
            if (strcmp(scenario->cause, cause->name) != 0 || !shows(&view, scenario, code))
                continue;
            if (!any)
                fputs("\nCauses that show it, by scenario:\n", out);
            if (!named)
                fprintf(out, "    %s - %s\n", cause->name, cause->doc);
            any = named = true;
            print_scenario(out, &view, scenario, code);
        }
    }
    if (!any)
        fputs("\nNo scenario of the catalogue shows it.\n", out);
}
