// SPDX-License-Identifier: Apache-2.0
// program.c - users' own programs in place of an adapter, well-behaved and not
//
// They are scripts in the test's folder: in shell if they need no server, else in Python with the
// client of fixtures/test/clients. The cache is prepared first.
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { RUN_DEADLINE_MS = 60000, PREPARE_TIMEOUT_S = 900, TIMEOUT_S = 100 };

static struct err err;
static json_t *found; // the first case of the report that was not skipped; NULL: there is none

// ---- running -----------------------------------------------------------------------------------

static void find_case(void) {
    size_t i;
    json_t *one;
    found = NULL;
    json_array_foreach(cli.cases, i, one) {
        if (!found && strcmp(json_string_value(json_object_get(one, "verdict")), "skip") != 0)
            found = one;
    }
}

static void run(const char *const *argv) {
    cli_run(argv, RUN_DEADLINE_MS);
    find_case();
}
#define RUN(...)                                                                                   \
    run((const char *const[]){cli.program, "run", "--report", "human=-", "--report",               \
                              "json=report.json", "--server", "mariadb-10.11", __VA_ARGS__, NULL})

static const char *text_of(const char *key) {
    const char *text = json_string_value(json_object_get(found, key));
    ck_assert_msg(text != NULL, "no %s in\n%.6000s", key, text_get(&cli.said));
    return text;
}

static void check(int wanted, const char *verdict) {
    cli_check_status(wanted);
    if (verdict)
        ck_assert_msg(strcmp(text_of("verdict"), verdict) == 0, "%s\n%.6000s", text_of("verdict"),
                      text_get(&cli.said));
}

// ---- scripts -----------------------------------------------------------------------------------

