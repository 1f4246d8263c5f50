// SPDX-License-Identifier: Apache-2.0
// markdown.c - the report as Markdown: what GitHub shows as a job's summary
//
// Counts, a matrix of what ran, what did not pass and why, how to run that again, and why cases
// were skipped. Text from outside can neither leave its cell nor become a link, an image or HTML:
// each character that could be markup is written as a reference, which CommonMark (2.5) never takes
// for structure. GitHub refuses summaries over 1 MiB, so the text is cut to fit.
#include "report/markdown.h"

#include "report/detail.h"
#include "report/matrix.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum {
    MOST_ROWS_BYTES = 600 * 1000,
    MOST_COMMANDS_BYTES = 250 * 1000,
    MOST_NOTES_BYTES = 50 * 1000,
    MOST_MATRIX_BYTES = 50 * 1000,
    MOST_MATRIX_ROWS = 60, // if there are more, a row is a scenario
    MOST_REASONS = 20,     // for skips
    NAME_WIDTH = 200,
    REASON_WIDTH = 400,
    COMMAND_WIDTH = 1000,
};

/** A reason why cases were skipped. */
struct skip_reason {
    char *why;
    int count;
};

struct markdown {
    FILE *file;
    char *host;    // the line of the run
    char *servers; // a list item for each
    int planned, count;
    struct text rows, commands;
    struct matrix *matrix;
    struct text notes; // rows of cases that passed with a note
    int rows_left_out;
    size_t reason_count;
    struct skip_reason reasons[MOST_REASONS];
    int other_reasons; // cases skipped for further reasons
};

static void *markdown_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    struct markdown *markdown = xcalloc(1, sizeof *markdown);
    markdown->file = file;
    markdown->matrix = matrix_open();
    return markdown;
}

static void markdown_close(void *state) {
    struct markdown *markdown = state;
    for (size_t i = 0; i < markdown->reason_count; i++)
        free(markdown->reasons[i].why);
    matrix_close(markdown->matrix);
    text_release(&markdown->rows);
    text_release(&markdown->commands);
    text_release(&markdown->notes);
    free(markdown->host);
    free(markdown->servers);
    free(markdown);
}

// A colon before a word may start an emoji or end a link's scheme, a dot after www makes a link,
// and underscores are markup around words but not inside them.
static bool is_plain(const char *text, const char *at) {
    if (*at == '_')
        return at > text && isalnum((unsigned char)at[-1]) && isalnum((unsigned char)at[1]);
    if (*at == ':')
        return at[1] == ' ' || at[1] == '\0';
    if (*at == '.')
        return at - text < 3 || strncasecmp(at - 3, "www", 3) != 0;
    return (unsigned char)*at >= 0x80 || isalnum((unsigned char)*at) || strchr(" ,;=%'()/-+?", *at);
}

// Whether it looks like a user name or an address, which GitHub searches for after rendering,
// within text without elements.
static bool is_address(const char *text, const char *at) {
    size_t word = strcspn(at, " ");
    return *at == '@' && (at == text || !isalnum((unsigned char)at[-1]) || memchr(at, '.', word));
}

void markdown_escape(struct text *out, const char *text, int width) {
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_free char *safe = sheet_safe(&utf8, text, width);
    for (const char *at = safe; *at; at++)
        if (is_plain(safe, at))
            text_append(out, at, 1);
        else if (is_address(safe, at))
            text_add(out, "<span>&#64;</span>");
        else
            text_printf(out, "&#%d;", *at);
}

// Inside <pre> only HTML needs escaping.
static void add_command(struct text *out, const char *command) {
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_free char *safe = sheet_safe(&utf8, command, COMMAND_WIDTH);
    for (const char *at = safe; *at; at++)
        if (strchr("<>&\"", *at))
            text_printf(out, "&#%d;", *at);
        else
            text_append(out, at, 1);
    text_add(out, "\n");
}

