// SPDX-License-Identifier: Apache-2.0
// try.c - `goneaway try` with real servers: what it shows and when, and what it leaves behind
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <signal.h>
#include <string.h>

enum { RUN_DEADLINE_MS = 60000, PREPARE_TIMEOUT_S = 900, TIMEOUT_S = 100 };

static struct err err;

// ---- running the program -----------------------------------------------------------------------

static pid_t start(const char *const *argv) {
    return cli_start_on(argv, -1, -1, true);
}
#define GONEAWAY(...)                                                                              \
    cli_finish(start((const char *const[]){cli.program, __VA_ARGS__, NULL}), RUN_DEADLINE_MS)
#define TRY(...) GONEAWAY("try", "--server", "mariadb-10.11", __VA_ARGS__)

// ---- fixtures ----------------------------------------------------------------------------------

static void begin(void) {
    cli_begin("/tmp/goneaway-try", 0777);
}

static void read_back(const char *file, struct text *text) {
    text_release(text);
    ck_assert_msg(file_read(file, 16 << 20, text, &err) == 0, "%s", err.what);
}

START_TEST(cache_is_prepared) {
    cli_finish(start((const char *const[]){cli.program, "prepare", "kill-idle", NULL}),
               PREPARE_TIMEOUT_S * 1000);
    cli_check_status(0);
}
END_TEST

// ---- what is shown -----------------------------------------------------------------------------

static const struct {
    const char *line;
    const char *phrases[10];
    int status;
} rows[] = {
    {"connect; kill; query; query; connect; query",
     {"mariadb-10.11", "libmysqlclient, over tcp", "connect", "ok", "kill app",
      "fired, the server closed the app's socket", "2013 CR_SERVER_LOST", "2013", "connect",
      "ok  [[1]]"},
     0},
    {"set wait_timeout=1; connect; wait 1s; query",
     {"for sessions that begin from now on", "wait 1s", "the server closed the app's socket",
      "2013"},
     0},
    {"connect {read_timeout: 1s}; drop; query; lift; connect",
     {"the firewall drops from now on", "2013 CR_SERVER_LOST HY000 after 1.", "lift drop", "ok",
      "drop fired", "drop fired", "on the way back"},
     0},
    // longer than a step lasts, so not a limit
    {"connect read_timeout=11s; drop; query", {"hang after 10"}, 0},
    {"connect; query SELECT SLEEP(60) &; kill; query",
     {"runs in the background", "kill app", "fired", "await query SELECT SLEEP(60)", "2013"},
     0},
    {"connect; query SELECT SLEEP(60) &; kill-query; query",
     {"kill-query", "fired, the statement has ended", "1317 ER_QUERY_INTERRUPTED", "ok"},
     0},
    {"connect; kill-query; query", {"kill-query", "did not fire", "ok"}, 0},
    {"connect; crash; query; connect; start; connect",
     {"crash", "the server closed the app's socket", "2013", "2003", "start", "ok"},
     0},
    {"connect; reset; query", {"fired, the app's socket is gone", "2013"}, 0},
    {"connect; reject; query; connect",
     {"refuses from now on", "2013", "2003", "fired 2 times"},
     0},
    {"connect; forget; query; connect",
     {"fired, the NAT does not know the connection any more", "hang after 10"},
     0},
    {"connect; other: connect; kill other; query; other: query",
     {"kill other", "fired", "query SELECT 1", "ok", "other: query SELECT 1", "2013"},
     0},
    // a session variable is lost without an error
    {"connect {reconnect: true}; query SET @a = 1; kill; query SELECT @a",
     {"ok in a new session  [[null]]", "No correct client does this: `query SELECT @a` succeeded"},
     1},
    // a session ended by one of the line's own statements is nobody's fault
    {"connect; query SET wait_timeout=1; sleep 2s; query; query", {"2013"}, 0},
    {"connect; query KILL CONNECTION_ID(); query; connect; query", {"1927", "2013", "ok"}, 0},
    {"connect; query SELECT \"$blob(20MiB)\"; query; connect; query", {"1153", "2013", "ok"}, 0},
    {"connect; until {log: never}; query", {"connect", "It went no further", "until log"}, 3},
    // the second connect is there so that the statement has failed before anybody kills its session
    {"connect; query SELEKT &; other: connect; kill; query",
     {"It went no further", "Remedy: without `&`"},
     3},
    {"connect; query; fault {signal: {to: app, name: SEGV}}; query", {"crash"}, 1},
};