// A client that waits for something from its server, and then handles a lost session in some way.
static const char script[] =
    "import os, select, signal, sys, time\n"
    "from client import Connection\n"
    "from wire import Error\n"
    "def connect(**more):\n"
    "    where = {'socket': os.environ['MYSQL_UNIX_PORT']} if 'MYSQL_UNIX_PORT' in os.environ else "
    "{\n"
    "        'host': os.environ['MYSQL_HOST'], 'port': int(os.environ['MYSQL_TCP_PORT'])}\n"
    "    c = Connection(user=os.environ['MYSQL_USER'], password=os.environ['MYSQL_PWD'],\n"
    "                   database=os.environ['MYSQL_DATABASE'], tls='off', **where, **more)\n"
    "    c.open()\n"
    "    return c\n"
    "def wait(c):\n"
    "    select.select([c.wire.sock], [], [], 30)\n"
    "def idle(c):\n"
    "    c.query('SELECT 1')\n"
    "    wait(c)\n"
    "def again(c, sql='SELECT 2'):\n"
    "    print('answer', c.query(sql).values(1))\n"
    "def reconnects(c):\n"
    "    idle(c)\n"
    "    again(c)\n"
    "def returns(c):\n"
    "    idle(c)\n"
    "    while True:\n"
    "        try:\n"
    "            return again(connect())\n"
    "        except Error:\n"
    "            time.sleep(0.05)\n"
    "def fails(c):\n"
    "    c.query('SET @a = 1')\n"
    "    idle(c)\n"
    "    try:\n"
    "        again(c)\n"
    "    except Error as problem:\n"
    "        print('lost', problem)\n"
    "        sys.exit(3)\n"
    "def crashes(c):\n"
    "    idle(c)\n"
    "    os.kill(os.getpid(), signal.SIGSEGV)\n"
    "def hangs(c):\n"
    "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "    idle(c)\n"
    "    time.sleep(1000)\n"
    "def leaves(c):\n"
    "    idle(c)\n"
    "    if os.fork() == 0:\n"
    "        os.setsid()\n"
    "        time.sleep(1000)\n"
    "def floods(c):\n"
    "    idle(c)\n"
    "    for i in range(20000):\n"
    "        print('\\x1b[2J\\x1b]0;title\\x07\\x00\\x9b31m ::error:: row', i)\n"
    "def drowns(c):\n"
    "    idle(c)\n"
    "    try:\n"
    "        for i in range(20):\n"
    "            print('x' * (1 << 20))\n"
    "    except OSError:\n"
    "        os._exit(0)\n"
    "def survives(c):\n"
    "    for i in range(2):\n"
    "        idle(c)\n"
    "        again(c)\n"
    "def ends_early(c):\n"
    "    c.query('SELECT 1')\n"
    "    print('that was all')\n"
    "    sys.exit(4)\n"
    "def pools(c):\n"
    "    all = [c] + [connect() for i in range(4)]\n"
    "    for one in all:\n"
    "        one.query('SELECT 1')\n"
    "    lost = select.select([one.wire.sock for one in all], [], [], 30)[0]\n"
    "    print('lost', len(lost), 'of', len(all))\n"
    "def pauses(c):\n"
    "    c.query('SELECT 1')\n"
    "    time.sleep(0.5)\n"
    "def is_silent(c):\n"
    "    time.sleep(1000)\n"
    "def sleeps(c):\n"
    "    try:\n"
    "        c.query('SELECT SLEEP(30)')\n"
    "    except Error as problem:\n"
    "        print('lost', problem)\n"
    "def sends(c):\n"
    "    try:\n"
    "        c.query(\"INSERT INTO blobs (data) VALUES ('\" + 'x' * (2 << 20) + \"')\")\n"
    "    except Error as problem:\n"
    "        print('lost', problem)\n"
    "def forks(c):\n"
    "    c.query('SELECT 1')\n"
    "    child = os.fork()\n"
    "    if child == 0:\n"
    "        time.sleep(0.5)\n"
    "        c.close()\n"
    "        os._exit(0)\n"
    "    os.waitpid(child, 0)\n"
    "    again(c)\n"
    "def asks(c):\n"
    "    for i in range(9):\n"
    "        c.query('SELECT %d' % i)\n"
    "    wait(c)\n"
    "    again(c)\n"
    "def waits():\n"
    "    while True:\n"
    "        try:\n"
    "            return wait(connect())\n"
    "        except Error:\n"
    "            time.sleep(0.05)\n"
    "if sys.argv[1] == 'waits':\n"
    "    waits()\n"
    "    sys.exit()\n"
    "try:\n"
    "    connected = connect(connect_timeout=1)\n"
    "except Error as problem:\n"
    "    print('refused', problem)\n"
    "else:\n"
    "    globals()[sys.argv[1]](connected)\n";

static void begin(void) {
    cli_begin("/tmp/goneaway-program", 0755);
    folder_put("p.py", script);
    cli_shell("cp $GONEAWAY_HOME/fixtures/test/clients/client.py "
              "$GONEAWAY_HOME/fixtures/test/clients/wire.py .",
              RUN_DEADLINE_MS);
}

START_TEST(cache_is_prepared) {
    cli_find();
    cli_run((const char *const[]){cli.program, "prepare", "kill-idle", NULL},
            PREPARE_TIMEOUT_S * 1000);
    cli_check_status(0);
}
END_TEST

// ---- how they end ------------------------------------------------------------------------------

static const struct {
    const char *what, *verdict;
    int status;
    const char *said;
} ends[] = {
    {"reconnects", "pass", 0, "answer [[2]]"},
    {"fails", "fail", 1, "the program ended with exit status 3"},
    {"crashes", "crash", 1, "the program died of SIGSEGV"},
    {"hangs", "hang", 1, "the program has not ended within 2.0 s"},
    {"leaves", "pass", 0, "the program has written nothing"},
    {"floods", "pass", 0, "row 19999"},
    {"drowns", "broken", 3, "the program has written 16 MiB, the most that is kept"},
    {"ends_early", "broken", 3, "session was idle, with exit status 4; its output ends:"},
    {"is_silent", "broken", 3, "seen last: session"},
    {"pools", "broken", 3, "the program has 5 sessions over the Unix socket"},
    {"pools", "pass", 0, "lost 1 of 5"},
};

