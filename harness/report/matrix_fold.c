// SPDX-License-Identifier: Apache-2.0
// matrix_fold.c - folds a matrix into a table: equal lines share a row
//
// Variants and transports of a scenario with equal cells are one row, if a name such as
// /term,kill@tcp can say which they are. If that leaves too many rows to read, a row is a scenario,
// and a cell has the first codes that its cases show.
#include "report/matrix_lines.h"

#include "plan/causes.h"

#include <stdio.h>
#include <string.h>

// ---- the order of columns and rows -------------------------------------------------------------

static size_t rank_of_server(const struct matrix *matrix, const char *server) {
    size_t i = 0;
    while (i < matrix->server_count && strcmp(matrix->servers[i], server) != 0)
        i++;
    return i;
}

static int column_order(const void *a, const void *b, void *context) {
    const struct matrix_column *one = *(const struct matrix_column *const *)a;
    const struct matrix_column *other = *(const struct matrix_column *const *)b;
    size_t rank = rank_of_server(context, one->server);
    size_t other_rank = rank_of_server(context, other->server);
    int order = strverscmp(one->connector, other->connector);
    if (order == 0 && rank != other_rank)
        return rank < other_rank ? -1 : 1;
    return order ? order : strverscmp(one->server, other->server);
}

static int rank_of_cause(const char *cause) {
    int i = 0;
    while (cause_words[i].name && strcmp(cause_words[i].name, cause) != 0)
        i++;
    return i;
}

// Rows are ordered as in the table of causes.
static int by_cause(const void *a, const void *b) {
    const struct line *one = *(const struct line *const *)a;
    const struct line *other = *(const struct line *const *)b;
    int order = rank_of_cause(one->cause) - rank_of_cause(other->cause);
    if (order == 0)
        order = strcmp(one->cause, other->cause);
    return order ? order : line_order(one, other);
}

static void choose_columns(struct matrix *matrix, struct matrix_table *table) {
    table->column_count = matrix->column_count;
    table->columns = xcalloc(matrix->column_count + 1, sizeof *table->columns);
    for (size_t i = 0; i < matrix->column_count; i++)
        table->columns[i] = &matrix->columns[i];
    qsort_r(table->columns, table->column_count, sizeof *table->columns, column_order, matrix);
}

// ---- cells -------------------------------------------------------------------------------------

// The first word other than success: "2013" in "ok 2013 2006".
static char *first_word(const char *text) {
    const char *at = text_starts(text, "ok ") ? text + strlen("ok ") : text;
    return xprintf("%.*s", (int)strcspn(at, " "), at);
}

/** Distinct words, to be joined. */
struct words {
    size_t count;
    char *items[32];
};

static void add_first(struct words *words, const char *text) {
    char *word = first_word(text);
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i], word) == 0) {
            free(word);
            return;
        }
    if (words->count < COUNT_OF(words->items))
        words->items[words->count++] = word;
    else
        free(word);
}

// "2006, 2013"; success is omitted beside a failure, as in the table of causes. To be freed.
static char *join(struct words *words) {
    struct text text = {0};
    text_add(&text, "");
    qsort(words->items, words->count, sizeof *words->items, text_order);
    for (size_t i = 0; i < words->count; i++) {
        if (words->count == 1 || strcmp(words->items[i], "ok") != 0)
            text_printf(&text, "%s%s", text.length > 0 ? ", " : "", words->items[i]);
        free(words->items[i]);
    }
    words->count = 0;
    return text.data;
}

static const struct seen_cell nothing;

static const struct seen_cell *cell_at(const struct matrix *matrix, const struct line *line,
                                       const struct matrix_column *column) {
    size_t i = (size_t)(column - matrix->columns);
    return i < line->cell_count && line->cells[i].seen ? &line->cells[i] : &nothing;
}

enum { ABSENT = CELL_LACKS | CELL_NOT_RUN };

// A flag seen once outweighs its absence at other times.
static unsigned settle(unsigned flags, size_t count) {
    if (count > 0 || (flags & CELL_BROKEN))
        return flags & ~(unsigned)ABSENT;
    return flags & CELL_LACKS ? flags & ~(unsigned)CELL_NOT_RUN : flags | CELL_NOT_RUN;
}

static struct matrix_cell show_cell(const struct seen_cell *seen) {
    struct words words = {0};
    struct matrix_cell cell = {.flags = settle(seen->flags, seen->count)};
    for (size_t i = 0; i < seen->count; i++)
        add_first(&words, seen->texts[i]);
    if (seen->count > 1)
        cell.flags |= CELL_UNSTEADY;
    cell.text = join(&words);
    if (seen->count == 1) {
        free(cell.text);
        cell.text = xstrdup(seen->texts[0]);
        cell.flags |= strchr(cell.text, ' ') ? CELL_SEVERAL : 0;
    }
    return cell;
}

