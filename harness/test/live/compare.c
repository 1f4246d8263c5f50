// SPDX-License-Identifier: Apache-2.0
// compare.c - two runs of real servers compared, and what git bisect run is told
//
// The cache is prepared first.
#include "test/lib/cli.h"
#include "test/lib/suites.h"

enum { DEADLINE_MS = 90000, TIMEOUT_S = 100 };

static void begin(void) {
    cli_begin("/tmp/goneaway-compare", 0700);
}

static void shell(const char *script) {
    cli_shell(script, DEADLINE_MS);
}

// A scenario with other expectations shows the same: verdicts play no part.
START_TEST(runs_are_compared) {
    shell(CLI_ENDS
          "kill=$(find $GONEAWAY_HOME/scenarios -name kill-idle.yml)\n"
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
    shell(CLI_ENDS "kill=$(find $GONEAWAY_HOME/scenarios -name kill-idle.yml)\n"
                   "broken=$GONEAWAY_HOME/fixtures/test/fail/set-up-fails.yml\n"
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
    tcase_add_unchecked_fixture(all, cli_find, NULL);
    tcase_add_checked_fixture(all, begin, cli_end);
    tcase_set_timeout(all, TIMEOUT_S);
    tcase_add_test(all, runs_are_compared);
    tcase_add_test(all, git_bisect_is_told);
    suite_add_tcase(suite, all);
    return suite;
}
