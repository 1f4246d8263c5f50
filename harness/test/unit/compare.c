// SPDX-License-Identifier: Apache-2.0
// compare.c - `goneaway compare`: what was seen is compared, whatever was expected
#include "base/clock.h"
#include "base/file.h"
#include "compare/seen.h"
#include "main/commands.h"
#include "plan/language.h"
#include "test/lib/bound.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"
#include "test/lib/validator.h"

#include <libxml/HTMLparser.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char home[PATH_MAX]; // the source tree
static struct err err;

static void enter(void) {
    ck_assert_ptr_nonnull(getcwd(home, sizeof home));
    folder_enter("/tmp/goneaway-test", 0700);
    setenv("LC_ALL", "C.UTF-8", 1);
    err = (struct err){0};
}

// ---- reports -----------------------------------------------------------------------------------

#define RUN "{\"type\":\"run\",\"schema\":1,\"version\":\"1.0\",\"planned\":1}\n"
#define END "{\"type\":\"summary\",\"ms\":1}\n"
// A step: its id, verb, outcome, error number, and more keys, each after a comma.
#define STEP(id, verb, outcome, error, more)                                                       \
    "{\"id\":\"" id "\",\"do\":\"" verb "\",\"outcome\":\"" outcome "\",\"errno\":" #error more "}"
#define FAILS(id, error) STEP(id, "query", "error", error, "")
#define PASSES(id) STEP(id, "query", "ok", 0, "")
#define CASE_OF(id, server, connector, verdict, steps)                                             \
    "{\"type\":\"case\",\"id\":\"" id "\",\"cause\":\"killed\",\"faults\":[{\"kind\":\"kill\"}],"  \
    "\"server\":{\"name\":\"" server "\",\"version\":\"9.7\"},"                                    \
    "\"connector\":{\"name\":\"" connector "\",\"version\":\"1\",\"family\":\"lib\"},"             \
    "\"verdict\":\"" verdict "\",\"steps\":[" steps "]}\n"
#define CASE(id, steps) CASE_OF(id, "m", "c", "pass", steps)
#define ONE(steps)                                                                                 \
    RUN CASE("a@tcp", steps)                                                                       \
    END

static void write_report(const char *path, const char *content) {
    ck_assert_msg(file_write(path, content, strlen(content), &err) == 0, "%s", err.what);
}

/** Options besides the files. */
struct ask {
    const char *connectors, *servers, *report;
};

// Compares two files; the output goes to the file `out`.
static int compare_asked(const char *old, const char *new, struct ask ask) {
    char *arguments[] = {"old.json", "new.json"};
    struct options options = {.arguments = arguments,
                              .argument_count = 2,
                              .connectors = ask.connectors,
                              .servers = ask.servers,
                              .report_count = ask.report != NULL,
                              .reports = {ask.report}};
    write_report("old.json", old);
    write_report("new.json", new);
    fflush(stdout);
    int out = dup(1);
    ck_assert_ptr_nonnull(freopen("out", "w", stdout));
    int ret = command_compare(&options, &err);
    fflush(stdout);
    dup2(out, 1);
    close(out);
    return ret < 0 ? (err.kind == ERR_USAGE ? STATUS_USAGE : STATUS_MACHINE) : ret;
}

static int compare(const char *old, const char *new) {
    return compare_asked(old, new, (struct ask){0});
}

static char *read_back(const char *path) {
    struct text text = {0};
    ck_assert_msg(file_read(path, 1 << 22, &text, &err) == 0, "%s", err.what);
    text_add(&text, "");
    return text.data;
}

// ---- what is a difference ----------------------------------------------------------------------

static const struct {
    const char *before, *after; // steps of one case
    const char *change;         // as printed; NULL: no difference
} steps[] = {
    {FAILS("s", 2013), FAILS("s", 2013), NULL},
    {FAILS("s", 2013), FAILS("s", 2006), "2013 CR_SERVER_LOST -> 2006 CR_SERVER_GONE_ERROR\n"},
    {FAILS("s", 2013), PASSES("s"), "2013 CR_SERVER_LOST -> ok\n"},
    {PASSES("s"), STEP("s", "query", "hang", 0, ""), "ok -> hang\n"},
    {FAILS("s", 1), STEP("s", "query", "crash", 0, ",\"signal\":11"), "1 -> crash by SIGSEGV\n"},
    {STEP("s", "query", "crash", 0, ",\"signal\":6"),
     STEP("s", "query", "crash", 0, ",\"signal\":11"), "crash by SIGABRT -> crash by SIGSEGV\n"},
    {PASSES("s"), STEP("s", "query", "ok", 2013, ""), "ok -> ok with the error number 2013\n"},
    // what only one of them reports is no difference
    {FAILS("s", 1), STEP("s", "query", "error", 1, ",\"native\":\"A=1\""), NULL},
    {STEP("s", "query", "error", 1, ",\"native\":\"A=1\""),
     STEP("s", "query", "error", 1, ",\"native\":\"B=1\""), "1 (A=1) -> 1 (B=1)\n"},
    {STEP("s", "query", "error", 0, ",\"native\":\"A=1\""),
     STEP("s", "query", "error", 0, ",\"native\":\"B=1\""),
     "an error without a number (A=1) -> an error without a number (B=1)\n"},
    {STEP("s", "query", "error", 1, ",\"sqlstate\":\"HY000\""),
     STEP("s", "query", "error", 1, ",\"sqlstate\":\"08S01\""), "1 HY000 -> 1 08S01\n"},
    {STEP("s", "query", "error", 1, ",\"message\":\"gone\""),
     STEP("s", "query", "error", 1, ",\"message\":\"went\""), NULL},
    {PASSES("s"), STEP("s", "query", "ok", 0, ",\"rows\":3"), NULL},
    {STEP("s", "query", "ok", 0, ",\"rows\":1"), STEP("s", "query", "ok", 0, ",\"rows\":3"),
     "ok with 1 row -> ok with 3 rows\n"},
    {STEP("s", "query", "ok", 0, ",\"rows\":1,\"row_values\":[[7]]"),
     STEP("s", "query", "ok", 0, ",\"rows\":1,\"row_values\":[[null]]"),
     "ok with the rows [[7]] -> ok with the rows [[null]]\n"},
    // how much arrived before the connection was lost is chance
    {STEP("s", "query", "error", 1, ",\"rows\":1"), STEP("s", "query", "error", 1, ",\"rows\":3"),
     NULL},
    // sessions: numbers start again when the server does
    {STEP("s", "query", "ok", 0, ",\"thread\":7,\"thread_before\":7"),
     STEP("s", "query", "ok", 0, ",\"thread\":9,\"thread_before\":7"),
     "ok in the same session -> ok in a new session\n"},
    {STEP("s", "query", "ok", 0, ",\"thread\":7,\"thread_before\":7"),
     STEP("s", "query", "ok", 0,
          ",\"thread\":7,\"thread_before\":7,\"start\":2,\"start_before\":1"),
     "ok in the same session -> ok in a new session\n"},
    {FAILS("s", 2006), STEP("s", "query", "ok", 0, ",\"thread\":9,\"thread_before\":7"),
     "2006 CR_SERVER_GONE_ERROR -> ok in a new session\n"},
    {STEP("s", "query", "ok", 0, ",\"thread\":7,\"thread_before\":7"), PASSES("s"), NULL},
    {STEP("s", "connect", "ok", 0, ",\"thread\":7,\"thread_before\":7"),
     STEP("s", "connect", "ok", 0, ",\"thread\":9,\"thread_before\":7"), NULL},
    {STEP("s", "query", "error", 1, ",\"thread\":7,\"thread_before\":7"),
     STEP("s", "query", "error", 1, ",\"thread\":9,\"thread_before\":7"), NULL},
};

