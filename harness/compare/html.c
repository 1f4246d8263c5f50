// SPDX-License-Identifier: Apache-2.0
// html.c - a comparison as one self-contained page
#include "compare/words.h"

#include "report/html.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NAMES = 1000, MOST_LINES = 2000 };

static void *html_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    return file;
}

static void html_close(void *state) {
    (void)state;
}

static void add_cell(struct text *out, const char *element, const char *text) {
    text_printf(out, "<%s>", element);
    html_escape(out, text);
    text_printf(out, "</%.*s>", (int)strcspn(element, " "), element);
}

// ---- what was compared -------------------------------------------------------------------------

static char *title_of(const struct comparison *comparison) {
    size_t compared = comparison->compared;
    if (comparison->changed == 0)
        return xprintf("goneaway: no difference in %zu %s", compared, compare_cases(compared));
    return xprintf("goneaway: %zu of %zu %s %s", comparison->changed, compared,
                   compare_cases(compared), comparison->changed == 1 ? "differs" : "differ");
}

static void add_side(struct text *out, const struct comparison *comparison, bool after) {
    const struct seen *seen = after ? comparison->after : comparison->before;
    cleanup_text struct text connectors = {0}, servers = {0};
    compare_places(&connectors, &comparison->connectors, &seen->connectors, after);
    compare_places(&servers, &comparison->servers, &seen->servers, after);
    text_printf(out, "<tr><th scope=\"row\">%s</th>", after ? "NEW" : "OLD");
    add_cell(out, "td class=\"wrap\"", text_get(&connectors));
    add_cell(out, "td class=\"wrap\"", text_get(&servers));
    add_cell(out, "td class=\"wrap\"", seen->incomplete ? seen->incomplete : "complete");
    text_add(out, "</tr>\n");
}

static void add_sides(struct text *out, const struct comparison *comparison) {
    text_add(out, "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><td></td>"
                  "<th scope=\"col\">connectors</th><th scope=\"col\">servers</th>"
                  "<th scope=\"col\">report</th></tr></thead><tbody>\n");
    add_side(out, comparison, false);
    add_side(out, comparison, true);
    text_add(out, "</tbody></table></div>\n");
}

// ---- what differs ------------------------------------------------------------------------------

static void add_case_line(struct text *out, const struct comparison *comparison,
                          const struct change_group *group, const struct case_line *line) {
    cleanup_text struct text name = {0}, rest = {0};
    case_line_name(&name, line);
    case_line_rest(&rest, line, comparison, group);
    text_add(out, "<li>");
    add_cell(out, "code", text_get(&name));
    text_add(out, rest.length > 0 ? " " : "");
    html_escape(out, text_get(&rest));
    text_add(out, "</li>\n");
}

// A group is unfolded if it is the first, or has few cases.
static void add_group(struct text *out, const struct comparison *comparison,
                      const struct change_group *group, bool first) {
    enum { FEW = 5 };
    cleanup_text struct text common = {0};
    cleanup_case_lines struct case_lines lines;
    case_lines_make(&lines, comparison, group);
    compare_common(&common, group);
    text_printf(out, "<details class=\"case\"%s><summary>",
                first || group->case_count <= FEW ? " open" : "");
    cleanup_free char *count =
        xprintf("%zu %s", group->case_count, compare_cases(group->case_count));
    add_cell(out, "b", count);
    add_cell(out, "code", group->changes->before_text);
    text_add(out, "<span>&rarr;</span>");
    add_cell(out, "code", group->changes->after_text);
    add_cell(out, "span class=\"place\"", text_get(&common));
    text_add(out, "</summary>\n<ul>");
    for (size_t i = 0; i < lines.count && i < MOST_LINES; i++)
        add_case_line(out, comparison, group, &lines.items[i]);
    if (lines.count > MOST_LINES)
        text_printf(out, "<li>and %zu more</li>", lines.count - MOST_LINES);
    text_add(out, "</ul></details>\n");
}

static void add_groups(struct text *out, const struct comparison *comparison) {
    if (comparison->group_count == 0)
        return;
    text_add(out, "<h2>What differs</h2>\n");
    for (size_t i = 0; i < comparison->group_count; i++)
        add_group(out, comparison, &comparison->groups[i], i == 0);
}

// ---- what only one side has --------------------------------------------------------------------

static void begin_more(struct text *out, const char *what, size_t count, const char *unit) {
    text_add(out, "<details class=\"case\"><summary>");
    add_cell(out, "b", what);
    text_printf(out, "<span>%zu %s</span></summary>\n", count, unit);
}

static void add_lones(struct text *out, const struct lones *lones, const char *side, bool steps) {
    cleanup_text struct text names = {0};
    size_t count = steps ? lones->count - lones->case_count : lones->case_count;
    if (count == 0)
        return;
    compare_lones(&names, lones, steps, MOST_NAMES);
    begin_more(out, side, count, !steps ? compare_cases(count) : count == 1 ? "step" : "steps");
    add_cell(out, "p", text_get(&names));
    text_add(out, "</details>\n");
}

static void add_unstable(struct text *out, const struct comparison *comparison) {
    size_t count = comparison->unstable_count;
    if (count == 0)
        return;
    begin_more(out, "Unstable", count,
               count == 1 ? "step not alike in all repetitions"
                          : "steps not alike in all repetitions");
    text_add(out, "<ul>");
    for (size_t i = 0; i < count && i < MOST_LINES; i++) {
        const struct unstable *one = &comparison->unstable[i];
        cleanup_text struct text line = {0};
        compare_where(&line, comparison, &one->where, one->step);
        text_printf(&line, " in %s: %s", one->after ? "NEW" : "OLD", one->text);
        add_cell(out, "li", text_get(&line));
    }
    text_add(out, "</ul></details>\n");
}

static void html_write(void *state, const void *what) {
    const struct comparison *comparison = what;
    cleanup_text struct text out = {0}, idle = {0};
    cleanup_free char *title = title_of(comparison);
    html_begin_page(&out, title);
    add_sides(&out, comparison);
    add_groups(&out, comparison);
    for (int steps = 0; steps < 2; steps++) {
        add_lones(&out, &comparison->only_before, "Only in OLD", steps);
        add_lones(&out, &comparison->only_after, "Only in NEW", steps);
    }
    add_unstable(&out, comparison);
    compare_idle(&idle, comparison);
    if (idle.length > 0) {
        cleanup_free char *line = xprintf("Not compared: %s.", idle.data);
        add_cell(&out, "p class=\"dim\"", line);
    }
    text_add(&out, "</body></html>\n");
    fputs(text_get(&out), state);
}

const struct report_format compare_html = {
    .name = "html",
    .doc = "one page that needs nothing else: what differs, and in which cases",
    .example = "comparison.html",
    .open = html_open,
    .write = html_write,
    .close = html_close,
};
