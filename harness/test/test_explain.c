// SPDX-License-Identifier: Apache-2.0
// test_explain.c - the reference, as plain text and as a manual page
#include "base/text.h"
#include "main/explain.h"
#include "main/page.h"
#include "test/suites.h"

#include <string.h>

static int explain(const char *name, struct text *text, struct err *err) {
    cleanup_free char *data = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&data, &length);
    int ret = explain_print(out, name, err);
    fclose(out);
    text_append(text, data, length);
    return ret;
}

static const struct {
    const char *name, *wanted;
} explanations[] = {
    {"2013", "2013 CR_SERVER_LOST\n"},
    {"CR_SERVER_GONE_ERROR", "2006 CR_SERVER_GONE_ERROR\n"},
    {"4031", "The server sends this code"},
    {"kill", "kill - a fault"},
    {"kill", "mysqladmin\n            the program"},
    {"drop", "Not over the transport socket."},
    {"install", "The server serves no other case afterwards."},
    {"memory", "The server serves no other case, before or afterwards."},
    {"idle", "for (a duration such as 500ms, 1.6s or 2min; 1ms to 1h; required)\n"},
    {"idle", "idle - in is of session, a state to wait for\n"},
    {"fault", "pause (a name of letters"},
    {"resolver", "resolver - in app of host, a key of a scenario (a mapping)\n"},
    {"tls", "TCP with TLS required\n"},
    {"or", "or - a key of an outcome"},
    {"deadline", "deadline - a key beside a step's verb"},
    {"deadline", "1ms to 10min)"},
    {"variants", "most 200 items)"},
    {"stub", "absent\n"},
    {"login", "login - what a raw step does (a mapping, or only its `user`)\n"},
};

START_TEST(explains) {
    cleanup_text struct text text = {0};
    struct err err = {0};
    ck_assert_msg(explain(explanations[_i].name, &text, &err) == 0, "%s", err.what);
    ck_assert_msg(strstr(text_get(&text), explanations[_i].wanted) != NULL, "%s", text_get(&text));
}
END_TEST

START_TEST(fits_a_terminal) {
    cleanup_text struct text text = {0};
    struct err err = {0};
    ck_assert_int_eq(explain("server", &text, &err), 0);
    for (const char *line = text_get(&text); *line; line += strcspn(line, "\n") + 1)
        ck_assert_msg(strcspn(line, "\n") <= 80, "%s", line);
}
END_TEST

static const struct {
    const char *name, *message;
} refusals[] = {
    {"kil", "'kil' is neither an error code nor a word of the scenario language; did you mean "
            "'kill'?"},
    {"CR_SERVER_LOSS", "'CR_SERVER_LOSS' is neither an error code nor a word of the scenario "
                       "language; did you mean 'CR_SERVER_LOST'?"},
    {"7", "'7' is neither an error code nor a word of the scenario language"},
    {"", "'' is neither an error code nor a word of the scenario language"},
    {"unthinkable", "'unthinkable' is neither an error code nor a word of the scenario language"},
};

START_TEST(refuses) {
    cleanup_text struct text text = {0};
    struct err err = {0};
    ck_assert_int_eq(explain(refusals[_i].name, &text, &err), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.what, refusals[_i].message);
    ck_assert_str_eq(text_get(&text), "");
}
END_TEST

START_TEST(page_is_whole) {
    cleanup_free char *data = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&data, &length);
    explain_reference(out);
    fclose(out);
    int depth = 0;
    for (const char *line = data; *line; line += strcspn(line, "\n") + 1) {
        depth += text_starts(line, ".RS") - text_starts(line, ".RE");
        ck_assert_int_ge(depth, 0);
    }
    ck_assert_int_eq(depth, 0);
    ck_assert_ptr_nonnull(strstr(data, "\\fBapp\\-socket\\fR (a mapping"));
    ck_assert_ptr_nonnull(strstr(data, ".SH SEE ALSO\n"));
}
END_TEST

START_TEST(page_is_plain_in_a_pipe) {
    cleanup_free char *data = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&data, &length);
    page_print_plain(out, explain_reference);
    fclose(out);
    for (const char *line = data; *line; line += strcspn(line, "\n") + 1) {
        ck_assert_msg(*line != '.' && strncmp(line, "\\f", 2) != 0, "%.80s", line);
        ck_assert_msg(strcspn(line, "\n") <= 120, "%.130s", line);
    }
    ck_assert_ptr_nonnull(strstr(data, "\nFAULTS\n    `fault: {KIND"));
    ck_assert_ptr_nonnull(strstr(data, "\n    app-socket (a mapping"));
    ck_assert_ptr_nonnull(strstr(data, "\n        of (a name"));
    ck_assert_ptr_nonnull(strstr(data, "\n      - {id: first, app: {query: SELECT 1}}\n"));
    ck_assert_ptr_null(strstr(data, "\\-"));
    ck_assert_int_eq(*data, 'N');
}
END_TEST

Suite *suite_explain(void) {
    Suite *suite = suite_create("explain");
    TCase *tests = tcase_create("explain");
    tcase_add_loop_test(tests, explains, 0, COUNT_OF(explanations));
    tcase_add_test(tests, fits_a_terminal);
    tcase_add_loop_test(tests, refuses, 0, COUNT_OF(refusals));
    tcase_add_test(tests, page_is_whole);
    tcase_add_test(tests, page_is_plain_in_a_pipe);
    suite_add_tcase(suite, tests);
    return suite;
}
