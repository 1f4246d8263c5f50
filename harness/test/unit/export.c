// SPDX-License-Identifier: Apache-2.0
// export.c - what `goneaway export` writes, which linters it passes, and what it refuses
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/file.h"
#include "catalog/catalog.h"
#include "export/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct measured measured;
static struct catalog catalog;
static struct err err;

static void read_all(void) {
    ck_assert_msg(measured_open(&measured, ".", &err) == 0, "%s", err.what);
    ck_assert_msg(catalog_select(&catalog, ".", 0, NULL, &err) == 0, "%s", err.what);
}

static void release_all(void) {
    measured_close(&measured);
    catalog_release(&catalog);
    catalog = (struct catalog){0};
}

static void begin(void) {
    folder_make("/tmp/goneaway-export", 0700);
}

static const struct plan_case *find(const char *id) {
    for (size_t i = 0; i < catalog.count; i++)
        for (size_t k = 0; k < catalog.items[i].scenario->case_count; k++)
            if (strcmp(catalog.items[i].scenario->cases[k].id, id) == 0)
                return &catalog.items[i].scenario->cases[k];
    ck_abort_msg("there is no case %s", id);
}

// Into test_folder/out.
static int export(const char *id, const char *connector, const char *server) {
    cleanup_free char *said = NULL, *folder = folder_path("out");
    size_t length;
    FILE *out = open_memstream(&said, &length);
    err = (struct err){0};
    int ret = export_case(out, &measured, find(id), connector, server, folder, &err);
    fclose(out);
    return ret;
}

static void take(const char *name, struct text *text) {
    cleanup_free char *path = xprintf("%s/out/%s", test_folder, name);
    text_release(text);
    ck_assert_msg(file_read(path, 1 << 20, text, &err) == 0, "%s", err.what);
}

static void check_has(const struct text *text, const char *phrase) {
    ck_assert_msg(strstr(text_get(text), phrase) != NULL, "'%s' is not in:\n%s", phrase,
                  text_get(text));
}

// ---- the seven ---------------------------------------------------------------------------------

static const char *const seven[] = {"kill-idle@tcp",
                                    "wait-timeout/query@tcp",
                                    "server-restart/kill@tcp",
                                    "oversized-blob/twice@tcp",
                                    "firewall-block/dropped@tcp",
                                    "skip-networking/skipped@tcp",
                                    "forked-connection/closes@tcp"};

/** A connector, its program, and a script that fails if that is not clean; it does nothing where
 * the linter, or the library, is not here. */
static const struct {
    const char *connector, *file, *lint;
    bool all; // it can do all of them
} programs[] = {
    {"pymysql", "repro.py",
     "python3 -m py_compile repro.py\n! which pyflakes3 || pyflakes3 repro.py", true},
    {"mysqlclient", "repro.py", "python3 -m py_compile repro.py", true},
    {"mariadb-c", "repro.c",
     "! pkg-config libmariadb || cc -fsyntax-only -Wall -Wextra -Werror repro.c $(pkg-config "
     "--cflags libmariadb)",
     true},
    {"libmysqlclient", "repro.c",
     "! grep MYSQL_OPT_SSL_MODE $(pkg-config --variable=includedir mysqlclient)/mysql.h || "
     "cc -fsyntax-only -Wall -Wextra -Werror repro.c $(pkg-config --cflags mysqlclient)",
     true},
    {"mysql2", "repro.js", "! which node || node --check repro.js", false},
    {"php-mysqli", "repro.php", "! which php || php -l repro.php", false},
    {"php-pdo", "repro.php", "! which php || php -l repro.php", false},
    {"mariadb-jdbc", "Repro.java", "! which javac || javac -Xlint:all -d . Repro.java", false},
};

static void check_clean(const char *lint, bool shell) {
    cleanup_free char *script =
        xprintf("set -e; exec >%s/said 2>&1; cd %s/out; { %s\n}\n! %s || ! which shellcheck || "
                "shellcheck run.sh fault.sh; sh -n run.sh; sh -n fault.sh; ! grep -riE "
                "\"$HOME|$(hostname)\" .",
                test_folder, test_folder, lint, shell ? "true" : "false");
    cleanup_free char *said = folder_path("said");
    cleanup_text struct text text = {0};
    int status = system(script);
    ck_assert_msg(file_read(said, 1 << 20, &text, &err) == 0, "%s", err.what);
    ck_assert_msg(status == 0, "%s", text_get(&text));
}

static size_t count_lines(const struct text *text) {
    size_t lines = 0;
    for (const char *at = text_get(text); (at = strchr(at, '\n')); at++)
        lines++;
    return lines;
}

START_TEST(famous_failures_are_exported) {
    enum { FEWEST_LINES = 20, MOST_LINES = 72, MOST_OF_GO = 94 };
    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        cleanup_text struct text program = {0}, readme = {0};
        if (export(seven[_i], programs[i].connector, NULL) != 0) {
            ck_assert_msg(!programs[i].all && strstr(err.what, " cannot be exported for "), "%s",
                          err.what);
            continue;
        }
        take(programs[i].file, &program);
        take("README.md", &readme);
        check_has(&program, seven[_i]);
        check_has(&readme, "Docker or Podman");
        ck_assert_uint_ge(count_lines(&program), FEWEST_LINES);
        bool is_go = strcmp(programs[i].file, "repro.go") == 0; // which wants a line for each brace
        ck_assert_uint_le(count_lines(&program), is_go ? MOST_OF_GO : MOST_LINES);
        // scripts of other languages differ in what gets and builds the program, as each case shows
        check_clean(programs[i].lint, i == 0 || _i == 0);
        cleanup_free char *folder = folder_path("out");
        ck_assert_msg(file_remove_tree(folder, &err) == 0, "%s", err.what);
    }
}
END_TEST

