// SPDX-License-Identifier: Apache-2.0
// detail.c - describes a case for people
#include "report/detail.h"

#include "base/utf8.h"
#include "plan/codes.h"

#include <ctype.h>
#include <string.h>

enum { LABEL_WIDTH = 10, LOG_LINES = 12, MOST_SAID = 20 };

// JSON itself requires that only for characters below U+0020.
void detail_json(FILE *file, const json_t *value, size_t flags) {
    cleanup_free char *json = json_dumps(value, flags);
    uint32_t character;
    size_t length;
    for (const char *at = json; at && (length = utf8_next(at, &character)) > 0; at += length) {
        if (text_starts(at, "##[")) // see utf8_disarm()
            fputs("\\u0023", file);
        else if (utf8_is_visible(character))
            fwrite(at, 1, length, file);
        else if (character < 0x10000)
            fprintf(file, "\\u%04x", character);
        else
            fprintf(file, "\\u%04x\\u%04x", 0xd7c0 + (character >> 10),
                    0xdc00 + (character & 0x3ff));
    }
}

void detail_duration(struct text *out, double ms) {
    int64_t seconds = (int64_t)((ms + 500) / 1000);
    if (ms < 9.95)
        text_printf(out, "%.1f ms", ms);
    else if (ms < 999.5)
        text_printf(out, "%.0f ms", ms);
    else if (ms < 59950)
        text_printf(out, "%.1f s", ms / 1000);
    else
        text_printf(out, "%lld min %02d s", (long long)(seconds / 60), (int)(seconds % 60));
}

static void add_code(struct text *out, int number) {
    const struct code *code = code_by_number(number);
    text_printf(out, "%d%s%s", number, code ? " " : "", code ? code->symbol : "");
}

static void add_signal(struct text *out, int signal) {
    const char *name = sigabbrev_np(signal);
    if (name)
        text_printf(out, " SIG%s", name);
    else if (signal)
        text_printf(out, " by signal %d", signal);
}

void detail_outcome(struct text *out, const struct record_step *step) {
    if (step->outcome == OUTCOME_ERROR && step->error)
        add_code(out, step->error);
    else
        text_add(out, outcome_names[step->outcome]);
    if (step->outcome == OUTCOME_CRASH)
        add_signal(out, step->signal);
    if (step->sqlstate && *step->sqlstate && step->outcome == OUTCOME_ERROR)
        text_printf(out, " %s", step->sqlstate);
    if (step->outcome == OUTCOME_ERROR && step->error == 0 && step->native && *step->native)
        text_printf(out, " (%s)", step->native);
    if (step->outcome == OUTCOME_OK && step->error)
        text_printf(out, " (error number %d)", step->error);
}

// "2013 or 2006" with symbols: "2013 CR_SERVER_LOST or 2006 CR_SERVER_GONE_ERROR".
static void add_expected(struct text *out, const char *expected) {
    for (const char *part = expected; part && *part; part = strstr(part + 1, " or ")) {
        const char *next = strstr(part + 1, " or ");
        size_t length = next ? (size_t)(next - part) : strlen(part);
        const char *digits = text_starts(part, " or ") ? part + 4 : part;
        size_t count = strspn(digits, "0123456789");
        text_append(out, part, (size_t)(digits - part));
        if (count > 0 && count < 6 && !isalnum((unsigned char)digits[count])) {
            add_code(out, atoi(digits));
            digits += count;
        }
        text_append(out, digits, length - (size_t)(digits - part));
    }
}

const char *detail_why(const struct report_case *result) {
    if (result->verdict->why && *result->verdict->why)
        return result->verdict->why;
    const char *why = result->record->broken ? result->record->broken : result->record->skip;
    return why ? why : "";
}

char *detail_server_line(const struct report_server *server) {
    return xprintf("%s: %s%s%s", server->name, *server->package ? server->package : server->version,
                   server->measured_package ? "; its outcomes were measured with " : "",
                   server->measured_package ? server->measured_package : "");
}

const char *detail_server(const struct report_case *result) {
    return result->record->server ? result->record->server : "-";
}

