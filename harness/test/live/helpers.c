// SPDX-License-Identifier: Apache-2.0
// helpers.c - the helpers in ci/helpers, each by a test suite of its own in a lab
//
// A suite (fixtures/test/helpers) is copied beside its helper, as users have it, with the example of
// ci/LAB.md, and run by the framework of its language. Libraries that are not on this machine come
// from images of ours.
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include <stdlib.h>
#include <string.h>

enum { DEADLINE_MS = 90000, PREPARE_TIMEOUT_S = 900, TIMEOUT_S = 100 };

// The programs are the system's, which see Debian's libraries. `image NAME` is a root in the cache,
// `example LANGUAGE` what the page shows.
static const char common[] =
    "PATH=/usr/bin:$PATH\n"
    "image() { for root in \"$CACHE/$1\"-root-*/root; do :; done; echo \"$root\"; }\n"
    "example() {\n"
    "    awk -v \"fence=$1\" '/^## / { here = /Helpers/ }\n"
    "        /^```/ { code = here && $0 == \"```\" fence; next }\n"
    "        code' \"$HERE/ci/LAB.md\"\n"
    "}\n"
    "cp \"$HERE\"/ci/helpers/* \"$HERE\"/fixtures/test/helpers/* .\n";

static const struct helper {
    const char *needs; ///< a command that succeeds if the framework is there
    const char *lacks;
    const char *connector; ///< whose image has the library; NULL: this machine has it
    const char *set_up;
    const char *command;
    const char *green; ///< what it says when all tests have passed
} helpers[] = {
    {"python3 -c 'import pytest, pymysql'", "needs python3-pytest and python3-pymysql", NULL,
     "example python >test_page.py\n", "python3 -m pytest -rs", " 9 passed"},
    {"node --eval 'require(\"node:test\")'", "needs nodejs, version 18 or later", "mysqljs",
     "mkdir -p node_modules/mysql\n"
     "export NODE_PATH=$(image mysqljs)/usr/share/nodejs\n"
     "echo \"module.exports = require('$NODE_PATH/mysql')\" >node_modules/mysql/index.js\n"
     "example javascript >page.test.mjs\n"
     "printf 'import \"./%s.test.mjs\";\\n' goneaway page >all.mjs\n",
     "node all.mjs", " pass 9\n"},
    {"phpunit --version && php --modules | grep -qx mysqli", "needs phpunit, php-cli and php-mysql",
     NULL, "example php >LostTest.php\n", "phpunit --log-teamcity php://stdout .", "OK (8 tests"},
    {"go version && test -e /usr/share/gocode/src/github.com/go-sql-driver/mysql",
     "needs golang-go and golang-github-go-sql-driver-mysql-dev", NULL,
     "export GO111MODULE=off GOPATH=$PWD:/usr/share/gocode\n"
     "mkdir -p src/app src/goneaway; mv goneaway.go src/goneaway; mv goneaway_test.go src/app\n"
     "example go >src/app/page_test.go\n"
     "go test -c -o app.test app\n",
     "./app.test -test.v", "\nPASS\n"},
    {"javac -version && test -e /usr/share/java/junit-platform-console.jar",
     "needs default-jdk-headless and junit5", "mariadb-jdbc",
     "export CLASSPATH=.:$(image mariadb-jdbc)/usr/share/java/mariadb-java-client.jar\n"
     "for name in junit-jupiter-api junit-jupiter-engine junit-jupiter-params "
     "junit-platform-commons junit-platform-console junit-platform-engine junit-platform-launcher "
     "junit-platform-reporting apiguardian-api opentest4j opentest4j-reporting-events "
     "opentest4j-reporting-schema picocli univocity-parsers; do\n"
     "    CLASSPATH=$CLASSPATH:/usr/share/java/$name.jar\n"
     "done\n"
     "example java >LostTest.java\n"
     "export JAVA_TOOL_OPTIONS='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'\n"
     "javac -Xlint:all,-path -Werror *.java\n",
     "java org.junit.platform.console.ConsoleLauncher --select-class GoneawayTest --select-class "
     "LostTest",
     " 8 tests successful"},
};

static void find_image(const char *connector) {
    cli_run((const char *const[]){cli.program, "prepare", "--server", "mariadb-10.11",
                                  "--connector", connector, NULL},
            PREPARE_TIMEOUT_S * 1000);
    cli_check_status(0);
    ck_assert_int_eq(setenv("CACHE", cli_cache(), 1), 0);
}

static void begin(void) {
    cli_begin("/tmp/goneaway-helpers", 0777);
    ck_assert_int_eq(unsetenv("GONEAWAY_LAB"), 0);
    ck_assert_int_eq(unsetenv("GONEAWAY_LAB_URL"), 0);
    ck_assert_int_eq(setenv("HERE", cli.home, 1), 0);
}

static bool is_here(const struct helper *helper) {
    cleanup_free char *script = xprintf("PATH=/usr/bin:$PATH\n{ %s; } >/dev/null", helper->needs);
    cli_shell_ends(script, DEADLINE_MS);
    return cli.status == 0;
}

START_TEST(suite_is_green_in_a_lab) {
    const struct helper *helper = &helpers[_i];
    if (!is_here(helper))
        skip_test(helper->lacks);
    if (helper->connector)
        find_image(helper->connector);
    cleanup_free char *script =
        xprintf("%s%s$GONEAWAY lab --server mariadb-10.11 -- %s\necho '== outside'\n%s\n", common,
                helper->set_up, helper->command, helper->command);
    cli_shell(script, DEADLINE_MS);
    const char *outside = strstr(text_get(&cli.said), "== outside");
    const char *green = strstr(text_get(&cli.said), helper->green);
    const char *skipped = strstr(text_get(&cli.said), "needs a lab: run me in ");
    ck_assert_msg(green && green < outside && skipped > outside, "%.6000s", text_get(&cli.said));
}
END_TEST

START_TEST(cache_is_prepared) {
    for (size_t i = 0; i < COUNT_OF(helpers); i++)
        if (helpers[i].connector && is_here(&helpers[i]))
            find_image(helpers[i].connector);
}
END_TEST

Suite *live_helpers(void) {
    Suite *suite = suite_create("live_helpers");
    TCase *first = tcase_create("prepare"), *tests = tcase_create("helpers");
    tcase_set_timeout(first, PREPARE_TIMEOUT_S);
    tcase_add_unchecked_fixture(first, cli_find, NULL);
    tcase_add_test(first, cache_is_prepared);
    suite_add_tcase(suite, first);
    tcase_add_unchecked_fixture(tests, cli_find, NULL);
    tcase_add_checked_fixture(tests, begin, cli_end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_loop_test(tests, suite_is_green_in_a_lab, 0, (int)COUNT_OF(helpers));
    suite_add_tcase(suite, tests);
    return suite;
}
