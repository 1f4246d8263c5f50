// SPDX-License-Identifier: Apache-2.0
// expect.c - shared by the checks: requests, expectations, and the server's side
#include "protocol/checks.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { GONE_MS = 5000 };

// ---- hello -------------------------------------------------------------------------------------

static bool has(const json_t *list, const char *name) {
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)list, i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), name) == 0)
            return true;
    }
    return false;
}

bool claims(const struct subject *subject, const char *operation) {
    return has(json_object_get(subject->hello, "capabilities"), operation);
}

bool takes(const struct subject *subject, const char *operation, const char *argument) {
    const json_t *list = json_object_get(json_object_get(subject->hello, "arguments"), operation);
    return !json_is_array(list) || has(list, argument);
}

// ---- requests ----------------------------------------------------------------------------------

json_t *request_for(const char *operation, const char *format, ...) {
    json_t *request = json_object();
    va_list args;
    json_object_set_new(request, "op", json_string(operation));
    if (!format)
        return request;
    va_start(args, format);
    json_auto_t *rest = json_vpack_ex(NULL, 0, format, args);
    va_end(args);
    json_object_update(request, rest);
    return request;
}

json_t *connect_request(void) {
    return request_for("connect", "{s:s, s:i, s:s, s:s, s:s, s:s}", "host", SERVER_ADDRESS, "port",
                       SERVER_PORT, "user", APP_USER, "password", APP_PASSWORD, "database",
                       APP_DATABASE, "tls", "off");
}

bool is_connected(struct talk *talk) {
    struct subject *subject = talk->subject;
    if (talk->lost || !talk->open) {
        talk_close(talk);
        if (!talk_open(talk, subject))
            return false;
    }
    return ask_for(talk, connect_request(), "ok", RULE_LOGIN, "a plain connect");
}

// ---- answers -----------------------------------------------------------------------------------

const char *outcome_of(const json_t *answer) {
    const char *outcome = json_string_value(json_object_get(answer, "outcome"));
    return outcome ? outcome : "";
}

bool expect(struct talk *talk, const char *operation, const json_t *answer, const char *wanted,
            enum rule rule, const char *what) {
    if (!answer || strcmp(outcome_of(answer), wanted) == 0)
        return answer != NULL;
    cleanup_free char *shown = findings_show(answer);
    findings_add(&talk->subject->findings, operation, rule,
                 "%s is to be `%s`, and the answer is %s", what, wanted, shown);
    return false;
}

bool ask_for(struct talk *talk, json_t *request, const char *wanted, enum rule rule,
             const char *what) {
    cleanup_free char *operation = xstrdup(json_string_value(json_object_get(request, "op")));
    json_auto_t *answer = talk_ask(talk, request);
    return expect(talk, operation, answer, wanted, rule, what);
}

// The number that a text represents, else the cell itself. New reference.
static json_t *as_number(json_t *cell) {
    cleanup_free char *shown = NULL;
    json_int_t number = 0;
    if (json_is_string(cell) && sscanf(json_string_value(cell), "%" JSON_INTEGER_FORMAT, &number))
        shown = xprintf("%" JSON_INTEGER_FORMAT, number);
    bool fits = shown && strcmp(shown, json_string_value(cell)) == 0;
    return fits ? json_integer(number) : json_incref(cell);
}

// Whether rows are as wanted; numbers sent as texts are a separate finding.
static bool are_rows(const json_t *seen, const json_t *wanted, bool strict) {
    size_t i, k;
    json_t *row, *cell;
    json_auto_t *plain = json_deep_copy(seen);
    json_auto_t *aim = json_deep_copy(wanted);
    json_t *const both[] = {plain, aim};
    for (size_t side = 0; !strict && side < COUNT_OF(both); side++)
        json_array_foreach(both[side], i, row) {
            json_array_foreach(row, k, cell) {
                json_array_set_new(row, k, as_number(cell));
            }
        }
    return json_equal(plain, aim);
}

