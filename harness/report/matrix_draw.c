// SPDX-License-Identifier: Apache-2.0
// matrix_draw.c - a table of what a run has shown, for a terminal
//
//                         libmysqlclient 9.7.4    mariadb-c 3.3.20
//                         mysql-9.7               mysql-9.7
//     ---------------------------------------------------------------
//     kill-idle@tcp       2013                    2013 2006
//       @tls              2013                    2026 2006
//
// Columns that do not fit form another block below, with the same names of rows. A legend at the
// end explains the marks that appear.
#include "report/matrix.h"

#include "base/utf8.h"
#include "plan/causes.h"
#include "plan/codes.h"

#include <string.h>

// Precedes the transport, if there is only one.
#define CORNER "over "

enum {
    GAP = 2,
    WIDEST_CELL = 20,
    WIDEST_TEXT = 16, // in a cell, without its marks
    WIDEST_HEADING = 24,
    LEAST_NAME = 16, // of a row
    LEAST_WIDTH = 40,
    LEAST_TITLE = 40,
    MOST_CODES = 10, // explained in a legend
    MOST_CUT = 8,    // texts that a legend repeats in full
};

const struct cell_sign cell_signs[] = {
    {CELL_CHANGED, "≠", "*", "", "not what was expected"},
    {CELL_VIOLATED, "!", "!", "", "what no correct client does"},
    {CELL_UNSTEADY, "~", "~", "", "differs from one repetition to the next"},
    {CELL_UNMEASURED, "?", "?", "", "unmeasured: no outcome is known to judge it by"},
    {CELL_BROKEN, "", "", "broken:", "proves nothing, for the reason given below"},
    {CELL_HUNG, "", "", "hang:", "a call did not come back"},
    {CELL_DIED, "", "", "crash:", "the app died"},
    {CELL_LACKS, "-", "-", "", "not possible with this connector"},
    {CELL_NOT_RUN, "·", ".", "", "not run"},
    {CELL_SEVERAL, "", "", "2013 2006:", "first 2013, a later call 2006"},
    {0},
};

// ---- the text of a cell ------------------------------------------------------------------------

char *matrix_show(const struct sheet *sheet, const struct matrix_cell *cell, int widest) {
    struct text shown = {0};
    cleanup_free char *safe = sheet_safe(sheet, cell->text, widest);
    text_add(&shown, cell->flags & CELL_BROKEN && !*safe ? "broken" : safe);
    for (const struct cell_sign *sign = cell_signs; sign->flag; sign++)
        if ((cell->flags & (unsigned)sign->flag) && *sign->mark)
            text_printf(&shown, "%s%s", shown.length > 0 ? " " : "",
                        sheet->utf8 ? sign->mark : sign->ascii);
    return shown.data;
}

static enum ink ink_of(const struct matrix_cell *cell) {
    if (cell->flags & CELL_CHANGED)
        return INK_BAD;
    if (cell->flags & (CELL_VIOLATED | CELL_BROKEN | CELL_UNSTEADY))
        return INK_DOUBTFUL;
    if (cell->flags & (CELL_LACKS | CELL_NOT_RUN))
        return INK_DIM;
    return strcmp(cell->text, "ok") == 0 ? INK_GOOD : INK_PLAIN;
}

// The name of a row; below another row of the same scenario, only the difference.
static char *name_of(const struct sheet *sheet, const struct matrix_row *row, bool follows,
                     int width) {
    cleanup_free char *name =
        follows ? xprintf("  %s", row->cases) : xprintf("%s%s", row->scenario, row->cases);
    return sheet_safe(sheet, name, width);
}

// ---- widths ------------------------------------------------------------------------------------

/** A table while it is drawn. */
struct drawing {
    struct sheet *sheet;
    const struct matrix_table *table;
    int width, name_width;
    int *widths;     // of columns
    int title_width; // 0: no room for titles
};

