// SPDX-License-Identifier: Apache-2.0
// listing.c - shows a case on a line, and below it how each judged call ended
#include "report/listing.h"

#include "base/utf8.h"

#include <string.h>

enum {
    CASE_WIDTH = 34,
    LEAST_CASE_WIDTH = 20,
    SERVER_WIDTH = 14,
    CONNECTOR_WIDTH = 16,
    TIME_WIDTH = 8,
    // Width of the verdict's column; that for cases not as expected fits the longest word.
    VERDICT_WIDTH = 7,
    TROUBLE_WIDTH = 13,
    // A call that took longer shows its time, since something waited.
    LONG_MS = 500,
};

static const struct badge {
    const char *mark, *ascii;
    enum ink ink;
} badges[VERDICT_COUNT] = {
    [VERDICT_PASS] = {"✓", " ", INK_GOOD},   [VERDICT_WRONG_CODE] = {"✗", "x", INK_BAD},
    [VERDICT_FAIL] = {"✗", "x", INK_BAD},    [VERDICT_HANG] = {"✗", "x", INK_BAD},
    [VERDICT_CRASH] = {"✗", "x", INK_BAD},   [VERDICT_UNMEASURED] = {"?", "?", INK_DOUBTFUL},
    [VERDICT_UNSOUND] = {"✗", "x", INK_BAD}, [VERDICT_BROKEN] = {"!", "!", INK_DOUBTFUL},
    [VERDICT_SKIP] = {"-", "-", INK_ABSENT},
};

// Adds a column of text from outside, and the gap after it.
static void add_column(struct sheet *sheet, enum ink ink, int width, const char *text) {
    cleanup_free char *safe = sheet_safe(sheet, text, -1);
    sheet_ink(sheet, ink, width, safe);
    text_add(&sheet->text, " ");
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

// What remains for the name of a case; a longer one pushes the rest to the right.
static int case_width(int verdict_width, int width) {
    enum { GAPS = 4 };
    int left = width - verdict_width - SERVER_WIDTH - CONNECTOR_WIDTH - TIME_WIDTH - GAPS;
    return left < CASE_WIDTH ? larger(left, LEAST_CASE_WIDTH) : CASE_WIDTH;
}

enum ink listing_ink(enum verdict_kind kind) {
    return badges[kind].ink;
}

void listing_case(struct sheet *sheet, const struct report_case *result, int width) {
    const struct badge *badge = &badges[result->verdict->kind];
    cleanup_free char *word = xprintf("%s %s", sheet->utf8 ? badge->mark : badge->ascii,
                                      verdict_names[result->verdict->kind]);
    cleanup_free char *name = result->repeat > 0
                                  ? xprintf("%s #%d", result->plan->id, result->repeat)
                                  : xstrdup(result->plan->id);
    cleanup_text struct text time = {0};
    if (result->verdict->kind != VERDICT_SKIP)
        detail_duration(&time, result->record->ms);
    bool narrow = result->verdict->kind == VERDICT_PASS || result->verdict->kind == VERDICT_SKIP;
    int verdict_width = narrow ? VERDICT_WIDTH : TROUBLE_WIDTH;
    sheet_ink(sheet, badge->ink, verdict_width, word);
    text_add(&sheet->text, " ");
    add_column(sheet, INK_BOLD, case_width(verdict_width, width), name);
    add_column(sheet, INK_PLAIN, SERVER_WIDTH, detail_server(result));
    add_column(sheet, INK_PLAIN, CONNECTOR_WIDTH, detail_connector(result));
    text_printf(&sheet->text, "%*s", TIME_WIDTH, text_get(&time));
    if (result->verdict->borrowed)
        sheet_ink(sheet, INK_DIM, 0, "  borrowed");
    sheet_end_line(sheet);
}

// Consecutive judged calls that ended alike.
struct row {
    struct text ids, what, message;
};

static void release_row(struct row *row) {
    text_release(&row->ids);
    text_release(&row->what);
    text_release(&row->message);
}

static void fill_row(struct row *row, const struct record_step *step) {
    text_add(&row->ids, step->id);
    detail_outcome(&row->what, step);
    if (step->outcome == OUTCOME_ERROR && step->row_count > 0)
        text_printf(&row->what, " after %lld row%s", (long long)step->row_count,
                    step->row_count == 1 ? "" : "s");
    if (step->ms >= LONG_MS) {
        text_add(&row->what, ", ");
        detail_duration(&row->what, step->ms);
    }
    text_add(&row->message, step->message ? step->message : "");
}

static bool ended_alike(const struct row *a, const struct row *b) {
    return strcmp(text_get(&a->what), text_get(&b->what)) == 0 &&
           strcmp(text_get(&a->message), text_get(&b->message)) == 0;
}

static size_t fill_rows(struct row *rows, const struct record *record) {
    size_t count = 0;
    for (size_t i = 0; i < record->step_count; i++) {
        if (!record->steps[i].id)
            continue;
        rows[count] = (struct row){0};
        fill_row(&rows[count], &record->steps[i]);
        if (count > 0 && ended_alike(&rows[count - 1], &rows[count])) {
            text_printf(&rows[count - 1].ids, ", %s", text_get(&rows[count].ids));
            release_row(&rows[count]);
        } else {
            count++;
        }
    }
    return count;
}

// The message follows the code if it fits there, else it goes below.
static void add_message(struct sheet *sheet, const char *message, int used, int column, int width) {
    cleanup_free char *whole = sheet_safe(sheet, message, -1);
    if (!*whole)
        return;
    bool fits = used + 2 + (int)utf8_length(whole) <= width;
    cleanup_free char *shown = sheet_safe(sheet, message, larger(width - column, LEAST_CASE_WIDTH));
    text_printf(&sheet->text, fits ? "  " : "\n%*s", column, "");
    sheet_ink(sheet, INK_DIM, 0, shown);
}

static void add_row(struct sheet *sheet, const struct row *row, int id_width, int width) {
    int column = LISTING_INDENT + id_width + 2;
    cleanup_free char *ids = sheet_safe(sheet, text_get(&row->ids), -1);
    cleanup_free char *what = sheet_safe(sheet, text_get(&row->what), -1);
    text_printf(&sheet->text, "%*s", LISTING_INDENT, "");
    sheet_ink(sheet, INK_PLAIN, id_width, ids);
    text_printf(&sheet->text, "  %s", what);
    add_message(sheet, text_get(&row->message), column + (int)utf8_length(what), column, width);
    text_add(&sheet->text, "\n");
}

void listing_calls(struct sheet *sheet, const struct record *record, int width) {
    cleanup_free struct row *rows = xcalloc(record->step_count, sizeof *rows);
    size_t count = fill_rows(rows, record);
    int ids = 0;
    for (size_t i = 0; i < count; i++)
        ids = larger(ids, (int)rows[i].ids.length);
    for (size_t i = 0; i < count; i++) {
        add_row(sheet, &rows[i], ids < SHEET_WIDEST ? ids : SHEET_WIDEST, width);
        release_row(&rows[i]);
    }
}
