// SPDX-License-Identifier: Apache-2.0
// check_connect.c - hello, connect, and connect's arguments
#include "protocol/checks.h"

#include "base/clock.h"
#include "plan/kind.h"

#include <ctype.h>
#include <string.h>

enum { GONE_MS = 5000 };

// ---- hello -------------------------------------------------------------------------------------

// Beside `hello`, operations are what an app can be asked for.
static bool is_operation(const char *name) {
    return strcmp(name, "hello") == 0 || app_verb_named(name);
}

static void check_capabilities(struct talk *talk, const json_t *list) {
    struct findings *findings = &talk->subject->findings;
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)list, i, item) {
        cleanup_free char *shown = findings_show(item);
        if (!json_is_string(item) || !is_operation(json_string_value(item)))
            findings_add(findings, "hello", RULE_VERSION,
                         "`capabilities` has %s, which is not an operation", shown);
    }
    if (!json_is_array(list) || !claims(talk->subject, "hello") ||
        !claims(talk->subject, "connect"))
        findings_add(findings, "hello", RULE_MUST_EXIST,
                     "`capabilities` is not a list with hello and connect in it");
}

// "3.3.20", "9.7.4-2": a version that `connector: "x >= 1.1"` can compare.
static bool is_version(const char *text) {
    return text && isdigit((unsigned char)*text);
}

static void check_arguments_told(struct talk *talk, const json_t *arguments) {
    const char *name;
    json_t *list;
    if (arguments && !json_is_object(arguments))
        findings_add(&talk->subject->findings, "hello", RULE_ARGUMENTS,
                     "`arguments` is not an object");
    json_object_foreach((json_t *)arguments, name, list) {
        size_t i;
        json_t *item;
        if (!is_operation(name) || !json_is_array(list))
            findings_add(&talk->subject->findings, "hello", RULE_ARGUMENTS,
                         "`arguments` has '%.100s', which is not an operation with a list", name);
        json_array_foreach(list, i, item) {
            cleanup_free char *shown = findings_show(item);
            if (!json_is_string(item))
                findings_add(&talk->subject->findings, "hello", RULE_ARGUMENTS,
                             "`arguments` of '%.100s' has %s, which is not text", name, shown);
        }
    }
}

void hello_check(struct talk *talk) {
    const json_t *hello = talk->subject->hello;
    struct findings *findings = &talk->subject->findings;
    cleanup_free char *shown = findings_show(hello);
    const char *version = json_string_value(json_object_get(hello, "version"));
    cleanup_free char *told = version ? findings_show(json_object_get(hello, "version")) : NULL;
    if (json_integer_value(json_object_get(hello, "protocol")) != 1)
        findings_add(findings, "hello", RULE_PROTOCOL, "no `protocol` of 1 in %s", shown);
    if (!json_string_length(json_object_get(hello, "connector")))
        findings_add(findings, "hello", RULE_PROTOCOL, "no name under `connector` in %s", shown);
    if (!is_version(version))
        findings_add(findings, "hello", RULE_VERSION, "`version` is %s, which is not a version",
                     told ? told : "no text");
    check_capabilities(talk, json_object_get(hello, "capabilities"));
    check_arguments_told(talk, json_object_get(hello, "arguments"));
    ask_for(talk, request_for(NO_OPERATION, NULL), "unsupported", RULE_UNKNOWN_OPERATION,
            "an operation that there is not");
    ask_for(talk, request_for("hello", "{s:i}", "protocol", 2), "unsupported", RULE_ARGUMENT,
            "hello with protocol 2");
}

// Anything but the end of the program is fine: what the library says is its own affair.
void before_connect_check(struct talk *talk) {
    static const char *const calls[] = {"ping", "close"};
    talk->careless = true;
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        if (claims(talk->subject, calls[i]))
            json_decref(talk_ask(talk, request_for(calls[i], NULL)));
    if (claims(talk->subject, "query"))
        json_decref(talk_ask(talk, request_for("query", "{s:s}", "sql", "SELECT 1")));
    talk->careless = false;
}

// ---- connect -----------------------------------------------------------------------------------

static json_t *with(json_t *request, const char *name, json_t *value) {
    json_object_set_new(request, name, value);
    return request;
}

static json_t *without(json_t *request, const char *name) {
    json_object_del(request, name);
    return request;
}

static void check_thread(struct talk *talk, int64_t thread) {
    struct subject *subject = talk->subject;
    if (thread >= 0 && !session_is_there(subject, thread) && !subject->failed)
        findings_add(&subject->findings, "connect", RULE_THREAD,
                     "`thread` is %lld, which is no session in the server's process list",
                     (long long)thread);
    if (thread < 0)
        findings_add(&subject->findings, "connect", RULE_THREAD,
                     "no `thread` after a session was established");
}

