// SPDX-License-Identifier: Apache-2.0
// explain.c - the reference, as plain text and as a manual page
#include "base/text.h"
#include "cli/options.h"
#include "cli/page.h"
#include "explain/answer.h"
#include "explain/contents.h"
#include "explain/reference.h"
#include "explain/story.h"
#include "plan/causes.h"
#include "plan/guesses.h"
#include "plan/kind.h"
#include "test/lib/suites.h"

#include <string.h>

static struct catalog catalog;
static struct images images;

static void set_up(void) {
    struct err err = {0};
    ck_assert_msg(catalog_select(&catalog, ".", 0, NULL, &err) == 0, "%s", err.what);
    ck_assert_msg(images_open(&images, "fixtures", &err) == 0, "%s", err.what);
}

static void tear_down(void) {
    images_close(&images);
    catalog_release(&catalog);
}

static int explain(const char *name, struct text *text, struct err *err) {
    cleanup_free char *data = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&data, &length);
    struct view view = {&catalog, &images};
    int ret = answer_word(out, &view, name, err);
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
    {"resolver", "resolver - in app of hosts, a key of a scenario (a mapping)\n"},
    {"tls", "TCP with TLS required\n"},
    {"or", "or - a key of an outcome"},
    {"deadline", "deadline - a key beside a step's verb"},
    {"deadline", "1ms to 10min)"},
    {"variants", "most 200 items)"},
    {"stub", "absent\n"},
    {"stub", "only over the transport socket: there is no file of that name"},
    {"unsound", "unsound - a verdict\n"},
    {"borrowed", "borrowed - said of expected outcomes\n"},
    {"php", "`goneaway adapter new php DIR`"},
    {"python", "`goneaway adapter new python DIR`"},
    {"mysqli", "php-mysqli - a connector"},
    {"mysql2", "    From npm: mysql2@3."},
    {"mysqli", "php-mysqli - a connector"},
    {"unmeasured", "--strict"},
    {"error-or-new", "success in a new session"},
    {"hang", "hang - a verdict\n"},
    {"hang", "hang - an outcome\n"},
    {"hang", "\n\nhang - a key of an outcome"},
    {"conntrack", "conntrack - a need of the machine\n"},
    {"killed", "killed - a cause\n"},
    {"killed", "Told from others: at any moment"},
    {"1062", "1062 ER_DUP_ENTRY\n"},
    {"1907", "1907 - an error code without a symbol here\n\n  cause "},
    {"headline", " scenarios\n"},
    {"mysql-9.7", "mysql-9.7 - a server\n"},
    {"mysql-9.7", "From Debian's suite sid: mysql-server-core,"},
    {"mysql-5.6", "It runs only where `--server mysql-5.6` names it"},
    {"mysql-5.6", "scenarios are not for it: account-locked (mysql >= 5.7.6, mariadb);"},
    {"pymysql-0.9", "Of the family pymysql,"},
    {"mariadb-cli", "It runs only in scenarios whose `connectors` name it.\n"},
    {"mariadb-c", "mariadb-c - a connector\n"},
    {"haproxy", "haproxy - a proxy\n"},
    {"evidence", "evidence - a key of a scenario (a mapping, see below)\n"},
    {"if", "if - a key of a row\n"},
    {"violates", "violates - a key of a row of outcomes\n"},
    {"recipe", "recipe - a thing\n"},
    {"recipe", "Keys of a connector's recipe (* needed):\n    * title "},
    {"3", "3 - exit status\n"},
    {"exit status", "\n    4  nothing ran\n"},
    {"ERROR 2006 (HY000): MySQL server has gone away", "2006 CR_SERVER_GONE_ERROR\n"},
    {"(2013, 'Lost connection to MySQL server during query')", "2013 CR_SERVER_LOST\n"},
    {"SQLSTATE[HY000]: General error: MySQL server has gone away", "2006 CR_SERVER_GONE_ERROR\n"},
    {"Lost connection to MySQL server at 'reading initial communication packet'",
     "handshake-stalls - a scenario that shows 'reading initial communication packet'\n"},
    {"Lost connection to server during query", "2013 CR_SERVER_LOST\n"},
    {"adapter", "--adapter [NAME=]CMD - an option of run"},
    {"strict", "an option of run"},
    {"--strict", "an option of run"},
    {"run", "run - a command; `goneaway run --help` has its options\n"},
    {"sleep", "sleep - written otherwise\n    in a step: write `idle: 3s`"},
    {"errno", "in an outcome: write the code alone, `first: 2013`"},
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