static int length_of(const struct drawing *drawing, const char *text, int widest) {
    cleanup_free char *safe = sheet_safe(drawing->sheet, text, widest);
    return (int)utf8_length(safe);
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static void measure_names(struct drawing *drawing) {
    int widest = larger(drawing->width * 2 / 5, LEAST_NAME);
    drawing->name_width = drawing->table->transport
                              ? (int)strlen(CORNER) + (int)strlen(drawing->table->transport)
                              : 0;
    for (size_t i = 0; i < drawing->table->row_count; i++) {
        const struct matrix_row *row = &drawing->table->rows[i];
        cleanup_free char *name = name_of(drawing->sheet, row, row->follows, widest);
        drawing->name_width = larger(drawing->name_width, (int)utf8_length(name));
    }
}

static void measure_columns(struct drawing *drawing) {
    const struct matrix_table *table = drawing->table;
    for (size_t k = 0; k < table->column_count; k++) {
        drawing->widths[k] = length_of(drawing, table->columns[k]->server, WIDEST_CELL);
        for (size_t i = 0; i < table->row_count; i++) {
            cleanup_free char *shown =
                matrix_show(drawing->sheet, &table->rows[i].cells[k], WIDEST_TEXT);
            drawing->widths[k] = larger(drawing->widths[k], (int)utf8_length(shown));
        }
    }
}

static bool same_connector(const struct matrix_table *table, size_t a, size_t b) {
    return strcmp(table->columns[a]->connector, table->columns[b]->connector) == 0;
}

// The end of the columns from `from` on that belong to the same connector.
static size_t end_of_connector(const struct matrix_table *table, size_t from, size_t end) {
    size_t to = from + 1;
    while (to < end && same_connector(table, from, to))
        to++;
    return to;
}

static int width_of(const struct drawing *drawing, size_t from, size_t to) {
    int width = 0;
    for (size_t i = from; i < to; i++)
        width += drawing->widths[i] + (i > from ? GAP : 0);
    return width;
}

static char *heading_of(const struct matrix_column *column, const char *version) {
    return xprintf("%s%s%s", column->connector, *version ? " " : "", version);
}

// The version of a connector, if all its columns have the same.
static const char *version_of(const struct matrix_table *table, size_t from, size_t to) {
    for (size_t i = from + 1; i < to; i++)
        if (strcmp(table->columns[i]->version, table->columns[from]->version) != 0)
            return "";
    return table->columns[from]->version;
}

// A connector's name and version are above all its columns; the last of them is widened to fit.
static void measure_headings(struct drawing *drawing) {
    const struct matrix_table *table = drawing->table;
    for (size_t from = 0, to; from < table->column_count; from = to) {
        to = end_of_connector(table, from, table->column_count);
        cleanup_free char *heading = heading_of(table->columns[from], version_of(table, from, to));
        int lacking = length_of(drawing, heading, WIDEST_HEADING) - width_of(drawing, from, to);
        drawing->widths[to - 1] += larger(lacking, 0);
    }
}

// If a terminal is wide and there is a single block, the rest of each row shows the scenario's
// title.
static void measure_titles(struct drawing *drawing) {
    const struct matrix_table *table = drawing->table;
    int room = drawing->width - drawing->name_width - GAP -
               width_of(drawing, 0, table->column_count) - GAP;
    bool any = false;
    for (size_t i = 0; i < table->row_count; i++)
        any |= *table->rows[i].title != '\0';
    drawing->title_width = any && room >= LEAST_TITLE ? room : 0;
}

// ---- drawing -----------------------------------------------------------------------------------

static void add_padded(struct sheet *sheet, enum ink ink, int width, const char *text) {
    cleanup_free char *safe = sheet_safe(sheet, text, width);
    sheet_ink(sheet, ink, 0, safe);
    text_printf(&sheet->text, "%*s", width - (int)utf8_length(safe), "");
}

static void add_connectors(const struct drawing *drawing, size_t from, size_t to) {
    struct sheet *sheet = drawing->sheet;
    text_printf(&sheet->text, "%*s", drawing->name_width, "");
    for (size_t i = from, end; i < to; i = end) {
        end = end_of_connector(drawing->table, i, to);
        cleanup_free char *heading =
            heading_of(drawing->table->columns[i], version_of(drawing->table, i, end));
        text_printf(&sheet->text, "%*s", GAP, "");
        add_padded(sheet, INK_BOLD, width_of(drawing, i, end), heading);
    }
    sheet_end_line(sheet);
}

static void add_servers(const struct drawing *drawing, size_t from, size_t to) {
    struct sheet *sheet = drawing->sheet;
    const char *transport = drawing->table->transport;
    cleanup_free char *corner =
        xprintf("%s%s", transport ? CORNER : "", transport ? transport : "");
    add_padded(sheet, INK_DIM, drawing->name_width, corner);
    for (size_t i = from; i < to; i++) {
        text_printf(&sheet->text, "%*s", GAP, "");
        add_padded(sheet, INK_PLAIN, drawing->widths[i], drawing->table->columns[i]->server);
    }
    sheet_end_line(sheet);
}

static void add_rule(const struct drawing *drawing, size_t from, size_t to) {
    struct sheet *sheet = drawing->sheet;
    int width = drawing->name_width + GAP + width_of(drawing, from, to);
    cleanup_text struct text rule = {0};
    for (int i = 0; i < smaller(width, drawing->width); i++)
        text_add(&rule, sheet->utf8 ? "─" : "-");
    sheet_ink(sheet, INK_DIM, 0, text_get(&rule));
    sheet_end_line(sheet);
}

static void add_row(const struct drawing *drawing, const struct matrix_row *row, bool follows,
                    size_t from, size_t to) {
    struct sheet *sheet = drawing->sheet;
    cleanup_free char *name = name_of(sheet, row, follows, drawing->name_width);
    add_padded(sheet, INK_PLAIN, drawing->name_width, name);
    for (size_t i = from; i < to; i++) {
        cleanup_free char *shown = matrix_show(sheet, &row->cells[i], WIDEST_TEXT);
        text_printf(&sheet->text, "%*s", GAP, "");
        sheet_ink(sheet, ink_of(&row->cells[i]), drawing->widths[i], shown);
    }
    if (drawing->title_width > 0 && !follows) {
        cleanup_free char *title = sheet_safe(sheet, row->title, drawing->title_width);
        text_printf(&sheet->text, "%*s", GAP, "");
        sheet_ink(sheet, INK_DIM, 0, title);
    }
    sheet_end_line(sheet);
}

// If rows are scenarios, each group of causes has a heading.
static const char *add_group(const struct drawing *drawing, const struct matrix_row *row,
                             const char *before) {
    const char *group = cause_group_of(row->cause);
    if (drawing->table->by_scenario && group && group != before) {
        sheet_ink(drawing->sheet, INK_DIM, 0, group);
        sheet_end_line(drawing->sheet);
    }
    return group;
}

static void add_block(const struct drawing *drawing, size_t from, size_t to) {
    const char *group = NULL;
    if (from > 0)
        text_add(&drawing->sheet->text, "\n");
    add_connectors(drawing, from, to);
    add_servers(drawing, from, to);
    add_rule(drawing, from, to);
    for (size_t i = 0; i < drawing->table->row_count; i++) {
        const struct matrix_row *row = &drawing->table->rows[i];
        group = add_group(drawing, row, group);
        add_row(drawing, row, row->follows, from, to);
    }
}

// How many columns from `from` on fit side by side, at least one; a connector's stay together if
// they fit into one block.
static size_t end_of_block(const struct drawing *drawing, size_t from) {
    const struct matrix_table *table = drawing->table;
    int room = drawing->width - drawing->name_width - GAP;
    size_t to = from + 1;
    while (to < table->column_count && width_of(drawing, from, to + 1) <= room)
        to++;
    size_t begin = to;
    while (to < table->column_count && begin > from && same_connector(table, begin - 1, to))
        begin--;
    return begin > from ? begin : to;
}

// ---- the legend --------------------------------------------------------------------------------

/** Phrases in succession, on as many lines as they need. */
struct phrases {
    struct sheet *sheet;
    int width, used;
    bool begun;
};

static void add_phrase(struct phrases *phrases, enum ink ink, const char *sign,
                       const char *meaning) {
    enum { BETWEEN = 3 };
    int length = (int)utf8_length(sign) + 1 + (int)utf8_length(meaning);
    if (!phrases->begun)
        text_add(&phrases->sheet->text, "\n");
    phrases->begun = true;
    if (phrases->used > 0 && phrases->used + BETWEEN + length > phrases->width) {
        sheet_end_line(phrases->sheet);
        phrases->used = 0;
    }
    if (phrases->used > 0)
        text_printf(&phrases->sheet->text, "%*s", BETWEEN, "");
    phrases->used += (phrases->used > 0 ? BETWEEN : 0) + length;
    sheet_ink(phrases->sheet, ink, 0, sign);
    text_add(&phrases->sheet->text, *sign ? " " : "");
    sheet_ink(phrases->sheet, INK_DIM, 0, meaning);
}

static void end_phrases(struct phrases *phrases) {
    if (phrases->used > 0)
        sheet_end_line(phrases->sheet);
    phrases->used = 0;
}

/** Error codes, ascending. */
struct numbers {
    size_t count;
    int items[MOST_CODES + 1]; // one more than are explained
};

static void add_code(struct numbers *numbers, int number) {
    size_t at = 0;
    while (at < numbers->count && numbers->items[at] < number)
        at++;
    if ((at < numbers->count && numbers->items[at] == number) || numbers->count > MOST_CODES)
        return;
    memmove(&numbers->items[at + 1], &numbers->items[at], (numbers->count - at) * sizeof(int));
    numbers->items[at] = number;
    numbers->count++;
}

// Adds the codes in a cell: its words that are numbers.
static void add_codes_of(struct numbers *numbers, const char *text) {
    while (*text && numbers->count <= MOST_CODES) {
        size_t length = strcspn(text, ", ");
        size_t digits = strspn(text, "0123456789");
        if (length > 0 && digits == length && length < 9)
            add_code(numbers, (int)strtol(text, NULL, 10));
        text += length + strspn(text + length, ", ");
    }
}

// Names the codes if there are few; with many, `explain` is the better place.
static void add_symbols(const struct drawing *drawing, struct phrases *phrases) {
    const struct matrix_table *table = drawing->table;
    struct numbers numbers = {0};
    int widest = 0;
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t k = 0; k < table->column_count; k++)
            add_codes_of(&numbers, table->rows[i].cells[k].text);
    for (size_t i = 0; i < numbers.count; i++) {
        const struct code *code = code_by_number(numbers.items[i]);
        widest = larger(widest, code ? (int)strlen(code->symbol) : 0);
    }
    for (size_t i = 0; i < numbers.count && numbers.count <= MOST_CODES; i++) {
        const struct code *code = code_by_number(numbers.items[i]);
        cleanup_free char *number = xprintf("%d", numbers.items[i]);
        cleanup_free char *symbol = xprintf("%-*s", widest, code ? code->symbol : "");
        if (code)
            add_phrase(phrases, INK_PLAIN, number, symbol);
    }
}

