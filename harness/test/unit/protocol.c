// SPDX-License-Identifier: Apache-2.0
// protocol.c - the rules of the protocol stand in it, and answers that break them are known
#include "test/lib/suites.h"

#include "base/file.h"
#include "protocol/adapter_test.h"
#include "protocol/shape.h"

#include <string.h>

static struct err err;

// The words of a rule lead to its line.
START_TEST(rules_stand_in_the_protocol) {
    cleanup_text struct text protocol = {0};
    ck_assert_msg(file_read("fixtures/connectors/PROTOCOL.md", 1 << 20, &protocol, &err) == 0, "%s",
                  err.what);
    cleanup_free char *heading = NULL;
    int line = adapter_test_find_line(text_get(&protocol), rules[_i], &heading);
    ck_assert_msg(line > 0, "PROTOCOL.md has no '%s'", rules[_i]);
    ck_assert_ptr_nonnull(heading);
    const char *first = strstr(text_get(&protocol), rules[_i]);
    ck_assert_msg(!strstr(first + 1, rules[_i]), "PROTOCOL.md has '%s' twice", rules[_i]);
}
END_TEST

#define OK "{\"outcome\":\"ok\",\"us\":5"
#define ERROR "{\"outcome\":\"error\",\"us\":5,\"message\":\"m\",\"native\":\"n\",\"nrows\":0"

static const struct {
    const char *operation, *line;
    int rule; // -1: no rule is broken
} answers[] = {
    {"ping", OK "}", -1},
    {"ping", OK ",\"thread\":12,\"events\":[\"ECONNRESET\"],\"other\":{}}", -1},
    {"query", OK ",\"nrows\":1,\"rows\":[[1,\"one\",null]],\"affected\":-1,\"warnings\":0}", -1},
    {"query", ERROR ",\"errno\":1064,\"sqlstate\":\"42000\"}", -1},
    {"query", ERROR ",\"errno\":0,\"sqlstate\":\"\"}", -1},
    {"query", "{\"outcome\":\"unsupported\",\"us\":0,\"message\":\"m\"}", -1},
    {"ping", "pong", RULE_LINE},
    {"ping", "[]", RULE_LINE},
    {"ping", "{\"outcome\":\"ok\",\"us\":5,\"us\":6}", RULE_ONCE},
    {"ping", OK ",\"x\":\"\\u0000\"}", RULE_ONCE},
    {"ping", OK ",\"x\":\"\xff\"}", RULE_LINE},
    {"ping", "{\"us\":5}", RULE_OUTCOME},
    {"ping", "{\"outcome\":\"fine\",\"us\":5}", RULE_OUTCOME},
    {"ping", "{\"outcome\":\"ok\"}", RULE_US},
    {"ping", "{\"outcome\":\"ok\",\"us\":-1}", RULE_US},
    {"ping", "{\"outcome\":\"ok\",\"us\":1.5}", RULE_US},
    {"ping", "{\"outcome\":\"ok\",\"us\":2000000}", RULE_US},
    {"ping", "{\"outcome\":\"unsupported\",\"us\":0}", RULE_MESSAGE},
    {"query", ERROR "}", RULE_ERRNO},
    {"query", ERROR ",\"errno\":-111}", RULE_ERRNO},
    {"query", ERROR ",\"errno\":70000}", RULE_ERRNO},
    {"query", ERROR ",\"errno\":\"1064\"}", RULE_ERRNO},
    {"query", ERROR ",\"errno\":1,\"sqlstate\":\"4200\"}", RULE_SQLSTATE},
    {"ping", "{\"outcome\":\"error\",\"us\":5,\"message\":\"m\",\"errno\":0}", RULE_NATIVE},
    {"ping", OK ",\"events\":\"x\"}", RULE_EVENTS},
    {"ping", OK ",\"thread\":\"12\"}", RULE_THREAD},
    {"query", OK ",\"nrows\":1,\"rows\":[1]}", RULE_ROWS},
    {"query", OK "}", RULE_NROWS},
    {"query", OK ",\"nrows\":0,\"affected\":18446744073709551615.0}", RULE_AFFECTED},
    {"query", OK ",\"nrows\":0,\"warnings\":null}", RULE_WARNINGS},
    {"query", OK ",\"nrows\":1,\"rows\":[[1.5]]}", RULE_CELL},
    {"query", OK ",\"nrows\":1,\"rows\":[[true]]}", RULE_CELL},
    {"query", OK ",\"nrows\":1,\"rows\":[[[1]]]}", RULE_CELL},
};