START_TEST(what_was_seen_differs_or_not) {
    cleanup_free char *old = xprintf(RUN CASE("a@tcp", "%s") END, steps[_i].before);
    cleanup_free char *new = xprintf(RUN CASE("a@tcp", "%s") END, steps[_i].after);
    int status = compare(old, new);
    cleanup_free char *out = read_back("out");
    cleanup_free char *line = xprintf("\n1 case: %s", steps[_i].change ? steps[_i].change : "");
    ck_assert_msg(status == (steps[_i].change != NULL), "%d: %s%s", status, err.what, out);
    ck_assert_msg((strstr(out, line) != NULL) == (steps[_i].change != NULL), "%s", out);
}
END_TEST

// Native errors of two libraries use different words; their SQLSTATEs can be compared.
START_TEST(natives_of_two_families_are_not_compared) {
    static const char other[] = RUN
        "{\"type\":\"case\",\"id\":\"a@tcp\",\"server\":{\"name\":\"m\"},\"connector\":"
        "{\"name\":\"d\"},\"verdict\":\"pass\",\"steps\":[" STEP("s", "query", "error", 1,
                                                                 ",\"native\":\"B=1\"") "]}\n" END;
    ck_assert_int_eq(compare(ONE(STEP("s", "query", "error", 1, ",\"native\":\"A=1\"")), other), 0);
}
END_TEST

// ---- which is compared with which --------------------------------------------------------------

#define AT(server, connector, error) CASE_OF("a@tcp", server, connector, "pass", FAILS("s", error))

static const struct {
    const char *before, *after;
    struct ask ask;
    int status;
    const char *word; // of what is printed, or of the error
} places[] = {
    {AT("m", "c", 1), AT("m", "c", 1), {0}, 0, "1 case compared: no difference\n"},
    // each file has only one, so these are paired
    {AT("m", "c", 1), AT("n", "d", 2), {0}, 1, "1 case compared: 1 differs"},
    // several: by name
    {AT("m", "c", 1) AT("m", "d", 2), AT("m", "d", 2) AT("m", "c", 1), {0}, 0, "2 cases compared"},
    {AT("m", "c", 1) AT("n", "c", 2), AT("n", "c", 2) AT("m", "c", 1), {0}, 0, "2 cases compared"},
    {AT("m", "c", 1), AT("m", "c", 1) AT("m", "d", 2), {0}, 0, "     not compared: d\n"},
    // a new name of the same family
    {AT("m", "c", 1) AT("m", "d", 2), AT("m", "d", 2) AT("m", "e", 1), {0}, 0, "2 cases compared"},
    {AT("m", "c", 1) AT("m", "d", 2),
     AT("m", "e", 2),
     {0},
     2,
     "OLD has the connectors c and d, NEW has e: which is to be compared with which?"},
    {AT("m", "c", 1) AT("n", "c", 2),
     AT("o", "c", 2) AT("p", "c", 2),
     {0},
     2,
     "OLD has the servers m and n, NEW has o and p: which is to be compared with which?"},
    {AT("m", "c", 1) AT("m", "d", 2),
     AT("m", "e", 2),
     {.connectors = "d=e"},
     0,
     "1 case compared: no difference\n"},
    {AT("m", "c", 1) AT("m", "d", 2), AT("m", "e", 2), {.connectors = "c=e,d=e"}, 1, "2 cases"},
    {AT("m", "c", 1) AT("m", "d", 2), AT("m", "c", 2) AT("m", "d", 2), {.connectors = "d"}, 0, ""},
    {AT("m", "c", 1) AT("n", "c", 2), AT("m", "c", 1) AT("n", "c", 2), {.servers = "m=n"}, 1, ""},
    {AT("m", "conn", 1),
     AT("m", "d", 2),
     {.connectors = "con=d"},
     2,
     "--connector: OLD has no connector 'con', only conn"},
    {AT("m", "c", 1), AT("m", "d", 2), {.servers = "m=x"}, 2, "--server: NEW has no server 'x'"},
};

START_TEST(places_are_paired) {
    cleanup_free char *old = xprintf(RUN "%s" END, places[_i].before);
    cleanup_free char *new = xprintf(RUN "%s" END, places[_i].after);
    int status = compare_asked(old, new, places[_i].ask);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(status == places[_i].status, "%d: %s%s", status, err.what, out);
    const char *text = status == 2 ? err.what : out;
    ck_assert_msg(strstr(text, places[_i].word) != NULL, "%s", text);
}
END_TEST

