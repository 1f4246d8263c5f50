// SPDX-License-Identifier: Apache-2.0
// run.c - the program itself: exit statuses, messages, reports, and what is left behind
//
// Each test runs the program in its own folder, and finally checks what is left (contain.h). The
// cache is prepared first.
#include "test/lib/cli.h"
#include "test/lib/contain.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { RUN_DEADLINE_MS = 60000, PREPARE_TIMEOUT_S = 900, TIMEOUT_S = 100 };

static struct err err;

// ---- running the program -----------------------------------------------------------------------

static pid_t start(const char *const *argv) {
    return cli_start_on(argv, -1, -1, true);
}

static void run(const char *const *argv) {
    cli_finish(start(argv), RUN_DEADLINE_MS);
}
#define GONEAWAY(...) run((const char *const[]){cli.program, __VA_ARGS__, NULL})
#define GONEAWAY_RUN(...) GONEAWAY("run", "--report", "json=report.json", __VA_ARGS__)

static void check_complaint(const char *phrase) {
    ck_assert_msg(strstr(text_get(&cli.complained), phrase) != NULL, "'%s' is not in:\n%.3000s",
                  phrase, text_get(&cli.complained));
}

static const char *case_text(size_t i, const char *key) {
    return json_string_value(json_object_get(json_array_get(cli.cases, i), key));
}

// Every case in the report must have this verdict, and this phrase in its reason.
static void check_cases(size_t count, const char *verdict, const char *why) {
    ck_assert_ptr_nonnull(cli.cases);
    ck_assert_uint_eq(json_array_size(cli.cases), count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(strcmp(case_text(i, "verdict"), verdict) == 0, "%s is %s and not %s: %.3000s",
                      case_text(i, "id"), case_text(i, "verdict"), verdict, case_text(i, "why"));
        ck_assert_msg(strstr(case_text(i, "why"), why) != NULL, "'%s' is not in: %.3000s", why,
                      case_text(i, "why"));
    }
}

// ---- fixtures ----------------------------------------------------------------------------------

static void enter_folder(void) {
    folder_enter("/tmp/goneaway-run", 0777);
}

static void leave_folder(void) {
    size_t half_written = folder_count("*.tmp-*");
    folder_remove();
    ck_assert_msg(half_written == 0, "a half-written report is left");
}

static void begin(void) {
    contain_begin();
    enter_folder();
}

static void end(void) {
    contain_check();
    leave_folder();
}

// ---- what passes the network -------------------------------------------------------------------

START_TEST(timeline_shows_the_wire) {
    setenv("LC_ALL", "C", 1);
    GONEAWAY_RUN("kill-idle@tcp", "firewall-in-login/dropped@tcp", "--server", "mariadb-10.11",
                 "--connector", "mariadb-c", "--timeline");
    cli_check_status(0);
    CLI_CHECK_ORDER("kill-idle@tcp", "app     connect", "app     -> server  SYN\n",
                    "server  -> app  greeting of ", ", session ", "app     -> server  login as app",
                    "server  -> app  OK", "fault   kill", "server  -> app  FIN",
                    "app     query SELECT 1, first", "app     -> server  COM_QUERY SELECT 1",
                    "first: 2013 CR_SERVER_LOST", "ending", "the server closed ",
                    " after `fault kill app`; the client wrote ",
                    " later into a connection that had ended\n");
    CLI_CHECK_ORDER("firewall-in-login/dropped@tcp", "fault ", "SYN, ACK",
                    "app     -x server  login as app, lost", "ending",
                    "nobody closed it: ", " failed after ", "; its `login as app` was lost; ",
                    " retransmissions went unanswered\n");
    ck_assert(json_is_string(json_object_get(json_array_get(cli.cases, 0), "ending")));
    json_t *wire = json_object_get(json_array_get(cli.cases, 0), "wire");
    ck_assert_uint_gt(json_array_size(wire), 5);
    json_t *asked = json_object_get(
        json_array_get(json_object_get(json_array_get(cli.cases, 0), "steps"), 0), "asked");
    ck_assert(json_is_string(json_object_get(asked, "host")) &&
              json_is_string(json_object_get(asked, "user")) &&
              !json_object_get(asked, "password"));
    // shown by default for a case that did not pass
    cleanup_free char *wrong =
        xprintf("%s/fixtures/test/fail/success-for-an-error.yml", getenv("GONEAWAY_HOME"));
    GONEAWAY_RUN(wrong, "kill-idle@tcp", "--server", "mariadb-10.11", "--connector", "mariadb-c");
    cli_check_status(1);
    CLI_CHECK_ORDER("COM_QUERY SELECT 1", "server  -> app  1 row");
    for (size_t i = 0; i < json_array_size(cli.cases); i++) {
        const json_t *one = json_array_get(cli.cases, i);
        bool over_tcp = strcmp(json_string_value(json_object_get(one, "transport")), "tcp") == 0;
        bool passed = strcmp(json_string_value(json_object_get(one, "verdict")), "pass") == 0;
        ck_assert(!json_object_get(one, "wire") == (passed || !over_tcp));
    }
    GONEAWAY_RUN("proxy-kill/haproxy@tcp", "half-open-power-loss@tcp", "--server", "mariadb-10.11",
                 "--connector", "mariadb-c", "--timeline");
    cli_check_status(0);
    CLI_CHECK_ORDER("proxy-kill/haproxy@tcp", "app     -> proxy  SYN", "proxy   -> server  SYN",
                    "server  -> proxy  FIN", "ending", "the proxy closed ",
                    " after the server had closed its end (", " after `fault kill app`)");
    // of two equal resets the first was dropped
    CLI_CHECK_ORDER("half-open-power-loss@tcp", "fault   destroy", "server  -x app  RST, lost",
                    "query SELECT 1, first", "server  -> app  RST\n");
    // MariaDB's log has whole seconds; its process list is asked by those who wait
    GONEAWAY_RUN("wait-timeout/query@tcp", "kill-running/sleeping@tcp", "--server", "mariadb-10.11",
                 "--connector", "mariadb-c", "--timeline");
    cli_check_status(0);
    CLI_CHECK_ORDER("kill-running/sleeping@tcp", ": Query, User sleep\n", "fault   kill",
                    "server  session ", ": gone\n");
    CLI_CHECK_ORDER("wait-timeout/query@tcp", "server  -> app  RST", "server  has logged ",
                    "(Got timeout reading communication packets)", "connect, again");
    // a reset whose number matches a lost segment is not part of it
    GONEAWAY_RUN("wait-timeout-lost/ping@tcp", "--server", "mysql-9.7", "--connector", "mariadb-c",
                 "--timeline");
    cli_check_status(0);
    CLI_CHECK_ORDER("fault   drop", "server  -x app  ERR 4031, lost",
                    "app     -> server  COM_PING");
    GONEAWAY_RUN("kill-idle@socket", "--server", "mariadb-10.11", "--connector", "mariadb-c",
                 "--timeline");
    cli_check_status(0);
    CLI_CHECK_ORDER("network not captured: over a Unix socket there are no packets",
                    "app     connect");
}
END_TEST

START_TEST(cache_is_prepared) {
    cli_finish(start((const char *const[]){cli.program, "prepare", NULL}),
               PREPARE_TIMEOUT_S * 1000);
    cli_check_status(0);
    cli_finish(start((const char *const[]){cli.program, "prepare", "proxy-kill/haproxy@tcp", NULL}),
               PREPARE_TIMEOUT_S * 1000);
    cli_check_status(0);
}
END_TEST

// ---- verdicts and exit statuses ----------------------------------------------------------------

// red.c has all verdicts and their reasons.
static const struct {
    const char *verdict, *option;
    int status;
} status_rows[] = {{"wrong-code", "--strict", 1},
                   {"hang", "--strict", 1},
                   {"crash", "--strict", 1},
                   {"unmeasured", "--strict", 1},
                   {"unmeasured", "--time-scale=1", 0}};

START_TEST(status_follows_the_verdict) {
    cleanup_free char *file =
        xprintf("%s/fixtures/test/fail/%s.yml", getenv("GONEAWAY_HOME"), status_rows[_i].verdict);
    GONEAWAY_RUN(file, "--server", "mariadb-10.11", "--connector", "mariadb-c",
                 status_rows[_i].option);
    check_cases(json_array_size(cli.cases), status_rows[_i].verdict, "");
    cli_check_status(status_rows[_i].status);
    if (strcmp(status_rows[_i].verdict, "hang") == 0) // the client waits for its socket
        CLI_CHECK_ORDER("seen      first  hang", "stuck in  ", "poll", "steps ");
}
END_TEST

START_TEST(passes_and_says_so) {
    GONEAWAY_RUN("kill-idle");
    cli_check_status(0);
    check_cases(json_array_size(cli.cases), "pass", "");
    ck_assert_int_eq(json_integer_value(json_object_get(cli.summary, "pass")),
                     (json_int_t)json_array_size(cli.cases));
}
END_TEST

START_TEST(stub_that_nobody_meets_is_broken) {
    folder_put("alone.yml", "goneaway: 1\ntitle: T\ncause: wrong-peer\nsource: none\n"
                            "transport: [tcp, socket]\nsteps:\n"
                            "  - fault: {stub: {does: [greet, close]}}\n"
                            "  - {id: first, app: connect}\n"
                            "outcomes:\n  - {first: ok}\n");
    GONEAWAY_RUN("alone.yml", "--server", "mariadb-10.11", "--connector", "mariadb-c");
    check_cases(2, "broken", "the fault 'stub' never fired");
    cli_check_status(3);
}
END_TEST

// A fault that would not strike proves nothing; whether it did is counted by the kernel or the
// server.
static const struct {
    const char *fault, *step, *why; // why: the reason of a broken case, "" for one that passes
} limit_rows[] = {
    {"crowd: 3", "{id: first, app: connect}", ""},
    {"crowd: 1000", "{id: first, app: connect}", "arm the fault 'crowd'"},
    {"memory: 1GiB, fires: never", "{id: first, app: connect}", ""},
    {"memory: 1GiB", "{id: first, app: connect}", "the fault 'memory' never fired"},
    {"descriptors: 100", "{id: first, app: connect}", ""},
    {"threads: 1000, fires: never", "{id: first, app: connect}", ""},
    {"threads: 1000", "{id: first, app: connect}", "the fault 'threads' never fired"},
};

START_TEST(limits_prove_themselves) {
    cleanup_free char *text = xprintf("goneaway: 1\ntitle: T\ncause: resources\nsource: none\n"
                                      "transport: [tcp]\nsteps:\n"
                                      "  - fault: {%s}\n"
                                      "  - %s\n"
                                      "outcomes:\n  - {first: ok}\n",
                                      limit_rows[_i].fault, limit_rows[_i].step);
    const char *why = limit_rows[_i].why;
    folder_put("limits.yml", text);
    GONEAWAY_RUN("limits.yml", "--connector", "mariadb-c");
    check_cases(2, *why ? "broken" : "pass", why);
    cli_check_status(*why ? 3 : 0);
}
END_TEST