START_TEST(answers_are_held_against_the_rules) {
    struct findings findings = {json_array()};
    json_decref(shape_read(&findings, answers[_i].operation, answers[_i].line, 10));
    const json_t *first = json_array_get(findings.list, 0);
    const char *rule = json_string_value(json_object_get(first, "rule"));
    const char *wanted = answers[_i].rule < 0 ? NULL : rules[answers[_i].rule];
    ck_assert_uint_eq(json_array_size(findings.list), wanted ? 1 : 0);
    ck_assert_msg(!wanted || strcmp(rule, wanted) == 0, "%s breaks '%s'", answers[_i].line, rule);
    json_decref(findings.list);
}
END_TEST

static void check_cell(size_t length, const char *tail, bool sound) {
    struct findings findings = {json_array()};
    cleanup_free char *text = xmalloc(length + 1);
    memset(text, 'x', length);
    text[length] = '\0';
    cleanup_free char *line = xprintf(OK ",\"nrows\":1,\"rows\":[[\"%s%s\"]]}", text, tail);
    json_decref(shape_read(&findings, "query", line, 10));
    ck_assert_uint_eq(json_array_size(findings.list), sound ? 0 : 1);
    json_decref(findings.list);
}

START_TEST(long_cells_are_cut) {
    static const size_t most = 256;
    check_cell(most, "", true);
    check_cell(most, "...(300 bytes)", true);
    check_cell(most - 2, "...(300 bytes)", true); // in the middle of a character
    check_cell(most + 1, "", false);
    check_cell(most, "...", false);
    check_cell(2 * most, "...(512 bytes)", false);
}
END_TEST

// An adapter that does everything wrong still has a limited number of findings.
START_TEST(findings_are_few) {
    struct findings findings = {json_array()};
    for (int i = 0; i < 1000; i++) {
        cleanup_free char *operation = xprintf("operation-%d", i);
        findings_add(&findings, operation, RULE_US, "x");
        findings_add(&findings, operation, RULE_US, "again");
    }
    ck_assert_uint_eq(json_array_size(findings.list), 200);
    ck_assert_uint_eq(findings_count(findings.list, "operation-7"), 1);
    json_decref(findings.list);
}
END_TEST

// A worker may send anything to the main process.
START_TEST(unsound_results_are_refused) {
    static const char *const unsound[] = {
        "{}", "[]", "{\"findings\":[],\"operations\":[]}",
        "{\"findings\":[{\"operation\":\"x\",\"rule\":5,\"saw\":\"y\"}],\"operations\":{}}",
        "{\"findings\":[],\"operations\":{\"ping\":1}}"};
    for (size_t i = 0; i < COUNT_OF(unsound); i++) {
        json_auto_t *found = json_loads(unsound[i], 0, NULL);
        ck_assert(!adapter_test_is_sound(found));
    }
    json_auto_t *found = json_loads("{\"findings\":[],\"operations\":{\"ping\":\"ok\"}}", 0, NULL);
    ck_assert(adapter_test_is_sound(found));
    ck_assert(!adapter_test_is_sound(NULL));
}
END_TEST

Suite *suite_protocol(void) {
    Suite *suite = suite_create("protocol");
    TCase *all = tcase_create("protocol");
    tcase_add_loop_test(all, rules_stand_in_the_protocol, 0, RULE_COUNT);
    tcase_add_loop_test(all, answers_are_held_against_the_rules, 0, (int)COUNT_OF(answers));
    tcase_add_test(all, long_cells_are_cut);
    tcase_add_test(all, findings_are_few);
    tcase_add_test(all, unsound_results_are_refused);
    suite_add_tcase(suite, all);
    return suite;
}
