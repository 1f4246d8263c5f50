// SPDX-License-Identifier: Apache-2.0
// answer.c - answers of adapters that follow the protocol or violate it
#include "run/answer.h"
#include "test/lib/suites.h"

#include <string.h>

static const struct {
    const char *line, *fault; // "": it is valid
} rows[] = {
    {"{\"outcome\":\"ok\"}", ""},
    {"{\"outcome\":\"error\",\"errno\":65535,\"rows\":[[1,\"a\",null,true,0.5],[]]}", ""},
    {"{\"outcome\":\"ok\",\"message\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"}", ""},
    {"{\"outcome\":\"ok\",\"more\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
     ""},
    {"{\"outcome\":\"ok\",\"more\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
     "}",
     "is nested deeper than 32 levels: {"},
    {"", "is not of the protocol: "},
    {"[]", "is not of the protocol: []"},
    {"{\"outcome\":\"hang\"}", "is not of the protocol: {"}, // for the harness to decide
    {"{\"outcome\":\"error\",\"errno\":65536}", "is not of the protocol: {"},
    {"{\"outcome\":\"ok\",\"rows\":{}}", "is not of the protocol: {"},
    {"{\"outcome\":\"ok\",\"rows\":[1]}", "is not of the protocol: {"},
    {"{\"outcome\":\"ok\",\"rows\":[[[]]]}", "is not of the protocol: {"},
};

START_TEST(answers_keep_to_the_protocol) {
    cleanup_record struct record *record = record_new("a");
    struct record_step *step = record_add_step(record);
    struct err err = {0};
    json_t *answer = answer_read(rows[_i].line, step, &err);
    ck_assert_int_eq(answer != NULL, *rows[_i].fault == '\0');
    ck_assert_msg(text_starts(err.what, rows[_i].fault), "%s", err.what);
    json_decref(answer);
}
END_TEST

Suite *suite_answer(void) {
    Suite *suite = suite_create("answer");
    TCase *tests = tcase_create("answer");
    tcase_add_loop_test(tests, answers_keep_to_the_protocol, 0, (int)COUNT_OF(rows));
    suite_add_tcase(suite, tests);
    return suite;
}
