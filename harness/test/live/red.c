// SPDX-License-Identifier: Apache-2.0
// red.c - the scenarios of fixtures/test/fail: the harness turns red, and for the right reason
//
// The head of each file says the verdict and the whole reason (fixtures/test/fail/README.md). Those that
// need nothing of their own are run together, since most of their time is a server's boot.
#include "test/lib/cli.h"
#include "test/lib/head.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <fnmatch.h>
#include <glob.h>
#include <jansson.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUN_DEADLINE_MS = 200000, TIMEOUT_S = 240, MOST_FILES = 200, HEAD_BYTES = 64 << 10 };

/** A file of fixtures/test/fail. */
struct red {
    char *path;
    char *name;    // the file's, without its ending
    char *ends;    // the verdict
    char *says;    // an extended regular expression of the whole reason
    char *adapter; // a program beside the file, used as the connector; NULL: the C connectors
    char *server;  // NULL: both
    char *mistake; // what is wrong with the head; NULL: nothing
    size_t cases;  // how many of its cases the run had
};

static struct err err;
static struct red reds[MOST_FILES];
static size_t red_count;

// ---- the files ---------------------------------------------------------------------------------

__attribute__((nonnull)) static void set(void *context, const char *key, const char *value) {
    struct red *red = context;
    char **text = strcmp(key, "ends") == 0      ? &red->ends
                  : strcmp(key, "says") == 0    ? &red->says
                  : strcmp(key, "adapter") == 0 ? &red->adapter
                  : strcmp(key, "server") == 0  ? &red->server
                                                : NULL;
    if (text)
        *text = xstrdup(value);
    else
        red->mistake = xprintf("there is no key '%s' in a head", key);
}

static void read_red(const char *path) {
    struct red *red = &reds[red_count++];
    const char *base = strrchr(path, '/') + 1;
    cleanup_text struct text content = {0};
    ck_assert_uint_lt(red_count, MOST_FILES);
    ck_assert_msg(file_read(path, HEAD_BYTES, &content, &err) == 0, "%s", err.what);
    *red =
        (struct red){.path = xstrdup(path), .name = xprintf("%.*s", (int)strcspn(base, "."), base)};
    head_read(content.data, set, red);
    if (!red->ends || !red->says)
        red->mistake = xstrdup("a head says `ends` and `says`");
}

