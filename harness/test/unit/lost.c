// SPDX-License-Identifier: Apache-2.0
// lost.c - what was measured as data: ranges of versions, and which errors mean a lost connection
#include "test/lib/suites.h"
#include "test/lib/validator.h"

#include "base/text.h"
#include "explain/fate.h"
#include "explain/lost.h"
#include "explain/matrix_data.h"
#include "explain/ranges.h"

#include <stdio.h>
#include <string.h>

// ---- ranges ------------------------------------------------------------------------------------

/** What was seen, "CONNECTOR SERVER SIGHT" each, and the ranges, in the same order. */
static const struct {
    const char *points[8];
    const char *ranges[5];
} folded[] = {
    {{"1.0 9.7 a"}, {"1.0 on 9.7: a"}},
    // a version between two that agree lies in the range
    {{"1.0 9.7 a", "1.2 9.7 a", "1.10 9.7 a"}, {"1.0..1.10 on 9.7: a"}},
    // between two that differ, nobody knows
    {{"1.0 9.7 a", "1.2 9.7 b", "1.10 9.7 b"},
     {"1.0 until 1.0> <=1.2 on 9.7: a", "1.2..1.10 since 1.0> <=1.2 on 9.7: b"}},
    {{"1.0 9.7 a", "1.1 9.7 b", "1.2 9.7 a"},
     {"1.0 until 1.0> <=1.1 on 9.7: a", "1.1 since 1.0> <=1.1 until 1.1> <=1.2 on 9.7: b",
      "1.2 since 1.1> <=1.2 on 9.7: a"}},
    {{"1.0 5.6 a", "1.0 8.4 b", "1.0 9.7 b"},
     {"1.0 on 5.6 until 5.6> <=8.4: a", "1.0 on 8.4..9.7 since 5.6> <=8.4: b"}},
    // both at once; the second server is as the first only for the older version
    {{"1.0 8.4 a", "1.1 8.4 a", "1.0 9.7 a", "1.1 9.7 b"},
     {"1.0..1.1 on 8.4 until 8.4> <=9.7: a", "1.0 until 1.0> <=1.1 on 8.4..9.7: a",
      "1.1 since 1.0> <=1.1 on 9.7 since 8.4> <=9.7: b"}},
    // not all combinations were measured: ranges overlap, and neither claims what was not seen
    {{"1.0 8.4 a", "1.0 9.7 a", "1.1 9.7 a"}, {"1.0 on 8.4..9.7: a", "1.0..1.1 on 9.7: a"}},
    // a version that cannot carry the case out parts those beside it, and nobody says that it differs
    {{"1.0 9.7 a", "1.1 9.7 -", "1.2 9.7 a"}, {"1.0 on 9.7: a", "1.2 on 9.7: a"}},
};

static void add_versions(struct text *text, const char *versions, const char *since,
                         const char *until) {
    text_add(text, versions);
    if (since)
        text_printf(text, " since %s", since);
    if (until)
        text_printf(text, " until %s", until);
}

START_TEST(versions_fold_into_ranges) {
    struct range_point points[COUNT_OF(folded[0].points)];
    char words[COUNT_OF(folded[0].points)][3][8];
    size_t count = 0, wanted = 0;
    for (; count < COUNT_OF(points) && folded[_i].points[count]; count++) {
        ck_assert_int_eq(sscanf(folded[_i].points[count], "%7s %7s %7s", words[count][0],
                                words[count][1], words[count][2]),
                         3);
        bool absent = strcmp(words[count][2], "-") == 0;
        points[count] =
            (struct range_point){words[count][0], words[count][1], absent ? "" : words[count][2]};
    }
    cleanup_ranges struct ranges ranges;
    ranges_find(&ranges, points, count);
    while (wanted < COUNT_OF(folded[0].ranges) && folded[_i].ranges[wanted])
        wanted++;
    ck_assert_uint_eq(ranges.count, wanted);
    for (size_t i = 0; i < wanted; i++) {
        const struct range *range = &ranges.items[i];
        cleanup_text struct text text = {0};
        add_versions(&text, range->connector, range->connector_since, range->connector_until);
        text_add(&text, " on ");
        add_versions(&text, range->server, range->server_since, range->server_until);
        text_printf(&text, ": %s", range->sight);
        ck_assert_str_eq(text_get(&text), folded[_i].ranges[i]);
    }
}
END_TEST