START_TEST(its_end_is_the_verdict) {
    cleanup_free char *command = xprintf("python3 p.py %s", ends[_i].what);
    const char *transport = _i % 2 ? "socket" : "tcp";
    RUN("kill-idle", "--transport", transport, "--deadline", "2s", "--program", command);
    check(ends[_i].status, ends[_i].verdict);
    cli_check_said(ends[_i].said);
    ck_assert_ptr_null(strchr(text_get(&cli.said), '\x1b'));
    cli_check_unsaid("\n                  ::error");
}
END_TEST

START_TEST(one_that_never_connects_proves_nothing) {
    RUN("kill-idle", "--deadline", "500ms", "--program", "echo begins; sleep 100");
    check(3, "broken");
    cli_check_said("seen last: no session of the account 'app'");
    cli_check_said("begins");
    RUN("kill-idle", "--program", "exec /nowhere/there.is");
    check(3, "broken");
    cli_check_said("not found");
}
END_TEST

// ---- the headline failures ---------------------------------------------------------------------

static const struct {
    const char *id, *what, *said;
} headline[] = {
    {"kill-idle", "reconnects", "answer"},
    {"kill-running/sleeping", "sleeps", "lost"},
    {"wait-timeout/query", "reconnects", "answer"},
    {"server-restart/term", "returns", "answer"},
    {"server-restart/kill", "returns", "answer"},
    {"skip-networking/skipped", "reconnects", "refused"},
    {"firewall-block/dropped", "reconnects", "refused"},
    {"firewall-block/reset", "reconnects", "refused"},
    {"oversized-blob/over", "sends", "lost"},
    {"forked-connection/closes", "forks", "app forked"},
};

START_TEST(headline_failures_can_be_met) {
    cleanup_free char *command = xprintf("python3 p.py %s", headline[_i].what);
    RUN(headline[_i].id, "--program", command);
    check(0, "pass");
    cli_check_said(headline[_i].said);
    ck_assert_str_eq(text_of("judged_by"), "program");
    json_t *connector = json_object_get(found, "connector");
    ck_assert_str_eq(json_string_value(json_object_get(connector, "name")), "program");
    ck_assert_uint_gt(json_array_size(json_object_get(found, "said")), 0);
}
END_TEST

static const struct {
    const char *id, *command, *said;
} unmet[] = {
    {"oversized-blob/over", "python3 p.py ends_early", "no line of the server's error log matches"},
    {"skip-networking/skipped", "true", "the program has not tried to connect"},
    {"firewall-block/reset", "true", "the fault 'wall' never fired"},
    {"kill-running/sleeping", "python3 p.py ends_early",
     "a statement of it was running, with exit"},
    {"forked-connection/closes", "python3 p.py ends_early",
     "that it has forked held its connection"},
    {"wait-timeout/query", "python3 p.py ends_early", "its session was idle, with exit status 4"},
    {"wait-timeout/query", "python3 p.py pauses", "the program "},
};

START_TEST(a_failure_that_was_not_met_is_broken) {
    RUN(unmet[_i].id, "--deadline", "20s", "--program", unmet[_i].command);
    check(3, "broken");
    cli_check_said(unmet[_i].said);
}
END_TEST

// ---- what is chosen ----------------------------------------------------------------------------

static const struct {
    const char *at, *what, *said;
} moments[] = {
    {"connected", "asks", "app connected"},
    {"idle", "asks", "app idle"},
    {"running=SLEEP(30)", "sleeps", "SELECT SLEEP(30)"},
    {"statement=9", "asks", "app statement"},
};