START_TEST(empty_selection_is_told) {
    GONEAWAY_RUN("kill-idle", "--only", "nothing");
    cli_check_status(4);
    check_complaint("nothing to run");
    ck_assert_ptr_null(cli.cases);
}
END_TEST

// ---- bad input ---------------------------------------------------------------------------------

#define SCENARIO(transport, rest)                                                                  \
    "goneaway: 1\ntitle: T\ncause: killed\nsource: none\ntransport: [" transport "]\n" rest

static const struct {
    const char *argv[8], *complaint;
} refused_rows[] = {
    {{"run", "key.yml"}, "key.yml:6:1: unknown key 'stepz'; did you mean 'steps'?"},
    {{"check", "key.yml"}, "key.yml:6:1: unknown key 'stepz'"},
    {{"check", "::error::key.yml"}, "\\x3a:error::key.yml:6:1: unknown key 'stepz'"},
    {{"run", "no.yml"}, "no.yml"},
    {{"run", "no/no.yml"}, "no/no.yml: No such file or directory"},
    {{"check", "no.yml"}, "no.yml: No such file or directory"},
    {{"run", "kill-idel"}, "there is no scenario, case, tag or file 'kill-idel'"},
    {{"run", "kill-idel"}, "did you mean 'kill-idle'?"},
    {{"run", "kill-idle@tpc"},
     "did you mean 'kill-idle@tcp'? `goneaway list cases kill-idle` shows"},
    {{"run", "kil-idle@tcp"}, "did you mean 'kill-idle@tcp'? `goneaway list` shows all"},
    {{"run", "kill-idle@pipe"}, "remedy: `goneaway list cases kill-idle` shows its cases"},
    {{"run", "wait-timeout/qeury"}, "did you mean 'wait-timeout/query'?"},
    {{"run", "wait-timeout/qeury@tls"}, "did you mean 'wait-timeout/query@tls'?"},
    {{"run", "haedline"}, "did you mean 'headline'?"},
    {{"run", "kill-idle", "--server", "mysql-9"},
     "unknown server 'mysql-9'; choose from mariadb-10"},
    {{"run", "kill-idle", "--server", "mysql-9.7,"}, "unknown server ''"},
    {{"run", "kill-idle", "--connector", "pythn"},
     "unknown connector 'pythn'; did you mean 'python'?"},
    {{"run", "kill-idle", "--transport", "udp"}, "no transport 'udp'; choose from tcp, socket and"},
    {{"run", "kill-idle", "--sever", "x"}, "`goneaway run` has no option '--sever'"},
    {{"run", "kill-idle", "--sever", "x"}, "did you mean --server?"},
    {{"run", "kill-idle", "--require", "firewal"}, "no need 'firewal'; choose from namespaces, "},
    {{"run", "kill-idle", "--report", "xml=x"}, "no report format 'xml'; choose from human, "},
    {{"run", "kill-idle", "--report", "json=no/x"}, "json report no/x: No such file or directory"},
    {{"run", "kill-idle", "--report", "json=."}, "cannot create the json report .: Is a directory"},
    {{"run", "kill-idle", "--report", "tap=-", "--report", "json=-"}, "two reports cannot share"},
    {{"run", "own.yml", "--report", "json=./own.yml"}, "would overwrite what is read"},
    {{"run", "kill-idle", "--baseline", "own.yml", "--report", "tap=own.yml"},
     "would overwrite what is read"},
    {{"explain", "empty.yml"}, "there are no .yml files in empty.yml"},
    {{"prepare", "empty.yml"}, "there are no .yml files in empty.yml"},
    {{"run", "empty.yml"}, "there are no .yml files in empty.yml"},
    {{"run", "kill-idle", "--report", "json=a", "--require", "x"}, "there is no need 'x'"},
    {{"run", "kill-idle", "--report", "json=a", "--server", "x"}, "unknown server 'x'"},
    {{"run", "kill-idle", "--report", "json=a", "--report", "tap=no/x"}, "no/x: No such file"},
    {{"run", "--jobs", "0"}, "--jobs needs a number from 1 on, not '0'"},
    {{"run", "--jobs", "-1"}, "--jobs needs a number from 1 on, not '-1'"},
    {{"run", "--fail-fast", "--update-baseline", "--baseline", "a"}, "needs all cases, and --fail"},
    {{"run", "--retries", "1", "--update-baseline", "--baseline", "a"}, "records every repetition"},
    {{"run", "--repeat", "2x"}, "--repeat needs a number from 1 on, not '2x'"},
    {{"run", "--repeat"}, "--repeat needs a value"},
    {{"run", "--shard", "3/2"}, "--shard needs I/N with 1 <= I <= N, not '3/2'"},
    {{"run", "--time-scale", "0.5"}, "--time-scale needs a number from 1 to 1000, not '0.5'"},
    {{"run", "--time-scale", "nan"}, "--time-scale needs a number from 1 to 1000, not 'nan'"},
    {{"rnu"}, "there is no command 'rnu'\ngoneaway: remedy: did you mean `goneaway run`?"},
    {{"list", "things"}, "there is no list of 'things'; choose from scenarios"},
    {{"list", "servers", "--tag", "headline"}, "only `goneaway list scenarios` and"},
    {{"list", "causes", "kill-*"}, "only `goneaway list scenarios` and"},
    {{"list", "--cause", "killde"}, "there is no cause 'killde'\ngoneaway: remedy: did you mean"},
    {{"list", "--code", "CR_LOST"}, "--code needs an error's number or symbol, not 'CR_LOST'"},
    {{"list", "--transport", "udp"}, "there is no transport 'udp'"},
    {{"list", "--tag", "headlines"}, "nothing of the catalogue fits all of that"},
    {{"list", "lost", "--connector", "pymysq"},
     "no connector 'pymysq' was measured\ngoneaway: remedy: did you mean 'pymysql'?"},
    {{"list", "causes", "--connector", "pymysql"}, "--connector is for `goneaway list lost`"},
    {{"list", "causes", "--json"}, "--json is for `goneaway list matrix` and `goneaway list lost`"},
    {{"explain", "2013", "killde"}, "one word at a time, or a code and a cause"},
    {{"explain", "it", "is", "odd"}, "'it is odd' is neither an error code nor a word"},
    {{"run", "kill-idle", "--bundle", "/etc/passwd/x"},
     "--bundle: /etc/passwd/x cannot be written"},
    {{"explain", "20131"}, "scenario; did you mean '2013'?"},
    {{"explain", "kill-idle@tpc"}, "did you mean 'kill-idle@tcp'?"},
    {{"explain", "99999"}, "'99999' is neither an error code nor a word"},
    {{"doctor", "x"}, "`goneaway doctor` takes no arguments"},
    {{"prepare", "kill-idel"}, "there is no scenario, case, tag or file 'kill-idel'"},
    {{"check"}, "`goneaway check` needs files or folders"},
    {{NULL}, "Usage: goneaway COMMAND"},
};

// What moved from a scenario to another one is found by its former name, and only by that.
START_TEST(name_of_a_scenario_is_its_own) {
#define RENAMED(title, formerly)                                                                   \
    "goneaway: 1\ntitle: " title "\ncause: other\nsource: none\ntransport: [tcp]\n" formerly       \
    "steps: [{app: connect}, {id: s, app: ping}]\npromise: {s: ok}\noutcomes: [{s: ok}]\n"
    static const char *const names[] = {"whole", "whole/part"};
    folder_put("scenarios/whole.yml", RENAMED("All the rest", "variants: {rest: {}}\n"));
    folder_put("scenarios/half.yml",
               RENAMED("A part", "variants: {part: {formerly: whole/part}}\n"));
    folder_put("fixtures/servers/README", "");
    folder_put("fixtures/connectors/README", "");
    setenv("GONEAWAY_HOME", test_folder, 1);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        run((const char *const[]){cli.program, "list", "cases", names[i], NULL});
        cli_check_status(0);
        ck_assert_int_eq(strstr(text_get(&cli.said), "half/part@tcp") != NULL, i == 1);
        ck_assert_int_eq(strstr(text_get(&cli.said), "whole/rest@tcp") != NULL, i == 0);
    }
}
END_TEST

START_TEST(wrong_usage_is_refused) {
    const char *argv[COUNT_OF(refused_rows[0].argv) + 2] = {cli.program};
    folder_put("key.yml", SCENARIO("tcp", "stepz: []\noutcomes: [{q: ok}]\n"));
    folder_put("::error::key.yml", SCENARIO("tcp", "stepz: []\noutcomes: [{q: ok}]\n"));
    folder_put("own.yml", SCENARIO("tcp", "stepz: []\noutcomes: [{q: ok}]\n"));
    ck_assert(mkdir("empty.yml", 0755) == 0 || errno == EEXIST);
    for (size_t i = 0; refused_rows[_i].argv[i]; i++)
        argv[i + 1] = refused_rows[_i].argv[i];
    run(argv);
    cli_check_status(2);
    check_complaint(refused_rows[_i].complaint);
    ck_assert_uint_eq(folder_count("a*"), 0);
}
END_TEST

// What is listed from the catalogue, and what is not.
static const struct {
    const char *argv[8];
    const char *wanted, *unwanted;
} listed_rows[] = {
    {{"list"}, "\n#   killed - KILL by another session", "kill-idle@tcp"},
    {{"list"}, "\nkill-idle ", NULL},
    {{"list", "--cause", "killed"}, "kill-idle ", "wait-timeout"},
    {{"list", "scenarios", "wait-*"}, "wait-timeout ", "kill-idle "},
    {{"list", "scenarios", "--tag", "headline"}, "kill-idle ", "out-of-sync "},
    {{"list", "scenarios", "--code", "CR_COMMANDS_OUT_OF_SYNC"}, "out-of-sync ", "kill-idle "},
    {{"list", "scenarios", "--transport", "socket", "kill-idle"}, "  1 case ", "  3 cases"},
    {{"list", "cases", "--transport", "socket", "kill-idle"}, "kill-idle@socket\n", "@tcp"},
    {{"list", "cases", "--transport", "socket", "--transport", "tcp", "kill-idle"},
     "kill-idle@socket\n",
     "@tls"},
    {{"list", "symptoms"}, "  wait-timeout ", NULL},
    {{"list", "lost", "--connector", "go-mysql"}, "    mysql.ErrInvalidConn ", "pymysql"},
    {{"list", "lost", "--json"}, "\n{\"code\":2013,\"symbol\":\"CR_SERVER_LOST\",", NULL},
    {{"list", "matrix", "--json"}, "\n{\"scenario\":\"kill-idle\",", NULL},
    {{"explain", "2013"}, "\n  killed ", "\n.SH "},
    {{"explain", "2013", "killed"}, "\n  kill-idle - ", "\n  wait-timeout - "},
    {{"explain", "ERROR", "2013", "(HY000):", "Lost"}, "2013 CR_SERVER_LOST\n", "2006"},
    {{"explain", "kill-idle"}, "\nWhat happens", NULL},
    {{"explain", "reference"}, "\nFAULTS\n", "\n.SH "},
    {{"explain"}, "\nother words ", "\nFAULTS\n"},
    {{"explain", "goneaway", "--man"}, "\n.SH NAME\n", NULL},
};

