// SPDX-License-Identifier: Apache-2.0
// matrix.c - collects the cases of a run, with a cell for what each showed
//
// It keeps a few words per case, whatever is in its record. In a saved report names are a
// stranger's, and there may be any number of them, so columns are limited.
#include "report/matrix_lines.h"

#include "plan/causes.h"

#include <ctype.h>
#include <search.h>
#include <string.h>

enum { LONGEST_WORD = 40 };

struct matrix *matrix_open(void) {
    return xcalloc(1, sizeof(struct matrix));
}

static void release_line(struct line *line) {
    for (size_t i = 0; i < line->cell_count; i++)
        for (size_t k = 0; k < line->cells[i].count; k++)
            free(line->cells[i].texts[k]);
    free(line->cells);
    free(line->scenario);
    free(line->variant);
    free(line->title);
    free(line->cause);
    free(line);
}

static void keep(void *item) {
    (void)item;
}

void matrix_close(struct matrix *matrix) {
    tdestroy(matrix->index, keep);
    for (size_t i = 0; i < matrix->line_count; i++)
        release_line(matrix->lines[i]);
    for (size_t i = 0; i < matrix->column_count; i++) {
        free(matrix->columns[i].connector);
        free(matrix->columns[i].version);
        free(matrix->columns[i].server);
    }
    for (size_t i = 0; i < matrix->server_count; i++)
        free(matrix->servers[i]);
    free(matrix->lines);
    free(matrix);
}

void matrix_order(struct matrix *matrix, const struct report_run *run) {
    for (size_t i = 0; i < run->server_count && matrix->server_count < MOST_COLUMNS; i++)
        matrix->servers[matrix->server_count++] = xstrdup(run->servers[i].name);
}

// ---- the place of a case -----------------------------------------------------------------------

// A skipped case does not know its connector's version; if there are several, none is shown.
static void add_version(struct matrix *matrix, size_t i, const char *version) {
    char **known = &matrix->columns[i].version;
    if (!version || !*version || matrix->mixed[i] || strcmp(*known, version) == 0)
        return;
    matrix->mixed[i] = **known != '\0';
    free(*known);
    *known = xstrdup(matrix->mixed[i] ? "" : version);
}

// The column of a case, or -1 if there are too many.
static int find_column(struct matrix *matrix, const struct report_case *result) {
    const char *connector = detail_connector(result), *server = detail_server(result);
    size_t i = 0;
    while (i < matrix->column_count && (strcmp(matrix->columns[i].connector, connector) != 0 ||
                                        strcmp(matrix->columns[i].server, server) != 0))
        i++;
    if (i == MOST_COLUMNS)
        return -1;
    if (i == matrix->column_count) {
        matrix->column_count++;
        matrix->columns[i] =
            (struct matrix_column){xstrdup(connector), xstrdup(""), xstrdup(server)};
    }
    add_version(matrix, i, result->record->connector_version);
    return (int)i;
}

int line_order(const void *a, const void *b) {
    const struct line *one = a, *other = b;
    int order = strcmp(one->scenario, other->scenario);
    if (order == 0)
        order = strcmp(one->variant, other->variant);
    return order ? order : (int)one->transport - (int)other->transport;
}

static struct line *find_line(struct matrix *matrix, const struct report_case *result) {
    const struct scenario *scenario = result->plan->scenario;
    const struct line wanted = {.scenario = (char *)scenario->name,
                                .variant = (char *)result->plan->variant,
                                .transport = result->plan->transport};
    struct line *const *found = tfind(&wanted, &matrix->index, line_order);
    if (found)
        return *found;
    struct line *line = xcalloc(1, sizeof *line);
    *line = (struct line){.scenario = xstrdup(scenario->name),
                          .variant = xstrdup(result->plan->variant),
                          .title = xstrdup(scenario->title ? scenario->title : ""),
                          .cause = xstrdup(scenario->cause ? scenario->cause : ""),
                          .transport = result->plan->transport};
    matrix->lines = xgrow(matrix->lines, matrix->line_count, sizeof *matrix->lines);
    matrix->lines[matrix->line_count++] = line;
    if (!tsearch(line, &matrix->index, line_order))
        out_of_memory();
    return line;
}

static struct seen_cell *find_cell(struct line *line, size_t column) {
    if (column >= line->cell_count) {
        line->cells = xrealloc(line->cells, column + 1, sizeof *line->cells);
        memset(line->cells + line->cell_count, 0,
               (column + 1 - line->cell_count) * sizeof *line->cells);
        line->cell_count = column + 1;
    }
    return &line->cells[column];
}