START_TEST(the_fault_comes_at_its_moment) {
    cleanup_free char *command = xprintf("python3 p.py %s", moments[_i].what);
    RUN("kill-idle", "--at", moments[_i].at, "--program", command);
    ck_assert_msg(found && strcmp(text_of("verdict"), "broken") != 0, "%.6000s",
                  text_get(&cli.said));
    cli_check_said(moments[_i].said);
    cleanup_free char *again = xprintf("--at %s", moments[_i].at);
    if (!strchr(again, '('))
        cli_check_said(again);
}
END_TEST

static const struct {
    const char *transport, *pattern;
} variables[] = {
    {"tcp", "^MYSQL_HOST=198\\.51\\.100\\.10$"},
    {"tcp", "^MYSQL_TCP_PORT=3306$"},
    {"tcp", "^MYSQL_USER=app$"},
    {"tcp", "^MYSQL_PWD=app-secret$"},
    {"tcp", "^MYSQL_DATABASE=goneaway$"},
    {"tcp", "^MYSQL_URL=mysql://app:app-secret@198\\.51\\.100\\.10:3306/goneaway$"},
    {"tcp", "^DATABASE_URL=mysql://app:app-secret@"},
    {"socket", "^MYSQL_HOST=localhost$"},
    {"socket", "^MYSQL_UNIX_PORT=/run/mysqld/mysqld.sock$"},
    {"socket", "^MYSQL_URL=mysql://app:app-secret@localhost/goneaway\\?unix_socket=/run/mysqld"},
};

START_TEST(the_environment_leads_to_the_server) {
    RUN("skip-networking/open", "--transport", variables[_i].transport, "--expect-output",
        variables[_i].pattern, "--program", "env");
    check(0, "pass");
}
END_TEST

START_TEST(output_can_be_expected) {
    RUN("skip-networking/open", "--program", "two=echo a; echo \"b c\" >&2", "--expect-output",
        "^b c$");
    check(0, "pass");
    RUN("skip-networking/open", "--program", "two=echo a; echo \"b c\" >&2", "--expect-output",
        "^b$");
    check(1, "fail");
    cli_check_said("no line of the program's output matches '^b$'");
    cli_check_said("--program 'two=echo a; echo \"b c\" >&2' --expect-output '^b$'");
}
END_TEST

START_TEST(others_are_skipped_with_the_reason) {
    RUN("kill-idle@tls", "--program", "true");
    check(4, NULL);
    cli_check_said("not for a --program: whether a program uses TLS is its own affair");
    RUN("oversized-blob/huge", "--program", "true");
    check(4, NULL);
    cli_check_said("it is the same as oversized-blob/over@tcp");
}
END_TEST

static const struct {
    const char *argv[8], *complaint;
} refused[] = {
    {{"--program", "x", "--connector", "mariadb-c"}, "so there is no --connector beside it"},
    {{"--program", "x", "--adapter", "y"}, "so there is no --adapter beside it"},
    {{"--program", "x", "--baseline", "b.yml"}, "--expect-output says what it must print"},
    {{"--at", "idle"}, "--at is of a --program, and there is none"},
    {{"--expect-output", "x"}, "--expect-output is of a --program, and there is none"},
    {{"--program", "x", "--at", "never"}, "--at: there is no moment 'never'"},
    {{"--program", "x", "--expect-output", "(x"}, "--expect-output: "},
    {{"--program", "x", "--deadline", "soon"}, "--deadline needs a time"},
    {{"--program", "x", "--program", "y"}, "needs a name of its own beside another --program"},
    {{"--program", " "}, "--program ' ' has no command"},
    {{"--program", "mariadb-c=x"}, "--program mariadb-c=..: goneaway has a connector of that"},
};

START_TEST(what_does_not_go_together_is_refused) {
    const char *argv[COUNT_OF(refused[0].argv) + 4] = {cli.program, "run", "kill-idle"};
    for (size_t i = 0; refused[_i].argv[i]; i++)
        argv[i + 3] = refused[_i].argv[i];
    run(argv);
    check(2, NULL);
    cli_check_said(refused[_i].complaint);
}
END_TEST