START_TEST(lists_and_explains_what_is_asked_for) {
    const char *argv[COUNT_OF(listed_rows[0].argv) + 2] = {cli.program};
    for (size_t i = 0; listed_rows[_i].argv[i]; i++)
        argv[i + 1] = listed_rows[_i].argv[i];
    run(argv);
    cli_check_status(0);
    const char *unwanted = listed_rows[_i].unwanted;
    ck_assert_msg(strstr(text_get(&cli.said), listed_rows[_i].wanted) != NULL, "%.2000s",
                  text_get(&cli.said));
    ck_assert_msg(!unwanted || !strstr(text_get(&cli.said), unwanted), "%.2000s",
                  text_get(&cli.said));
}
END_TEST

// ---- bad luck ----------------------------------------------------------------------------------

// A separate home, with the fixtures and two of the scenarios.
static void make_home(void) {
    const char *home = getenv("GONEAWAY_HOME");
    static const char *const copied[] = {"kill-idle", "wait-timeout"};
    cleanup_free char *fixtures = xprintf("%s/fixtures", home);
    ck_assert_int_eq(mkdir("scenarios", 0755), 0);
    ck_assert_int_eq(symlink(fixtures, "fixtures"), 0);
    for (size_t i = 0; i < COUNT_OF(copied); i++) {
        cleanup_free char *from = xprintf("%s/scenarios/server/%s.yml", home, copied[i]);
        cleanup_free char *to = xprintf("scenarios/%s.yml", copied[i]);
        cleanup_text struct text content = {0};
        ck_assert_msg(file_read(from, 1 << 20, &content, &err) == 0, "%s", err.what);
        folder_put(to, text_get(&content));
    }
    setenv("GONEAWAY_HOME", test_folder, 1);
}

// What each way of asking prints if scenarios/broken.yml has a wrong key, mentions kill-idle and
// may have the tag headline. NULL: it is not read.
static const struct {
    const char *argv[8];
    int status;
    const char *complaint;
} broken_rows[] = {
    {{"run", "kill-idle", "--only", "no"}, 4, "warning: left out: "},
    {{"run", "kill-idle@tcp", "--only", "no"},
     4,
     "broken.yml:6:1: unknown key 'stepz'; did you mean 'steps'?"},
    {{"run", "kill-*", "--only", "no"}, 4, NULL},
    {{"run", "wait-timeout/query@tcp", "--only", "no"}, 4, NULL},
    {{"run", "kill-idel"}, 2, "warning: left out: "},
    {{"run", "broken"}, 2, "broken.yml:6:1: unknown key 'stepz'"},
    {{"run", "broken/x@tcp"}, 2, "broken.yml:6:1: unknown key 'stepz'"},
    {{"run", "kill-idle", "b*@tcp"}, 2, "broken.yml:6:1: unknown key 'stepz'"},
    {{"run", "*@tls"}, 2, "broken.yml:6:1: unknown key 'stepz'"},
    {{"run", "headline"}, 2, "remedy: mend the file, which may have the tag 'headline' too"},
    {{"run"}, 2, "broken.yml:6:1: unknown key 'stepz'"},
    {{"check", "scenarios"}, 2, "broken.yml:6:1: unknown key 'stepz'"},
    {{"list"}, 2, "broken.yml:6:1: unknown key 'stepz'"},
    {{"list", "scenarios", "kill-idle"}, 0, "warning: left out: "},
    {{"explain", "2013"}, 2, "broken.yml:6:1: unknown key 'stepz'"},
    {{"explain", "kill"}, 0, "warning: left out: "},
    {{"explain", "scenarios/kill-idle.yml"}, 0, NULL},
};

START_TEST(broken_scenario_stops_only_those_who_ask_for_it) {
    const char *argv[COUNT_OF(broken_rows[0].argv) + 2] = {cli.program};
    make_home();
    folder_put("scenarios/broken.yml",
               SCENARIO("tcp", "stepz: []\noutcomes: [{q: ok}]\n# not kill-idle@tcp; headline\n"));
    for (size_t i = 0; broken_rows[_i].argv[i]; i++)
        argv[i + 1] = broken_rows[_i].argv[i];
    run(argv);
    cli_check_status(broken_rows[_i].status);
    if (broken_rows[_i].complaint)
        check_complaint(broken_rows[_i].complaint);
    else
        ck_assert_msg(!strstr(text_get(&cli.complained), "broken.yml"), "%s",
                      text_get(&cli.complained));
}
END_TEST

// Names without a recipe: `check` refuses unknown servers and warns of connectors; `run` reports
// both.
static const struct {
    const char *header, *row, *complaint; // NULL: nothing is wrong
    int status;
} name_rows[] = {
    {"", "{if: {connector: mariadb-cc}, q: ok}",
     "names.yml:8:29: warning: there is no connector 'mariadb-cc'; did you mean 'mariadb-c'?", 0},
    {"", "{if: {connector: [mariadb-c, \"libmysqlclint >= 8\"]}, q: ok}",
     "names.yml:8:42: warning: there is no connector 'libmysqlclint'; did you mean "
     "'libmysqlclient'?",
     0},
    {"", "{if: {connector: my-own}, q: ok}",
     "there is no connector 'my-own'; choose from aiomysql, ", 0},
    {"", "{if: {server: mariadb-10.12}, q: ok}",
     "names.yml:8:26: there is no server 'mariadb-10.12'; did you mean 'mariadb-10.11'?", 2},
    {"", "{if: {server: \"percona >= 8.0\"}, q: ok}",
     "there is no server 'percona'; choose from mysql, mariadb, mariadb-10.11, mysql-9.7", 2},
    {"connectors: [mariadb-x]", "{q: ok}",
     "names.yml:6:14: warning: there is no connector 'mariadb-x'; did you mean 'mariadb-c'?", 0},
    {"connectors: [libmysql]", "{q: ok}",
     "names.yml:6:14: warning: there is no connector 'libmysql'; did you mean 'libmysqlclient'?",
     0},
    {"servers: [\"mysqld >= 8\"]", "{q: ok}",
     "names.yml:6:12: there is no server 'mysqld'; did you mean 'mysql'?", 2},
    {"servers: [mysql-9.7, mariadb]", "{if: {connector: [mariadb-jdbc, \"mariadb-c > 3\"]}, q: ok}",
     NULL, 0},
};

START_TEST(unknown_names_are_told) {
    const char *wanted = name_rows[_i].complaint;
    cleanup_free char *rest =
        xprintf("%s\nsteps: [{app: connect}, {id: q, app: ping}]\noutcomes: [%s]\n",
                name_rows[_i].header, name_rows[_i].row);
    cleanup_free char *file = xprintf("%s%s", SCENARIO("tcp", ""), rest);
    folder_put("names.yml", file);
    GONEAWAY("check", "names.yml");
    cli_check_status(name_rows[_i].status);
    check_complaint(wanted ? wanted : "");
    GONEAWAY("run", "names.yml", "--connector", "libmysqlclient", "--shard", "2/2", "--server",
             "mysql-9.7");
    cli_check_status(4);
    if (wanted)
        check_complaint(name_rows[_i].status ? "goneaway: warning: names.yml:"
                                             : "goneaway: names.yml:");
    check_complaint(wanted ? wanted : "nothing to run");
}
END_TEST

START_TEST(connector_that_is_not_here_is_skipped) {
    folder_put("theirs.yml",
               SCENARIO("socket", "connectors: [their-driver]\n"
                                  "steps: [{id: q, app: connect}]\noutcomes: [{q: ok}]\n"));
    GONEAWAY("check", "theirs.yml");
    cli_check_status(0);
    check_complaint("theirs.yml:6:14: warning: there is no connector 'their-driver'; choose from ");
    GONEAWAY_RUN("theirs.yml", "--server", "mysql-9.7");
    cli_check_status(4);
    check_cases(1, "skip", "--adapter their-driver='CMD'");
}
END_TEST

// A server that cannot start must leave nothing behind that spoils the worker's next case.
START_TEST(server_that_does_not_start_is_shown) {
    folder_put("no-set.yml",
               SCENARIO("socket", "server: {options: {character-set-server: nowhere}}\n"
                                  "steps: [{app: connect}, {id: first, app: ping}]\n"
                                  "outcomes: [{first: ok}]\n"));
    GONEAWAY_RUN("no-set.yml", "--jobs", "1");
    cli_check_status(3);
    check_cases(4, "broken", "its error log says:\n");
    check_cases(4, "broken", "Aborting");
    GONEAWAY_RUN("no-set.yml", "kill-idle@socket", "--jobs", "1", "--server", "mariadb-10.11");
    cli_check_status(3);
    ck_assert_int_eq(json_integer_value(json_object_get(cli.summary, "broken")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(cli.summary, "pass")), 2);
}
END_TEST

START_TEST(server_starts_only_when_it_is_gone) {
    folder_put("twice.yml", SCENARIO("socket", "steps:\n"
                                               "  - server: {stop: KILL}\n"
                                               "  - server: start\n"
                                               "  - server: start\n"
                                               "  - {id: first, app: connect}\n"
                                               "outcomes: [{first: ok}]\n"));
    folder_put("gone.yml", SCENARIO("socket", "steps:\n"
                                              "  - server: {stop: KILL}\n"
                                              "  - admin: {query: SELECT 1}\n"
                                              "  - {id: first, app: connect}\n"
                                              "outcomes: [{first: 2002}]\n"));
    folder_put("sleeps.yml", SCENARIO("socket", "steps:\n"
                                                "  - server: {stop: KILL}\n"
                                                "  - {id: first, app: connect}\n"
                                                "outcomes: [{first: 2002}]\n"));
    GONEAWAY_RUN("twice.yml", "--jobs", "1", "--server", "mariadb-10.11");
    cli_check_status(3);
    check_cases(2, "broken", "it is running; before `server: start`");
    GONEAWAY_RUN("gone.yml", "--jobs", "1", "--server", "mariadb-10.11");
    cli_check_status(3);
    check_cases(2, "broken", "the server was stopped; `server: start` starts it again");
    GONEAWAY_RUN("sleeps.yml", "--jobs", "1", "--server", "mariadb-10.11");
    cli_check_status(0);
}
END_TEST

START_TEST(globals_are_set_back) {
    folder_put("sets.yml",
               SCENARIO("socket",
                        "variants: {one: {}, two: {}}\n"
                        "steps:\n"
                        "  - {id: before, admin: {query: SELECT @@GLOBAL.net_retry_count}}\n"
                        "  - admin: {set_global: {net_retry_count: 7}}\n"
                        "  - {id: first, app: connect}\n"
                        "outcomes: [{before: {ok: true, rows: [[10]]}, first: ok}]\n"));
    GONEAWAY_RUN("sets.yml", "--jobs", "1");
    cli_check_status(0);
    check_cases(8, "pass", "");
}
END_TEST

