// SPDX-License-Identifier: Apache-2.0
// lab.c - `goneaway lab`: the command in it, what it may ask for, and that nothing is left
//
// What a test suite in a lab does is in fixtures/test/lab/suite.py: each of its tests is run in a
// lab of its own. The folder of a lab is made in the test's folder, to see that it goes.
#include "test/lib/cli.h"
#include "test/lib/contain.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { RUN_DEADLINE_MS = 60000, PREPARE_TIMEOUT_S = 900, TIMEOUT_S = 100 };

#define LAB(...)                                                                                   \
    ((const char *const[]){cli.program, "lab", "--server", "mariadb-10.11", __VA_ARGS__, NULL})
#define RUN(...) cli_run(LAB(__VA_ARGS__), RUN_DEADLINE_MS)

static void settle_in(void) {
    ck_assert_int_eq(setenv("TMPDIR", test_folder, 1), 0);
    ck_assert_int_eq(unsetenv("XDG_RUNTIME_DIR"), 0);
    ck_assert_int_eq(unsetenv("GONEAWAY_LAB"), 0);
}

static void begin(void) {
    cli_begin("/tmp/goneaway-lab", 0777);
    settle_in();
}

// Root enters the network as it is, others by a user namespace.
static void begin_as_user(void) {
    enum { SOME_USER = 1000 };
    contain_begin_as(SOME_USER);
    folder_enter("/tmp/goneaway-lab", 0777);
    settle_in();
}

static void end(void) {
    ck_assert_uint_eq(folder_count("goneaway-lab-*"), 0);
    cli_end();
}

START_TEST(cache_is_prepared) {
    cli_run((const char *const[]){cli.program, "prepare", "--server", "mariadb-10.11",
                                  "--connector", "mariadb-c", NULL},
            PREPARE_TIMEOUT_S * 1000);
    cli_check_status(0);
}
END_TEST

// ---- a test suite in a lab ---------------------------------------------------------------------

enum { AS_USER = 3 }; // so many of them by an ordinary user, too
static const char *const suite_tests[] = {"server_is_there",
                                          "contract",
                                          "reset_is_as_new",
                                          "kill",
                                          "socket_states",
                                          "destroy",
                                          "drop",
                                          "restart",
                                          "stop_and_start",
                                          "a_server_that_died_is_replaced",
                                          "admin",
                                          "waits_let_others_pass",
                                          "deadlines",
                                          "wrong_words",
                                          "reset_of_what_is_clean"};

START_TEST(suites_can_ask_for_faults) {
    cleanup_free char *suite = xprintf("%s/fixtures/test/lab/suite.py", cli.home);
    RUN("--", "python3", suite, suite_tests[_i]);
    cli_check_status(0);
    cli_check_said(suite_tests[_i]);
}
END_TEST

START_TEST(page_is_true) {
    cleanup_free char *script = xprintf("%s/fixtures/test/lab/page.py", cli.home);
    cleanup_free char *page = xprintf("%s/ci/LAB.md", cli.home);
    RUN("--", "python3", script, page);
    cli_check_status(0);
}
END_TEST

// Somebody listens on the loopback of this machine.
START_TEST(network_holds_nothing_else) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    char port[16];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cleanup_free char *suite = xprintf("%s/fixtures/test/lab/suite.py", cli.home);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    snprintf(port, sizeof port, "%u", ntohs(address.sin_port));
    ck_assert_int_eq(setenv("PORT_OF_THE_HOST", port, 1), 0);
    RUN("--", "python3", suite, "network_holds_nothing_else");
    cli_check_status(0);
    close(fd);
}
END_TEST

// ---- the command -------------------------------------------------------------------------------

static const struct {
    const char *script;
    int status;
} ends[] = {
    {"true", 0},
    {"exit 7", 7},
    {"kill -KILL $$", 128 + SIGKILL},
    {"kill -TERM $$", 128 + SIGTERM},
    {"sleep 1000 & setsid sleep 1000 & exit 5", 5}, // end() sees that they have gone
};

START_TEST(status_is_the_commands) {
    RUN("--", "sh", "-c", ends[_i].script);
    cli_check_status(ends[_i].status);
}
END_TEST

START_TEST(files_and_user_are_the_callers) {
    struct stat info;
    umask(027);
    folder_put("before", "as it was\n");
    ck_assert_int_eq(setenv("MINE", "kept", 1), 0);
    ck_assert_int_eq(setenv("MYSQL_HOST", "elsewhere", 1), 0);
    RUN("--", "sh", "-c", "cat before; id -u; echo $MINE; echo $MYSQL_HOST; echo new >after");
    cli_check_status(0);
    cleanup_free char *id = xprintf("%u", getuid());
    CLI_CHECK_ORDER("as it was", id, "kept", "198.51.100.10");
    ck_assert_int_eq(stat("after", &info), 0);
    ck_assert_uint_eq(info.st_uid, getuid());
    ck_assert_uint_eq(info.st_mode & 0777, 0640);
}
END_TEST

START_TEST(shell_commands_ask_for_the_same) {
    ck_assert_int_eq(setenv("GONEAWAY", cli.program, 1), 0);
    RUN("--", "sh", "-c",
        "$GONEAWAY fault 'drop: {from: server}'; $GONEAWAY fault reject: '{from: app}'; "
        "$GONEAWAY fault; $GONEAWAY lift drop; $GONEAWAY until 'server: up'; "
        "$GONEAWAY until '{server: gone, deadline: 0.2s}'; echo \"status $?\"; "
        "$GONEAWAY lift none; echo \"status $?\"; $GONEAWAY fault dorp; echo \"status $?\"; "
        "$GONEAWAY reset");
    cli_check_status(0);
    CLI_CHECK_ORDER("drop: in force, has fired 0 times", "reject: in force", "drop: in force",
                    "reject: in force", "drop: lifted", "in state",
                    "until server: not so within the deadline", "status 1",
                    "there is no fault 'none'", "status 2", "did you mean", "status 2",
                    "as new, on the same server");
}
END_TEST