// For each code that has a page: a line per cause, all on one screen.
START_TEST(a_code_is_told_on_a_screen) {
    enum { SCREEN_LINES = 45, SCREEN_COLUMNS = 132 };
    static const char *const asked[] = {"2006", "2013", "2026"};
    cleanup_text struct text text = {0};
    struct err err = {0};
    ck_assert_int_eq(explain(asked[_i], &text, &err), 0);
    int lines = 0;
    for (const char *line = text_get(&text); *line; line += strcspn(line, "\n") + 1) {
        ck_assert_msg(strcspn(line, "\n") <= SCREEN_COLUMNS, "%s", line);
        lines++;
    }
    ck_assert_msg(lines <= SCREEN_LINES, "%d lines:\n%s", lines, text_get(&text));
}
END_TEST

// The two are told apart by when they happen, and by what the server says.
START_TEST(tells_causes_apart) {
    cleanup_text struct text text = {0};
    struct err err = {0};
    ck_assert_int_eq(explain("2013", &text, &err), 0);
    static const struct {
        const char *cause, *call, *after;
    } lines[] = {
        {"wait-timeout", "next call", "at once"},
        {"connect-timeout", "connecting", "connect_timeout"},
        {"long-query", "itself", "read_timeout"},
        {"net-write-timeout", "running", "at once"},
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        cleanup_free char *head = xprintf("\n  %s ", lines[i].cause);
        const char *found = strstr(text_get(&text), head);
        ck_assert_msg(found != NULL, "%s", text_get(&text));
        cleanup_free char *line = xprintf("%.*s", (int)strcspn(found + 1, "\n"), found + 1);
        ck_assert_msg(strstr(line, lines[i].call) && strstr(line, lines[i].after), "%s", line);
    }
}
END_TEST

// There are more connectors than a word has bits.
START_TEST(each_connector_is_one_of_a_set) {
    struct view view = {&catalog, &images};
    ck_assert_uint_gt(images.connector_count, 32);
    ck_assert_uint_le(images.connector_count, BITS_MOST);
    for (size_t i = 0; i < images.connector_count; i++) {
        struct bits alone = bits_none();
        bits_add(&alone, i);
        cleanup_free char *name = view_connectors(&view, alone);
        ck_assert_str_eq(name, images.connectors[i].name);
    }
}
END_TEST

START_TEST(goes_into_a_cause) {
    char *words[] = {"killed", "2013", "2014"};
    cleanup_free char *data = NULL;
    size_t length = 0;
    struct err err = {0};
    struct view view = {&catalog, &images};
    FILE *out = open_memstream(&data, &length);
    ck_assert_int_eq(answer_code_of_cause(out, &view, words, &err), 0);
    ck_assert_int_eq(answer_code_of_cause(out, &view, words + 1, &err), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(data, "\n\nkilled - a cause\n"));
    const char *idle = strstr(data, "\n  kill-idle - ");
    ck_assert_ptr_nonnull(idle);
    ck_assert_ptr_nonnull(strstr(idle, "first: next call, at once; "));
    ck_assert_ptr_nonnull(strstr(idle, "the server: Aborted_clients +1"));
}
END_TEST

START_TEST(every_cause_has_its_sign) {
    for (const struct word *cause = cause_words; strcmp(cause->name, "other") != 0; cause++)
        ck_assert_msg(*cause_sign(cause->name), "%s", cause->name);
    ck_assert_str_eq(cause_sign("killing"), "");
}
END_TEST

// ---- contents ----------------------------------------------------------------------------------

static void check_answer(const char *word) {
    cleanup_text struct text text = {0};
    struct err err = {0};
    ck_assert_msg(explain(word, &text, &err) == 0, "%s", err.what);
}

// The contents fit on a screen, and every word in them is explained.
START_TEST(contents_fit_and_are_explained) {
    enum { SCREEN_LINES = 40, SCREEN_COLUMNS = 80, COLUMN = 14 };
    cleanup_free char *data = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&data, &length);
    contents_print(out);
    fclose(out);
    int lines = 0;
    bool words = false;
    for (char *line = data, *end; (end = strchr(line, '\n')); line = end + 1, lines++) {
        *end = '\0';
        ck_assert_msg(strlen(line) <= SCREEN_COLUMNS, "%s", line);
        words |= !*line;
        char *rest = NULL;
        for (char *word = words && *line ? strtok_r(line + COLUMN, " ", &rest) : NULL; word;
             word = strtok_r(NULL, " ", &rest))
            if (strcmp(word, "goneaway") != 0) // which is the program
                check_answer(word);
    }
    ck_assert_int_le(lines, SCREEN_LINES);
}
END_TEST