START_TEST(ambiguity_has_a_remedy) {
    ck_assert_int_eq(compare(RUN AT("m", "c", 1) AT("m", "d", 1) END, RUN AT("m", "e", 1) END), 2);
    ck_assert_str_eq(err.remedy, "say so with --connector OLD=NEW, for example --connector c=e");
}
END_TEST

// ---- groups ------------------------------------------------------------------------------------

#define BOTH(first, second) FAILS("first", first) "," FAILS("second", second)

START_TEST(equal_changes_are_grouped) {
    static const char old[] = RUN CASE("x/a@tls", BOTH(2026, 1)) CASE("x/a@tcp", BOTH(2013, 1))
        CASE("y/a@tls", BOTH(2026, 2026)) CASE("y/b@tls", BOTH(1, 1)) CASE("z@socket", BOTH(5, 1))
            CASE("z@tcp", BOTH(5, 1)) CASE("only@tcp", BOTH(1, 1)) END;
    static const char new[] = RUN CASE("x/a@tls", BOTH(2013, 1)) CASE("x/a@tcp", BOTH(2013, 1))
        CASE("y/a@tls", BOTH(2013, 2013)) CASE("y/b@tls", BOTH(1, 7)) CASE("z@socket", BOTH(6, 1))
            CASE("z@tcp", BOTH(6, 1)) CASE("added@tcp", BOTH(1, 1)) END;
    static const char wanted[] =
        "OLD  old.json: c 1 on m 9.7\n"
        "NEW  new.json: c 1 on m 9.7\n"
        "\n"
        "2 cases: 2026 CR_SSL_CONNECTION_ERROR -> 2013 CR_SERVER_LOST, all over tls\n"
        "    x/a@tls  first\n"
        "    y/a@tls  first, second\n"
        "\n"
        "2 cases: 5 -> 6, all in step first, of z\n"
        "    z@[socket, tcp]\n"
        "\n"
        "1 case: 1 -> 7\n"
        "    y/b@tls  second\n"
        "\n"
        "only in OLD, 1 case: only@tcp\n"
        "only in NEW, 1 case: added@tcp\n"
        "6 cases compared: 5 differ, 1 is alike\n";
    ck_assert_int_eq(compare(old, new), 1);
    cleanup_free char *out = read_back("out");
    ck_assert_str_eq(out, wanted);
}
END_TEST

#define ON(id, server, error) CASE_OF(id, server, "c", "pass", FAILS("s", error))

// A line names the server unless the cases of all servers changed alike.
START_TEST(servers_are_folded) {
    static const char old[] =
        RUN ON("a@tcp", "m", 1) ON("a@tcp", "n", 1) ON("b@tcp", "m", 1) ON("b@tcp", "n", 1) END;
    static const char new[] =
        RUN ON("a@tcp", "m", 2) ON("a@tcp", "n", 2) ON("b@tcp", "m", 1) ON("b@tcp", "n", 2) END;
    ck_assert_int_eq(compare(old, new), 1);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "\n3 cases: 1 -> 2\n    a@tcp  s\n    b@tcp  s on n\n") != NULL, "%s",
                  out);
}
END_TEST

START_TEST(long_groups_are_cut) {
    cleanup_text struct text old = {0}, new = {0};
    text_add(&old, RUN);
    text_add(&new, RUN);
    for (int i = 0; i < 30; i++) {
        text_printf(&old, CASE("a/%02d@tcp", FAILS("s", 1)), i);
        text_printf(&new, CASE("a/%02d@tcp", FAILS("s", 2)), i);
    }
    text_add(&old, END);
    text_add(&new, END);
    ck_assert_int_eq(compare(old.data, new.data), 1);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "    a/07@tcp  s\n    and 22 more\n") != NULL, "%s", out);
    ck_assert_msg(strstr(out, "\n`--report json=FILE` has all of it\n") != NULL, "%s", out);
}
END_TEST

// ---- former names ------------------------------------------------------------------------------

static void make_catalogue(void) {
    static const char scenario[] =
        "goneaway: 1\ntitle: A case that had another name\ncause: other\nsource: none\n"
        "formerly: old-name\ntransport: [tcp]\nsteps: [{app: connect}, {id: s, app: ping}]\n"
        "promise: {s: ok}\noutcomes: [{s: ok}]\n";
    ck_assert_int_eq(file_make_folders("scenarios", 0755, &err), 0);
    ck_assert_int_eq(file_make_folders("fixtures/servers", 0755, &err), 0);
    write_report("scenarios/new-name.yml", scenario);
    setenv("GONEAWAY_HOME", test_folder, 1);
}

START_TEST(former_names_are_found) {
    static const char old[] =
        RUN CASE("old-name@tcp", FAILS("s", 1)) CASE("x@tcp", PASSES("s")) END;
    static const char new[] =
        RUN CASE("new-name@tcp", FAILS("s", 2)) CASE("y@tcp", PASSES("s")) END;
    make_catalogue();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(i ? compare(old, new) : compare(new, old), 1);
        cleanup_free char *out = read_back("out");
        ck_assert_msg(strstr(out, "    new-name@tcp  s\n") != NULL, "%s", out);
        ck_assert_msg(strstr(out, "\n1 case compared: 1 differs") != NULL, "%s", out);
    }
}
END_TEST

START_TEST(former_names_of_baselines_are_found) {
    static const char old[] = "goneaway-outcomes: 1\nconnector: c 1\nserver: m 1\nlike: rows\n"
                              "cases: {old-name@tcp: {s: 2013}}\n";
    make_catalogue();
    ck_assert_int_eq(compare(old, RUN CASE("new-name@tcp", FAILS("s", 2013)) END), 0);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "\n1 case compared: no difference") != NULL, "%s", out);
}
END_TEST

// A name in use today is never a former name, whatever a scenario says.
START_TEST(names_in_use_stay) {
    static const char both[] =
        RUN CASE("old-name@tcp", FAILS("s", 1)) CASE("new-name@tcp", FAILS("s", 2)) END;
    static const char new[] =
        RUN CASE("new-name@tcp", FAILS("s", 2)) CASE("y@tcp", PASSES("s")) END;
    make_catalogue();
    ck_assert_int_eq(compare(both, new), 0);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "\nonly in OLD, 1 case: old-name@tcp\n") != NULL, "%s", out);
}
END_TEST