START_TEST(server_that_was_written_serves_again) {
    folder_put(
        "writes.yml",
        SCENARIO("socket",
                 "variants: {row: {with: {sql: \"INSERT INTO t VALUES (1, 1)\"}},\n"
                 "           sum: {with: {sql: \"UPDATE `rows` SET n = 10001 WHERE n = 1\"}}}\n"
                 "steps:\n"
                 "  - app: connect\n"
                 "  - {id: first, app: {query: $sql}}\n"
                 "  - {id: data, admin: {query: SELECT id FROM goneaway.t}}\n"
                 "outcomes:\n"
                 "  - {if: {variant: row}, first: ok, data: {ok: true, rows: [[1]]}}\n"
                 "  - {first: {ok: true, affected: 1}, data: {ok: true, rows: []}}\n"));
    for (int i = 0; i < 2; i++) {
        GONEAWAY_RUN("writes.yml", "--jobs", "1", "--server", "mariadb-10.11", "--connector",
                     "mariadb-c", "--only", i == 0 ? "*/row*" : "*/sum*", "--repeat", "2");
        cli_check_status(0);
        check_cases(2, "pass", "");
        double boot_ms = json_real_value(json_object_get(json_array_get(cli.cases, 1), "boot_ms"));
        ck_assert_int_eq(boot_ms == 0, i == 0);
    }
}
END_TEST

// A process's counters know nothing about what was done before a restart.
START_TEST(server_that_was_restarted_serves_no_more) {
    folder_put("restarts.yml",
               SCENARIO("socket",
                        "variants: {restarted: {}, prepared: {}, stopped: {}}\n"
                        "steps:\n"
                        "  - {id: before, admin: {query: SELECT id FROM goneaway.t}}\n"
                        "  - app: connect\n"
                        "  - app: {query: \"INSERT INTO t VALUES (1, 1)\"}\n"
                        "  - {variants: [prepared], app: {query: \"XA START 'x'\"}}\n"
                        "  - {variants: [prepared], app: {query: UPDATE `rows` SET n = n}}\n"
                        "  - {variants: [prepared], app: {query: \"XA END 'x'\"}}\n"
                        "  - {variants: [prepared], app: {query: \"XA PREPARE 'x'\"}}\n"
                        "  - server: {stop: KILL}\n"
                        "  - {variants: [restarted, prepared], server: start}\n"
                        "  - {id: later, app: connect}\n"
                        "outcomes:\n"
                        "  - {if: {variant: stopped}, before: {ok: true, rows: []}, later: 2002}\n"
                        "  - {before: {ok: true, rows: []}, later: ok}\n"));
    GONEAWAY_RUN("restarts.yml", "--jobs", "1", "--server", "mariadb-10.11", "--connector",
                 "mariadb-c", "--repeat", "2");
    cli_check_status(0);
    check_cases(6, "pass", "");
    for (size_t i = 0; i < 6; i++)
        ck_assert(json_real_value(json_object_get(json_array_get(cli.cases, i), "boot_ms")) > 0);
}
END_TEST

// However a case has managed to change more than it admits, no other case sees it.
START_TEST(server_that_was_changed_on_the_sly_serves_no_more) {
    folder_put(
        "sly.yml",
        SCENARIO(
            "socket",
            "variants: {set: {}, quoted: {}, commented: {}, prepared: {}}\n"
            "steps:\n"
            "  - {id: before, admin: {query: \"SELECT @@read_only, @@max_connections < 99\"}}\n"
            "  - {variants: [set], admin: {set_global: {max_allowed_packet: 2097152}}}\n"
            "  - variants: [quoted]\n"
            "    admin: {set_global: {init_connect: \"', GLOBAL read_only=1, GLOBAL \\\n"
            "      init_connect='\"}}\n"
            "  - {variants: [commented], admin: {query: \"/* */ SET GLOBAL max_connections=77\"}}\n"
            "  - app: connect\n"
            "  - {variants: [prepared], app: {query: \"XA START 'x'\"}}\n"
            "  - {variants: [prepared], app: {query: SELECT n FROM `rows` FOR UPDATE}}\n"
            "  - {variants: [prepared], app: {query: \"XA END 'x'\"}}\n"
            "  - {variants: [prepared], app: {query: \"XA PREPARE 'x'\"}}\n"
            "  - app: close\n"
            "outcomes:\n"
            "  - {before: {ok: true, rows: [[\"0\", \"0\"]]}}\n"));
    static const char *const variants[] = {"*/set*", "*/quoted*", "*/commented*", "*/prepared*"};
    for (size_t i = 0; i < COUNT_OF(variants); i++) {
        GONEAWAY_RUN("sly.yml", "--jobs", "1", "--server", "mariadb-10.11", "--connector",
                     "mariadb-c", "--only", variants[i], "--repeat", "2");
        cli_check_status(0);
        check_cases(2, "pass", "");
        double boot_ms = json_real_value(json_object_get(json_array_get(cli.cases, 1), "boot_ms"));
        ck_assert_msg((boot_ms == 0) == (i < 2), "%s: %g ms", variants[i], boot_ms);
    }
}
END_TEST

// The apps' own account cannot write a file; as root it could, and no counter would show it.
START_TEST(server_of_an_app_that_was_root_serves_no_more) {
    folder_put("root.yml",
               SCENARIO("socket", "steps:\n"
                                  "  - {id: in, app: {connect: {user: root, password: x}}}\n"
                                  "outcomes: [{in: 1045}]\n"));
    GONEAWAY_RUN("root.yml", "--jobs", "1", "--server", "mariadb-10.11", "--connector", "mariadb-c",
                 "--repeat", "2");
    cli_check_status(0);
    check_cases(2, "pass", "");
    for (size_t i = 0; i < 2; i++)
        ck_assert(json_real_value(json_object_get(json_array_get(cli.cases, i), "boot_ms")) > 0);
}
END_TEST

// What a case did to the server's host must not reach others: a learnt MTU, and addresses and
// routes that vanish with a link. The longer case goes first.
static const struct {
    const char *first, *then;
} path_rows[] = {
    {"  - app: connect\n  - fault: {id: hole, mtu: {towards: app, bytes: 1200, icmp: sent}}\n"
     "  - {id: q, app: {query: \"SELECT REPEAT('x', 65536)\"}}\n"
     "  - lift: hole\n  - idle: {for: 4s}\noutcomes: [{q: ok}]\n",
     "  - app: connect\n  - fault: {id: hole, mtu: {towards: app, bytes: 1200, icmp: lost}}\n"
     "  - {id: q, deadline: 1s, app: {query: \"SELECT REPEAT('x', 65536)\"}}\n"
     "outcomes: [{q: hang}]\n"},
    {"  - fault: {link: {of: server, end: host}}\n  - idle: {for: 2s}\n"
     "  - {id: q, deadline: 300ms, app: connect}\noutcomes: [{q: hang}]\n",
     "  - {id: q, app: {connect: {host: address6}}}\noutcomes: [{q: ok}]\n"},
    {"  - fault: {id: cut, link: {of: server, end: wire}}\n  - idle: {for: 2s}\n  - lift: cut\n"
     "  - {id: q, app: {connect: {host: address6}}}\noutcomes: [{q: ok}]\n",
     "  - fault: {id: cut, link: {of: server, end: host}, fires: never}\n  - lift: cut\n"
     "  - {id: q, app: {connect: {host: address6}}}\noutcomes: [{q: ok}]\n"},
};

START_TEST(path_of_a_case_is_not_the_next_ones) {
    cleanup_free char *first = xprintf(SCENARIO("tcp", "steps:\n%s"), path_rows[_i].first);
    cleanup_free char *then = xprintf(SCENARIO("tcp", "steps:\n%s"), path_rows[_i].then);
    folder_put("first.yml", first);
    folder_put("then.yml", then);
    GONEAWAY_RUN("first.yml", "then.yml", "--jobs", "1", "--server", "mariadb-10.11", "--connector",
                 "mariadb-c");
    cli_check_status(0);
    check_cases(2, "pass", "");
}
END_TEST

START_TEST(server_that_was_set_serves_no_more) {
    folder_put(
        "set.yml",
        SCENARIO(
            "socket",
            "variants: {admin: {}, password: {}}\n"
            "steps:\n"
            "  - {id: before, admin: {query: SELECT @@GLOBAL.net_retry_count}}\n"
            "  - {variants: [admin], admin: {query: SET GLOBAL net_retry_count = 7}}\n"
            "  - app: connect\n"
            "  - {variants: [password], app: {query: \"/* */ SET PASSWORD = PASSWORD('x')\"}}\n"
            "  - {id: first, app: {query: SELECT 1}}\n"
            "outcomes: [{before: {ok: true, rows: [[10]]}, first: ok}]\n"));
    GONEAWAY_RUN("set.yml", "--jobs", "1", "--server", "mariadb-10.11", "--connector", "mariadb-c",
                 "--repeat", "2");
    cli_check_status(0);
    check_cases(4, "pass", "");
}
END_TEST

// MySQL remembers whose password it has seen, and does not ask for it again. The longer case goes
// first.
START_TEST(login_of_a_case_is_not_the_next_ones) {
    folder_put("first.yml",
               SCENARIO("tcp", "steps:\n  - {id: q, app: connect}\n  - idle: {for: 2s}\n"
                               "outcomes: [{q: ok}]\n"));
    folder_put("then.yml",
               SCENARIO("tcp", "steps:\n  - fault: {drop: {from: server, when: BEGIN PUBLIC KEY}}\n"
                               "  - {id: q, deadline: 1s, app: connect}\noutcomes: [{q: hang}]\n"));
    GONEAWAY_RUN("first.yml", "then.yml", "--jobs", "1", "--server", "mysql-9.7", "--connector",
                 "libmysqlclient");
    cli_check_status(0);
    check_cases(2, "pass", "");
    ck_assert_str_eq(case_text(0, "scenario"), "first");
    ck_assert_double_eq(json_real_value(json_object_get(json_array_get(cli.cases, 1), "boot_ms")),
                        0);
}
END_TEST

START_TEST(locks_of_an_admin_are_not_the_next_cases) {
    folder_put(
        "locks.yml",
        SCENARIO("socket",
                 "steps:\n"
                 "  - app: connect\n"
                 "  - {id: q, app: {query: \"SELECT GET_LOCK('x', 0) FROM `rows` LIMIT 1 FOR "
                 "UPDATE\"}}\n"
                 "  - app: close\n"
                 "  - admin: {query: \"SELECT GET_LOCK('x', 2)\"}\n"
                 "  - admin: {query: BEGIN}\n"
                 "  - admin: {query: SELECT n FROM goneaway.`rows` LIMIT 1 FOR UPDATE}\n"
                 "outcomes: [{q: {ok: true, rows: [[1]]}}]\n"));
    GONEAWAY_RUN("locks.yml", "--jobs", "1", "--server", "mariadb-10.11", "--connector",
                 "mariadb-c", "--repeat", "2");
    cli_check_status(0);
    check_cases(2, "pass", "");
    ck_assert_double_eq(json_real_value(json_object_get(json_array_get(cli.cases, 1), "boot_ms")),
                        0);
}
END_TEST

