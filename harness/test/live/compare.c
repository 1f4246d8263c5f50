// SPDX-License-Identifier: Apache-2.0
// compare.c - two runs of real servers compared, and what git bisect run is told
//
// The cache is prepared first.
#include "test/lib/contain.h"
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEADLINE_MS = 90000, TIMEOUT_S = 100 };

static struct err err;
static char top[64];

static void find_program(void) {
    const char *asked = getenv("GONEAWAY");
    cleanup_free char *here = getcwd(NULL, 0);
    char program[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(asked && *asked ? asked : "build/goneaway", program));
    setenv("GONEAWAY_HOME", here, 0);
    setenv("goneaway", program, 1);
}

static void begin(void) {
    contain_begin();
    strcpy(top, "/tmp/goneaway-compare-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chdir(top), 0);
}

static void end(void) {
    contain_check();
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(file_remove_tree(top, &err), 0);
}

// `ends STATUS COMMAND ..` is a test; what was printed lands in `out`.
#define ENDS                                                                                       \
    "ends() {\n"                                                                                   \
    "    wanted=$1; shift; status=0\n"                                                             \
    "    \"$@\" >out 2>&1 || status=$?\n"                                                          \
    "    [ $status = $wanted ] || { echo \"$* ended with $status, not $wanted\"; cat out; exit "   \
    "1; }\n"                                                                                       \
    "}\n"                                                                                          \
    "says() { grep -qF -- \"$1\" out || { echo \"'$1' is not in:\"; cat out; exit 1; }; }\n"

static void shell(const char *script) {
    const char *const argv[] = {"/bin/sh", "-ec", script, NULL};
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    cleanup_text struct text output = {0};
    int ret = proc_run(&spec, clock_ms() + DEADLINE_MS, &output, &err);
    ck_assert_msg(ret == 0, "%s\n%.4000s", err.what, text_get(&output));
}

// A scenario that expects something else shows the same: verdicts play no part.
START_TEST(runs_are_compared) {
    shell(ENDS "kill=$(find $GONEAWAY_HOME/scenarios -name kill-idle.yml)\n"
               "run() { $goneaway run --server mysql-9.7 --only 'kill-idle@tcp' \"$@\"; }\n"
               "ends 0 run $kill --report json=old.json\n"
               "sed 's/first: 20[0-9][0-9]/first: 1053/' $kill >kill-idle.yml\n"
               "ends 1 run kill-idle.yml --report json=new.json\n"
               "ends 0 $goneaway compare old.json new.json\n"
               "says '2 cases compared: no difference'\n"
               "ends 1 $goneaway compare old.json new.json --connector libmysqlclient=mariadb-c\n"
               "says '1 case: 2013 CR_SERVER_LOST -> 2006 CR_SERVER_GONE_ERROR'\n"
               "says '    kill-idle@tcp  second, third'\n"
               "ends 0 run $kill --repeat 2 --connector mariadb-c --report json=twice.json\n"
               "ends 0 $goneaway compare old.json twice.json\n"
               "says 'not compared: libmysqlclient'\n"
               "says '1 case compared: no difference'\n");
}
END_TEST

START_TEST(git_bisect_is_told) {
    shell(ENDS "kill=$(find $GONEAWAY_HOME/scenarios -name kill-idle.yml)\n"
               "broken=$GONEAWAY_HOME/fixtures/fail/set-up-fails.yml\n"
               "bisect() { $goneaway run --bisect --server mysql-9.7 --connector mariadb-c "
               "\"$@\"; }\n"
               "ends 0 bisect $kill --transport tcp\n"
               "sed 's/first: 20[0-9][0-9]/first: 1053/' $kill >wrong.yml\n"
               "ends 1 bisect wrong.yml --transport tcp\n"
               "ends 1 bisect wrong.yml $broken --transport tcp,socket\n"
               "sed 's/mariadb-c/other/' $kill >unmeasured.yml\n"
               "ends 125 bisect unmeasured.yml --transport tcp\n"
               "says '1 unmeasured'\n"
               "ends 125 bisect $broken\n"
               "says '1 broken'\n"
               "ends 125 bisect no-such.yml\n"
               "ends 125 bisect $kill --only nothing\n"
               "ends 255 bisect $kill --no-such-option\n");
}
END_TEST

Suite *live_compare(void) {
    Suite *suite = suite_create("live-compare");
    TCase *all = tcase_create("compare");
    tcase_add_unchecked_fixture(all, find_program, NULL);
    tcase_add_checked_fixture(all, begin, end);
    tcase_set_timeout(all, TIMEOUT_S);
    tcase_add_test(all, runs_are_compared);
    tcase_add_test(all, git_bisect_is_told);
    suite_add_tcase(suite, all);
    return suite;
}
