// SPDX-License-Identifier: Apache-2.0
// belief.c - judging by a baseline: codes, what is new, recorded, unstable or accepted
#include "batch/judges.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define SCENARIO                                                                                   \
    "goneaway: 1\n"                                                                                \
    "title: T\n"                                                                                   \
    "cause: killed\n"                                                                              \
    "source: S\n"                                                                                  \
    "transport: tcp\n"                                                                             \
    "promise: {first: {error: it was lost}, second: error-or-new, rows: {ok: true, rows: "         \
    "[[1]]}}\n"                                                                                    \
    "steps:\n"                                                                                     \
    "  - app: connect\n"                                                                           \
    "  - {id: first, app: {query: SELECT 1}}\n"                                                    \
    "  - {id: second, app: {query: SELECT 1}}\n"                                                   \
    "  - {id: rows, app: {query: SELECT 1}}\n"                                                     \
    "outcomes:\n"                                                                                  \
    "  - {if: {connector: lib}, first: 2013, second: 2006, rows: ok, evidence: "                   \
    "{Aborted_clients: 0}}\n"

#define HEAD "goneaway-outcomes: 1\nconnector: lib 1.0\nserver: mysql-9.7 9.7.4\n"
#define CELLS HEAD "cases:\n  s@tcp: {first: 2013, second: 2006, rows: ok}\n"

static struct err err;
static struct scenario *scenario;
static struct baseline *baseline;
static struct record *record;
static struct verdict verdict;