START_TEST(shell_is_the_default) {
    ck_assert_int_eq(setenv("SHELL", "/bin/sh", 1), 0);
    cli_shell("echo 'echo in a lab: $GONEAWAY_LAB; exit 3' | $GONEAWAY lab --server mariadb-10.11 "
              ">out || status=$?; [ $status = 3 ]; grep 'in a lab: /' out",
              RUN_DEADLINE_MS);
}
END_TEST

// ---- ended from outside ------------------------------------------------------------------------

START_TEST(sigterm_goes_to_the_command_first) {
    pid_t pid = cli_start(LAB("--", "sh", "-c",
                              "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.1; "
                              "done"));
    ck_assert(cli_will_say("ready", RUN_DEADLINE_MS));
    ck_assert_int_eq(kill(pid, SIGTERM), 0);
    cli_finish(pid, RUN_DEADLINE_MS);
    cli_check_status(9);
    cli_check_said("told");
}
END_TEST

START_TEST(second_sigterm_ends_everything) {
    pid_t pid = cli_start(
        LAB("--", "sh", "-c", "trap 'echo told' TERM; echo ready; while :; do sleep 0.1; done"));
    ck_assert(cli_will_say("ready", RUN_DEADLINE_MS));
    ck_assert_int_eq(kill(pid, SIGTERM), 0);
    ck_assert(cli_will_say("told", RUN_DEADLINE_MS));
    ck_assert_int_eq(kill(pid, SIGTERM), 0);
    cli_finish(pid, RUN_DEADLINE_MS);
    cli_check_status(128 + SIGKILL);
}
END_TEST

// What is left would be found by end().
START_TEST(sigkill_leaves_nothing) {
    pid_t pid = cli_start(LAB("--", "sh", "-c", "setsid sleep 1000 & echo ready; sleep 1000"));
    ck_assert(cli_will_say("ready", RUN_DEADLINE_MS));
    ck_assert_uint_eq(folder_count("goneaway-lab-*"), 1);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    cli_finish(pid, RUN_DEADLINE_MS);
    contain_check(); // waits for the process that removes the folder, too
}
END_TEST

// ---- refused -----------------------------------------------------------------------------------

static const struct {
    const char *argv[6], *message;
} refusals[] = {
    {{"lab", "--transport", "tls"}, "a lab is over tcp or socket, not 'tls'"},
    {{"lab", "--server", "mariadb-10.11,mysql-9.7"}, "a lab has one server"},
    {{"lab", "--server", "mariadb-10.11", "--", "no-such-command"},
     "no-such-command: No such file or directory"},
    {{"fault", "kill: 12"}, "this is not a lab: GONEAWAY_LAB is not set"},
    {{"lift"}, "needs the id of one fault"},
    {{"until"}, "needs a state"},
    {{"reset", "now"}, "takes no arguments"},
};

START_TEST(wrong_usage_is_refused) {
    const char *argv[8] = {cli.program};
    memcpy(argv + 1, refusals[_i].argv, sizeof refusals[_i].argv);
    cli_run(argv, RUN_DEADLINE_MS);
    cli_check_status(2);
    cli_check_said(refusals[_i].message);
}
END_TEST

Suite *live_lab(void) {
    Suite *suite = suite_create("live_lab");
    TCase *first = tcase_create("prepare"), *tests = tcase_create("lab");
    TCase *user = tcase_create("user");
    tcase_set_timeout(first, PREPARE_TIMEOUT_S);
    tcase_add_unchecked_fixture(first, cli_find, NULL);
    tcase_add_test(first, cache_is_prepared);
    suite_add_tcase(suite, first);
    tcase_add_unchecked_fixture(tests, cli_find, NULL);
    tcase_add_checked_fixture(tests, begin, end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_loop_test(tests, suites_can_ask_for_faults, 0, (int)COUNT_OF(suite_tests));
    tcase_add_test(tests, page_is_true);
    tcase_add_test(tests, network_holds_nothing_else);
    tcase_add_loop_test(tests, status_is_the_commands, 0, (int)COUNT_OF(ends));
    tcase_add_test(tests, files_and_user_are_the_callers);
    tcase_add_test(tests, shell_commands_ask_for_the_same);
    tcase_add_test(tests, shell_is_the_default);
    tcase_add_test(tests, sigterm_goes_to_the_command_first);
    tcase_add_test(tests, second_sigterm_ends_everything);
    tcase_add_test(tests, sigkill_leaves_nothing);
    tcase_add_loop_test(tests, wrong_usage_is_refused, 0, (int)COUNT_OF(refusals));
    suite_add_tcase(suite, tests);
    tcase_add_unchecked_fixture(user, cli_find, NULL);
    tcase_add_checked_fixture(user, begin_as_user, end);
    tcase_set_timeout(user, TIMEOUT_S);
    tcase_add_loop_test(user, suites_can_ask_for_faults, 0, AS_USER);
    tcase_add_test(user, files_and_user_are_the_callers);
    tcase_add_test(user, network_holds_nothing_else);
    tcase_add_test(user, sigkill_leaves_nothing);
    suite_add_tcase(suite, user);
    return suite;
}
