// SPDX-License-Identifier: Apache-2.0
// baseline.c - a connector that nobody has measured: its baseline by one command, and what
// becomes of a run that differs from it
//
// The connector is the reference adapter behind a sed(1) that renames it, and changes its behaviour
// if a test wants that. The cache is prepared first.
#include "test/lib/cli.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { RUN_DEADLINE_MS = 90000, TIMEOUT_S = 400 };

static struct err err;

static void run(const char *const *argv) {
    cli_run(argv, RUN_DEADLINE_MS);
}

static void shell(const char *script) {
    cli_shell(script, RUN_DEADLINE_MS);
}

// Runs kill-idle with the adapter of begin().
#define RUN(...)                                                                                   \
    run((const char *const[]){cli.program, "run", "kill-idle", "--server", "mariadb-10.11",        \
                              "--adapter", "./fake", "--report", "human=-", "--report",            \
                              "json=report.json", __VA_ARGS__, NULL})

// What the report says about a case.
static char *about(const char *id, const char *key) {
    size_t i;
    json_t *one;
    json_array_foreach(cli.cases, i, one) {
        json_t *value = json_object_get(one, key);
        if (strcmp(json_string_value(json_object_get(one, "id")), id) == 0)
            return json_is_string(value) ? xstrdup(json_string_value(value))
                                         : json_dumps(value, JSON_ENCODE_ANY);
    }
    return xstrdup("nothing");
}

static void check_about(const char *id, const char *key, const char *wanted) {
    cleanup_free char *value = about(id, key);
    ck_assert_msg(strcmp(value, wanted) == 0, "%s of %s is %s instead of %s\n%.6000s", key, id,
                  value, wanted, text_get(&cli.said));
}

static void check_file(const char *path, const char *part) {
    cleanup_text struct text text = {0};
    ck_assert_msg(file_read(path, 1 << 20, &text, &err) == 0, "%s", err.what);
    ck_assert_msg(strstr(text_get(&text), part) != NULL, "no '%s' in\n%s", part, text_get(&text));
}

// `edits`: what sed changes in its answers.
static void make_adapter(const char *name, const char *edits) {
    cleanup_free char *command =
        xprintf("printf '%%s\\n' '#!/bin/sh' \"./adapter | sed -u '%s'\" >%s\nchmod +x %s\n", edits,
                name, name);
    shell(command);
}

#define RENAMED "s/\\\"connector\\\":\\\"mariadb-c\\\"/\\\"connector\\\":\\\"fake\\\"/"
#define LYING                                                                                      \
    RENAMED "; "                                                                                   \
            "s/\\\"outcome\\\":\\\"error\\\",\\\"errno\\\":2013/"                                  \
            "\\\"outcome\\\":\\\"ok\\\",\\\"errno\\\":0/"

static void begin(void) {
    cli_begin("/tmp/goneaway-baseline", 0755);
    shell("cache=${GONEAWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/goneaway}\n"
          "cp \"$(ls -td \"$cache\"/mariadb-c-adapter-* | head -n 1)\"/adapter/adapter .\n");
    make_adapter("fake", RENAMED);
}

START_TEST(cache_is_prepared) {
    cli_find();
    run((const char *const[]){cli.program, "prepare", "--server", "mariadb-10.11", "--connector",
                              "mariadb-c", NULL});
    cli_check_status(0);
}
END_TEST

// ---- the first hour ----------------------------------------------------------------------------

START_TEST(differs_after_one_changed_code) {
    RUN("--baseline", "b.yml", "--update-baseline");
    cli_check_status(0);
    cli_check_said("goneaway: wrote b.yml: 3 added, 0 changed, 0 removed, of 3 cases\n");
    check_file("b.yml", "\nconnector: fake ");
    check_file("b.yml", "\n  kill-idle@tcp: {first: ");
    RUN("--baseline", "b.yml", "--strict");
    cli_check_status(0);
    check_about("kill-idle@tcp", "judged_by", "baseline");
    check_about("kill-idle@tcp", "borrowed", "false");
    shell("sed -i '/idle@tcp/s/third: [0-9]*/third: 2014/' b.yml");
    RUN("--baseline", "b.yml");
    cli_check_status(1);
    check_about("kill-idle@tcp", "verdict", "wrong-code");
    check_about("kill-idle@socket", "verdict", "pass");
    cli_check_said("; expected by b.yml:");
    cli_check_said(" --baseline b.yml ");
    RUN("--baseline", "b.yml", "--update-baseline", "--repeat", "1");
    cli_check_status(0);
    cli_check_said("goneaway: wrote b.yml: 0 added, 1 changed, 0 removed, of 3 cases\n");
    RUN("--baseline", "b.yml", "--update-baseline", "--repeat", "1");
    cli_check_said("goneaway: nothing to change in b.yml: ");
}
END_TEST

