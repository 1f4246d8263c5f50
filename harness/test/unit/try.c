// SPDX-License-Identifier: Apache-2.0
// try.c - a case on one line: its words, the scenario that it becomes, and what is refused
#include "test/lib/bound.h"
#include "test/lib/suites.h"

#include "cli/options.h"
#include "try/parts.h"
#include "try/plan.h"

#include <stdio.h>
#include <string.h>

#define CONNECT "  - {id: connect, app: connect}\n"
#define CLOSED "  - until: {app-socket: closed-by-peer}\n"
#define QUERY(id) "  - {id: " id ", app: {query: SELECT 1}}\n"

// ---- what a line becomes -----------------------------------------------------------------------

static const struct {
    const char *line, *scenario; // the scenario's text from `promise` to `outcomes`
    const char *cause;
} good[] = {
    {"connect; kill; query; query",
     "promise:\n  connect: ok\n  first: error-or-new\n  second: error-or-new\n"
     "steps:\n" CONNECT "  - fault: {kill: app}\n" CLOSED QUERY("first") QUERY("second"),
     "killed"},
    {" connect\n\n;kill ;; query 'SELECT 1';",
     "promise:\n  connect: ok\n  first: error-or-new\n"
     "steps:\n" CONNECT "  - fault: {kill: app}\n" CLOSED QUERY("first"),
     "killed"},
    {"connect; query BEGIN; kill; query; query",
     "promise:\n  connect: ok\n  query: {any: the statement decides}\n"
     "  first: {error: a transaction was open}\n  second: error-or-new\n"
     "steps:\n" CONNECT "  - {id: query, app: {query: BEGIN}}\n"
     "  - fault: {kill: app}\n" CLOSED QUERY("first") QUERY("second"),
     "killed"},
    {"connect; query INSERT INTO t VALUES (1) &; kill; query",
     "promise:\n  connect: ok\n  first: {error: the statement was lost in flight}\n"
     "  second: error-or-new\n"
     "steps:\n" CONNECT "  - app: {query: INSERT INTO t VALUES (1), as: call-2}\n"
     "  - until: {session: {of: app, is: running}}\n  - fault: {kill: app}\n"
     "  - {id: first, await: call-2}\n" QUERY("second"),
     "killed"},
    // What the library keeps of the session is not known.
    {"connect; query SELECT SLEEP(60) &; cancel; query",
     "promise:\n  connect: ok\n  cancel: ok\n  first: {any: the statement decides}\n"
     "  second: {any: \"what the connector keeps of a cancelled call's session decides\"}\n"
     "steps:\n" CONNECT "  - app: {query: SELECT SLEEP(60), as: call-2}\n"
     "  - until: {session: {of: app, is: running}}\n  - {id: cancel, app: cancel}\n"
     "  - {id: first, await: call-2}\n" QUERY("second"),
     "cancelled"},
    // Nobody knows which of the two sessions is killed.
    {"connect; connect &; kill; query",
     "promise:\n  connect: ok\n  first: {any: whether it had connected by then decides}\n"
     "  second: {any: whether it had connected by then decides}\n"
     "steps:\n" CONNECT "  - app: {connect: , as: call-2}\n  - fault: {kill: app}\n"
     "  - {id: first, await: call-2}\n" QUERY("second"),
     "killed"},
    {"connect; drop; kill; query; lift drop; connect",
     "promise:\n  connect: ok\n  first: unbounded\n  again: ok\n"
     "steps:\n" CONNECT "  - fault: {drop: {from: app}}\n"
     "  - fault: {id: drop-back, drop: {from: server}}\n"
     "  - fault: {kill: app}\n" QUERY("first") "  - lift: drop\n  - lift: drop-back\n"
                                               "  - {id: again, app: connect}\n",
     "firewall-established"},
    {"drop; connect; lift; connect",
     "promise:\n  first: unbounded\n  again: ok\n"
     "steps:\n  - fault: {drop: {from: app}}\n"
     "  - fault: {id: drop-back, drop: {from: server}}\n"
     "  - {id: first, app: connect}\n  - lift: drop\n  - lift: drop-back\n"
     "  - {id: again, app: connect}\n",
     "firewall-connect"},
    {"connect {read_timeout: 1s}; pause; query; lift; connect",
     "promise:\n  connect: ok\n  first: {error: no answer comes within read_timeout}\n"
     "  again: ok\n"
     "steps:\n  - {id: connect, app: {connect: {read_timeout: 1s}}}\n"
     "  - fault: {pause: server}\n" QUERY("first") "  - lift: pause\n"
                                                   "  - {id: again, app: connect}\n",
     "client-timeout"},
    {"connect; stop; query; connect; start; connect",
     "promise:\n  connect: ok\n  first: {error: the server is down}\n"
     "  again: {error: the server is down}\n  again-2: ok\n"
     "steps:\n" CONNECT "  - server: {stop: TERM}\n" CLOSED QUERY(
         "first") "  - {id: again, app: connect}\n  - server: start\n  - {id: again-2, app: "
                  "connect}\n",
     "shutdown"},
    {"set wait_timeout=1; connect; wait 500ms; ping; wait 1s; ping",
     "promise:\n  connect: ok\n  first: ok\n  second: error-or-new\n"
     "steps:\n  - admin: {set_global: {wait_timeout: 1}}\n" CONNECT
     "  - idle: 500ms\n  - {id: first, app: ping}\n  - idle: 1s\n" CLOSED
     "  - {id: second, app: ping}\n",
     "wait-timeout"},
    {"connect; other: connect; kill other; query; other: query",
     "promise:\n  connect: ok\n  connect-2: ok\n  first: ok\n  second: error-or-new\n"
     "steps:\n" CONNECT "  - {id: connect-2, other: connect}\n"
     "  - fault: {kill: other}\n"
     "  - until: {app-socket: {of: other, is: closed-by-peer}}\n" QUERY(
         "first") "  - {id: second, other: {query: SELECT 1}}\n",
     "killed"},
    {"connect; fault {netem: {towards: app, delay: 1s}}; query",
     "promise:\n  connect: ok\n  first: {any: how bad the network is decides}\n"
     "steps:\n" CONNECT "  - fault: {netem: {towards: app, delay: 1s}}\n" QUERY("first"),
     "slow-link"},
    {"connect read_timeout=1s; netem towards=app delay=1s; fault {kill: app}; lift netem; query",
     "promise:\n  connect: ok\n  first: error-or-new\n"
     "steps:\n  - {id: connect, app: {connect: {read_timeout: 1s}}}\n"
     "  - fault: {netem: {towards: app, delay: 1s}}\n  - fault: {kill: app}\n"
     "  - lift: netem\n" QUERY("first"),
     "slow-link"},
    {"set offline_mode=1; connect; query",
     "promise:\n  connect: {any: how it connects decides}\n  query: {any: what was set decides}\n"
     "steps:\n  - admin: {set_global: {offline_mode: 1}}\n" CONNECT QUERY("query"),
     "other"},
    {"connect; set offline_mode=1; query; set sql_mode=ANSI; ping",
     "promise:\n  connect: ok\n  query: {any: a statement may have ended the session}\n"
     "  ping: {any: a statement may have ended the session}\n"
     "steps:\n" CONNECT "  - admin: {set_global: {offline_mode: 1}}\n" QUERY(
         "query") "  - admin: {set_global: {sql_mode: ANSI}}\n  - {id: ping, app: ping}\n",
     "other"},
    {"connect; query SET max_statement_time=0.1; ping; kill; query",
     "promise:\n  connect: ok\n  query: {any: the statement decides}\n"
     "  ping: {any: what was set decides}\n  first: error-or-new\n"
     "steps:\n" CONNECT "  - {id: query, app: {query: SET max_statement_time=0.1}}\n"
     "  - {id: ping, app: ping}\n  - fault: {kill: app}\n" CLOSED QUERY("first"),
     "killed"},
    {"connect {session: {wait_timeout: 9}}; ping; b: connect {session: {sql_mode: ANSI}}; b: ping",
     "promise:\n  connect: ok\n  ping: ok\n  connect-2: {any: how it connects decides}\n"
     "  ping-2: {any: what was set decides}\n"
     "steps:\n  - {id: connect, app: {connect: {session: {wait_timeout: 9}}}}\n"
     "  - {id: ping, app: ping}\n  - {id: connect-2, b: {connect: {session: {sql_mode: ANSI}}}}\n"
     "  - {id: ping-2, b: ping}\n",
     "other"},
    {"option max_connections=5; connect; query SELECT 'a;b', \"c\"",
     "promise:\n  connect: {any: how it connects decides}\n  query: {any: what was set decides}\n"
     "steps:\n" CONNECT "  - {id: query, app: {query: \"SELECT 'a;b', \\\"c\\\"\"}}\n",
     "other"},
};

