// SPDX-License-Identifier: Apache-2.0
// clients.c - promises catch defective clients, and blame no correct one
//
// The client of fixtures/test/clients was written from the adapter protocol alone, and no outcomes are
// its own. Each of its defects is tried with a case or two that catch it.
#include "test/lib/cli.h"
#include "test/lib/contain.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <jansson.h>
#include <string.h>

enum { RUN_DEADLINE_MS = 150000, TIMEOUT_S = 200, MOST_ARGUMENTS = 40 };

static struct err err;

// Defects and cases of one run: each defect is tried with each case, and those below must be
// caught.
static const struct defect {
    int run;
    const char *name, *in, *verdict, *why; // how its why begins
} defects[] = {
    {0, "swallows-error", "kill-running/sleeping@tcp", "unsound",
     "`first` succeeded in a session that is gone"},
    {0, "crashes-after-loss", "kill-running/sleeping@tcp", "crash", "the app died in `second`"},
    {0, "never-recovers", "kill-running/sleeping@tcp", "unsound",
     "`again` ended as an error without a number (ConnectError=GIVEN_UP)"},
    {0, "accepts-part", "kill-streaming@tcp", "unsound",
     "`rest` succeeded in the same session although the rest of the result is lost"},
    {1, "retries-lost", "blind-retry-killed@tcp", "unsound",
     "`first` succeeded in a new session although an INSERT was lost in flight"},
    {9, "crashes-on-close", "commit-killed@tcp", "crash", "the app died in `again`"},
    {1, "loses-transaction", "blind-retry-transaction/statement@tcp", "unsound",
     "`first` succeeded in a new session although a transaction was open"},
    {9, "takes-commit-for-granted", "commit-killed@tcp", "unsound",
     "`first` succeeded in the same session although a transaction was open"},
    {2, "loses-variable", "reconnect-loses-variable/variable@tcp", "unsound",
     "`ping` succeeded in a new session although a variable was lost"},
    {2, "loses-temporary-table", "reconnect-loses-table@tcp", "unsound",
     "`ping` succeeded in a new session although a temporary table was lost"},
    {2, "loses-lock", "reconnect-loses-lock/lock@tcp", "unsound",
     "`ping` succeeded in a new session although a lock was lost"},
    {3, "shows-stale-row", "reconnect-running/running@tcp", "unsound",
     "`first` succeeded in a session that is gone"},
    {3, "mixes-up-rows", "socket-destroyed/server@tcp", "unsound",
     "`first` showed [[\"before\"]], which `SELECT 1` does not select"},
    {4, "hangs-after-reset", "firewall-idle-reject/reset@tcp", "hang",
     "`first` hung, although something bounds the call"},
    {4, "ignores-read-timeout", "firewall-idle/unanswered@tcp", "hang",
     "`first` hung, although something bounds the call"},
    {5, "ignores-connect-timeout", "client-timeout-connect/greeting@tcp", "hang",
     "`first` hung, although something bounds the call"},
    {5, "greets-for-ever", "client-timeout-connect/greeting@tcp", "hang",
     "`first` hung, although something bounds the call"},
    {5, "connects-for-ever", "client-timeout-connect/greeting@tcp", "hang",
     "`first` hung, although something bounds the call"},
    {6, "ignores-write-timeout", "write-timeout-stuck@tcp", "hang",
     "`first` hung, although something bounds the call"},
    {6, "reads-late-answer", "client-timeout-read/short@tcp", "unsound",
     "`second` succeeded in a session that is gone; then the case went no further"},
    {7, "shares-over-fork", "forked-turns@tcp", "unsound",
     "`child-ping` succeeded in the session of its parent, `app`"},
    {7, "ping-lies", "half-open/ping@tcp", "unsound", "`ping` succeeded in a session that is gone"},
    {7, "reset-lies", "pool-reset/reset@tcp", "unsound",
     "`variables` is not what any correct client shows: other rows than expected"},
    {7, "hides-kill", "kill-query-streaming@tcp", "unsound",
     "`first` succeeded in the same session although it was killed"},
    {8, "goes-without-tls", "tls-refused/none@tls", "unsound",
     "`first` succeeded although TLS was required"},
    {8, "verifies-nothing", "tls-certificate/other-authority@tls", "unsound",
     "`first` succeeded although the certificate is not to be trusted"},
};
enum { RUNS = 10 };

// ---- running -----------------------------------------------------------------------------------

static bool is_among(const char *const *argv, size_t count, const char *text) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(argv[i], text) == 0)
            return true;
    return false;
}