// ---- what is not compared ----------------------------------------------------------------------

START_TEST(what_did_not_run_is_counted) {
    static const char old[] =
        RUN CASE_OF("a@tcp", "m", "c", "broken", PASSES("s")) CASE_OF("b@tcp", "m", "c", "skip", "")
            CASE_OF("c@tcp", "m", "c", "skip", "") CASE("d@tcp", FAILS("s", 1)) END;
    static const char new[] = RUN CASE("a@tcp", FAILS("s", 1))
        CASE_OF("b@tcp", "m", "c", "skip", "") CASE_OF("c@tcp", "m", "c", "broken", "")
            CASE_OF("d@tcp", "m", "c", "hang", FAILS("s", 1)) END;
    ck_assert_int_eq(compare(old, new), 0); // whatever the verdicts are
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "\nnot compared: 1 broken in OLD, 1 skipped in OLD and broken in "
                              "NEW, 1 skipped in both\n1 case compared: no difference\n") != NULL,
                  "%s", out);
}
END_TEST

START_TEST(nothing_compared_is_not_alike) {
    static const char skipped[] = RUN CASE_OF("a@tcp", "m", "c", "skip", "") END;
    ck_assert_int_eq(compare(skipped, ONE(PASSES("s"))), 4);
    ck_assert_int_eq(compare(RUN CASE("b@tcp", PASSES("s")) END, ONE(PASSES("s"))), 2);
    ck_assert_str_eq(err.what, "old.json and new.json have no case in common");
    ck_assert_str_eq(err.remedy, "OLD has for example b@tcp, and NEW a@tcp");
}
END_TEST

START_TEST(transports_of_one_side_are_folded) {
    static const char old[] = RUN ON("a@tls", "m", 1) ON("a@tcp", "m", 1) ON("a@tcp", "n", 1)
        ON("a/b@tcp", "m", 1) ON("c@tcp", "m", 1) END;
    ck_assert_int_eq(compare(old, RUN ON("c@tcp", "m", 1) ON("d@tcp", "n", 1) END), 0);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "\nonly in OLD, 4 cases: a/b@tcp, a@[tcp, tls]\n") != NULL, "%s",
                  out);
}
END_TEST

START_TEST(steps_of_one_side_are_listed) {
    ck_assert_int_eq(compare(ONE(PASSES("s") "," PASSES("t")), ONE(PASSES("u") "," PASSES("s"))),
                     0);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "\nonly in OLD, 1 step: a@tcp t\n"
                              "only in NEW, 1 step: a@tcp u\n") != NULL,
                  "%s", out);
}
END_TEST

// ---- repetitions -------------------------------------------------------------------------------

#define TWICE(one, other) RUN CASE("a@tcp", FAILS("s", one)) CASE("a@tcp", FAILS("s", other)) END

static const struct {
    const char *before, *after;
    int status;
    const char *words;
} repeated[] = {
    {TWICE(1, 1), TWICE(1, 1), 0, "\n1 case compared: no difference"},
    // something that OLD has shown as well is no news
    {TWICE(1, 2), TWICE(2, 2), 0, "\nunstable in OLD: a@tcp s: 1 or 2\n"},
    {TWICE(1, 2), TWICE(2, 1), 0, "\nunstable in NEW: a@tcp s: 2 or 1\n"},
    {TWICE(1, 1), TWICE(1, 2), 1, "\n1 case: 1 -> 1 or 2\n"},
    {TWICE(1, 2), TWICE(3, 3), 1, "\n1 case: 1 or 2 -> 3\n"},
    // a repetition that did not run says nothing
    {RUN CASE_OF("a@tcp", "m", "c", "broken", PASSES("s")) CASE("a@tcp", FAILS("s", 1)) END,
     TWICE(1, 1), 0, "\n1 case compared: no difference"},
};

START_TEST(repetitions_may_differ) {
    int status = compare(repeated[_i].before, repeated[_i].after);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(status == repeated[_i].status, "%d: %s%s", status, err.what, out);
    ck_assert_msg(strstr(out, repeated[_i].words) != NULL, "%s", out);
}
END_TEST

// ---- baselines ---------------------------------------------------------------------------------

#define BASELINE(cases)                                                                            \
    "# measured\ngoneaway-outcomes: 1\nconnector: c 1\nserver: m-1 1\ncases:\n" cases
#define SEEN(steps) RUN CASE_OF("a@tcp", "m-1", "c", "pass", steps) END
#define RENEWED ",\"thread\":9,\"thread_before\":7"

static const struct {
    const char *before, *after;
    const char *words; // NULL: no difference
} measured[] = {
    {BASELINE("  a@tcp: {s: 2013}\n"), SEEN(FAILS("s", 2013)), NULL},
    {BASELINE("  a@[socket, tcp]: {s: 2013}\n"), SEEN(FAILS("s", 1)), "2013 CR_SERVER_LOST -> 1\n"},
    {SEEN(FAILS("s", 1)), BASELINE("  a@tcp: {s: hang}\n"), "1 -> hang\n"},
    {BASELINE("  a@tcp: {s: {crash: SIGSEGV}}\n"),
     SEEN(STEP("s", "query", "crash", 0, ",\"signal\":6")),
     "crash by SIGSEGV -> crash by SIGABRT\n"},
    {BASELINE("  a@tcp: {s: {error: 0, native: \"E=1\"}}\n"),
     SEEN(STEP("s", "query", "error", 0, ",\"native\":\"E=1\"")), NULL},
    {BASELINE("  a@tcp: {s: {error: 0, native: \"E=1\"}}\n"),
     SEEN(STEP("s", "query", "error", 0, ",\"native\":\"E=2\"")),
     "an error without a number (E=1) -> an error without a number (E=2)\n"},
    // plain `ok` means the same session as before
    {BASELINE("  a@tcp: {s: ok}\n"), SEEN(STEP("s", "query", "ok", 0, RENEWED)),
     "ok in the same session -> ok in a new session\n"},
    {BASELINE("  a@tcp: {s: {ok: true, session: new}}\n"),
     SEEN(STEP("s", "query", "ok", 0, RENEWED)), NULL},
    {BASELINE("  a@tcp: {s: ok}\n"), SEEN(STEP("s", "connect", "ok", 0, RENEWED)), NULL},
    {BASELINE("  a@tcp: {s: 1}\n"), BASELINE("  a@tcp: {s: 2}\n"), "1 -> 2\n"},
    {BASELINE("unstable:\n  a@tcp: {s: [1, 2]}\n"), SEEN(FAILS("s", 2)), NULL},
    {BASELINE("unstable:\n  a@tcp: {s: [1, 2]}\n"), SEEN(FAILS("s", 3)), "1 or 2 -> 3\n"},
};