static void check_guess(void *context, const char *word, const char *where, const char *hint) {
    (void)context, (void)where, (void)hint;
    if (strcmp(word, "*") != 0)
        check_answer(word);
}

START_TEST(options_commands_and_guesses_are_explained) {
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)); i++)
        check_answer(row->name);
    for (const struct command *command = commands; command->name; command++)
        check_answer(command->name);
    guesses_visit(check_guess, NULL);
}
END_TEST

static const struct {
    const char *name, *message;
} refusals[] = {
    {"kil", "'kil' is neither an error code nor a word, cause or scenario; did you mean "
            "'kill'?"},
    {"CR_SERVER_LOSS", "'CR_SERVER_LOSS' is neither an error code nor a word, cause or "
                       "scenario; did you mean 'CR_SERVER_LOST'?"},
    {"CR_SERVER_GONE", "'CR_SERVER_GONE' is neither an error code nor a word, cause or scenario; "
                       "did you mean 'CR_SERVER_GONE_ERROR'?"},
    {"7", "'7' is neither an error code nor a word, cause or scenario"},
    {"99999999999999999999", "'99999999999999999999' is neither an error code nor a word, cause or "
                             "scenario"},
    {"", "'' is neither an error code nor a word, cause or scenario"},
    {"unthinkable", "'unthinkable' is neither an error code nor a word, cause or scenario"},
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
    reference_print(out);
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
    page_print_plain(out, reference_print);
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

// ---- stories -----------------------------------------------------------------------------------

static bool has_field(const struct type *type, const char *name) {
    for (const struct field *field = type ? type->fields : NULL; field && field->name; field++)
        if (strcmp(field->name, name) == 0)
            return true;
    return false;
}

// Whatever is in a tale's braces must be an argument of its kind.
static void check_tale(const struct verb *verb, const char *tale) {
    ck_assert_msg(tale && *tale, "'%s' has no tale", verb->name);
    int open = 0;
    for (const char *at = tale; *at; at++) {
        open += (*at == '[') - (*at == ']');
        ck_assert_msg(open >= 0 && open <= 1, "%s", tale);
        if (*at != '{')
            continue;
        at += 1 + (at[1] == '@');
        cleanup_free char *name = xprintf("%.*s", (int)strcspn(at, "}"), at);
        ck_assert_msg(!*name || strcmp(name, "*") == 0 || has_field(verb->args, name),
                      "'%s' has no argument '%s'", verb->name, name);
        at += strlen(name);
    }
    ck_assert_int_eq(open, 0);
}

START_TEST(every_kind_has_its_tale) {
    const struct verb *const *verb = fault_verbs;
    for (; *verb; verb++)
        check_tale(*verb, ((const struct fault_kind *)*verb)->tale);
    for (verb = state_verbs; *verb; verb++)
        check_tale(*verb, ((const struct state_kind *)*verb)->tale);
    for (verb = app_verbs; *verb; verb++)
        check_tale(*verb, ((const struct app_verb *)*verb)->tale);
    for (verb = type_server_act.fields[0].type->verbs; *verb; verb++)
        check_tale(*verb, ((const struct server_verb *)*verb)->tale);
}
END_TEST

static const char told[] =
    "goneaway: 1\n"
    "title: A test\n"
    "cause: other\n"
    "source: somebody\n"
    "transport: [tcp, socket]\n"
    "variants:\n"
    "  idle: {}\n"
    "  kept: {control: true, remedy: \"a ping\"}\n"
    "promise: {first: {error: \"it was \\u009b lost\"}, again: ok}\n"
    "steps:\n"
    "  - app: {connect: {read_timeout: 1s, session: {wait_timeout: 1}}}\n"
    "  - {variants: [idle], fault: {kill: app, id: it}}\n"
    "  - until: {app-socket: closed-by-peer}\n"
    "  - {variants: [kept], idle: {for: 1s, app_pings_every: 100ms}}\n"
    "  - {variants: [idle], transport: tcp, until: {app-socket: gone}}\n"
    "  - {id: first, app: {query: \"SELECT '\\e[31m'\"}}\n"
    "  - {variants: [kept], app: {call: mysql_kill, args: [5]}}\n"
    "  - {id: again, app: connect}\n"
    "outcomes:\n"
    "  - {if: {variant: kept}, first: {ok: true, rows: [[1]]}, again: ok}\n"
    "  - {if: {server: mysql}, first: {error: 2013, message: lost, within: {min: 1s, max: 2s}, "
    "or: [2006], why: a race}, again: ok, evidence: {Aborted_clients: 1}, "
    "because: it is so}\n"
    "  - {first: 2006, again: ok}\n";

static const char *const story_lines[] = {
    "told - a scenario\n    A test.\n    Cause: other. 4 cases, over tcp, socket.\n",
    "judged):\n    The app connects (read_timeout 1s, session {wait_timeout 1}).\n",
    "    [idle] Another session kills the session of the app (fault `it`).\n",
    "    [idle] Wait until the app's end of the connection is closed-by-peer.\n",
    "    [kept] Nothing happens for 1s, but that every app pings every 100ms.\n",
    "    [idle over tcp] Wait until the app's end of the connection is gone.\n",
    "    first: The app runs `SELECT '\\x1b[31m'`.\n",
    "[idle] first: an error (it was \\u009b lost); again: success\n",
    "[kept] success throughout",
    "    [kept] The app calls mysql_kill with 5.\n",
    ("    [idle] libmysqlclient on mysql-9.7: first 2013 (message 'lost', after 1.0\n"
     "      s to 2.0 s) or 2006; again ok\n"),
    "    [kept] mariadb-c: first ok (rows [[1]]); again ok\n",
    "    [idle] Aborted_clients +1\n",
    "Why:\n    [idle] it is so\n",
    "    [kept] a ping: helps\n",
    "Sources:\n    somebody\n",
};

START_TEST(tells_a_story) {
    cleanup_free char *data = NULL;
    size_t length = 0;
    struct err err = {0};
    struct view view = {&catalog, &images};
    struct scenario *scenario = scenario_parse("told.yml", told, strlen(told), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    FILE *out = open_memstream(&data, &length);
    story_print(out, &view, scenario, "told");
    fclose(out);
    scenario_free(scenario);
    for (size_t i = 0; i < COUNT_OF(story_lines); i++)
        ck_assert_msg(strstr(data, story_lines[i]) != NULL, "no '%s' in:\n%s", story_lines[i],
                      data);
    ck_assert_ptr_null(strchr(data, '\x1b'));
}
END_TEST

// Every story in the catalogue can be told: no step without words, no line too wide.
START_TEST(tells_every_story) {
    for (size_t i = 0; i < catalog.count; i++) {
        cleanup_text struct text text = {0};
        struct err err = {0};
        ck_assert_int_eq(explain(catalog.items[i].scenario->name, &text, &err), 0);
        cleanup_free char *head = xprintf("%s - a scenario\n", catalog.items[i].scenario->name);
        const char *story = strstr(text_get(&text), head);
        ck_assert_msg(story != NULL, "%s", text_get(&text));
        ck_assert_msg(!strstr(story, "{}") && !strstr(story, "(null)"), "%.2000s", story);
    }
}
END_TEST

START_TEST(tells_of_one_case) {
    cleanup_text struct text text = {0};
    struct err err = {0};
    ck_assert_int_eq(explain("kill-idle@socket", &text, &err), 0);
    ck_assert_ptr_nonnull(strstr(text_get(&text), " 1 case, over socket; "));
}
END_TEST

Suite *suite_explain(void) {
    Suite *suite = suite_create("explain");
    TCase *tests = tcase_create("explain");
    tcase_add_unchecked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, a_code_is_told_on_a_screen, 0, 3);
    tcase_add_test(tests, tells_causes_apart);
    tcase_add_test(tests, each_connector_is_one_of_a_set);
    tcase_add_test(tests, goes_into_a_cause);
    tcase_add_test(tests, every_cause_has_its_sign);
    tcase_add_loop_test(tests, explains, 0, COUNT_OF(explanations));
    tcase_add_test(tests, fits_a_terminal);
    tcase_add_test(tests, contents_fit_and_are_explained);
    tcase_add_test(tests, options_commands_and_guesses_are_explained);
    tcase_add_loop_test(tests, refuses, 0, COUNT_OF(refusals));
    tcase_add_test(tests, page_is_whole);
    tcase_add_test(tests, page_is_plain_in_a_pipe);
    tcase_add_test(tests, every_kind_has_its_tale);
    tcase_add_test(tests, tells_a_story);
    tcase_add_test(tests, tells_every_story);
    tcase_add_test(tests, tells_of_one_case);
    suite_add_tcase(suite, tests);
    return suite;
}