bool expect_rows(struct talk *talk, const char *operation, const json_t *answer, enum rule rule,
                 const char *rows, const char *what) {
    if (!expect(talk, operation, answer, "ok", rule, what))
        return false;
    json_auto_t *wanted = json_loads(rows, 0, NULL);
    const json_t *seen = json_object_get(answer, "rows");
    if (are_rows(seen, wanted, rule == RULE_CELL))
        return true;
    cleanup_free char *shown = seen ? findings_show(seen) : xstrdup("no rows");
    cleanup_free char *should = findings_show(wanted);
    findings_add(&talk->subject->findings, operation, rule, "%s shows %s instead of %s", what,
                 shown, should);
    return false;
}

bool query_rows(struct talk *talk, const char *sql, enum rule rule, const char *rows) {
    json_auto_t *answer = talk_ask(talk, request_for("query", "{s:s}", "sql", sql));
    cleanup_free char *what = xprintf("%.200s", sql);
    return expect_rows(talk, "query", answer, rule, rows, what);
}

void expect_number(struct talk *talk, const char *operation, const json_t *answer, const char *key,
                   json_int_t wanted, enum rule rule, const char *what) {
    const json_t *value = json_object_get(answer, key);
    if (json_is_integer(value) && json_integer_value(value) == wanted)
        return;
    cleanup_free char *shown = value ? findings_show(value) : xstrdup("missing");
    findings_add(&talk->subject->findings, operation, rule, "%s: `%s` is %s instead of %lld", what,
                 key, shown, (long long)wanted);
}

// ---- the server's side -------------------------------------------------------------------------

static struct admin *admin_of(struct subject *subject) {
    return subject->run->world->server.admin;
}

bool session_is_there(struct subject *subject, int64_t thread) {
    struct admin_session session = {0};
    if (subject->failed)
        return false;
    subject->failed = admin_session(admin_of(subject), thread, &session, subject->err) < 0;
    return !subject->failed && session.there;
}

bool session_goes(struct subject *subject, int64_t thread, double deadline_ms) {
    double began = clock_ms();
    while (session_is_there(subject, thread)) {
        if (clock_ms() >= deadline_ms)
            return false;
        clock_look_again(began);
    }
    return true;
}

bool session_runs(struct subject *subject, int64_t thread, double deadline_ms) {
    double began = clock_ms();
    struct admin_session session = {0};
    while (!subject->failed) {
        subject->failed = admin_session(admin_of(subject), thread, &session, subject->err) < 0;
        if (session.there && strcmp(session.command, "Query") == 0)
            return true;
        if (clock_ms() >= deadline_ms)
            break;
        clock_look_again(began);
    }
    return false;
}

int64_t count_aborted(struct subject *subject) {
    int64_t count = -1;
    if (!subject->failed)
        subject->failed =
            admin_status(admin_of(subject), "Aborted_clients", &count, subject->err) < 0;
    return count;
}

bool aborted_grows(struct subject *subject, int64_t before) {
    enum { COUNTED_WITHIN_MS = 2000 };
    double began = clock_ms();
    while (count_aborted(subject) <= before && !subject->failed) {
        if (clock_ms() >= began + COUNTED_WITHIN_MS)
            return false;
        clock_look_again(began);
    }
    return true;
}

void end_session(struct subject *subject, int64_t thread) {
    struct err gone;
    cleanup_free char *kill = xprintf("KILL %lld", (long long)thread);
    if (session_is_there(subject, thread) && admin_query(admin_of(subject), kill, NULL, &gone) == 0)
        session_goes(subject, thread, clock_ms() + GONE_MS);
}

bool admin_does(struct subject *subject, const char *sql) {
    if (!subject->failed)
        subject->failed = admin_query(admin_of(subject), sql, NULL, subject->err) < 0;
    return !subject->failed;
}