START_TEST(list_shows_what_can_be_run) {
    run((const char *const[]){cli.program, "list", "cases", "--program", "headline", NULL});
    check(0, NULL);
    for (size_t i = 0; i < COUNT_OF(headline); i++)
        cli_check_said(headline[i].id);
    cli_check_unsaid("@tls");
    cli_check_unsaid("forked-both-query");
}
END_TEST

// ---- a case on one line ------------------------------------------------------------------------

#define TRY(...)                                                                                   \
    run((const char *const[]){cli.program, "try", "--server", "mariadb-10.11", __VA_ARGS__, NULL})

static const struct {
    const char *line, *what;
    int status;
    const char *said[10]; // in this order
} tries[] = {
    {"idle; kill",
     "reconnects",
     0,
     {", python3 p.py reconnects, over tcp", "program", "starts", "idle", "statements so far: 1",
      "kill app", "fired, the server closed the app's socket", "|  answer [[2]]", "exit status 0"}},
    {"kill",
     "fails",
     1,
     {"kill app", "|  lost", "end", "exit status 3", "fail: the program ended with exit status 3"}},
    {"running SLEEP; kill-query",
     "sleeps",
     0,
     {"running SLEEP", "SELECT SLEEP(30)", "fired, the statement has ended", "exit status 0"}},
    {"kill; idle; kill",
     "survives",
     0,
     {"idle", "fired", "|  answer", "idle", "fired", "|  answer", "exit status 0"}},
    {"drop; connect",
     "reconnects",
     0,
     {"the firewall drops from now on", "program", "|  refused", "exit status 0",
      "drop fired"}}, // once, and again if a second has passed: a SYN is sent anew
    {"stop; connect; wait 500ms; start; connected; kill",
     "waits",
     0,
     {"stop", "program", "starts", "wait 500ms", "start", "done", "connected", "fired",
      "exit status 0"}},
    {"stop; connect", "reconnects", 0, {"stop", "starts", "|  refused", "exit status 0"}},
    {"restart; idle; kill",
     "returns",
     3,
     {"restart", "the server closed the app's socket", "|  answer",
      "It went no further: the program ended before", "exit status 0"}},
    {"set wait_timeout=1; wait 1s",
     "reconnects",
     0,
     {"set wait_timeout=1", "idle", "wait 1s", "the server closed the app's socket",
      "exit status 0", "the server counted Aborted_clients +", "the server logged: "}},
    {"kill; end; admin SELECT 6 * 7",
     "reconnects",
     0,
     {"kill app", "|  answer", "exit status 0", "admin SELECT 6 * 7", "done  [[\"42\"]]"}},
    {"kill", "crashes", 1, {"kill app", "the program died of SIGSEGV", "crash: "}},
    {"kill", "hangs", 1, {"kill app", "has not ended within 2.0 s", "hang: "}},
    {"kill", "floods", 0, {"before these", "row 19999", "exit status 0"}},
    {"kill", "ends_early", 3, {"|  that was all", "It went no further: the program ended before"}},
    {"drop; connect", "nothing", 3, {"drop never fired", "so what was seen proves nothing"}},
};

START_TEST(a_line_is_tried_with_a_program) {
    bool nothing = strcmp(tries[_i].what, "nothing") == 0;
    cleanup_free char *command =
        nothing ? xstrdup("true") : xprintf("python3 p.py %s", tries[_i].what);
    TRY(tries[_i].line, "--deadline", "2s", "--program", command);
    check(tries[_i].status, NULL);
    cli_check_order(&cli.said, tries[_i].said);
    ck_assert_ptr_null(strchr(text_get(&cli.said), '\x1b'));
}
END_TEST