// Merges the cells of several lines.
static struct matrix_cell show_cells(const struct matrix *matrix, struct line *const *lines,
                                     size_t count, const struct matrix_column *column) {
    struct words words = {0};
    struct matrix_cell cell = {0};
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        const struct seen_cell *one = cell_at(matrix, lines[i], column);
        for (size_t k = 0; k < one->count; k++)
            add_first(&words, one->texts[k]);
        cell.flags |= one->flags | (one->count > 1 ? CELL_UNSTEADY : 0);
        seen += one->count;
    }
    cell.flags = settle(cell.flags, seen);
    cell.text = join(&words);
    return cell;
}

// ---- rows --------------------------------------------------------------------------------------

static struct matrix_row *add_row(struct matrix_table *table, const struct line *line,
                                  char *cases) {
    table->rows = xgrow(table->rows, table->row_count, sizeof *table->rows);
    struct matrix_row *row = &table->rows[table->row_count];
    *row = (struct matrix_row){.scenario = line->scenario,
                               .title = line->title,
                               .cause = line->cause,
                               .cases = cases,
                               .cells = NULL};
    row->follows = table->row_count > 0 && strcmp(row[-1].scenario, row->scenario) == 0;
    row->cells = xcalloc(table->column_count + 1, sizeof *row->cells);
    table->row_count++;
    return row;
}

/** A line of a scenario while it is folded. */
struct part {
    const struct line *line;
    char *sight;         // what its cells show
    unsigned transports; // 1 << each transport over which the same variant shows the same
    unsigned all;        // 1 << each transport of its variant
};

static char *sight_of(const struct matrix *matrix, const struct matrix_table *table,
                      const struct line *line) {
    struct text sight = {0};
    text_add(&sight, "");
    for (size_t i = 0; i < table->column_count; i++) {
        struct matrix_cell cell = show_cell(cell_at(matrix, line, table->columns[i]));
        text_printf(&sight, "%u %s\n", cell.flags, cell.text);
        free(cell.text);
    }
    return sight.data;
}

static int by_sight_and_variant(const void *a, const void *b) {
    const struct part *one = a, *other = b;
    int order = strcmp(one->sight, other->sight);
    return order ? order : line_order(one->line, other->line);
}

// Sorts parts that belong in one row together: same sight, same transports.
static int by_row(const void *a, const void *b) {
    const struct part *one = a, *other = b;
    int order = strcmp(one->sight, other->sight);
    if (order == 0 && one->transports != other->transports)
        order = one->transports < other->transports ? -1 : 1;
    return order ? order : line_order(one->line, other->line);
}

static bool same_variant(const struct part *one, const struct part *other) {
    return strcmp(one->line->variant, other->line->variant) == 0;
}

// Finds for each part over which transports its variant shows the same, and over which it ran.
static void find_transports(struct part *parts, size_t count) {
    qsort(parts, count, sizeof *parts, by_sight_and_variant);
    for (size_t from = 0, to; from < count; from = to) {
        unsigned set = 0;
        for (to = from; to < count && same_variant(&parts[from], &parts[to]) &&
                        strcmp(parts[from].sight, parts[to].sight) == 0;
             to++)
            set |= 1U << parts[to].line->transport;
        for (size_t i = from; i < to; i++)
            parts[i].transports = set;
    }
}

static char *name_row(const struct part *parts, size_t count, size_t variants, bool one_transport) {
    struct text name = {0};
    size_t own = 0;
    bool all = true;
    text_add(&name, "");
    for (size_t i = 0; i < count; i++) {
        own += i == 0 || !same_variant(&parts[i - 1], &parts[i]);
        all &= parts[i].transports == parts[i].all;
    }
    bool named = own < variants || (own == 1 && *parts->line->variant);
    for (size_t i = 0; i < count && named; i++)
        if (i == 0 || !same_variant(&parts[i - 1], &parts[i]))
            text_printf(&name, "%s%s", i == 0 ? "/" : ",", parts[i].line->variant);
    for (int i = 0, begun = 0; i < TRANSPORT_COUNT && !all && !one_transport; i++)
        if (parts->transports & (1U << i))
            text_printf(&name, "%s%s", begun++ ? "," : "@", transport_words[i].name);
    return name.data;
}

static void fill_row(const struct matrix *matrix, struct matrix_table *table,
                     const struct part *parts, size_t count, size_t variants) {
    char *cases = name_row(parts, count, variants, table->transport != NULL);
    struct matrix_row *row = add_row(table, parts->line, cases);
    for (size_t i = 0; i < table->column_count; i++)
        row->cells[i] = show_cell(cell_at(matrix, parts->line, table->columns[i]));
}

/** Parts that become a row: index of the first, and count. */
struct span {
    const struct part *parts;
    size_t count;
};

static int by_first(const void *a, const void *b) {
    const struct span *one = a, *other = b;
    return line_order(one->parts->line, other->parts->line);
}