const char *detail_connector(const struct report_case *result) {
    return result->record->connector ? result->record->connector : "-";
}

const char *detail_path(const struct report_case *result) {
    return result->path ? result->path : result->plan->scenario->file;
}

// Starts a line with the label, or with blanks of the same width.
static void begin_line(struct sheet *sheet, const char *label) {
    text_printf(&sheet->text, "%*s", sheet->indent, "");
    sheet_ink(sheet, INK_DIM, LABEL_WIDTH, label);
}

static void add_line(struct sheet *sheet, const char *label, enum ink ink, const char *text) {
    begin_line(sheet, label);
    sheet_foreign(sheet, ink, text);
    sheet_end_line(sheet);
}

// One line of the sheet for each line of the text.
static void add_lines(struct sheet *sheet, const char *label, enum ink ink, const char *text) {
    cleanup_free char *copy = xstrdup(text);
    char *rest = copy;
    for (char *line; (line = strsep(&rest, "\n"));) {
        add_line(sheet, label, ink, line);
        label = "";
    }
}

// "session 12", "session 15, before it 12", "" if unknown.
static void add_session(struct text *out, const struct record_step *step) {
    if (step->thread < 0)
        return;
    text_printf(out, ", session %lld", (long long)step->thread);
    bool restarted = step->start != step->start_before;
    if (step->thread_before >= 0 && (step->thread_before != step->thread || restarted))
        text_printf(out, " (before: %lld%s)", (long long)step->thread_before,
                    restarted ? " of an earlier start of the server" : "");
}

static void add_row_count(struct text *out, const struct record_step *step) {
    if (step->row_count > 0)
        text_printf(out, ", %lld row%s", (long long)step->row_count,
                    step->row_count == 1 ? "" : "s");
}

static void add_values(struct sheet *sheet, const json_t *rows) {
    cleanup_free char *values = rows ? json_dumps(rows, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (!values || strcmp(values, "[]") == 0)
        return;
    cleanup_free char *shown = sheet_safe(sheet, values, 200);
    add_line(sheet, "", INK_PLAIN, shown);
}

static const char *name_of(const struct record_step *step) {
    return step->id ? step->id : step->verb ? step->verb : "";
}

static void add_seen(struct sheet *sheet, const struct record_step *step) {
    cleanup_text struct text line = {0};
    text_printf(&line, "%s  ", name_of(step));
    detail_outcome(&line, step);
    text_add(&line, ", after ");
    detail_duration(&line, step->ms);
    add_row_count(&line, step);
    add_session(&line, step);
    add_line(sheet, "seen", INK_BAD, text_get(&line));
    if (step->message && *step->message)
        add_line(sheet, "", INK_PLAIN, step->message);
    if (step->native && *step->native)
        add_line(sheet, "", INK_DIM, step->native);
    if (step->stuck && *step->stuck)
        add_lines(sheet, "stuck in", INK_PLAIN, step->stuck);
    if (step->events && *step->events) {
        cleanup_free char *unasked = xprintf("unasked: %s", step->events);
        add_line(sheet, "", INK_DIM, unasked);
    }
    add_values(sheet, step->rows);
}

static const struct record_step *deciding_step(const struct report_case *result) {
    int index = result->verdict->step;
    bool exists = index >= 0 && (size_t)index < result->record->step_count;
    return exists ? &result->record->steps[index] : NULL;
}

void detail_judgement(struct sheet *sheet, const struct report_case *result) {
    const struct record_step *step = deciding_step(result);
    const char *expected = step ? verdict_expected(result->verdict, step) : NULL;
    if (*detail_why(result))
        add_lines(sheet, "why", INK_BOLD, detail_why(result));
    if (expected) {
        cleanup_text struct text line = {0};
        text_printf(&line, "%s  ", name_of(step));
        add_expected(&line, expected);
        add_line(sheet, "expected", INK_GOOD, text_get(&line));
        const struct plan_row *row = result->verdict->row;
        cleanup_free char *because = row && row->because ? text_wrap(row->because, 90) : NULL;
        if (because)
            add_lines(sheet, "because", INK_PLAIN, because);
    }
    if (step)
        add_seen(sheet, step);
}

enum { CELL_WHAT, CELL_ID, CELL_OUTCOME, CELL_COUNT };

// The columns of a step, which are aligned with those of other steps.
static void fill_cells(struct text cells[CELL_COUNT], const struct record_step *step) {
    text_printf(&cells[CELL_WHAT], "%s %s", step->actor ? step->actor : "",
                step->verb ? step->verb : "");
    text_add(&cells[CELL_ID], step->id ? step->id : "");
    detail_outcome(&cells[CELL_OUTCOME], step);
}

static void measure_cells(int widths[CELL_COUNT], const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++) {
        struct text cells[CELL_COUNT] = {0};
        fill_cells(cells, &record->steps[i]);
        for (int j = 0; j < CELL_COUNT; j++) {
            int width = (int)utf8_length(text_get(&cells[j]));
            widths[j] = width > widths[j] ? width : widths[j];
            text_release(&cells[j]);
        }
    }
}

