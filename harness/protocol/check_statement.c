// SPDX-License-Identifier: Apache-2.0
// check_statement.c - prepared statements, the commands of a session, and the pool
#include "protocol/checks.h"

#include "base/clock.h"

#include <string.h>

// ---- prepared statements -----------------------------------------------------------------------

#define PREPARED                                                                                   \
    "SELECT CONCAT(?, ''), CAST(? AS SIGNED), CAST(? AS SIGNED), ? IS NULL, "                      \
    "CAST(? AS DECIMAL(4,2)), LENGTH(?)"
#define EXECUTED "[[\"text\", -5, 1, 1, \"1.25\", 100]]"

static json_t *prepare(const char *sql) {
    return request_for("prepare", "{s:s}", "sql", sql);
}

static void check_none(struct talk *talk, const char *operation) {
    bool data = strcmp(operation, "long_data") == 0;
    if (!claims(talk->subject, operation))
        return;
    json_t *request = data ? request_for(operation, "{s:i, s:s}", "param", 0, "data", "x")
                           : request_for(operation, NULL);
    cleanup_free char *what = xprintf("%s without a statement", operation);
    ask_for(talk, request, "unsupported", RULE_NO_STATEMENT, what);
}

static void check_none_prepared(struct talk *talk) {
    check_none(talk, "execute");
    check_none(talk, "long_data");
    check_none(talk, "stmt_close");
    check_none(talk, "stmt_execute");
    check_none(talk, "stmt_store");
    check_none(talk, "stmt_metadata");
}

static void check_execute(struct talk *talk) {
    if (!ask_for(talk, prepare(PREPARED), "ok", RULE_EXECUTE, "a prepare"))
        return;
    json_auto_t *first = talk_ask(talk, request_for("execute", "{s:[s, i, b, n, f, s]}", "params",
                                                    "text", -5, 1, 1.25, "$blob(100)"));
    if (expect_rows(talk, "execute", first, RULE_EXECUTE, EXECUTED, "an execute with six params"))
        expect_number(talk, "execute", first, "nrows", 1, RULE_NROWS, "an execute");
    json_auto_t *second = talk_ask(talk, request_for("execute", NULL));
    expect_rows(talk, "execute", second, RULE_BOUND, EXECUTED, "an execute without params");
}

static void check_long_data(struct talk *talk) {
    if (!claims(talk->subject, "long_data") ||
        !ask_for(talk, prepare("SELECT LENGTH(?), CONCAT(?, '')"), "ok", RULE_LONG_DATA,
                 "a prepare"))
        return;
    ask_for(talk,
            request_for("long_data", "{s:i, s:s, s:[s, s]}", "param", 0, "data", "$blob(1000)",
                        "params", "", "x"),
            "ok", RULE_LONG_DATA, "a long_data");
    ask_for(talk, request_for("long_data", "{s:i, s:s}", "param", 0, "data", "12345"), "ok",
            RULE_LONG_DATA, "a second long_data");
    json_auto_t *answer = talk_ask(talk, request_for("execute", NULL));
    expect_rows(talk, "long_data", answer, RULE_LONG_DATA, "[[1005, \"x\"]]",
                "the execute after two pieces");
}

// ---- call by call ------------------------------------------------------------------------------

#define THREE_ROWS "SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3"

static bool executes(struct talk *talk) {
    return ask_for(talk, prepare(THREE_ROWS), "ok", RULE_EXECUTE, "a prepare") &&
           ask_for(talk, request_for("stmt_execute", NULL), "ok", RULE_STMT_FETCH,
                   "a stmt_execute");
}

static void check_fetched(struct talk *talk, json_t *rows, const char *wanted, bool end) {
    json_auto_t *answer = talk_ask(talk, request_for("stmt_fetch", "{s:o}", "rows", rows));
    const char *what = end ? "a stmt_fetch of the rest" : "a stmt_fetch of one row";
    if (expect_rows(talk, "stmt_fetch", answer, RULE_STMT_FETCH, wanted, what) &&
        json_is_true(json_object_get(answer, "end")) != end)
        findings_add(&talk->subject->findings, "stmt_fetch", RULE_STMT_FETCH, "%s: `end` is %s",
                     what, end ? "not true" : "true");
}

static void check_stored(struct talk *talk) {
    if (!claims(talk->subject, "stmt_store") || !executes(talk))
        return;
    json_auto_t *answer = talk_ask(talk, request_for("stmt_store", NULL));
    if (expect(talk, "stmt_store", answer, "ok", RULE_STMT_STORE, "a stmt_store"))
        expect_number(talk, "stmt_store", answer, "nrows", 3, RULE_STMT_STORE, "a stmt_store");
    check_fetched(talk, json_string("rest"), "[[1], [2], [3]]", true);
}

static void check_plain(struct talk *talk, const char *operation) {
    if (claims(talk->subject, operation))
        ask_for(talk, request_for(operation, NULL), "ok", RULE_EXECUTE, operation);
}

