// SPDX-License-Identifier: Apache-2.0
// markdown.c - a comparison as a comment on a pull request: a table, details folded
//
// GitHub refuses comments of more than 65,536 characters, so the text is cut to fit.
#include "compare/words.h"

#include "report/markdown.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_ROWS_BYTES = 20 * 1000,
    MOST_DETAILS_BYTES = 25 * 1000,
    MOST_NAMES = 50,
    NAME_WIDTH = 100,
    TEXT_WIDTH = 300,
    LIST_WIDTH = 1500,
};

static void *markdown_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    return file;
}

static void markdown_close(void *state) {
    (void)state;
}

static void add_title(struct text *out, const struct comparison *comparison) {
    size_t compared = comparison->compared;
    if (comparison->changed > 0)
        text_printf(out, "### goneaway: %zu of %zu %s %s\n\n", comparison->changed, compared,
                    compare_cases(compared), comparison->changed == 1 ? "differs" : "differ");
    else
        text_printf(out, "### goneaway: no difference in %zu %s\n\n", compared,
                    compare_cases(compared));
}

static void add_side(struct text *out, const struct comparison *comparison, bool after) {
    const struct seen *seen = after ? comparison->after : comparison->before;
    cleanup_text struct text connectors = {0}, servers = {0};
    compare_places(&connectors, &comparison->connectors, &seen->connectors, after);
    compare_places(&servers, &comparison->servers, &seen->servers, after);
    text_printf(out, "| %s | ", after ? "NEW" : "OLD");
    markdown_escape(out, text_get(&connectors), TEXT_WIDTH);
    text_add(out, " | ");
    markdown_escape(out, text_get(&servers), TEXT_WIDTH);
    text_add(out, " | ");
    markdown_escape(out, seen->incomplete ? seen->incomplete : "complete", TEXT_WIDTH);
    text_add(out, " |\n");
}

static void add_sides(struct text *out, const struct comparison *comparison) {
    text_add(out, "| | connectors | servers | report |\n|---|---|---|---|\n");
    add_side(out, comparison, false);
    add_side(out, comparison, true);
    text_add(out, "\n");
}

static void add_row(struct text *out, const struct change_group *group) {
    cleanup_text struct text common = {0};
    compare_common(&common, group);
    if (group->count == 1)
        text_printf(&common, "%s", group->changes->where.id);
    text_printf(out, "| %zu | ", group->case_count);
    markdown_escape(out, group->changes->before_text, TEXT_WIDTH);
    text_add(out, " | ");
    markdown_escape(out, group->changes->after_text, TEXT_WIDTH);
    text_add(out, " | ");
    markdown_escape(out, text_get(&common), TEXT_WIDTH);
    text_add(out, " |\n");
}

// Returns how many groups got a row.
static size_t add_table(struct text *out, const struct comparison *comparison) {
    size_t shown = 0, begin = out->length;
    if (comparison->group_count == 0)
        return 0;
    text_add(out, "| cases | OLD | NEW | |\n|---:|---|---|---|\n");
    while (shown < comparison->group_count && out->length - begin < MOST_ROWS_BYTES)
        add_row(out, &comparison->groups[shown++]);
    text_add(out, "\n");
    if (shown < comparison->group_count)
        text_printf(out, "And %zu smaller groups, for which there is no room here.\n\n",
                    comparison->group_count - shown);
    return shown;
}

static void add_case_line(struct text *out, const struct comparison *comparison,
                          const struct change_group *group, const struct case_line *line) {
    cleanup_text struct text name = {0}, rest = {0};
    case_line_name(&name, line);
    case_line_rest(&rest, line, comparison, group);
    text_add(out, "- ");
    markdown_escape(out, text_get(&name), NAME_WIDTH);
    text_add(out, rest.length > 0 ? ": " : "");
    markdown_escape(out, text_get(&rest), TEXT_WIDTH);
    text_add(out, "\n");
}

