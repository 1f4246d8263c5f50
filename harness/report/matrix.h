// SPDX-License-Identifier: Apache-2.0
// matrix.h - what a run has shown, at a glance: a row for each failure, a column for each connector
// and server, with the codes in the cells
//
// A matrix takes cases in any order (matrix.c), is folded into a table (matrix_fold.c), and that is
// drawn for a terminal (matrix_draw.c) or written as Markdown. The same cases yield the same table.
#ifndef GONEAWAY_REPORT_MATRIX_H
#define GONEAWAY_REPORT_MATRIX_H

#include "report/detail.h"

/** What there is to know about a cell besides its codes. */
enum cell_flag {
    CELL_CHANGED = 1,      ///< not as expected
    CELL_VIOLATED = 2,     ///< no correct client does this, expected or not
    CELL_UNSTEADY = 4,     ///< repetitions of the case differ
    CELL_BROKEN = 8,       ///< it proves nothing
    CELL_LACKS = 16,       ///< the connector lacks what the case asks for
    CELL_NOT_RUN = 32,     ///< the machine could not, or the case is not in this run
    CELL_HUNG = 64,        ///< a call did not return
    CELL_DIED = 128,       ///< the app died
    CELL_SEVERAL = 256,    ///< the text has several codes
    CELL_UNMEASURED = 512, ///< no outcomes are known for it, but for other cells
};

/** How a flag is shown, and its text in the legend; terminated by a flag of 0. */
struct cell_sign {
    enum cell_flag flag;
    const char *mark, *ascii; ///< "": the text itself shows it
    const char *word;         ///< for the legend, if there is no mark
    const char *meaning;
};
extern const struct cell_sign cell_signs[];

struct matrix_cell {
    char *text; ///< "2013 2006": what the judged calls showed in succession, as seen
    unsigned flags;
};

struct matrix_row {
    const char *scenario, *title, *cause;
    char *cases;  ///< which of the scenario's cases it covers: "/term@tcp,tls"; "": all
    bool follows; ///< the row above belongs to the same scenario
    struct matrix_cell *cells;
};

struct matrix_column {
    char *connector, *version, *server;
};

/** Release with matrix_table_release(); points into its matrix. */
struct matrix_table {
    size_t row_count, column_count;
    struct matrix_row *rows;
    const struct matrix_column **columns;
    bool by_scenario; ///< a row is a whole scenario, a cell the first codes that its cases show
    const char *transport; ///< the transport of all cases; NULL: there are several
    unsigned flags;        ///< of all cells
    int left_out;          ///< cases without a column
};

struct matrix;
struct matrix *matrix_open(void);
void matrix_close(struct matrix *matrix);
/** Orders columns as these servers; others by name. */
void matrix_order(struct matrix *matrix, const struct report_run *run);
void matrix_add(struct matrix *matrix, const struct report_case *result);
/** Merges equal variants and transports. If that leaves more than `most` rows, each scenario
 * becomes one. */
void matrix_fold(struct matrix *matrix, size_t most, struct matrix_table *ret_table);
void matrix_table_release(struct matrix_table *table);
#define cleanup_table __attribute__((cleanup(matrix_table_release)))

/** The text of a cell, at most `widest` characters of it, with its marks, escaped, to be freed. */
char *matrix_show(const struct sheet *sheet, const struct matrix_cell *cell, int widest);
/** Appends a table in Markdown, of about `most` bytes. */
void matrix_write(struct text *out, const struct matrix_table *table, size_t most);
/** Draws a table, at most `width` columns wide; columns that do not fit form further blocks
 * below. */
void matrix_draw(struct sheet *sheet, const struct matrix_table *table, int width);

#endif
