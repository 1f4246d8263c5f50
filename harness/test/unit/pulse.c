// SPDX-License-Identifier: Apache-2.0
// pulse.c - how far a run is, and how much longer it takes
#include "test/lib/suites.h"

#include "base/text.h"
#include "report/pulse.h"
#include "run/items.h"

#include <string.h>

static struct pulse_case cases[] = {
    {"wait-timeout/query@socket", 8200}, {"path-cut@tcp", 5900}, {"kill-idle@tcp", 1999}};

static const struct {
    struct pulse pulse;
    int width;
    const char *line;
} lines[] = {
    {{.planned = 5, .left_ms = -1}, 79, "0/5"},
    {{.done = 1, .planned = 5, .left_ms = 100}, 79, "1/5, about 5 s left"},
    {{.done = 1, .planned = 5, .left_ms = 42400, .failed = 2},
     79,
     "1/5, 2 failed, about 40 s left"},
    {{.planned = 5, .left_ms = 119000}, 79, "0/5, about 2 min left"},
    {{.planned = 5, .left_ms = 6900000}, 79, "0/5, about 1 h 55 min left"},
    {{.planned = 5, .left_ms = -1, .count = 3, .cases = cases},
     79,
     "0/5: wait-timeout/query@socket 8 s, path-cut@tcp 5 s"},
    {{.planned = 5, .left_ms = -1, .count = 3, .cases = cases},
     51,
     "0/5: wait-timeout/query@socket 8 s"},
    {{.planned = 5, .left_ms = -1, .count = 3, .cases = cases},
     30,
     "0/5: wait-timeout/query@s… 8 s"},
    {{.planned = 5, .left_ms = -1, .count = 3, .cases = cases}, 12, "0/5"},
    {{.planned = 5, .left_ms = 42400, .failed = 2}, 8, "0/5, 2 f"},
};

START_TEST(line_fits) {
    cleanup_free char *line = pulse_line(&lines[_i].pulse, lines[_i].width, true);
    ck_assert_str_eq(line, lines[_i].line);
}
END_TEST

START_TEST(line_is_safe_to_look_at) {
    struct pulse_case one = {"a\033[2J\n@tcp", 3000};
    struct pulse pulse = {.planned = 1, .left_ms = -1, .count = 1, .cases = &one};
    cleanup_free char *line = pulse_line(&pulse, 79, false);
    ck_assert_str_eq(line, "0/1: a\\x1b[2J\\n@tcp 3 s");
}
END_TEST

START_TEST(sentence_names_slow_cases) {
    static struct pulse_case slow[] = {
        {"a@tcp", 61000}, {"b@tcp", 12000}, {"c@tcp", 11000}, {"d@tcp", 10500}, {"e@tcp", 9000}};
    struct pulse pulse = {.done = 12,
                          .planned = 40,
                          .failed = 1,
                          .ms = 200000,
                          .left_ms = 300000,
                          .count = 5,
                          .cases = slow};
    cleanup_free char *text = pulse_sentence(&pulse, false);
    ck_assert_str_eq(text, "goneaway: 12 of 40 cases in 3 min, 1 failed, about 5 min left; still "
                           "running: a@tcp for 61 s, b@tcp for 12 s, c@tcp for 11 s");
}
END_TEST

static const struct {
    double ms;
    int done;
    bool due; // after a sentence at 100 s, when 10 of 100 were done
} dues[] = {{129000, 50, false}, {130000, 19, false}, {130000, 20, true},
            {399000, 10, false}, {400000, 10, true},  {130000, 100, false}};

START_TEST(sentence_comes_now_and_then) {
    struct pulse pulse = {.done = dues[_i].done, .planned = 100, .ms = dues[_i].ms};
    ck_assert_int_eq(pulse_is_due(&pulse, 100000, 10), dues[_i].due);
}
END_TEST

// ---- how much longer ---------------------------------------------------------------------------

#define OVER(waits, took)                                                                          \
    { .waits_ms = (waits), .began_ms = 1, .took_ms = (took) }
#define RUNS(waits, began)                                                                         \
    { .waits_ms = (waits), .began_ms = (began), .took_ms = -1 }
#define LATER(waits)                                                                               \
    { .waits_ms = (waits), .took_ms = -1 }

static const struct {
    int jobs;
    struct run_item items[4];
    double left_ms; // at 10000
} estimates[] = {
    {1, {LATER(100), LATER(100), LATER(100), LATER(100)}, -1},
    {1, {OVER(0, 500), OVER(1000, 1500), LATER(0), LATER(2000)}, 3000}, // plus 500 ms each
    {2, {OVER(0, 500), OVER(1000, 1500), LATER(0), LATER(2000)}, 2500}, // the longest case alone
    {1, {OVER(1000, 500), LATER(1000), LATER(1000), LATER(0)}, 1000},   // it did not hang
    {1, {OVER(1000, 100), OVER(0, 500), LATER(0), LATER(1000)}, 600},   // but the rest is not free
                                                                        // either
    {1, {OVER(0, 500), RUNS(2000, 9000), LATER(0), LATER(0)}, 2500},    // 1 s of it has passed
    {1, {OVER(0, 500), RUNS(2000, 1000), LATER(0), LATER(0)}, 1000},    // overdue
    {1, {OVER(0, 500), OVER(0, 500), OVER(0, 500), OVER(0, 500)}, 0},
};

START_TEST(rest_is_estimated) {
    double left = items_left_ms(estimates[_i].items, 4, estimates[_i].jobs, 10000);
    ck_assert_double_eq_tol(left, estimates[_i].left_ms, 0.1);
}
END_TEST

Suite *suite_pulse(void) {
    Suite *suite = suite_create("pulse");
    TCase *all = tcase_create("pulse");
    tcase_add_loop_test(all, line_fits, 0, (int)COUNT_OF(lines));
    tcase_add_test(all, line_is_safe_to_look_at);
    tcase_add_test(all, sentence_names_slow_cases);
    tcase_add_loop_test(all, sentence_comes_now_and_then, 0, (int)COUNT_OF(dues));
    tcase_add_loop_test(all, rest_is_estimated, 0, (int)COUNT_OF(estimates));
    suite_add_tcase(suite, all);
    return suite;
}