static void add_details(struct text *out, const struct comparison *comparison,
                        const struct change_group *group, size_t end) {
    cleanup_case_lines struct case_lines lines;
    size_t shown = 0;
    case_lines_make(&lines, comparison, group);
    text_printf(out, "**%zu %s: ", group->case_count, compare_cases(group->case_count));
    markdown_escape(out, group->changes->before_text, TEXT_WIDTH);
    text_add(out, " → ");
    markdown_escape(out, group->changes->after_text, TEXT_WIDTH);
    text_add(out, "**\n\n");
    while (shown < lines.count && out->length < end)
        add_case_line(out, comparison, group, &lines.items[shown++]);
    if (shown < lines.count)
        text_printf(out, "- and %zu more\n", lines.count - shown);
    text_add(out, "\n");
}

// Shares the remaining room among all groups, the large ones first.
static void add_all_details(struct text *out, const struct comparison *comparison, size_t groups) {
    size_t end = out->length + MOST_DETAILS_BYTES, shown = 0;
    if (groups == 0)
        return;
    text_add(out, "<details><summary>The cases</summary>\n\n");
    for (; shown < groups && out->length < end; shown++) {
        size_t share = (end - out->length) / (groups - shown < 4 ? groups - shown : 4);
        add_details(out, comparison, &comparison->groups[shown], out->length + share);
    }
    if (shown < groups)
        text_printf(out, "And those of %zu smaller groups.\n\n", groups - shown);
    text_add(out, "</details>\n\n");
}

static void add_lones(struct text *out, const struct lones *lones, const char *side, bool steps) {
    cleanup_text struct text names = {0};
    size_t count = steps ? lones->count - lones->case_count : lones->case_count;
    if (count == 0)
        return;
    compare_lones(&names, lones, steps, MOST_NAMES);
    text_printf(out, "<details><summary>Only in %s: %zu %s</summary>\n\n", side, count,
                !steps       ? compare_cases(count)
                : count == 1 ? "step"
                             : "steps");
    markdown_escape(out, text_get(&names), LIST_WIDTH);
    text_add(out, "\n\n</details>\n\n");
}

static void add_unstable(struct text *out, const struct comparison *comparison) {
    size_t count = comparison->unstable_count, begin = out->length, shown = 0;
    if (count == 0)
        return;
    text_printf(out,
                "<details><summary>Unstable: %zu step%s not alike in all repetitions</summary>\n\n",
                count, count == 1 ? "" : "s");
    for (; shown < count && out->length - begin < MOST_ROWS_BYTES / 4; shown++) {
        const struct unstable *one = &comparison->unstable[shown];
        cleanup_text struct text line = {0};
        compare_where(&line, comparison, &one->where, one->step);
        text_printf(&line, ": %s", one->text);
        text_printf(out, "- in %s: ", one->after ? "NEW" : "OLD");
        markdown_escape(out, text_get(&line), TEXT_WIDTH);
        text_add(out, "\n");
    }
    if (shown < count)
        text_printf(out, "- and %zu more\n", count - shown);
    text_add(out, "\n</details>\n\n");
}

static void markdown_write(void *state, const void *what) {
    const struct comparison *comparison = what;
    cleanup_text struct text out = {0}, idle = {0};
    add_title(&out, comparison);
    add_sides(&out, comparison);
    add_all_details(&out, comparison, add_table(&out, comparison));
    for (int steps = 0; steps < 2; steps++) {
        add_lones(&out, &comparison->only_before, "OLD", steps);
        add_lones(&out, &comparison->only_after, "NEW", steps);
    }
    add_unstable(&out, comparison);
    compare_idle(&idle, comparison);
    if (idle.length > 0)
        text_printf(&out, "Not compared: %s.\n", idle.data);
    fputs(text_get(&out), state);
}

const struct report_format compare_markdown = {
    .name = "markdown",
    .doc = "a comment for a pull request: a table of changes, their cases folded",
    .open = markdown_open,
    .write = markdown_write,
    .close = markdown_close,
};
