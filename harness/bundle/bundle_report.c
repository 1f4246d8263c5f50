// SPDX-License-Identifier: Apache-2.0
// bundle_report.c - REPORT.md: a case as an issue tracker wants it
//
// The trackers of MySQL, MariaDB and the connectors ask for much the same: what happens, what
// should, how to repeat it, the versions of server, client and system, and the logs.
#include "bundle/bundle.h"

#include "report/detail.h"
#include "report/timeline.h"

#include <stdarg.h>
#include <string.h>

// Adds a row to the table at the report's end, where "|" would end a cell.
static void add_row(struct text *out, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add_row(struct text *out, const char *name, const char *format, ...) {
    char value[400];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_free char *safe = sheet_safe(&utf8, value, -1);
    text_printf(out, "| %s | ", name);
    for (const char *at = safe; *at; at++)
        text_printf(out, "%s%c", strchr("|<>`*_[]", *at) ? "\\" : "", *at);
    text_add(out, " |\n");
}

// Adds text from outside, in a fence long enough that the text cannot close it.
static void add_block(struct text *out, const char *text) {
    size_t longest = 2;
    for (const char *at = text; (at = strchr(at, '`'));) {
        size_t run = strspn(at, "`");
        longest = run > longest ? run : longest;
        at += run;
    }
    cleanup_free char *fence = xcalloc(longest + 2, 1);
    memset(fence, '`', longest + 1);
    bool ended = *text && text[strlen(text) - 1] == '\n';
    text_printf(out, "%s\n%s%s%s\n", fence, text, ended ? "" : "\n", fence);
}

static void add_sheet(struct text *out, const char *title, struct sheet *sheet) {
    if (sheet->text.length > 0) {
        text_printf(out, "\n## %s\n\n", title);
        add_block(out, text_get(&sheet->text));
    }
    text_release(&sheet->text);
}

// ---- its parts ---------------------------------------------------------------------------------

static void add_plain(struct text *out, const char *text) {
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_free char *safe = sheet_safe(&utf8, text, -1);
    text_add(out, safe);
}

static void add_title(struct text *out, const struct report_case *result) {
    const struct record *record = result->record;
    text_add(out, "# ");
    add_plain(out,
              result->plan->scenario->title ? result->plan->scenario->title : result->plan->id);
    text_printf(out, ": %s\n\n", verdict_names[result->verdict->kind]);
    text_add(out, "With ");
    add_plain(out, detail_connector(result));
    text_add(out, record->connector_version && *record->connector_version ? " " : "");
    add_plain(out, record->connector_version ? record->connector_version : "");
    text_add(out, " on ");
    add_plain(out, detail_server(result));
    const char *why = detail_why(result);
    text_add(out, *why ? ": " : ", as expected");
    add_plain(out, why);
    text_add(out, ".\n");
}

static bool is_of_the_catalogue(const struct report_case *result) {
    return result->path && text_starts(result->path, "scenarios/");
}

static void add_repeat(struct text *out, const struct report_case *result, const char *file) {
    cleanup_text struct text commands = {0};
    bool known = is_of_the_catalogue(result);
    text_printf(&commands, "goneaway replay %s\n", file);
    if (known)
        text_printf(&commands, "goneaway run '%s' --server %s --connector %s\n", result->plan->id,
                    detail_server(result), detail_connector(result));
    text_add(out, "\n## How to repeat it\n\n");
    add_block(out, text_get(&commands));
    text_add(out, known ? "\nThe first runs what is in this bundle; the second the case of that "
                          "name in goneaway's own catalogue.\n"
                        : "\nIt runs the scenario that is in this bundle.\n");
    text_add(out, "`scenario.yml` says what is done, step by step.\n");
}

static const char *about(const struct bundle_parts *parts, const char *key) {
    const char *text = json_string_value(json_object_get(parts->about, key));
    return text && *text ? text : "-";
}

static void add_environment(struct text *out, const struct bundle_parts *parts) {
    const struct record *record = parts->result->record;
    text_add(out, "\n## Environment\n\n| | |\n|---|---|\n");
    add_row(out, "Server", "%s %s", record->vendor ? record->vendor : "",
            record->server_version ? record->server_version : "");
    if (record->server_package && *record->server_package)
        add_row(out, "Its package", "%s", record->server_package);
    add_row(out, "Its system", "%s", parts->server_title ? parts->server_title : "-");
    add_row(out, "Connector", "%s %s", detail_connector(parts->result),
            record->connector_version ? record->connector_version : "");
    add_row(out, "Its system", "%s", parts->connector_title ? parts->connector_title : "-");
    add_row(out, "Transport", "%s", transport_words[parts->result->plan->transport].name);
    add_row(out, "Kernel", "Linux %s", about(parts, "kernel"));
    add_row(out, "Processor", "%s", about(parts, "machine"));
    add_row(out, "goneaway", "%s", about(parts, "goneaway"));
    add_row(out, "When", "%s", about(parts, "when"));
}

static void add_log(struct text *out, const struct record *record) {
    enum { MOST_LINES = 20 };
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_text struct text lines = {0};
    size_t from = record->log_count > MOST_LINES ? record->log_count - MOST_LINES : 0;
    for (size_t i = from; i < record->log_count; i++) {
        cleanup_free char *line = sheet_safe(&utf8, record->log[i], -1);
        text_printf(&lines, "%s\n", line);
    }
    if (record->log_count == 0)
        return;
    text_add(out, "\n## The server's error log\n\n");
    if (from > 0)
        text_printf(out, "The last %d of %zu lines; `error.log` has them all.\n\n", MOST_LINES,
                    record->log_count);
    add_block(out, text_get(&lines));
}

void bundle_add_report(struct text *out, const struct bundle_parts *parts, const char *file) {
    const struct report_case *result = parts->result;
    struct sheet sheet = {.utf8 = true};
    add_title(out, result);
    if (verdict_is_trouble(result->verdict->kind))
        detail_judgement(&sheet, result);
    add_sheet(out, "What was expected, and what was seen", &sheet);
    add_repeat(out, result, file);
    sheet = (struct sheet){.utf8 = true};
    detail_steps(&sheet, result);
    add_sheet(out, "What was called", &sheet);
    sheet = (struct sheet){.utf8 = true};
    timeline_add_around(&sheet, result->plan, result->record, result->verdict->step,
                        "timeline.txt has");
    add_sheet(out, "What passed the network", &sheet);
    add_log(out, result->record);
    add_environment(out, parts);
    text_add(out, "\nBeside this file: the whole timeline, packets of both hosts (for Wireshark), "
                  "the server's variables and\ncounters, its log, and what the client was asked "
                  "and answered.\n");
}