static void add_cells(struct sheet *sheet, const int widths[CELL_COUNT],
                      const struct record_step *step) {
    struct text cells[CELL_COUNT] = {0};
    fill_cells(cells, step);
    for (int j = 0; j < CELL_COUNT; j++) {
        cleanup_free char *safe = sheet_safe(sheet, text_get(&cells[j]), -1);
        sheet_ink(sheet, INK_PLAIN, widths[j] ? widths[j] + 2 : 0, safe);
        text_release(&cells[j]);
    }
}

static void add_step(struct sheet *sheet, const struct report_case *result, const char *label,
                     const int widths[CELL_COUNT], size_t index) {
    cleanup_text struct text rest = {0};
    const struct record_step *step = &result->record->steps[index];
    const char *expected = verdict_expected(result->verdict, step);
    bool decides = result->verdict->step == (int)index; // its message and details were shown above
    begin_line(sheet, label);
    text_printf(&sheet->text, "%s%2d  ", decides ? ">" : " ", step->number);
    add_cells(sheet, widths, step);
    detail_duration(&rest, step->ms);
    add_row_count(&rest, step);
    add_session(&rest, step);
    if (expected && !decides)
        text_printf(&rest, ", expected %s", expected);
    sheet_foreign(sheet, INK_DIM, text_get(&rest));
    sheet_end_line(sheet);
    if (step->message && *step->message && !decides) {
        begin_line(sheet, "");
        text_add(&sheet->text, "     ");
        sheet_foreign(sheet, INK_DIM, step->message);
        sheet_end_line(sheet);
    }
}

void detail_steps(struct sheet *sheet, const struct report_case *result) {
    int widths[CELL_COUNT] = {0};
    measure_cells(widths, result->record);
    for (size_t i = 0; i < result->record->step_count; i++)
        add_step(sheet, result, i == 0 ? "steps" : "", widths, i);
}

static void add_faults(struct sheet *sheet, const struct record *record) {
    for (size_t i = 0; i < record->fault_count; i++) {
        const struct record_fault *fault = &record->faults[i];
        cleanup_text struct text line = {0};
        text_printf(&line, "%s", fault->id ? fault->id : fault->kind);
        if (fault->id && fault->kind && strcmp(fault->id, fault->kind) != 0)
            text_printf(&line, " (%s)", fault->kind);
        if (fault->mechanism)
            text_printf(&line, " by %s", fault->mechanism);
        if (fault->fired == 0)
            text_add(&line, ": never fired");
        else
            text_printf(&line, ": fired %lld time%s", (long long)fault->fired,
                        fault->fired == 1 ? "" : "s");
        add_line(sheet, i == 0 ? "faults" : "", fault->fired ? INK_PLAIN : INK_DOUBTFUL,
                 text_get(&line));
    }
}

static void add_counter(struct text *out, const char *name, int64_t grown) {
    if (grown >= 0)
        text_printf(out, ", %s +%lld", name, (long long)grown);
}