// How many variants there are in the sorted lines, and over which transports each ran.
static size_t survey(struct part *parts, size_t count) {
    size_t variants = 0;
    for (size_t from = 0, to; from < count; from = to, variants++) {
        unsigned all = 0;
        for (to = from; to < count && same_variant(&parts[from], &parts[to]); to++)
            all |= 1U << parts[to].line->transport;
        for (size_t i = from; i < to; i++)
            parts[i].all = all;
    }
    return variants;
}

static void fold_scenario(const struct matrix *matrix, struct matrix_table *table,
                          struct line *const *lines, size_t count) {
    cleanup_free struct part *parts = xcalloc(count, sizeof *parts);
    cleanup_free struct span *spans = xcalloc(count, sizeof *spans);
    size_t span_count = 0;
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct part){.line = lines[i], .sight = sight_of(matrix, table, lines[i])};
    size_t variants = survey(parts, count);
    find_transports(parts, count);
    qsort(parts, count, sizeof *parts, by_row);
    for (size_t i = 0; i < count; i++)
        if (i > 0 && parts[i].transports == parts[i - 1].transports &&
            strcmp(parts[i].sight, parts[i - 1].sight) == 0)
            spans[span_count - 1].count++;
        else
            spans[span_count++] = (struct span){&parts[i], 1};
    qsort(spans, span_count, sizeof *spans, by_first);
    for (size_t i = 0; i < span_count; i++)
        fill_row(matrix, table, spans[i].parts, spans[i].count, variants);
    for (size_t i = 0; i < count; i++)
        free(parts[i].sight);
}

static void sum_scenario(const struct matrix *matrix, struct matrix_table *table,
                         struct line *const *lines, size_t count) {
    struct matrix_row *row = add_row(table, lines[0], xstrdup(""));
    for (size_t i = 0; i < table->column_count; i++)
        row->cells[i] = show_cells(matrix, lines, count, table->columns[i]);
}

typedef void scenario_folder(const struct matrix *matrix, struct matrix_table *table,
                             struct line *const *lines, size_t count);

static void each_scenario(const struct matrix *matrix, struct matrix_table *table,
                          scenario_folder *fold) {
    for (size_t from = 0, to; from < matrix->line_count; from = to) {
        for (to = from; to < matrix->line_count &&
                        strcmp(matrix->lines[from]->scenario, matrix->lines[to]->scenario) == 0;
             to++)
            ;
        fold(matrix, table, matrix->lines + from, to - from);
    }
}

static void release_rows(struct matrix_table *table) {
    for (size_t i = 0; i < table->row_count; i++) {
        for (size_t k = 0; k < table->column_count; k++)
            free(table->rows[i].cells[k].text);
        free(table->rows[i].cells);
        free(table->rows[i].cases);
    }
    free(table->rows);
    table->rows = NULL;
    table->row_count = 0;
}

static const char *only_transport(const struct matrix *matrix) {
    for (size_t i = 1; i < matrix->line_count; i++)
        if (matrix->lines[i]->transport != matrix->lines[0]->transport)
            return NULL;
    return matrix->line_count > 0 ? transport_words[matrix->lines[0]->transport].name : NULL;
}

// If all cells of a connector are unmeasured, a mark on each would say nothing.
static void unmark_unmeasured(struct matrix_table *table) {
    bool others = false;
    for (size_t i = 0; i < table->row_count * table->column_count; i++) {
        unsigned flags = table->rows[i / table->column_count].cells[i % table->column_count].flags;
        others |= !(flags & (CELL_UNMEASURED | ABSENT));
    }
    for (size_t i = 0; !others && i < table->row_count * table->column_count; i++)
        table->rows[i / table->column_count].cells[i % table->column_count].flags &=
            ~(unsigned)CELL_UNMEASURED;
}

void matrix_fold(struct matrix *matrix, size_t most, struct matrix_table *ret_table) {
    *ret_table = (struct matrix_table){.left_out = matrix->left_out};
    choose_columns(matrix, ret_table);
    if (matrix->line_count > 0)
        qsort(matrix->lines, matrix->line_count, sizeof(struct line *), by_cause);
    ret_table->transport = only_transport(matrix);
    each_scenario(matrix, ret_table, fold_scenario);
    if (ret_table->row_count > most) {
        release_rows(ret_table);
        ret_table->by_scenario = true;
        each_scenario(matrix, ret_table, sum_scenario);
    }
    unmark_unmeasured(ret_table);
    for (size_t i = 0; i < ret_table->row_count; i++)
        for (size_t k = 0; k < ret_table->column_count; k++)
            ret_table->flags |= ret_table->rows[i].cells[k].flags;
}

void matrix_table_release(struct matrix_table *table) {
    release_rows(table);
    free(table->columns);
    *table = (struct matrix_table){0};
}