START_TEST(takes_what_is_new_for_unmeasured) {
    RUN("--baseline", "b.yml", "--update-baseline", "--repeat", "1", "--transport", "tcp");
    cli_check_status(0);
    RUN("--baseline", "b.yml");
    cli_check_status(0);
    check_about("kill-idle@tcp", "verdict", "pass");
    check_about("kill-idle@tls", "verdict", "unmeasured");
    check_about("kill-idle@tls", "why", "new: not in the baseline b.yml; it keeps the promise");
    RUN("--baseline", "b.yml", "--strict");
    cli_check_status(1);
    RUN("--baseline", "b.yml", "--update-baseline", "--repeat", "1", "--transport", "tls");
    cli_check_said("1 added, 0 changed, 0 removed, of 1 cases\n");
    check_file("b.yml", "\n  kill-idle@tcp: {first: ");
    check_file("b.yml", "\n  kill-idle@tls: {first: ");
}
END_TEST

START_TEST(records_a_lie_and_says_so) {
    make_adapter("fake", LYING);
    RUN("--transport", "tcp");
    cli_check_status(1);
    check_about("kill-idle@tcp", "verdict", "unsound");
    RUN("--transport", "tcp", "--baseline", "b.yml", "--update-baseline");
    cli_check_status(0);
    check_file("b.yml", "\n  kill-idle@tcp: {first: ok, ");
    RUN("--transport", "tcp", "--baseline", "b.yml");
    cli_check_status(0);
    check_about("kill-idle@tcp", "verdict", "pass");
    check_about("kill-idle@tcp", "promise", "violated");
    cli_check_said("violates the promise, as b.yml:");
    RUN("--transport", "tcp", "--baseline", "b.yml", "--strict");
    cli_check_status(1);
    shell("printf '%s\\n' 'known:' '  - {case: kill-idle@tcp, because: not yet mended}' >>b.yml");
    RUN("--transport", "tcp", "--baseline", "b.yml", "--strict");
    cli_check_status(0);
    cli_check_said("known: not yet mended; violates the promise");
    make_adapter("fake", RENAMED);
    RUN("--transport", "tcp", "--baseline", "b.yml");
    cli_check_status(1);
    cli_check_said("fixed: remove it from `known`, b.yml:");
    RUN("--transport", "tcp", "--baseline", "b.yml", "--update-baseline", "--repeat", "1");
    cli_check_status(0);
    check_file("b.yml", "because: not yet mended");
    RUN("--transport", "tcp", "--baseline", "b.yml");
    cli_check_status(1);
}
END_TEST

// Makes an adapter that shows one of these codes, at random each time it is started.
static void make_racy(const char *codes) {
    cleanup_free char *script =
        xprintf("cat >fake <<'END'\n"
                "#!/bin/sh\n"
                "set -- %s\n"
                "shift $(($(date +%%N | cut -c 9) %% $#))\n"
                "./adapter | sed -u 's/\"connector\":\"mariadb-c\"/\"connector\":\"fake\"/; "
                "s/\"errno\":2006/\"errno\":'$1'/'\n"
                "END\n",
                codes);
    shell(script);
}

// Any code of those that were seen will do, and only --update-baseline adds another.
START_TEST(records_a_race_as_a_set) {
    make_racy("2014 2027 2055");
    RUN("--transport", "tcp", "--baseline", "b.yml", "--update-baseline", "--repeat", "60");
    cli_check_status(0);
    cli_check_said("goneaway: b.yml: 1 unstable: kill-idle@tcp; any outcome listed there will do");
    check_file("b.yml",
               "\nunstable:\n  kill-idle@tcp: {first: 2013, second: [{error: 2014, times: ");
    check_file("b.yml", "}, {error: 2027, times: ");
    check_file("b.yml", "}, {error: 2055, times: ");
    RUN("--transport", "tcp", "--baseline", "b.yml", "--repeat", "20", "--strict");
    cli_check_status(0);
    check_about("kill-idle@tcp", "verdict", "pass");
    make_racy("2048");
    RUN("--transport", "tcp", "--baseline", "b.yml");
    cli_check_status(1);
    cli_check_said("second: expected 2014 or 2027 or 2055, saw 2048 ");
    cli_check_said("; repetitions differ there, and --update-baseline adds this");
    RUN("--transport", "tcp", "--baseline", "b.yml", "--update-baseline", "--repeat", "2");
    cli_check_status(0);
    check_file("b.yml", "}, {error: 2048, times: 2}, {error: 2055, times: ");
}
END_TEST

// ---- several of them ---------------------------------------------------------------------------

#define TWO                                                                                        \
    cli.program, "run", "kill-idle@tcp", "--server", "mariadb-10.11", "--adapter", "one=./fake",   \
        "--adapter", "two=./fake", "--report", "json=report.json", "--baseline"

