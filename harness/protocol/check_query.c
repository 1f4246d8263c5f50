// SPDX-License-Identifier: Apache-2.0
// check_query.c - text queries: rows and cells, payloads, errors, timing; and streams
#include "protocol/checks.h"

#include "base/clock.h"

#include <string.h>

static json_t *query(const char *sql) {
    return request_for("query", "{s:s}", "sql", sql);
}

// ---- rows and cells ----------------------------------------------------------------------------

static const struct {
    const char *sql;
    enum rule rule;
    const char *rows;
} selects[] = {
    {"SELECT 1, 'one', NULL", RULE_CELL, "[[1, \"one\", null]]"},
    {"SELECT -9223372036854775808", RULE_CELL, "[[-9223372036854775808]]"},
    {"SELECT CAST(18446744073709551615 AS UNSIGNED)", RULE_CELL, "[[\"18446744073709551615\"]]"},
    {"SELECT CAST(1.25 AS DECIMAL(5,2)), CAST('2026-01-02' AS DATE)", RULE_CELL,
     "[[\"1.25\", \"2026-01-02\"]]"},
    {"SELECT '', 'a''b', '12'", RULE_CELL, "[[\"\", \"a'b\", \"12\"]]"},
    {"SELECT '\u00fc'", RULE_LINE, "[[\"\u00fc\"]]"},
    {"SELECT 1 FROM DUAL WHERE 1 = 0", RULE_ROWS, "[]"},
    {"SELECT LENGTH('$blob(0)'), LENGTH('a$blob(40)b$blob(5)')", RULE_BLOB, "[[0, 47]]"},
    {"SELECT '$blob(40)'", RULE_BLOB, "[[\"abcdefghijklmnopqrstuvwxyz0123456789abcd\"]]"},
    {"SELECT LENGTH('$blob(1000000)')", RULE_BLOB, "[[1000000]]"},
    {"SELECT (3,3) IN ($rows(3)), (4,4) IN ($rows(3))", RULE_ROWS_OF_SQL, "[[1, 0]]"},
};

static void check_cut(struct talk *talk) {
    cleanup_free char *text = xmalloc(257);
    memset(text, 'x', 256);
    text[256] = '\0';
    cleanup_free char *whole = xprintf("[[\"%s\"]]", text);
    cleanup_free char *cut = xprintf("[[\"%s...(257 bytes)\"]]", text);
    query_rows(talk, "SELECT REPEAT('x', 256)", RULE_CUT, whole);
    query_rows(talk, "SELECT REPEAT('x', 257)", RULE_CUT, cut);
}

// Cells with arbitrary bytes; the adapter may represent them by any text.
static void check_bytes(struct talk *talk) {
    json_auto_t *answer = talk_ask(talk, query("SELECT X'00ff80', REPEAT(X'ff', 300)"));
    if (!expect(talk, "query", answer, "ok", RULE_BYTES, "a SELECT of bytes that are no UTF-8"))
        return;
    const json_t *row = json_array_get(json_object_get(answer, "rows"), 0);
    if (!json_is_string(json_array_get(row, 0)) || !json_is_string(json_array_get(row, 1)))
        findings_add(&talk->subject->findings, "query", RULE_BYTES,
                     "SELECT X'00ff80' shows no text in a cell");
}

static void check_many_rows(struct talk *talk) {
    static const char sql[] = "SELECT n FROM `rows` ORDER BY n LIMIT 150";
    json_auto_t *answer = talk_ask(talk, query(sql));
    const json_t *rows = json_object_get(answer, "rows");
    if (!expect(talk, "query", answer, "ok", RULE_ROWS, sql))
        return;
    expect_number(talk, "query", answer, "nrows", 150, RULE_NROWS, sql);
    if (json_array_size(rows) != 100)
        findings_add(&talk->subject->findings, "query", RULE_ROWS,
                     "of 150 rows %zu are shown instead of 100", json_array_size(rows));
}

static void check_no_rows(struct talk *talk) {
    json_auto_t *made =
        talk_ask(talk, query("CREATE TEMPORARY TABLE a (n INT PRIMARY KEY, v INT)"));
    json_auto_t *added = talk_ask(talk, query("INSERT INTO a VALUES $rows(3)"));
    const json_t *affected = json_object_get(added, "affected");
    expect(talk, "query", made, "ok", RULE_RESULTS, "CREATE TEMPORARY TABLE");
    if (!expect(talk, "query", added, "ok", RULE_ROWS_OF_SQL, "INSERT INTO a VALUES $rows(3)"))
        return;
    if (!json_is_integer(affected))
        findings_add(&talk->subject->findings, "query", RULE_AFFECTED,
                     "no `affected` after an INSERT; -1 where the library knows no number");
    else if (json_integer_value(affected) != 3 && json_integer_value(affected) != -1)
        findings_add(&talk->subject->findings, "query", RULE_AFFECTED,
                     "`affected` is %lld after an INSERT of 3 rows",
                     (long long)json_integer_value(affected));
    if (json_object_get(added, "rows"))
        findings_add(&talk->subject->findings, "query", RULE_ROWS,
                     "`rows` after an INSERT, which has no result set");
    expect_number(talk, "query", added, "nrows", 0, RULE_NROWS, "an INSERT");
}

// A request may be a line of any length.
static void check_long_request(struct talk *talk) {
    enum { LONG_BYTES = 1 << 20 };
    cleanup_free char *filler = xmalloc(LONG_BYTES + 1);
    memset(filler, 'x', LONG_BYTES);
    filler[LONG_BYTES] = '\0';
    cleanup_free char *sql = xprintf("SELECT 'long' /* %s */", filler);
    query_rows(talk, sql, RULE_LINE, "[[\"long\"]]");
}