static void add_server(struct sheet *sheet, const struct record *record) {
    cleanup_text struct text line = {0};
    if (!record->server)
        return;
    text_printf(&line, "%s %s", record->vendor ? record->vendor : record->server,
                record->server_version ? record->server_version : "of unknown version");
    if (record->server_package && *record->server_package)
        text_printf(&line, " (%s%s%s)", record->server_package,
                    record->measured_package ? "; measured with " : "",
                    record->measured_package ? record->measured_package : "");
    add_counter(&line, "Aborted_clients", record->aborted_clients);
    add_counter(&line, "Aborted_connects", record->aborted_connects);
    if (record->uptime_reset > 0)
        text_add(&line, ", started anew");
    add_line(sheet, "server", INK_PLAIN, text_get(&line));
}

static void add_log(struct sheet *sheet, const struct record *record) {
    size_t from = record->log_count > LOG_LINES ? record->log_count - LOG_LINES : 0;
    for (size_t i = from; i < record->log_count; i++)
        add_line(sheet, i == from ? "its log" : "", INK_DIM, record->log[i]);
    if (from > 0) {
        cleanup_free char *note = xprintf("(%zu lines before these: see the json report)", from);
        add_line(sheet, "", INK_DIM, note);
    }
}

// A program may flood its output, too.
static const char *end_of_output(const char *text) {
    enum { MOST_BYTES = 4096 };
    size_t length = strlen(text);
    return text_tail(text + (length > MOST_BYTES ? length - MOST_BYTES : 0), MOST_SAID);
}

// Adds what an app wrote to standard error, unless the reason for the verdict includes it.
static void add_said(struct sheet *sheet, const struct report_case *result) {
    size_t count = result->record->said_count;
    if (result->plan->program && count == 0)
        add_line(sheet, "output", INK_PLAIN, "the program has written nothing");
    for (size_t i = 0; i < count && i < MOST_SAID; i++) {
        const struct record_said *said = &result->record->said[i];
        if (!said->text || strstr(detail_why(result), said->text))
            continue;
        cleanup_free char *whose = xprintf("%s wrote to standard error:", said->actor);
        bool program = result->plan->program != NULL;
        add_line(sheet, program ? "output" : "it said", INK_PLAIN,
                 program ? "the program's last lines:" : whose);
        add_lines(sheet, "", INK_DIM, program ? end_of_output(said->text) : said->text);
    }
    if (count > MOST_SAID) {
        cleanup_free char *note =
            xprintf("(%zu more apps: see the json report)", count - MOST_SAID);
        add_line(sheet, "", INK_DIM, note);
    }
}

static void add_connector(struct sheet *sheet, const struct record *record) {
    if (!record->connector)
        return;
    bool of_other_name = record->family && strcmp(record->family, record->connector) != 0;
    cleanup_free char *line = xprintf(
        "%s %s%s%s%s", record->connector,
        record->connector_version ? record->connector_version : "of unknown version",
        of_other_name ? " (" : "", of_other_name ? record->family : "", of_other_name ? ")" : "");
    add_line(sheet, "connector", INK_PLAIN, line);
}

static void add_scenario(struct sheet *sheet, const struct scenario *scenario) {
    if (!scenario->file)
        return;
    cleanup_free char *line =
        xprintf("%s: %s", scenario->file, scenario->title ? scenario->title : "no title");
    add_line(sheet, "scenario", INK_PLAIN, line);
}

// A server that was restarted or killed on purpose logs much that explains nothing.
static bool log_explains(enum verdict_kind kind) {
    return kind == VERDICT_BROKEN || kind == VERDICT_HANG || kind == VERDICT_CRASH;
}

// For a user's own program, the server's log is of interest, unless the server has booted
// meanwhile.
static bool log_is_of_program(const struct report_case *result) {
    return result->plan->program && result->record->uptime_reset <= 0;
}

void detail_evidence(struct sheet *sheet, const struct report_case *result) {
    add_faults(sheet, result->record);
    add_connector(sheet, result->record);
    add_said(sheet, result);
    add_server(sheet, result->record);
    if (!sheet->brief || log_explains(result->verdict->kind) || log_is_of_program(result))
        add_log(sheet, result->record);
    add_scenario(sheet, result->plan->scenario);
    if (result->rerun)
        add_line(sheet, "run again", INK_PLAIN, result->rerun);
}
