// SPDX-License-Identifier: Apache-2.0
// human.c - the report for people, on a terminal or in a log
//
// The last screen is a matrix of what ran, then what was not as expected, with cases of the same
// reason together and one of them in full, then the counts. Before that, a problem with a new
// reason gets a line as it happens. A short run, or one with -v, shows each case as it ends: a
// line, complete in itself because cases end in any order, and below it how each judged call ended;
// for a case that is not as expected, everything that is known.
#include "base/utf8.h"
#include "report/attempts.h"
#include "report/detail.h"
#include "report/listing.h"
#include "report/matrix.h"
#include "report/reasons.h"
#include "report/timeline.h"

#include <search.h>
#include <string.h>

enum {
    PIPE_WIDTH = 100,      // if the width is unknown
    FEW_CASES = 12,        // up to so many are shown one by one
    LEAST_MATRIX = 3,      // with fewer, a matrix shows no more than the list
    MOST_MATRIX_ROWS = 60, // rows; if there are more, a row is a scenario
    MOST_IN_FULL = 20,
    MOST_REASONS = 200,
};

struct human {
    FILE *file;
    bool colour, utf8;
    int width, verbosity;
    bool timeline;
    bool saved; // all cases come at once, so the end is near
    bool lists; // show each case as it ends
    char *list; // the command that does so
    int planned, count;
    void *told; // for tsearch(3): names of scenarios whose title was shown
    struct matrix *matrix;
    struct reasons trouble, skips;
    struct text flaky, unstable; // a line for each
};

// COLUMNS overrides the terminal's width, so that a user or a test can choose.
static int find_width(int terminal) {
    enum { LEAST = 40, MOST = 1000 };
    const char *columns = getenv("COLUMNS");
    long asked = columns ? strtol(columns, NULL, 10) : 0;
    if (asked <= 0)
        asked = terminal;
    if (asked <= 0)
        return PIPE_WIDTH;
    return (int)(asked < LEAST ? LEAST : asked > MOST ? MOST : asked);
}

static void *human_open(FILE *file, bool colour, int columns) {
    struct human *human = xcalloc(1, sizeof *human);
    *human = (struct human){.file = file,
                            .colour = colour,
                            .utf8 = detail_locale_is_utf8(),
                            .width = find_width(columns),
                            .lists = true,
                            .matrix = matrix_open()};
    return human;
}

static void human_close(void *state) {
    struct human *human = state;
    tdestroy(human->told, free);
    matrix_close(human->matrix);
    reasons_release(&human->trouble);
    reasons_release(&human->skips);
    text_release(&human->flaky);
    text_release(&human->unstable);
    free(human->list);
    free(human);
}

static struct sheet new_sheet(const struct human *human, int indent) {
    return (struct sheet){.colour = human->colour,
                          .utf8 = human->utf8,
                          .indent = indent,
                          .brief = human->verbosity < 2};
}

static void print(const struct human *human, struct sheet *sheet) {
    cleanup_text struct text harmless = {0};
    utf8_disarm(&harmless, text_get(&sheet->text));
    fputs(text_get(&harmless), human->file);
    text_release(&sheet->text);
}

static void add_server(struct sheet *sheet, const struct report_server *server) {
    cleanup_free char *line = detail_server_line(server);
    sheet_foreign(sheet, server->measured_package ? INK_DOUBTFUL : INK_DIM, line);
    text_add(&sheet->text, "\n");
}

static void human_begin(void *state, const struct report_run *run) {
    struct human *human = state;
    human->planned = run->planned;
    human->verbosity = run->verbosity;
    human->timeline = run->timeline;
    human->saved = run->saved;
    human->list = xstrdup(run->list);
    human->lists = run->verbosity > 0 || (run->verbosity == 0 && run->planned <= FEW_CASES);
    matrix_order(human->matrix, run);
    if (human->verbosity < 0)
        return;
    struct sheet sheet = new_sheet(human, 0);
    cleanup_free char *line =
        xprintf("goneaway %s: %d case%s, %d at a time, %s on %s", run->version, run->planned,
                run->planned == 1 ? "" : "s", run->jobs, run->kernel, run->machine);
    sheet_foreign(&sheet, INK_DIM, line);
    text_add(&sheet.text, "\n");
    for (size_t i = 0; i < run->server_count; i++)
        add_server(&sheet, &run->servers[i]);
    print(human, &sheet);
}

