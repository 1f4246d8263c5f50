// SPDX-License-Identifier: Apache-2.0
// docs.c - README, manual pages and --help say what the tables say
#include "test/lib/suites.h"

#include "base/file.h"
#include "cli/options.h"
#include "explain/matrix_page.h"
#include "explain/overview.h"
#include "explain/reference.h"
#include "explain/symptoms.h"
#include "explain/upgrades.h"
#include "plan/kind.h"
#include "plan/plan.h"
#include "verdict/verdict.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void read_readme(struct text *readme) {
    struct err err = {0};
    ck_assert_msg(file_read("README.md", 1 << 20, readme, &err) == 0, "%s", err.what);
}

// What a function prints, to be freed.
static char *printed(void (*print)(FILE *)) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    print(out);
    fclose(out);
    return text;
}

static void print_help(FILE *out) {
    options_print_help(out, NULL);
    for (const struct command *command = commands; command->name; command++)
        options_print_help(out, command);
}

// Whether a line mentions a container engine, whose options are not ours.
static bool names_engine(const char *text, const char *at) {
    while (at > text && at[-1] != '\n')
        at--;
    cleanup_free char *line = xprintf("%.*s", (int)strcspn(at, "\n"), at);
    return strstr(line, "podman") || strstr(line, "docker");
}

START_TEST(readme_names_real_options) {
    cleanup_text struct text readme = {0};
    cleanup_free char *help = printed(print_help);
    read_readme(&readme);
    for (const char *at = readme.data; (at = strstr(at, "--")); at += 2) {
        size_t length = 2;
        while (islower((unsigned char)at[length]) || at[length] == '-')
            length++;
        if (names_engine(readme.data, at))
            continue;
        if (length <= 3 || (at > readme.data && at[-1] != '`' && at[-1] != ' '))
            continue;
        cleanup_free char *option = xprintf("%.*s", (int)length, at);
        ck_assert_msg(strstr(help, option) != NULL, "README.md names the unknown option %s",
                      option);
    }
}
END_TEST

// Each once, under a heading for its subject.
static const char *const templates[] = {"README.md", "ci/templates/github-workflow.yml",
                                        "ci/templates/gitlab-ci.yml",
                                        "ci/github-action/action.yml"};

START_TEST(templates_show_where_a_baseline_goes) {
    cleanup_text struct text file = {0};
    struct err err = {0};
    ck_assert_msg(file_read(templates[_i], 1 << 20, &file, &err) == 0, "%s", err.what);
    ck_assert_ptr_nonnull(strstr(file.data, "--baseline FOLDER"));
}
END_TEST

START_TEST(help_of_run_has_each_option_in_a_group) {
    cleanup_free char *help = NULL;
    size_t length = 0;
    const struct option_row *row;
    FILE *out = open_memstream(&help, &length);
    options_print_help(out, &commands[0]);
    fclose(out);
    const char *other = strstr(help, "\nOther:\n");
    ck_assert_ptr_nonnull(other);
    ck_assert_str_eq(other, "\nOther:\n  --help                     show this help\n");
    for (size_t i = 0; (row = option_row_at(i)); i++) {
        cleanup_free char *plain = xprintf("\n  --%s ", row->name);
        cleanup_free char *lettered = xprintf(", --%s ", row->name);
        const char *found = strstr(help, plain) ? strstr(help, plain) : strstr(help, lettered);
        if (!(row->commands & 1))
            continue;
        ck_assert_msg(found != NULL, "--%s is not shown", row->name);
        ck_assert_msg(!strstr(found + 1, plain), "--%s is shown twice", row->name);
    }
    for (const char *line = help; *line; line += strcspn(line, "\n") + 1)
        ck_assert_int_le((int)strcspn(line, "\n"), 80);
}
END_TEST

START_TEST(readme_explains_each_verdict) {
    cleanup_text struct text readme = {0};
    read_readme(&readme);
    const char *table = strstr(text_get(&readme), "| pass |");
    ck_assert_ptr_nonnull(table);
    for (int kind = 0; kind < VERDICT_COUNT; kind++) {
        cleanup_free char *name = xprintf("%s", verdict_names[kind]);
        const char *found = strstr(table, name);
        ck_assert_msg(found && found < strstr(table, "\n\n"), "README.md has no line for '%s'",
                      name);
    }
}
END_TEST

