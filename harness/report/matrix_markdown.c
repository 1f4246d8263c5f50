// SPDX-License-Identifier: Apache-2.0
// matrix_markdown.c - a table of what a run has shown, as Markdown
#include "report/markdown.h"
#include "report/matrix.h"

#include "plan/causes.h"

enum { NAME_WIDTH = 80 };

static const struct sheet utf8 = {.utf8 = true};

static void add_heading(struct text *out, const struct matrix_table *table) {
    text_add(out, "|");
    if (table->transport)
        text_printf(out, " over %s", table->transport);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct matrix_column *column = table->columns[i];
        text_add(out, " | ");
        markdown_escape(out, column->connector, NAME_WIDTH);
        text_add(out, *column->version ? " " : "");
        markdown_escape(out, column->version, NAME_WIDTH);
        text_add(out, *column->server ? "<br>" : "");
        markdown_escape(out, column->server, NAME_WIDTH);
    }
    text_add(out, " |\n|---|");
    for (size_t i = 0; i < table->column_count; i++)
        text_add(out, "---|");
    text_add(out, "\n");
}

static void add_row(struct text *out, const struct matrix_table *table,
                    const struct matrix_row *row) {
    cleanup_free char *name = xprintf("%s%s", row->scenario, row->cases);
    text_add(out, "| ");
    markdown_escape(out, name, NAME_WIDTH);
    for (size_t i = 0; i < table->column_count; i++) {
        cleanup_free char *shown = matrix_show(&utf8, &row->cells[i], NAME_WIDTH - 4);
        text_add(out, " | ");
        markdown_escape(out, shown, NAME_WIDTH);
    }
    text_add(out, " |\n");
}

// If rows are scenarios, each group of causes has a heading.
static const char *add_group(struct text *out, const struct matrix_table *table,
                             const struct matrix_row *row, const char *before) {
    const char *group = table->by_scenario ? cause_group_of(row->cause) : NULL;
    if (group && group != before) {
        text_printf(out, "| **%s** |", group);
        for (size_t i = 0; i < table->column_count; i++)
            text_add(out, " |");
        text_add(out, "\n");
    }
    return group;
}

static void add_legend(struct text *out, const struct matrix_table *table) {
    const char *between = "\n";
    for (const struct cell_sign *sign = cell_signs; sign->flag; sign++) {
        if (!(table->flags & (unsigned)sign->flag))
            continue;
        text_add(out, between);
        markdown_escape(out, *sign->word ? sign->word : sign->mark, NAME_WIDTH);
        text_printf(out, " %s", sign->meaning);
        between = "; ";
    }
    text_add(out, *between == ';' ? ".\n" : "");
    if (table->by_scenario)
        text_add(out, "\nA row is a scenario with the codes it shows first.\n");
    if (table->left_out > 0)
        text_printf(out, "\nAnd %d cases of further connectors or servers.\n", table->left_out);
}

void matrix_write(struct text *out, const struct matrix_table *table, size_t most) {
    const char *group = NULL;
    size_t from = out->length, i = 0;
    if (table->row_count == 0)
        return;
    add_heading(out, table);
    for (; i < table->row_count && out->length - from < most; i++) {
        group = add_group(out, table, &table->rows[i], group);
        add_row(out, table, &table->rows[i]);
    }
    if (i < table->row_count)
        text_printf(out, "\nAnd %zu more rows, for which there is no room here.\n",
                    table->row_count - i);
    add_legend(out, table);
    text_add(out, "\n");
}