// ---- what became of the connection -------------------------------------------------------------

/** Steps after the app's connect, promises and outcomes; what the error of `first` says. */
static const struct {
    const char *steps, *promise, *outcomes;
    enum fate fate;
} told[] = {
#define FIRST_SECOND "  - {id: first, app: ping}\n  - {id: second, app: ping}\n"
    // success in the same session, or in a new one
    {FIRST_SECOND, "first: unbounded, second: unbounded", "first: 1205, second: ok", FATE_ALIVE},
    {FIRST_SECOND, "first: unbounded, second: unbounded",
     "first: 1205, second: {ok: true, session: new}", FATE_LOST},
    {FIRST_SECOND, "first: unbounded, second: error-or-new", "first: 2013, second: ok", FATE_LOST},
    {FIRST_SECOND, "first: unbounded, second: error-or-new",
     "first: 1205, second: {ok: true, session: same}, violates: W", FATE_ALIVE},
    // they fail too: the promise tells
    {FIRST_SECOND, "first: error-or-new, second: error-or-new", "first: 2013, second: 2006",
     FATE_LOST},
    {FIRST_SECOND, "first: unbounded, second: unbounded", "first: 2013, second: 2006",
     FATE_UNKNOWN},
    {FIRST_SECOND, "first: unbounded, second: unbounded", "first: 2013, second: hang",
     FATE_UNKNOWN},
    {FIRST_SECOND, "first: unbounded, second: error-or-new",
     "first: 2013, second: hang, violates: W", FATE_LOST},
    // what repetitions do not show alike says nothing
    {FIRST_SECOND, "first: unbounded, second: unbounded",
     "first: 1205, second: {ok: true, or: [2013], why: W}", FATE_UNKNOWN},
    // a new connection says nothing of the one before
    {"  - {id: first, app: ping}\n  - {id: second, app: connect}\n", "first: unbounded, second: ok",
     "first: 1205, second: ok", FATE_UNKNOWN},
    {"  - {id: first, app: connect}\n", "first: error", "first: 2003", FATE_FAILED},
    {"  - {id: first, app: connect}\n", "first: error", "first: 1040", FATE_REFUSED},
    // the session was replaced before, or in the very call
    {"  - {id: zero, app: ping}\n" FIRST_SECOND,
     "zero: unbounded, first: error-or-new, second: unbounded",
     "zero: {ok: true, session: new}, first: 1146, second: 1146", FATE_UNKNOWN},
    {FIRST_SECOND, "first: unbounded, second: unbounded",
     "first: {error: 2013, session: new}, second: ok", FATE_LOST},
};

