// SPDX-License-Identifier: Apache-2.0
// html.c - the report as one self-contained page: counts, filters, the matrix, each case
//
// It fetches nothing, which its own policy enforces; texts from outside are escaped
// (html_escape()). Without scripts there are no filters, and only the first case that did not pass
// can be opened.
#include "report/html.h"

#include "report/matrix.h"

#include <stdio.h>
#include <string.h>

// Files in this folder, embedded into the program.
#define FILE_TEXT(name, file)                                                                      \
    __asm__(".pushsection .rodata\n"                                                               \
            "page_" #name ": .incbin \"harness/report/" file "\"\n"                                \
            ".byte 0\n"                                                                            \
            ".popsection\n");                                                                      \
    extern const char page_##name[]
FILE_TEXT(css, "page.css");
FILE_TEXT(js, "page.js");

struct html {
    FILE *file;
    struct text place; // the run's line, and one for each server
    struct text cases;
    struct matrix *matrix;
    int planned, count;
    bool opened; // the first case that did not pass was shown open
};

static void *html_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    struct html *html = xcalloc(1, sizeof *html);
    html->file = file;
    html->matrix = matrix_open();
    return html;
}

static void html_close(void *state) {
    struct html *html = state;
    matrix_close(html->matrix);
    text_release(&html->place);
    text_release(&html->cases);
    free(html);
}

static void html_begin(void *state, const struct report_run *run) {
    struct html *html = state;
    cleanup_free char *line =
        xprintf("goneaway %s, %s on %s", run->version ? run->version : "",
                run->kernel ? run->kernel : "", run->machine ? run->machine : "");
    html_escape(&html->place, line);
    for (size_t i = 0; i < run->server_count; i++) {
        cleanup_free char *server = detail_server_line(&run->servers[i]);
        text_add(&html->place, "<br>");
        html_escape(&html->place, server);
    }
    html->planned = run->planned;
    matrix_order(html->matrix, run);
}

static void html_case(void *state, const struct report_case *result) {
    struct html *html = state;
    bool open = !html->opened && verdict_is_trouble(result->verdict->kind);
    html->opened |= open;
    html->count++;
    matrix_add(html->matrix, result);
    html_add_case(&html->cases, result, open);
}

// ---- the matrix --------------------------------------------------------------------------------

static void add_cell(struct text *out, const struct matrix_cell *cell) {
    enum { WIDEST = 40 };
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_free char *shown = matrix_show(&utf8, cell, WIDEST);
    text_add(out, cell->flags & (CELL_CHANGED | CELL_VIOLATED | CELL_BROKEN)
                      ? "<td class=\"trouble\">"
                      : "<td>");
    html_escape(out, shown);
    text_add(out, "</td>");
}

static void add_row(struct text *out, const struct matrix_table *table,
                    const struct matrix_row *row) {
    text_add(out, "<tr><th scope=\"row\"");
    if (row->title) {
        text_add(out, " title=\"");
        html_escape(out, row->title);
        text_add(out, "\"");
    }
    text_add(out, ">");
    html_escape(out, row->scenario);
    html_escape(out, row->cases);
    text_add(out, "</th>");
    for (size_t i = 0; i < table->column_count; i++)
        add_cell(out, &row->cells[i]);
    text_add(out, "</tr>\n");
}

static void add_legend(struct text *out, const struct matrix_table *table) {
    text_add(out, "<p class=\"dim\">");
    for (const struct cell_sign *sign = cell_signs; sign->flag; sign++) {
        if (!(table->flags & (unsigned)sign->flag))
            continue;
        html_escape(out, *sign->word ? sign->word : sign->mark);
        text_printf(out, " %s. ", sign->meaning);
    }
    if (table->left_out > 0)
        text_printf(out, "And %d cases of further connectors or servers.", table->left_out);
    text_add(out, "</p>\n");
}

