// SPDX-License-Identifier: Apache-2.0
// bundle.c - failures of real servers, handed on and run again elsewhere
//
// The cache is prepared first.
#include "test/lib/cli.h"
#include "test/lib/suites.h"

#include <stdlib.h>

enum { DEADLINE_MS = 90000, TIMEOUT_S = 100 };

static void find(void) {
    cli_find();
    setenv("LC_ALL", "C", 1);
}

static void begin(void) {
    cli_begin("/tmp/goneaway-bundle", 0700);
}

static void shell(const char *script) {
    cli_shell(script, DEADLINE_MS);
}

// Among the commands of scripts.
#define SCRIPT                                                                                     \
    CLI_ENDS                                                                                       \
    "run() { $goneaway run --server mysql-9.7 --connector mariadb-c --bundle b \"$@\"; }\n"        \
    "replay() { $goneaway replay b/*.zst \"$@\"; }\n"

// The bundle has its own copy of the scenario, so later changes of the file do not matter.
START_TEST(failure_is_handed_on_and_replayed) {
    shell(SCRIPT "kill=$(find $GONEAWAY_HOME/scenarios -name kill-idle.yml)\n"
                 "sed 's/first: 20[0-9][0-9]/first: 1053/' $kill >kill-mine.yml\n"
                 "ends 1 run kill-mine.yml kill-query --transport tcp\n"
                 "says 'goneaway: the case is bundled: "
                 "b/kill-mine-tcp_mysql-9.7_mariadb-c.tar.zst'\n"
                 "mv kill-mine.yml gone.yml\n"
                 "ends 0 replay\n"
                 "says 'kill-mine@tcp, bundled '\n"
                 "says 'The same as in the bundle.'\n"
                 "ends 1 replay --connector libmysqlclient\n"
                 "says 'x 5 app second              2006 CR_SERVER_GONE_ERROR HY000     2013 "
                 "CR_SERVER_LOST HY000'\n"
                 "says 'Not the same as in the bundle: 2 steps ended otherwise.'\n"
                 "mkdir x && tar --zstd -xf b/*.zst -C x\n"
                 "ls x >names\n"
                 "for i in REPORT.md adapter.txt app.pcap case.json scenario.yml "
                 "server.pcap status.txt timeline.txt variables.txt; do grep -qx $i names; done\n"
                 "cmp x/scenario.yml gone.yml\n"
                 "! grep -rF -e app-secret -e $PWD x\n"
                 "grep -q '^Aborted_clients\t' x/status.txt\n"
                 "grep -q COM_QUERY x/timeline.txt\n"
                 "grep -q 'the server closed .* after `fault kill app`' x/timeline.txt\n"
                 "grep -q 'the server closed .* after `fault kill app`' x/REPORT.md\n"
                 "grep -q '1053' x/REPORT.md\n"
                 "$goneaway check x/scenario.yml\n");
}
END_TEST

START_TEST(bundle_names_nothing_that_is_fetched_or_started_unasked) {
    shell(SCRIPT
          "edit() { rm -rf x; mkdir x; tar --zstd -xf b/*.zst -C x; sed -i \"$1\" x/case.json; "
          "tar --zstd -cf mine.tar.zst -C x case.json scenario.yml; }\n"
          "ends 0 run kill-idle@socket --bundle-all\n"
          "edit 's,\"goneaway\":,\"reference\": \"docker://192.0.2.1/x:1\"\\, \"goneaway\":,'\n"
          "ends 2 $goneaway replay mine.tar.zst\n"
          "says 'is not fetched unasked: docker://192.0.2.1/x:1'\n"
          "edit 's,\"name\": \"mysql-9.7\",\"name\": \"path:/bin/sh\",'\n"
          "ends 2 $goneaway replay mine.tar.zst\n"
          "says 'does not say with which server'\n"
          "edit 's,\"recipe\",\"adapter\",'\n"
          "ends 2 $goneaway replay mine.tar.zst\n"
          "says 'made with an adapter of the machine that made it'\n"
          "edit 's,\"scenario\": \"kill-idle\",\"scenario\": \"../kill-idle\",'\n"
          "ends 2 $goneaway replay mine.tar.zst\n"
          "says 'is no name of a scenario'\n"
          "ends 2 $goneaway replay $0\n"
          "ends 2 $goneaway replay\n"
          "echo no >mine.tar.zst\n"
          "ends 2 $goneaway replay mine.tar.zst\n"
          "says 'mine.tar.zst is no bundle'\n");
}
END_TEST

START_TEST(readme_is_right) {
    shell(SCRIPT
          "sed -n \"/--bundle failures/,/replay failures/s,^    build/goneaway,$goneaway,p\" "
          "$GONEAWAY_HOME/scenarios/WRITING.md >lines\n"
          "ends 0 grep -c . lines\n"
          "says 2\n"
          "ends 0 sh -e lines\n"
          "says 'The same as in the bundle.'\n");
}
END_TEST

// A failure to write is reported.
START_TEST(lost_bundle_is_an_error) {
    shell(SCRIPT "echo >b\n"
                 "ends 3 run kill-idle@socket --bundle-all\n"
                 "says 'write the bundle b/kill-idle-socket'\n"
                 "ends 2 $goneaway run kill-idle --bundle-all\n"
                 "says '--bundle-all needs --bundle DIR'\n");
}
END_TEST

Suite *live_bundle(void) {
    Suite *suite = suite_create("live-bundle");
    TCase *all = tcase_create("bundle");
    tcase_add_unchecked_fixture(all, find, NULL);
    tcase_add_checked_fixture(all, begin, cli_end);
    tcase_set_timeout(all, TIMEOUT_S);
    tcase_add_test(all, failure_is_handed_on_and_replayed);
    tcase_add_test(all, bundle_names_nothing_that_is_fetched_or_started_unasked);
    tcase_add_test(all, readme_is_right);
    tcase_add_test(all, lost_bundle_is_an_error);
    suite_add_tcase(suite, all);
    return suite;
}