// Output is shown while the program still runs.
START_TEST(output_is_shown_as_it_is_written) {
    pid_t pid =
        cli_start((const char *const[]){cli.program, "try", "--server", "mariadb-10.11",
                                        "--program", "echo begins; sleep 1000", "connect", NULL});
    bool shown = cli_will_say("|  begins", RUN_DEADLINE_MS);
    bool early = !strstr(text_get(&cli.said), " end ");
    kill(pid, SIGTERM);
    cli_finish(pid, 10000);
    ck_assert_msg(shown && early, "%.3000s", text_get(&cli.said));
}
END_TEST

START_TEST(a_line_does_not_replace_the_program) {
    TRY("kill; query", "--program", "python3 p.py reconnects");
    check(2, NULL);
    cli_check_said("character 7: the --program makes its calls itself");
    TRY("kill", "--program", "true", "--write", "x.yml");
    check(2, NULL);
    cli_check_said("--write makes a scenario of what an app calls");
    TRY("kill", "--program", "true", "--connector", "mariadb-c");
    check(2, NULL);
    TRY("kill", "--transport", "tls", "--program", "true");
    check(2, NULL);
    cli_check_said("whether a program uses TLS is its own affair");
}
END_TEST

// ---- README ------------------------------------------------------------------------------------

// Its command as written, in a user's folder with a `build/goneaway`.
START_TEST(readme_says_how_a_program_is_run) {
    static const char begins[] = "build/goneaway run kill-idle --program ";
    cleanup_text struct text readme = {0};
    cleanup_free char *path = xprintf("%s/fixtures/connectors/README.md", cli.home);
    ck_assert_msg(file_read(path, 1 << 20, &readme, &err) == 0, "%s", err.what);
    const char *line = strstr(text_get(&readme), begins);
    ck_assert_msg(line != NULL, "fixtures/connectors/README.md has no `%s`", begins);
    cleanup_free char *command = xprintf("%.*s --server mariadb-10.11 --report human=- --report "
                                         "json=report.json",
                                         (int)strcspn(line, "\n"), line);
    cleanup_free char *mine = xprintf("import sys\nsys.argv.append('reconnects')\n%s", script);
    folder_put("my-script.py", mine);
    ck_assert_int_eq(mkdir("build", 0755), 0);
    ck_assert_int_eq(symlink(cli.program, "build/goneaway"), 0);
    run((const char *const[]){"/bin/sh", "-c", command, NULL});
    check(0, "pass");
}
END_TEST

static void add(TCase *tests, const TTest *test, size_t count) {
    if (count == 0)
        tcase_add_test(tests, test);
    else
        tcase_add_loop_test(tests, test, 0, (int)count);
}

Suite *live_program(void) {
    Suite *suite = suite_create("live-program");
    TCase *first = tcase_create("prepare");
    tcase_set_timeout(first, PREPARE_TIMEOUT_S);
    tcase_add_test(first, cache_is_prepared);
    suite_add_tcase(suite, first);
    TCase *tests = tcase_create("programs");
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_unchecked_fixture(tests, cli_find, NULL);
    tcase_add_checked_fixture(tests, begin, cli_end);
    add(tests, its_end_is_the_verdict, COUNT_OF(ends));
    add(tests, one_that_never_connects_proves_nothing, 0);
    add(tests, headline_failures_can_be_met, COUNT_OF(headline));
    add(tests, a_failure_that_was_not_met_is_broken, COUNT_OF(unmet));
    add(tests, the_fault_comes_at_its_moment, COUNT_OF(moments));
    add(tests, the_environment_leads_to_the_server, COUNT_OF(variables));
    add(tests, output_can_be_expected, 0);
    add(tests, others_are_skipped_with_the_reason, 0);
    add(tests, what_does_not_go_together_is_refused, COUNT_OF(refused));
    add(tests, list_shows_what_can_be_run, 0);
    add(tests, a_line_is_tried_with_a_program, COUNT_OF(tries));
    add(tests, output_is_shown_as_it_is_written, 0);
    add(tests, a_line_does_not_replace_the_program, 0);
    add(tests, readme_says_how_a_program_is_run, 0);
    suite_add_tcase(suite, tests);
    return suite;
}