// ---- each case ---------------------------------------------------------------------------------

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

static void add_remark(struct sheet *sheet, enum ink ink, const char *remark) {
    text_printf(&sheet->text, "%*s", LISTING_INDENT, "");
    sheet_foreign(sheet, ink, remark);
    text_add(&sheet->text, "\n");
}

// Adds everything about a case.
static void add_story(const struct human *human, struct sheet *sheet,
                      const struct report_case *result) {
    if (verdict_is_trouble(result->verdict->kind))
        detail_judgement(sheet, result);
    detail_steps(sheet, result);
    if (human->timeline)
        timeline_add(sheet, result->plan, result->record);
    else if (verdict_is_trouble(result->verdict->kind))
        timeline_add_around(sheet, result->plan, result->record, result->verdict->step,
                            "--timeline shows");
    detail_evidence(sheet, result);
}

static void list_case(struct human *human, struct sheet *sheet, const struct report_case *result) {
    enum verdict_kind kind = result->verdict->kind;
    add_title(human, sheet, result->plan->scenario);
    listing_case(sheet, result, human->width);
    if (kind == VERDICT_SKIP)
        add_remark(sheet, INK_DIM, detail_why(result));
    else if (!verdict_is_trouble(kind))
        listing_calls(sheet, result->record, human->width);
    bool told = human->verbosity > 1 || result->plan->program;
    if (verdict_is_trouble(kind) || (told && kind != VERDICT_SKIP))
        add_story(human, sheet, result);
    else if (human->timeline && kind != VERDICT_SKIP)
        timeline_add(sheet, result->plan, result->record);
    if (result->verdict->note)
        add_remark(sheet, INK_DOUBTFUL, result->verdict->note);
}

// Keeps what the end will show of a case that is not as expected: its line, if it was listed in
// full; else everything, if it is the first with that reason.
static void keep_trouble(struct human *human, struct reason *reason,
                         const struct report_case *result) {
    struct sheet sheet = new_sheet(human, LISTING_INDENT);
    if (!human->lists && reason->count > 1)
        return;
    listing_case(&sheet, result, human->width);
    if (!human->lists)
        add_story(human, &sheet, result);
    text_add(&reason->shown, text_get(&sheet.text));
    text_release(&sheet.text);
}

// The first case with its reason gets a line at once, since the end may be far away.
static void add_alarm(const struct human *human, struct sheet *sheet, const struct reason *reason,
                      const struct report_case *result) {
    if (human->saved || human->verbosity < 0 || reason->count > 1)
        return;
    listing_case(sheet, result, human->width);
    cleanup_free char *why = sheet_safe(sheet, reason->why, human->width - LISTING_INDENT);
    add_remark(sheet, INK_PLAIN, why);
}

static void keep_attempts(struct human *human, const struct report_case *result) {
    bool differs = attempts_differ(result);
    if (!differs && !attempts_are_flaky(result))
        return;
    struct sheet sheet = new_sheet(human, LISTING_INDENT);
    listing_case(&sheet, result, human->width);
    cleanup_free char *line = attempts_line(result);
    add_remark(&sheet, INK_DOUBTFUL, line);
    text_add(differs ? &human->unstable : &human->flaky, text_get(&sheet.text));
    text_release(&sheet.text);
}