START_TEST(baselines_are_compared) {
    int status = compare(measured[_i].before, measured[_i].after);
    cleanup_free char *out = read_back("out");
    cleanup_free char *line = xprintf("\n1 case: %s", measured[_i].words ? measured[_i].words : "");
    ck_assert_msg(status == (measured[_i].words != NULL), "%d: %s%s", status, err.what, out);
    ck_assert_msg((strstr(out, line) != NULL) == (measured[_i].words != NULL), "%s", out);
}
END_TEST

// A folder instead of a file, with a file for each server.
static void make_folder(const char *path, const char *first, const char *second) {
    cleanup_free char *one = xprintf("%s/x.yml", path), *other = xprintf("%s/c-1/y.yml", path);
    cleanup_free char *inner = xprintf("%s/c-1", path);
    ck_assert_int_eq(file_make_folders(inner, 0755, &err), 0);
    write_report(one, first);
    write_report(other, second);
}

static int compare_paths(char *old, char *new) {
    char *arguments[] = {old, new};
    struct options options = {
        .arguments = arguments, .argument_count = 2, .report_count = 1, .reports = {"human=page"}};
    int ret = command_compare(&options, &err);
    return ret < 0 ? STATUS_USAGE : ret;
}

START_TEST(folder_is_all_its_files) {
    static const char other[] = "goneaway-outcomes: 1\nconnector: c 1\nserver: n 1\n"
                                "cases: {a@tcp: {s: 2}}\n";
    make_folder("old", BASELINE("  a@tcp: {s: 1}\n"), other);
    write_report("new", RUN CASE_OF("a@tcp", "m-1", "c", "pass", FAILS("s", 1))
                            CASE_OF("a@tcp", "n", "c", "pass", FAILS("s", 3)) END);
    ck_assert_ptr_nonnull(freopen("out", "w", stdout));
    ck_assert_int_eq(compare_paths("old", "new"), 1);
    cleanup_free char *page = read_back("page");
    ck_assert_msg(strstr(page, "\n1 case: 2 -> 3\n    a@tcp  s on n\n") != NULL, "%s", page);
    ck_assert_ptr_nonnull(strstr(page, "\n2 cases compared: 1 differs"));
}
END_TEST

START_TEST(folder_of_two_versions_is_refused) {
    static const char other[] = "goneaway-outcomes: 1\nconnector: c 2\nserver: m-1 1\n"
                                "cases: {a@tcp: {s: 2}}\n";
    make_folder("old", BASELINE("  a@tcp: {s: 1}\n"), other);
    ck_assert_int_eq(compare_paths("old", "old"), 2);
    ck_assert_str_eq(err.what, "old/c-1/y.yml is of c 2, and another file of 1");
    ck_assert_str_eq(err.remedy, "name the folder or the file of one version");
    ck_assert_int_eq(file_make_folders("empty", 0755, &err), 0);
    ck_assert_int_eq(compare_paths("empty", "old"), 2);
    ck_assert_str_eq(err.what, "empty: has no CONNECTOR-VERSION/SERVER-VERSION.yml");
}
END_TEST

// 1.10 is newer than 1.9; UPGRADES.md is about servers as they are now.
START_TEST(newest_version_of_a_server_is_read) {
    static const char *const versions[] = {"1.9", "1.10", "1.8"};
    cleanup_seen struct seen seen = {0};
    ck_assert_int_eq(file_make_folders("all", 0755, &err), 0);
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        cleanup_free char *path = xprintf("all/m-%s.yml", versions[i]);
        cleanup_free char *text = xprintf("goneaway-outcomes: 1\nconnector: c 1\nserver: m-1 %s\n"
                                          "cases: {a@tcp: {s: %zu}}\n",
                                          versions[i], i + 1);
        write_report(path, text);
    }
    ck_assert_msg(seen_read_baselines(&seen, "all", &err) == 0, "%s", err.what);
    ck_assert_uint_eq(seen.servers.count, 1);
    ck_assert_str_eq(seen.servers.items[0].version, "1.10");
    ck_assert_uint_eq(seen.case_count, 1);
}
END_TEST

// Cases missing from a file based on the rows are looked up in the scenarios.
START_TEST(rows_are_what_was_measured) {
    cleanup_free char *base = xprintf("goneaway-outcomes: 1\nconnector: mariadb-c 3.3.20\n"
                                      "server: mysql-9.7 9.7.4\nlike: rows\n"
                                      "cases:\n  kill-idle@tls: {first: 1, second: 2006, "
                                      "third: 2006, again: ok}\n");
    static const char judged_steps[] =
        "{\"id\":\"first\",\"do\":\"query\",\"outcome\":\"error\",\"errno\":%d}," FAILS(
            "second", 2006) "," FAILS("third", 2006) "," PASSES("again");
    cleanup_text struct text new = {0};
    text_add(&new, RUN);
    for (int i = 0; i < 2; i++) {
        cleanup_free char *judged = xprintf(judged_steps, i ? 2026 : 2013);
        text_printf(&new, CASE_OF("kill-idle@%s", "mysql-9.7", "mariadb-c", "pass", "%s"),
                    i ? "tls" : "tcp", judged);
    }
    text_add(&new, END);
    setenv("GONEAWAY_HOME", home, 1);
    ck_assert_int_eq(compare(base, new.data), 1);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "\n1 case: 1 -> 2026 CR_SSL_CONNECTION_ERROR\n"
                              "    kill-idle@tls  first\n") != NULL,
                  "%s", out);
    ck_assert_ptr_nonnull(strstr(out, "\n2 cases compared: 1 differs"));
    ck_assert_ptr_nonnull(strstr(out, "\nonly in OLD, ")); // all other cases of the catalogue
}
END_TEST

