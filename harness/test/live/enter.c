// SPDX-License-Identifier: Apache-2.0
// enter.c - worlds that are held, entered from elsewhere
//
// Each test has a folder of its own for the sockets of processes that hold a case, so that it finds
// no other test's. The cache is prepared first.
#include "test/lib/cli.h"
#include "test/lib/suites.h"

#include <stdlib.h>

enum { DEADLINE_MS = 90000, TIMEOUT_S = 100 };

static void find(void) {
    cli_find();
    setenv("LC_ALL", "C", 1);
}

static void begin(void) {
    cli_begin("/tmp/goneaway-enter", 0700);
}

static void shell(const char *script) {
    cli_shell(script, DEADLINE_MS);
}

// `hold COMMAND ..` starts what holds a case, and returns when it does; `next` waits for that again,
// `go_on` presses Enter, `over` waits for the command's end; `inside HOST COMMAND` is a shell with that
// command.
#define SCRIPT                                                                                     \
    CLI_ENDS                                                                                       \
    "export XDG_RUNTIME_DIR=$PWD\n"                                                                \
    "mkfifo in said; exec 3<>in 4<>said\n"                                                         \
    "next() { sed '/enter app|wire/q' <&4 >>held; }\n"                                             \
    "hold() { \"$@\" --server mariadb-10.11 --connector mariadb-c <in >said 2>&1 & run=$!; "       \
    "next; }\n"                                                                                    \
    "go_on() { echo >&3; }\n"                                                                      \
    "over() { status=0; wait $run || status=$?; [ $status = $1 ] || exit 1; }\n"                   \
    "inside() { host=$1; shift; echo \"$*\" | $goneaway enter $host; }\n"

START_TEST(each_host_of_a_passing_case_is_entered) {
    shell(SCRIPT "hold $goneaway run kill-idle@tcp --keep\n"
                 "grep -q 'kill-idle@tcp on mariadb-10.11 with mariadb-c is held. ' held\n"
                 "ends 0 inside app 'cat /proc/net/dev /proc/net/route; ls'\n"
                 "says eth0; says 010200C0; says usr\n"
                 "ends 0 inside wire 'cat /proc/net/dev'\n"
                 "says server; says app\n"
                 "ends 7 inside server 'cat /proc/net/route; ls usr/sbin/mariadbd; exit 7'\n"
                 "says 016433C6; says usr/sbin/mariadbd\n"
                 "ends 0 inside admin 'SELECT USER(), @@port'\n"
                 "says root@localhost; says 3306\n"
                 "go_on; over 0\n"
                 "[ ! -e goneaway ]\n");
}
END_TEST

// The fault is still armed, and is lifted when the case goes on.
START_TEST(case_is_held_after_a_step) {
    shell(SCRIPT "hold $goneaway run firewall-idle-reject/reset@tcp --keep-at wall\n"
                 "grep -q 'is held, after step 3. ' held\n"
                 "ends 0 inside wire 'iptables -S'\n"
                 "says '--comment wall -j REJECT'\n"
                 "go_on; over 0\n"
                 "hold $goneaway try 'connect; kill; query' --keep-at 2\n"
                 "grep -q 'try@tcp on mariadb-10.11 with mariadb-c is held, after step 2' held\n"
                 "ends 0 inside app 'cat /proc/net/dev'\n"
                 "go_on; over 0\n"
                 "ends 2 $goneaway run kill-idle@tcp --keep-at 40\n"
                 "says \"--keep-at: no case has a step '40'\"\n"
                 "says 'kill-idle@tcp has the steps 1 (app connect), 2 (fault kill), 3 (until "
                 "app-socket), first (app query), '\n");
}
END_TEST

START_TEST(shell_ends_when_the_case_goes_on) {
    shell(SCRIPT "hold $goneaway run kill-idle@tcp --keep-at first\n"
                 "mkfifo typed shown; exec 5<>typed 6<>shown\n"
                 "$goneaway enter app <typed >shown 2>&1 & shell=$!\n"
                 "echo 'sleep 1000 & echo inside' >&5\n"
                 "sed '/inside/q' <&6\n"
                 "go_on\n"
                 "wait $shell\n"
                 "sed '/kill-idle@tcp is no longer held, so the shell has been ended/q' <&6\n"
                 "over 0\n");
}
END_TEST

// Whoever looked around may have changed anything.
START_TEST(world_that_was_entered_serves_no_other_case) {
    shell(SCRIPT "world='stat -Lc %i /proc/1/ns/pid'\n"
                 "hold $goneaway run kill-idle@tcp --repeat 3 --jobs 1 --keep\n"
                 "$goneaway enter server 12345 2>&1 | grep \"no case '12345' is held\"\n"
                 "go_on; next\n"
                 "ends 0 inside app $world; mv out first\n"
                 "go_on; next\n"
                 "ends 0 inside app $world\n"
                 "! cmp out first\n"
                 "go_on; over 0\n");
}
END_TEST

START_TEST(what_is_not_there_is_not_entered) {
    shell(SCRIPT "ends 2 $goneaway enter app\n"
                 "says 'no case is held'; says 'or --keep-at STEP, holds one'\n"
                 "ends 2 $goneaway enter moon\n"
                 "says 'needs a host: app, wire, server or admin'\n"
                 "hold $goneaway run crash-idle@tcp --keep-at 2\n"
                 "ends 2 inside admin 'SELECT 1'\n"
                 "says 'crash-idle@tcp has no admin at the moment'\n"
                 "first=$run\n"
                 "hold $goneaway run kill-idle@tcp --keep\n"
                 "ends 2 inside app true\n"
                 "says 'several cases are held: '; says \"($first)\"; says \"($run)\"\n"
                 "says 'goneaway enter app '\n"
                 "ends 0 $goneaway enter wire $run </dev/null\n"
                 "ends 0 $goneaway enter wire crash-idle@tcp </dev/null\n"
                 "kill -KILL $first $run\n"
                 "wait $first || true; wait $run || true\n"
                 "ends 2 $goneaway enter app\n"
                 "says 'no case is held'\n"
                 "rmdir goneaway\n"
                 "ln -s . goneaway\n"
                 "ends 3 $goneaway enter app\n"
                 "says 'is not a folder of your own that nobody else can enter'\n"
                 "rm goneaway\n");
}
END_TEST

Suite *live_enter(void) {
    Suite *suite = suite_create("live-enter");
    TCase *tests = tcase_create("held");
    tcase_add_unchecked_fixture(tests, find, NULL);
    tcase_add_checked_fixture(tests, begin, cli_end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_test(tests, each_host_of_a_passing_case_is_entered);
    tcase_add_test(tests, case_is_held_after_a_step);
    tcase_add_test(tests, shell_ends_when_the_case_goes_on);
    tcase_add_test(tests, world_that_was_entered_serves_no_other_case);
    tcase_add_test(tests, what_is_not_there_is_not_entered);
    suite_add_tcase(suite, tests);
    return suite;
}