START_TEST(steps_are_shown) {
    TRY(rows[_i].line);
    cli_check_order(&cli.said, rows[_i].phrases);
    cli_check_status(rows[_i].status);
}
END_TEST

START_TEST(connectors_and_transports_come_one_after_the_other) {
    TRY("connect; kill; query; query", "--connector", "libmysqlclient,mariadb-c", "--transport",
        "tcp,socket");
    CLI_CHECK_ORDER("libmysqlclient, over ", "2013", "2013", "libmysqlclient, over ", "2013",
                    "2013");
    CLI_CHECK_ORDER("mariadb-c, over ", "mariadb-c, over ");
    CLI_CHECK_ORDER("mariadb-c, over socket", "2006 CR_SERVER_GONE_ERROR");
    cli_check_status(0);
}
END_TEST

// Each step is shown while a later one is still running; a signal ends everything.
START_TEST(steps_are_shown_as_they_happen) {
    static const int signals[] = {SIGINT, SIGTERM, SIGKILL};
    pid_t pid = start((const char *const[]){cli.program, "try", "--server", "mariadb-10.11",
                                            "connect; kill; query; wait 50s; connect", NULL});
    bool shown = cli_will_say("2013 CR_SERVER_LOST", RUN_DEADLINE_MS);
    bool early = !strstr(cli_said(), "wait 50s");
    kill(pid, signals[_i]);
    cli_finish(pid, 10000);
    ck_assert_msg(shown && early, "%.2000s", text_get(&cli.said));
    cli_check_signal(signals[_i]);
}
END_TEST

// An unsupported step ends the line at that point.
START_TEST(missing_argument_ends_at_its_step) {
    static const char adapter[] =
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    hello = json.loads(line)['op'] == 'hello'\n"
        "    answer = {'outcome': 'ok', 'protocol': 1, 'connector': 'small', 'version': '1',\n"
        "              'capabilities': ['hello', 'connect', 'query']} if hello else \\\n"
        "             {'outcome': 'unsupported', 'message': 'what is read_timeout_ms?'}\n"
        "    print(json.dumps({**answer, 'us': 0}), flush=True)\n";
    folder_put("small.py", adapter);
    TRY("--adapter", "python3 small.py", "connect {read_timeout: 1s}; drop; query");
    CLI_CHECK_ORDER("unsupported", "small lacks what step 1 (app: connect) asks for");
    ck_assert_msg(!strstr(text_get(&cli.said), "firewall"), "%s", text_get(&cli.said));
}
END_TEST

START_TEST(wrong_word_is_wrong_usage) {
    TRY("connect; kil; query");
    cli_check_status(2);
    cli_check_order(&cli.complained, (const char *const[]){"character 10: there is no word 'kil'",
                                                           "connect; kil; query\n           ^",
                                                           "did you mean `kill`?", NULL});
    ck_assert_str_eq(text_get(&cli.said), "");
}
END_TEST

START_TEST(words_are_explained) {
    GONEAWAY("explain", "try");
    cli_check_status(0);
    CLI_CHECK_ORDER("try - a case on one line", "kill-query", "restart", "netem");
}
END_TEST

// ---- what is written ---------------------------------------------------------------------------

static const char *const lines[] = {
    "connect; kill; query; query; connect",
    "connect {read_timeout: 1s}; drop; query; lift; connect; query",
    "connect; query SELECT SLEEP(60) &; kill; query",
    "connect; stop; query; connect; start; connect",
    "connect; kill-query; query SELEKT; query SELECT 'a''b'",
    "drop; lift; connect; query INSERT INTO t VALUES (1)",
    "connect; pause; query; lift; query",
    "option max_connections=20; connect; restart KILL; query; query",
};