START_TEST(readme_names_real_commands) {
    static const char program[] = "build/goneaway ";
    cleanup_text struct text readme = {0};
    read_readme(&readme);
    for (const char *at = readme.data; (at = strstr(at, program));) {
        at += strlen(program);
        size_t length = strcspn(at, " `\n");
        bool known = at[0] == '-';
        for (const struct command *command = commands; command->name; command++)
            known |= strlen(command->name) == length && strncmp(command->name, at, length) == 0;
        ck_assert_msg(known, "README.md names the unknown command %.*s", (int)length, at);
    }
}
END_TEST

START_TEST(readme_shows_a_real_scenario) {
    cleanup_text struct text readme = {0};
    struct err err = {0};
    read_readme(&readme);
    const char *from = strstr(readme.data, "```yaml\n");
    ck_assert_ptr_nonnull(from);
    from += strlen("```yaml\n");
    const char *to = strstr(from, "```");
    ck_assert_ptr_nonnull(to);
    struct scenario *scenario = scenario_parse("README.yml", from, (size_t)(to - from), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    scenario_free(scenario);
}
END_TEST

START_TEST(manual_pages_are_complete) {
    cleanup_free char *reference = printed(reference_print);
    cleanup_free char *manual = printed(options_print_man);
    for (const struct verb *const *verb = step_verbs; *verb; verb++)
        ck_assert_msg(strstr(reference, (*verb)->name) != NULL, "no %s", (*verb)->name);
    for (const struct verb *const *verb = fault_verbs; *verb; verb++)
        ck_assert_msg(strstr(reference, (*verb)->name) != NULL, "no %s", (*verb)->name);
    for (const struct command *command = commands; command->name; command++)
        ck_assert_msg(strstr(manual, command->name) != NULL, "no %s", command->name);
    ck_assert_ptr_nonnull(strstr(reference, "\n.TH GONEAWAY\\-SCENARIO 5 "));
    ck_assert_ptr_nonnull(strstr(manual, "\n.TH GONEAWAY 1 "));
    ck_assert_ptr_nonnull(strstr(manual, "\n.TP\n\\fB\\-\\-time\\-scale\\fR X\nstretch "));
}
END_TEST

// The table of causes as a function writes it, to be freed.
static char *table_by(void (*print)(FILE *, const struct catalog *, const struct images *)) {
    char *table = NULL;
    size_t length = 0;
    struct catalog catalog;
    struct images images;
    struct err err = {0};
    ck_assert_msg(catalog_select(&catalog, ".", 0, NULL, &err) == 0, "%s", err.what);
    ck_assert_msg(images_open(&images, "fixtures", &err) == 0, "%s", err.what);
    FILE *out = open_memstream(&table, &length);
    print(out, &catalog, &images);
    fclose(out);
    images_close(&images);
    catalog_release(&catalog);
    return table;
}

START_TEST(table_of_causes_is_current) {
    cleanup_text struct text written = {0};
    cleanup_free char *table = table_by(overview_print_markdown);
    struct err err = {0};
    ck_assert_msg(file_read("scenarios/README.md", 1 << 20, &written, &err) == 0, "%s", err.what);
    ck_assert_msg(strcmp(text_get(&written), table) == 0,
                  "scenarios/README.md is not what `make table` writes");
}
END_TEST

// `goneaway list causes`: lines hang from the column after their label.
START_TEST(table_of_causes_fits_a_terminal) {
    cleanup_free char *table = table_by(overview_print);
    ck_assert_ptr_nonnull(strstr(table, "    scenarios     cli-reconnect ("));
    for (const char *line = table; *line; line += strcspn(line, "\n") + 1)
        ck_assert_msg(strcspn(line, "\n") <= 80, "%.200s", line);
}
END_TEST

static const struct {
    const char *file, *target;
    int (*print)(FILE *out, const char *home, const struct catalog *catalog, struct err *err);
} pages[] = {{"scenarios/UPGRADES.md", "table", upgrades_print},
             {"scenarios/MATRIX.md", "matrix", matrix_page_print}};

START_TEST(pages_are_current) {
    cleanup_text struct text written = {0};
    cleanup_free char *page = NULL;
    size_t length = 0;
    struct catalog catalog;
    struct err err = {0};
    ck_assert_msg(catalog_select(&catalog, ".", 0, NULL, &err) == 0, "%s", err.what);
    FILE *out = open_memstream(&page, &length);
    int ret = pages[_i].print(out, ".", &catalog, &err);
    fclose(out);
    catalog_release(&catalog);
    ck_assert_msg(ret == 0, "%s", err.what);
    ck_assert_msg(file_read(pages[_i].file, 4 << 20, &written, &err) == 0, "%s", err.what);
    ck_assert_msg(strcmp(text_get(&written), page) == 0, "%s is not what `make %s` writes",
                  pages[_i].file, pages[_i].target);
}
END_TEST

static bool is_scenario(const struct catalog *catalog, const char *name) {
    for (size_t i = 0; i < catalog->count; i++)
        if (strcmp(catalog->items[i].scenario->name, name) == 0)
            return true;
    return false;
}

// The words between `goneaway run` and the first option, or the end of the command.
START_TEST(defects_name_real_scenarios) {
    static const char command[] = "`goneaway run ";
    cleanup_text struct text page = {0};
    struct catalog catalog;
    struct err err = {0};
    size_t names = 0;
    ck_assert_msg(catalog_select(&catalog, ".", 0, NULL, &err) == 0, "%s", err.what);
    ck_assert_msg(file_read("scenarios/DEFECTS.md", 1 << 20, &page, &err) == 0, "%s", err.what);
    for (const char *at = text_get(&page); (at = strstr(at, command));) {
        at += strlen(command);
        for (size_t length; strncmp(at, "--", 2) != 0; at += length + (at[length] == ' ')) {
            length = strcspn(at, " `");
            cleanup_free char *name = xprintf("%.*s", (int)strcspn(at, "/ `"), at);
            if (length == 0)
                break;
            ck_assert_msg(is_scenario(&catalog, name), "there is no scenario '%s'", name);
            names++;
        }
    }
    ck_assert_uint_gt(names, 20);
    catalog_release(&catalog);
}
END_TEST

START_TEST(symptoms_name_real_scenarios) {
    enum { DOZEN = 12 };
    struct catalog catalog;
    struct err err = {0};
    int count = 0;
    ck_assert_msg(catalog_select(&catalog, ".", 0, NULL, &err) == 0, "%s", err.what);
    for (const struct symptom *symptom = symptoms; symptom->question; symptom++, count++)
        for (const struct suspect *one = symptom->suspects; one->scenario; one++)
            ck_assert_msg(is_scenario(&catalog, one->scenario),
                          "harness/explain/symptoms.c names the scenario '%s', which there is not",
                          one->scenario);
    ck_assert_int_ge(count, DOZEN);
    catalog_release(&catalog);
}
END_TEST

Suite *suite_docs(void) {
    Suite *suite = suite_create("docs");
    TCase *all = tcase_create("docs");
    tcase_add_test(all, readme_names_real_options);
    tcase_add_test(all, readme_names_real_commands);
    tcase_add_loop_test(all, templates_show_where_a_baseline_goes, 0, COUNT_OF(templates));
    tcase_add_test(all, help_of_run_has_each_option_in_a_group);
    tcase_add_test(all, readme_explains_each_verdict);
    tcase_add_test(all, readme_shows_a_real_scenario);
    tcase_add_test(all, manual_pages_are_complete);
    tcase_add_test(all, table_of_causes_is_current);
    tcase_add_test(all, table_of_causes_fits_a_terminal);
    tcase_add_loop_test(all, pages_are_current, 0, (int)COUNT_OF(pages));
    tcase_add_test(all, defects_name_real_scenarios);
    tcase_add_test(all, symptoms_name_real_scenarios);
    suite_add_tcase(suite, all);
    return suite;
}
