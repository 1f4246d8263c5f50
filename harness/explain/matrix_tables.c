// SPDX-License-Identifier: Apache-2.0
// matrix_tables.c - the tables of scenarios/MATRIX.md: a row for each scenario, a column for each
// connector
#include "explain/matrix_tables.h"

#include "base/text.h"
#include "plan/causes.h"
#include "report/markdown.h"
#include "report/matrix.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_WIDTH = 120, MOST_COLUMNS = 64 }; // columns: as report/matrix_lines.h has it

// ---- collecting --------------------------------------------------------------------------------

// "pymysql 1.0.2", to be freed
static char *name_of(const struct place *place) {
    return xprintf("%s%s%s", place->connector, *place->connector_version ? " " : "",
                   place->connector_version);
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
    record->connector = name_of(&measured->place);
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

static struct matrix *collect(const struct measured *measured, const struct catalog *catalog,
                              const char *server) {
    struct matrix *matrix = matrix_open();
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
    return matrix;
}

// ---- writing -----------------------------------------------------------------------------------

/** A table as it is written. */
struct page_table {
    const struct measured *measured;
    const struct catalog *catalog;
    const char *server;
    const struct matrix_table *table;
    const struct measured_place *places[MOST_COLUMNS]; // of each column
    bool same[MOST_COLUMNS]; // as the column before, which stands for both
};

static const struct measured_place *place_of(const struct page_table *sheet, size_t column) {
    for (size_t i = 0; i < sheet->measured->count; i++) {
        const struct place *place = &sheet->measured->items[i].place;
        cleanup_free char *name = name_of(place);
        if (strcmp(place->server, sheet->server) == 0 &&
            strcmp(name, sheet->table->columns[column]->connector) == 0)
            return &sheet->measured->items[i];
    }
    return NULL;
}

static const struct scenario *scenario_named(const struct catalog *catalog, const char *name) {
    for (size_t i = 0; i < catalog->count; i++)
        if (strcmp(catalog->items[i].scenario->name, name) == 0)
            return catalog->items[i].scenario;
    return NULL;
}

// "2013 ✓", to be freed
static char *cell_text(const struct page_table *sheet, const struct matrix_row *row,
                       size_t column) {
    const struct matrix_cell *cell = &row->cells[column];
    const struct scenario *scenario = scenario_named(sheet->catalog, row->scenario);
    struct text text = {0};
    text_add(&text, "");
    if (cell->flags & CELL_NOT_RUN) {
        bool is_for = sheet->places[column] && measured_is_for(sheet->places[column], scenario);
        text_add(&text, is_for ? "–" : "");
        return text.data;
    }
    markdown_escape(&text, cell->text, NAME_WIDTH);
    text_printf(&text, " %s%s", cell->flags & CELL_VIOLATED ? "✗" : "✓",
                cell->flags & CELL_UNSTEADY ? "~" : "");
    return text.data;
}

// Whether two columns are of one connector, and alike in all rows.
static bool is_same_column(const struct page_table *sheet, size_t one, size_t other) {
    bool same =
        sheet->places[one] && sheet->places[other] &&
        strcmp(sheet->places[one]->place.connector, sheet->places[other]->place.connector) == 0;
    for (size_t i = 0; same && i < sheet->table->row_count; i++) {
        cleanup_free char *left = cell_text(sheet, &sheet->table->rows[i], one);
        cleanup_free char *right = cell_text(sheet, &sheet->table->rows[i], other);
        same = strcmp(left, right) == 0;
    }
    return same;
}

static void print_heading(FILE *out, const struct page_table *sheet) {
    const struct matrix_table *table = sheet->table;
    cleanup_text struct text text = {0};
    fprintf(out, "## %s\n\n|", sheet->server);
    for (size_t i = 0; i < table->column_count; i++) {
        text_add(&text, sheet->same[i] ? ", " : " | ");
        markdown_escape(&text,
                        sheet->same[i] ? sheet->places[i]->place.connector_version
                                       : table->columns[i]->connector,
                        NAME_WIDTH);
    }
    fprintf(out, "%s |\n|---|", text_get(&text));
    for (size_t i = 0; i < table->column_count; i++)
        fputs(sheet->same[i] ? "" : "---|", out);
    fputs("\n", out);
}

// A line with the name of a group of causes where it begins.
static void print_group(FILE *out, const struct page_table *sheet, const char *group) {
    fprintf(out, "| **%s** |", group);
    for (size_t i = 0; i < sheet->table->column_count; i++)
        fputs(sheet->same[i] ? "" : " |", out);
    fputs("\n", out);
}

static void print_sheet(FILE *out, const struct page_table *sheet) {
    const char *before = NULL;
    print_heading(out, sheet);
    for (size_t i = 0; i < sheet->table->row_count; i++) {
        const struct matrix_row *row = &sheet->table->rows[i];
        const char *group = cause_group_of(row->cause);
        if (group && group != before)
            print_group(out, sheet, group);
        before = group;
        fprintf(out, "| %s", row->scenario);
        for (size_t k = 0; k < sheet->table->column_count; k++) {
            cleanup_free char *text = cell_text(sheet, row, k);
            if (!sheet->same[k])
                fprintf(out, " | %s", text);
        }
        fputs(" |\n", out);
    }
    fputs("\n", out);
}

static void print_server(FILE *out, const struct measured *measured, const struct catalog *catalog,
                         const char *server) {
    struct matrix *matrix = collect(measured, catalog, server);
    cleanup_table struct matrix_table table;
    matrix_fold(matrix, 0, &table);
    struct page_table sheet = {
        .measured = measured, .catalog = catalog, .server = server, .table = &table};
    for (size_t i = 0; i < table.column_count; i++)
        sheet.places[i] = place_of(&sheet, i);
    for (size_t i = 1; i < table.column_count; i++)
        sheet.same[i] = is_same_column(&sheet, i - 1, i);
    print_sheet(out, &sheet);
    matrix_close(matrix);
}

void matrix_tables_print(FILE *out, const struct measured *measured,
                         const struct catalog *catalog) {
    const char *before = "";
    for (size_t i = 0; i < measured->count; i++) {
        const char *server = measured->items[i].place.server;
        if (strcmp(server, before) != 0)
            print_server(out, measured, catalog, server);
        before = server;
    }
}
