// SPDX-License-Identifier: Apache-2.0
// export.c - the seven famous failures as `goneaway export` writes them, each run in a lab
//
// The lab's server takes the place of one of the user's own, so run.sh gets it by MYSQL_HOST, and
// commands that ask the lab's control. Each program must show the very codes that were measured.
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include <stdlib.h>

enum { DEADLINE_MS = 90000, PREPARE_TIMEOUT_S = 900, TIMEOUT_S = 100 };

// $1: the case's folder. The lab's server cannot be without a network; stopped, it listens as
// little.
static const char own_server[] =
    "post() { curl --silent --fail --unix-socket \"$GONEAWAY_LAB\" http://lab/v1/$1 --data \"$2\"; "
    "}\n"
    "case $1 in\n"
    "sql) post admin \"{\\\"query\\\": \\\"$SQL\\\"}\" | sed -n "
    "'s/.*\"rows\":\\[\\[\"\\([^\"]*\\)\".*/\\1/p'\n"
    "    exit ;;\n"
    "restart) post server \"{\\\"restart\\\": \\\"$SIGNAL\\\"}\" && exit ;;\n"
    "block) post faults \"{\\\"id\\\": \\\"wall\\\", \\\"drop\\\": {\\\"from\\\": "
    "\\\"$FROM\\\"}}\" && exit ;;\n"
    "unblock) curl --silent --fail --unix-socket \"$GONEAWAY_LAB\" -X DELETE "
    "http://lab/v1/faults/wall && "
    "exit ;;\n"
    "skip-networking) post server '{\"stop\": \"KILL\"}' && export CONFIGURED=yes ;;\n"
    "esac\n"
    "export ADMIN=\"sh $0 sql\" RESTART=\"sh $0 restart\" BLOCK=\"sh $0 block\" UNBLOCK=\"sh $0 "
    "unblock\"\n"
    "$1/run.sh\n";

static const struct {
    const char *id, *folder;
} seven[] = {
    {"kill-idle@tcp", "kill-idle"},
    {"wait-timeout/query@tcp", "wait-timeout"},
    {"server-restart/kill@tcp", "server-restart"},
    {"oversized-blob/twice@tcp", "oversized-blob"},
    {"firewall-block/dropped@tcp", "firewall-block"},
    {"skip-networking/skipped@tcp", "skip-networking"},
    {"forked-connection/closes@tcp", "forked-connection"},
};

static void begin(void) {
    cli_begin("/tmp/goneaway-exported", 0777);
    folder_put("own-server.sh", own_server);
    ck_assert_int_eq(unsetenv("GONEAWAY_LAB"), 0);
}

static void check_reproduces(const char *connector, int index) {
    cleanup_free char *script =
        xprintf("PATH=/usr/bin:$PATH; unset MYSQL_HOST ROOT_PWD ADMIN\n"
                "$GONEAWAY export %s --connector %s --server mariadb-11.8 %s\n"
                "$GONEAWAY lab --server mariadb-10.11 -- sh \"$PWD/own-server.sh\" %s\n",
                seven[index].id, connector, seven[index].folder, seven[index].folder);
    cli_shell(script, DEADLINE_MS);
    cli_check_said("\nreproduced\n");
    cli_check_unsaid("not reproduced");
}

START_TEST(python_shows_the_measured_codes) {
    if (system("/usr/bin/python3 -c 'import pymysql' 2>/dev/null") != 0)
        skip_test("needs python3-pymysql");
    check_reproduces("pymysql", _i);
}
END_TEST

START_TEST(c_shows_the_measured_codes) {
    if (system("pkg-config --exists libmariadb") != 0)
        skip_test("needs libmariadb-dev");
    check_reproduces("mariadb-c", _i);
}
END_TEST

START_TEST(server_is_prepared) {
    cli_shell("$GONEAWAY prepare --server mariadb-10.11 --connector mariadb-c",
              PREPARE_TIMEOUT_S * 1000);
}
END_TEST

Suite *live_export(void) {
    Suite *suite = suite_create("live_export");
    TCase *first = tcase_create("prepare"), *tests = tcase_create("export");
    tcase_set_timeout(first, PREPARE_TIMEOUT_S);
    tcase_add_unchecked_fixture(first, cli_find, NULL);
    tcase_add_test(first, server_is_prepared);
    suite_add_tcase(suite, first);
    tcase_add_unchecked_fixture(tests, cli_find, NULL);
    tcase_add_checked_fixture(tests, begin, cli_end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_loop_test(tests, python_shows_the_measured_codes, 0, (int)COUNT_OF(seven));
    tcase_add_loop_test(tests, c_shows_the_measured_codes, 0, (int)COUNT_OF(seven));
    suite_add_tcase(suite, tests);
    return suite;
}
