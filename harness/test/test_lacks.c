// SPDX-License-Identifier: Apache-2.0
// test_lacks.c - which failures mean that the connector cannot do what a case asks for
#include "test/suites.h"

#include "run/case.h"
#include "run/request.h"

#include <string.h>

static struct scenario *parse(void) {
    static const char text[] = "goneaway: 1\ntitle: T\ncause: killed\nsource: none\n"
                               "transport: [tcp, tls]\n"
                               "steps: [app: connect, {id: q, app: connect}, {id: again, app: "
                               "connect}]\noutcomes: [{q: 2026, again: 2013}]\n";
    struct err err;
    struct scenario *scenario = scenario_parse("t.yml", text, strlen(text), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    return scenario;
}

// How a step ends on a server with an old TLS, or another one.
static const struct {
    const char *old_tls, *transport, *verb, *id;
    enum outcome_kind outcome;
    const char *lacks;
} rows[] = {
    {"1.0", "tls", "connect", NULL, OUTCOME_ERROR, "c lacks the TLS of old (1.0): too old"},
    {"1.0", "tls", "connect", NULL, OUTCOME_OK, NULL},
    {"1.0", "tls", "connect", "again", OUTCOME_ERROR, "c lacks the TLS of old (1.0): too old"},
    {"1.0", "tls", "connect", "q", OUTCOME_ERROR, NULL}, // which a row is about
    {"1.0", "tls", "query", NULL, OUTCOME_ERROR, NULL},
    {"1.0", "tcp", "connect", NULL, OUTCOME_ERROR, NULL},
    {NULL, "tls", "connect", NULL, OUTCOME_ERROR, NULL},
};

START_TEST(a_tls_that_is_too_old_is_lacked) {
    struct scenario *scenario = parse();
    cleanup_free char *id = xprintf("t@%s", rows[_i].transport);
    const struct plan_case *plan = &scenario->cases[strcmp(scenario->cases[0].id, id) != 0];
    const struct server_recipe recipe = {.name = "old", .old_tls = rows[_i].old_tls};
    struct world world = {.server = {.recipe = &recipe}};
    struct record record = {.connector = "c"};
    struct case_run run = {.plan = plan, .world = &world, .record = &record};
    const struct record_step seen = {.verb = (char *)rows[_i].verb,
                                     .id = (char *)rows[_i].id,
                                     .outcome = rows[_i].outcome,
                                     .message = "too old"};
    ck_assert_str_eq(plan->id, id);
    lacks_note(&run, &seen);
    ck_assert_pstr_eq(record.lacks, rows[_i].lacks);
    free(record.lacks);
    scenario_free(scenario);
}
END_TEST

Suite *suite_lacks(void) {
    Suite *suite = suite_create("lacks");
    TCase *cases = tcase_create("lacks");
    tcase_add_loop_test(cases, a_tls_that_is_too_old_is_lacked, 0, (int)COUNT_OF(rows));
    suite_add_tcase(suite, cases);
    return suite;
}