void query_check(struct talk *talk) {
    if (!claims(talk->subject, "query") || !is_connected(talk))
        return;
    for (size_t i = 0; i < COUNT_OF(selects); i++)
        query_rows(talk, selects[i].sql, selects[i].rule, selects[i].rows);
    check_cut(talk);
    check_bytes(talk);
    check_many_rows(talk);
    check_no_rows(talk);
    check_long_request(talk);
    ask_for(talk, query("SELECT '$blob(x)'"), "unsupported", RULE_BAD_BLOB, "$blob(x)");
    ask_for(talk, query("SELECT '$blob(1'"), "unsupported", RULE_BAD_BLOB,
            "$blob(1 without an end");
}

// ---- errors, and timing ------------------------------------------------------------------------

#define SIGNALLED "a message of its own, from goneaway"
enum { SIGNALLED_NUMBER = 31234 };

// Provokes an error all of whose parts are known; returns its `native`, to be freed.
static char *check_signal(struct talk *talk) {
    static const char what[] = "SIGNAL SQLSTATE '45001'";
    json_auto_t *answer =
        talk_ask(talk, query("SIGNAL SQLSTATE '45001' SET MESSAGE_TEXT = '" SIGNALLED
                             "', MYSQL_ERRNO = 31234"));
    if (!expect(talk, "query", answer, "error", RULE_NUMBERS, what))
        return NULL;
    const char *message = json_string_value(json_object_get(answer, "message"));
    const char *sqlstate = json_string_value(json_object_get(answer, "sqlstate"));
    expect_number(talk, "query", answer, "errno", SIGNALLED_NUMBER, RULE_NUMBERS, what);
    if (message && !strstr(message, SIGNALLED))
        findings_add(&talk->subject->findings, "query", RULE_MESSAGE,
                     "the server's message '" SIGNALLED "' became '%.200s'", message);
    if (sqlstate && *sqlstate && strcmp(sqlstate, "45001") != 0)
        findings_add(&talk->subject->findings, "query", RULE_SQLSTATE,
                     "the server's sqlstate 45001 became %.20s", sqlstate);
    return xstrdup(json_string_value(json_object_get(answer, "native")));
}

static void check_time(struct talk *talk) {
    enum { LEAST_US = 150000 };
    json_auto_t *answer = talk_ask(talk, query("SELECT SLEEP(0.2)"));
    json_int_t us = json_integer_value(json_object_get(answer, "us"));
    if (answer && strcmp(outcome_of(answer), "ok") == 0 && us < LEAST_US)
        findings_add(&talk->subject->findings, "query", RULE_US,
                     "`us` is %lld for SELECT SLEEP(0.2), which takes 200000", (long long)us);
}

void errors_check(struct talk *talk) {
    if (!claims(talk->subject, "query") || !is_connected(talk))
        return;
    int64_t thread = talk->thread;
    cleanup_free char *first = check_signal(talk);
    query_rows(talk, "SELECT 5", RULE_KEPT, "[[5]]");
    if (talk->thread != thread && !talk->lost)
        findings_add(&talk->subject->findings, "query", RULE_KEPT,
                     "`thread` was %lld before an error and is %lld after it", (long long)thread,
                     (long long)talk->thread);
    check_time(talk);
    if (!is_connected(talk))
        return;
    cleanup_free char *second = check_signal(talk);
    if (first && second && strcmp(first, second) != 0)
        findings_add(&talk->subject->findings, "query", RULE_NATIVE,
                     "`native` differs from session to session: '%.100s', '%.100s'", first, second);
}

// ---- streams -----------------------------------------------------------------------------------

static void check_end(struct talk *talk, const json_t *answer, bool wanted, const char *what) {
    const json_t *end = json_object_get(answer, "end");
    if (strcmp(outcome_of(answer), "ok") == 0 && (!end ? wanted : json_is_true(end) != wanted))
        findings_add(&talk->subject->findings, "fetch", RULE_FETCH, "%s: `end` is %s", what,
                     wanted ? "not true" : "true");
}

static void check_fetch(struct talk *talk, json_t *rows, const char *wanted, int nrows, bool end,
                        const char *what) {
    json_auto_t *answer = talk_ask(talk, request_for("fetch", "{s:o}", "rows", rows));
    if (!expect_rows(talk, "fetch", answer, RULE_FETCH, wanted, what))
        return;
    expect_number(talk, "fetch", answer, "nrows", nrows, RULE_FETCH, what);
    check_end(talk, answer, end, what);
}

void stream_check(struct talk *talk) {
    if (!claims(talk->subject, "stream") || !claims(talk->subject, "fetch") || !is_connected(talk))
        return;
    ask_for(talk, request_for("fetch", "{s:i}", "rows", 1), "unsupported", RULE_NO_STREAM,
            "a fetch without a stream");
    json_t *stream =
        request_for("stream", "{s:s}", "sql", "SELECT n FROM `rows` ORDER BY n LIMIT 5");
    if (!ask_for(talk, stream, "ok", RULE_FETCH, "a stream"))
        return;
    check_fetch(talk, json_integer(2), "[[1], [2]]", 2, false, "fetch 2 of 5 rows");
    check_fetch(talk, json_string("rest"), "[[3], [4], [5]]", 3, true, "fetch the rest");
    if (claims(talk->subject, "query"))
        query_rows(talk, "SELECT 6", RULE_FETCH, "[[6]]");
}
