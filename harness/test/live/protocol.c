// SPDX-License-Identifier: Apache-2.0
// protocol.c - `goneaway adapter test` finds each mistake, and nothing in adapters without one
#include "test/lib/cli.h"
#include "test/lib/contain.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <jansson.h>
#include <string.h>
#include <sys/wait.h>

enum {
    RUN_DEADLINE_MS = 100000,
    PREPARE_DEADLINE_MS = 800000,
    TIMEOUT_S = 120,
    PREPARE_TIMEOUT_S = 1000
};

static struct err err;

static void run(const char *const *argv) {
    cli_run(argv, RUN_DEADLINE_MS);
}
#define TEST(...)                                                                                  \
    run((const char *const[]){cli.program, "adapter", "test", "--server", "mariadb-10.11",         \
                              __VA_ARGS__, NULL})

// What is tested lies in the working folder, so that stays as it is.
static void begin(void) {
    cli_find();
    contain_begin();
    folder_make("/tmp/goneaway-protocol", 0700);
}

// Packages are installed by users and groups that a contained test does not have.
START_TEST(cache_is_prepared) {
    cli_find();
    cli_run(
        (const char *const[]){
            cli.program, "prepare", "kill-idle", "--server", "mariadb-10.11", "--connector",
            "dbd-mariadb,dbd-mysql,libmysqlclient,mariadb-c,mariadb-cli,mariadb-dump,mariadb-jdbc,"
            "mysqlclient,mysqljs,php-mysqli,pymysql,ruby-mysql2",
            NULL},
        PREPARE_DEADLINE_MS);
    cli_check_status(0);
}
END_TEST

// ---- mistakes ----------------------------------------------------------------------------------

static const struct {
    const char *mistake;
    const char *sight; // how the finding starts
    const char *rule;  // the protocol's line about it
} mistakes[] = {
    {"ignores-arguments", "query: query with `goneaway` of true is to be `unsupported`",
     "Never ignore an argument"},
    {"tells-milliseconds", "query: `us` is ", "| `us` | integer |"},
    {"tells-too-much-time", "hello: by its `us` the call took 36", "| `us` | integer |"},
    {"counts-its-own-sessions", "connect: `thread` is 999999, which is no session",
     "| `thread` | integer |"},
    {"shows-only-texts", "query: SELECT 1, 'one', NULL shows [[\"1\",\"one\",\"None\"]]",
     "A cell is `null` for NULL"},
    {"keeps-its-output", "hello: no answer in time (is standard output flushed after each line?)",
     "must come within 30 s"},
    {"hangs-in-ping", "ping: no answer in time", "Strictly one after the other"},
    {"translates", "query: SIGNAL SQLSTATE '45001': `errno` is 2013 instead of 31234",
     "An error is the library's"},
    {"names-the-session", "query: `native` differs from session to session", "| `native` | text |"},
    {"closes-at-the-end", "adapter: the session was closed in an orderly way",
     "End of input: the program ends with status 0"},
    {"ends-badly", "adapter: it ended with exit status 3 instead of status 0",
     "End of input: the program ends with status 0"},
    {"leaves-sessions-behind", "connect: session ", "A second `connect` first closes"},
    {"takes-anything", "adapter: after the line 'no JSON' it goes on",
     "A line that is not a JSON object"},
    {"dies-of-sigpipe", "adapter: it died of a signal when nobody read its answer",
     "it must not kill the program by SIGPIPE"},
    {"answers-twice", "adapter: it wrote before it was asked for", "Strictly one after the other"},
    {"greets-first", "hello: the answer is not JSON (", "each one JSON object in UTF-8"},
    {"never-ends-a-line", "adapter: a line without an end after 8 MiB", "each one JSON object"},
    {"fills-standard-error", "adapter: app 'app': the adapter has written 16 MiB",
     "Standard error is free for messages"},
    {"has-no-version", "hello: `version` is \"unknown\", which is not a version", "`version` (of"},
    {"promises-too-much", "hello: `capabilities` has \"levitate-gently\"", "`version` (of"},
    {"keeps-the-parents-input", "fork: the child did not come", "The process forks."},
    {"cuts-nothing", "query: a cell of 257 bytes", "A text longer than 256 bytes"},
    {"calls-anything", "call: a call of `levitate` is to be `unsupported`",
     "A name that is not among them"},
    {"cancels-nothing", "cancel: a cancel of nothing is to be `unsupported`",
     "Where no call is in flight"},
    {"cancels-namelessly", "cancel: the first answer after a cancel of SELECT SLEEP(20) is {",
     "Its answer comes first"},
    {"refuses-to-cancel", "cancel: a cancel of SELECT SLEEP(20) is to be `ok`",
     "Cancels the call in flight"},
    {"leaves-payloads", "query: SELECT LENGTH('$blob(0)')", "`$blob(BYTES)`"},
};