// A stranger's scenario, or connector, has a server to itself, whatever it leaves there.
START_TEST(origins_share_no_server) {
    folder_put("mine.yml",
               SCENARIO("socket", "steps:\n  - {id: q, app: connect}\n  - idle: {for: 2s}\n"
                                  "outcomes: [{q: ok}]\n"));
    GONEAWAY_RUN("mine.yml", "kill-idle@socket", "--jobs", "1", "--server", "mariadb-10.11",
                 "--connector", "mariadb-c", "--repeat", "2");
    cli_check_status(0);
    check_cases(4, "pass", "");
    for (size_t i = 0; i < 4; i++) {
        double boot_ms = json_real_value(json_object_get(json_array_get(cli.cases, i), "boot_ms"));
        ck_assert_msg((boot_ms > 0) == (i % 2 == 0), "%zu: %g ms", i, boot_ms);
    }
}
END_TEST

START_TEST(only_the_harness_is_root) {
    folder_put(
        "root.yml",
        SCENARIO("tcp, socket",
                 "variants: {empty: {with: {password: \"\"}}, same: {with: {password: root}}}\n"
                 "steps:\n"
                 "  - {id: q, app: {connect: {user: root, password: $password}}}\n"
                 "outcomes: [{q: 1045}]\n"));
    GONEAWAY_RUN("root.yml", "--server", "mysql-9.7,mariadb-10.11", "--connector",
                 "libmysqlclient");
    cli_check_status(0);
    check_cases(8, "pass", "");
}
END_TEST

// The longer case goes first, and leaves the table open.
START_TEST(limited_server_had_no_case_before) {
    folder_put("open.yml",
               SCENARIO("socket",
                        "variants: {before: {}, limited: {}}\n"
                        "steps:\n"
                        "  - app: connect\n"
                        "  - {variants: [limited], fault: {descriptors: 0}}\n"
                        "  - {variants: [before], id: first, app: {query: SELECT COUNT(*) FROM "
                        "blobs}, deadline: 4s}\n"
                        "  - {variants: [limited], id: first, app: {query: SELECT COUNT(*) FROM "
                        "blobs}}\n"
                        "outcomes:\n"
                        "  - {if: {variant: before}, first: ok}\n"
                        "  - {first: 1146}\n"));
    GONEAWAY_RUN("open.yml", "--jobs", "1", "--server", "mariadb-10.11", "--connector",
                 "mariadb-c");
    cli_check_status(0);
    check_cases(2, "pass", "");
    ck_assert_str_eq(case_text(0, "variant"), "before");
}
END_TEST

// ---- what the machine can do -------------------------------------------------------------------

// The cost of probing, as reported.
static int probes(const char *key) {
    cleanup_text struct text report = {0};
    ck_assert_msg(file_read("report.json", 16 << 20, &report, &err) == 0, "%s", err.what);
    json_t *line = json_loads(text_get(&report), JSON_DISABLE_EOF_CHECK, NULL);
    json_t *value = json_object_get(json_object_get(line, "probes"), key);
    ck_assert_msg(json_is_integer(value), "%.1000s", text_get(&report));
    int number = (int)json_integer_value(value);
    json_decref(line);
    return number;
}

static void run_case(const char *id) {
    GONEAWAY_RUN(id, "--server", "mariadb-10.11", "--connector", "libmysqlclient");
}

START_TEST(needs_are_tried_once) {
    enum { GENERAL = 5 }; // what every case needs
    GONEAWAY("doctor");
    run_case("kill-idle@socket");
    cli_check_status(0);
    ck_assert_int_eq(probes("tried"), GENERAL);
    run_case("kill-idle@socket");
    cli_check_status(0);
    ck_assert_int_eq(probes("tried"), 0);
    ck_assert_int_eq(probes("processes"), 0);
    run_case("firewall-block/reset@tcp");
    cli_check_status(0);
    ck_assert_int_eq(probes("tried"), 1);
    run_case("kill-idle@socket");
    ck_assert_int_eq(probes("processes"), 0);
}
END_TEST

START_TEST(broken_case_lets_needs_be_tried_anew) {
    run_case("kill-idle@socket");
    cli_check_status(0);
    GONEAWAY_RUN("kill-idle@socket", "--server", "mariadb-10.11", "--adapter", "exit 1");
    cli_check_status(3);
    run_case("kill-idle@socket");
    ck_assert_int_gt(probes("tried"), 0);
}
END_TEST

#define HELLO                                                                                      \
    "read -r l; echo '{\"outcome\":\"ok\",\"protocol\":1,\"connector\":\"x\",\"version\":\"1.0\"," \
    "\"capabilities\":[\"connect\",\"query\",\"ping\",\"execute\"]}'; "

static const struct {
    const char *adapter, *why;
} adapter_rows[] = {
    {"echo garbage; exec cat", "the adapter's answer to 'hello' is not of the protocol: garbage"},
    {"echo no such library >&2; exit 1", "the adapter ended with exit status 1 instead of "
                                         "answering 'hello'; it said:\nno such library"},
    {"no-such-program", "exit status 127 instead of answering 'hello'; it said:\n/bin/sh"},
    {HELLO "read -r l; exit 3", "exit status 3 instead of answering 'connect'"},
    {HELLO "read -r l; sleep 1000 >&- & exit 3", "exit status 3 instead of answering 'connect'"},
    {HELLO "read -r l; exit 139", "exit status 139 instead of answering 'connect'"},
    {"echo wait >&2; exec sleep 1000", "the adapter did not answer hello (no answer within "},
    {"exec cat >/dev/null", "closed its output instead of answering 'hello', but goes on"},
    {HELLO "echo no >&2; exec >&-; exec sleep 1000",
     "closed its output instead of answering 'connect', but goes on; it said:\nno"},
    {"exec cat /dev/zero", "answer to 'hello' has no end after 8 MiB: "},
    {"yes | tr -d '\\n'", "answer to 'hello' has no end after 8 MiB: yyyyy"},
    {"exec yes >&2", "has written 16 MiB to standard error, the most that is kept; it said:\n"},
    {HELLO "yes >&2; cat", "has written 16 MiB to standard error, the most that is kept"},
    {"while read -r l; do echo '{}'; done", "answer to 'hello' is not of the protocol: {}"},
    {HELLO "read -r l; echo '[1]'; exec cat", "answer to 'connect' is not of the protocol: [1]"},
    {HELLO "read -r l; echo '{\"outcome\":\"fine\"}'; exec cat",
     "to 'connect' is not of the protocol: {\"o"},
    {HELLO "while read -r l; do echo '{\"outcome\":\"ok\"}'; done", "has no session to kill"},
};

START_TEST(bad_adapter_is_told) {
    GONEAWAY_RUN("kill-idle@tcp", "--server", "mariadb-10.11", "--adapter",
                 adapter_rows[_i].adapter);
    cli_check_status(3);
    check_cases(1, "broken", adapter_rows[_i].why);
}
END_TEST

// Blanks before the answer, from several processes at once, so that there is always something to
// read.
#define DRIPS                                                                                      \
    "for n in 1 2 3 4 5 6; do (while :; do printf ' '; done) & p=\"$p $!\"; done; sleep 4; "       \
    "kill $p; echo '{\"outcome\":\"ok\"}'; exec cat"

START_TEST(flood_does_not_stretch_a_deadline) {
    folder_put("drips.yml", SCENARIO("tcp", "steps:\n  - app: connect\n"
                                            "  - {id: q, deadline: 500ms, app: {query: SELECT 1}}\n"
                                            "outcomes: [{q: hang}]\n"));
    GONEAWAY_RUN("drips.yml", "--server", "mariadb-10.11", "--adapter",
                 HELLO "read -r l; echo '{\"outcome\":\"ok\"}'; read -r l; " DRIPS);
    check_cases(1, "pass", "");
    cli_check_status(0);
}
END_TEST

START_TEST(crash_of_a_connector_is_told) {
    GONEAWAY_RUN("kill-idle@tcp", "--server", "mariadb-10.11", "--adapter",
                 HELLO "read -r l; kill -SEGV $$");
    cli_check_status(1);
    check_cases(1, "crash", "connect: saw crash (SIGSEGV)");
}
END_TEST

// What a connector lacks, by its hello or when asked.
#define GREETS(more)                                                                               \
    "read -r l; echo "                                                                             \
    "'{\"outcome\":\"ok\",\"protocol\":1,\"connector\":\"x\",\"version\":\"1.0\"" more             \
    "}'; while read -r l; do case $l in *'\"query\"'*) echo told nobody >&2;"                      \
    "echo '{\"outcome\":\"unsupported\",\"message\":\"no such thing\"}';; *) echo "                \
    "'{\"outcome\":\"ok\",\"thread\":1}';; esac; done"

static const struct {
    const char *adapter, *steps, *why;
} lack_rows[] = {
    {GREETS(",\"capabilities\":[\"hello\",\"connect\",\"query\"]"),
     "  - app: {fork: child}\n  - {id: q, child: {query: SELECT 1}}\n",
     " lacks the operation 'fork'"},
    {GREETS(",\"capabilities\":[\"hello\",\"connect\",\"query\"]"),
     "  - idle: {for: 1s, app_pings_every: 500ms}\n  - {id: q, app: {query: SELECT 1}}\n",
     " lacks the operation 'ping'"},
    {GREETS(",\"arguments\":{\"query\":[],\"connect\":7}"), "  - {id: q, app: {query: SELECT 1}}\n",
     " lacks the argument 'sql' of 'query'"},
    {GREETS(",\"calls\":[\"stat\"]"), "  - {id: q, app: {call: sta, args: [1]}}\n",
     " lacks the call 'sta'"},
    {GREETS(""), "  - {id: q, app: {query: SELECT 1}}\n",
     " lacks what step 2 (app: query) asks for: no such thing"},
    {GREETS(""), "  - app: {query: SELECT 1}\n  - {id: q, app: ping}\n",
     " lacks what step 2 (app: query) asks for: no such thing"},
};

START_TEST(what_a_connector_lacks_is_skipped) {
    cleanup_free char *scenario = xprintf(
        SCENARIO("tcp", "steps:\n  - app: connect\n%soutcomes: [{q: ok}]\n"), lack_rows[_i].steps);
    folder_put("lacks.yml", scenario);
    GONEAWAY_RUN("lacks.yml", "--server", "mariadb-10.11", "--adapter", lack_rows[_i].adapter,
                 "--require", "all");
    check_cases(1, "skip", lack_rows[_i].why);
    cli_check_status(4);
    GONEAWAY_RUN("lacks.yml", "--server", "mariadb-10.11", "--adapter", lack_rows[_i].adapter,
                 "--require", "operations");
    check_cases(1, "skip", lack_rows[_i].why);
    cli_check_status(3);
}
END_TEST