// Nothing is known of cases that were not run, whatever the file builds on.
START_TEST(what_was_not_run_is_not_compared) {
    static const char all[] = "goneaway-outcomes: 1\nconnector: mariadb-c 3.3.20\n"
                              "server: mysql-9.7 9.7.4\nlike: rows\n";
    cleanup_free char *some = xprintf("%sonly: [kill-idle, packet-*]\n", all);
    setenv("GONEAWAY_HOME", home, 1);
    ck_assert_int_eq(compare(all, some), 0);
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "\nonly in OLD, ") != NULL, "%s", out);
    ck_assert_ptr_null(strstr(out, "only in NEW"));
    write_report("b.yml", some);
    cleanup_seen struct seen seen = {0};
    ck_assert_msg(seen_read_baselines(&seen, "b.yml", &err) == 0, "%s", err.what);
    for (size_t i = 0; i < seen.case_count; i++)
        ck_assert_msg(text_starts(seen.cases[i].id, "kill-idle") ||
                          text_starts(seen.cases[i].id, "packet-"),
                      "%s", seen.cases[i].id);
}
END_TEST

// ---- files -------------------------------------------------------------------------------------

static const struct {
    const char *content;
    const char *complaint;
} bad[] = {
    {"", "old.json is empty: its run died before it began"},
    {"<xml/>\n", "old.json:1: is no JSON: "},
    {"[]\n", "old.json:1: is not a line of goneaway's json report"},
    {END, "old.json:1: the line of the run is missing"},
    {RUN RUN, "old.json:2: a second run begins"},
    {"{\"type\":\"run\",\"schema\":2}\n", "old.json:1: is of schema 2, and this goneaway reads 1"},
    {RUN "{\"type\":\"case\"}\n", "old.json:2: id is missing"},
    {RUN "{\"type\":\"later\"}\n", "old.json:2: there is no type 'later'"},
    {RUN "{\"type\":\"case\",\"id\":\"a\",\"connector\":{}}\n",
     "old.json:2: connector: the name is missing"},
    {ONE(STEP("s", "query", "magic", 0, "")), "old.json:2: s: it has no outcome that this"},
    {RUN CASE_OF("a@tcp", "m", "c", "fine", "") END, "old.json:2: there is no verdict 'fine'"},
    {RUN "{\"type\":\"case\",\"id\":\"a@tcp\",\"connector\":{\"name\":\"c\"},"
         "\"server\":{\"name\":\"m\"},\"verdict\":\"pass\"}\n",
     "old.json:2: steps are missing"},
    {ONE(PASSES("s")) CASE("b@tcp", PASSES("s")), "old.json:4: comes after the summary"},
};

START_TEST(bad_files_are_refused) {
    ck_assert_int_eq(compare(bad[_i].content, ONE(PASSES("s"))), 2);
    ck_assert_msg(text_starts(err.what, bad[_i].complaint), "%s", err.what);
}
END_TEST

START_TEST(wrong_usage_is_refused) {
    char *arguments[] = {"no-such.json", "b", "c"};
    struct options options = {.arguments = arguments, .argument_count = 1};
    ck_assert_int_eq(command_compare(&options, &err), -1);
    ck_assert_str_eq(err.what, "`goneaway compare` needs two files: OLD and NEW");
    options.argument_count = 2;
    ck_assert_int_eq(command_compare(&options, &err), -1);
    ck_assert_str_eq(err.what, "no-such.json: No such file or directory");
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_int_eq(
        compare_asked(ONE(PASSES("s")), ONE(PASSES("s")), (struct ask){.report = "tap=x"}), 2);
    ck_assert_str_eq(err.what,
                     "there is no report format 'tap'; choose from human, json, markdown and html");
}
END_TEST

// Nobody knows what a run that died would have shown.
START_TEST(incomplete_report_is_not_alike) {
    ck_assert_int_eq(compare(ONE(PASSES("s")), RUN CASE("a@tcp", PASSES("s")) "{\"type\":\"ca"), 3);
    ck_assert_str_eq(err.what, "new.json ends after 1 of 1 cases, without a summary: its run died");
    cleanup_free char *out = read_back("out");
    ck_assert_msg(strstr(out, "     incomplete: ends after 1 of 1") != NULL, "%s", out);
    ck_assert_int_eq(
        compare(ONE(PASSES("s")),
                RUN CASE("a@tcp", PASSES("s")) "{\"type\":\"summary\",\"interrupted\":true}\n"),
        3);
}
END_TEST

START_TEST(lost_cases_are_not_alike) {
    static const char lost[] =
        "{\"type\":\"run\",\"schema\":1,\"version\":\"1.0\",\"planned\":2}\n" CASE("a@tcp",
                                                                                   PASSES("s")) END;
    ck_assert_int_eq(compare(ONE(PASSES("s")), lost), 3);
    ck_assert_str_eq(err.what, "new.json has 1 of the 2 cases of its run");
    ck_assert_int_eq(compare(RUN CASE("a@tcp", PASSES("s")) CASE("b@tcp", PASSES("s")) END,
                             RUN CASE("a@tcp", PASSES("s")) CASE_OF("b@tcp", "m", "c", "broken", "")
                                 END),
                     3);
}
END_TEST