START_TEST(fills_a_folder) {
    glob_t found;
    run((const char *const[]){TWO, "b.yml", "--update-baseline", NULL});
    cli_check_status(2);
    cli_check_said("b.yml is one file");
    run((const char *const[]){TWO, "all", "--update-baseline", "--repeat", "1", NULL});
    cli_check_status(0);
    ck_assert_int_eq(glob("all/one-*/mariadb-10.11.*.yml", 0, NULL, &found), 0);
    check_file(found.gl_pathv[0], "\nconnector: one ");
    globfree(&found);
    run((const char *const[]){TWO, "all", NULL});
    cli_check_status(0);
    check_about("kill-idle@tcp", "judged_by", "baseline");
    // no file is of the new version, only of the former
    shell("for file in all/*/*; do sed -i 's/^\\(connector: .* \\).*/\\10.1/' \"$file\"; done\n"
          "mv all/one-* all/one-0.1; mv all/two-* all/two-0.1");
    run((const char *const[]){TWO, "all", NULL});
    cli_check_status(0);
    check_about("kill-idle@tcp", "borrowed", "true");
    run((const char *const[]){TWO, "all", "--update-baseline", "--repeat", "1", NULL});
    cli_check_status(0);
    ck_assert_int_eq(glob("all/one-3*/mariadb-10.11.*.yml", 0, NULL, &found), 0);
    check_file(found.gl_pathv[0], "\nlike: ../one-0.1/mariadb-10.11.");
    globfree(&found);
}
END_TEST

START_TEST(refuses_what_guards_nothing) {
    RUN("--transport", "tcp", "--baseline", "b.yml");
    cli_check_status(2);
    cli_check_said("--baseline: b.yml: No such file or directory");
    cli_check_said("add --update-baseline");
    shell(
        "printf '%s\\n' 'goneaway-outcomes: 1' 'connector: other 1' 'server: mysql-9.7 1' >b.yml");
    RUN("--transport", "tcp", "--baseline", "b.yml");
    cli_check_status(2);
    cli_check_said("--baseline b.yml is for none of the connectors and servers that ran");
    RUN("--transport", "tcp", "--baseline", "b.yml", "--update-baseline", "--repeat", "1");
    cli_check_status(2);
    cli_check_said("b.yml is for other on mysql-9.7, not for fake on mariadb-10.11");
    check_file("b.yml", "connector: other 1\n");
    RUN("--transport", "tcp", "--update-baseline");
    cli_check_status(2);
    shell("echo '[' >b.yml");
    RUN("--transport", "tcp", "--baseline", "b.yml", "--update-baseline");
    cli_check_status(2);
    cli_check_said("b.yml:2:1: ");
}
END_TEST

#define RUN_AS(...)                                                                                \
    run((const char *const[]){cli.program, "run", "kill-idle@tcp", "--server", "mariadb-10.11",    \
                              "--repeat", "1", "--update-baseline", "--baseline", __VA_ARGS__,     \
                              NULL})

START_TEST(writes_nothing_that_it_does_not_know) {
    RUN_AS("b.yml", "--adapter", "fake=./fake");
    cli_check_status(0);
    shell("cp b.yml before.yml");
    RUN_AS("b.yml", "--adapter", "fake=false");
    cli_check_status(3);
    shell("cmp b.yml before.yml");
    // both have family and version `fake-3.3.x`, and the second's name ends with its version
    shell("v=$(sed -n 's/^connector: fake //p' b.yml); echo \"${v%%.*}\" >major");
    cleanup_text struct text major = {0};
    ck_assert_msg(file_read("major", 100, &major, &err) == 0, "%s", err.what);
    cleanup_free char *second =
        xprintf("fake-%.*s=./fake", (int)strcspn(text_get(&major), "\n"), text_get(&major));
    ck_assert_int_eq(mkdir("shelf", 0755), 0);
    RUN_AS("shelf", "--adapter", "fake=./fake", "--adapter", second);
    cli_check_status(2);
    cli_check_said("would be written for fake");
}
END_TEST

START_TEST(overwrites_nobody) {
    cleanup_free char *command =
        xprintf("%s run kill-idle@tcp -v --server mariadb-10.11 --repeat 20 --update-baseline "
                "--baseline b.yml "
                "--adapter fake=./fake >first 2>&1 & first=$!\n"
                "while ! grep -q ' #1 ' first; do kill -0 $first; done\n"
                "echo '# meanwhile' >b.yml\n"
                "status=0; wait $first || status=$?\n"
                "test $status -eq 3; grep 'b.yml was changed while the cases ran' first\n"
                "test \"$(cat b.yml)\" = '# meanwhile'\n",
                cli.program);
    shell(command);
}
END_TEST

Suite *live_baseline(void) {
    Suite *suite = suite_create("live-baseline");
    TCase *first = tcase_create("prepare");
    tcase_set_timeout(first, TIMEOUT_S);
    tcase_add_test(first, cache_is_prepared);
    suite_add_tcase(suite, first);
    TCase *tests = tcase_create("baselines");
    tcase_add_unchecked_fixture(tests, cli_find, NULL);
    tcase_add_checked_fixture(tests, begin, cli_end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_test(tests, differs_after_one_changed_code);
    tcase_add_test(tests, takes_what_is_new_for_unmeasured);
    tcase_add_test(tests, records_a_lie_and_says_so);
    tcase_add_test(tests, records_a_race_as_a_set);
    tcase_add_test(tests, fills_a_folder);
    tcase_add_test(tests, refuses_what_guards_nothing);
    tcase_add_test(tests, writes_nothing_that_it_does_not_know);
    tcase_add_test(tests, overwrites_nobody);
    suite_add_tcase(suite, tests);
    return suite;
}