// ---- what a case showed ------------------------------------------------------------------------

// In Node.js every error is an Error, and its code tells more: "Error=EPIPE".
static const char *without_class(const char *native) {
    size_t length = text_starts(native, "Error=") ? strlen("Error=") : 0;
    return isalpha((unsigned char)native[length]) ? native + length : native;
}

// How a call ended, in one word; errors without a number have their own class.
static void add_word(struct text *out, const struct record_step *step) {
    const char *native = without_class(step->native ? step->native : "");
    size_t length = strcspn(native, " =(:");
    if (step->outcome != OUTCOME_ERROR)
        text_add(out, outcome_names[step->outcome]);
    else if (step->error)
        text_printf(out, "%d", step->error);
    else if (length > 0)
        text_append(out, native, length < LONGEST_WORD ? length : LONGEST_WORD);
    else
        text_add(out, "error");
}

// Adds what a call showed, unless the previous one showed the same.
static void add_call(struct text *words, struct text *last, const struct record_step *step) {
    cleanup_text struct text word = {0};
    add_word(&word, step);
    if (strcmp(text_get(&word), text_get(last)) == 0)
        return;
    text_printf(words, "%s%s", words->length > 0 ? " " : "", text_get(&word));
    text_release(last);
    text_add(last, text_get(&word));
}

// Whether a call is shown in the cell: the judged ones, and the one that decided.
static bool is_shown(const struct report_case *result, size_t i) {
    const struct record *record = result->record;
    return (record->steps[i].id && !record_follows_hang(record, i)) ||
           result->verdict->step == (int)i;
}

// "2013 2006": what was shown in succession. Success after the failure goes without saying.
static char *describe_calls(const struct report_case *result) {
    enum { MOST_BYTES = 200 };
    cleanup_text struct text words = {0}, last = {0};
    size_t end = 0;
    for (size_t i = 0; i < result->record->step_count && words.length < MOST_BYTES; i++) {
        if (!is_shown(result, i))
            continue;
        add_call(&words, &last, &result->record->steps[i]);
        if (result->record->steps[i].outcome != OUTCOME_OK)
            end = words.length;
    }
    return xprintf("%.*s", (int)(end ? end : words.length), text_get(&words));
}

static bool shows(const struct report_case *result, enum outcome_kind outcome) {
    for (size_t i = 0; i < result->record->step_count; i++)
        if (result->record->steps[i].outcome == outcome && is_shown(result, i))
            return true;
    return false;
}

static unsigned flags_of(const struct report_case *result) {
    const struct verdict *verdict = result->verdict;
    bool violated = verdict->promise == PROMISE_VIOLATED || verdict->kind == VERDICT_UNSOUND;
    unsigned flags = violated ? CELL_VIOLATED : 0;
    switch (verdict->kind) {
    case VERDICT_SKIP: // if the connector lacks an operation, a step shows it
        return result->record->lacks || shows(result, OUTCOME_UNSUPPORTED) ? CELL_LACKS
                                                                           : CELL_NOT_RUN;
    case VERDICT_BROKEN:
        return CELL_BROKEN;
    case VERDICT_UNMEASURED:
        flags |= CELL_UNMEASURED;
        break;
    case VERDICT_HANG:
    case VERDICT_CRASH:
        flags |= violated ? 0 : CELL_CHANGED;
        break;
    case VERDICT_WRONG_CODE:
    case VERDICT_FAIL:
        flags |= CELL_CHANGED;
        break;
    default:
        break;
    }
    flags |= shows(result, OUTCOME_HANG) ? CELL_HUNG : 0;
    flags |= shows(result, OUTCOME_CRASH) ? CELL_DIED : 0;
    return flags;
}

void matrix_add(struct matrix *matrix, const struct report_case *result) {
    int column = find_column(matrix, result);
    if (column < 0) {
        matrix->left_out++;
        return;
    }
    struct seen_cell *cell = find_cell(find_line(matrix, result), (size_t)column);
    unsigned flags = flags_of(result);
    cell->flags |= flags;
    cell->seen = true;
    if (flags & (CELL_LACKS | CELL_NOT_RUN | CELL_BROKEN))
        return;
    char *text = describe_calls(result);
    for (size_t i = 0; i < cell->count && text; i++)
        if (strcmp(cell->texts[i], text) == 0) {
            free(text);
            text = NULL;
        }
    if (text && cell->count < MOST_TEXTS)
        cell->texts[cell->count++] = text;
    else
        free(text);
}
