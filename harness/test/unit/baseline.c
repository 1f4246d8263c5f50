// SPDX-License-Identifier: Apache-2.0
// baseline.c - files of measured outcomes: what is refused, and how the rest is read
#include "baseline/baseline.h"
#include "baseline/cell.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <signal.h>
#include <string.h>

static struct err err;
static struct baseline *baseline;

#define HEAD "goneaway-outcomes: 1\nconnector: pymysql 1.1.1\nserver: mysql-9.7 9.7.4\n"

static void set_up(void) {
    err = (struct err){0};
    folder_make("/tmp/goneaway-baseline", 0700);
}

static void tear_down(void) {
    baseline_free(baseline);
    baseline = NULL;
    folder_remove();
}

static void parse(const char *yaml) {
    baseline = baseline_parse("b.yml", yaml, strlen(yaml), &err);
    ck_assert_msg(baseline != NULL, "%s", err.what);
}

static char *put(const char *name, const char *yaml) {
    folder_put(name, yaml);
    return folder_path(name);
}

// ---- refusals ----------------------------------------------------------------------------------

static const struct {
    const char *yaml, *message;
} refusals[] = {
    {"", "b.yml:1:1: the file is empty"},
    {"a: 1", "b.yml:1:1: this is not a file of outcomes: the key 'goneaway-outcomes', as in "
             "`goneaway-outcomes: 1`, is missing"},
    {"[1]", "b.yml:1:2: this is not a file of outcomes: the key 'goneaway-outcomes', as in "
            "`goneaway-outcomes: 1`, is missing"},
    {"goneaway-outcomes: 2", "b.yml:1:20: this goneaway reads version 1 of such files, not 2"},
    {"goneaway-outcomes: 1\nserver: s 1",
     "b.yml:1:1: a file of outcomes needs the key 'connector'"},
    {HEAD "casse: {}", "b.yml:4:1: unknown key 'casse'; did you mean 'cases'?"},
    {HEAD "cases: [1]", "b.yml:4:9: 'cases' is a mapping from cases to their steps"},
    {HEAD "cases:\n  a@tcp: 2013",
     "b.yml:5:10: a case is a mapping from step ids to what they end with"},
    {HEAD "cases:\n  a@tcp: {q: never}",
     "b.yml:5:14: expected ok, hang, crash, unsupported or an error code (a number, or a symbol "
     "such as CR_SERVER_LOST), not 'never'"},
    {HEAD "cases:\n  a@tcp: {q: [2013, 2006]}",
     "b.yml:5:15: an outcome has one code; for a race write `{error: 2013, or: [2006], "
     "why: which race it is}`, for several servers or connectors a row each"},
    {HEAD "unstable:\n  a@tcp: {q: [{error: 1, times: 0}]}",
     "b.yml:5:33: expected 1 to 1000000000000, not '0'"},
    {HEAD "unstable:\n  a@tcp: {q: [{error: 1, times: 2, hang: true}]}",
     "b.yml:5:16: an outcome is exactly one of ok, error, hang, crash and unsupported"},
    {HEAD "unstable:\n  a@tcp: {q: []}",
     "b.yml:5:11: a list of what was seen has from 1 to 20 cells"},
    {HEAD "cases:\n  a@[tcp, pipe]: {q: ok}",
     "b.yml:5:3: 'a@[tcp, pipe]' is not a case; several transports are written NAME@[socket, tcp]"},
    {HEAD "cases:\n  a@[tcp, tcp]: {q: ok}",
     "b.yml:5:3: 'a@[tcp, tcp]' is not a case; several transports are written NAME@[socket, tcp]"},
    {HEAD "cases:\n  a@[tcp, tls]: {q: ok}\nunstable:\n  a@tls: {q: ok}",
     "b.yml:7:3: the case a@tls stands in line 5 already"},
    {HEAD "known:\n  - {case: a@tcp}", "b.yml:5:6: an accepted deviation needs the key 'because'"},
    {HEAD "known:\n  - {case: a@tcp, because: x}\n  - {case: 'a@[tls, tcp]', because: y}",
     "b.yml:6:6: the case a@tcp is listed here twice"},
    {HEAD "like: /etc/passwd",
     "b.yml:4:7: 'like' is `rows`, or the path of a file .yml relative to this one"},
    {HEAD "like: no-such.yml", "b.yml:4:7: like: no-such.yml: No such file or directory"},
    {"goneaway-outcomes: 1\nconnector: \"a\\u001b[m 1\"\nserver: s 1",
     "b.yml:2:13: a text that is shown to people has neither control characters nor line ends"},
    {"goneaway-outcomes: 1\nconnector: \" 1\"\nserver: s 1",
     "b.yml:2:13: expected a name and a version, as in pymysql 1.1.1"},
};