static void markdown_begin(void *state, const struct report_run *run) {
    struct markdown *markdown = state;
    struct text line = {0};
    cleanup_free char *host =
        xprintf("goneaway %s, %s on %s", run->version ? run->version : "",
                run->kernel ? run->kernel : "", run->machine ? run->machine : "");
    markdown_escape(&line, host, REASON_WIDTH);
    markdown->host = line.data;
    struct text servers = {0};
    for (size_t i = 0; i < run->server_count; i++) {
        cleanup_free char *server = detail_server_line(&run->servers[i]);
        text_add(&servers, "- ");
        markdown_escape(&servers, server, REASON_WIDTH);
        text_add(&servers, "\n");
    }
    markdown->servers = servers.data;
    markdown->planned = run->planned;
    matrix_order(markdown->matrix, run);
}

static void add_name(struct text *out, const char *name, const char *version) {
    markdown_escape(out, name, NAME_WIDTH);
    if (version && *version) {
        text_add(out, " ");
        markdown_escape(out, version, NAME_WIDTH);
    }
    text_add(out, " | ");
}

// What the client said at the step that decided, below the reason.
static void add_message(struct text *out, const struct report_case *result) {
    int index = result->verdict->step;
    bool decided = index >= 0 && (size_t)index < result->record->step_count;
    const char *message = decided ? result->record->steps[index].message : NULL;
    if (!message || !*message)
        return;
    text_add(out, "<br>");
    markdown_escape(out, message, REASON_WIDTH);
}

static void add_row(struct markdown *markdown, const struct report_case *result) {
    const struct record *record = result->record;
    struct text *rows = &markdown->rows;
    if (rows->length > MOST_ROWS_BYTES) {
        markdown->rows_left_out++;
        return;
    }
    text_add(rows, "| ");
    markdown_escape(rows, result->plan->id, NAME_WIDTH);
    if (result->repeat > 0)
        text_printf(rows, " (repeat %d)", result->repeat);
    text_add(rows, " | ");
    add_name(rows, detail_server(result), record->server_version);
    add_name(rows, detail_connector(result), record->connector_version);
    text_printf(rows, "%s | ", verdict_names[result->verdict->kind]);
    markdown_escape(rows, detail_why(result), REASON_WIDTH);
    add_message(rows, result);
    text_add(rows, " |\n");
    if (result->rerun && markdown->commands.length < MOST_COMMANDS_BYTES)
        add_command(&markdown->commands, result->rerun);
}

// GitHub has room for some; the json report has all.
static void add_note(struct markdown *markdown, const struct report_case *result) {
    struct text *notes = &markdown->notes;
    if (!result->verdict->note || notes->length > MOST_NOTES_BYTES)
        return;
    text_add(notes, "| ");
    markdown_escape(notes, result->plan->id, NAME_WIDTH);
    text_add(notes, " | ");
    add_name(notes, detail_server(result), result->record->server_version);
    add_name(notes, detail_connector(result), result->record->connector_version);
    markdown_escape(notes, result->verdict->note, REASON_WIDTH);
    text_add(notes, " |\n");
}

static void add_skip(struct markdown *markdown, const char *why) {
    for (size_t i = 0; i < markdown->reason_count; i++)
        if (strcmp(markdown->reasons[i].why, why) == 0) {
            markdown->reasons[i].count++;
            return;
        }
    if (markdown->reason_count == MOST_REASONS)
        markdown->other_reasons++;
    else
        markdown->reasons[markdown->reason_count++] = (struct skip_reason){xstrdup(why), 1};
}

static void markdown_case(void *state, const struct report_case *result) {
    struct markdown *markdown = state;
    markdown->count++;
    matrix_add(markdown->matrix, result);
    add_note(markdown, result);
    if (result->verdict->kind == VERDICT_SKIP)
        add_skip(markdown, detail_why(result));
    else if (verdict_is_trouble(result->verdict->kind))
        add_row(markdown, result);
}

static void print_counts(const struct markdown *markdown, const struct report_summary *summary) {
    fputs("|", markdown->file);
    for (int i = 0; i < VERDICT_COUNT; i++)
        if (summary->counts[i] > 0 || i == VERDICT_PASS)
            fprintf(markdown->file, " %s |", verdict_names[i]);
    fputs("\n|", markdown->file);
    for (int i = 0; i < VERDICT_COUNT; i++)
        if (summary->counts[i] > 0 || i == VERDICT_PASS)
            fputs("---:|", markdown->file);
    fputs("\n|", markdown->file);
    for (int i = 0; i < VERDICT_COUNT; i++)
        if (summary->counts[i] > 0 || i == VERDICT_PASS)
            fprintf(markdown->file, " %d |", summary->counts[i]);
    fputs("\n\n", markdown->file);
}

