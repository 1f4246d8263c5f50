// SPDX-License-Identifier: Apache-2.0
// matrix.c - the matrix of a run, and cases with the same reason
#include "report/matrix.h"
#include "report/reasons.h"
#include "report/saved.h"

#include "base/utf8.h"
#include "test/lib/suites.h"

#include <stdio.h>
#include <string.h>

// ---- cases -------------------------------------------------------------------------------------

/** A case on a line. */
struct spec {
    const char *scenario, *variant;
    enum transport transport;
    const char *server, *connector;
    const char *seen; ///< how its judged calls ended: "ok 2013 hang", "E!x": an error of class E
    enum verdict_kind verdict;
    enum promise_state promise;
};

#define MYSQL "mysql-9.7"
#define MARIA "mariadb-10.11"

static void add_call(struct record *record, const char *word) {
    struct record_step *step = record_add_step(record);
    step->number = (int)record->step_count;
    step->id = xstrdup("call");
    step->outcome = OUTCOME_ERROR;
    step->error = atoi(word);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (strcmp(outcome_names[i], word) == 0)
            step->outcome = (enum outcome_kind)i;
    if (step->outcome == OUTCOME_ERROR && step->error == 0)
        step->native = xstrdup(word);
}

static struct record *record_of(const struct spec *spec) {
    cleanup_free char *words = xstrdup(spec->seen);
    struct record *record = record_new("case");
    char *rest = words;
    record->server = xstrdup(spec->server);
    record->connector = xstrdup(spec->connector);
    record->connector_version =
        xstrdup(strcmp(spec->connector, "libmysqlclient") == 0 ? "9.7.4" : "");
    struct record_step *connect = record_add_step(record);
    connect->verb = xstrdup("connect");
    for (char *word; (word = strsep(&rest, " "));)
        if (*word)
            add_call(record, word);
    return record;
}

static const char *title; // of all scenarios

// Adds the case, or what a json report keeps of it.
static void add(struct matrix *matrix, const struct spec *spec, bool saved) {
    struct err err = {0};
    cleanup_saved struct saved again = {0};
    struct scenario scenario = {.name = spec->scenario,
                                .title = title,
                                .cause = text_starts(spec->scenario, "kill") ? "killed" : "fork"};
    struct plan_case plan = {.scenario = &scenario,
                             .id = "case",
                             .variant = spec->variant,
                             .transport = spec->transport};
    cleanup_record struct record *record = record_of(spec);
    struct verdict verdict = {
        .kind = spec->verdict, .promise = spec->promise, .step = -1, .why = (char *)""};
    struct report_case result = {.plan = &plan, .record = record, .verdict = &verdict};
    json_auto_t *json = report_case_json(&result);
    if (saved)
        ck_assert_msg(saved_read(&again, json, &err) == 0, "%s", err.what);
    matrix_add(matrix, saved ? &again.result : &result);
}

static const struct report_server servers[] = {{MYSQL, "9.7.4", "", NULL},
                                               {MARIA, "10.11.19", "", NULL}};

static size_t count(const struct spec *specs) {
    size_t n = 0;
    while (specs[n].scenario)
        n++;
    return n;
}

static struct matrix *collect(const struct spec *specs, size_t step, bool saved) {
    struct matrix *matrix = matrix_open();
    matrix_order(matrix,
                 &(struct report_run){.server_count = COUNT_OF(servers), .servers = servers});
    for (size_t i = 0, n = count(specs); i < n; i++)
        add(matrix, &specs[i * step % n], saved);
    return matrix;
}

// What a terminal shows of cases that ended in this order (`step` and their number are coprime); to
// be freed.
static char *draw_matrix(const struct spec *specs, size_t step, bool saved, size_t most, int width,
                         bool utf8) {
    struct matrix *matrix = collect(specs, step, saved);
    struct sheet sheet = {.utf8 = utf8};
    struct matrix_table table;
    matrix_fold(matrix, most, &table);
    matrix_draw(&sheet, &table, width);
    matrix_table_release(&table);
    matrix_close(matrix);
    return sheet.text.data;
}

