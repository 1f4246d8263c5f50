// SPDX-License-Identifier: Apache-2.0
// human.c - the report for people, on a terminal or in a log
//
// One line per case, complete in itself because cases end in any order, and below it what each
// judged call ended with. A scenario's title stands above its first case. A case that is not as
// expected shows everything that is known of it, and is named once more at the end.
#include "report/detail.h"

#include "base/utf8.h"

#include <locale.h>
#include <search.h>
#include <string.h>

enum {
    LINE_WIDTH = 100,
    CASE_WIDTH = 34,
    SERVER_WIDTH = 14,
    CONNECTOR_WIDTH = 16,
    ROW_INDENT = 8,
    // The verdict's column; that of cases which are not as expected holds the longest word.
    VERDICT_WIDTH = 7,
    TROUBLE_WIDTH = 13,
    // A call that took longer shows its time: something waited.
    LONG_MS = 500,
};

struct human {
    FILE *file;
    bool colour, terminal, utf8;
    int planned, count, counts[VERDICT_COUNT];
    void *told;          // of tsearch(3): names of the scenarios whose title was shown
    struct text trouble; // the lines of the cases that are not as expected
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

static void *human_open(FILE *file, bool colour, bool terminal) {
    struct human *human = xcalloc(1, sizeof *human);
    *human = (struct human){
        .file = file, .colour = colour, .terminal = terminal, .utf8 = detail_locale_is_utf8()};
    return human;
}

static void human_close(void *state) {
    struct human *human = state;
    tdestroy(human->told, free);
    text_release(&human->trouble);
    free(human);
}

static struct sheet new_sheet(const struct human *human, int indent) {
    return (struct sheet){.colour = human->colour, .utf8 = human->utf8, .indent = indent};
}

// Prints a sheet in the place of the progress line.
static void print(const struct human *human, struct sheet *sheet) {
    if (human->terminal)
        fputs("\r\033[K", human->file);
    cleanup_text struct text harmless = {0};
    utf8_disarm(&harmless, text_get(&sheet->text));
    fputs(text_get(&harmless), human->file);
    text_release(&sheet->text);
}

static void add_server(struct sheet *sheet, const struct report_server *server) {
    cleanup_free char *line = detail_server_line(server);
    sheet_foreign(sheet, server->measured ? INK_DOUBTFUL : INK_DIM, line);
    text_add(&sheet->text, "\n");
}

static void human_begin(void *state, const struct report_run *run) {
    struct human *human = state;
    struct sheet sheet = new_sheet(human, 0);
    human->planned = run->planned;
    cleanup_free char *line =
        xprintf("goneaway %s: %d case%s, %d at a time, %s on %s", run->version, run->planned,
                run->planned == 1 ? "" : "s", run->jobs, run->kernel, run->machine);
    sheet_foreign(&sheet, INK_DIM, line);
    text_add(&sheet.text, "\n");
    for (size_t i = 0; i < run->server_count; i++)
        add_server(&sheet, &run->servers[i]);
    print(human, &sheet);
}

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

static bool was_told(struct human *human, const char *scenario) {
    if (tfind(scenario, &human->told, by_name))
        return true;
    if (!tsearch(xstrdup(scenario), &human->told, by_name))
        out_of_memory();
    return false;
}

static void add_title(struct human *human, struct sheet *sheet, const struct scenario *scenario) {
    if (was_told(human, scenario->name))
        return;
    text_add(&sheet->text, "\n");
    sheet_foreign(sheet, INK_BOLD, scenario->name);
    text_add(&sheet->text, ": ");
    sheet_foreign(sheet, INK_PLAIN, scenario->title ? scenario->title : "");
    text_add(&sheet->text, "\n");
}

// A column of text from outside, and the gap behind it.
static void add_column(struct sheet *sheet, enum ink ink, int width, const char *text) {
    cleanup_free char *safe = sheet_safe(sheet, text, -1);
    sheet_ink(sheet, ink, width, safe);
    text_add(&sheet->text, " ");
}

static void add_case(struct sheet *sheet, const struct report_case *result) {
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
    sheet_ink(sheet, badge->ink, narrow ? VERDICT_WIDTH : TROUBLE_WIDTH, word);
    text_add(&sheet->text, " ");
    add_column(sheet, INK_BOLD, CASE_WIDTH, name);
    add_column(sheet, INK_PLAIN, SERVER_WIDTH, detail_server(result));
    add_column(sheet, INK_PLAIN, CONNECTOR_WIDTH, detail_connector(result));
    text_printf(&sheet->text, "%8s", text_get(&time));
    if (result->verdict->borrowed)
        sheet_ink(sheet, INK_DIM, 0, "  borrowed");
    sheet_end_line(sheet);
}

// Judged calls one after the other that ended alike.
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

// The message stands behind the code if it fits there, else below it.
static void add_message(struct sheet *sheet, const char *message, int used, int column) {
    cleanup_free char *whole = sheet_safe(sheet, message, -1);
    if (!*whole)
        return;
    bool fits = used + 2 + (int)utf8_length(whole) <= LINE_WIDTH;
    cleanup_free char *shown = sheet_safe(sheet, message, LINE_WIDTH - column);
    text_printf(&sheet->text, fits ? "  " : "\n%*s", column, "");
    sheet_ink(sheet, INK_DIM, 0, shown);
}

static void add_row(struct sheet *sheet, const struct row *row, int id_width) {
    int column = ROW_INDENT + id_width + 2;
    cleanup_free char *ids = sheet_safe(sheet, text_get(&row->ids), -1);
    cleanup_free char *what = sheet_safe(sheet, text_get(&row->what), -1);
    text_printf(&sheet->text, "%*s", ROW_INDENT, "");
    sheet_ink(sheet, INK_PLAIN, id_width, ids);
    text_printf(&sheet->text, "  %s", what);
    add_message(sheet, text_get(&row->message), column + (int)utf8_length(what), column);
    text_add(&sheet->text, "\n");
}

static void add_rows(struct sheet *sheet, const struct record *record) {
    cleanup_free struct row *rows = xcalloc(record->step_count, sizeof *rows);
    size_t count = fill_rows(rows, record);
    int width = 0;
    for (size_t i = 0; i < count; i++)
        width = (int)rows[i].ids.length > width ? (int)rows[i].ids.length : width;
    for (size_t i = 0; i < count; i++) {
        add_row(sheet, &rows[i], width < SHEET_WIDEST ? width : SHEET_WIDEST);
        release_row(&rows[i]);
    }
}

static void add_skip(struct sheet *sheet, const struct report_case *result) {
    text_printf(&sheet->text, "%*s", ROW_INDENT, "");
    sheet_foreign(sheet, INK_DIM, detail_why(result));
    text_add(&sheet->text, "\n");
}

// What is to be known of a case that passed.
static void add_note(struct sheet *sheet, const char *note) {
    if (!note)
        return;
    text_printf(&sheet->text, "%*s", ROW_INDENT, "");
    sheet_foreign(sheet, INK_DOUBTFUL, note);
    text_add(&sheet->text, "\n");
}

// The whole story of a case that is not as expected; its line is kept for the end.
static void add_trouble(struct human *human, struct sheet *sheet, const struct report_case *result,
                        size_t line) {
    text_append(&human->trouble, sheet->text.data + line, sheet->text.length - line);
    detail_judgement(sheet, result);
    detail_steps(sheet, result);
    detail_evidence(sheet, result);
}

static void print_progress(const struct human *human) {
    if (!human->terminal)
        return;
    fprintf(human->file, "%d/%d ", human->count, human->planned);
    for (int i = 0; i < VERDICT_COUNT; i++)
        if (human->counts[i] > 0)
            fprintf(human->file, " %d %s", human->counts[i], verdict_names[i]);
    fputs("  running ...", human->file);
}

static void human_case(void *state, const struct report_case *result) {
    struct human *human = state;
    enum verdict_kind kind = result->verdict->kind;
    struct sheet sheet = new_sheet(human, ROW_INDENT);
    human->count++;
    human->counts[kind]++;
    add_title(human, &sheet, result->plan->scenario);
    size_t line = sheet.text.length;
    add_case(&sheet, result);
    if (verdict_is_trouble(kind))
        add_trouble(human, &sheet, result, line);
    else if (kind == VERDICT_SKIP)
        add_skip(&sheet, result);
    else
        add_rows(&sheet, result->record);
    add_note(&sheet, result->verdict->note);
    print(human, &sheet);
    print_progress(human);
}

static void add_counts(struct sheet *sheet, const struct report_summary *summary) {
    const char *between = ": ";
    for (int i = 0; i < VERDICT_COUNT; i++) {
        if (summary->counts[i] == 0)
            continue;
        cleanup_free char *count = xprintf("%d %s", summary->counts[i], verdict_names[i]);
        text_add(&sheet->text, between);
        sheet_ink(sheet, badges[i].ink, 0, count);
        between = ", ";
    }
    text_add(&sheet->text, "\n");
    if (summary->counts[VERDICT_UNMEASURED] > 0)
        text_add(&sheet->text, "Unmeasured: no outcomes are known of that server and connector; "
                               "with --strict that is a failure.\n");
    if (summary->tolerated > 0)
        text_printf(&sheet->text,
                    "Violations of the promise that a baseline records: %d; with --strict they are "
                    "failures.\n",
                    summary->tolerated);
    if (summary->borrowed > 0)
        text_printf(&sheet->text, "Borrowed: %d judged by the outcomes of another version.\n",
                    summary->borrowed);
    for (int i = 0; i < summary->kept_count; i++) {
        const struct report_kept *kept = &summary->kept[i];
        text_add(&sheet->text, i == 0 ? "Promises kept: " : ", ");
        sheet_foreign(sheet, INK_PLAIN, *kept->connector ? kept->connector : "others");
        text_printf(&sheet->text, " %d of %d", kept->kept, kept->promised);
    }
    if (summary->kept_count > 0)
        text_add(&sheet->text, "\n");
}

static void human_end(void *state, const struct report_summary *summary) {
    struct human *human = state;
    struct sheet sheet = new_sheet(human, 0);
    cleanup_text struct text time = {0};
    detail_duration(&time, summary->ms);
    if (human->trouble.length > 0)
        text_printf(&sheet.text, "\nNot as expected:\n%s", text_get(&human->trouble));
    text_add(&sheet.text, "\n");
    if (summary->interrupted)
        sheet_ink(&sheet, INK_DOUBTFUL, 0, "Interrupted. ");
    if (human->count < human->planned)
        text_printf(&sheet.text, "%d of ", human->count);
    text_printf(&sheet.text, "%d case%s in %s", human->planned, human->planned == 1 ? "" : "s",
                text_get(&time));
    add_counts(&sheet, summary);
    print(human, &sheet);
}

const struct report_format report_human = {
    .name = "human",
    .doc = "for people: a line per case with the codes seen, all details where it went wrong",
    .open = human_open,
    .begin = human_begin,
    .add_case = human_case,
    .end = human_end,
    .close = human_close,
};