START_TEST(scenario_that_is_written_passes) {
    TRY(lines[_i], "--write", "made.yml", "--connector", "libmysqlclient,mariadb-c");
    CLI_CHECK_ORDER("made.yml is a proposal");
    cli_check_status(0);
    GONEAWAY("check", "made.yml");
    cli_check_status(0);
    GONEAWAY("run", "made.yml", "--server", "mariadb-10.11", "--strict");
    CLI_CHECK_ORDER("2 pass");
    cli_check_status(0);
}
END_TEST

START_TEST(violation_is_written_as_one) {
    cleanup_text struct text made = {0};
    TRY("connect {reconnect: true}; query SET @a = 1; kill; query SELECT @a", "--write",
        "made.yml");
    cli_check_status(1);
    read_back("made.yml", &made);
    cli_check_order(&made,
                    (const char *const[]){"first: {error: a variable is lost}",
                                          "first: {ok: true, session: new}",
                                          "violates: \"seen, and still to be explained", NULL});
    GONEAWAY("run", "made.yml", "--server", "mariadb-10.11", "--connector", "libmysqlclient");
    CLI_CHECK_ORDER("1 pass");
    cli_check_status(0);
}
END_TEST

static const struct {
    const char *line, *title;
} titles[] = {
    {"connect; kill; query; query", "\ntitle: \"After kill app, query SELECT 1 ends as 2013\"\n"},
    {"connect; query SELEKT", "\ntitle: query SELEKT ends as 1064\n"},
    {"connect; drop; lift; kill; query SELECT 'a rather long text that is cut where a title ends'",
     "\ntitle: \"After drop, lift drop, kill app, query SELECT 'a rather long text that is cut "
     "where a title e .. ends as 2013\"\n"},
};

START_TEST(title_is_a_sentence) {
    cleanup_text struct text made = {0};
    TRY(titles[_i].line, "--write", "made.yml");
    cli_check_status(0);
    read_back("made.yml", &made);
    ck_assert_msg(strstr(text_get(&made), titles[_i].title) != NULL, "%s", text_get(&made));
}
END_TEST

START_TEST(nothing_is_overwritten) {
    folder_put("made.yml", "mine");
    TRY("connect; query", "--write", "made.yml");
    cli_check_status(2);
    cli_check_order(&cli.complained, (const char *const[]){"made.yml is there already", NULL});
    read_back("made.yml", &cli.said);
    ck_assert_str_eq(text_get(&cli.said), "mine");
    TRY("connect; query", "--write", "made");
    cli_check_status(2);
    TRY("connect; query", "--write", "nowhere/made.yml");
    cli_check_order(&cli.complained,
                    (const char *const[]){"--write: nowhere/: No such file", NULL});
    cli_check_status(2);
}
END_TEST

Suite *live_try(void) {
    Suite *suite = suite_create("live_try");
    TCase *prepare = tcase_create("prepare"), *tries = tcase_create("try");
    tcase_set_timeout(prepare, PREPARE_TIMEOUT_S + 10);
    tcase_add_unchecked_fixture(prepare, cli_find, NULL);
    tcase_add_checked_fixture(prepare, begin, cli_end);
    tcase_add_test(prepare, cache_is_prepared);
    tcase_set_timeout(tries, TIMEOUT_S);
    tcase_add_unchecked_fixture(tries, cli_find, NULL);
    tcase_add_checked_fixture(tries, begin, cli_end);
    tcase_add_loop_test(tries, steps_are_shown, 0, COUNT_OF(rows));
    tcase_add_test(tries, connectors_and_transports_come_one_after_the_other);
    tcase_add_loop_test(tries, steps_are_shown_as_they_happen, 0, 3);
    tcase_add_test(tries, missing_argument_ends_at_its_step);
    tcase_add_test(tries, wrong_word_is_wrong_usage);
    tcase_add_test(tries, words_are_explained);
    tcase_add_loop_test(tries, scenario_that_is_written_passes, 0, COUNT_OF(lines));
    tcase_add_test(tries, violation_is_written_as_one);
    tcase_add_loop_test(tries, title_is_a_sentence, 0, COUNT_OF(titles));
    tcase_add_test(tries, nothing_is_overwritten);
    suite_add_tcase(suite, prepare);
    suite_add_tcase(suite, tries);
    return suite;
}