// A name in a stranger's report moves no cursor, and is no markup.
START_TEST(texts_of_strangers_are_harmless) {
    static const char hostile[] = "a\\u001b[2J<img src=x>|@evil.example\\u202e@tcp";
    cleanup_free char *old =
        xprintf(RUN CASE_OF("%s", "%s", "%s", "pass", FAILS("%s", 1)) CASE("%s", FAILS("u", 1)) END,
                hostile, hostile, hostile, hostile, hostile);
    cleanup_free char *new =
        xprintf(RUN CASE_OF("%s", "%s", "%s", "pass",
                            STEP("%s", "query", "error", 0, ",\"native\":\"%s\"")) END,
                hostile, hostile, hostile, hostile, hostile);
    ck_assert_int_eq(compare_asked(old, new, (struct ask){.report = "markdown=page"}), 1);
    cleanup_free char *out = read_back("out"), *page = read_back("page");
    ck_assert_ptr_null(strchr(out, '\033'));
    ck_assert_ptr_null(strstr(out, "\u202e"));
    ck_assert_ptr_null(strchr(page, '\033'));
    ck_assert_ptr_null(strstr(page, "<img"));
    ck_assert_ptr_null(strstr(page, "\u202e"));
    ck_assert_ptr_null(strstr(page, "|@"));
    ck_assert_int_eq(compare_asked(old, new, (struct ask){.report = "html=page.html"}), 1);
    cleanup_free char *html = read_back("page.html");
    ck_assert_ptr_null(strchr(html, '\033'));
    ck_assert_ptr_null(strstr(html, "<img"));
    ck_assert_ptr_null(strstr(html, "\u202e"));
}
END_TEST

// ---- reports for pull requests and programs ----------------------------------------------------

START_TEST(markdown_is_a_table_with_details) {
    static const char wanted[] = "### goneaway: 1 of 1 case differs\n\n"
                                 "| | connectors | servers | report |\n|---|---|---|---|\n"
                                 "| OLD | c 1 | m 9.7 | complete |\n"
                                 "| NEW | c 1 | m 9.7 | complete |\n\n"
                                 "| cases | OLD | NEW | |\n|---:|---|---|---|\n"
                                 "| 1 | 1 | 2013 CR_SERVER_LOST | a&#64;tcp |\n\n"
                                 "<details><summary>The cases</summary>\n\n"
                                 "**1 case: 1 → 2013 CR_SERVER_LOST**\n\n"
                                 "- a&#64;tcp: s\n\n"
                                 "</details>\n\n";
    ck_assert_int_eq(compare_asked(ONE(FAILS("s", 1)), ONE(FAILS("s", 2013)),
                                   (struct ask){.report = "markdown=page"}),
                     1);
    cleanup_free char *page = read_back("page");
    ck_assert_str_eq(page, wanted);
}
END_TEST

START_TEST(page_says_what_differs) {
    ck_assert_int_eq(compare_asked(ONE(FAILS("s", 1)), ONE(FAILS("s", 2013)),
                                   (struct ask){.report = "html=page.html"}),
                     1);
    cleanup_free char *page = read_back("page.html");
    ck_assert_ptr_nonnull(strstr(page, "<h1>goneaway: 1 of 1 case differs</h1>"));
    ck_assert_ptr_nonnull(strstr(page, "OLD</th><td class=\"wrap\">c 1</td>"));
    ck_assert_ptr_nonnull(
        strstr(page, "<b>1 case</b><code>1</code><span>&rarr;</span><code>2013 CR_SERVER_LOST"));
    ck_assert_ptr_nonnull(strstr(page, "<li><code>a@tcp</code> s</li>"));
    ck_assert_ptr_nonnull(strstr(page, "default-src 'none'"));
    ck_assert_str_eq(strstr(page, "</body>"), "</body></html>\n");
    htmlDocPtr document = htmlReadMemory(page, (int)strlen(page), NULL, "UTF-8",
                                         HTML_PARSE_NONET | HTML_PARSE_NOERROR);
    ck_assert_ptr_nonnull(document);
    xmlFreeDoc(document);
}
END_TEST

// Many groups of many cases, to test the limits of size and time.
enum { MANY_CASES = 3000 };
static char *many(int count, int shift) {
    struct text all = {0};
    text_add(&all, RUN);
    for (int i = 0; i < count; i++)
        text_printf(&all,
                    CASE("scenario-with-a-name-%d/variant@tcp",
                         FAILS("first", % d) "," FAILS("second", % d)),
                    i, 1000 + i % 700 + shift, 1000 + i % 11 + shift);
    text_add(&all, END);
    return all.data;
}

START_TEST(comment_fits_a_pull_request) {
    enum { GITHUB_CHARACTERS = 65536 };
    cleanup_free char *old = many(MANY_CASES, 0), *new = many(MANY_CASES, 5000);
    ck_assert_int_eq(compare_asked(old, new, (struct ask){.report = "markdown=page"}), 1);
    cleanup_free char *page = read_back("page");
    ck_assert_uint_lt(strlen(page), GITHUB_CHARACTERS);
    ck_assert_uint_gt(strlen(page), GITHUB_CHARACTERS / 2);
    ck_assert_ptr_nonnull(strstr(page, " smaller groups, for which there is no room here.\n"));
}
END_TEST

// Processor time that it takes to compare two reports, milliseconds.
static double compare_ms(char *(*make)(int count, int shift), int count, int shift) {
    cleanup_free char *old = make(count, 0), *new = make(count, shift);
    double began = clock_used_ms();
    ck_assert_int_eq(compare_asked(old, new, (struct ask){.report = "json=page"}), 1);
    return clock_used_ms() - began;
}

static void check_growth(char *(*make)(int count, int shift), int count, int shift) {
    enum { PARTS = 4 };
    double part = compare_ms(make, count / PARTS, shift), whole = compare_ms(make, count, shift);
    bound_growth(part, whole, PARTS);
}

START_TEST(large_reports_are_quick) {
    check_growth(many, MANY_CASES, 5000);
}
END_TEST

// One case many times, each with a step of its own; in the second file half of them differ.
static char *repetitions(int count, int shift) {
    struct text all = {0};
    text_add(&all, RUN);
    for (int i = 0; i < count; i++)
        text_printf(&all, CASE("a@tcp", FAILS("s%d", % d) "," FAILS("same", % d)), i,
                    1000 + i % 2 * shift, 1000 + i);
    text_add(&all, END);
    return all.data;
}

START_TEST(many_repetitions_are_quick) {
    enum { MANY = SANITIZED ? 2000 : 20000 };
    check_growth(repetitions, MANY, 1);
    cleanup_free char *page = read_back("page");
    int changed = 0;
    for (const char *at = page; (at = strstr(at, "\"step\":\"s")); at++)
        changed++;
    ck_assert_int_ge(changed, MANY / 2);
}
END_TEST