// The rest of the output's line that starts like this; NULL: there is none.
static const char *line_of(const char *text, const char *begin) {
    for (const char *at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (strncmp(at, begin, strlen(begin)) == 0)
            return at;
    return NULL;
}

START_TEST(mistakes_are_found) {
    cleanup_free char *command =
        xprintf("python3 fixtures/test/clients/broken.py %s", mistakes[_i].mistake);
    TEST(command);
    const char *all = text_get(&cli.said), *line = line_of(all, mistakes[_i].sight);
    ck_assert_msg(cli.status == 1, "%s: exit status %d\n%.3000s", command, cli.status, all);
    ck_assert_msg(line != NULL, "%s: no `%s`\n%.3000s", command, mistakes[_i].sight, all);
    const char *place = strstr(line, "\n    fixtures/connectors/PROTOCOL.md:");
    ck_assert_msg(place && place < strstr(line, "\n\n"), "%s: no place\n%.3000s", command, all);
    ck_assert_msg(strstr(place, mistakes[_i].rule) != NULL, "%s: another rule\n%.3000s", command,
                  all);
    ck_assert_msg(!strchr(all, '\x1b'), "%s: what it wrote is shown as it is", command);
}
END_TEST

START_TEST(each_mistake_has_its_row) {
    cleanup_text struct text source = {0};
    ck_assert_msg(file_read("fixtures/test/clients/broken.py", 1 << 20, &source, &err) == 0, "%s",
                  err.what);
    size_t count = 0;
    for (const char *at = text_get(&source); (at = strstr(at, "(Broken):")); at++)
        count++;
    ck_assert_uint_eq(count, COUNT_OF(mistakes));
}
END_TEST

// ---- adapters without one ----------------------------------------------------------------------

// Go's image is 630 MB and takes a minute: `make large-adapters` tests it.
static const char *const sound[] = {"dbd-mariadb",  "dbd-mysql",   "libmysqlclient", "mariadb-c",
                                    "mariadb-jdbc", "mysqlclient", "mysqljs",        "php-mysqli",
                                    "pymysql",      "ruby-mysql2"};

START_TEST(own_adapters_are_sound) {
    TEST("--connector", sound[_i]);
    ck_assert_msg(cli.status == 0, "%s: exit status %d\n%.3000s", sound[_i], cli.status,
                  text_get(&cli.said));
    cli_check_said("\n0 findings\n");
    cli_check_said("`goneaway run headline --adapter ..` shows");
}
END_TEST

// Command-line clients print no types, as the page says about them.
START_TEST(clients_of_the_command_line_show_texts) {
    TEST("--connector", "mariadb-cli");
    const char *all = text_get(&cli.said);
    ck_assert_msg(cli.status == 1 && strstr(all, "\n2 findings\n"), "%.3000s", all);
    ck_assert_msg(strstr(all, "NULL shows [[\"1\",\"one\",null]] instead of") != NULL, "%.3000s",
                  all);
    ck_assert_msg(strstr(all, "WHERE 1 = 0 shows no rows instead of []") != NULL, "%.3000s", all);
}
END_TEST

// Nor do they hold an idle connection.
START_TEST(dumps_leave_no_session) {
    TEST("--connector", "mariadb-dump");
    const char *all = text_get(&cli.said);
    ck_assert_msg(cli.status == 1 && strstr(all, "\n1 finding\n"), "%.3000s", all);
    ck_assert_msg(strstr(all, "connect: no `thread` after a session was established") != NULL,
                  "%.3000s", all);
}
END_TEST

START_TEST(small_client_is_sound) {
    cleanup_free char *report = xprintf("json=%s/report.json", test_folder);
    TEST("python3 fixtures/test/clients/adapter.py", "--report", report);
    cli_check_status(0);
    ck_assert_msg(strstr(text_get(&cli.said),
                         "Adapter:   python3 fixtures/test/clients/adapter.py\nConnector: ") !=
                      NULL,
                  "%.3000s", text_get(&cli.said));
    json_auto_t *read = json_load_file(strchr(report, '=') + 1, 0, NULL);
    const json_t *operations = json_object_get(read, "operations");
    ck_assert_str_eq(json_string_value(json_object_get(read, "type")), "adapter");
    ck_assert_str_eq(json_string_value(json_object_get(operations, "fork")), "ok");
    ck_assert_uint_eq(json_array_size(json_object_get(read, "findings")), 0);
}
END_TEST

// ---- skeletons ---------------------------------------------------------------------------------

static const struct {
    const char *language, *needs; // a command that succeeds if it can be built and started
    const char *lacks;
} skeletons[] = {
    {"c", "pkg-config --exists libmariadb jansson && cc --version",
     "needs gcc, libmariadb-dev and libjansson-dev"},
    {"go", "go version && test -e /usr/share/gocode/src/github.com/go-sql-driver/mysql",
     "needs golang-go and golang-github-go-sql-driver-mysql-dev"},
    {"java", "javac -version && test -e /usr/share/java/mariadb-java-client.jar",
     "needs default-jdk-headless and libmariadb-java"},
    {"javascript", "/usr/bin/node -e 'require(\"mysql\")'", "needs nodejs and node-mysql"},
    {"perl", "/usr/bin/perl -e 'use v5.36; use DBD::mysql'", "needs libdbd-mysql-perl"},
    {"php", "php -m | grep -qx mysqli", "needs php-cli and php-mysql"},
    {"python", "/usr/bin/python3 -c 'import pymysql, cryptography'",
     "needs python3-pymysql and python3-cryptography"},
    {"ruby", "/usr/bin/ruby -e 'require \"mysql2\"'", "needs ruby-mysql2"},
};

// Follows the output of `adapter new` line by line, except for installing packages.
START_TEST(skeletons_run_as_they_are) {
    run((const char *const[]){"/bin/sh", "-c", skeletons[_i].needs, NULL});
    if (cli.status != 0)
        skip_test(skeletons[_i].lacks);
    cleanup_free char *folder = folder_path("mine");
    run((const char *const[]){cli.program, "adapter", "new", skeletons[_i].language, folder, NULL});
    cli_check_status(0);
    char *first = strstr(cli.said.data, "\n  cd "), *last = strstr(cli.said.data, " run headline");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(last);
    while (*last != '\n')
        last--;
    *last = '\0';
    cleanup_free char *script = xprintf("set -e\n%s", first);
    run((const char *const[]){"/bin/sh", "-c", script, NULL});
    ck_assert_msg(cli.status == 0, "%s\n%.3000s", script, text_get(&cli.said));
    cli_check_said("\n0 findings\n");
}
END_TEST

// ---- what cannot be tested ---------------------------------------------------------------------

START_TEST(what_cannot_start_is_told) {
    TEST("python3 fixtures/test/clients/no-such-file.py");
    cli_check_status(1);
    cli_check_said("hello: it ended instead of answering: exit "
                   "status 2; on standard error: ");
    cli_check_said("No such file or directory");
}
END_TEST

START_TEST(wrong_usage_is_refused) {
    TEST("true", "true");
    cli_check_status(2);
    cli_check_said("goneaway adapter test 'CMD', in quotes");
    TEST("true", "--report", "junit=x.xml");
    cli_check_status(2);
    TEST("--connector", "nothing");
    cli_check_status(2);
}
END_TEST

Suite *live_protocol(void) {
    Suite *suite = suite_create("live-protocol");
    TCase *first = tcase_create("prepare");
    tcase_set_timeout(first, PREPARE_TIMEOUT_S);
    tcase_add_test(first, cache_is_prepared);
    suite_add_tcase(suite, first);
    TCase *tests = tcase_create("protocol");
    tcase_add_checked_fixture(tests, begin, cli_end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_loop_test(tests, mistakes_are_found, 0, (int)COUNT_OF(mistakes));
    tcase_add_test(tests, each_mistake_has_its_row);
    tcase_add_test(tests, clients_of_the_command_line_show_texts);
    tcase_add_test(tests, dumps_leave_no_session);
    tcase_add_test(tests, small_client_is_sound);
    tcase_add_loop_test(tests, skeletons_run_as_they_are, 0, (int)COUNT_OF(skeletons));
    tcase_add_test(tests, what_cannot_start_is_told);
    tcase_add_test(tests, wrong_usage_is_refused);
    suite_add_tcase(suite, tests);
    TCase *own = tcase_create("own");
    tcase_add_checked_fixture(own, begin, cli_end);
    tcase_set_timeout(own, TIMEOUT_S);
    tcase_add_loop_test(own, own_adapters_are_sound, 0, (int)COUNT_OF(sound));
    suite_add_tcase(suite, own);
    return suite;
}
