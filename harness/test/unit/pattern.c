// SPDX-License-Identifier: Apache-2.0
// pattern.c - patterns: what they mean, and that no pattern runs forever on any text
//
// Limits are enforced on the process, not by a clock: exceeding them kills it.
#include "base/pattern.h"
#include "base/text.h"
#include "test/lib/bound.h"
#include "test/lib/suites.h"

#include <string.h>

static const struct {
    const char *pattern, *text;
    int matches;
} pairs[] = {
    {"gone", "Server has gone away", 1},
    {"Gone", "Server has gone away", 0},
    {"^gone", "gone away", 1},
    {"^away", "gone\naway", 0},
    {"gone$", "gone\naway", 0},
    {"away$", "gone away", 1},
    {"away$", "gone away\n", 0},
    {"gone.away", "gone\naway", 1},
    {"", "anything", 1},
    {"[[:digit:]]+", "error 2013", 1},
    {"\\(111\\)", "refused (111)", 1},
    {"(reading|writing) packets", "an error writing packets", 1},
    {"(ab)\\1", "abab", 1},
    {"é.è", "éüè", 1},
    {"é.è", "éè", 0},
    {"b", "a\xff\xfe\xc3 b", 1},
    {"^.$", "\xff", 0},
    {"(?i)größe: [0-9]+, über [äöü]", "GRÖßE: 10, ÜBER Ü", 1},
    {"[\\x{80}-\\x{10ffff}]", "ü", 1},
    {"(*LIMIT_MATCH=4000000000)a", "a", 1},
};

START_TEST(means) {
    struct err err = {0};
    cleanup_pattern struct pattern *pattern = pattern_open(pairs[_i].pattern, &err);
    ck_assert_msg(pattern != NULL, "%s", err.what);
    const char *text = pairs[_i].text;
    ck_assert_msg(pattern_matches(pattern, text, strlen(text), NULL, &err) == pairs[_i].matches,
                  "'%s' and '%s'", pairs[_i].pattern, text);
}
END_TEST

static const struct {
    const char *pattern, *text;
    int found;
} logs[] = {
    {"^two$", "one\ntwo\nthree\n", 1},
    {"^two$", "one\ntwo", 1},
    {"^two$", "one two", 0},
    {"one.two", "one\ntwo\n", 0},
    {"^$", "one\n\ntwo\n", 1},
    {"^$", "one\ntwo\n", 0},
    {"^", "", 0},
};

START_TEST(finds_line) {
    struct err err = {0};
    cleanup_pattern struct pattern *pattern = pattern_open(logs[_i].pattern, &err);
    ck_assert_msg(pattern != NULL, "%s", err.what);
    const char *text = logs[_i].text;
    ck_assert_msg(pattern_finds_line(pattern, text, strlen(text), &err) == logs[_i].found,
                  "'%s' and '%s'", logs[_i].pattern, text);
}
END_TEST

#define TOO_WIDE                                                                                   \
    "it ignores case and has a range of characters outside of ASCII, which takes too long; write " \
    "those characters one by one"

static const struct {
    const char *pattern, *refusal;
} wrong[] = {
    {"(?i)[\\x{80}-\\x{10ffff}]", TOO_WIDE},
    {"a(?s-x^i:[a-\xc3\xbc])", TOO_WIDE},
    {"(?xxi)[^a- \t\\N{U+ffff}]", TOO_WIDE},
    {"[a-\\Q\xc3\xbc\\E](?i)", TOO_WIDE},
    {"(?mi)[a-\\E\xc3\xbc]", TOO_WIDE},
    {"(lost", "missing closing parenthesis (after '(lost')"},
    {"Aborted connection .*[[:nothing:]]",
     "unknown POSIX class name (after 'ted connection .*[[:')"},
    {"a\\C", "using \\C is disabled by the application (after 'a\\C')"},
    {"\xff", "UTF-8 error: illegal byte (0xfe or 0xff) (after '')"},
    {"((((((a{1,250}){1,250}){1,250}){1,250}){1,250}){1,250})",
     "regular expression is too large (after '}){1,250}){1,250}})')"},
};

