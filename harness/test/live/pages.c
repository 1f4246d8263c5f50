// SPDX-License-Identifier: Apache-2.0
// pages.c - runs the commands of the pages as they are written there
//
// Each line that begins with `build/goneaway` is run by a shell, one after the other, in a folder
// that has what the page speaks of. A `build/goneaway` there adds options that make a run shorter.
// What other suites run more closely (merge, bundle, adapter, program) is run here all the same.
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { DEADLINE_MS = 300000, TIMEOUT_S = 310, PREPARE_TIMEOUT_S = 900 };

static struct err err;

static const char *const pages[] = {"README.md",
                                    "scenarios/WRITING.md",
                                    "fixtures/connectors/README.md",
                                    "fixtures/servers/README.md",
                                    "ci/README.md",
                                    "ci/LAB.md"};

// Whole sets of scenarios are cut down to those of a KILL. That an adapter's connector violates a
// promise (status 1) is no failure of the page. What holds a case goes on in the background until
// that has been entered.
static const char wrapper[] =
    "#!/bin/sh\n"
    "case \" $* \" in\n"
    "*' headline '* | *' --once '*) set -- \"$@\" --only 'kill-idle*@tcp' ;;\n"
    "*' prune '*) set -- \"$@\" --help ;;\n" // others use the cache
    "esac\n"
    "export XDG_RUNTIME_DIR=$PWD\n"
    "case \" $* \" in\n"
    "*' --keep-at '*)\n"
    "    mkfifo in said; exec 3<>said\n"
    "    { \"$GONEAWAY\" \"$@\" <>in; echo over; } >&3 2>&1 &\n"
    "    exec sed '/enter app|wire/q' <&3 ;;\n"
    "*' enter '*)\n"
    "    \"$GONEAWAY\" \"$@\" </dev/null || exit\n"
    "    exec 3<>said; echo >in; exec sed '/^over$/q' <&3 ;;\n"
    "esac\n"
    "status=0\n"
    "\"$GONEAWAY\" \"$@\" </dev/null || status=$?\n"
    "case \" $* \" in *' --adapter '*) [ $status != 1 ] || status=0 ;; esac\n"
    "exit $status\n";

static const char program[] =
    "import os, subprocess, sys, time\n"
    "import pymysql\n"
    "def connect():\n"
    "    while True:\n"
    "        try:\n"
    "            return pymysql.connect(host=os.environ['MYSQL_HOST'],\n"
    "                                   port=int(os.environ['MYSQL_TCP_PORT']),\n"
    "                                   user=os.environ['MYSQL_USER'],\n"
    "                                   password=os.environ['MYSQL_PWD'])\n"
    "        except pymysql.err.OperationalError:\n"
    "            time.sleep(0.1)\n"
    "connection = connect()\n"
    "connection.cursor().execute('SELECT 1')\n"
    "while True:\n"
    "    try:\n"
    "        connection.cursor().execute('SELECT 1')\n"
    "        time.sleep(1)\n"
    "    except pymysql.err.Error:\n"
    "        break\n"
    "connect().cursor().execute('SELECT 1')\n";

static void begin(void) {
    cli_begin("/tmp/goneaway-pages", 0755);
    folder_put("build/goneaway", wrapper);
    ck_assert_int_eq(chmod("build/goneaway", 0755), 0);
    folder_put("my-script.py", program);
    cli_shell("$GONEAWAY run kill-idle@tcp --server mariadb-10.11 --connector mariadb-c --report "
              "json=before.json && cp before.json after.json",
              DEADLINE_MS);
}

START_TEST(commands_are_run_as_they_are_written) {
    cleanup_text struct text page = {0}, script = {0};
    cleanup_free char *path = xprintf("%s/%s", cli.home, pages[_i]);
    ck_assert_msg(file_read(path, 1 << 20, &page, &err) == 0, "%s", err.what);
    char *rest = page.data;
    for (char *line; (line = strsep(&rest, "\n"));)
        if (text_starts(line, "    build/goneaway "))
            text_printf(&script, "{ %s; } >out 2>&1 || { tail -c 2000 out; exit 1; }\n", line + 4);
    ck_assert_uint_gt(script.length, 0);
    cli_shell(text_get(&script), DEADLINE_MS);
}
END_TEST

START_TEST(cache_is_prepared) {
    cli_shell("$GONEAWAY prepare", PREPARE_TIMEOUT_S * 1000);
}
END_TEST

Suite *live_pages(void) {
    Suite *suite = suite_create("live-pages");
    TCase *first = tcase_create("prepare"), *tests = tcase_create("pages");
    tcase_set_timeout(first, PREPARE_TIMEOUT_S);
    tcase_add_unchecked_fixture(first, cli_find, NULL);
    tcase_add_test(first, cache_is_prepared);
    suite_add_tcase(suite, first);
    tcase_add_unchecked_fixture(tests, cli_find, NULL);
    tcase_add_checked_fixture(tests, begin, cli_end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_loop_test(tests, commands_are_run_as_they_are_written, 0, (int)COUNT_OF(pages));
    suite_add_tcase(suite, tests);
    return suite;
}