static void check_second(struct talk *talk, int64_t first) {
    struct subject *subject = talk->subject;
    int64_t aborted = count_aborted(subject);
    if (first < 0 || !is_connected(talk) || talk->thread < 0)
        return;
    check_thread(talk, talk->thread);
    if (talk->thread == first)
        findings_add(&subject->findings, "connect", RULE_THREAD,
                     "`thread` is still %lld after a second connect", (long long)first);
    else if (!session_goes(subject, first, clock_ms() + GONE_MS) && !subject->failed)
        findings_add(&subject->findings, "connect", RULE_SECOND_CONNECT,
                     "session %lld is still there after a second connect", (long long)first);
    else if (count_aborted(subject) != aborted)
        findings_add(&subject->findings, "connect", RULE_SECOND_CONNECT,
                     "the first session was not closed in an orderly way");
}

static void expect_code(struct talk *talk, const json_t *answer, int number, const char *sqlstate,
                        const char *what) {
    const char *told = json_string_value(json_object_get(answer, "sqlstate"));
    if (!expect(talk, "connect", answer, "error", RULE_NUMBERS, what))
        return;
    expect_number(talk, "connect", answer, "errno", number, RULE_NUMBERS, what);
    if (told && *told && strcmp(told, sqlstate) != 0)
        findings_add(&talk->subject->findings, "connect", RULE_NUMBERS,
                     "%s: `sqlstate` is %.20s instead of %s", what, told, sqlstate);
}

static void check_failures(struct talk *talk) {
    enum { ER_ACCESS_DENIED_ERROR = 1045, NOBODY_LISTENS = 9 };
    json_t *request = with(connect_request(), "password", json_string("wrong"));
    json_auto_t *denied = talk_ask(talk, request);
    expect_code(talk, denied, ER_ACCESS_DENIED_ERROR, "28000", "a connect with a wrong password");
    request = with(connect_request(), "port", json_integer(NOBODY_LISTENS));
    ask_for(talk, request, "error", RULE_OUTCOME, "a connect where nobody listens");
    if (talk->thread >= 0)
        findings_add(&talk->subject->findings, "connect", RULE_THREAD,
                     "`thread` is %lld, although the last connect has failed",
                     (long long)talk->thread);
}

void connect_check(struct talk *talk) {
    if (!is_connected(talk))
        return;
    int64_t first = talk->thread;
    check_thread(talk, first);
    check_second(talk, first);
    ask_for(talk, with(connect_request(), "socket", json_string(SERVER_SOCKET)), "unsupported",
            RULE_ONE_PLACE, "a connect with both host and socket");
    ask_for(talk, without(without(connect_request(), "host"), "port"), "unsupported",
            RULE_ONE_PLACE, "a connect with neither host nor socket");
    check_failures(talk);
    if (is_connected(talk) && claims(talk->subject, "query")) {
        query_rows(talk, "SELECT DATABASE()", RULE_LOGIN, "[[\"" APP_DATABASE "\"]]");
        query_rows(talk, "SELECT @@autocommit", RULE_AUTOCOMMIT, "[[1]]");
    }
}

// ---- arguments of connect ----------------------------------------------------------------------

// Connects with an argument. False if that is unsupported, which is a finding only if hello names
// it.
static bool connects_with(struct talk *talk, const char *name, json_t *value, enum rule rule) {
    struct subject *subject = talk->subject;
    bool told =
        json_is_array(json_object_get(json_object_get(subject->hello, "arguments"), "connect"));
    if (!takes(subject, "connect", name)) {
        json_decref(value);
        return false;
    }
    if ((talk->lost || !talk->open) && !is_connected(talk)) {
        json_decref(value);
        return false;
    }
    json_auto_t *answer = talk_ask(talk, with(connect_request(), name, value));
    cleanup_free char *what = xprintf("a connect with %s", name);
    if (!told && strcmp(outcome_of(answer), "unsupported") == 0)
        return false;
    return expect(talk, "connect", answer, "ok", rule, what);
}

// Checks what the server shows of an argument.
static void check_effect(struct talk *talk, const char *name, json_t *value, enum rule rule,
                         const char *sql, const char *rows) {
    if (connects_with(talk, name, value, rule) && sql)
        query_rows(talk, sql, rule, rows);
}

static void check_lost_session(struct talk *talk, const char *sql, enum rule rule,
                               const char *what) {
    json_auto_t *answer = talk_ask(talk, request_for("query", "{s:s}", "sql", sql));
    expect(talk, "query", answer, "error", rule, what);
}

