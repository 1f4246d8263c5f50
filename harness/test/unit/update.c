// SPDX-License-Identifier: Apache-2.0
// update.c - updating a baseline: what is alike, what is not, and what is kept
#include "baseline/rewrite.h"
#include "test/lib/suites.h"

#include <stdio.h>
#include <string.h>

#define HEAD "goneaway-outcomes: 1\nconnector: lib 1.0\nserver: mysql-9.7 9.7.4\ncatalogue: 1\n"

static struct err err;
static struct plan_case plans[8];
static struct observed seen[8];
static size_t seen_count;
static struct baseline_changes changes;
static const char *like;

static void set_up(void) {
    err = (struct err){0};
    seen_count = 0;
    like = NULL;
}

static void tear_down(void) {
    for (size_t i = 0; i < seen_count; i++)
        observed_release(&seen[i]);
    text_release(&changes.unstable_ids);
}

// A repetition of a case where step `q` ended with `code` (0: ok), and step `r` with ok.
static struct sighting *see(const char *id, int code) {
    struct observed *observed = seen;
    while (observed < seen + seen_count && strcmp(observed->plan->id, id) != 0)
        observed++;
    if (observed == seen + seen_count) {
        plans[seen_count] = (struct plan_case){.id = id};
        seen[seen_count] = (struct observed){.plan = &plans[seen_count]};
        seen_count++;
    }
    observed->sightings =
        xrealloc(observed->sightings, observed->count + 1, sizeof *observed->sightings);
    struct sighting *sighting = &observed->sightings[observed->count++];
    *sighting = (struct sighting){0};
    struct record_step step = {
        .id = (char *)"q", .outcome = code ? OUTCOME_ERROR : OUTCOME_OK, .error = code};
    sighting_add(sighting, &step, false);
    step = (struct record_step){.id = (char *)"r", .outcome = OUTCOME_OK};
    sighting_add(sighting, &step, false);
    return sighting;
}

static char *update(const char *old_text) {
    cleanup_baseline struct baseline *old =
        old_text ? baseline_parse("b.yml", old_text, strlen(old_text), &err) : NULL;
    ck_assert_msg(!old_text || old, "%s", err.what);
    struct baseline_head head = {"lib", "1.1", "mysql-9.7", "9.7.5", "2", like};
    return baseline_rewrite("b.yml", old, old_text, &head, seen, seen_count, &changes, &err);
}

static void becomes(const char *old, const char *wanted) {
    cleanup_free char *text = update(old);
    ck_assert_msg(text != NULL, "%s", err.what);
    ck_assert_str_eq(text, wanted);
}

START_TEST(writes_new_file) {
    like = "rows";
    see("b/x@tls", 2026), see("b/x@tls", 2026);
    see("b/x@tcp", 2013), see("b/x@tcp", 2013);
    see("b/x@socket", 2013), see("b/x@socket", 2013);
    see("b@tcp", 0), see("b@tcp", 0);
    see("a@tcp", 2013), see("a@tcp", 2006);
    see("c@tcp", 2013)->fits_like = true;
    becomes(NULL, "# What was measured; `goneaway run --baseline` judges by it, and "
                  "--update-baseline writes it anew.\n"
                  "goneaway-outcomes: 1\n"
                  "connector: lib 1.1\n"
                  "server: mysql-9.7 9.7.5\n"
                  "catalogue: 2\n"
                  "like: rows\n"
                  "cases:\n"
                  "  b/x@[socket, tcp]: {q: 2013, r: ok}\n"
                  "  b/x@tls: {q: 2026, r: ok}\n"
                  "  b@tcp: {q: ok, r: ok}\n"
                  "unstable:\n"
                  "  a@tcp: {q: [{error: 2006, times: 1}, {error: 2013, times: 1}], r: ok}\n");
    ck_assert_uint_eq(changes.added, 5);
    ck_assert_str_eq(text_get(&changes.unstable_ids), "a@tcp");
}
END_TEST

#define KNOWN                                                                                      \
    "known:  # for now\n"                                                                          \
    "  # why\n"                                                                                    \
    "  - {case: a@tcp, because: x}\n"                                                              \
    "\n"                                                                                           \
    "# the cases\n"

