// SPDX-License-Identifier: Apache-2.0
// rerun.c - the command that runs a case again, as a shell takes it
#include "test/lib/suites.h"

#include "base/text.h"
#include "batch/rerun.h"

#include <errno.h>
#include <string.h>

static struct scenario scenario;
static const struct plan_case plan = {.scenario = &scenario, .id = "kill-idle/late@tcp"};
static const struct server_recipe server = {.name = "mysql-9.7"};

static const struct {
    bool by_file;
    const char *file;    // the scenario's
    const char *adapter; // on the host; NULL: the connector is a recipe's
    bool named;
    struct options options;
    const char *command; // the text after the program's name
} rows[] = {
    {false, "", NULL, true, {0}, " run kill-idle/late@tcp --server mysql-9.7 --connector mine"},
    {true,
     "a b.yml",
     NULL,
     true,
     {0},
     " run 'a b.yml' --only kill-idle/late@tcp --server mysql-9.7 --connector mine"},
    {false,
     "",
     NULL,
     true,
     {.folder_count = 2, .folders = {"one", "$two"}},
     " run kill-idle/late@tcp --server mysql-9.7 --connectors one --connectors '$two' --connector "
     "mine"},
    {false,
     "",
     NULL,
     true,
     {.baseline = "my baseline.yml"},
     " run kill-idle/late@tcp --server mysql-9.7 --baseline 'my baseline.yml' --connector mine"},
    {false,
     "",
     "python3 it's.py",
     false,
     {0},
     " run kill-idle/late@tcp --server mysql-9.7 --adapter 'python3 it'\\''s.py'"},
    {false,
     "",
     "exec ./x",
     true,
     {.adapter_path_count = 1, .adapter_paths = {"/srv/~"}},
     " run kill-idle/late@tcp --server mysql-9.7 --adapter mine=./x --adapter-path '/srv/~'"},
};

START_TEST(command_is_what_the_user_gave) {
    const char *argv[] = {"sh", "-c", rows[_i].adapter};
    const struct connector_recipe connector = {.name = "mine",
                                               .on_host = rows[_i].adapter != NULL,
                                               .named_by_hello = !rows[_i].named,
                                               .command = {.count = 3, .items = argv}};
    scenario.file = rows[_i].file;
    struct selection selection = {.scenario = &scenario, .by_file = rows[_i].by_file};
    const struct catalog catalog = {.count = 1, .items = &selection};
    const struct run_item item = {.plan = &plan, .server = &server, .connector = &connector};
    cleanup_free char *command = rerun_command(&item, &catalog, &rows[_i].options);
    cleanup_free char *expected = xprintf("%s%s", program_invocation_name, rows[_i].command);
    ck_assert_str_eq(command, expected);
}
END_TEST

static const struct {
    const char *words[5], *report, *command; // after the program's name
} lists[] = {
    {{"headline", "--adapter", "node x.js", "-q"}, NULL, " run -v headline --adapter 'node x.js'"},
    {{"kill-idle", "--update-baseline"}, "json=-", " run -v kill-idle"},
    {{"headline"}, "json=my run.json", " merge -v 'my run.json'"},
};

// If a report was written, it can show its cases without running them again.
START_TEST(list_is_of_the_report_or_of_another_run) {
    char *words[COUNT_OF(lists[0].words)];
    struct options options = {.words = words};
    for (; lists[_i].words[options.word_count]; options.word_count++)
        words[options.word_count] = xstrdup(lists[_i].words[options.word_count]);
    if (lists[_i].report)
        options.reports[options.report_count++] = lists[_i].report;
    cleanup_free char *command = rerun_listing(&options, "run");
    ck_assert_str_eq(command + strlen(program_invocation_name), lists[_i].command);
    for (int i = 0; i < options.word_count; i++)
        free(words[i]);
}
END_TEST

Suite *suite_rerun(void) {
    Suite *suite = suite_create("rerun");
    TCase *all = tcase_create("rerun");
    tcase_add_loop_test(all, command_is_what_the_user_gave, 0, COUNT_OF(rows));
    tcase_add_loop_test(all, list_is_of_the_report_or_of_another_run, 0, (int)COUNT_OF(lists));
    suite_add_tcase(suite, all);
    return suite;
}