// The text from one key to another.
static char *part_of(const char *text, const char *from, const char *to) {
    const char *begin = strstr(text, from), *end = begin ? strstr(begin, to) : NULL;
    ck_assert_msg(begin && end, "%s .. %s is not in:\n%s", from, to, text);
    return xprintf("%.*s", (int)(end - begin), begin);
}

static const struct try_script plain = {.title = "T", .source = "S"};

START_TEST(line_becomes_a_scenario) {
    struct err err = {0};
    struct try_line line;
    struct try_plan plan = {0};
    cleanup_text struct text text = {0};
    ck_assert_msg(try_read(&line, good[_i].line, false, &err) == 0, "%s", err.what);
    ck_assert_msg(try_plan_make(&plan, &line, NULL, &err) == 0, "%s", err.what);
    try_plan_write(&text, &plan, &plain);
    cleanup_free char *part = part_of(text_get(&text), "promise:", "outcomes:");
    ck_assert_str_eq(part, good[_i].scenario);
    ck_assert_str_eq(plan.cause, good[_i].cause);
    ck_assert_uint_eq(plan.scenario->cases[0].step_count, plan.part_count);
    try_plan_release(&plan);
    try_release(&line);
}
END_TEST

// ---- what is refused ---------------------------------------------------------------------------

