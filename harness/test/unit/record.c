// SPDX-License-Identifier: Apache-2.0
// record.c - records in memory and as JSON
#include "record/record.h"
#include "test/lib/suites.h"

#include <math.h>
#include <string.h>

// A record with something in every field.
static struct record *full_record(void) {
    struct record *record = record_new("half-open/ping@tls");
    record->server = xstrdup("mysql-9.7");
    record->vendor = xstrdup("mysql");
    record->server_version = xstrdup("9.7.4");
    record->connector = xstrdup("libmysqlclient");
    record->connector_version = xstrdup("9.7.3");
    record->aborted_clients = 2;
    record->aborted_connects = 0;
    record->uptime_reset = true;
    record->broken = xstrdup("the fault 'mute' never fired");
    record->skip = xstrdup("no namespaces");
    record->ms = 41.25;
    record->boot_ms = 1000.125;
    record_add_log(record, "[Note] Aborted connection 12");
    record_add_log(record, "");
    record_add_fault(record, "mute", "drop", "iptables")->fired = 3;
    struct record_step *step = record_add_step(record);
    *step = (struct record_step){.number = 5,
                                 .id = xstrdup("first"),
                                 .actor = xstrdup("app"),
                                 .verb = xstrdup("query"),
                                 .outcome = OUTCOME_CRASH,
                                 .error = 2013,
                                 .signal = 11,
                                 .sqlstate = xstrdup("HY000"),
                                 .message = xstrdup("Lost \"connection\"\n\x1b[31m\xc3\xa9"),
                                 .native = xstrdup("mysql_real_query() = 1"),
                                 .thread = 12,
                                 .thread_before = 11,
                                 .start = 2,
                                 .start_before = 1,
                                 .row_count = 2,
                                 .affected = 1,
                                 .warnings = 0,
                                 .rows = json_pack("[[i, s], [n, f]]", 1, "a", 0.5),
                                 .ms = 0.3125};
    return record;
}

static void add_lines(struct record *record, int count, const char *what) {
    for (int i = 0; i < count; i++) {
        cleanup_free char *line = xprintf("%d %s", i, what);
        record_add_log(record, line);
    }
}

// Text after a NUL is searched like the rest.
START_TEST(log_is_taken_whole) {
    static const char text[] = "one\n\ntwo\0ERROR\nthree";
    struct record *record = record_new("c");
    record_set_log(record, "before\n", 7);
    record_set_log(record, text, sizeof text - 1);
    ck_assert_uint_eq(record->log_count, 4);
    ck_assert_str_eq(record->log[0], "one");
    ck_assert_str_eq(record->log[1], "");
    ck_assert_str_eq(record->log[2], "two ERROR");
    ck_assert_str_eq(record->log[3], "three");
    record_free(record);
}
END_TEST

START_TEST(log_is_shortened_for_reports) {
    cleanup_record struct record *record = record_new("a");
    cleanup_record struct record *same = record_new("a");
    cleanup_free char *blank = xprintf("%600d", 1);
    size_t steps = SIZE_MAX;
    struct err err = {0};
    add_lines(record, 50, "note");
    record_add_log(record, "[ERROR] one");
    add_lines(record, 38, "later");
    record_add_log(record, blank);
    ck_assert_int_eq(record_log_has(record, "ERROR", &steps, &err), 1);
    record_shorten_log(record);
    ck_assert_uint_eq(record->log_count, 40);
    ck_assert_int_eq(record->log_lines, 90);
    ck_assert_str_eq(record->log[0], "[ERROR] one");
    ck_assert_uint_eq(strlen(record->log[39]), 500);
    add_lines(same, 40, "note");
    record_shorten_log(same);
    ck_assert_uint_eq(same->log_count, 40);
    ck_assert_int_eq(same->log_lines, 0);
}
END_TEST

