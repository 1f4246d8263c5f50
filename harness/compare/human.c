// SPDX-License-Identifier: Apache-2.0
// human.c - prints a comparison on the terminal: changes in groups, the largest first
#include "compare/words.h"

#include "base/utf8.h"
#include "report/detail.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_GROUPS = 100,
    MOST_LINES = 8, // of a group, give or take two that are not worth cutting
    MOST_NAMES = 12,
    INDENT = 4,
};

struct human {
    FILE *file;
    struct sheet sheet;
    bool shortened; // something was left out
};

static void *human_open(FILE *file, bool colour, int columns) {
    (void)columns;
    struct human *human = xcalloc(1, sizeof *human);
    human->file = file;
    human->sheet = (struct sheet){.colour = colour, .utf8 = detail_locale_is_utf8()};
    return human;
}

static void human_close(void *state) {
    struct human *human = state;
    text_release(&human->sheet.text);
    free(human);
}

// Prints "label  text", unless the text is empty.
static void add_line(struct human *human, enum ink ink, int width, const char *label,
                     const char *text) {
    if (!*text)
        return;
    sheet_ink(&human->sheet, ink, width, label);
    sheet_foreign(&human->sheet, INK_PLAIN, text);
    sheet_end_line(&human->sheet);
}

static void add_side(struct human *human, const struct comparison *comparison, bool after) {
    const struct seen *seen = after ? comparison->after : comparison->before;
    cleanup_text struct text line = {0}, rest = {0};
    text_printf(&line, "%s: ", seen->path);
    compare_places(&line, &comparison->connectors, &seen->connectors, after);
    text_add(&line, " on ");
    compare_places(&line, &comparison->servers, &seen->servers, after);
    add_line(human, INK_BOLD, 5, after ? "NEW" : "OLD", text_get(&line));
    compare_unpaired(&rest, &comparison->connectors, &seen->connectors, after);
    compare_unpaired(&rest, &comparison->servers, &seen->servers, after);
    add_line(human, INK_DIM, 0, "     not compared: ", text_get(&rest));
    add_line(human, INK_DOUBTFUL, 0, "     incomplete: ", seen->incomplete ? seen->incomplete : "");
}

static void add_heading(struct human *human, const struct change_group *group) {
    cleanup_text struct text common = {0};
    cleanup_free char *count =
        xprintf("%zu %s: ", group->case_count, compare_cases(group->case_count));
    cleanup_free char *change =
        xprintf("%s -> %s", group->changes->before_text, group->changes->after_text);
    compare_common(&common, group);
    sheet_end_line(&human->sheet);
    sheet_ink(&human->sheet, INK_BOLD, 0, count);
    sheet_foreign(&human->sheet, INK_BOLD, change);
    if (common.length > 0) {
        text_add(&human->sheet.text, ", ");
        sheet_foreign(&human->sheet, INK_PLAIN, common.data);
    }
    sheet_end_line(&human->sheet);
}

static int name_width(const struct case_lines *lines, size_t shown) {
    size_t width = 0;
    for (size_t i = 0; i < shown; i++) {
        cleanup_text struct text name = {0};
        case_line_name(&name, &lines->items[i]);
        size_t length = utf8_length(text_get(&name));
        width = length > width ? length : width;
    }
    return width < SHEET_WIDEST ? (int)width : SHEET_WIDEST;
}

static void add_case_line(struct human *human, const struct comparison *comparison,
                          const struct change_group *group, const struct case_line *line,
                          int width) {
    cleanup_text struct text name = {0}, rest = {0};
    case_line_name(&name, line);
    case_line_rest(&rest, line, comparison, group);
    cleanup_free char *safe = sheet_safe(&human->sheet, text_get(&name), -1);
    text_printf(&human->sheet.text, "%*s", INDENT, "");
    sheet_ink(&human->sheet, INK_PLAIN, width, safe);
    text_add(&human->sheet.text, "  ");
    sheet_foreign(&human->sheet, INK_DIM, text_get(&rest));
    sheet_end_line(&human->sheet);
}

