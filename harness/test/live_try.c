// SPDX-License-Identifier: Apache-2.0
// live_try.c - `goneaway try` with real servers: what it shows and when, and what it leaves behind
#include "test/contain.h"
#include "test/suites.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { RUN_DEADLINE_MS = 60000, PREPARE_TIMEOUT_S = 900, TIMEOUT_S = 100 };

static struct err err;
static char program[PATH_MAX]; // absolute
static char top[64];           // the test's folder, where it works
static int status;             // of the latest run, as of waitpid()
static struct text said, complained;

// ---- running the program -----------------------------------------------------------------------

static pid_t start(const char *const *argv) {
    cleanup_close int out = open("out", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    cleanup_close int complaints = open("err", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    struct proc_spec spec = {.argv = argv, .in = -1, .out = out, .err = complaints, .netns = -1};
    pid_t pid = 0;
    ck_assert_msg(proc_spawn(&spec, &pid, &err) == 0, "%s", err.what);
    return pid;
}

static void read_back(const char *file, struct text *text) {
    text_release(text);
    ck_assert_msg(file_read(file, 16 << 20, text, &err) == 0, "%s", err.what);
}

static void finish(pid_t pid, int within_ms) {
    bool ended = proc_wait(pid, clock_ms() + within_ms, &status);
    if (!ended)
        proc_kill(pid);
    read_back("out", &said);
    read_back("err", &complained);
    ck_assert_msg(ended, "did not end:\n%.2000s\n%.2000s", text_get(&said), text_get(&complained));
}

#define GONEAWAY(...)                                                                              \
    finish(start((const char *const[]){program, __VA_ARGS__, NULL}), RUN_DEADLINE_MS)
#define TRY(...) GONEAWAY("try", "--server", "mariadb-10.11", __VA_ARGS__)

static void check_status(int wanted) {
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == wanted,
                  "exit status %d instead of %d, signal %d\n%.2000s\n%.2000s", WEXITSTATUS(status),
                  wanted, WTERMSIG(status), text_get(&said), text_get(&complained));
}

// The phrases stand in `text` in this order.
static void check_order(const struct text *text, const char *const *phrases) {
    const char *at = text_get(text);
    for (; *phrases; phrases++) {
        const char *found = strstr(at, *phrases);
        ck_assert_msg(found != NULL, "'%s' is missing, or not at its place, in:\n%.3000s", *phrases,
                      text_get(text));
        at = found + strlen(*phrases);
    }
}
#define CHECK_SAID(...) check_order(&said, (const char *const[]){__VA_ARGS__, NULL})

// ---- fixtures ----------------------------------------------------------------------------------

static void find_program(void) {
    const char *asked = getenv("GONEAWAY");
    char *here = getcwd(NULL, 0);
    ck_assert_msg(realpath(asked && *asked ? asked : "build/goneaway", program) != NULL,
                  "there is no program; set GONEAWAY");
    setenv("GONEAWAY_HOME", here, 0);
    free(here);
}

static void begin(void) {
    contain_begin();
    strcpy(top, "/tmp/goneaway-try-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chmod(top, 0777), 0);
    ck_assert_int_eq(chdir(top), 0);
}

static void end(void) {
    contain_check();
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_msg(file_remove_tree(top, &err) == 0, "%s", err.what);
}

START_TEST(cache_is_prepared) {
    finish(start((const char *const[]){program, "prepare", "kill-idle", NULL}),
           PREPARE_TIMEOUT_S * 1000);
    check_status(0);
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
    // longer than a step lasts, so that it is no bound
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
    // a variable of the session is lost without an error
    {"connect {reconnect: true}; query SET @a = 1; kill; query SELECT @a",
     {"ok in a new session  [[null]]", "No correct client does this: `query SELECT @a` succeeded"},
     1},
    // a session that a statement of the line's own has ended is nobody's mistake
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
    check_order(&said, rows[_i].phrases);
    check_status(rows[_i].status);
}
END_TEST

START_TEST(connectors_and_transports_come_one_after_the_other) {
    TRY("connect; kill; query; query", "--connector", "libmysqlclient,mariadb-c", "--transport",
        "tcp,socket");
    CHECK_SAID("libmysqlclient, over ", "2013", "2013", "libmysqlclient, over ", "2013", "2013");
    CHECK_SAID("mariadb-c, over ", "mariadb-c, over ");
    CHECK_SAID("mariadb-c, over socket", "2006 CR_SERVER_GONE_ERROR");
    check_status(0);
}
END_TEST

static bool out_has(const char *phrase) {
    cleanup_text struct text now = {0};
    return file_read("out", 1 << 20, &now, &err) == 0 && strstr(text_get(&now), phrase) != NULL;
}

static bool wait_for(const char *phrase, int within_ms) {
    double deadline = clock_ms() + within_ms;
    while (!out_has(phrase) && clock_ms() < deadline)
        clock_wait(10, -1);
    return out_has(phrase);
}

// Each step is there while a later one still goes on; a signal ends all of it.
START_TEST(steps_are_shown_as_they_happen) {
    static const int signals[] = {SIGINT, SIGTERM, SIGKILL};
    pid_t pid = start((const char *const[]){program, "try", "--server", "mariadb-10.11",
                                            "connect; kill; query; wait 50s; connect", NULL});
    bool shown = wait_for("2013 CR_SERVER_LOST", RUN_DEADLINE_MS);
    bool early = !out_has("wait 50s");
    kill(pid, signals[_i]);
    finish(pid, 10000);
    ck_assert_msg(shown && early, "%.2000s", text_get(&said));
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == signals[_i], "status %x", status);
}
END_TEST

// What it cannot do ends the line where it is asked for.
START_TEST(missing_argument_ends_at_its_step) {
    static const char adapter[] =
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    hello = json.loads(line)['op'] == 'hello'\n"
        "    answer = {'outcome': 'ok', 'protocol': 1, 'connector': 'small', 'version': '1',\n"
        "              'capabilities': ['hello', 'connect', 'query']} if hello else \\\n"
        "             {'outcome': 'unsupported', 'message': 'what is read_timeout_ms?'}\n"
        "    print(json.dumps({**answer, 'us': 0}), flush=True)\n";
    ck_assert_int_eq(file_write("small.py", adapter, strlen(adapter), &err), 0);
    TRY("--adapter", "python3 small.py", "connect {read_timeout: 1s}; drop; query");
    CHECK_SAID("unsupported", "small lacks what step 1 (app: connect) asks for");
    ck_assert_msg(!strstr(text_get(&said), "firewall"), "%s", text_get(&said));
}
END_TEST

START_TEST(wrong_word_is_wrong_usage) {
    TRY("connect; kil; query");
    check_status(2);
    check_order(&complained, (const char *const[]){"character 10: there is no word 'kil'",
                                                   "connect; kil; query\n           ^",
                                                   "did you mean `kill`?", NULL});
    ck_assert_str_eq(text_get(&said), "");
}
END_TEST

START_TEST(words_are_explained) {
    GONEAWAY("explain", "try");
    check_status(0);
    CHECK_SAID("try - a case on one line", "kill-query", "restart", "netem");
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
    CHECK_SAID("made.yml is a proposal");
    check_status(0);
    GONEAWAY("check", "made.yml");
    check_status(0);
    GONEAWAY("run", "made.yml", "--server", "mariadb-10.11", "--strict");
    CHECK_SAID("2 pass");
    check_status(0);
}
END_TEST

START_TEST(violation_is_written_as_one) {
    cleanup_text struct text made = {0};
    TRY("connect {reconnect: true}; query SET @a = 1; kill; query SELECT @a", "--write",
        "made.yml");
    check_status(1);
    read_back("made.yml", &made);
    check_order(&made, (const char *const[]){"first: {error: a variable is lost}",
                                             "first: {ok: true, session: new}",
                                             "violates: \"seen, and still to be explained", NULL});
    GONEAWAY("run", "made.yml", "--server", "mariadb-10.11", "--connector", "libmysqlclient");
    CHECK_SAID("1 pass");
    check_status(0);
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
    check_status(0);
    read_back("made.yml", &made);
    ck_assert_msg(strstr(text_get(&made), titles[_i].title) != NULL, "%s", text_get(&made));
}
END_TEST

START_TEST(nothing_is_overwritten) {
    ck_assert_int_eq(file_write("made.yml", "mine", 4, &err), 0);
    TRY("connect; query", "--write", "made.yml");
    check_status(2);
    check_order(&complained, (const char *const[]){"made.yml is there already", NULL});
    read_back("made.yml", &said);
    ck_assert_str_eq(text_get(&said), "mine");
    TRY("connect; query", "--write", "made");
    check_status(2);
    TRY("connect; query", "--write", "nowhere/made.yml");
    check_order(&complained, (const char *const[]){"--write: nowhere/: No such file", NULL});
    check_status(2);
}
END_TEST

Suite *live_try(void) {
    Suite *suite = suite_create("live_try");
    TCase *prepare = tcase_create("prepare"), *tries = tcase_create("try");
    tcase_set_timeout(prepare, PREPARE_TIMEOUT_S + 10);
    tcase_add_unchecked_fixture(prepare, find_program, NULL);
    tcase_add_checked_fixture(prepare, begin, end);
    tcase_add_test(prepare, cache_is_prepared);
    tcase_set_timeout(tries, TIMEOUT_S);
    tcase_add_unchecked_fixture(tries, find_program, NULL);
    tcase_add_checked_fixture(tries, begin, end);
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