static const struct {
    const char *line, *what, *remedy;
} refused[] = {
    {"connect; kil; query",
     "try, character 10: there is no word 'kil'\n  connect; kil; query\n           ^",
     "did you mean `kill`?"},
    {"connect; query SELECT SLEEP(5) & kill",
     "try, character 32: `&` ends a statement that goes on in the background: write `query SELECT "
     "SLEEP(5) &; kill`",
     NULL},
    {"connect;\nkill; qery", "try, character 16: there is no word 'qery'\n  kill; qery\n        ^",
     "did you mean `query`?"},
    {"connect; xyzzy",
     "try, character 10: there is no word 'xyzzy'\n  connect; xyzzy\n           ^",
     "`goneaway explain try` shows the words"},
    {"connect; select 1",
     "try, character 10: there is no word 'select'\n  connect; select 1\n           ^",
     "a statement stands behind `query`: `query select 1`"},
    {"wait_timeout=2; connect",
     "try, character 1: there is no word 'wait_timeout=2'\n  wait_timeout=2; connect\n  ^",
     "write `set wait_timeout=2` before `connect`, and `sleep 3s` behind it"},
    {"connect; too large packet",
     "try, character 10: there is no word 'too'\n  connect; too large packet\n           ^",
     "write `query SELECT '$blob(64MiB)'`, which makes a statement so large"},
    {"connect; max_allowed_packet 1M",
     "try, character 10: there is no word 'max_allowed_packet'\n  connect; max_allowed_packet "
     "1M\n           ^",
     "write `option max_allowed_packet=1MiB`, which is the server's"},
    {"", "try, character 1: no app does anything in this line\n  \n  ^",
     "goneaway try 'connect; kill; query; query'"},
    {"kill", "try, character 1: no app does anything in this line\n  kill\n  ^",
     "goneaway try 'connect; kill; query; query'"},
    {"connect; query 'x",
     "try, character 16: this quote is never closed\n  connect; query 'x\n                 ^", ""},
    {"connected; kill", "try, character 1: there is no word 'connected'\n  connected; kill\n  ^",
     "it is for a program of your own: goneaway try --program 'php x.php' 'idle; kill'"},
    {"idle; kill", "try, character 1: `idle` needs a value: the same: `idle 3s`\n  idle; kill\n  ^",
     "without one it is for a program of your own: goneaway try --program 'php x.php' 'idle; "
     "kill'"},
    {"connect; wait; query", "try, character 10: `wait` needs a value", NULL},
    {"connect; set x; query", "try, character 14: `set` needs NAME=VALUE", NULL},
    {"connect; ping 5", "try, character 15: nothing stands behind `ping`", NULL},
    {"connect; kill {of: app; query", "try, character 15: '{of: app' is not a value in YAML", NULL},
    {"connect; kill {of: nobody}; query", "try, character 10: there is no app 'nobody'", NULL},
    {"connect; kill &", "try, character 10: only an app's call can go on in the background", NULL},
    {"connect; await", "try, character 10: no call is in the background", NULL},
    {"connect; lift", "try, character 10: there is no fault to lift here", NULL},
    {"connect; wait 3 days", "try, character 10: ", NULL},
    {"connect; fault {kil: app}", "try, character 10: unknown key 'kil'; did you mean 'kill'?",
     NULL},
    {"connect\x1b[31m",
     "try, character 1: there is no word 'connect\x1b[31m'\n"
     "  connect\\x1b[31m\n  ^",
     NULL},
};