static const char kept[] = "# mine\n"
                           "\n"
                           "goneaway-outcomes: 1  # of course\n"
                           "# by me\n"
                           "connector: lib 1.0   # the old one\n"
                           "server: mysql-9.7 9.7.4\n"
                           "catalogue: \"1\"\n" KNOWN "cases:  # sorted\n"
                           "  # above\n"
                           "  # and more\n"
                           "  a@[socket, tcp]: {q: 2013, r: ok}  # behind\n"
                           "  b@tcp:   { q: {error: 2013, message: 'x # }'} }\n"
                           "  # at the end\n"
                           "\n"
                           "unstable:\n"
                           "  u@tcp: {q: [2013, hang], r: ok} # sometimes\n"
                           "# last\n";

START_TEST(keeps_comments_and_what_did_not_run) {
    see("a@tcp", 2006);
    becomes(kept, "# mine\n"
                  "\n"
                  "goneaway-outcomes: 1  # of course\n"
                  "# by me\n"
                  "connector: lib 1.1  # the old one\n"
                  "server: mysql-9.7 9.7.5\n"
                  "catalogue: 2\n" KNOWN "cases: # sorted\n"
                  "  # above\n"
                  "  # and more\n"
                  "  a@socket: {q: 2013, r: ok}  # behind\n"
                  "  a@tcp: {q: 2006, r: ok}\n"
                  "  b@tcp: { q: {error: 2013, message: 'x # }'} }\n"
                  "  # at the end\n"
                  "\n"
                  "unstable:\n"
                  "  u@tcp: {q: [2013, hang], r: ok}  # sometimes\n"
                  "# last\n");
    ck_assert_uint_eq(changes.changed, 1);
}
END_TEST

START_TEST(is_the_same_again) {
    see("a@tcp", 2013)->fits_own = true;
    see("a@socket", 2013)->fits_own = true;
    cleanup_free char *first = update(kept);
    ck_assert_msg(first != NULL, "%s", err.what);
    text_release(&changes.unstable_ids);
    cleanup_free char *second = update(first);
    ck_assert_str_eq(first, second);
    ck_assert_uint_eq(changes.added + changes.changed + changes.removed, 0);
}
END_TEST

START_TEST(unstable_stays_so) {
    see("u@tcp", 2006), see("u@tcp", 2006);
    becomes(HEAD "unstable:\n  u@tcp: {q: [{error: 2013, times: 3}, hang], r: ok}\n",
            "goneaway-outcomes: 1\nconnector: lib 1.1\nserver: mysql-9.7 9.7.5\n"
            "catalogue: 2\nunstable:\n  u@tcp: {q: [{error: 2006, times: 2}, {error: 2013, "
            "times: 3}, hang], r: ok}\ncases:\n");
    ck_assert_uint_eq(changes.unstable, 1);
    ck_assert_uint_eq(changes.changed, 1);
}
END_TEST

// What is listed already leaves the file as it is, so that measuring again shows no difference.
START_TEST(unstable_is_the_same_again) {
#define UNSTABLE "  u@tcp: {q: [{error: 2013, times: 3}, {hang: true, times: 1}], r: ok}\n"
    see("u@tcp", 2013)->fits_own = true;
    see("u@tcp", 2013)->fits_own = true;
    becomes(HEAD "unstable:\n" UNSTABLE,
            "goneaway-outcomes: 1\nconnector: lib 1.1\nserver: mysql-9.7 9.7.5\n"
            "catalogue: 2\nunstable:\n" UNSTABLE "cases:\n");
    ck_assert_uint_eq(changes.unstable, 1);
    ck_assert_uint_eq(changes.changed + changes.added, 0);
}
END_TEST

START_TEST(removes_what_is_said_elsewhere) {
    see("a@tcp", 2013)->fits_like = true;
    becomes(HEAD "like: rows\ncases:\n  # a reason\n  a@tcp: {q: 2026, r: ok}  # odd\n",
            "goneaway-outcomes: 1\nconnector: lib 1.1\nserver: mysql-9.7 9.7.5\n"
            "catalogue: 2\nlike: rows\ncases:\n  # a reason\n  # a@tcp: odd\n");
    ck_assert_uint_eq(changes.removed, 1);
}
END_TEST

START_TEST(writes_names_of_today) {
    static const char *former[] = {"old@tcp"};
    see("new@tcp", 2013)->fits_own = true;
    plans[0].former = former;
    plans[0].former_count = 1;
    becomes(HEAD "cases:\n  old@tcp: {q: 2013, r: ok}  # why\n",
            "goneaway-outcomes: 1\nconnector: lib 1.1\nserver: mysql-9.7 9.7.5\n"
            "catalogue: 2\ncases:\n  new@tcp: {q: 2013, r: ok}  # why\n");
}
END_TEST