START_TEST(what_is_known_to_be_lacking_is_judged) {
    folder_put("lacks.yml",
               SCENARIO("tcp", "steps:\n  - app: connect\n  - {id: q, app: {query: SELECT 1}}\n"
                               "outcomes: [{q: unsupported}]\n"));
    GONEAWAY_RUN("lacks.yml", "--server", "mariadb-10.11", "--adapter",
                 GREETS(",\"capabilities\":[\"connect\"]"));
    check_cases(1, "pass", "");
    cli_check_status(0);
}
END_TEST

START_TEST(what_nobody_asked_for_is_told) {
    folder_put("events.yml",
               SCENARIO("tcp", "steps:\n  - app: connect\n  - {id: q, app: {query: SELECT 1}}\n"
                               "outcomes: [{q: {error: 0, native: E=1}}]\n"));
    GONEAWAY_RUN("events.yml", "--server", "mariadb-10.11", "--adapter",
                 HELLO "read -r l; echo '{\"outcome\":\"ok\"}'; read -r l; echo "
                       "'{\"outcome\":\"error\",\"errno\":-111,\"native\":\"E=2\",\"events\":"
                       "[\"error ECONNRESET\",7,\"close\"]}'; cat");
    check_cases(1, "fail", "q: expected the native error E=1, saw E=2");
    cli_check_status(1);
    json_t *step = json_array_get(json_object_get(json_array_get(cli.cases, 0), "steps"), 1);
    ck_assert_str_eq(json_string_value(json_object_get(step, "events")), "error ECONNRESET; close");
    ck_assert_ptr_nonnull(strstr(text_get(&cli.said), "unasked: error ECONNRESET; close"));
    ck_assert_ptr_nonnull(strstr(text_get(&cli.said), "q  error (E=2)"));
}
END_TEST

START_TEST(standard_error_is_told) {
    folder_put("said.yml", SCENARIO("tcp", "steps:\n  - app: connect\n  - {id: q, app: ping}\n"
                                           "outcomes: [{q: 2013}]\n"));
    GONEAWAY_RUN("said.yml", "--server", "mariadb-10.11", "--adapter",
                 "echo one >&2; echo two >&2; " GREETS(""), "--report", "human=-");
    check_cases(1, "wrong-code", "q: expected 2013 CR_SERVER_LOST, saw ok");
    cli_check_status(1);
    json_t *told = json_array_get(json_object_get(json_array_get(cli.cases, 0), "said"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(told, "actor")), "app");
    ck_assert_str_eq(json_string_value(json_object_get(told, "text")), "one\ntwo");
    ck_assert_ptr_nonnull(strstr(text_get(&cli.said), "app wrote to standard error:"));
}
END_TEST

// More than a pipe holds, so that the harness would wait forever to write it.
START_TEST(adapter_that_does_not_read_hangs_alone) {
    cleanup_text struct text scenario = {0};
    text_add(&scenario, SCENARIO("tcp", "steps:\n  - app: connect\n  - id: first\n"
                                        "    deadline: 300ms\n    app: {execute: {params: [''"));
    for (int i = 0; i < 20000; i++)
        text_add(&scenario, i % 5000 == 0 ? ", a123456789" : "0123456789");
    text_add(&scenario, "]}}\noutcomes: [{first: hang}]\n");
    folder_put("big.yml", text_get(&scenario));
    GONEAWAY_RUN("big.yml", "--server", "mariadb-10.11", "--adapter",
                 HELLO "read -r l; echo '{\"outcome\":\"ok\",\"thread\":1}'; exec sleep 1000");
    cli_check_status(0);
    check_cases(1, "pass", "");
}
END_TEST

// ---- signals -----------------------------------------------------------------------------------

static pid_t parent_of(const char *folder, char ret_name[64]) {
    cleanup_text struct text stat = {0};
    cleanup_free char *path = xprintf("%s/stat", folder);
    int parent = 0;
    ret_name[0] = '\0';
    if (file_read(path, 65536, &stat, &err) == 0)
        sscanf(text_get(&stat), "%*d (%63[^)]) %*c %d", ret_name, &parent);
    return parent;
}

static bool descends(pid_t pid, pid_t ancestor) {
    char ignored[64];
    while (pid > 1 && pid != ancestor) {
        cleanup_free char *folder = xprintf("/proc/%d", pid);
        pid = parent_of(folder, ignored);
    }
    return pid == ancestor;
}

static bool runs_below(pid_t ancestor, const char *wanted) {
    glob_t found = {0};
    bool runs = false;
    char name[64];
    glob("/proc/[0-9]*", 0, NULL, &found);
    for (size_t i = 0; !runs && i < found.gl_pathc; i++) {
        pid_t parent = parent_of(found.gl_pathv[i], name);
        runs = strcmp(name, wanted) == 0 && descends(parent, ancestor);
    }
    globfree(&found);
    return runs;
}

// The worker of a run with only one; the run's keeper (world/limits.h) may be its first child.
static pid_t find_worker(pid_t run) {
    glob_t found = {0};
    pid_t worker = 0;
    char name[64];
    glob("/proc/[0-9]*", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (parent_of(found.gl_pathv[i], name) == run && strcmp(name, "goneaway-keeper") != 0)
            worker = (pid_t)strtol(found.gl_pathv[i] + strlen("/proc/"), NULL, 10);
    globfree(&found);
    return worker;
}

static bool any_child(pid_t pid) {
    return proc_first_child(pid) > 0;
}

static bool server_boots(pid_t pid) {
    return runs_below(pid, "mariadbd") || runs_below(pid, "mysqld");
}

static bool app_runs(pid_t pid) {
    return runs_below(pid, "adapter");
}

static bool case_is_reported(pid_t pid) {
    (void)pid;
    return strstr(cli_said(), "pass") != NULL;
}

// Starts a run of many cases, and returns once it has reached a stage.
static pid_t start_until(bool (*reached)(pid_t), const char *jobs, const char *repeat) {
    const char *const argv[] = {
        cli.program, "run",      "kill-idle",        "--transport", "socket",
        "--repeat",  repeat,     "--jobs",           jobs,          "--report",
        "human=-",   "--report", "json=report.json", "-v",          NULL};
    double deadline_ms = clock_ms() + RUN_DEADLINE_MS;
    pid_t pid = start(argv);
    bool there = false; // it may have passed by the next look
    while (!(there = reached(pid)) && clock_ms() < deadline_ms)
        clock_wait(1, -1);
    ck_assert(there);
    return pid;
}

static bool (*const stages[])(pid_t) = {any_child, server_boots, app_runs, case_is_reported};
static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGKILL};

START_TEST(signal_ends_all) {
    bool (*stage)(pid_t) = stages[_i / (int)COUNT_OF(signals)];
    int number = signals[_i % (int)COUNT_OF(signals)];
    pid_t pid = start_until(stage, "2", "1000");
    kill(pid, number);
    cli_finish(pid, 2000);
    cli_check_signal(number);
    if (number == SIGKILL)
        ck_assert_ptr_null(cli.cases);
    else if (stage != any_child)
        ck_assert(json_is_true(json_object_get(cli.summary, "interrupted")));
    if (stage == case_is_reported && number != SIGKILL)
        check_cases(json_array_size(cli.cases), "pass", "");
}
END_TEST

// ---- how far a run goes ------------------------------------------------------------------------

#define FAILING(name) xprintf("%s/fixtures/test/fail/" name ".yml", getenv("GONEAWAY_HOME"))

START_TEST(fail_fast_starts_no_more) {
    cleanup_free char *file = _i == 0 ? FAILING("wrong-code") : FAILING("set-up-fails");
    GONEAWAY_RUN(file, "--server", "mariadb-10.11", "--connector", "mariadb-c", "--repeat", "5",
                 "--jobs", "2", "--fail-fast", "--shard", "1/1");
    cli_check_status(_i == 0 ? 1 : 3);
    size_t planned = json_array_size(cli.cases), skipped = 0;
    ck_assert_uint_eq(planned % 5, 0);
    for (size_t i = 0; i < planned; i++)
        if (strcmp(case_text(i, "verdict"), "skip") == 0) {
            ck_assert_str_eq(case_text(i, "why"),
                             "not run after the first case that did not pass (--fail-fast)");
            skipped++;
        }
    ck_assert_uint_ge(skipped, planned - 3); // another case may have run, or just begun
    ck_assert_uint_lt(skipped, planned);
    ck_assert_int_eq(rename("report.json", "part.json"), 0);
    GONEAWAY("merge", "part.json");
    cli_check_status(_i == 0 ? 1 : 3);
}
END_TEST

START_TEST(fail_fast_runs_all_that_pass) {
    GONEAWAY_RUN("kill-idle@socket", "--server", "mariadb-10.11", "--fail-fast");
    cli_check_status(0);
    check_cases(2, "pass", "");
}
END_TEST

// ---- on a terminal -----------------------------------------------------------------------------

// What a run with these arguments shows on a terminal of 60 columns. To be freed.
static char *shown_on_terminal(const char *const *argv) {
    struct winsize size = {.ws_row = 24, .ws_col = 60};
    struct text shown = {0};
    char buffer[4096];
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    ck_assert_int_eq(ioctl(terminal, TIOCSWINSZ, &size), 0);
    int end = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert_int_ge(end, 0);
    setenv("TERM", "xterm", 1);
    pid_t pid = cli_start_on(argv, -1, end, true);
    close(end);
    for (ssize_t got; (got = read(terminal, buffer, sizeof buffer)) > 0;)
        text_append(&shown, buffer, (size_t)got);
    close(terminal);
    cli_finish(pid, RUN_DEADLINE_MS);
    return shown.data;
}

// Every line that is drawn fits, and is erased before anything else is shown.
static void check_drawn(const char *shown) {
    static const char erase[] = "\r\033[K";
    size_t drawn = 0;
    for (const char *next; (next = strstr(shown, erase)); shown = next + strlen(erase)) {
        const char *line = shown + strcspn(shown, "0123456789");
        for (const char *feed; (feed = strchr(line, '\n')) && feed < next;)
            line = feed + 1;
        ck_assert_msg(isdigit((unsigned char)*line), "%.200s", line);
        ck_assert_msg(next - line < 60, "%.*s", (int)(next - line), line);
        drawn++;
    }
    ck_assert_uint_gt(drawn, 1);
    ck_assert_ptr_null(strstr(shown, "left"));
}

START_TEST(terminal_shows_how_far_a_run_is) {
    folder_put("waits.yml",
               SCENARIO("tcp, socket, tls", "steps:\n  - {id: q, app: connect}\n"
                                            "  - idle: {for: 3s}\noutcomes: [{q: ok}]\n"));
    cleanup_free char *shown = shown_on_terminal(
        (const char *const[]){cli.program, "run", "waits.yml", "kill-idle@socket", "--server",
                              "mariadb-10.11", "--connector", "mariadb-c", "--jobs", "2", NULL});
    cli_check_status(0);
    ck_assert_ptr_nonnull(strstr(shown, " s left: waits@"));
    ck_assert_ptr_nonnull(strstr(shown, " 2 s"));
    check_drawn(shown);
}
END_TEST