START_TEST(refuses) {
    struct err err = {0};
    ck_assert_ptr_null(pattern_open(wrong[_i].pattern, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    // versions differ in where they report that a pattern is too large
    size_t told = strcspn(wrong[_i].refusal, "}");
    ck_assert_msg(strncmp(err.what, wrong[_i].refusal, told) == 0, "%s", err.what);
}
END_TEST

START_TEST(refuses_long_and_deep) {
    struct err err = {0};
    cleanup_text struct text text = {0};
    for (int i = 0; i <= PATTERN_MAX_BYTES; i++)
        text_add(&text, i < PATTERN_MAX_BYTES ? "(" : "a");
    ck_assert_ptr_null(pattern_open(text_get(&text), &err));
    ck_assert_str_eq(err.what, "it is longer than 1000 bytes");
    ck_assert_ptr_null(pattern_open(text_get(&text) + 1, &err));
    ck_assert_str_eq(err.what, "parentheses are too deeply nested (after '((((((((((((((((((((')");
}
END_TEST

#define SOME_PROPERTIES "\\p{Lu}\\p{Lt}\\p{Lm}\\p{Nd}\\p{Nl}\\p{No}\\p{Pc}\\p{Pd}\\p{Ps}\\p{Pe}"
#define MANY_PROPERTIES                                                                            \
    SOME_PROPERTIES SOME_PROPERTIES SOME_PROPERTIES SOME_PROPERTIES SOME_PROPERTIES                \
        SOME_PROPERTIES SOME_PROPERTIES SOME_PROPERTIES SOME_PROPERTIES "\\p{Ll}"

// Patterns with endless backtracking, and how many letters they are given.
static const struct {
    const char *pattern;
    size_t letters;
} endless[] = {
    {"(a*)(a*)(a*)(a*)(a*)\\1\\2\\3\\4\\5b", 117},
    {"(a+)+[b-c]x", 40},
    {"(a|aa)+[b-c]x", 60},
    {"[a-z]*X|b$", 1000000},
    {"[a-z]*[a-z]*[a-z]*[X-Z]", 100000},
    {"(?:a|b)*[cd]", 10000000},
    {"(?=.*.*[xy])a", 10000000},
    {"(?:(?R)|a)*[xy]", 10000000},
    {"(*NO_START_OPT)(*NO_AUTO_POSSESS)a*b", 10000000},
    {"(*LIMIT_MATCH=4000000000)(*LIMIT_HEAP=4000000000)(a+)+[b-c]x", 40},
    {"(?<=(?=a*+[xy]))c|a", 1000000},
    // each character is tested against the whole class
    {"(?=[" MANY_PROPERTIES "]{16001})", 16000},
};

START_TEST(ends) {
    struct err err = {0};
    bound_process(20, 256 << 20);
    cleanup_pattern struct pattern *pattern = pattern_open(endless[_i].pattern, &err);
    ck_assert_msg(pattern != NULL, "%s", err.what);
    cleanup_free char *text = xcalloc(endless[_i].letters + 3, 1);
    memset(text, 'a', endless[_i].letters);
    strcat(text, "!b");
    int ret = pattern_matches(pattern, text, strlen(text), NULL, &err);
    if (ret < 0)
        ck_assert_ptr_nonnull(strstr(err.what, "cannot be told within the bounds"));
}
END_TEST

START_TEST(meets_bound) {
    struct err err = {0};
    cleanup_pattern struct pattern *pattern = pattern_open("(a+)+[b-c]x", &err);
    static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!bx";
    ck_assert_int_eq(pattern_matches(pattern, "aaaabx", 6, NULL, &err), 1);
    ck_assert_int_eq(pattern_matches(pattern, text, sizeof text - 1, NULL, &err), -1);
    ck_assert_str_eq(err.what, "whether the pattern '(a+)+[b-c]x' matches cannot be told within "
                               "the bounds of time and memory");
    ck_assert_str_eq(err.remedy,
                     "write the pattern with fewer repetitions inside or beside each other");
    ck_assert_int_eq(pattern_matches(pattern, "aaaabx", 6, NULL, &err), 1);
}
END_TEST

START_TEST(steps_are_shared) {
    static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac";
    struct err err = {0};
    cleanup_pattern struct pattern *pattern = pattern_open("a*a*[bd]", &err);
    size_t steps = 1000000, before = steps;
    int matches = 0;
    while (pattern_matches(pattern, text, sizeof text - 1, &steps, &err) == 0) {
        ck_assert_uint_lt(steps, before);
        before = steps;
        matches++;
    }
    ck_assert_int_gt(matches, 1);
    ck_assert_int_eq(pattern_matches(pattern, text, sizeof text - 1, &steps, &err), -1);
    ck_assert_int_eq(pattern_matches(pattern, text, sizeof text - 1, NULL, &err), 0);
}
END_TEST

Suite *suite_pattern(void) {
    Suite *suite = suite_create("pattern");
    TCase *tests = tcase_create("pattern");
    tcase_set_timeout(tests, 60); // they are limited by processor time
    tcase_add_loop_test(tests, means, 0, COUNT_OF(pairs));
    tcase_add_loop_test(tests, finds_line, 0, COUNT_OF(logs));
    tcase_add_loop_test(tests, refuses, 0, COUNT_OF(wrong));
    tcase_add_test(tests, refuses_long_and_deep);
    tcase_add_test(tests, steps_are_shared);
    tcase_add_loop_test(tests, ends, 0, COUNT_OF(endless));
    tcase_add_test(tests, meets_bound);
    suite_add_tcase(suite, tests);
    return suite;
}