START_TEST(leaves_what_was_not_carried_out) {
    see("a@tcp", 2006);
    seen[0].incomplete = true;
    see("b@tcp", 2006);
    seen[1].incomplete = true;
    becomes(HEAD "cases:\n  a@tcp: {q: 2013}\n",
            "goneaway-outcomes: 1\nconnector: lib 1.1\nserver: mysql-9.7 9.7.5\n"
            "catalogue: 2\ncases:\n  a@tcp: {q: 2013}\n");
    ck_assert_uint_eq(changes.left, 2);
}
END_TEST

START_TEST(reads_block_style) {
    see("b@tcp", 2006);
    becomes(HEAD "cases:\n  a@tcp:\n    q: 2013\n    r: {ok: true, session: new}\n",
            "goneaway-outcomes: 1\nconnector: lib 1.1\nserver: mysql-9.7 9.7.5\n"
            "catalogue: 2\ncases:\n  a@tcp: {q: 2013, r: {ok: true, session: new}}\n"
            "  b@tcp: {q: 2006, r: ok}\n");
}
END_TEST

// What the machine would not write itself belongs to somebody, and is kept, however it is laid out.
START_TEST(loses_nothing_of_what_did_not_run) {
    see("b@tcp", 2006);
    becomes(HEAD "cases:\n"
                 "  a@tcp:\n"
                 "    q: {error: 2013, message: \"^Lost, then\", within: {max: 3s}}\n"
                 "    r: {ok: true, rows: [[\"1\", 2]]}\n"
                 "  \"c: {q: ok}@tcp\": {q: 2013}\n"
                 "  d@tcp: {q: ok}\t# behind a tab\n",
            "goneaway-outcomes: 1\nconnector: lib 1.1\nserver: mysql-9.7 9.7.5\n"
            "catalogue: 2\ncases:\n"
            "  a@tcp: {q: {error: 2013, message: \"^Lost, then\", within: {max: 3s}}, "
            "r: {ok: true, rows: [[\"1\", 2]]}}\n"
            "  b@tcp: {q: 2006, r: ok}\n"
            "  \"c: {q: ok}@tcp\": {q: 2013}\n"
            "  d@tcp: {q: ok}  # behind a tab\n");
}
END_TEST

START_TEST(refuses_what_it_cannot_lay_out) {
    see("b@tcp", 2006);
    cleanup_free char *text =
        update("{goneaway-outcomes: 1, connector: lib 1.0, server: mysql-9.7 9.7.4,\n"
               " cases: {a@tcp: {q: 2013}}}\n");
    ck_assert_ptr_null(text);
    ck_assert_msg(text_starts(err.what, "b.yml: cannot be brought up to date as it is laid out"),
                  "%s", err.what);
}
END_TEST

// Readers of YAML 1.1 take a plain `on` for a boolean.
START_TEST(quotes_ids_that_are_words_of_yaml) {
    struct record_step step = {.id = (char *)"on", .outcome = OUTCOME_OK};
    sighting_add(see("a@tcp", 2013), &step, false);
    cleanup_free char *text = update(NULL);
    ck_assert_msg(text != NULL, "%s", err.what);
    ck_assert_ptr_nonnull(strstr(text, "  a@tcp: {q: 2013, r: ok, \"on\": ok}\n"));
}
END_TEST

START_TEST(quotes_strange_names) {
    see("x: # y@tcp", 2006);
    cleanup_free char *text = update(HEAD);
    ck_assert_msg(text != NULL, "%s", err.what);
    ck_assert_ptr_nonnull(strstr(text, "  \"x: # y@tcp\": {q: 2006, r: ok}\n"));
}
END_TEST

Suite *suite_update(void) {
    Suite *suite = suite_create("update");
    TCase *tests = tcase_create("update");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, writes_new_file);
    tcase_add_test(tests, keeps_comments_and_what_did_not_run);
    tcase_add_test(tests, is_the_same_again);
    tcase_add_test(tests, unstable_stays_so);
    tcase_add_test(tests, unstable_is_the_same_again);
    tcase_add_test(tests, removes_what_is_said_elsewhere);
    tcase_add_test(tests, writes_names_of_today);
    tcase_add_test(tests, leaves_what_was_not_carried_out);
    tcase_add_test(tests, reads_block_style);
    tcase_add_test(tests, loses_nothing_of_what_did_not_run);
    tcase_add_test(tests, refuses_what_it_cannot_lay_out);
    tcase_add_test(tests, quotes_ids_that_are_words_of_yaml);
    tcase_add_test(tests, quotes_strange_names);
    suite_add_tcase(suite, tests);
    return suite;
}
