// SPDX-License-Identifier: Apache-2.0
// matrix_page.c - scenarios/MATRIX.md, from what each connector was measured to do
#include "explain/matrix_page.h"

#include "base/text.h"
#include "baseline/cell.h"
#include "batch/measured.h"
#include "report/markdown.h"
#include "report/matrix.h"

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
        bool said = i > at && one->connector && one->printed;
        if (said || !is_alike(one, first))
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

// ---- tables ------------------------------------------------------------------------------------

static const struct expectation *alternative(const struct expectation *one, size_t number) {
    for (; number > 0 && one->or_else; number--)
        one = one->or_else;
    return one;
}

static size_t count_alternatives(const struct plan_row *row) {
    size_t most = 1;
    for (size_t i = 0; i < row->count; i++) {
        size_t count = 1;
        for (const struct expectation *one = row->expectations[i]; one->or_else; one = one->or_else)
            count++;
        most = count > most ? count : most;
    }
    return most;
}

// A record of what the row expects, as if it had run, each alternative as a repetition.
static struct record *make_record(const struct measured_place *measured,
                                  const struct plan_case *plan, const struct plan_row *row,
                                  size_t number) {
    struct record *record = record_new(plan->id);
    record->connector = connector_name(measured);
    record->server = xstrdup("");
    for (size_t i = 0; i < plan->step_count; i++) {
        const char *id = plan->steps[i].id;
        const struct expectation *cell = id ? plan_find_expectation(row, id) : NULL;
        if (!cell)
            continue;
        cell = alternative(cell, number);
        struct record_step *step = record_add_step(record);
        step->id = xstrdup(id);
        step->actor = xstrdup("app");
        step->outcome = cell->kind;
        step->error = cell->kind == OUTCOME_ERROR && cell->code > 0 ? cell->code : 0;
        step->native = cell->native ? xstrdup(cell->native) : NULL;
    }
    return record;
}

static void add_case(struct matrix *matrix, const struct measured_place *measured,
                     const struct plan_case *plan, const struct plan_row *row) {
    bool violated = plan_find_violation(plan, &measured->place, row) != NULL;
    for (size_t i = 0, count = count_alternatives(row); i < count; i++) {
        cleanup_record struct record *record = make_record(measured, plan, row, i);
        const struct verdict verdict = {.kind = VERDICT_PASS,
                                        .why = (char *)"",
                                        .step = -1,
                                        .promise = violated ? PROMISE_VIOLATED : PROMISE_KEPT};
        const struct report_case result = {.plan = plan, .record = record, .verdict = &verdict};
        matrix_add(matrix, &result);
    }
}

static void print_table(FILE *out, const struct measured *measured, const struct catalog *catalog,
                        const char *server) {
    enum { MOST_BYTES = 4 << 20 };
    struct matrix *matrix = matrix_open();
    struct matrix_table table;
    cleanup_text struct text text = {0};
    for (size_t i = 0; i < measured->count; i++) {
        const struct measured_place *one = &measured->items[i];
        for (size_t k = 0; k < catalog->count && strcmp(one->place.server, server) == 0; k++) {
            const struct scenario *scenario = catalog->items[k].scenario;
            for (size_t c = 0; c < scenario->case_count; c++) {
                const struct plan_row *row = measured_row(one, &scenario->cases[c]);
                if (row)
                    add_case(matrix, one, &scenario->cases[c], row);
            }
        }
    }
    matrix_fold(matrix, 0, &table);
    matrix_write(&text, &table, MOST_BYTES);
    fprintf(out, "\n## %s\n\n%s", server, text_get(&text));
    matrix_table_release(&table);
    matrix_close(matrix);
}

int matrix_page_print(FILE *out, const char *home, const struct catalog *catalog, struct err *err) {
    cleanup_measured struct measured measured;
    if (measured_open(&measured, home, err) < 0)
        return -1;
    fputs("# What each connector does at each failure\n\n"
          "Generated by `make matrix` from `fixtures/measured` and the scenarios' outcomes: what "
          "was seen, not what ought to be.\nA promise is what any correct client does "
          "(`goneaway list promises`); error numbers play no part in it.\n\n",
          out);
    print_scores(out, &measured, catalog);
    fputs("\nCases that a connector cannot carry out, or that this machine could not, are not "
          "counted.\n\n## Where they part\n\n"
          "For each failure at which somebody does not keep the promise: who, and the first step "
          "and case that show it.\n\n",
          out);
    for (size_t i = 0; i < catalog->count; i++)
        print_scenario(out, &measured, catalog->items[i].scenario);
    const char *before = "";
    for (size_t i = 0; i < measured.count; i++) {
        const char *server = measured.items[i].place.server;
        if (strcmp(server, before) != 0)
            print_table(out, &measured, catalog, server);
        before = server;
    }
    return 0;
}
