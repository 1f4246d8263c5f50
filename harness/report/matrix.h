// SPDX-License-Identifier: Apache-2.0
// matrix.h - what a run has shown, at a glance: a row for each failure, a column for each connector
// and server, in a cell the codes
//
// A matrix takes cases in any order (matrix.c), is folded into a table (matrix_fold.c), and that is
// drawn for a terminal (matrix_draw.c) or written as Markdown. The same cases give the same table.
#ifndef GONEAWAY_REPORT_MATRIX_H
#define GONEAWAY_REPORT_MATRIX_H

#include "report/detail.h"

/** What is to be known of a cell beside the codes in it. */
enum cell_flag {
    CELL_CHANGED = 1,      ///< not what was expected
    CELL_VIOLATED = 2,     ///< no correct client does that, whether or not it was expected
    CELL_UNSTEADY = 4,     ///< repetitions of the case differ
    CELL_BROKEN = 8,       ///< it proves nothing
    CELL_LACKS = 16,       ///< the connector cannot do what the case asks for
    CELL_NOT_RUN = 32,     ///< the machine could not, or the case is none of this run's
    CELL_HUNG = 64,        ///< a call did not come back
    CELL_DIED = 128,       ///< the app did
    CELL_SEVERAL = 256,    ///< the text has several codes
    CELL_UNMEASURED = 512, ///< nobody knows what is expected there, but of other cells
};

/** How a flag is shown, and what the legend says of it; ended by a flag of 0. */
struct cell_sign {
    enum cell_flag flag;
    const char *mark, *ascii; ///< "": the text itself says it
    const char *word;         ///< of the legend, if there is no mark
    const char *meaning;
};
extern const struct cell_sign cell_signs[];

struct matrix_cell {
    char *text; ///< "2013 2006": what the judged calls showed, one after the other; as it was seen
    unsigned flags;
};

struct matrix_row {
    const char *scenario, *title, *cause;
    char *cases;  ///< which of the scenario's cases it stands for: "/term@tcp,tls"; "": all
    bool follows; ///< the row above is of the same scenario
    struct matrix_cell *cells;
};

struct matrix_column {
    char *connector, *version, *server;
};

/** Ends with matrix_table_release(); points into its matrix. */
struct matrix_table {
    size_t row_count, column_count;
    struct matrix_row *rows;
    const struct matrix_column **columns;
    bool by_scenario; ///< a row is a whole scenario, a cell the codes that its cases show first
    const char *transport; ///< that of all cases; NULL: there are several
    unsigned flags;        ///< of all cells
    int left_out;          ///< cases for which there is no column
};

struct matrix;
struct matrix *matrix_open(void);
void matrix_close(struct matrix *matrix);
/** Columns stand in the order of these servers; of others by name. */
void matrix_order(struct matrix *matrix, const struct report_run *run);
void matrix_add(struct matrix *matrix, const struct report_case *result);
/** Folds variants and transports that are alike. If that leaves more than `most` rows, each
 * scenario is one. */
void matrix_fold(struct matrix *matrix, size_t most, struct matrix_table *ret_table);
void matrix_table_release(struct matrix_table *table);
#define cleanup_table __attribute__((cleanup(matrix_table_release)))

/** The text of a cell, at most `widest` characters of it, with its marks, harmless, to be freed. */
char *matrix_show(const struct sheet *sheet, const struct matrix_cell *cell, int widest);
/** Appends a table in Markdown, of about `most` bytes. */
void matrix_write(struct text *out, const struct matrix_table *table, size_t most);
/** Draws a table, at most `width` columns wide: what does not fit stands in further blocks below.
 */
void matrix_draw(struct sheet *sheet, const struct matrix_table *table, int width);

#endif