static void human_case(void *state, const struct report_case *result) {
    struct human *human = state;
    enum verdict_kind kind = result->verdict->kind;
    struct sheet sheet = new_sheet(human, LISTING_INDENT);
    human->count++;
    matrix_add(human->matrix, result);
    keep_attempts(human, result);
    if (kind == VERDICT_SKIP)
        reasons_add(&human->skips, result);
    if (human->lists)
        list_case(human, &sheet, result);
    if (verdict_is_trouble(kind)) {
        struct reason *reason = reasons_add(&human->trouble, result);
        keep_trouble(human, reason, result);
        if (!human->lists)
            add_alarm(human, &sheet, reason, result);
    }
    print(human, &sheet);
}

// ---- the last screen ---------------------------------------------------------------------------

static void add_matrix(const struct human *human, struct sheet *sheet) {
    cleanup_table struct matrix_table table = {0};
    if (human->count < LEAST_MATRIX || human->verbosity < 0)
        return;
    matrix_fold(human->matrix, human->verbosity > 0 ? SIZE_MAX : MOST_MATRIX_ROWS, &table);
    text_add(&sheet->text, "\n");
    matrix_draw(sheet, &table, human->width);
}

// Adds the cases of one reason: those that were listed as lines, else one of them in full.
static void add_reason(const struct human *human, struct sheet *sheet, const struct reason *reason,
                       bool in_full) {
    bool alone = reason->count == 1 && in_full && !human->lists;
    if (!alone)
        reason_draw(sheet, reason, !human->lists, human->width);
    if (in_full)
        text_add(&sheet->text, text_get(&reason->shown));
}

static void add_trouble(struct human *human, struct sheet *sheet) {
    size_t unshown = 0;
    if (human->trouble.count == 0)
        return;
    reasons_sort(&human->trouble);
    text_add(&sheet->text, "\n");
    sheet_ink(sheet, INK_BOLD, 0, "Not as expected:");
    text_add(&sheet->text, "\n");
    for (size_t i = 0; i < human->trouble.count && i < MOST_REASONS; i++) {
        bool in_full = human->lists || i < MOST_IN_FULL;
        text_add(&sheet->text, in_full && i > 0 ? "\n" : "");
        add_reason(human, sheet, human->trouble.items[i], in_full);
        unshown += human->lists ? 0 : human->trouble.items[i]->count - in_full;
    }
    if (human->trouble.count > MOST_REASONS)
        text_printf(&sheet->text, "And %zu more reasons.\n", human->trouble.count - MOST_REASONS);
    if (unshown > 0 && human->list) {
        text_add(&sheet->text, "\nEach of them in full: ");
        sheet_foreign(sheet, INK_BOLD, human->list);
        text_add(&sheet->text, "\n");
    }
}

static void add_attempts(struct sheet *sheet, const char *title, const struct text *lines) {
    if (lines->length == 0)
        return;
    text_add(&sheet->text, "\n");
    sheet_ink(sheet, INK_BOLD, 0, title);
    text_add(&sheet->text, "\n");
    text_add(&sheet->text, text_get(lines));
}

// Cases that were listed have shown their reason.
static void add_skips(struct human *human, struct sheet *sheet) {
    if (human->lists || human->verbosity < 0 || human->skips.count == 0)
        return;
    reasons_sort(&human->skips);
    text_add(&sheet->text, "\n");
    sheet_ink(sheet, INK_BOLD, 0, "Skipped:");
    text_add(&sheet->text, "\n");
    for (size_t i = 0; i < human->skips.count && i < MOST_IN_FULL; i++)
        reason_draw(sheet, human->skips.items[i], true, human->width);
    if (human->skips.count > MOST_IN_FULL)
        text_printf(&sheet->text, "And for %zu more reasons.\n", human->skips.count - MOST_IN_FULL);
}

static void add_counts(struct sheet *sheet, const struct report_summary *summary) {
    const char *between = ": ";
    for (int i = 0; i < VERDICT_COUNT; i++) {
        if (summary->counts[i] == 0)
            continue;
        cleanup_free char *count = xprintf("%d %s", summary->counts[i], verdict_names[i]);
        text_add(&sheet->text, between);
        sheet_ink(sheet, listing_ink((enum verdict_kind)i), 0, count);
        between = ", ";
    }
    if (summary->flaky > 0)
        text_printf(&sheet->text, ", %d of them flaky", summary->flaky);
    text_add(&sheet->text, "\n");
}