static void set_up(void) {
    err = (struct err){0};
    scenario = scenario_parse("s.yml", SCENARIO, strlen(SCENARIO), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    record = record_new("s@tcp");
    record->server = xstrdup("mysql-9.7");
    record->vendor = xstrdup("mysql");
    record->server_version = xstrdup("9.7.4");
    record->connector = xstrdup("lib");
    record->connector_version = xstrdup("1.0");
    record->aborted_clients = 0;
}

static void tear_down(void) {
    verdict_release(&verdict);
    record_free(record);
    baseline_free(baseline);
    scenario_free(scenario);
    baseline = NULL;
}

static void set_rows(struct record_step *step, int value) {
    step->rows = json_pack("[[i]]", value);
    step->row_count = 1;
}

// "2013", "ok", "new" for ok in a new session, "hang", "crash", "ok=2" for a row with 2.
static void add_step(const char *id, const char *ended, int64_t before) {
    struct record_step *step = record_add_step(record);
    step->number = (int)record->step_count;
    step->id = xstrdup(id);
    step->actor = xstrdup("app");
    step->verb = xstrdup(id ? "query" : "connect");
    step->thread_before = before;
    step->thread = text_starts(ended, "new") ? before + 1 : id ? before : 7;
    step->outcome = strcmp(ended, "hang") == 0    ? OUTCOME_HANG
                    : strcmp(ended, "crash") == 0 ? OUTCOME_CRASH
                    : atoi(ended) > 0             ? OUTCOME_ERROR
                                                  : OUTCOME_OK;
    step->error = atoi(ended);
    step->signal = step->outcome == OUTCOME_CRASH ? SIGSEGV : 0;
    if (step->outcome == OUTCOME_OK && id)
        set_rows(step, strchr(ended, '=') ? atoi(strchr(ended, '=') + 1) : 1);
}

static void see(const char *first, const char *second, const char *rows) {
    add_step(NULL, "ok", -1);
    add_step("first", first, 7);
    add_step("second", second, record->steps[1].thread);
    add_step("rows", rows, record->steps[2].thread);
}

static void judge(const char *yaml, enum judge by) {
    struct precedent precedent = {.judge = by, .as_seen = !yaml};
    if (yaml)
        baseline = baseline_parse("b.yml", yaml, strlen(yaml), &err);
    ck_assert_msg(!yaml || baseline, "%s", err.what);
    precedent.baseline = baseline;
    verdict_by(&scenario->cases[0], record, 1, &precedent, &verdict);
}

#define AS(kind, judge) VERDICT_##kind, JUDGE_##judge
#define NO_NOTE NULL, false
static const struct row {
    const char *yaml; // NULL: what is seen is recorded
    const char *seen[3];
    enum verdict_kind kind;
    enum judge by;
    const char *why, *note;
    bool tolerated;
} rows[] = {
    // its cells
    {CELLS, {"2013", "2006", "ok"}, AS(PASS, BASELINE), "", NO_NOTE},
    {CELLS,
     {"2013", "2013", "ok"},
     AS(WRONG_CODE, BASELINE),
     "second: expected 2006 CR_SERVER_GONE_ERROR, saw 2013 CR_SERVER_LOST; expected by b.yml:5",
     NO_NOTE},
    {CELLS,
     {"2013", "hang", "ok"},
     AS(HANG, BASELINE),
     "second: expected 2006 CR_SERVER_GONE_ERROR, saw hang; expected by b.yml:5",
     NO_NOTE},
    {CELLS,
     {"crash", "2006", "ok"},
     AS(CRASH, BASELINE),
     "first: expected 2013 CR_SERVER_LOST, saw crash (SIGSEGV); expected by b.yml:5",
     NO_NOTE},
    {HEAD "cases:\n  s@tcp: {first: 2013, second: {ok: true, session: new}, rows: ok}\n",
     {"2013", "new", "ok"},
     AS(PASS, BASELINE),
     "",
     NO_NOTE},
    {HEAD "cases:\n  s@tcp: {first: 2013, second: 2006, rows: ok}\n",
     {"2013", "2006", "new"},
     AS(FAIL, BASELINE),
     "rows: expected the session of the step before, saw session 8 after 7; expected by b.yml:5",
     NO_NOTE},
    // a step added since the baseline
    {HEAD "cases:\n  s@tcp: {first: 2013}\n",
     {"2013", "2014", "ok"},
     AS(PASS, BASELINE),
     "",
     NO_NOTE},
    // violations
    {HEAD "cases:\n  s@tcp: {first: ok, second: 2006, rows: ok}\n",
     {"ok", "2006", "ok"},
     AS(PASS, BASELINE),
     "",
     "violates the promise, as b.yml:5 records: `first` succeeded in the same session although "
     "it was lost",
     true},
    {CELLS,
     {"2013", "2006", "ok=2"},
     AS(UNSOUND, BASELINE),
     "`rows` is not what any correct client shows: other rows than expected, saw [[2]]; b.yml:5 "
     "does not record that",
     NO_NOTE},
    {HEAD "cases:\n  s@tcp: {first: 2013, second: 2006, rows: {ok: true, rows: [[2]]}}\n",
     {"2013", "2006", "ok=2"},
     AS(PASS, BASELINE),
     "",
     "violates the promise, as b.yml:5 records: `rows` is not what any correct client shows: "
     "other rows than expected, saw [[2]]",
     true},
    {HEAD "cases:\n  s@tcp: {first: hang, second: 2006, rows: ok}\n",
     {"hang", "2006", "ok"},
     AS(PASS, BASELINE),
     "",
     "violates the promise, as b.yml:5 records: `first` hung, although something bounds the call",
     true},
    // rows that are not the statement's own, in a step that may succeed
    {HEAD "cases:\n  s@tcp: {first: 2013, second: {ok: true, session: new}, rows: ok}\n",
     {"2013", "new=2", "ok"},
     AS(UNSOUND, BASELINE),
     "`second` showed [[2]], which `SELECT 1` does not select; b.yml:5 does not record that",
     NO_NOTE},
    {HEAD
     "cases:\n  s@tcp: {first: 2013, second: {ok: true, rows: [[2]], session: new}, rows: ok}\n",
     {"2013", "new=2", "ok"},
     AS(PASS, BASELINE),
     "",
     "violates the promise, as b.yml:5 records: `second` showed [[2]], which `SELECT 1` does not "
     "select",
     true},
    // new
    {HEAD,
     {"2055", "new", "ok"},
     AS(UNMEASURED, PROMISE),
     "new: not in the baseline b.yml; it keeps the promise",
     "new: not in the baseline b.yml",
     false},
    {HEAD,
     {"ok", "2006", "ok"},
     AS(UNSOUND, PROMISE),
     "`first` succeeded in the same session although it was lost",
     NO_NOTE},
    {HEAD "like: rows\n", {"2013", "2006", "ok"}, AS(PASS, ROW), "", NO_NOTE},
    {HEAD "like: rows\n",
     {"2013", "2013", "ok"},
     AS(WRONG_CODE, ROW),
     "second: expected 2006 CR_SERVER_GONE_ERROR, saw 2013 CR_SERVER_LOST",
     NO_NOTE},
    // unstable
    {HEAD "unstable:\n  s@tcp: {first: [2013, 2006], second: 2006, rows: ok}\n",
     {"2055", "2006", "ok"},
     AS(WRONG_CODE, BASELINE),
     "first: expected 2013 or 2006, saw 2055 CR_SERVER_LOST_EXTENDED; expected by b.yml:5; "
     "repetitions differ there, and --update-baseline adds this",
     NO_NOTE},
    {HEAD "unstable:\n  s@tcp: {first: [{error: 2013, times: 7}, {error: 2006, times: 3}], "
          "second: 2006, rows: ok}\n",
     {"2006", "2006", "ok"},
     AS(PASS, BASELINE),
     "",
     NO_NOTE},
    {HEAD "unstable:\n  s@tcp: {first: [2013, hang], second: 2006, rows: ok}\n",
     {"hang", "2006", "ok"},
     AS(PASS, BASELINE),
     "",
     "violates the promise, as b.yml:5 records: `first` hung, although something bounds the call",
     true},
    {HEAD "unstable:\n  s@tcp: {first: [2013, hang], second: 2006, rows: ok}\n",
     {"ok", "2006", "ok"},
     AS(UNSOUND, BASELINE),
     "`first` succeeded in the same session although it was lost; b.yml:5 does not record that",
     NO_NOTE},
    // known
    {HEAD "known: [{case: s@tcp, because: a bug, link: 'https://x'}]\ncases:\n  s@tcp: {first: "
          "2013, second: 2006, rows: ok}\n",
     {"2013", "2013", "ok"},
     AS(PASS, BASELINE),
     "",
     "known: a bug (https://x); second: expected 2006 CR_SERVER_GONE_ERROR, saw 2013 "
     "CR_SERVER_LOST; expected by b.yml:6",
     false},
    {HEAD "known: [{case: s@tcp, because: a bug}]\ncases:\n  s@tcp: {first: "
          "2013, second: 2006, rows: ok}\n",
     {"2013", "2006", "ok"},
     AS(FAIL, BASELINE),
     "fixed: remove it from `known`, b.yml:4",
     NO_NOTE},
    {HEAD "known: [{case: s@tcp, because: a bug}]\ncases:\n  s@tcp: {first: "
          "2013, second: 2006, rows: ok}\n",
     {"2013", "crash", "ok"},
     AS(CRASH, BASELINE),
     "second: expected 2006 CR_SERVER_GONE_ERROR, saw crash (SIGSEGV); expected by b.yml:6",
     NO_NOTE},
    {HEAD "known: [{case: s@tcp, because: a bug}]\ncases:\n  s@tcp: {first: "
          "ok, second: 2006, rows: ok}\n",
     {"ok", "2006", "ok"},
     AS(PASS, BASELINE),
     "",
     "known: a bug; violates the promise, as b.yml:6 records: `first` succeeded in the same "
     "session although it was lost",
     false},
    {HEAD "known: [{case: s@tcp, because: a bug}]\ncases:\n  s@tcp: {first: "
          "ok, second: 2006, rows: ok}\n",
     {"2013", "2006", "ok"},
     AS(FAIL, BASELINE),
     "fixed: remove it from `known`, b.yml:4",
     NO_NOTE},
    {HEAD "like: rows\nknown: [{case: s@tcp, because: a bug}]\ncases:\n  s@tcp: {first: "
          "2026, second: 2006, rows: ok}\n",
     {"2026", "2006", "ok"},
     AS(PASS, BASELINE),
     "",
     "known: a bug",
     false},
    {HEAD "like: rows\nknown: [{case: s@tcp, because: a bug}]\ncases:\n  s@tcp: {first: "
          "2026, second: 2006, rows: ok}\n",
     {"2013", "2006", "ok"},
     AS(FAIL, BASELINE),
     "fixed: remove it from `known`, b.yml:5",
     NO_NOTE},
    {HEAD "known: [{case: s@tcp, because: a bug}]\n",
     {"ok", "2006", "ok"},
     AS(PASS, PROMISE),
     "",
     "known: a bug; `first` succeeded in the same session although it was lost",
     false},
    // recorded
    {NULL, {"2013", "2006", "ok"}, AS(PASS, BASELINE), "", NO_NOTE},
    {NULL,
     {"hang", "2006", "ok"},
     AS(PASS, BASELINE),
     "",
     "violates the promise, which is recorded: `first` hung, although something bounds the call",
     true},
};

START_TEST(judges) {
    const struct row *row = &rows[_i];
    see(row->seen[0], row->seen[1], row->seen[2]);
    judge(row->yaml, JUDGE_BASELINE);
    ck_assert_msg(verdict.kind == row->kind, "%s: %s", verdict_names[verdict.kind], verdict.why);
    ck_assert_str_eq(verdict.why, row->why);
    ck_assert_str_eq(verdict.note ? verdict.note : "", row->note ? row->note : "");
    ck_assert_str_eq(judge_names[verdict.judged_by], judge_names[row->by]);
    ck_assert_int_eq(verdict.tolerated, row->tolerated);
}
END_TEST

START_TEST(measured_gives_way_to_rows_where_it_is_silent) {
    see("2013", "2006", "ok");
    judge(HEAD, JUDGE_MEASURED);
    ck_assert_int_eq(verdict.kind, VERDICT_PASS);
    ck_assert_int_eq(verdict.judged_by, JUDGE_ROW);
}
END_TEST

START_TEST(says_whose_outcomes_are_borrowed) {
    see("2055", "2006", "ok");
    baseline = baseline_parse("b.yml", CELLS, strlen(CELLS), &err);
    struct precedent precedent = {.judge = JUDGE_MEASURED, .baseline = baseline, .borrowed = true};
    verdict_by(&scenario->cases[0], record, 1, &precedent, &verdict);
    ck_assert_int_eq(verdict.kind, VERDICT_WRONG_CODE);
    ck_assert(verdict.borrowed);
    ck_assert_ptr_nonnull(
        strstr(verdict.why, "; expected by b.yml:5, measured with lib 1.0 on mysql-9.7 9.7.4"));
    ck_assert_str_eq(verdict.lender, "mysql-9.7 9.7.4 with lib 1.0");
}
END_TEST

static const struct {
    const char *only;
    bool borrowed;
} lent[] = {{"", false}, {"only: [other, s]\n", false}, {"only: [other]\n", true}};

// A file that was measured in part lends what it builds on for the rest.
START_TEST(borrows_what_was_not_measured_itself) {
    cleanup_free char *own =
        xprintf("goneaway-outcomes: 1\nconnector: lib 1.0\nserver: mysql-9.7 9.7.4\n%s"
                "like: ../lib-0.9/mysql-9.7.4.yml\ncases: {}\n",
                lent[_i].only);
    folder_make("/tmp/goneaway-lent", 0700);
    folder_put("lib-1.0/mysql-9.7.4.yml", own);
    folder_put("lib-0.9/mysql-9.7.4.yml",
               "goneaway-outcomes: 1\nconnector: lib 0.9\n"
               "server: mysql-9.7 9.7.4\n"
               "cases:\n  s@tcp: {first: 2013, second: 2006, rows: ok}\n");
    see("2055", "2006", "ok");
    struct judges both = {.own = shelf_open(test_folder)};
    judges_decide(&both, &scenario->cases[0], record, 1, &verdict);
    judges_close(&both);
    folder_remove();
    ck_assert_int_eq(verdict.kind, VERDICT_WRONG_CODE);
    ck_assert_int_eq(verdict.borrowed, lent[_i].borrowed);
    ck_assert(!lent[_i].borrowed || strstr(verdict.why, "measured with lib 0.9 on mysql-9.7"));
}
END_TEST

START_TEST(says_that_rows_are_borrowed) {
    static const char rows_alone[] = HEAD "like: rows\n";
    see("2055", "2006", "ok");
    baseline = baseline_parse("b.yml", rows_alone, strlen(rows_alone), &err);
    struct precedent precedent = {.judge = JUDGE_MEASURED, .baseline = baseline, .borrowed = true};
    verdict_by(&scenario->cases[0], record, 1, &precedent, &verdict);
    ck_assert_int_eq(verdict.kind, VERDICT_WRONG_CODE);
    ck_assert_int_eq(verdict.judged_by, JUDGE_ROW);
    ck_assert(verdict.borrowed);
    ck_assert_str_eq(verdict.why, "first: expected 2013 CR_SERVER_LOST, saw 2055 "
                                  "CR_SERVER_LOST_EXTENDED; measured with lib 1.0 on mysql-9.7 "
                                  "9.7.4");
}
END_TEST

START_TEST(finds_a_case_by_its_former_name) {
    static const char *former[] = {"old@tcp"};
    scenario->cases[0].former = former;
    scenario->cases[0].former_count = 1;
    see("2013", "2013", "ok");
    judge(HEAD "known: [{case: old@tcp, because: a bug}]\ncases:\n"
               "  old@tcp: {first: 2013, second: 2006, rows: ok}\n",
          JUDGE_BASELINE);
    ck_assert_int_eq(verdict.kind, VERDICT_PASS);
    ck_assert_int_eq(verdict.judged_by, JUDGE_BASELINE);
    ck_assert_ptr_nonnull(strstr(verdict.note, "known: a bug"));
}
END_TEST

START_TEST(is_not_judged_where_nothing_ran) {
    record->broken = xstrdup("no power");
    judge(CELLS, JUDGE_BASELINE);
    ck_assert_int_eq(verdict.kind, VERDICT_BROKEN);
    ck_assert_int_eq(verdict.judged_by, JUDGE_NONE);
}
END_TEST

START_TEST(excuses_what_broke_a_case_if_that_is_known) {
    static const char excused[] = HEAD "known: [{case: s@tcp, because: a bug}]\n";
    see("hang", "2006", "ok");
    record->broken = xstrdup("no state");
    free(record->connector);
    record->connector = xstrdup("other");
    judge(HEAD, JUDGE_BASELINE);
    ck_assert_int_eq(verdict.kind, VERDICT_HANG);
    verdict_release(&verdict);
    baseline_free(baseline);
    record->steps[1].outcome = OUTCOME_OK;
    judge(excused, JUDGE_BASELINE);
    ck_assert_int_eq(verdict.kind, VERDICT_PASS);
    ck_assert(text_starts(verdict.note, "known: a bug; `first` succeeded"));
}
END_TEST

START_TEST(cells_say_nothing_of_set_up) {
    see("2013", "2006", "ok");
    record->steps[0].outcome = OUTCOME_ERROR;
    judge(CELLS, JUDGE_BASELINE);
    ck_assert_int_eq(verdict.kind, VERDICT_BROKEN);
}
END_TEST

Suite *suite_belief(void) {
    Suite *suite = suite_create("belief");
    TCase *tests = tcase_create("belief");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, judges, 0, COUNT_OF(rows));
    tcase_add_test(tests, measured_gives_way_to_rows_where_it_is_silent);
    tcase_add_test(tests, says_whose_outcomes_are_borrowed);
    tcase_add_loop_test(tests, borrows_what_was_not_measured_itself, 0, COUNT_OF(lent));
    tcase_add_test(tests, says_that_rows_are_borrowed);
    tcase_add_test(tests, finds_a_case_by_its_former_name);
    tcase_add_test(tests, is_not_judged_where_nothing_ran);
    tcase_add_test(tests, excuses_what_broke_a_case_if_that_is_known);
    tcase_add_test(tests, cells_say_nothing_of_set_up);
    suite_add_tcase(suite, tests);
    return suite;
}
