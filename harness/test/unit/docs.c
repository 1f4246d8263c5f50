// SPDX-License-Identifier: Apache-2.0
// docs.c - the pages, manual pages and --help say what the tables say
#include "test/lib/suites.h"

#include "base/file.h"
#include "cli/options.h"
#include "explain/lost.h"
#include "explain/matrix_data.h"
#include "explain/matrix_page.h"
#include "explain/overview.h"
#include "explain/reference.h"
#include "explain/symptoms.h"
#include "explain/upgrades.h"
#include "plan/kind.h"
#include "plan/plan.h"
#include "verdict/verdict.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

// The pages that people write, whose words are held against the tables.
static const char *const papers[] = {
    "README.md",           "scenarios/WRITING.md",    "fixtures/connectors/README.md",
    "ci/README.md",        "harness/README.md",       "fixtures/servers/README.md",
    "ci/LAB.md",           ".github/CONTRIBUTING.md", ".github/CHANGELOG.md",
    ".github/SECURITY.md",
};

static void read_page(const char *path, struct text *page) {
    struct err err = {0};
    ck_assert_msg(file_read(path, 1 << 20, page, &err) == 0, "%s", err.what);
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

// Whether a line mentions a program whose options are not ours: a container engine, curl or node.
static bool names_another(const char *text, const char *at) {
    while (at > text && at[-1] != '\n')
        at--;
    cleanup_free char *line = xprintf("%.*s", (int)strcspn(at, "\n"), at);
    return strstr(line, "podman") || strstr(line, "docker") || strstr(line, "curl ") ||
           strstr(line, "node ");
}

START_TEST(papers_name_real_options) {
    cleanup_text struct text page = {0};
    cleanup_free char *help = printed(print_help);
    read_page(papers[_i], &page);
    for (const char *at = page.data; (at = strstr(at, "--")); at += 2) {
        size_t length = 2;
        while (islower((unsigned char)at[length]) || at[length] == '-')
            length++;
        if (names_another(page.data, at))
            continue;
        if (length <= 3 || (at > page.data && at[-1] != '`' && at[-1] != ' '))
            continue;
        cleanup_free char *option = xprintf("%.*s", (int)length, at);
        ck_assert_msg(strstr(help, option) != NULL, "%s names the unknown option %s", papers[_i],
                      option);
    }
}
END_TEST

// The anchor that GitHub gives a heading: its letters in lower case, with dashes for blanks.
static bool has_heading(const char *page, const char *anchor) {
    for (const char *at = page; (at = strstr(at, "\n#")); at++) {
        cleanup_text struct text slug = {0};
        const char *title = at + 1 + strspn(at + 1, "# ");
        for (; *title && *title != '\n'; title++)
            if (isalnum((unsigned char)*title) || *title == '-' || *title == ' ')
                text_printf(&slug, "%c", *title == ' ' ? '-' : tolower((unsigned char)*title));
        if (strcmp(text_get(&slug), anchor) == 0)
            return true;
    }
    return false;
}

static void check_link(const char *from, const char *link) {
    const char *slash = strrchr(from, '/');
    cleanup_text struct text page = {0};
    cleanup_free char *file = xprintf("%.*s", (int)strcspn(link, "#"), link);
    cleanup_free char *path = xprintf("%.*s%s", slash ? (int)(slash - from) + 1 : 0, from, file);
    const char *anchor = strchr(link, '#');
    ck_assert_msg(file_exists(*file ? path : from), "%s links to %s, which is not there", from,
                  link);
    if (!anchor)
        return;
    read_page(*file ? path : from, &page);
    ck_assert_msg(has_heading(page.data, anchor + 1), "%s links to %s, which has no such heading",
                  from, link);
}

START_TEST(links_lead_to_what_is_there) {
    cleanup_text struct text page = {0};
    read_page(papers[_i], &page);
    for (const char *at = page.data; (at = strstr(at, "](")); at++) {
        cleanup_free char *link = xprintf("%.*s", (int)strcspn(at + 2, ")"), at + 2);
        if (!text_starts(link, "http"))
            check_link(papers[_i], link);
    }
}
END_TEST

// Who runs the commands of the pages; live_pages runs those that begin with build/goneaway.
static const char *const run_elsewhere[] = {
    "build/goneaway ",          // live_pages
    "curl ",                    // live_lab
    "make run",                 // on-debian.sh
    "make check",               // .ci/run
    "make lint-static",         // .ci/run
    ".ci/run",                  // by itself
    "make deb",                 // package.sh
    "sudo apt install ./build", // package.sh
    "goneaway run kill-idle",   // package.sh
    "source <(build/goneaway",  // completion.sh
    "make image",               // podman.sh
    "podman ",                  // podman.sh
    "skopeo copy oci-archive:", // nobody: there is no engine of Docker's where tests run
    "docker run --rm ",         // nobody, likewise
    "scenario file -> plan",    // a picture
    "             ",            // likewise
};

START_TEST(commands_are_run_by_somebody) {
    cleanup_text struct text page = {0};
    bool code = false;
    read_page(papers[_i], &page);
    char *rest = page.data;
    for (char *line; (line = strsep(&rest, "\n"));) {
        code ^= text_starts(line, "```");
        bool known = code || !text_starts(line, "    ");
        for (size_t i = 0; i < COUNT_OF(run_elsewhere); i++)
            known |= text_starts(line + (known ? 0 : 4), run_elsewhere[i]);
        ck_assert_msg(known, "%s has `%s`, which no test runs", papers[_i], line + 4);
    }
}
END_TEST

START_TEST(readme_is_short) {
    cleanup_text struct text page = {0};
    int lines = 0;
    read_page("README.md", &page);
    for (const char *at = page.data; *at; at++)
        lines += *at == '\n';
    ck_assert_int_le(lines, 120);
}
END_TEST

START_TEST(map_has_each_room) {
    cleanup_text struct text page = {0};
    glob_t rooms = {0};
    read_page("harness/README.md", &page);
    ck_assert_int_eq(glob("harness/*/", 0, NULL, &rooms), 0);
    for (size_t i = 0; i < rooms.gl_pathc; i++) {
        cleanup_free char *row = xprintf("\n| `%s` |", rooms.gl_pathv[i] + strlen("harness/"));
        ck_assert_msg(strstr(page.data, row) != NULL, "harness/README.md lacks%s", row);
    }
    globfree(&rooms);
}
END_TEST

static const char *const templates[] = {"ci/README.md", "ci/templates/github-workflow.yml",
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

// "(status 0, or 1 with --strict)" at the end of a verdict's text is a column of its own.
START_TEST(table_of_verdicts_is_the_codes_own) {
    cleanup_text struct text page = {0};
    read_page("scenarios/WRITING.md", &page);
    for (int kind = 0; kind < VERDICT_COUNT; kind++) {
        const char *doc = verdict_docs[kind], *end = strstr(doc, " (status ");
        const char *status = end ? end + strlen(" (status ") : "0)";
        const char *strict = strstr(status, "--strict");
        cleanup_free char *column = strict
                                        ? xprintf("%.*s`--strict`", (int)(strict - status), status)
                                        : xprintf("%.*s", (int)strcspn(status, ")"), status);
        cleanup_free char *row =
            xprintf("\n| %s | %.*s | %s |\n", verdict_names[kind],
                    (int)(end ? (size_t)(end - doc) : strlen(doc)), doc, column);
        ck_assert_msg(strstr(page.data, row) != NULL, "scenarios/WRITING.md lacks%s", row);
    }
}
END_TEST

START_TEST(papers_name_real_commands) {
    static const char program[] = "build/goneaway ";
    cleanup_text struct text page = {0};
    read_page(papers[_i], &page);
    for (const char *at = page.data; (at = strstr(at, program));) {
        at += strlen(program);
        size_t length = strcspn(at, " `\n");
        bool known = at[0] == '-';
        for (const struct command *command = commands; command->name; command++)
            known |= strlen(command->name) == length && strncmp(command->name, at, length) == 0;
        ck_assert_msg(known, "%s names the unknown command %.*s", papers[_i], (int)length, at);
    }
}
END_TEST

START_TEST(readme_shows_a_real_scenario) {
    cleanup_text struct text readme = {0};
    struct err err = {0};
    read_page("README.md", &readme);
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

enum { PAGE_TIMEOUT_S = 600 };

static const struct {
    const char *file, *target;
    int (*print)(FILE *out, const char *home, const struct catalog *catalog, struct err *err);
} pages[] = {{"scenarios/UPGRADES.md", "table", upgrades_print},
             {"scenarios/MATRIX.md", "matrix", matrix_page_print},
             {"scenarios/matrix.json", "matrix", matrix_data_print},
             {"scenarios/lost.json", "matrix", lost_print_json}};

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
    ck_assert_msg(file_read(pages[_i].file, 16 << 20, &written, &err) == 0, "%s", err.what);
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
    tcase_add_loop_test(all, papers_name_real_options, 0, (int)COUNT_OF(papers));
    tcase_add_loop_test(all, papers_name_real_commands, 0, (int)COUNT_OF(papers));
    tcase_add_loop_test(all, links_lead_to_what_is_there, 0, (int)COUNT_OF(papers));
    tcase_add_loop_test(all, commands_are_run_by_somebody, 0, (int)COUNT_OF(papers));
    tcase_add_test(all, readme_is_short);
    tcase_add_test(all, map_has_each_room);
    tcase_add_loop_test(all, templates_show_where_a_baseline_goes, 0, COUNT_OF(templates));
    tcase_add_test(all, help_of_run_has_each_option_in_a_group);
    tcase_add_test(all, table_of_verdicts_is_the_codes_own);
    tcase_add_test(all, readme_shows_a_real_scenario);
    tcase_add_test(all, manual_pages_are_complete);
    tcase_add_test(all, table_of_causes_is_current);
    tcase_add_test(all, table_of_causes_fits_a_terminal);
    tcase_add_test(all, defects_name_real_scenarios);
    tcase_add_test(all, symptoms_name_real_scenarios);
    suite_add_tcase(suite, all);
    // half a minute under sanitizers, and several beside other work
    TCase *written = tcase_create("written");
    tcase_set_timeout(written, PAGE_TIMEOUT_S);
    tcase_add_loop_test(written, pages_are_current, 0, (int)COUNT_OF(pages));
    suite_add_tcase(suite, written);
    return suite;
}