// Adds a line for each server with whose version no outcomes were measured, so that another's
// apply.
static void add_loans(struct sheet *sheet, const struct report_summary *summary) {
    int named = 0;
    for (int i = 0; i < summary->loan_count; i++) {
        const struct report_loan *loan = &summary->loans[i];
        named += *loan->lender ? loan->cases : 0;
        if (!*loan->lender)
            continue;
        sheet_foreign(sheet, INK_PLAIN, loan->server);
        text_printf(&sheet->text, ": expectations of %d case%s borrowed from ", loan->cases,
                    loan->cases == 1 ? "" : "s");
        sheet_foreign(sheet, INK_PLAIN, loan->lender);
        text_add(&sheet->text, "\n");
    }
    if (named < summary->borrowed)
        text_printf(&sheet->text, "Borrowed: %d judged by the outcomes of another version.\n",
                    summary->borrowed - named);
}

// Adds what the counts do not show.
static void add_remarks(struct sheet *sheet, const struct report_summary *summary) {
    if (summary->counts[VERDICT_UNMEASURED] > 0)
        text_add(&sheet->text,
                 "Unmeasured: no outcomes are known of that server and connector; `--baseline FILE "
                 "--update-baseline`\nrecords what it shows, for later runs to judge by; with "
                 "--strict it is a failure.\n");
    if (summary->tolerated > 0)
        text_printf(&sheet->text,
                    "Violations of the promise that a baseline records: %d; with --strict they are "
                    "failures.\n",
                    summary->tolerated);
    add_loans(sheet, summary);
    for (int i = 0; i < summary->kept_count; i++) {
        const struct report_kept *kept = &summary->kept[i];
        text_add(&sheet->text, i == 0 ? "Promises kept: " : ", ");
        sheet_foreign(sheet, INK_PLAIN, *kept->connector ? kept->connector : "others");
        text_printf(&sheet->text, " %d of %d", kept->kept, kept->promised);
    }
    if (summary->kept_count > 0)
        text_add(&sheet->text, "\n");
}

// Adds what the counts call failures although the exit status does not.
static void add_allowed(struct sheet *sheet, const struct report_summary *summary) {
    int allowed = 0;
    for (int i = 0; i < VERDICT_COUNT; i++)
        allowed += summary->allowed[i];
    if (allowed > 0)
        text_printf(
            &sheet->text,
            "Allowed: %d not as expected by outcomes of another version, which is no failure "
            "with --allow-borrowed.\n",
            allowed);
}

static void human_end(void *state, const struct report_summary *summary) {
    struct human *human = state;
    struct sheet sheet = new_sheet(human, 0);
    cleanup_text struct text time = {0};
    detail_duration(&time, summary->ms);
    add_matrix(human, &sheet);
    add_trouble(human, &sheet);
    add_attempts(&sheet, "Flaky (as expected when run again):", &human->flaky);
    add_attempts(&sheet, "Unstable (other codes when run again):", &human->unstable);
    add_skips(human, &sheet);
    text_add(&sheet.text, human->verbosity < 0 && sheet.text.length == 0 ? "" : "\n");
    if (summary->interrupted)
        sheet_ink(&sheet, INK_DOUBTFUL, 0, "Interrupted. ");
    if (human->count < human->planned)
        text_printf(&sheet.text, "%d of ", human->count);
    text_printf(&sheet.text, "%d case%s in %s", human->planned, human->planned == 1 ? "" : "s",
                text_get(&time));
    add_counts(&sheet, summary);
    add_allowed(&sheet, summary);
    if (human->verbosity >= 0)
        add_remarks(&sheet, summary);
    print(human, &sheet);
}

const struct report_format report_human = {
    .name = "human",
    .doc = "for people: a matrix of the codes seen, all details where it went wrong",
    .open = human_open,
    .begin = human_begin,
    .add_case = human_case,
    .end = human_end,
    .close = human_close,
};
