// SPDX-License-Identifier: Apache-2.0
// matrix_page.c - scenarios/MATRIX.md, from what each connector was measured to do
#include "explain/matrix_page.h"

#include "base/text.h"
#include "baseline/cell.h"
#include "batch/measured.h"
#include "explain/matrix_tables.h"
#include "explain/surprises.h"
#include "report/markdown.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_WIDTH = 120 };

/** How a connector did in the cases on one server. */
struct score {
    size_t cases, kept;
};

// "pymysql 1.0.2", to be freed
static char *connector_name(const struct measured_place *measured) {
    const struct place *place = &measured->place;
    return xprintf("%s%s%s", place->connector, *place->connector_version ? " " : "",
                   place->connector_version);
}

// ---- score -------------------------------------------------------------------------------------

static struct score count_score(const struct measured_place *measured,
                                const struct catalog *catalog) {
    struct score score = {0};
    for (size_t i = 0; i < catalog->count; i++) {
        const struct scenario *scenario = catalog->items[i].scenario;
        for (size_t k = 0; k < scenario->case_count; k++) {
            const struct plan_row *row = measured_row(measured, &scenario->cases[k]);
            score.cases += row != NULL;
            score.kept += row && !plan_find_violation(&scenario->cases[k], &measured->place, row);
        }
    }
    return score;
}

static void print_scores(FILE *out, const struct measured *measured,
                         const struct catalog *catalog) {
    fputs("## How many promises each keeps\n\n"
          "| connector | server | cases | kept | not kept |\n|---|---|---:|---:|---:|\n",
          out);
    for (size_t i = 0; i < measured->count; i++) {
        const struct measured_place *one = &measured->items[i];
        struct score score = count_score(one, catalog);
        cleanup_free char *name = connector_name(one);
        fprintf(out, "| %s | %s %s | %zu | %zu | %zu |\n", name, one->place.server,
                one->place.server_version, score.cases, score.kept, score.cases - score.kept);
    }
}

// ---- where they part ---------------------------------------------------------------------------

/** A connector's first violation of a scenario's promise. */
struct violation {
    char *connector; ///< NULL: none
    const char *server;
    const char *id, *step, *why; ///< of the first case; `why`: NULL if unexplained
    char *cell;                  ///< how the step ended
    bool printed;
};

static struct violation find_first(const struct measured_place *measured,
                                   const struct scenario *scenario) {
    for (size_t i = 0; i < scenario->case_count; i++) {
        const struct plan_case *plan = &scenario->cases[i];
        const struct plan_row *row = measured_row(measured, plan);
        const char *step = row ? plan_find_violation(plan, &measured->place, row) : NULL;
        if (step)
            return (struct violation){.connector = connector_name(measured),
                                      .server = measured->place.server,
                                      .id = plan->id,
                                      .step = step,
                                      .why = row->violates,
                                      .cell =
                                          cell_of_expectation(plan_find_expectation(row, step))};
    }
    return (struct violation){0};
}

static bool is_alike(const struct violation *one, const struct violation *other) {
    return one->connector && strcmp(one->id, other->id) == 0 &&
           strcmp(one->step, other->step) == 0 && strcmp(one->cell, other->cell) == 0 &&
           strcmp(one->why ? one->why : "", other->why ? other->why : "") == 0;
}

// Prints a violation together with equal ones of other connectors; a connector that does the same
// on further servers is not listed again.
static void print_violation(FILE *out, struct violation *violations, size_t count, size_t at) {
    struct violation *first = &violations[at];
    fputs("  - ", out);
    for (size_t i = at; i < count; i++) {
        struct violation *one = &violations[i];
        bool said = i > at && one->printed;
        if (!one->connector || said || !is_alike(one, first))
            continue;
        fprintf(out, "%s%s", i > at ? ", " : "", one->connector);
        for (size_t k = 0; k < count; k++)
            if (violations[k].connector && strcmp(violations[k].connector, one->connector) == 0)
                violations[k].printed = true;
    }
    fprintf(out, ": `%s` of `%s` on %s ends with `%s`", first->step, first->id, first->server,
            first->cell);
    if (first->why) {
        cleanup_text struct text why = {0};
        markdown_escape(&why, first->why, NAME_WIDTH * 8);
        fprintf(out, "; %s", text_get(&why));
    }
    fputs("\n", out);
}

// Newer servers first, since people upgrade to them.
static void print_scenario(FILE *out, const struct measured *measured,
                           const struct scenario *scenario) {
    size_t count = measured->count;
    struct violation *violations = xcalloc(count + 1, sizeof *violations);
    bool begun = false;
    for (size_t i = 0; i < count; i++)
        violations[i] = find_first(&measured->items[i], scenario);
    for (size_t i = 0; i < count; i++) {
        if (!violations[i].connector || violations[i].printed)
            continue;
        if (!begun)
            fprintf(out, "- %s: `goneaway explain %s`\n", scenario->title, scenario->name);
        begun = true;
        print_violation(out, violations, count, i);
    }
    for (size_t i = 0; i < count; i++) {
        free(violations[i].connector);
        free(violations[i].cell);
    }
    free(violations);
}

// ---- the page ----------------------------------------------------------------------------------

// What each cell says, before the first of them.
static void print_legend(FILE *out) {
    fputs(
        "# What each connector does at each failure\n\n"
        "Generated by `make matrix` from `fixtures/measured` and the scenarios' outcomes: what was "
        "seen, not what ought to be.\n[matrix.json](matrix.json) has the same for programs, and "
        "[lost.json](lost.json) which errors of each connector mean that its\nconnection is "
        "lost.\n\nA cell of the tables has the error numbers, or a client's own classes, that the "
        "scenario's cases show first, and a mark:\n\n"
        "| mark | meaning |\n|---|---|\n"
        "| 2013 ✓ | keeps its promise in every case: what any correct client does (`goneaway list "
        "promises`), whatever its codes |\n"
        "| 2013 ✗ | breaks it in at least one case; [the list at the end](#every-promise-that-is-"
        "broken) says where |\n"
        "| ✓~ | repetitions of a case differ |\n"
        "| – | the connector cannot do what the scenario asks for, or was measured before there "
        "was such a scenario |\n"
        "| | the scenario is not for this connector, or not for this server |\n\n"
        "`ok` means that no call fails, `hang` that one does not return, `crash` that the program "
        "dies. `goneaway explain SCENARIO`\ntells what happens in a row, and `goneaway run "
        "SCENARIO "
        "--connector NAME` shows it.\n\n",
        out);
}

static void print_broken(FILE *out, const struct measured *measured,
                         const struct catalog *catalog) {
    fputs("## Every promise that is broken\n\n"
          "For each failure at which somebody does not keep the promise: who, and the first step "
          "and case that show it.\n\n",
          out);
    for (size_t i = 0; i < catalog->count; i++)
        print_scenario(out, measured, catalog->items[i].scenario);
}

int matrix_page_print(FILE *out, const char *home, const struct catalog *catalog, struct err *err) {
    cleanup_measured struct measured measured;
    if (measured_open(&measured, home, err) < 0)
        return -1;
    measured_keep_compared(&measured);
    print_legend(out);
    print_scores(out, &measured, catalog);
    fputs("\nCases that a connector cannot carry out, or that this machine could not, are not "
          "counted.\n\n",
          out);
    surprises_print(out, &measured, catalog);
    matrix_tables_print(out, &measured, catalog);
    print_broken(out, &measured, catalog);
    return 0;
}
