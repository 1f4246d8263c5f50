// SPDX-License-Identifier: Apache-2.0
// svg.c - the matrix of a run as a picture, for a README or a page
//
// It is the last screen's matrix, drawn as for a terminal: each run of one colour becomes a tspan.
// The colours follow what the reader prefers, light or dark.
#include "base/utf8.h"
#include "report/detail.h"
#include "report/matrix.h"

#include <string.h>

enum {
    MATRIX_WIDTH = 140,    // columns
    MOST_MATRIX_ROWS = 60, // beyond that, a row is a scenario
    LINE_HEIGHT = 18,      // pixels, as all below
    MARGIN = 14,
    FONT_SIZE = 13,
};
static const double column_width = 7.83; // of most monospaced fonts, 0.602 of the size

struct svg {
    FILE *file;
    struct matrix *matrix;
};

static void *svg_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    struct svg *svg = xcalloc(1, sizeof *svg);
    *svg = (struct svg){.file = file, .matrix = matrix_open()};
    return svg;
}

static void svg_close(void *state) {
    struct svg *svg = state;
    matrix_close(svg->matrix);
    free(svg);
}

static void svg_begin(void *state, const struct report_run *run) {
    const struct svg *svg = state;
    matrix_order(svg->matrix, run);
}

static void svg_case(void *state, const struct report_case *result) {
    const struct svg *svg = state;
    matrix_add(svg->matrix, result);
}

/** A line as it is drawn: its text, and how many columns that takes; colours take none. */
struct drawn {
    struct text text;
    int columns;
};

static void add_character(struct drawn *line, const char *at, size_t length) {
    if (*at == '<' || *at == '&')
        text_add(&line->text, *at == '<' ? "&lt;" : "&amp;");
    else
        text_append(&line->text, at, length);
    line->columns++;
}

// "\033[32m" begins what is of a colour, "\033[0m" ends it. Nothing else of a sheet is an escape.
static const char *add_colour(struct drawn *line, const char *at) {
    int code = (int)strtol(at + 2, NULL, 10);
    if (code)
        text_printf(&line->text, "<tspan class=\"c%d\">", code);
    else
        text_add(&line->text, "</tspan>");
    return strchr(at, 'm') + 1;
}

static void read_line(struct drawn *line, const char *at, const char *end) {
    while (at < end) {
        uint32_t character;
        size_t length = utf8_next(at, &character);
        if (*at == '\033') {
            at = add_colour(line, at);
            continue;
        }
        add_character(line, at, length);
        at += length;
    }
}

static const char head[] =
    "<style>\n"
    "text { font: %dpx ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace;\n"
    "  fill: #1f2328; white-space: pre }\n"
    "rect { fill: #f6f8fa }\n"
    ".c1 { font-weight: bold } .c2 { fill: #656d76 } .c31 { fill: #cf222e }\n"
    ".c32 { fill: #1a7f37 } .c33 { fill: #9a6700 } .c36 { fill: #0969da }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  text { fill: #e6edf3 } rect { fill: #161b22 } .c2 { fill: #8d96a0 }\n"
    "  .c31 { fill: #ff7b72 } .c32 { fill: #3fb950 } .c33 { fill: #d29922 }\n"
    "  .c36 { fill: #58a6ff }\n"
    "}\n"
    "</style>\n";

static void print_picture(FILE *file, const struct text *lines, int count, int columns) {
    int width = (int)(columns * column_width) + 2 * MARGIN, height = count * LINE_HEIGHT;
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\">\n"
            "<title>Which error code each client library shows at each failure</title>\n",
            width, height + 2 * MARGIN);
    fprintf(file, head, FONT_SIZE);
    fputs("<rect width=\"100%\" height=\"100%\" rx=\"6\"/>\n", file);
    fputs(text_get(lines), file);
    fputs("</svg>\n", file);
}

static void svg_end(void *state, const struct report_summary *summary) {
    (void)summary;
    const struct svg *svg = state;
    cleanup_table struct matrix_table table = {0};
    struct sheet sheet = {.colour = true, .utf8 = true};
    cleanup_text struct text lines = {0};
    int count = 0, columns = 0;
    matrix_fold(svg->matrix, MOST_MATRIX_ROWS, &table);
    matrix_draw(&sheet, &table, MATRIX_WIDTH);
    for (const char *at = text_get(&sheet.text), *end; *at; at = end + 1) {
        struct drawn line = {0};
        end = strchr(at, '\n');
        read_line(&line, at, end);
        if (line.text.length > 0 || count > 0)
            text_printf(&lines, "<text x=\"%d\" y=\"%d\" xml:space=\"preserve\">%s</text>\n",
                        MARGIN, MARGIN + ++count * LINE_HEIGHT - 4, text_get(&line.text));
        columns = line.columns > columns ? line.columns : columns;
        text_release(&line.text);
    }
    print_picture(svg->file, &lines, count, columns);
    text_release(&sheet.text);
}

const struct report_format report_svg = {
    .name = "svg",
    .doc = "the matrix as a picture, in the colours that the reader prefers",
    .example = "matrix.svg",
    .open = svg_open,
    .begin = svg_begin,
    .add_case = svg_case,
    .end = svg_end,
    .close = svg_close,
};
