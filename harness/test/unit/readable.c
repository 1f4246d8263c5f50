// SPDX-License-Identifier: Apache-2.0
// readable.c - own scenarios stay such that a stranger reads them: one failure a file
#include "test/lib/suites.h"

#include "base/file.h"
#include "plan/plan.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_LINES = 70,
    MOST_COLUMNS = 120,
    MOST_OF_VARIANTS = 8,
    ONE_STEP_IN = 4, // may be for some variants only
    FEW_STEPS = 4,   // always allowed: a control and its sibling differ somewhere
};

static glob_t files;

static int count_filtered(const struct node *steps) {
    int count = 0;
    for (size_t i = 0; i < steps->count; i++)
        count += node_get(steps->items[i], "variants") != NULL;
    return count;
}

// In characters, some of which take two bytes or more.
static int count_columns(const char *line, size_t length) {
    int count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)line[i] & 0xc0) != 0x80;
    return count;
}

static const char *judge_text(const char *data) {
    int lines = 0;
    for (const char *next; (next = strchr(data, '\n')); data = next + 1, lines++)
        if (count_columns(data, (size_t)(next - data)) > MOST_COLUMNS)
            return "a line is wider than 120 columns";
    return lines > MOST_LINES ? "it has more than 70 lines" : NULL;
}

static const char *judge(const char *path) {
    struct err err;
    cleanup_text struct text data = {0};
    ck_assert_msg(file_read(path, SCENARIO_MAX_BYTES, &data, &err) == 0, "%s", err.what);
    struct scenario *scenario = scenario_read(path, &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    const struct node *steps = node_get(scenario->root, "steps");
    int filtered = count_filtered(steps);
    const char *why = judge_text(text_get(&data));
    if (!why && scenario->variants.count > MOST_OF_VARIANTS)
        why = "it has more than 8 variants";
    if (!why && filtered > FEW_STEPS && (size_t)filtered * ONE_STEP_IN > steps->count)
        why = "more than a quarter of its steps are for some variants only";
    if (!why && scenario->warnings->count > 0)
        why = "`check` warns of it";
    scenario_free(scenario);
    return why;
}

START_TEST(is_readable) {
    const char *path = files.gl_pathv[_i];
    const char *why = judge(path);
    ck_assert_msg(why == NULL, "%s: %s", path, why);
}
END_TEST

Suite *suite_readable(void) {
    const char *home = getenv("GONEAWAY_HOME");
    cleanup_free char *pattern = xprintf("%s/scenarios/*/*.yml", home && *home ? home : ".");
    glob(pattern, 0, NULL, &files);
    Suite *suite = suite_create("readable");
    TCase *tests = tcase_create("scenarios");
    tcase_add_loop_test(tests, is_readable, 0, (int)files.gl_pathc);
    suite_add_tcase(suite, tests);
    return suite;
}
