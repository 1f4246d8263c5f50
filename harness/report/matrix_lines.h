// SPDX-License-Identifier: Apache-2.0
// matrix_lines.h - what a matrix keeps of the cases: for matrix.c and matrix_fold.c alone
#ifndef GONEAWAY_REPORT_MATRIX_LINES_H
#define GONEAWAY_REPORT_MATRIX_LINES_H

#include "report/matrix.h"

enum { MOST_COLUMNS = 64, MOST_TEXTS = 4 };

/** What a case showed in one place. */
struct seen_cell {
    bool seen;
    unsigned flags;
    size_t count; ///< of its repetitions, those that differ
    char *texts[MOST_TEXTS];
};

/** A variant of a scenario over one transport. */
struct line {
    char *scenario, *variant, *title, *cause;
    enum transport transport;
    size_t cell_count;
    struct seen_cell *cells; ///< by place in the matrix's columns; those beyond are not seen
};

struct matrix {
    size_t line_count, column_count, server_count;
    struct line **lines;
    void *index; ///< of tsearch(3): the lines by line_order()
    struct matrix_column columns[MOST_COLUMNS];
    bool mixed[MOST_COLUMNS]; ///< it has cases of several versions
    char *servers[MOST_COLUMNS];
    int left_out;
};

/** By scenario, variant and transport. */
int line_order(const void *a, const void *b);

#endif
