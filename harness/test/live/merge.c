// SPDX-License-Identifier: Apache-2.0
// merge.c - a run dealt to shards and merged again equals the run, also as ci/README.md says
//
// The cache is prepared first.
#include "test/lib/cli.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEADLINE_MS = 90000, TIMEOUT_S = 100 };

static struct err err;

static void begin(void) {
    cli_begin("/tmp/goneaway-merge", 0700);
    ck_assert_int_eq(mkdir("build", 0755), 0);
    ck_assert_int_eq(symlink(cli.program, "build/goneaway"), 0);
}

// The commands in a section of ci/README.md, one per line.
static char *lines_of(const char *heading) {
    cleanup_text struct text all = {0};
    struct text lines = {0};
    cleanup_free char *readme = xprintf("%s/ci/README.md", cli.home);
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

// The cases of a report with places and verdicts, sorted. To be freed.
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
    cli_shell(lines, DEADLINE_MS);
    ck_assert(file_exists("goneaway.xml"));
    ck_assert_int_eq(file_read("summary.md", 1 << 20, &summary, &err), 0);
    ck_assert_msg(text_starts(summary.data, "### goneaway: 6 cases as expected\n"), "%s",
                  summary.data);
}
END_TEST

START_TEST(shards_are_the_whole_run) {
    cli_shell("run='build/goneaway run kill-idle@tcp kill-idle@socket'\n"
              "$run --report json=whole.json\n"
              "for i in 1 2 3; do $run --shard $i/3 --report json=$i.json; done\n"
              "build/goneaway merge 3.json 1.json 2.json --report json=merged.json\n"
              "cat 1.json 2.json 3.json | grep '\"type\":\"case\"' >parts\n"
              "grep '\"type\":\"case\"' merged.json | cmp - parts\n",
              DEADLINE_MS);
    cleanup_free char *whole = cases_of("whole.json"), *merged = cases_of("merged.json");
    ck_assert_str_eq(whole, merged);
}
END_TEST

Suite *live_merge(void) {
    Suite *suite = suite_create("live-merge");
    TCase *all = tcase_create("merge");
    tcase_add_unchecked_fixture(all, cli_find, NULL);
    tcase_add_checked_fixture(all, begin, cli_end);
    tcase_set_timeout(all, TIMEOUT_S);
    tcase_add_test(all, readme_shows_a_pipeline);
    tcase_add_test(all, shards_are_the_whole_run);
    suite_add_tcase(suite, all);
    return suite;
}