static int read_and_plan(const char *text, struct err *err) {
    struct try_line line;
    struct try_plan plan = {0};
    int ret = try_read(&line, text, false, err);
    if (ret == 0)
        ret = try_plan_make(&plan, &line, "tcp,tls", err);
    try_plan_release(&plan);
    try_release(&line);
    return ret;
}

START_TEST(mistake_is_shown_at_its_place) {
    struct err err = {0};
    const char *what = refused[_i].what, *remedy = refused[_i].remedy;
    ck_assert_int_eq(read_and_plan(refused[_i].line, &err), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_msg(remedy ? strcmp(err.what, what) == 0 : text_starts(err.what, what),
                  "'%s' instead of '%s'", err.what, what);
    if (remedy)
        ck_assert_str_eq(err.remedy, remedy);
}
END_TEST

// The help alone teaches the most common words of a line, with a value where one is needed.
START_TEST(help_shows_the_words) {
    static const char *const words[] = {"connect",
                                        "query SELECT 2",
                                        "kill",
                                        "drop",
                                        "restart",
                                        "lift",
                                        "wait 3s",
                                        "set wait_timeout=1",
                                        "option max_connections=5"};
    const struct command *command = commands;
    while (strcmp(command->name, "try") != 0)
        command++;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        cleanup_free char *word = xprintf("%.*s", (int)strcspn(words[i], " "), words[i]);
        ck_assert_msg(strstr(command->doc, words[i]) && try_find_word(word), "%s", words[i]);
    }
}
END_TEST