static void check_call_by_call(struct talk *talk) {
    if (!claims(talk->subject, "stmt_execute") || !claims(talk->subject, "stmt_fetch") ||
        !executes(talk))
        return;
    if (claims(talk->subject, "stmt_metadata")) {
        json_auto_t *answer = talk_ask(talk, request_for("stmt_metadata", NULL));
        expect_rows(talk, "stmt_metadata", answer, RULE_STMT_METADATA, "[[\"n\"]]",
                    "a stmt_metadata");
    }
    check_fetched(talk, json_integer(1), "[[1]]", false);
    check_fetched(talk, json_string("rest"), "[[2], [3]]", true);
    check_stored(talk);
    check_plain(talk, "stmt_free");
    check_plain(talk, "stmt_reset");
}

void statement_check(struct talk *talk) {
    struct subject *subject = talk->subject;
    if (!claims(subject, "prepare") || !claims(subject, "execute") || !is_connected(talk))
        return;
    check_none_prepared(talk);
    check_execute(talk);
    check_long_data(talk);
    check_call_by_call(talk);
    if (claims(subject, "stmt_close") &&
        ask_for(talk, request_for("stmt_close", NULL), "ok", RULE_EXECUTE, "a stmt_close"))
        check_none_prepared(talk);
}

// ---- commands ----------------------------------------------------------------------------------

static void check_forgets(struct talk *talk, json_t *request, const char *what) {
    int64_t thread = talk->thread;
    ask_for(talk, request_for("query", "{s:s}", "sql", "SET @goneaway = 1"), "ok", RULE_COMMANDS,
            "SET @goneaway");
    if (!ask_for(talk, request, "ok", RULE_COMMANDS, what))
        return;
    query_rows(talk, "SELECT @goneaway IS NULL", RULE_COMMANDS, "[[1]]");
    if (talk->thread != thread && !talk->lost)
        findings_add(&talk->subject->findings, what, RULE_COMMANDS,
                     "session %lld became %lld, which a command does not do", (long long)thread,
                     (long long)talk->thread);
}

void commands_check(struct talk *talk) {
    const struct subject *subject = talk->subject;
    if (!is_connected(talk))
        return;
    if (claims(subject, "ping"))
        ask_for(talk, request_for("ping", NULL), "ok", RULE_COMMANDS, "a ping");
    if (!claims(subject, "query"))
        return;
    if (claims(subject, "reset"))
        check_forgets(talk, request_for("reset", NULL), "reset");
    if (claims(subject, "change_user"))
        check_forgets(talk,
                      request_for("change_user", "{s:s, s:s, s:s}", "user", APP_USER, "password",
                                  APP_PASSWORD, "database", APP_DATABASE),
                      "change_user");
    if (claims(subject, "select_db") &&
        ask_for(talk, request_for("select_db", "{s:s}", "database", "information_schema"), "ok",
                RULE_COMMANDS, "a select_db"))
        query_rows(talk, "SELECT DATABASE()", RULE_COMMANDS, "[[\"information_schema\"]]");
}

// ---- the pool ----------------------------------------------------------------------------------

static bool acquires(struct talk *talk, json_t *request, const char *what) {
    return ask_for(talk, request, "ok", RULE_ACQUIRE, what);
}

static void check_thread_is(struct talk *talk, int64_t before, bool same, const char *what) {
    if (talk->thread >= 0 && before >= 0 && (talk->thread == before) != same)
        findings_add(&talk->subject->findings, "acquire", RULE_ACQUIRE, "%s: `thread` is %lld%s",
                     what, (long long)talk->thread, same ? ", another one than before" : " again");
}

static void check_replaced(struct talk *talk, json_t *request, const char *what) {
    int64_t before = talk->thread;
    ask_for(talk, request_for("release", NULL), "ok", RULE_RELEASE, "a release");
    if (acquires(talk, request, what))
        check_thread_is(talk, before, false, what);
}

static void check_validated(struct talk *talk) {
    struct subject *subject = talk->subject;
    if (!takes(subject, "acquire", "validate") || talk->thread < 0)
        return;
    end_session(subject, talk->thread);
    check_replaced(talk, request_for("acquire", "{s:b}", "validate", 1),
                   "acquire with validate after a KILL");
}

void pool_check(struct talk *talk) {
    struct subject *subject = talk->subject;
    if (!claims(subject, "release") || !claims(subject, "acquire") || !is_connected(talk))
        return;
    int64_t thread = talk->thread;
    if (!ask_for(talk, request_for("release", NULL), "ok", RULE_RELEASE, "a release"))
        return;
    ask_for(talk, request_for("release", NULL), "unsupported", RULE_RELEASE,
            "a release without a connection");
    if (!acquires(talk, request_for("acquire", NULL), "an acquire"))
        return;
    check_thread_is(talk, thread, true, "the connection that was released");
    if (takes(subject, "acquire", "recycle_ms"))
        check_replaced(talk, request_for("acquire", "{s:i}", "recycle_ms", 0),
                       "acquire with recycle_ms 0");
    check_validated(talk);
    if (takes(subject, "acquire", "fresh"))
        check_replaced(talk, request_for("acquire", "{s:b}", "fresh", 1), "acquire fresh");
    acquires(talk, request_for("acquire", NULL), "the last acquire"); // to leave the pool empty
}