START_TEST(first_lines_are_shown_of_a_log_without_errors) {
    cleanup_record struct record *record = record_new("a");
    add_lines(record, 50, "note");
    record_shorten_log(record);
    ck_assert_uint_eq(record->log_count, 40);
    ck_assert_str_eq(record->log[0], "0 note");
}
END_TEST

static struct record *read_back(const struct record *record) {
    struct err err = {0};
    json_auto_t *json = record_to_json(record);
    cleanup_free char *line = json_dumps(json, JSON_COMPACT);
    json_auto_t *again = json_loads(line, 0, NULL);
    struct record *copy = record_from_json(again, &err);
    ck_assert_msg(copy != NULL, "%s", err.what);
    return copy;
}

static void assert_same_json(const struct record *a, const struct record *b) {
    json_auto_t *left = record_to_json(a), *right = record_to_json(b);
    cleanup_free char *left_line = json_dumps(left, JSON_SORT_KEYS);
    cleanup_free char *right_line = json_dumps(right, JSON_SORT_KEYS);
    ck_assert_str_eq(left_line, right_line);
}

START_TEST(full_record_comes_back) {
    cleanup_record struct record *record = full_record();
    cleanup_record struct record *copy = read_back(record);
    const struct record_step *step = &copy->steps[0];
    assert_same_json(record, copy);
    ck_assert_str_eq(copy->case_id, "half-open/ping@tls");
    ck_assert_str_eq(copy->server_version, "9.7.4");
    ck_assert_str_eq(copy->connector_version, "9.7.3");
    ck_assert_int_eq(copy->aborted_clients, 2);
    ck_assert(copy->uptime_reset);
    ck_assert_double_eq(copy->ms, 41.25);
    ck_assert_uint_eq(copy->log_count, 2);
    ck_assert_uint_eq(copy->fault_count, 1);
    ck_assert_int_eq(copy->faults[0].fired, 3);
    ck_assert_uint_eq(copy->step_count, 1);
    ck_assert_int_eq(step->number, 5);
    ck_assert_int_eq(step->outcome, OUTCOME_CRASH);
    ck_assert_int_eq(step->signal, 11);
    ck_assert_str_eq(step->message, record->steps[0].message);
    ck_assert_int_eq(step->thread_before, 11);
    ck_assert_int_eq(step->start, 2);
    ck_assert_int_eq(step->start_before, 1);
    ck_assert_int_eq(step->warnings, 0);
    ck_assert(json_equal(step->rows, record->steps[0].rows));
    ck_assert_double_eq(step->ms, 0.3125);
}
END_TEST

START_TEST(unknown_stays_unknown) {
    cleanup_record struct record *record = record_new("kill-idle@tcp");
    record_add_step(record);
    cleanup_record struct record *copy = read_back(record);
    assert_same_json(record, copy);
    ck_assert_int_eq(copy->aborted_clients, -1);
    ck_assert_ptr_null(copy->server);
    ck_assert_ptr_null(copy->broken);
    ck_assert_ptr_null(copy->steps[0].id);
    ck_assert_ptr_null(copy->steps[0].rows);
    ck_assert_int_eq(copy->steps[0].thread, -1);
    ck_assert_int_eq(copy->steps[0].row_count, -1);
    ck_assert_int_eq(copy->steps[0].affected, -1);
}
END_TEST

START_TEST(bytes_that_are_no_utf8_are_escaped) {
    cleanup_record struct record *record = record_new("x@tcp");
    record_add_log(record, "a\xff\xc3\xa9\xc0\xaf\xed\xa0\x80z");
    record_add_step(record)->ms = NAN;
    cleanup_record struct record *copy = read_back(record);
    ck_assert_str_eq(copy->log[0], "a\\xff\xc3\xa9\\xc0\\xaf\\xed\\xa0\\x80z");
    ck_assert_double_eq(copy->steps[0].ms, 0);
}
END_TEST