// Whatever is typed is either refused, as wrong usage, or becomes a scenario.
START_TEST(nothing_typed_does_harm) {
    static const char *const pieces[] = {"connect",
                                         "query",
                                         " ",
                                         ";",
                                         "\n",
                                         "kill",
                                         "{",
                                         "}",
                                         "[",
                                         ":",
                                         "'",
                                         "\"",
                                         "&",
                                         "drop",
                                         "lift",
                                         "stop",
                                         "wait 1s",
                                         "set a=1",
                                         "option b=$x",
                                         "other: ",
                                         "fork",
                                         "child: ",
                                         "await",
                                         "$blob(17MiB)",
                                         "\x01",
                                         "\xff",
                                         "\xc3\xa9",
                                         "until",
                                         "{server: gone}",
                                         "#",
                                         "- ",
                                         "? ",
                                         "fault {",
                                         "%",
                                         "|",
                                         ">",
                                         "!x",
                                         "&a *a",
                                         "stub {does: [close]}",
                                         "reset",
                                         "_exit",
                                         "null"};
    enum { ROUNDS = SANITIZED ? 300 : 3000, MOST = 12 };
    unsigned int seed = 4711;
    int fine = 0;
    for (int i = 0; i < ROUNDS; i++) {
        cleanup_text struct text text = {0};
        struct err err = {0};
        for (int k = rand_r(&seed) % MOST; k >= 0; k--)
            text_printf(&text, "%s%s", pieces[(size_t)rand_r(&seed) % COUNT_OF(pieces)],
                        rand_r(&seed) % 2 ? "; " : " ");
        int ret = read_and_plan(text_get(&text), &err);
        ck_assert_msg(ret == 0 || err.kind == ERR_USAGE, "'%s': %s", text_get(&text), err.what);
        fine += ret == 0;
    }
    ck_assert_int_gt(fine, 0);
}
END_TEST

static char *repeated(const char *word, int times) {
    struct text text = {0};
    for (int i = 0; i < times; i++)
        text_add(&text, word);
    return text.data;
}

START_TEST(long_lines_are_bounded) {
    static const struct {
        const char *word;
        int times;
    } longs[] = {{"query;", 20000},
                 {"ping;", 5000},
                 {"kill;", 5000},
                 {"ping &;", 600},
                 {"connect; stop; start;", 160},
                 {"[", 60000},
                 {"fault [", 9000}};
    struct err err = {0};
    cleanup_free char *line = repeated(longs[_i].word, longs[_i].times);
    ck_assert_int_eq(read_and_plan(line, &err), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
}
END_TEST

// ---- faults ------------------------------------------------------------------------------------

START_TEST(every_fault_says_what_shows_it) {
    for (const struct verb *const *verb = fault_verbs; *verb; verb++) {
        const struct fault_kind *kind = (const struct fault_kind *)*verb;
        ck_assert_msg(kind->effect != NULL, "the fault %s does not say what follows from it",
                      (*verb)->name);
    }
}
END_TEST

// What a kind says about its effect must be valid in the language: as a state, and as a cause.
START_TEST(effects_are_of_the_language) {
    static const char *const lines[] = {"connect; kill; query",
                                        "connect; shutdown; query",
                                        "connect; reset; query",
                                        "connect; restart; query",
                                        "connect; restart KILL; query",
                                        "connect; crash; query",
                                        "connect; signal {to: server, name: KILL}; query",
                                        "connect; forget; query",
                                        "connect; link {of: app}; query",
                                        "connect; address {of: server}; query",
                                        "connect; mtu {towards: app, bytes: 600}; query",
                                        "connect; crowd 3; query",
                                        "connect; memory 1GiB; query",
                                        "connect; descriptors 3; query",
                                        "connect; threads 3; query",
                                        "connect; oom 1GiB; query",
                                        "stub absent; connect {to: stub}",
                                        "connect; pause app; query",
                                        "names {is: silent}; connect {host: name}"};
    struct err err = {0};
    ck_assert_msg(read_and_plan(lines[_i], &err) == 0, "%s", err.what);
}
END_TEST

Suite *suite_try(void) {
    Suite *suite = suite_create("try");
    TCase *lines = tcase_create("lines");
    tcase_set_timeout(lines, 60);
    tcase_add_loop_test(lines, line_becomes_a_scenario, 0, COUNT_OF(good));
    tcase_add_loop_test(lines, mistake_is_shown_at_its_place, 0, COUNT_OF(refused));
    tcase_add_test(lines, help_shows_the_words);
    tcase_add_test(lines, nothing_typed_does_harm);
    tcase_add_loop_test(lines, long_lines_are_bounded, 0, 7);
    tcase_add_test(lines, every_fault_says_what_shows_it);
    tcase_add_loop_test(lines, effects_are_of_the_language, 0, 19);
    suite_add_tcase(suite, lines);
    return suite;
}
