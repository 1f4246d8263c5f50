// SPDX-License-Identifier: Apache-2.0
// merge.c - a run dealt to shards and joined again is the run, also by README's own words
//
// The cache is prepared first.
#include "test/lib/contain.h"
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEADLINE_MS = 90000, TIMEOUT_S = 100 };

static struct err err;
static char readme[PATH_MAX], program[PATH_MAX], top[64];

static void find_program(void) {
    const char *asked = getenv("GONEAWAY");
    cleanup_free char *here = getcwd(NULL, 0);
    ck_assert_ptr_nonnull(realpath(asked && *asked ? asked : "build/goneaway", program));
    ck_assert_ptr_nonnull(realpath("README.md", readme));
    setenv("GONEAWAY_HOME", here, 0);
}

static void begin(void) {
    contain_begin();
    strcpy(top, "/tmp/goneaway-merge-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chdir(top), 0);
    ck_assert_int_eq(file_make_folders("build", 0755, &err), 0);
    ck_assert_int_eq(symlink(program, "build/goneaway"), 0);
}

static void end(void) {
    contain_check();
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(file_remove_tree(top, &err), 0);
}

static void shell(const char *script) {
    const char *const argv[] = {"/bin/sh", "-ec", script, NULL};
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    cleanup_text struct text output = {0};
    int ret = proc_run(&spec, clock_ms() + DEADLINE_MS, &output, &err);
    ck_assert_msg(ret == 0, "%s\n%.4000s", err.what, text_get(&output));
}

// The commands of a section of README.md, a line each.
static char *lines_of(const char *heading) {
    cleanup_text struct text all = {0};
    struct text lines = {0};
    ck_assert_int_eq(file_read(readme, 1 << 20, &all, &err), 0);
    char *section = strstr(all.data, heading);
    ck_assert_ptr_nonnull(section);
    char *after = strstr(section + strlen(heading), "\n## ");
    if (after)
        *after = '\0';
    for (char *line; (line = strsep(&section, "\n"));)
        if (text_starts(line, "    "))
            text_printf(&lines, "%s\n", line + 4);
    ck_assert_uint_gt(lines.length, 0);
    return lines.data;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The cases of a report with their places and verdicts, sorted. The caller frees it.
static char *cases_of(const char *path) {
    char *names[1000] = {0};
    size_t count = 0;
    struct text all = {0};
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    for (json_t *line; (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)); json_decref(line))
        if (json_object_get(line, "id") && count < COUNT_OF(names))
            names[count++] = xprintf(
                "%s %s %s %s\n", json_string_value(json_object_get(line, "id")),
                json_string_value(json_object_get(json_object_get(line, "server"), "name")),
                json_string_value(json_object_get(json_object_get(line, "connector"), "name")),
                json_string_value(json_object_get(line, "verdict")));
    fclose(file);
    qsort(names, count, sizeof *names, by_text);
    for (size_t i = 0; i < count; i++) {
        text_add(&all, names[i]);
        free(names[i]);
    }
    return all.data;
}

START_TEST(readme_shows_a_pipeline) {
    cleanup_free char *lines = lines_of("\n## In a pipeline\n");
    cleanup_text struct text summary = {0};
    shell(lines);
    ck_assert(file_exists("goneaway.xml"));
    ck_assert_int_eq(file_read("summary.md", 1 << 20, &summary, &err), 0);
    ck_assert_msg(text_starts(summary.data, "### goneaway: 6 cases as expected\n"), "%s",
                  summary.data);
}
END_TEST

START_TEST(shards_are_the_whole_run) {
    shell("run='build/goneaway run kill-idle@tcp kill-idle@socket'\n"
          "$run --report json=whole.json\n"
          "for i in 1 2 3; do $run --shard $i/3 --report json=$i.json; done\n"
          "build/goneaway merge 3.json 1.json 2.json --report json=merged.json\n"
          "cat 1.json 2.json 3.json | grep '\"type\":\"case\"' >parts\n"
          "grep '\"type\":\"case\"' merged.json | cmp - parts\n");
    cleanup_free char *whole = cases_of("whole.json"), *merged = cases_of("merged.json");
    ck_assert_str_eq(whole, merged);
}
END_TEST

Suite *live_merge(void) {
    Suite *suite = suite_create("live-merge");
    TCase *all = tcase_create("merge");
    tcase_add_unchecked_fixture(all, find_program, NULL);
    tcase_add_checked_fixture(all, begin, end);
    tcase_set_timeout(all, TIMEOUT_S);
    tcase_add_test(all, readme_shows_a_pipeline);
    tcase_add_test(all, shards_are_the_whole_run);
    suite_add_tcase(suite, all);
    return suite;
}