START_TEST(terminal_with_another_report_shows_that_alone) {
    cleanup_free char *shown = shown_on_terminal(
        (const char *const[]){cli.program, "run", "kill-idle@socket", "--server", "mariadb-10.11",
                              "--connector", "mariadb-c", "--report", "tap=-", NULL});
    cli_check_status(0);
    ck_assert_ptr_null(strstr(shown, "\033"));
}
END_TEST

// ---- pipes -------------------------------------------------------------------------------------

static void check_killed(int number) {
    cli_check_signal(number);
    ck_assert_str_eq(text_get(&cli.complained), "");
}

// Runs with output whose reader is gone.
static void run_deserted(const char *const *argv) {
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    pid_t pid = cli_start_on(argv, -1, ends[1], true);
    close(ends[1]);
    cli_finish(pid, RUN_DEADLINE_MS);
}

static const char *const deserted_rows[][4] = {
    {"list"},
    {"list", "cases"},
    {"explain", "2013"},
    {"explain"},
    {"check", "--schema"},
    {"completion", "bash"},
    {"compare", "measured/mariadb-c-3.3.20", "measured/mariadb-c-3.4.10"},
    {"doctor"},
};

START_TEST(command_without_a_reader_ends_silently) {
    const char *argv[COUNT_OF(deserted_rows[0]) + 2] = {cli.program};
    cleanup_free char *measured = xprintf("%s/fixtures/measured", getenv("GONEAWAY_HOME"));
    ck_assert_int_eq(symlink(measured, "measured"), 0);
    for (size_t i = 0; deserted_rows[_i][i]; i++)
        argv[i + 1] = deserted_rows[_i][i];
    run_deserted(argv);
    check_killed(SIGPIPE);
}
END_TEST

static const struct {
    const char *command, *why;
} full_rows[] = {
    {"--version", "No space left on device"},
    {"--help", "No space left on device"},
    {"list", "No space left on device"},
    {"explain 2013", "No space left on device"},
    {"try 'connect; query' --transport socket", "an earlier write failed"},
};

START_TEST(lost_output_is_an_error) {
    cleanup_free char *line = xprintf("exec \"$0\" %s >/dev/full", full_rows[_i].command);
    cleanup_free char *told = xprintf("goneaway: write to stdout: %s\n", full_rows[_i].why);
    run((const char *const[]){"sh", "-c", line, cli.program, NULL});
    cli_check_status(3);
    check_complaint(told);
}
END_TEST

START_TEST(run_without_a_reader_ends) {
    run_deserted((const char *const[]){cli.program, "run", "kill-idle@socket", "--repeat", "1000",
                                       "--jobs", "2", NULL});
    check_killed(SIGPIPE);
}
END_TEST

START_TEST(run_without_a_reader_completes_its_other_reports) {
    run_deserted((const char *const[]){cli.program, "run", "kill-idle@socket", "--report",
                                       "json=report.json", "--report", "human=-", NULL});
    check_killed(SIGPIPE);
    check_cases(4, "pass", "");
    ck_assert(json_is_false(json_object_get(cli.summary, "interrupted")));
}
END_TEST

