// SPDX-License-Identifier: Apache-2.0
// verdict.c - judges saved records, without any server
//
// Each file of fixtures/test/records has a record, the case that it is of and what it must be judged as:
// {"scenario": a file there or a path in the source tree, "case": its id, "time_scale": 1,
// "record": as record_to_json() writes it, "verdict": "wrong-code", "why": ".."}.
#include "test/lib/suites.h"
#include "verdict/verdict.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

static struct err err;
static struct scenario *scenario;
static struct record *record;
static json_t *saved;
static struct verdict verdict;
static glob_t files;

static void tear_down(void) {
    verdict_release(&verdict);
    record_free(record);
    scenario_free(scenario);
    json_decref(saved);
    record = NULL, scenario = NULL, saved = NULL;
}

static char *place(const char *path) {
    const char *home = getenv("GONEAWAY_HOME");
    return xprintf("%s/%s", home && *home ? home : ".", path);
}

static const char *text_of(const char *key) {
    const char *text = json_string_value(json_object_get(saved, key));
    ck_assert_msg(text != NULL, "'%s' is missing", key);
    return text;
}

static const struct plan_case *find_case(void) {
    const char *file = text_of("scenario"), *id = text_of("case");
    cleanup_free char *beside = xprintf("fixtures/test/records/%s", file);
    cleanup_free char *path = place(strchr(file, '/') ? file : beside);
    scenario = scenario_read(path, &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    for (size_t i = 0; i < scenario->case_count; i++)
        if (strcmp(scenario->cases[i].id, id) == 0)
            return &scenario->cases[i];
    ck_abort_msg("%s has no case %s", path, id);
    return NULL;
}

static const struct plan_case *load(const char *path) {
    json_error_t error;
    saved = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(saved != NULL, "%s:%d: %s", path, error.line, error.text);
    record = record_from_json(json_object_get(saved, "record"), &err);
    ck_assert_msg(record != NULL, "%s: %s", path, err.what);
    return find_case();
}

START_TEST(judges_record) {
    const char *path = files.gl_pathv[_i];
    const struct plan_case *plan = load(path);
    const json_t *scale = json_object_get(saved, "time_scale");
    verdict_of(plan, record, scale ? json_number_value(scale) : 1, &verdict);
    ck_assert_msg(strcmp(verdict_names[verdict.kind], text_of("verdict")) == 0, "%s: judged %s: %s",
                  path, verdict_names[verdict.kind], verdict.why);
    ck_assert_msg(strcmp(verdict.why, text_of("why")) == 0, "%s: says: %s", path, verdict.why);
}
END_TEST

START_TEST(every_verdict_is_saved) {
    for (int kind = 0; kind < VERDICT_COUNT; kind++) {
        cleanup_free char *name = xprintf("/%s", verdict_names[kind]);
        bool found = false;
        for (size_t i = 0; i < files.gl_pathc; i++)
            found = found || strstr(files.gl_pathv[i], name);
        ck_assert_msg(found, "no record of a %s", verdict_names[kind]);
    }
}
END_TEST

START_TEST(judging_twice_is_the_same) {
    cleanup_free char *path = place("fixtures/test/records/wrong-code-second-step.json");
    const struct plan_case *plan = load(path);
    struct verdict again;
    verdict_of(plan, record, 1, &verdict);
    verdict_of(plan, record, 1, &again);
    ck_assert_int_eq(again.kind, verdict.kind);
    ck_assert_str_eq(again.why, verdict.why);
    ck_assert_ptr_eq(again.row, verdict.row);
    ck_assert_int_eq(again.step, verdict.step);
    verdict_release(&again);
}
END_TEST

START_TEST(tells_where) {
    cleanup_free char *path = place("fixtures/test/records/wrong-code-second-step.json");
    const struct plan_case *plan = load(path);
    verdict_of(plan, record, 1, &verdict);
    ck_assert_int_eq(verdict.step, 2);
    ck_assert_ptr_nonnull(verdict.row);
    ck_assert_ptr_null(verdict_expected(&verdict, &record->steps[0]));
    ck_assert_str_eq(verdict_expected(&verdict, &record->steps[1]), "2013");
    ck_assert_str_eq(verdict_expected(&verdict, &record->steps[2]), "ok");
}
END_TEST

START_TEST(tells_nothing_without_a_row) {
    cleanup_free char *path = place("fixtures/test/records/unmeasured.json");
    const struct plan_case *plan = load(path);
    verdict_of(plan, record, 1, &verdict);
    ck_assert_int_eq(verdict.step, -1);
    ck_assert_ptr_null(verdict.row);
    ck_assert_ptr_null(verdict_expected(&verdict, &record->steps[1]));
}
END_TEST

// ---- the exit status ---------------------------------------------------------------------------

static const struct {
    int counts[VERDICT_COUNT];
    bool skip_is_forbidden, strict;
    int status;
} statuses[] = {
    {{0}, false, false, 4},
    {{0}, true, false, 4},
    {{[VERDICT_PASS] = 1}, false, false, 0},
    {{[VERDICT_PASS] = 1}, true, false, 0},
    {{[VERDICT_SKIP] = 1}, false, false, 4},
    {{[VERDICT_SKIP] = 1}, true, false, 3},
    {{[VERDICT_PASS] = 1, [VERDICT_SKIP] = 1}, false, false, 0},
    {{[VERDICT_PASS] = 1, [VERDICT_SKIP] = 1}, true, false, 3},
    {{[VERDICT_PASS] = 9, [VERDICT_WRONG_CODE] = 1}, false, false, 1},
    {{[VERDICT_FAIL] = 1}, false, false, 1},
    {{[VERDICT_HANG] = 1}, false, false, 1},
    {{[VERDICT_CRASH] = 1}, false, false, 1},
    {{[VERDICT_UNMEASURED] = 1, [VERDICT_SKIP] = 1}, false, false, 0},
    {{[VERDICT_UNMEASURED] = 1, [VERDICT_SKIP] = 1}, false, true, 1},
    {{[VERDICT_PASS] = 9, [VERDICT_BROKEN] = 1}, false, false, 3},
    {{[VERDICT_WRONG_CODE] = 1, [VERDICT_BROKEN] = 1}, false, false, 3},
    {{[VERDICT_WRONG_CODE] = 1, [VERDICT_SKIP] = 1}, true, false, 3},
};

START_TEST(exit_status) {
    ck_assert_int_eq(verdict_exit_status(statuses[_i].counts, statuses[_i].skip_is_forbidden,
                                         statuses[_i].strict),
                     statuses[_i].status);
}
END_TEST

static const struct {
    int counts[VERDICT_COUNT];
    int status;
} bisections[] = {
    {{[VERDICT_PASS] = 2}, 0},
    {{[VERDICT_PASS] = 1, [VERDICT_WRONG_CODE] = 1}, 1},
    {{[VERDICT_FAIL] = 1}, 1},
    {{[VERDICT_HANG] = 1}, 1},
    {{[VERDICT_CRASH] = 1}, 1},
    {{[VERDICT_UNSOUND] = 1}, 1},
    {{[VERDICT_UNSOUND] = 1, [VERDICT_BROKEN] = 1}, 1}, // what was seen was seen
    {{0}, 125},
    {{[VERDICT_BROKEN] = 1}, 125},
    {{[VERDICT_PASS] = 9, [VERDICT_BROKEN] = 1}, 125},
    {{[VERDICT_PASS] = 9, [VERDICT_SKIP] = 1}, 125},
    {{[VERDICT_PASS] = 9, [VERDICT_UNMEASURED] = 1}, 125},
};

START_TEST(bisect_status) {
    ck_assert_int_eq(verdict_bisect_status(bisections[_i].counts), bisections[_i].status);
}
END_TEST

Suite *suite_verdict(void) {
    Suite *suite = suite_create("verdict");
    TCase *tests = tcase_create("verdict");
    cleanup_free char *pattern = place("fixtures/test/records/*.json");
    glob(pattern, 0, NULL, &files);
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, every_verdict_is_saved);
    tcase_add_loop_test(tests, judges_record, 0, (int)files.gl_pathc);
    tcase_add_test(tests, judging_twice_is_the_same);
    tcase_add_test(tests, tells_where);
    tcase_add_test(tests, tells_nothing_without_a_row);
    tcase_add_loop_test(tests, exit_status, 0, COUNT_OF(statuses));
    tcase_add_loop_test(tests, bisect_status, 0, COUNT_OF(bisections));
    suite_add_tcase(suite, tests);
    return suite;
}