static bool shows(struct talk *talk, const char *sql, const char *text) {
    json_auto_t *answer = talk_ask(talk, request_for("query", "{s:s}", "sql", sql));
    cleanup_free char *shown = answer ? findings_show(json_object_get(answer, "rows")) : NULL;
    return !shown || strstr(shown, text);
}

static void check_tls(struct talk *talk) {
    static const char cipher[] = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";
    struct findings *findings = &talk->subject->findings;
    if (is_connected(talk) && !shows(talk, cipher, "\"\""))
        findings_add(findings, "connect", RULE_TLS, "TLS is used, although `tls` was \"off\"");
    if (!takes(talk->subject, "connect", "tls"))
        return;
    json_t *request = with(connect_request(), "tls", json_string("required"));
    json_auto_t *answer = talk_ask(talk, request);
    if (strcmp(outcome_of(answer), "ok") == 0 && shows(talk, cipher, "\"\""))
        findings_add(findings, "connect", RULE_TLS, "no TLS, although `tls` was \"required\"");
}

static void check_infile(struct talk *talk) {
    if (!admin_does(talk->subject, "SET GLOBAL local_infile = ON") ||
        !connects_with(talk, "local_infile", json_true(), RULE_INFILE))
        return;
    ask_for(talk, request_for("query", "{s:s}", "sql", "CREATE TEMPORARY TABLE l (c VARCHAR(99))"),
            "ok", RULE_INFILE, "CREATE TEMPORARY TABLE");
    ask_for(talk, request_for("query", "{s:s}", "sql", "LOAD DATA LOCAL INFILE '192' INTO TABLE l"),
            "ok", RULE_INFILE, "LOAD DATA LOCAL");
    query_rows(talk, "SELECT COUNT(*), MIN(c), MAX(c) FROM l", RULE_INFILE,
               "[[3, \"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0\", "
               "\"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0\"]]");
}

static void check_multi(struct talk *talk) {
    enum { ER_PARSE_ERROR = 1064 };
    static const char two[] = "SELECT 1 UNION SELECT 2; SELECT 3, 4";
    if (!connects_with(talk, "multi_statements", json_true(), RULE_MULTI))
        return;
    json_auto_t *answer = talk_ask(talk, request_for("query", "{s:s}", "sql", two));
    if (expect_rows(talk, "query", answer, RULE_RESULTS, "[[3, 4]]", two))
        expect_number(talk, "query", answer, "nrows", 3, RULE_RESULTS, two);
    if (is_connected(talk))
        check_lost_session(talk, two, RULE_MULTI, "two statements without multi_statements");
}

static void check_timeouts(struct talk *talk) {
    enum { TIMEOUT_MS = 300 };
    static const char slow[] = "SELECT SLEEP(5)";
    connects_with(talk, "connect_timeout_ms", json_integer(GONE_MS), RULE_TIMEOUTS);
    connects_with(talk, "write_timeout_ms", json_integer(GONE_MS), RULE_TIMEOUTS);
    if (!connects_with(talk, "read_timeout_ms", json_integer(TIMEOUT_MS), RULE_TIMEOUTS))
        return;
    int64_t thread = talk->thread;
    check_lost_session(talk, slow, RULE_TIMEOUTS, "SELECT SLEEP(5) with read_timeout_ms 300");
    end_session(talk->subject, thread);
}

void connect_arguments_check(struct talk *talk) {
    if (!claims(talk->subject, "query") || !is_connected(talk))
        return;
    check_effect(talk, "session", json_pack("{s:i, s:s}", "wait_timeout", 1234, "sql_mode", ""),
                 RULE_SESSION, "SELECT @@wait_timeout, @@sql_mode", "[[1234, \"\"]]");
    check_effect(talk, "init_command", json_string("SET @goneaway = 7"), RULE_INIT_COMMAND,
                 "SELECT @goneaway", "[[7]]");
    if (admin_does(talk->subject, "SET GLOBAL interactive_timeout = 4321"))
        check_effect(talk, "interactive", json_true(), RULE_INTERACTIVE, "SELECT @@wait_timeout",
                     "[[4321]]");
    if (connects_with(talk, "compress", json_true(), RULE_COMPRESS) &&
        !shows(talk, "SHOW SESSION STATUS LIKE 'Compression'", "ON"))
        findings_add(&talk->subject->findings, "connect", RULE_COMPRESS,
                     "the protocol is not compressed, although `compress` was true");
    connects_with(talk, "reconnect", json_false(), RULE_ARGUMENT);
    check_tls(talk);
    check_infile(talk);
    check_multi(talk);
    check_timeouts(talk);
}