static void add_group(struct human *human, const struct comparison *comparison,
                      const struct change_group *group) {
    cleanup_case_lines struct case_lines lines;
    case_lines_make(&lines, comparison, group);
    size_t shown = lines.count <= MOST_LINES + 2 ? lines.count : MOST_LINES;
    int width = name_width(&lines, shown);
    add_heading(human, group);
    for (size_t i = 0; i < shown; i++)
        add_case_line(human, comparison, group, &lines.items[i], width);
    if (shown < lines.count) {
        text_printf(&human->sheet.text, "%*sand %zu more\n", INDENT, "", lines.count - shown);
        human->shortened = true;
    }
}

static void add_groups(struct human *human, const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->group_count && i < MOST_GROUPS; i++)
        add_group(human, comparison, &comparison->groups[i]);
    if (comparison->group_count <= MOST_GROUPS)
        return;
    text_printf(&human->sheet.text, "\nand %zu smaller groups\n",
                comparison->group_count - MOST_GROUPS);
    human->shortened = true;
}

static void add_lones(struct human *human, const struct lones *lones, const char *side) {
    cleanup_text struct text cases = {0}, steps = {0};
    compare_lones(&cases, lones, false, MOST_NAMES);
    compare_lones(&steps, lones, true, MOST_NAMES);
    cleanup_free char *of_cases =
        xprintf("only in %s, %zu %s: ", side, lones->case_count, compare_cases(lones->case_count));
    size_t count = lones->count - lones->case_count;
    cleanup_free char *of_steps =
        xprintf("only in %s, %zu step%s: ", side, count, count == 1 ? "" : "s");
    add_line(human, INK_BOLD, 0, of_cases, text_get(&cases));
    add_line(human, INK_BOLD, 0, of_steps, text_get(&steps));
}

static void add_unstable(struct human *human, const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->unstable_count && i < MOST_NAMES; i++) {
        const struct unstable *one = &comparison->unstable[i];
        cleanup_text struct text line = {0};
        compare_where(&line, comparison, &one->where, one->step);
        text_printf(&line, ": %s", one->text);
        add_line(human, INK_DOUBTFUL, 0,
                 one->after ? "unstable in NEW: " : "unstable in OLD: ", text_get(&line));
    }
    if (comparison->unstable_count <= MOST_NAMES)
        return;
    text_printf(&human->sheet.text, "and %zu more that are unstable\n",
                comparison->unstable_count - MOST_NAMES);
    human->shortened = true;
}

static void add_end(struct human *human, const struct comparison *comparison) {
    size_t compared = comparison->compared, changed = comparison->changed;
    cleanup_text struct text idle = {0};
    compare_idle(&idle, comparison);
    add_line(human, INK_PLAIN, 0, "not compared: ", text_get(&idle));
    text_printf(&human->sheet.text, "%zu %s compared: ", compared, compare_cases(compared));
    if (changed == 0)
        sheet_ink(&human->sheet, INK_GOOD, 0, "no difference");
    else {
        cleanup_free char *count = xprintf("%zu %s", changed, changed == 1 ? "differs" : "differ");
        sheet_ink(&human->sheet, INK_BAD, 0, count);
        text_printf(&human->sheet.text, ", %zu %s alike", compared - changed,
                    compared - changed == 1 ? "is" : "are");
    }
    sheet_end_line(&human->sheet);
    if (human->shortened)
        text_add(&human->sheet.text, "`--report json=FILE` has all of it\n");
}

static void human_write(void *state, const void *what) {
    struct human *human = state;
    const struct comparison *comparison = what;
    add_side(human, comparison, false);
    add_side(human, comparison, true);
    add_groups(human, comparison);
    sheet_end_line(&human->sheet);
    add_lones(human, &comparison->only_before, "OLD");
    add_lones(human, &comparison->only_after, "NEW");
    add_unstable(human, comparison);
    add_end(human, comparison);
    fputs(text_get(&human->sheet.text), human->file);
}

const struct report_format compare_human = {
    .name = "human",
    .doc = "what has changed, for people: equal changes together, the most frequent first",
    .open = human_open,
    .write = human_write,
    .close = human_close,
};