// GONEAWAY_FAIL selects some by a pattern.
static void read_reds(void) {
    const char *wanted = getenv("GONEAWAY_FAIL");
    cleanup_free char *pattern =
        xprintf("%s/fixtures/test/fail/%s.yml", getenv("GONEAWAY_HOME"), wanted ? wanted : "*");
    glob_t found = {0};
    glob(pattern, 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        read_red(found.gl_pathv[i]);
    globfree(&found);
    ck_assert_uint_gt(red_count, 0);
}

// ---- running -----------------------------------------------------------------------------------

static struct red *find_red(const char *name) {
    for (size_t i = 0; i < red_count; i++)
        if (strcmp(reds[i].name, name) == 0)
            return &reds[i];
    return NULL;
}

static bool fits(const char *pattern, const char *why) {
    regex_t regex;
    cleanup_free char *whole = xprintf("^(%s)$", pattern);
    ck_assert_msg(regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB) == 0, "%s", pattern);
    bool found = regexec(&regex, why, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

// Returns whether the case ended as its file says; prints it if not.
static bool check_case(const json_t *line) {
    const char *id = json_string_value(json_object_get(line, "id"));
    const char *verdict = json_string_value(json_object_get(line, "verdict"));
    const char *why = json_string_value(json_object_get(line, "why"));
    struct red *red = find_red(json_string_value(json_object_get(line, "scenario")));
    ck_assert_msg(red != NULL, "%s is of no file", id);
    red->cases++;
    if (strcmp(verdict, red->ends) == 0 && fits(red->says, why))
        return true;
    const json_t *server = json_object_get(line, "server"),
                 *connector = json_object_get(line, "connector");
    fprintf(stderr, "live_red: %s, %s, %s: %s: %s\n    and not %s: %s\n", id,
            json_string_value(json_object_get(server, "name")),
            json_string_value(json_object_get(connector, "name")), verdict, why, red->ends,
            red->says);
    return false;
}

// Returns how many cases did not end as they should.
static int check_report(void) {
    int wrong = 0;
    size_t i;
    json_t *one;
    ck_assert_msg(cli.cases != NULL, "there is no report:\n%.3000s", text_get(&cli.said));
    json_array_foreach(cli.cases, i, one) {
        wrong += !check_case(one);
    }
    return wrong;
}

// ---- fixtures ----------------------------------------------------------------------------------

static void begin(void) {
    cli_find();
    cli_begin("/tmp/goneaway-red", 0700);
    read_reds();
}

// ---- tests -------------------------------------------------------------------------------------

START_TEST(heads_are_whole) {
    for (size_t i = 0; i < red_count; i++)
        ck_assert_msg(!reds[i].mistake, "%s: %s", reds[i].path, reds[i].mistake);
}
END_TEST

static bool is_common(const struct red *red) {
    return !red->adapter && !red->server;
}

START_TEST(scenarios_turn_red) {
    const char *argv[MOST_FILES + 20] = {cli.program,       "run",
                                         "--server",        "mysql-9.7,mariadb-10.11",
                                         "--connector",     "libmysqlclient,mariadb-c",
                                         "--strict",        "--report",
                                         "json=report.json"};
    size_t count = 9, common = 0;
    for (size_t i = 0; i < red_count; i++)
        if (is_common(&reds[i]))
            argv[count++] = reds[i].path, common++;
    if (common == 0)
        return;
    cli_run(argv, RUN_DEADLINE_MS);
    ck_assert_int_eq(check_report(), 0);
    for (size_t i = 0; i < red_count; i++)
        ck_assert_msg(!is_common(&reds[i]) || reds[i].cases >= 4, "%s: %zu cases", reds[i].name,
                      reds[i].cases);
}
END_TEST

static void copy(const char *name) {
    cleanup_free char *from = xprintf("%s/fixtures/test/fail/%s", getenv("GONEAWAY_HOME"), name);
    cleanup_text struct text text = {0};
    ck_assert_msg(file_read(from, HEAD_BYTES, &text, &err) == 0 &&
                      file_write(name, text_get(&text), text.length, &err) == 0,
                  "%s", err.what);
}

// Runs one that has its own server or adapter.
static int run_alone(struct red *red) {
    const char *argv[] = {cli.program,
                          "run",
                          red->path,
                          "--server",
                          red->server ? red->server : "mariadb-10.11",
                          "--strict",
                          "--report",
                          "json=report.json",
                          "--connector",
                          "mariadb-c",
                          NULL};
    cleanup_free char *adapter = NULL;
    if (red->adapter) {
        copy(red->adapter);
        copy("answers.sh");
        adapter = xprintf("sh ./%s", red->adapter);
        argv[8] = "--adapter";
        argv[9] = adapter;
    }
    cli_run(argv, RUN_DEADLINE_MS);
    int wrong = check_report();
    ck_assert_msg(red->cases > 0, "%s: no case:\n%.2000s", red->name, text_get(&cli.said));
    return wrong;
}

START_TEST(scenarios_with_things_of_their_own_turn_red) {
    int wrong = 0;
    for (size_t i = 0; i < red_count; i++)
        if (!is_common(&reds[i]))
            wrong += run_alone(&reds[i]);
    ck_assert_int_eq(wrong, 0);
}
END_TEST

Suite *live_red(void) {
    Suite *suite = suite_create("live_red");
    TCase *tests = tcase_create("fixtures/test/fail");
    tcase_add_checked_fixture(tests, begin, cli_end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_test(tests, heads_are_whole);
    tcase_add_test(tests, scenarios_turn_red);
    tcase_add_test(tests, scenarios_with_things_of_their_own_turn_red);
    suite_add_tcase(suite, tests);
    return suite;
}