START_TEST(too_many_steps_are_refused) {
    cleanup_text struct text one = {0};
    text_add(&one, RUN "{\"type\":\"case\",\"id\":\"a@tcp\",\"connector\":{\"name\":\"c\"},"
                       "\"server\":{\"name\":\"m\"},\"verdict\":\"pass\",\"steps\":[");
    for (int i = 0; i < MOST_STEPS; i++)
        text_add(&one, PASSES("s") ",");
    text_add(&one, PASSES("s") "]}\n" END);
    ck_assert_int_eq(compare(text_get(&one), ONE(PASSES("s"))), 2);
    ck_assert_str_eq(err.what, "old.json:2: has more than 500 steps");
}
END_TEST

static const char mixed_old[] =
    RUN CASE("a@tcp", STEP("s", "query", "ok", 0,
                           ",\"rows\":1,\"row_values\":[[\"x\"]],\"thread\":1,\"thread_before\":1"))
        CASE("b@tcp", FAILS("s", 1)) CASE("b@tcp", FAILS("s", 2)) CASE("d@tcp", PASSES("s"))
            CASE_OF("e@tcp", "m", "c", "skip", "") END;
static const char mixed_new[] = RUN CASE("a@tcp", STEP("s", "query", "crash", 0, ",\"signal\":11"))
    CASE("b@tcp", STEP("s", "query", "error", 2013, ",\"sqlstate\":\"HY000\",\"native\":\"n\""))
        CASE("f@tcp", PASSES("s")) CASE_OF("e@tcp", "m", "c", "broken", "");

START_TEST(json_fits_its_schema) {
    cleanup_text struct text answer = {0};
    ck_assert_int_eq(compare_asked(mixed_old, mixed_new, (struct ask){.report = "json=page"}), 3);
    json_t *value = json_load_file("page", 0, NULL);
    ck_assert_ptr_nonnull(value);
    ck_assert_int_eq(json_array_size(json_object_get(value, "groups")), 2);
    ck_assert_int_eq(chdir(home), 0);
    json_t *schema = json_load_file("fixtures/schemas/compare.schema.json", 0, NULL);
    ck_assert_ptr_nonnull(schema);
    validator_forbid_other_keys(schema);
    json_auto_t *questions = json_pack("[{s:o, s:o}]", "schema", schema, "instance", value);
    validator_ask(questions, &answer);
    ck_assert_str_eq(text_get(&answer), "valid\n");
}
END_TEST

// ---- whatever the bytes are --------------------------------------------------------------------

static unsigned next_random(unsigned *state) {
    *state = *state * 1103515245 + 12345;
    return *state >> 16 & 0x7fff;
}

START_TEST(garbage_ends_with_a_status) {
    static const char odd[] = "\"{}[]\\,:-e9\n\xff\x01 ";
    unsigned state = (unsigned)_i;
    for (int i = 0; i < 60; i++) { // `make fuzz` does the rest
        cleanup_free char *spoilt = xstrdup(mixed_old);
        for (unsigned n = next_random(&state) % 4 + 1; n > 0; n--)
            spoilt[next_random(&state) % strlen(spoilt)] =
                odd[next_random(&state) % (sizeof odd - 1)];
        int status = compare(spoilt, mixed_new);
        ck_assert_int_ge(status, 0);
        ck_assert_int_le(status, 4);
    }
}
END_TEST

static TCase *report_tests(void) {
    TCase *tests = tcase_create("report");
    tcase_add_checked_fixture(tests, enter, folder_remove);
    tcase_set_timeout(tests, 200); // under the sanitizers, beside other work
    tcase_add_test(tests, texts_of_strangers_are_harmless);
    tcase_add_test(tests, markdown_is_a_table_with_details);
    tcase_add_test(tests, page_says_what_differs);
    tcase_add_test(tests, comment_fits_a_pull_request);
    tcase_add_test(tests, large_reports_are_quick);
    tcase_add_test(tests, many_repetitions_are_quick);
    tcase_add_test(tests, too_many_steps_are_refused);
    tcase_add_test(tests, json_fits_its_schema);
    return tests;
}

Suite *suite_compare(void) {
    Suite *suite = suite_create("compare");
    TCase *all = tcase_create("compare");
    tcase_add_checked_fixture(all, enter, folder_remove);
    tcase_set_timeout(all, 200);
    tcase_add_loop_test(all, what_was_seen_differs_or_not, 0, (int)COUNT_OF(steps));
    tcase_add_test(all, natives_of_two_families_are_not_compared);
    tcase_add_loop_test(all, places_are_paired, 0, (int)COUNT_OF(places));
    tcase_add_test(all, ambiguity_has_a_remedy);
    tcase_add_test(all, equal_changes_are_grouped);
    tcase_add_test(all, servers_are_folded);
    tcase_add_test(all, long_groups_are_cut);
    tcase_add_test(all, former_names_are_found);
    tcase_add_test(all, former_names_of_baselines_are_found);
    tcase_add_test(all, names_in_use_stay);
    tcase_add_test(all, what_did_not_run_is_counted);
    tcase_add_test(all, nothing_compared_is_not_alike);
    tcase_add_test(all, transports_of_one_side_are_folded);
    tcase_add_test(all, steps_of_one_side_are_listed);
    tcase_add_loop_test(all, repetitions_may_differ, 0, (int)COUNT_OF(repeated));
    tcase_add_loop_test(all, baselines_are_compared, 0, (int)COUNT_OF(measured));
    tcase_add_test(all, folder_is_all_its_files);
    tcase_add_test(all, folder_of_two_versions_is_refused);
    tcase_add_test(all, newest_version_of_a_server_is_read);
    tcase_add_test(all, rows_are_what_was_measured);
    tcase_add_test(all, what_was_not_run_is_not_compared);
    tcase_add_loop_test(all, bad_files_are_refused, 0, (int)COUNT_OF(bad));
    tcase_add_test(all, wrong_usage_is_refused);
    tcase_add_test(all, incomplete_report_is_not_alike);
    tcase_add_test(all, lost_cases_are_not_alike);
    tcase_add_loop_test(all, garbage_ends_with_a_status, 1, 4);
    suite_add_tcase(suite, all);
    suite_add_tcase(suite, report_tests());
    return suite;
}