/** Distinct texts of cells that were cut; the table owns them. */
struct cut {
    size_t count;
    const char *texts[MOST_CUT];
};

static void add_cut(const struct drawing *drawing, struct phrases *phrases, struct cut *cut,
                    const char *text) {
    cleanup_free char *whole = sheet_safe(drawing->sheet, text, drawing->width / 2);
    cleanup_free char *shown = sheet_safe(drawing->sheet, text, WIDEST_TEXT);
    if (strcmp(whole, shown) == 0 || cut->count == MOST_CUT)
        return;
    for (size_t i = 0; i < cut->count; i++)
        if (strcmp(cut->texts[i], text) == 0)
            return;
    cut->texts[cut->count++] = text;
    cleanup_free char *sign = xprintf("%s:", shown);
    add_phrase(phrases, INK_PLAIN, sign, whole);
}

static void add_all_cut(const struct drawing *drawing, struct phrases *phrases) {
    const struct matrix_table *table = drawing->table;
    struct cut cut = {0};
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t k = 0; k < table->column_count; k++)
            add_cut(drawing, phrases, &cut, table->rows[i].cells[k].text);
}

static void add_legend(const struct drawing *drawing) {
    struct sheet *sheet = drawing->sheet;
    struct phrases phrases = {.sheet = sheet, .width = drawing->width};
    add_symbols(drawing, &phrases);
    end_phrases(&phrases);
    add_all_cut(drawing, &phrases);
    end_phrases(&phrases);
    for (const struct cell_sign *sign = cell_signs; sign->flag; sign++) {
        const char *mark = sheet->utf8 ? sign->mark : sign->ascii;
        if (drawing->table->flags & (unsigned)sign->flag)
            add_phrase(&phrases, INK_PLAIN, *sign->word ? sign->word : mark, sign->meaning);
    }
    if (drawing->table->by_scenario)
        add_phrase(&phrases, INK_PLAIN, "A row",
                   "is a scenario with the codes it shows first; -v shows its cases");
    if (drawing->table->left_out > 0) {
        cleanup_free char *count = xprintf("and %d cases", drawing->table->left_out);
        add_phrase(&phrases, INK_PLAIN, count, "of further connectors or servers");
    }
    end_phrases(&phrases);
}

void matrix_draw(struct sheet *sheet, const struct matrix_table *table, int width) {
    cleanup_free int *widths = xcalloc(table->column_count + 1, sizeof *widths);
    struct drawing drawing = {
        .sheet = sheet, .table = table, .width = larger(width, LEAST_WIDTH), .widths = widths};
    measure_names(&drawing);
    measure_columns(&drawing);
    measure_headings(&drawing);
    measure_titles(&drawing);
    for (size_t from = 0, to; from < table->column_count; from = to) {
        to = end_of_block(&drawing, from);
        add_block(&drawing, from, to);
    }
    add_legend(&drawing);
}