// Runs the cases of a run (-1: of all) with its defects, or with the correct client.
static void run_clients(int number) {
    cleanup_free char *json = xprintf("json=%s/report.json", test_folder);
    const char *argv[MOST_ARGUMENTS] = {cli.program, "run",     "--server", "mariadb-10.11",
                                        "--report",  "human=-", "--report", json};
    char *commands[COUNT_OF(defects)] = {NULL};
    size_t count = 8;
    for (size_t i = 0; i < COUNT_OF(defects); i++) {
        const struct defect *one = &defects[i];
        if (number >= 0 && one->run != number)
            continue;
        if (!is_among(argv, count, one->in))
            argv[count++] = one->in;
        if (number < 0)
            continue;
        commands[i] = xprintf("%s=python3 fixtures/test/clients/adapter.py --defect %s", one->name,
                              one->name);
        argv[count++] = "--adapter";
        argv[count++] = commands[i];
    }
    if (number < 0) {
        argv[count++] = "--adapter";
        argv[count++] = "correct=python3 fixtures/test/clients/adapter.py";
    }
    ck_assert_uint_lt(count, MOST_ARGUMENTS);
    cli_run(argv, RUN_DEADLINE_MS);
    ck_assert_msg(cli.cases != NULL, "no report:\n%.3000s", text_get(&cli.said));
    for (size_t i = 0; i < COUNT_OF(defects); i++)
        free(commands[i]);
}

static const char *text_of(const json_t *one, const char *key) {
    const char *text = json_string_value(json_object_get(one, key));
    return text ? text : "";
}

static const json_t *find_case(const char *id, const char *connector) {
    size_t i;
    json_t *one;
    json_array_foreach(cli.cases, i, one) {
        const json_t *by = json_object_get(one, "connector");
        if (strcmp(text_of(one, "id"), id) == 0 && strcmp(text_of(by, "name"), connector) == 0)
            return one;
    }
    ck_abort_msg("no case %s with %s\n%.3000s", id, connector, text_get(&cli.said));
    return NULL;
}

// ---- tests -------------------------------------------------------------------------------------

// Adapters are shown the working folder, so that stays as it is.
static void begin(void) {
    cli_find();
    contain_begin();
    folder_make("/tmp/goneaway-clients", 0700);
}

START_TEST(defects_are_caught) {
    run_clients(_i);
    for (size_t i = 0; i < COUNT_OF(defects); i++) {
        const struct defect *one = &defects[i];
        if (one->run != _i)
            continue;
        const json_t *seen = find_case(one->in, one->name);
        const char *verdict = text_of(seen, "verdict"), *why = text_of(seen, "why");
        ck_assert_msg(strcmp(verdict, one->verdict) == 0, "%s: %s: %s", one->name, verdict, why);
        ck_assert_msg(strncmp(why, one->why, strlen(one->why)) == 0, "%s: says: %s", one->name,
                      why);
    }
}
END_TEST

START_TEST(correct_client_is_accused_of_nothing) {
    run_clients(-1);
    size_t i;
    json_t *one;
    ck_assert_uint_ge(json_array_size(cli.cases), COUNT_OF(defects) / 2);
    json_array_foreach(cli.cases, i, one) {
        const char *verdict = text_of(one, "verdict");
        ck_assert_msg(strcmp(verdict, "unmeasured") == 0 || strcmp(verdict, "pass") == 0,
                      "%s: %s: %s", text_of(one, "id"), verdict, text_of(one, "why"));
    }
}
END_TEST

// A defect without a case here would go unnoticed.
START_TEST(each_defect_has_its_case) {
    cleanup_text struct text source = {0};
    ck_assert_msg(file_read("fixtures/test/clients/defects.py", 1 << 20, &source, &err) == 0, "%s",
                  err.what);
    size_t count = 0;
    const char *at = strstr(text_get(&source), "\nALL = {");
    ck_assert_ptr_nonnull(at);
    for (; (at = strstr(at, "\n    \"")); at++)
        count++;
    ck_assert_uint_eq(count, COUNT_OF(defects));
}
END_TEST

Suite *live_clients(void) {
    Suite *suite = suite_create("live_clients");
    TCase *tests = tcase_create("clients");
    tcase_add_checked_fixture(tests, begin, cli_end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_loop_test(tests, defects_are_caught, 0, RUNS);
    tcase_add_test(tests, correct_client_is_accused_of_nothing);
    tcase_add_test(tests, each_defect_has_its_case);
    suite_add_tcase(suite, tests);
    return suite;
}