START_TEST(refuses) {
    const char *yaml = refusals[_i].yaml;
    baseline = baseline_parse("b.yml", yaml, strlen(yaml), &err);
    ck_assert_msg(!baseline, "is not refused: %s", yaml);
    ck_assert_str_eq(err.what, refusals[_i].message);
    ck_assert_int_eq(err.kind, ERR_USAGE);
}
END_TEST

START_TEST(refuses_circle) {
    cleanup_free char *one = put("one.yml", HEAD "like: two.yml\n");
    cleanup_free char *two = put("two.yml", HEAD "like: ./one.yml\n");
    cleanup_free char *message =
        xprintf("%s:4:7: like: %s:4:7: './one.yml' builds on this file in turn", one, two);
    baseline = baseline_read(one, &err);
    ck_assert_ptr_null(baseline);
    ck_assert_str_eq(err.what, message);
}
END_TEST

START_TEST(refuses_long_chain) {
    cleanup_free char *first = NULL;
    for (int i = 0; i <= BASELINE_MOST_LIKES; i++) {
        cleanup_free char *name = xprintf("%d.yml", i);
        cleanup_free char *text = xprintf(HEAD "like: %d.yml\n", i + 1);
        char *path = put(name, i == BASELINE_MOST_LIKES ? HEAD : text);
        if (i == 0)
            first = path;
        else
            free(path);
    }
    baseline = baseline_read(first, &err);
    ck_assert_ptr_null(baseline);
    ck_assert_ptr_nonnull(strstr(err.what, "more than 8 files build on each other"));
    cleanup_free char *second = folder_path("1.yml");
    baseline = baseline_read(second, &err);
    ck_assert_msg(baseline != NULL, "%s", err.what);
}
END_TEST

// ---- what is read ------------------------------------------------------------------------------

START_TEST(reads_all) {
    parse(HEAD "catalogue: 0.1.0\nlike: rows\n"
               "known:\n  - {case: 'x/y@[tls, tcp]', because: closes early, link: 'https://x'}\n"
               "cases:\n  b@tls: {q: {crash: SIGSEGV}}\n"
               "  a@[socket, tcp]: {first: 2013, second: {ok: true, session: new}}\n"
               "unstable:\n  c@tcp: {first: [{error: 2013, times: 7}, hang], second: ok}\n");
    ck_assert_str_eq(baseline->connector, "pymysql");
    ck_assert_str_eq(baseline->connector_version, "1.1.1");
    ck_assert_str_eq(baseline->server, "mysql-9.7");
    ck_assert_str_eq(baseline->server_version, "9.7.4");
    ck_assert_str_eq(baseline->catalogue, "0.1.0");
    ck_assert(baseline->like_rows && baseline_ends_in_rows(baseline));
    ck_assert_uint_eq(baseline->case_count, 4);
    ck_assert_str_eq(baseline->cases[0].id, "a@socket");
    ck_assert_str_eq(baseline_known(baseline, "x/y@tcp")->because, "closes early");
    ck_assert_ptr_null(baseline_known(baseline, "x/y@socket"));
    const struct baseline_case *tcp = baseline_case(baseline, "a@tcp");
    ck_assert_int_eq(tcp->key->line, 10);
    ck_assert_int_eq(plan_find_expectation(tcp->row, "first")->code, 2013);
    const struct baseline_case *loose = baseline_case(baseline, "c@tcp");
    ck_assert(loose->unstable);
    ck_assert_str_eq(plan_find_expectation(loose->row, "first")->text, "2013 or hang");
    ck_assert_int_eq(plan_find_expectation(loose->row, "first")->times, 7);
}
END_TEST

START_TEST(reads_nothing_as_no_case) {
    parse(HEAD "cases:\nunstable:\n");
    ck_assert_uint_eq(baseline->case_count, 0);
    ck_assert_ptr_null(baseline_case(baseline, "a@tcp"));
    ck_assert(!baseline_ends_in_rows(baseline));
}
END_TEST

// In a scenario that is a warning; but the rows of a baseline have no scenario to warn in.
START_TEST(reads_a_number_that_nobody_has) {
    parse(HEAD "cases:\n  a@tcp: {first: 20131}\n");
    ck_assert_int_eq(plan_find_expectation(baseline_case(baseline, "a@tcp")->row, "first")->code,
                     20131);
}
END_TEST

START_TEST(builds_on_others) {
    cleanup_free char *old = put("old.yml", HEAD "like: rows\ncases:\n  a@tcp: {q: 2013}\n"
                                                 "  b@tcp: {q: 2013}\n");
    cleanup_free char *own = put("own.yml", HEAD "like: old.yml\ncases:\n  b@tcp: {q: 2006}\n");
    ck_assert(file_exists(old));
    baseline = baseline_read(own, &err);
    ck_assert_msg(baseline != NULL, "%s", err.what);
    ck_assert_int_eq(baseline_case(baseline, "a@tcp")->row->expectations[0]->code, 2013);
    ck_assert_int_eq(baseline_case(baseline, "b@tcp")->row->expectations[0]->code, 2006);
    ck_assert_ptr_null(baseline_own_case(baseline, "a@tcp"));
    ck_assert(baseline_ends_in_rows(baseline));
}
END_TEST