// A full pipe whose reader reads nothing.
static void open_full_pipe(int *ret_ends) {
    static const char blanks[4096];
    ck_assert_int_eq(pipe2(ret_ends, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(ret_ends[1], blanks, sizeof blanks) > 0)
        ;
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert_int_eq(fcntl(ret_ends[1], F_SETFL, 0), 0);
}

static bool blocks_signals(pid_t pid) {
    cleanup_text struct text text = {0};
    cleanup_free char *path = xprintf("/proc/%d/status", pid);
    unsigned long long mask = 0;
    if (file_read(path, 65536, &text, &err) == 0)
        sscanf(strstr(text_get(&text), "\nSigBlk:"), "\nSigBlk:\t%llx", &mask);
    return mask & 1ULL << (SIGTERM - 1);
}

START_TEST(signal_ends_a_run_that_nobody_reads) {
    int ends[2];
    open_full_pipe(ends);
    pid_t pid = cli_start_on((const char *const[]){cli.program, "run", "kill-idle@socket",
                                                   "--repeat", "1000", "--report",
                                                   "json=report.json", "--report", "human=-", NULL},
                             -1, ends[1], true);
    double deadline_ms = clock_ms() + RUN_DEADLINE_MS;
    while (!blocks_signals(pid) && clock_ms() < deadline_ms)
        clock_wait(1, -1);
    kill(pid, signals[_i]);
    cli_finish(pid, 5000);
    close(ends[0]);
    close(ends[1]);
    check_killed(signals[_i]);
    ck_assert(json_is_true(json_object_get(cli.summary, "interrupted")));
}
END_TEST

// ---- workers -----------------------------------------------------------------------------------

START_TEST(killed_worker_breaks_one_case) {
    pid_t pid = start_until(case_is_reported, "1", "8");
    kill(find_worker(pid), SIGKILL);
    cli_finish(pid, RUN_DEADLINE_MS);
    cli_check_status(3);
    ck_assert_int_eq(json_integer_value(json_object_get(cli.summary, "broken")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(cli.summary, "pass")),
                     (json_int_t)json_array_size(cli.cases) - 1);
    for (size_t i = 0; i < json_array_size(cli.cases); i++)
        if (strcmp(case_text(i, "verdict"), "broken") == 0)
            ck_assert_msg(
                text_starts(case_text(i, "why"), "the worker ended (signal 9 (Killed)); it was ") &&
                    strstr(case_text(i, "why"), "; this is a defect of goneaway"),
                "%s", case_text(i, "why"));
}
END_TEST

// ---- other machines ----------------------------------------------------------------------------

START_TEST(full_disk_is_told) {
    ck_assert_int_eq(mkdir("full", 0755), 0);
    const char *options = _i == 0 ? "size=4k" : "nr_inodes=1";
    ck_assert_int_eq(mount("tmpfs", "full", "tmpfs", 0, options), 0);
    GONEAWAY("run", "kill-idle@socket", "--report", "json=full/report.json", "--report",
             "junit=full/report.xml");
    size_t left = folder_count("full/*");
    umount2("full", MNT_DETACH);
    cli_check_status(3);
    check_complaint("the json report full/report.json: No space left on device\n"
                    "goneaway: remedy: free some space on that disk");
    ck_assert_uint_eq(left, 0);
}
END_TEST

START_TEST(full_disk_is_left_as_it_was) {
    ck_assert_int_eq(mkdir("full", 0755), 0);
    ck_assert_int_eq(mount("tmpfs", "full", "tmpfs", 0, "size=4k"), 0);
    folder_put("full/fill", "x");
    if (_i == 0)
        GONEAWAY("try", "connect", "--transport", "socket", "--write", "full/line.yml");
    else
        GONEAWAY("adapter", "new", "python", "full/new");
    size_t left = folder_count("full/*") + folder_count("full/new/*");
    umount2("full", MNT_DETACH);
    cli_check_status(3);
    check_complaint(": No space left on device\ngoneaway: remedy: free some space on the disk of");
    ck_assert_uint_eq(left, _i == 0 ? 1 : 2); // including the folder
}
END_TEST

static void refuse_namespaces(uid_t id) {
    ck_assert_int_eq(contain_user(id), 1);
    contain_limit("user", 0);
}

START_TEST(refused_namespaces_are_told) {
    refuse_namespaces(1000);
    GONEAWAY_RUN("kill-idle@tcp");
    cli_check_status(3);
    check_complaint("this machine lacks user, mount, PID and network namespaces");
    check_complaint("remedy: run goneaway as root, or allow ");
    ck_assert_ptr_null(cli.cases);
    GONEAWAY("doctor");
    ck_assert_ptr_nonnull(strstr(text_get(&cli.said), "run goneaway as root, or allow"));
}
END_TEST

START_TEST(root_does_without_user_namespaces) {
    refuse_namespaces(0);
    GONEAWAY_RUN("kill-idle@tcp");
    cli_check_status(0);
    check_cases(json_array_size(cli.cases), "pass", "");
}
END_TEST

static const char *cache_folder(void) {
    GONEAWAY("prepare");
    return cli_cache();
}

static void shell(const char *script, const char *argument) {
    run((const char *const[]){"/bin/sh", "-ec", script, "sh", argument, cli.program, NULL});
    cli_check_status(0);
}

// ---- what did not pass -------------------------------------------------------------------------

#define LAST_FAILED "--last-failed", "--server", "mariadb-10.11"

// Where the last run is remembered, after forgetting it. To be freed.
static char *forget_last_run(void) {
    char *path = xprintf("%s/last-run.json", cache_folder());
    ck_assert_msg(file_remove_tree(path, &err) == 0, "%s", err.what);
    return path;
}

static json_t *attempts_of(size_t i) {
    return json_object_get(json_array_get(cli.cases, i), "attempts");
}

START_TEST(what_fails_again_has_failed) {
    cleanup_free char *file = FAILING("wrong-code");
    GONEAWAY_RUN(file, "--server", "mariadb-10.11", "--connector", "mariadb-c", "--transport",
                 "tcp", "--retries", "2");
    cli_check_status(1);
    check_cases(1, "wrong-code", "");
    ck_assert_uint_eq(json_array_size(attempts_of(0)), 2);
    ck_assert(json_is_false(json_object_get(json_array_get(cli.cases, 0), "flaky")));
    ck_assert(json_is_false(json_object_get(json_array_get(cli.cases, 0), "unstable")));
}
END_TEST

// An adapter that is unusable for some seconds, during which its first attempt begins.
START_TEST(what_passes_at_last_is_flaky) {
    enum { SECONDS = 6 };
    cleanup_free char *adapter = xprintf(
        "while [ $(date +%%s) -lt %lld ]; do late=yes; sleep 0.1; done; [ ! $late ] || exit 1; "
        "exec python3 adapter.py",
        (long long)time(NULL) + SECONDS);
    shell("cp \"$1\"/fixtures/test/clients/*.py .", getenv("GONEAWAY_HOME"));
    GONEAWAY_RUN("kill-idle@tcp", "--server", "mariadb-10.11", "--retries", "1", "--adapter",
                 adapter);
    cli_check_status(0);
    check_cases(1, "unmeasured", "");
    ck_assert_uint_eq(json_array_size(attempts_of(0)), 1);
    ck_assert(json_is_true(json_object_get(json_array_get(cli.cases, 0), "flaky")));
    CLI_CHECK_ORDER("Flaky (as expected when run again):", "flaky: attempt 1 of 2 was broken: ");
}
END_TEST

START_TEST(each_scenario_runs_once) {
    GONEAWAY_RUN("kill-idle", "kill-query", "--once", "--server", "mariadb-10.11");
    cli_check_status(0);
    check_cases(2, "pass", "");
}
END_TEST

START_TEST(last_failed_runs_what_did_not_pass) {
    cleanup_free char *path = forget_last_run(), *file = FAILING("wrong-code");
    GONEAWAY_RUN(LAST_FAILED);
    cli_check_status(4);
    check_complaint("goneaway: nothing to run: ");
    check_complaint(" remembers no run\n");
    GONEAWAY_RUN(file, "kill-idle@socket", "--server", "mariadb-10.11");
    cli_check_status(1);
    size_t all = json_array_size(cli.cases);
    GONEAWAY_RUN(LAST_FAILED);
    cli_check_status(1);
    check_cases(all - 2, "wrong-code", "");
    GONEAWAY_RUN(LAST_FAILED, "--connector", "mariadb-c", "--transport", "socket");
    check_cases(1, "wrong-code", "");
    check_complaint("cases that did not pass in the last run are left out, since they no longer");
    GONEAWAY_RUN(LAST_FAILED); // excluded cases are still remembered
    check_cases(all - 2, "wrong-code", "");
    GONEAWAY_RUN("kill-idle@socket", "--server", "mariadb-10.11");
    GONEAWAY_RUN(LAST_FAILED);
    cli_check_status(4);
    check_complaint("goneaway: nothing to run: the last run had no case that did not pass\n");
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(last_failed_remembers_what_fail_fast_left) {
    cleanup_free char *path = forget_last_run(), *file = FAILING("wrong-code");
    GONEAWAY_RUN(file, "--server", "mariadb-10.11");
    size_t all = json_array_size(cli.cases);
    GONEAWAY_RUN(LAST_FAILED, "--fail-fast", "--jobs", "1");
    cli_check_status(1);
    GONEAWAY_RUN(LAST_FAILED);
    check_cases(all, "wrong-code", "");
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

static const struct {
    const char *content; // NULL: there is a folder instead
    int status;
    const char *complaint;
} left_rows[] = {
    {NULL, 3, "is not a regular file"},
    {"", 3, "last-run.json: "},
    {"{\"failed\": [", 3, "run without --last-failed, which writes it anew"},
    {"{\"failed\": 1}", 3, "last-run.json: is not a record of a run"},
    {"{\"failed\": [7, {\"id\": 8}]}", 4, "2 of the 2 cases that did not pass"},
    {"{\"failed\": [{\"id\": \"a\\u001b@tcp\", \"server\": \"s\", \"connector\": \"c\"}]}", 4,
     "exclude them: a\\x1b@tcp s c\n"},
};

START_TEST(last_run_that_cannot_be_read_is_told) {
    cleanup_free char *path = forget_last_run();
    if (left_rows[_i].content)
        ck_assert_int_eq(
            file_write(path, left_rows[_i].content, strlen(left_rows[_i].content), &err), 0);
    else
        ck_assert_int_eq(mkdir(path, 0755), 0);
    GONEAWAY_RUN(LAST_FAILED);
    cli_check_status(left_rows[_i].status);
    check_complaint(left_rows[_i].complaint);
    GONEAWAY_RUN("kill-idle@socket", "--server", "mariadb-10.11"); // this run has no need of it
    cli_check_status(0);
    ck_assert_str_eq(text_get(&cli.complained), "");
    ck_assert_msg(file_remove_tree(path, &err) == 0, "%s", err.what);
}
END_TEST

// Otherwise a later --last-failed would be green without the cases that failed here.
START_TEST(failures_that_are_not_remembered_are_told) {
    cleanup_free char *path = forget_last_run(), *file = FAILING("wrong-code");
    ck_assert_int_eq(mkdir(path, 0755), 0);
    GONEAWAY_RUN(file, "--server", "mariadb-10.11", "--connector", "mariadb-c");
    cli_check_status(1);
    check_complaint("warning: --last-failed will not know what did not pass now: ");
    ck_assert_msg(file_remove_tree(path, &err) == 0, "%s", err.what);
}
END_TEST

// ---- users -------------------------------------------------------------------------------------

// The program, its home and MariaDB's part of the cache, all belonging to that user.
START_TEST(ordinary_user_can_run_it) {
    skip_test_unless_root();
    shell("mkdir cache home; cp -a --reflink=auto \"$1\"/mariadb-10.11-* "
          "\"$1\"/mariadb-c-adapter-* cache/; cp \"$2\" \"$2-netem\" \"$2-wait\" .\n"
          "cp -R \"$GONEAWAY_HOME/fixtures\" \"$GONEAWAY_HOME/scenarios\" home/\n"
          "chown -R 65534:65534 cache home goneaway",
          cache_folder());
    setenv("GONEAWAY_HOME", "home", 1);
    setenv("GONEAWAY_CACHE", "cache", 1);
    setenv("HOME", test_folder, 1);
    const char *const argv[] = {"setpriv",
                                "--reuid=65534",
                                "--regid=65534",
                                "--clear-groups",
                                "./goneaway",
                                "run",
                                "kill-idle@tcp",
                                "firewall-block/reset@tcp",
                                "--server",
                                "mariadb-10.11",
                                "--connector",
                                "mariadb-c",
                                "--report",
                                "json=report.json",
                                NULL};
    run(argv);
    cli_check_status(0);
    check_cases(2, "pass", "");
    ck_assert_str_eq(text_get(&cli.complained), "");
}
END_TEST

// ---- the suite ---------------------------------------------------------------------------------

static TCase *add_case(Suite *suite, const char *name, SFun setup, SFun teardown) {
    TCase *tcase = tcase_create(name);
    tcase_add_unchecked_fixture(tcase, cli_find, NULL);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, TIMEOUT_S);
    suite_add_tcase(suite, tcase);
    return tcase;
}

Suite *live_run(void) {
    Suite *suite = suite_create("live-run");
    TCase *first = add_case(suite, "prepare", enter_folder, leave_folder);
    tcase_set_timeout(first, PREPARE_TIMEOUT_S);
    tcase_add_test(first, cache_is_prepared);
    TCase *names = add_case(suite, "names", begin, end);
    tcase_add_loop_test(names, unknown_names_are_told, 0, (int)COUNT_OF(name_rows));
    tcase_add_test(names, connector_that_is_not_here_is_skipped);
    TCase *runs = add_case(suite, "run", begin, end);
    tcase_add_loop_test(runs, status_follows_the_verdict, 0, (int)COUNT_OF(status_rows));
    tcase_add_test(runs, passes_and_says_so);
    tcase_add_test(runs, stub_that_nobody_meets_is_broken);
    tcase_add_loop_test(runs, limits_prove_themselves, 0, (int)COUNT_OF(limit_rows));
    tcase_add_test(runs, empty_selection_is_told);
    tcase_add_test(runs, name_of_a_scenario_is_its_own);
    tcase_add_loop_test(runs, wrong_usage_is_refused, 0, (int)COUNT_OF(refused_rows));
    tcase_add_test(runs, server_that_does_not_start_is_shown);
    tcase_add_test(runs, server_starts_only_when_it_is_gone);
    tcase_add_test(runs, globals_are_set_back);
    tcase_add_test(runs, adapter_that_does_not_read_hangs_alone);
    tcase_add_loop_test(runs, signal_ends_all, 0, (int)(COUNT_OF(stages) * COUNT_OF(signals)));
    tcase_add_test(runs, terminal_shows_how_far_a_run_is);
    tcase_add_test(runs, terminal_with_another_report_shows_that_alone);
    tcase_add_loop_test(runs, fail_fast_starts_no_more, 0, 2);
    tcase_add_test(runs, fail_fast_runs_all_that_pass);
    tcase_add_loop_test(runs, command_without_a_reader_ends_silently, 0,
                        (int)COUNT_OF(deserted_rows));
    tcase_add_loop_test(runs, lost_output_is_an_error, 0, (int)COUNT_OF(full_rows));
    tcase_add_test(runs, run_without_a_reader_ends);
    tcase_add_test(runs, run_without_a_reader_completes_its_other_reports);
    tcase_add_loop_test(runs, signal_ends_a_run_that_nobody_reads, 0, 3); // the signals it can
                                                                          // receive
    tcase_add_test(runs, killed_worker_breaks_one_case);
    tcase_add_loop_test(runs, full_disk_is_told, 0, 2);
    tcase_add_loop_test(runs, full_disk_is_left_as_it_was, 0, 2);
    TCase *again = add_case(suite, "again", begin, end);
    tcase_add_test(again, what_fails_again_has_failed);
    tcase_add_test(again, what_passes_at_last_is_flaky);
    tcase_add_test(again, each_scenario_runs_once);
    TCase *wire = add_case(suite, "wire", begin, end);
    tcase_add_test(wire, timeline_shows_the_wire);
    TCase *catalogue = add_case(suite, "catalogue", begin, end);
    tcase_add_loop_test(catalogue, broken_scenario_stops_only_those_who_ask_for_it, 0,
                        (int)COUNT_OF(broken_rows));
    tcase_add_loop_test(catalogue, lists_and_explains_what_is_asked_for, 0,
                        (int)COUNT_OF(listed_rows));
    TCase *warm = add_case(suite, "warm", begin, end);
    tcase_add_test(warm, server_that_was_written_serves_again);
    tcase_add_test(warm, server_that_was_restarted_serves_no_more);
    tcase_add_test(warm, server_that_was_set_serves_no_more);
    tcase_add_test(warm, login_of_a_case_is_not_the_next_ones);
    tcase_add_test(warm, locks_of_an_admin_are_not_the_next_cases);
    tcase_add_test(warm, only_the_harness_is_root);
    tcase_add_test(warm, origins_share_no_server);
    tcase_add_loop_test(warm, path_of_a_case_is_not_the_next_ones, 0, (int)COUNT_OF(path_rows));
    tcase_add_test(warm, server_that_was_changed_on_the_sly_serves_no_more);
    tcase_add_test(warm, server_of_an_app_that_was_root_serves_no_more);
    tcase_add_test(warm, limited_server_had_no_case_before);
    TCase *adapters = add_case(suite, "adapters", begin, end);
    TCase *needs = add_case(suite, "needs", begin, end);
    tcase_add_test(needs, needs_are_tried_once);
    tcase_add_test(needs, broken_case_lets_needs_be_tried_anew);
    tcase_add_loop_test(adapters, bad_adapter_is_told, 0, (int)COUNT_OF(adapter_rows));
    tcase_add_loop_test(adapters, what_a_connector_lacks_is_skipped, 0, (int)COUNT_OF(lack_rows));
    tcase_add_test(adapters, what_is_known_to_be_lacking_is_judged);
    tcase_add_test(adapters, flood_does_not_stretch_a_deadline);
    tcase_add_test(adapters, crash_of_a_connector_is_told);
    tcase_add_test(adapters, what_nobody_asked_for_is_told);
    tcase_add_test(adapters, standard_error_is_told);
    TCase *machines = add_case(suite, "machines", enter_folder, leave_folder);
    TCase *last = add_case(suite, "last", begin, end);
    tcase_add_test(last, last_failed_runs_what_did_not_pass);
    tcase_add_test(last, last_failed_remembers_what_fail_fast_left);
    tcase_add_test(last, failures_that_are_not_remembered_are_told);
    tcase_add_loop_test(last, last_run_that_cannot_be_read_is_told, 0, (int)COUNT_OF(left_rows));
    tcase_add_test(machines, refused_namespaces_are_told);
    tcase_add_test(machines, root_does_without_user_namespaces);
    tcase_add_test(machines, ordinary_user_can_run_it);
    return suite;
}
