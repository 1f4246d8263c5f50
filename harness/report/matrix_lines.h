// SPDX-License-Identifier: Apache-2.0
// matrix_lines.h - what a matrix keeps about the cases; only for matrix.c and matrix_fold.c
#ifndef GONEAWAY_REPORT_MATRIX_LINES_H
#define GONEAWAY_REPORT_MATRIX_LINES_H

#include "report/matrix.h"

enum { MOST_COLUMNS = 64, MOST_TEXTS = 4 };

/** What a case showed in one place. */
struct seen_cell {
    bool seen;
    unsigned flags;
    size_t count; ///< number of its repetitions that differ
    char *texts[MOST_TEXTS];
};

/** A variant of a scenario over one transport. */
struct line {
    char *scenario, *variant, *title, *cause;
    enum transport transport;
    size_t cell_count;
    struct seen_cell *cells; ///< indexed by the matrix's columns; missing ones were not seen
};

struct matrix {
    size_t line_count, column_count, server_count;
    struct line **lines;
    void *index; ///< for tsearch(3): the lines by line_order()
    struct matrix_column columns[MOST_COLUMNS];
    bool mixed[MOST_COLUMNS]; ///< it has cases of several versions
    char *servers[MOST_COLUMNS];
    int left_out;
};

/** Sorts by scenario, variant and transport. */
int line_order(const void *a, const void *b);

#endif