// ---- tests -------------------------------------------------------------------------------------

enum { ALL = 1000 };

#define PASSED(scenario, variant, transport, connector, seen)                                      \
    { scenario, variant, TRANSPORT_##transport, MYSQL, connector, seen, VERDICT_PASS, PROMISE_NONE }
#define JUDGED(scenario, server, seen, verdict, promise)                                           \
    { scenario, "", TRANSPORT_TCP, server, "c", seen, VERDICT_##verdict, PROMISE_##promise }
#define END                                                                                        \
    { .scenario = NULL }

// One connector shows the same over all transports, the other does not.
static const struct spec kills[] = {
    PASSED("kill-idle", "", TCP, "mariadb-c", "2013 2006 2006 ok"),
    PASSED("kill-idle", "", TCP, "libmysqlclient", "2013 2013 2013 ok"),
    PASSED("kill-idle", "", SOCKET, "mariadb-c", "2006 2006 2006 ok"),
    PASSED("kill-idle", "", SOCKET, "libmysqlclient", "2013 2013 2013 ok"),
    PASSED("kill-idle", "", TLS, "mariadb-c", "2013 2006 2006 ok"),
    PASSED("kill-idle", "", TLS, "libmysqlclient", "2013 2013 2013 ok"),
    END,
};

// Variants and transports that show the same share a row if a name can express that.
static const struct spec folds[] = {
    PASSED("fork-a", "one", TCP, "c", "2013"),
    PASSED("fork-a", "one", TLS, "c", "2013"),
    PASSED("fork-a", "two", TCP, "c", "2013"),
    PASSED("fork-a", "two", TLS, "c", "2013"),
    PASSED("fork-b", "one", TCP, "c", "2013"),
    PASSED("fork-b", "one", TLS, "c", "2026"),
    PASSED("fork-b", "two", TCP, "c", "2013"),
    PASSED("fork-b", "two", TLS, "c", "2026"),
    PASSED("fork-c", "one", TCP, "c", "ok ok"),
    PASSED("fork-c", "one", TLS, "c", "ok"),
    PASSED("fork-c", "two", TCP, "c", "2013"),
    PASSED("fork-c", "two", TLS, "c", "2013"),
    PASSED("fork-c", "six", TCP, "c", "2013"),
    PASSED("fork-c", "six", TLS, "c", "2013"),
    PASSED("fork-d", "one", TCP, "c", "2013"),
    PASSED("fork-d", "one", TLS, "c", "2026"),
    PASSED("fork-d", "two", TCP, "c", "2013"),
    PASSED("fork-d", "two", TLS, "c", "2013"),
    END,
};

// Every mark; and cases that did not run on the other server.
static const struct spec marks[] = {
    JUDGED("fork-a", MYSQL, "2013 ok", WRONG_CODE, NONE),
    JUDGED("fork-b", MYSQL, "ok hang", PASS, VIOLATED),
    JUDGED("fork-c", MYSQL, "ok hang", HANG, NONE),
    JUDGED("fork-d", MYSQL, "crash", CRASH, VIOLATED),
    JUDGED("fork-e", MYSQL, "2013", BROKEN, NONE),
    JUDGED("fork-f", MYSQL, "unsupported", SKIP, NONE),
    JUDGED("fork-g", MYSQL, "", SKIP, NONE),
    JUDGED("fork-h", MYSQL, "2013 ok", PASS, NONE),
    JUDGED("fork-h", MYSQL, "2006 ok", PASS, NONE),
    JUDGED("fork-i", MYSQL, "ok ok", FAIL, VIOLATED),
    JUDGED("fork-j", MYSQL, "InterfaceError=0 Error=EPIPE", UNMEASURED, NONE),
    JUDGED("fork-j", MARIA, "ok 2013 2006", UNMEASURED, NONE),
    END,
};

// A stranger's names and errors.
static const struct spec strange[] = {
    {"kill\x1b[31m-\xe2\x80\xae-idle", "a|b", TRANSPORT_TCP, "\xc2\x9bserver",
     "x\xff-\xc3\xa9t\xc3\xa9",
     "\x07"
     "bell",
     VERDICT_PASS, PROMISE_NONE},
    {"kill-a-name-that-is-longer-than-half-of-a-terminal-is-wide", "and-a-variant-too",
     TRANSPORT_TLS, "a-server-whose-name-is-long-too", "a-connector-whose-name-has-no-end",
     "AnErrorClassOfManyLetters", VERDICT_PASS, PROMISE_NONE},
    END,
};

static const struct {
    const struct spec *specs;
    size_t most;
    int width;
    bool utf8;
    const char *text;
} golden[] = {
    {kills, ALL, 80, false,
     "                   libmysqlclient 9.7.4  mariadb-c\n"
     "                   mysql-9.7             mysql-9.7\n"
     "--------------------------------------------------\n"
     "kill-idle@tcp,tls  2013                  2013 2006\n"
     "  @socket          2013                  2006\n"
     "\n"
     "2006 CR_SERVER_GONE_ERROR   2013 CR_SERVER_LOST\n"
     "2013 2006: first 2013, a later call 2006\n"},
    {kills, ALL, 120, true,
     "                   libmysqlclient 9.7.4  mariadb-c\n"
     "                   mysql-9.7             mysql-9.7\n"
     "──────────────────────────────────────────────────\n"
     "kill-idle@tcp,tls  2013                  2013 2006\n"
     "  @socket          2013                  2006\n"
     "\n"
     "2006 CR_SERVER_GONE_ERROR   2013 CR_SERVER_LOST\n"
     "2013 2006: first 2013, a later call 2006\n"},
    {folds, ALL, 80, false,
     "                c\n"
     "                mysql-9.7\n"
     "-------------------------\n"
     "fork-a          2013\n"
     "fork-b@tcp      2013\n"
     "  @tls          2026\n"
     "fork-c/one      ok\n"
     "  /six,two      2013\n"
     "fork-d/one@tcp  2013\n"
     "  /one@tls      2026\n"
     "  /two          2013\n"
     "\n"
     "2013 CR_SERVER_LOST            2026 CR_SSL_CONNECTION_ERROR\n"},
    {folds, 6, 80, false,
     "        c\n"
     "        mysql-9.7\n"
     "------------------\n"
     "The application\n"
     "fork-a  2013\n"
     "fork-b  2013, 2026\n"
     "fork-c  2013\n"
     "fork-d  2013, 2026\n"
     "\n"
     "2013 CR_SERVER_LOST            2026 CR_SSL_CONNECTION_ERROR\n"
     "A row is a scenario with the codes it shows first; -v shows its cases\n"},
    {marks, ALL, 80, false,
     "          c\n"
     "over tcp  mysql-9.7           mariadb-10.11\n"
     "--------------------------------------------\n"
     "fork-a    2013 *              .\n"
     "fork-b    ok hang !           .\n"
     "fork-c    ok hang *           .\n"
     "fork-d    crash !             .\n"
     "fork-e    broken              .\n"
     "fork-f    -                   .\n"
     "fork-g    .                   .\n"
     "fork-h    2006, 2013 ~        .\n"
     "fork-i    ok * !              .\n"
     "fork-j    InterfaceErro... ?  ok 2013 2006 ?\n"
     "\n"
     "2006 CR_SERVER_GONE_ERROR   2013 CR_SERVER_LOST\n"
     "InterfaceErro...: InterfaceError EPIPE\n"
     "* not what was expected   ! what no correct client does\n"
     "~ differs from one repetition to the next\n"
     "? unmeasured: no outcome is known to judge it by\n"
     "broken: proves nothing, for the reason given below\n"
     "hang: a call did not come back   crash: the app died\n"
     "- not possible with this connector   . not run\n"
     "2013 2006: first 2013, a later call 2006\n"},
    {marks, ALL, 120, true,
     "          c\n"
     "over tcp  mysql-9.7          mariadb-10.11\n"
     "───────────────────────────────────────────\n"
     "fork-a    2013 ≠             ·\n"
     "fork-b    ok hang !          ·\n"
     "fork-c    ok hang ≠          ·\n"
     "fork-d    crash !            ·\n"
     "fork-e    broken             ·\n"
     "fork-f    -                  ·\n"
     "fork-g    ·                  ·\n"
     "fork-h    2006, 2013 ~       ·\n"
     "fork-i    ok ≠ !             ·\n"
     "fork-j    InterfaceError… ?  ok 2013 2006 ?\n"
     "\n"
     "2006 CR_SERVER_GONE_ERROR   2013 CR_SERVER_LOST\n"
     "InterfaceError…: InterfaceError EPIPE\n"
     "≠ not what was expected   ! what no correct client does   ~ differs from one repetition to "
     "the next\n"
     "? unmeasured: no outcome is known to judge it by   broken: proves nothing, for the reason "
     "given below\n"
     "hang: a call did not come back   crash: the app died   - not possible with this connector   "
     "· not run\n"
     "2013 2006: first 2013, a later call 2006\n"},
    {strange, ALL, 80, false,
     "                                  a-connector-whose-nam...  x\\xff-\\u00e9t\\u00e9\n"
     "                                  a-server-whose-name-i...  \\u009bserver\n"
     "-------------------------------------------------------------------------------\n"
     "kill\\x1b[31m-\\u202e-idle/a|b      .                         \\x07bell\n"
     "kill-a-name-that-is-longer-th...  AnErrorClassO...          .\n"
     "\n"
     "AnErrorClassO...: AnErrorClassOfManyLetters\n"
     ". not run\n"},
    {strange, ALL, 120, true,
     "                                                  a-connector-whose-name-…  x\\xff-été\n"
     "                                                  a-server-whose-name-is-…  \\u009bserver\n"
     "────────────────────────────────────────────────────────────────────────────────────────\n"
     "kill\\x1b[31m-\\u202e-idle/a|b                      ·                         \\x07bell\n"
     "kill-a-name-that-is-longer-than-half-of-a-termi…  AnErrorClassOfM…          ·\n"
     "\n"
     "AnErrorClassOfM…: AnErrorClassOfManyLetters\n"
     "· not run\n"},
};

START_TEST(matrix_looks_like_this) {
    cleanup_free char *text =
        draw_matrix(golden[_i].specs, 1, false, golden[_i].most, golden[_i].width, golden[_i].utf8);
    ck_assert_str_eq(text, golden[_i].text);
}
END_TEST

// Cases end in any order, and may come from a saved report.
START_TEST(matrix_is_the_same_however_it_comes) {
    enum { PRIME = 101 };
    const struct spec *specs = golden[_i].specs;
    cleanup_free char *one = draw_matrix(specs, PRIME, false, golden[_i].most, 80, true);
    cleanup_free char *other = draw_matrix(specs, 1, true, golden[_i].most, 80, true);
    cleanup_free char *text = draw_matrix(specs, 1, false, golden[_i].most, 80, true);
    ck_assert_str_eq(one, text);
    if (specs != strange) // invalid UTF-8 is escaped when saved
        ck_assert_str_eq(other, text);
}
END_TEST

static int widest_line(const char *text) {
    int widest = 0;
    for (const char *line = text; *line;
         line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != 0)) {
        cleanup_free char *copy = xprintf("%.*s", (int)strcspn(line, "\n"), line);
        int length = (int)utf8_length(copy);
        widest = length > widest ? length : widest;
    }
    return widest;
}

// Many connectors are drawn in blocks, each no wider than the terminal; some do not fit at all.
START_TEST(columns_that_do_not_fit_stand_below) {
    enum { CONNECTORS = 70, NAMES = 8 };
    char names[CONNECTORS][NAMES];
    struct spec specs[CONNECTORS + 1] = {0};
    for (int i = 0; i < CONNECTORS; i++) {
        snprintf(names[i], NAMES, "own-%d", i);
        specs[i] = kills[0];
        specs[i].connector = names[i];
    }
    cleanup_free char *text = draw_matrix(specs, 1, false, ALL, 80, false);
    ck_assert_int_le(widest_line(text), 80);
    ck_assert_ptr_nonnull(strstr(text, "\n           own-6 "));
    ck_assert_ptr_nonnull(strstr(text, "and 6 cases of further connectors or servers\n"));
}
END_TEST

// Only if there is room, and once per scenario.
START_TEST(wide_terminals_show_titles) {
    title = "An idle \x1b connection is killed, which is told here at some length, and more of it";
    cleanup_free char *narrow = draw_matrix(kills, 1, false, ALL, 80, false);
    cleanup_free char *wide = draw_matrix(kills, 1, false, ALL, 120, false);
    ck_assert_ptr_null(strstr(narrow, "An idle"));
    ck_assert_ptr_nonnull(
        strstr(wide, "2013 2006  An idle \\x1b connection is killed, which is told here at some "
                     "len...\n  @socket          2013                  2006\n"));
    ck_assert_int_le(widest_line(wide), 120);
}
END_TEST

// ---- Markdown ----------------------------------------------------------------------------------

static char *write_matrix(const struct spec *specs, size_t most_rows, size_t most) {
    struct matrix *matrix = collect(specs, 1, false);
    struct matrix_table table;
    struct text text = {0};
    matrix_fold(matrix, most_rows, &table);
    matrix_write(&text, &table, most);
    matrix_table_release(&table);
    matrix_close(matrix);
    return text.data;
}

START_TEST(matrix_is_a_table_in_markdown) {
    cleanup_free char *text = write_matrix(marks, ALL, ALL);
    ck_assert_str_eq(
        text, "| over tcp | c<br>mysql-9.7 | c<br>mariadb-10.11 |\n"
              "|---|---|---|\n"
              "| fork-a | 2013 ≠ | · |\n"
              "| fork-b | ok hang &#33; | · |\n"
              "| fork-c | ok hang ≠ | · |\n"
              "| fork-d | crash &#33; | · |\n"
              "| fork-e | broken | · |\n"
              "| fork-f | - | · |\n"
              "| fork-g | · | · |\n"
              "| fork-h | 2006, 2013 &#126; | · |\n"
              "| fork-i | ok ≠ &#33; | · |\n"
              "| fork-j | InterfaceError EPIPE ? | ok 2013 2006 ? |\n"
              "\n"
              "≠ not what was expected; &#33; what no correct client does; &#126; differs from one "
              "repetition to the next; ? unmeasured: no outcome is known to judge it by; broken: "
              "proves nothing, for the reason given below; hang: a "
              "call did not "
              "come back; crash: the app died; - not possible with this connector; "
              "· not run; 2013 2006: first 2013, a later call 2006.\n"
              "\n");
}
END_TEST

START_TEST(matrix_of_scenarios_in_markdown_is_bounded) {
    cleanup_free char *text = write_matrix(folds, 6, 60);
    ck_assert_str_eq(text, "| | c<br>mysql-9.7 |\n"
                           "|---|---|\n"
                           "| **The application** | |\n"
                           "| fork-a | 2013 |\n"
                           "\n"
                           "And 3 more rows, for which there is no room here.\n"
                           "\n"
                           "A row is a scenario with the codes it shows first.\n"
                           "\n");
}
END_TEST

START_TEST(markdown_of_strange_names_is_harmless) {
    cleanup_free char *text = write_matrix(strange, ALL, ALL);
    static const char *const harmful[] = {"\x1b",         "\x07", "\xc2\x9b",
                                          "\xe2\x80\xae", "\xff", "a|b"};
    for (size_t i = 0; i < COUNT_OF(harmful); i++)
        ck_assert_msg(!strstr(text, harmful[i]), "%s", text);
}
END_TEST

// ---- reasons -----------------------------------------------------------------------------------

static void add_reason(struct reasons *reasons, const char *id, const char *connector,
                       const char *why) {
    struct scenario scenario = {.name = "s"};
    struct plan_case plan = {.scenario = &scenario, .id = id, .variant = ""};
    cleanup_record struct record *record = record_new(id);
    record->server = xstrdup(MYSQL);
    record->connector = xstrdup(connector);
    struct verdict verdict = {.kind = VERDICT_FAIL, .why = (char *)why, .step = -1};
    struct report_case result = {.plan = &plan, .record = record, .verdict = &verdict};
    reasons_add(reasons, &result);
}

static const struct {
    const char *one, *other;
    bool same;
} reason_pairs[] = {
    {"a: expected 2013, saw 2006", "a: expected 2013, saw 2006", true},
    {"a: expected 2013, saw 2006", "a: expected 2013, saw 2026", false},
    {"a: expected 2013, saw 2006", "b: expected 2013, saw 2006", false},
    {"a: came back after 999 ms, sooner than 1000 ms",
     "a: came back after 7.5 ms, sooner than 1000 ms", true},
    {"a: saw session 13 after 12", "a: saw session 4 after 4", true},
    {"a: 2013 after 2", "a: 2013 after 3", false},
    {"a: saw 1; expected by x.yml:7", "a: saw 1; expected by x.yml:17", true},
    {"a: saw 3 rows", "a: saw 4 rows", false},
    {"a: no\nmore of it", "a: no\nand of another", true},
};

START_TEST(reasons_are_the_same_but_for_times_and_sessions) {
    struct reasons reasons = {0};
    add_reason(&reasons, "x@tcp", "c", reason_pairs[_i].one);
    add_reason(&reasons, "x@tls", "c", reason_pairs[_i].other);
    ck_assert_uint_eq(reasons.count, reason_pairs[_i].same ? 1 : 2);
    reasons_release(&reasons);
}
END_TEST

START_TEST(reason_names_its_cases) {
    struct reasons reasons = {0};
    struct sheet sheet = {0};
    add_reason(&reasons, "x@tcp", "c", "other");
    for (int i = 0; i < 45; i++) {
        cleanup_free char *id = xprintf("kill-idle-%d@tcp", i);
        add_reason(&reasons, id, i % 2 ? "py\x1b" : "c", "first: expected 2013, saw \x07 2006");
        add_reason(&reasons, id, "c", "first: expected 2013, saw \x07 2006");
    }
    reasons_sort(&reasons);
    reason_draw(&sheet, reasons.items[0], true, 80);
    ck_assert_str_eq(
        text_get(&sheet.text),
        " 90 x first: expected 2013, saw \\x07 2006\n"
        "      kill-idle-0@tcp, kill-idle-1@tcp, kill-idle-2@tcp, kill-idle-3@tcp,\n"
        "      kill-idle-4@tcp, kill-idle-5@tcp, kill-idle-6@tcp, kill-idle-7@tcp,\n"
        "      kill-idle-8@tcp, kill-idle-9@tcp, kill-idle-10@tcp, kill-idle-11@tcp,\n"
        "      kill-idle-12@tcp, kill-idle-13@tcp, kill-idle-14@tcp, kill-idle-15@tcp,\n"
        "      kill-idle-16@tcp and 56 more; with c, py\\x1b; on mysql-9.7\n");
    text_release(&sheet.text);
    reasons_release(&reasons);
}
END_TEST

Suite *suite_matrix(void) {
    Suite *suite = suite_create("matrix");
    TCase *tests = tcase_create("matrix");
    tcase_add_loop_test(tests, matrix_looks_like_this, 0, (int)COUNT_OF(golden));
    tcase_add_loop_test(tests, matrix_is_the_same_however_it_comes, 0, (int)COUNT_OF(golden));
    tcase_add_test(tests, wide_terminals_show_titles);
    tcase_add_test(tests, matrix_is_a_table_in_markdown);
    tcase_add_test(tests, matrix_of_scenarios_in_markdown_is_bounded);
    tcase_add_test(tests, markdown_of_strange_names_is_harmless);
    tcase_add_test(tests, columns_that_do_not_fit_stand_below);
    tcase_add_loop_test(tests, reasons_are_the_same_but_for_times_and_sessions, 0,
                        (int)COUNT_OF(reason_pairs));
    tcase_add_test(tests, reason_names_its_cases);
    suite_add_tcase(suite, tests);
    return suite;
}