START_TEST(program_says_what_is_done) {
    cleanup_text struct text text = {0};
    ck_assert_msg(export("kill-idle@tcp", "pymysql", "mysql-9.7") == 0, "%s", err.what);
    take("repro.py", &text);
    check_has(&text, "\nconnection = connect()\n"
                     "session = connection.thread_id()\n"
                     "fault(\"kill\", session)\n"
                     "step(\"first\", \"2013\", query, connection, \"SELECT 1\")\n"
                     "step(\"second\", \"InterfaceError\", query, connection, \"SELECT 1\")\n"
                     "step(\"third\", \"ok\", connection.ping)\n"
                     "connection = step(\"again\", \"ok\", connect)\n");
    take("run.sh", &text);
    check_has(&text, "docker.io/library/mysql:9.7");
    take("fault.sh", &text);
    check_has(&text, "kill | kill-container) sql \"KILL $2\" && gone \"$2\" ;;");
    ck_assert_ptr_null(strstr(text_get(&text), "iptables"));
    take("README.md", &text);
    check_has(&text, "| `first` | an error, or success in a new session | 2013 |");
}
END_TEST

START_TEST(options_and_commands_are_asked_for) {
    cleanup_text struct text text = {0};
    ck_assert_msg(export("oversized-blob/twice@tcp", "mariadb-c", "mariadb-11.8") == 0, "%s",
                  err.what);
    take("run.sh", &text);
    check_has(&text, "library/mariadb:11.8}\" --max_allowed_packet=1048576 >");
    check_has(&text, "SET GLOBAL max_allowed_packet = 1048576'");
    check_has(&text, "CREATE TABLE IF NOT EXISTS blobs");
}
END_TEST

// ---- what is refused ---------------------------------------------------------------------------

static const struct {
    const char *id, *connector, *server, *what, *remedy;
} refused[] = {
    {"kill-idle@socket", NULL, NULL,
     "kill-idle@socket cannot be exported: a container's server is reached over tcp, not `socket`",
     "`goneaway list scenarios --export` shows what can"},
    {"wait-timeout/pinged@tcp", "pymysql", NULL,
     "wait-timeout/pinged@tcp cannot be exported: the app pings while nothing else happens",
     "`goneaway list scenarios --export` shows what can"},
    {"forked-connection/closes@tcp", "mysql2", NULL,
     "forked-connection/closes@tcp cannot be exported for mysql2: JavaScript has no fork()",
     "name another connector with --connector"},
    {"kill-idle@tcp", "ruby-mysql2", NULL, "there are no programs for the connector 'ruby-mysql2'",
     "there are some for pymysql, mysqlclient, mysql-connector-python, libmysqlclient, mariadb-c, "
     "mysql2, php-mysqli, php-pdo, mariadb-jdbc, go-mysql"},
    {"kill-idle@tcp", "pymysq", NULL, "there is no connector 'pymysq'", "did you mean 'pymysql'?"},
    {"kill-idle@tcp", "pymysql", "mysql-5.6",
     "nobody has measured kill-idle@tcp with pymysql on "
     "mysql-5.6",
     "it was measured on mysql-9.7,mariadb-11.8"},
};

START_TEST(what_cannot_be_said_is_refused) {
    ck_assert_int_eq(export(refused[_i].id, refused[_i].connector, refused[_i].server), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.what, refused[_i].what);
    ck_assert_str_eq(err.remedy, refused[_i].remedy);
    ck_assert_uint_eq(folder_count("out"), 0);
}
END_TEST

// Every refusal names the case and a remedy.
START_TEST(each_case_is_exported_or_refused) {
    size_t can = 0;
    for (size_t i = 0; i < catalog.count; i++)
        for (size_t k = 0; k < catalog.items[i].scenario->case_count; k++) {
            const struct plan_case *plan = &catalog.items[i].scenario->cases[k];
            bool written = export(plan->id, "pymysql", NULL) == 0;
            if (!written)
                ck_assert_msg(strstr(err.what, plan->id) && err.remedy[0], "%s", err.what);
            can += written;
            cleanup_free char *folder = folder_path("out");
            if (written)
                ck_assert_msg(file_remove_tree(folder, &err) == 0, "%s", err.what);
        }
    ck_assert_uint_ge(can, 50);
}
END_TEST

START_TEST(what_is_there_stays) {
    folder_put("out/mine", "mine");
    ck_assert_int_eq(export("kill-idle@tcp", "pymysql", NULL), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.what, "/out is not empty"));
    ck_assert_uint_eq(folder_count("out/*"), 1);
}
END_TEST

Suite *suite_export(void) {
    Suite *suite = suite_create("export");
    TCase *all = tcase_create("export");
    tcase_set_timeout(all, 120);
    tcase_add_unchecked_fixture(all, read_all, release_all);
    tcase_add_checked_fixture(all, begin, folder_remove);
    tcase_add_loop_test(all, famous_failures_are_exported, 0, (int)COUNT_OF(seven));
    tcase_add_test(all, program_says_what_is_done);
    tcase_add_test(all, options_and_commands_are_asked_for);
    tcase_add_loop_test(all, what_cannot_be_said_is_refused, 0, (int)COUNT_OF(refused));
    tcase_add_test(all, each_case_is_exported_or_refused);
    tcase_add_test(all, what_is_there_stays);
    suite_add_tcase(suite, all);
    return suite;
}