// ---- cells -------------------------------------------------------------------------------------

static char *verb_query = (char *)"query", *verb_connect = (char *)"connect";

static const struct {
    struct record_step step;
    const char *cell;
} cells[] = {
    {{.outcome = OUTCOME_OK, .thread = 7, .thread_before = 7}, "ok"},
    {{.outcome = OUTCOME_OK, .thread = 8, .thread_before = 7}, "{ok: true, session: new}"},
    {{.outcome = OUTCOME_OK, .thread = 7, .thread_before = 7, .start = 1},
     "{ok: true, session: new}"},
    {{.outcome = OUTCOME_OK, .thread = 8, .thread_before = -1}, "ok"},
    {{.outcome = OUTCOME_ERROR, .error = 2013, .native = (char *)"mysql_ping=1"}, "2013"},
    {{.outcome = OUTCOME_ERROR, .native = (char *)"E=\"1\"", .sqlstate = (char *)"08003"},
     "{error: 0, native: \"E=\\\"1\\\"\"}"},
    {{.outcome = OUTCOME_ERROR, .native = (char *)"", .sqlstate = (char *)"08003"},
     "{error: 0, sqlstate: \"08003\"}"},
    {{.outcome = OUTCOME_ERROR, .native = (char *)"a\x1b\xc2\x85"},
     "{error: 0, native: \"a\\U0000001b\\U00000085\"}"},
    {{.outcome = OUTCOME_ERROR}, "{error: 0, message: \"\"}"},
    {{.outcome = OUTCOME_CRASH, .signal = SIGSEGV}, "{crash: SIGSEGV}"},
    {{.outcome = OUTCOME_CRASH}, "crash"},
    {{.outcome = OUTCOME_HANG}, "hang"},
    {{.outcome = OUTCOME_UNSUPPORTED}, "unsupported"},
};

// What is written is read as the same.
static void check_read_back(const char *cell) {
    cleanup_free char *yaml = xprintf(HEAD "cases:\n  a@tcp: {q: %s}\n", cell);
    parse(yaml);
    cleanup_free char *again = cell_of_expectation(baseline->cases[0].row->expectations[0]);
    ck_assert_str_eq(again, cell);
}

START_TEST(writes_cell) {
    struct record_step step = cells[_i].step;
    step.verb = verb_query;
    cleanup_free char *cell = cell_of_step(&step, false);
    ck_assert_str_eq(cell, cells[_i].cell);
    check_read_back(cell);
}
END_TEST

START_TEST(connect_has_a_new_session) {
    struct record_step step = {
        .verb = verb_connect, .outcome = OUTCOME_OK, .thread = 8, .thread_before = 7};
    cleanup_free char *cell = cell_of_step(&step, false);
    ck_assert_str_eq(cell, "ok");
}
END_TEST

START_TEST(writes_rows) {
    struct record_step step = {.outcome = OUTCOME_OK, .row_count = 2, .verb = verb_query};
    step.rows = json_pack("[[i, s, n], [b]]", 1, "1\"", 1);
    cleanup_free char *cell = cell_of_step(&step, true);
    ck_assert_str_eq(cell, "{ok: true, rows: [[1, \"1\\\"\", null], [true]]}");
    check_read_back(cell);
    step.row_count = 200;
    cleanup_free char *number = cell_of_step(&step, true);
    json_decref(step.rows);
    ck_assert_str_eq(number, "{ok: true, rows: 200}");
    struct record_step unknown = {.outcome = OUTCOME_OK, .row_count = -1, .verb = verb_query};
    cleanup_free char *bare = cell_of_step(&unknown, true);
    ck_assert_str_eq(bare, "ok");
}
END_TEST

Suite *suite_baseline(void) {
    Suite *suite = suite_create("baseline");
    TCase *tests = tcase_create("baseline");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, refuses, 0, COUNT_OF(refusals));
    tcase_add_test(tests, refuses_circle);
    tcase_add_test(tests, refuses_long_chain);
    tcase_add_test(tests, reads_all);
    tcase_add_test(tests, reads_nothing_as_no_case);
    tcase_add_test(tests, reads_a_number_that_nobody_has);
    tcase_add_test(tests, builds_on_others);
    tcase_add_loop_test(tests, writes_cell, 0, COUNT_OF(cells));
    tcase_add_test(tests, connect_has_a_new_session);
    tcase_add_test(tests, writes_rows);
    suite_add_tcase(suite, tests);
    return suite;
}