static void print_matrix(const struct markdown *markdown) {
    cleanup_table struct matrix_table table = {0};
    cleanup_text struct text text = {0};
    matrix_fold(markdown->matrix, MOST_MATRIX_ROWS, &table);
    matrix_write(&text, &table, MOST_MATRIX_BYTES);
    fputs(text_get(&text), markdown->file);
}

static void print_trouble(const struct markdown *markdown) {
    if (markdown->rows.length == 0)
        return;
    fprintf(markdown->file,
            "#### Not as expected\n\n"
            "| case | server | connector | verdict | what was expected and seen |\n"
            "|---|---|---|---|---|\n%s\n",
            text_get(&markdown->rows));
    if (markdown->rows_left_out > 0)
        fprintf(markdown->file, "And %d more, for which there is no room here.\n\n",
                markdown->rows_left_out);
    if (markdown->commands.length > 0)
        fprintf(
            markdown->file,
            "<details><summary>To run them again</summary>\n\n<pre>\n%s</pre>\n\n</details>\n\n",
            text_get(&markdown->commands));
}

static void print_notes(const struct markdown *markdown, const struct report_summary *summary) {
    if (markdown->notes.length > 0)
        fprintf(markdown->file,
                "#### With a note\n\n"
                "| case | server | connector | note |\n|---|---|---|---|\n%s\n",
                text_get(&markdown->notes));
    if (summary->borrowed > 0)
        fprintf(markdown->file, "%d judged by the outcomes of another version (borrowed).\n\n",
                summary->borrowed);
}

static void print_skips(const struct markdown *markdown) {
    if (markdown->reason_count == 0)
        return;
    fputs("#### Skipped\n\n| cases | why |\n|---:|---|\n", markdown->file);
    for (size_t i = 0; i < markdown->reason_count; i++) {
        cleanup_text struct text why = {0};
        markdown_escape(&why, markdown->reasons[i].why, REASON_WIDTH);
        fprintf(markdown->file, "| %d | %s |\n", markdown->reasons[i].count, text_get(&why));
    }
    if (markdown->other_reasons > 0)
        fprintf(markdown->file, "| %d | other reasons |\n", markdown->other_reasons);
    fputs("\n", markdown->file);
}

static void markdown_end(void *state, const struct report_summary *summary) {
    struct markdown *markdown = state;
    cleanup_text struct text time = {0};
    int good = 0;
    for (int i = 0; i < VERDICT_COUNT; i++)
        good += verdict_is_trouble((enum verdict_kind)i) ? 0 : summary->counts[i];
    detail_duration(&time, summary->ms);
    if (good == markdown->count)
        fprintf(markdown->file, "### goneaway: %d case%s as expected\n\n",
                summary->counts[VERDICT_PASS], summary->counts[VERDICT_PASS] == 1 ? "" : "s");
    else
        fprintf(markdown->file, "### goneaway: %d of %d cases not as expected\n\n",
                markdown->count - good, markdown->count);
    if (summary->interrupted)
        fprintf(markdown->file, "**Interrupted after %d of %d cases.**\n\n", markdown->count,
                markdown->planned);
    print_counts(markdown, summary);
    print_matrix(markdown);
    fprintf(markdown->file, "%s, in %s\n\n", markdown->host, text_get(&time));
    if (markdown->servers)
        fprintf(markdown->file, "%s\n", markdown->servers);
    print_trouble(markdown);
    print_notes(markdown, summary);
    print_skips(markdown);
}

const struct report_format report_markdown = {
    .name = "markdown",
    .doc = "a summary in Markdown, as GitHub shows it for a job: counts, the matrix, what did not "
           "pass",
    .example = "summary.md",
    .open = markdown_open,
    .begin = markdown_begin,
    .add_case = markdown_case,
    .end = markdown_end,
    .close = markdown_close,
};