static const struct {
    const char *json, *message;
} refused[] = {
    {"[]", "record: is not an object"},
    {"{}", "record: id is missing"},
    {"{\"id\": 1}", "record: id: is not text"},
    {"{\"id\": \"x\", \"ms\": \"1\"}", "record: ms: is not a number"},
    {"{\"id\": \"x\", \"server\": \"mysql\"}", "record: server: is not an object"},
    {"{\"id\": \"x\", \"server\": {\"name\": 8}}", "record: server: name: is not text"},
    {"{\"id\": \"x\", \"evidence\": {\"uptime_reset\": 1}}",
     "record: evidence: uptime_reset: is neither true nor false"},
    {"{\"id\": \"x\", \"evidence\": {\"log\": {}}}", "record: evidence: log: is not a list"},
    {"{\"id\": \"x\", \"evidence\": {\"log\": [\"\", 1]}}",
     "record: evidence: log[1]: is not text"},
    {"{\"id\": \"x\", \"faults\": [{\"fired\": -2}]}", "record: faults[0]: fired: is negative"},
    {"{\"id\": \"x\", \"steps\": {}}", "record: steps: is not a list"},
    {"{\"id\": \"x\", \"steps\": [7]}", "record: steps[0]: is not an object"},
    {"{\"id\": \"x\", \"steps\": [{}]}", "record: steps[0]: outcome is missing"},
    {"{\"id\": \"x\", \"steps\": [{\"outcome\": \"lost\"}]}",
     "record: steps[0]: outcome: 'lost' is no outcome"},
    {"{\"id\": \"x\", \"steps\": [{\"outcome\": \"ok\"}, {\"outcome\": \"ok\", \"errno\": 1.5}]}",
     "record: steps[1]: errno: is not a whole number"},
    {"{\"id\": \"x\", \"steps\": [{\"outcome\": \"ok\", \"errno\": 4294967296}]}",
     "record: steps[0]: errno: is out of range"},
    {"{\"id\": \"a@tcp\", \"steps\": [{\"outcome\": \"ok\", \"ms\": 1e300}]}",
     "record: steps[0]: ms: is out of range"},
    {"{\"id\": \"x\", \"steps\": [{\"outcome\": \"ok\", \"row_values\": [[1], 2]}]}",
     "record: steps[0]: row_values: row 1 is not a list"},
};

START_TEST(malformed_json_is_refused) {
    struct err err = {0};
    json_auto_t *json = json_loads(refused[_i].json, 0, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_ptr_null(record_from_json(json, &err));
    ck_assert_str_eq(err.what, refused[_i].message);
}
END_TEST

START_TEST(nothing_is_refused_like_malformed_json) {
    struct err err = {0};
    ck_assert_ptr_null(record_from_json(NULL, &err));
    ck_assert_str_eq(err.what, "record: is not an object");
}
END_TEST

START_TEST(keys_that_nobody_knows_are_passed_over) {
    struct err err = {0};
    json_auto_t *json = json_loads("{\"id\": \"x\", \"later\": 1, \"steps\": "
                                   "[{\"outcome\": \"hang\", \"later\": {}}]}",
                                   0, NULL);
    cleanup_record struct record *record = record_from_json(json, &err);
    ck_assert_ptr_nonnull(record);
    ck_assert_int_eq(record->steps[0].outcome, OUTCOME_HANG);
}
END_TEST

Suite *suite_record(void) {
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");
    tcase_add_test(tests, log_is_taken_whole);
    tcase_add_test(tests, log_is_shortened_for_reports);
    tcase_add_test(tests, first_lines_are_shown_of_a_log_without_errors);
    tcase_add_test(tests, full_record_comes_back);
    tcase_add_test(tests, unknown_stays_unknown);
    tcase_add_test(tests, bytes_that_are_no_utf8_are_escaped);
    tcase_add_loop_test(tests, malformed_json_is_refused, 0, (int)COUNT_OF(refused));
    tcase_add_test(tests, nothing_is_refused_like_malformed_json);
    tcase_add_test(tests, keys_that_nobody_knows_are_passed_over);
    suite_add_tcase(suite, tests);
    return suite;
}
