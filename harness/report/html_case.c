// SPDX-License-Identifier: Apache-2.0
// html_case.c - everything that a page shows of a case
#include "report/html.h"

#include "report/timeline.h"

#include <string.h>

void html_escape(struct text *out, const char *text) {
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_free char *safe = sheet_safe(&utf8, text, -1);
    for (const char *at = safe; *at; at++)
        switch (*at) {
        case '<':
            text_add(out, "&lt;");
            break;
        case '>':
            text_add(out, "&gt;");
            break;
        case '&':
            text_add(out, "&amp;");
            break;
        case '"':
            text_add(out, "&quot;");
            break;
        case '\'':
            text_add(out, "&#39;");
            break;
        default:
            text_append(out, at, 1);
        }
}

static void add_attribute(struct text *out, const char *name, const char *value) {
    text_printf(out, " %s=\"", name);
    html_escape(out, value);
    text_add(out, "\"");
}

static void add_part(struct text *out, const char *element, const char *kind, const char *text) {
    text_printf(out, "<%s class=\"%s\">", element, kind);
    html_escape(out, text);
    text_printf(out, "</%s>", element);
}

// Adds what the terminal would show, verbatim, with each line escaped.
static void add_sheet(struct text *out, const char *title, const struct sheet *sheet) {
    cleanup_free char *copy = xstrdup(text_get(&sheet->text));
    char *rest = copy;
    if (sheet->text.length == 0)
        return;
    text_printf(out, "<h4>%s</h4><pre tabindex=\"0\">", title);
    for (char *line; (line = strsep(&rest, "\n"));) {
        html_escape(out, line);
        text_add(out, rest ? "\n" : "");
    }
    text_add(out, "</pre>\n");
}

typedef void sheet_maker(struct sheet *sheet, const struct report_case *result);

static void add_section(struct text *out, const char *title, sheet_maker *make,
                        const struct report_case *result) {
    struct sheet sheet = {.utf8 = true};
    make(&sheet, result);
    add_sheet(out, title, &sheet);
    text_release(&sheet.text);
}

static void add_timeline(struct sheet *sheet, const struct report_case *result) {
    timeline_add(sheet, result->plan, result->record);
}

static void add_summary(struct text *out, const struct report_case *result) {
    cleanup_text struct text time = {0};
    const char *verdict = verdict_names[result->verdict->kind];
    detail_duration(&time, result->record->ms);
    text_add(out, "<summary>");
    add_part(out, "b", verdict, verdict);
    add_part(out, "code", "id", result->plan->id);
    add_part(out, "span", "place", detail_server(result));
    add_part(out, "span", "place", detail_connector(result));
    add_part(out, "span", "time", text_get(&time));
    if (verdict_is_trouble(result->verdict->kind))
        add_part(out, "span", "why", detail_why(result));
    else if (result->verdict->note)
        add_part(out, "span", "why", result->verdict->note);
    text_add(out, "</summary>\n");
}

static void add_title(struct text *out, const struct report_case *result) {
    if (!result->plan->scenario->title)
        return;
    text_add(out, "<p>");
    html_escape(out, result->plan->scenario->title);
    text_add(out, ".</p>\n");
}

static void add_body(struct text *out, const struct report_case *result) {
    add_title(out, result);
    if (result->verdict->kind == VERDICT_SKIP) {
        add_part(out, "p", "why", detail_why(result));
        return;
    }
    if (result->verdict->note)
        add_part(out, "p", "why", result->verdict->note);
    if (verdict_is_trouble(result->verdict->kind))
        add_section(out, "Judgement", detail_judgement, result);
    html_add_diagram(out, result);
    add_section(out, "Steps", detail_steps, result);
    add_section(out, "The same in words", add_timeline, result);
    add_section(out, "Evidence", detail_evidence, result);
}

// A folded case is mere text until somebody opens it (page.js), so that thousands of cases load at
// once. The text contains no script, and so cannot end one.
void html_add_case(struct text *out, const struct report_case *result, bool open) {
    text_printf(out, "<details class=\"case\" data-verdict=\"%s\" data-trouble=\"%d\"",
                verdict_names[result->verdict->kind], verdict_is_trouble(result->verdict->kind));
    add_attribute(out, "data-server", detail_server(result));
    add_attribute(out, "data-connector", detail_connector(result));
    text_add(out, open ? " open>" : ">");
    add_summary(out, result);
    text_add(out, open ? "" : "<script type=\"text/plain\">");
    add_body(out, result);
    text_add(out, open ? "</details>\n" : "</script></details>\n");
}