static struct scenario *parse(const char *steps, const char *promise, const char *outcomes) {
    struct err err;
    cleanup_free char *text = xprintf("goneaway: 1\ntitle: T\ncause: other\nsource: none\n"
                                      "transport: [tcp]\nsteps:\n  - app: connect\n%s"
                                      "promise: {%s}\noutcomes:\n  - {%s}\n",
                                      steps, promise, outcomes);
    struct scenario *scenario = scenario_parse("t.yml", text, strlen(text), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    return scenario;
}

START_TEST(later_calls_tell_the_fate) {
    const struct place place = {.server = "mysql-9.7",
                                .vendor = "mysql",
                                .server_version = "9.7.4",
                                .connector = "c",
                                .connector_version = "1"};
    struct scenario *scenario = parse(told[_i].steps, told[_i].promise, told[_i].outcomes);
    const struct plan_case *plan = &scenario->cases[0];
    const struct plan_row *row = plan_find_row(plan, &place);
    size_t first = 0;
    while (!plan->steps[first].id || strcmp(plan->steps[first].id, "first") != 0)
        first++;
    ck_assert_int_eq(fate_of(plan, &place, row, first, plan_find_expectation(row, "first")),
                     told[_i].fate);
    scenario_free(scenario);
}
END_TEST

// ---- the files ---------------------------------------------------------------------------------

static const struct {
    const char *schema;
    int (*print)(FILE *out, const char *home, const struct catalog *catalog, struct err *err);
} files[] = {{"fixtures/schemas/matrix.schema.json", matrix_data_print},
             {"fixtures/schemas/lost.schema.json", lost_print_json}};

// Leaves every n-th record: they are thousands, and a validator takes milliseconds for each.
static void thin_out(json_t *records) {
    enum { MOST = 300 };
    size_t step = json_array_size(records) / MOST + 1;
    for (size_t i = json_array_size(records); i-- > 0;)
        if (i % step != 0)
            json_array_remove(records, i);
}

START_TEST(files_fit_their_schemas) {
    cleanup_text struct text answer = {0};
    cleanup_free char *data = NULL;
    size_t length = 0;
    struct catalog catalog;
    struct err err = {0};
    ck_assert_msg(catalog_select(&catalog, ".", 0, NULL, &err) == 0, "%s", err.what);
    FILE *out = open_memstream(&data, &length);
    ck_assert_msg(files[_i].print(out, ".", &catalog, &err) == 0, "%s", err.what);
    fclose(out);
    catalog_release(&catalog);
    json_t *value = json_loads(data, 0, NULL);
    json_t *schema = json_load_file(files[_i].schema, 0, NULL);
    ck_assert_ptr_nonnull(value);
    ck_assert_ptr_nonnull(schema);
    thin_out(json_object_get(value, "records"));
    validator_forbid_other_keys(schema);
    json_auto_t *questions = json_pack("[{s:o, s:o}]", "schema", schema, "instance", value);
    validator_ask(questions, &answer);
    ck_assert_str_eq(text_get(&answer), "valid\n");
}
END_TEST

// What people read of libmysqlclient: the famous two are lost, an interrupted statement may be, a
// lock wait timeout is not.
START_TEST(famous_codes_are_where_they_belong) {
    cleanup_free char *said = NULL;
    size_t length = 0;
    struct catalog catalog;
    struct err err = {0};
    ck_assert_msg(catalog_select(&catalog, ".", 0, NULL, &err) == 0, "%s", err.what);
    FILE *out = open_memstream(&said, &length);
    ck_assert_msg(lost_print(out, ".", &catalog, "libmysqlclient", false, &err) == 0, "%s",
                  err.what);
    fclose(out);
    catalog_release(&catalog);
    const char *lost = strstr(said, "  lost - "), *gone = strstr(said, "    2006 "),
               *server_lost = strstr(said, "    2013 "),
               *ambiguous = strstr(said, "  ambiguous - "),
               *interrupted = strstr(said, "    1317 ER_QUERY_INTERRUPTED");
    ck_assert_msg(strncmp(said, "libmysqlclient ", strlen("libmysqlclient ")) == 0, "%s", said);
    ck_assert_msg(lost && gone && server_lost && ambiguous && interrupted, "%s", said);
    ck_assert_msg(lost < gone && gone < server_lost && server_lost < ambiguous, "%s", said);
    ck_assert_msg(ambiguous < interrupted && !strstr(said, "    1205 "), "%s", said);
    ck_assert_ptr_null(strstr(said, "mariadb-c"));
}
END_TEST

Suite *suite_lost(void) {
    Suite *suite = suite_create("lost");
    TCase *all = tcase_create("lost");
    tcase_add_loop_test(all, versions_fold_into_ranges, 0, (int)COUNT_OF(folded));
    tcase_add_loop_test(all, later_calls_tell_the_fate, 0, (int)COUNT_OF(told));
    tcase_add_loop_test(all, files_fit_their_schemas, 0, (int)COUNT_OF(files));
    tcase_add_test(all, famous_codes_are_where_they_belong);
    suite_add_tcase(suite, all);
    return suite;
}