static void add_matrix(struct text *out, struct html *html) {
    enum { ROWS_MOST = 400 };
    cleanup_table struct matrix_table table = {0};
    matrix_fold(html->matrix, ROWS_MOST, &table);
    if (table.row_count == 0)
        return;
    text_add(out,
             "<h2>What was seen</h2>\n<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><td>");
    text_printf(out, "%s%s</td>", table.transport ? "over " : "",
                table.transport ? table.transport : "");
    for (size_t i = 0; i < table.column_count; i++) {
        cleanup_free char *name =
            xprintf("%s %s", table.columns[i]->connector, table.columns[i]->version);
        text_add(out, "<th scope=\"col\">");
        html_escape(out, name);
        text_add(out, "<br>");
        html_escape(out, table.columns[i]->server);
        text_add(out, "</th>");
    }
    text_add(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < table.row_count; i++)
        add_row(out, &table, &table.rows[i]);
    text_add(out, "</tbody></table></div>\n");
    add_legend(out, &table);
}

// ---- the page ----------------------------------------------------------------------------------

static char *headline(const struct html *html, const struct report_summary *summary) {
    int trouble = 0;
    for (int i = 0; i < VERDICT_COUNT; i++)
        trouble += verdict_is_trouble((enum verdict_kind)i) ? summary->counts[i] : 0;
    if (trouble == 0)
        return xprintf("goneaway: %d case%s as expected", summary->counts[VERDICT_PASS],
                       summary->counts[VERDICT_PASS] == 1 ? "" : "s");
    return xprintf("goneaway: %d of %d cases not as expected", trouble, html->count);
}

static void add_counts(struct text *out, const struct report_summary *summary) {
    text_add(out, "<ul class=\"counts\">");
    for (int i = 0; i < VERDICT_COUNT; i++)
        if (summary->counts[i] > 0)
            text_printf(out, "<li>%d %s</li>", summary->counts[i], verdict_names[i]);
    text_add(out, "</ul>\n");
}

static void add_filters(struct text *out, const struct report_summary *summary) {
    text_add(out, "<h2>Cases</h2>\n<form hidden role=\"search\">"
                  "<label>Name or reason<input type=\"search\" name=\"find\"></label>"
                  "<label>Verdict<select name=\"verdict\"><option value=\"\">all</option>"
                  "<option value=\"trouble\">not as expected</option>");
    for (int i = 0; i < VERDICT_COUNT; i++)
        if (summary->counts[i] > 0)
            text_printf(out, "<option>%s</option>", verdict_names[i]);
    text_add(
        out,
        "</select></label>"
        "<label>Server<select name=\"server\"><option value=\"\">all</option></select></label>"
        "<label>Connector<select name=\"connector\"><option value=\"\">all</option></select>"
        "</label></form>\n<noscript>Filters, and what is behind each case, need this page's own "
        "script.</noscript>\n<p id=\"shown\" class=\"dim\" aria-live=\"polite\"></p>\n");
}

void html_begin_page(struct text *out, const char *title) {
    text_printf(out,
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'unsafe-inline'; script-src 'unsafe-inline'; form-action 'none'\">\n"
                "<title>%s</title>\n<style>\n%s</style></head>\n<body>\n<h1>%s</h1>\n",
                title, page_css, title);
}

static void html_end(void *state, const struct report_summary *summary) {
    struct html *html = state;
    cleanup_text struct text page = {0}, time = {0};
    cleanup_free char *title = headline(html, summary);
    detail_duration(&time, summary->ms);
    html_begin_page(&page, title);
    if (summary->interrupted)
        text_printf(&page, "<p><strong>Interrupted after %d of %d cases.</strong></p>\n",
                    html->count, html->planned);
    add_counts(&page, summary);
    text_printf(&page, "<p class=\"dim\">%s<br>in %s</p>\n", text_get(&html->place),
                text_get(&time));
    add_matrix(&page, html);
    add_filters(&page, summary);
    fputs(text_get(&page), html->file);
    fputs(text_get(&html->cases), html->file);
    fprintf(html->file, "<script>\n%s</script>\n</body></html>\n", page_js);
}

const struct report_format report_html = {
    .name = "html",
    .doc = "one page that needs nothing else: counts, filters, the matrix, and of each case a "
           "diagram of what was called and what passed the network",
    .example = "report.html",
    .open = html_open,
    .begin = html_begin,
    .add_case = html_case,
    .end = html_end,
    .close = html_close,
};
