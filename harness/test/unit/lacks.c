// SPDX-License-Identifier: Apache-2.0
// lacks.c - which failures mean that the connector, or the server, cannot do what a case asks
// for
#include "test/lib/suites.h"

#include "run/case.h"
#include "run/request.h"
#include "run/unknown.h"

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

// How a step ends on a server with old TLS, or another one.
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

static const struct {
    const char *verb, *id;
    int code;
    const char *lacks;
} logins[] = {
    {"connect", NULL, 1251, "c lacks a way to log in to new: unknown"},
    {"connect", "again", 1251, "c lacks a way to log in to new: unknown"},
    {"connect", "q", 1251, NULL}, // which a row is about
    {"connect", NULL, 1045, NULL},
    {"query", NULL, 1251, NULL},
};

START_TEST(a_login_that_is_unknown_is_lacked) {
    static const char text[] = "goneaway: 1\ntitle: T\ncause: killed\nsource: none\n"
                               "transport: tcp\n"
                               "steps: [app: connect, {id: q, app: connect}, {id: again, app: "
                               "connect}]\noutcomes: [{q: 1251, again: 2013}]\n";
    struct err err;
    struct scenario *scenario = scenario_parse("t.yml", text, strlen(text), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    const struct server_recipe recipe = {.name = "new"};
    struct world world = {.server = {.recipe = &recipe}};
    struct record record = {.connector = "c"};
    struct case_run run = {.plan = &scenario->cases[0], .world = &world, .record = &record};
    const struct record_step seen = {.verb = (char *)logins[_i].verb,
                                     .id = (char *)logins[_i].id,
                                     .outcome = OUTCOME_ERROR,
                                     .error = logins[_i].code,
                                     .message = "unknown"};
    lacks_note(&run, &seen);
    ck_assert_pstr_eq(record.lacks, logins[_i].lacks);
    free(record.lacks);
    scenario_free(scenario);
}
END_TEST

// Lines from servers' error logs, and the case's option that each is about.
static const struct {
    const char *log, *option;
} logs[] = {
    {"2015-01-01 [ERROR] /opt/mysqld: unknown variable 'wait_more=5'\n", "wait_more"},
    {"[ERROR] [MY-000067] [Server] unknown variable 'wait-more=5'.\n", "wait_more"},
    {"[ERROR] mariadbd: unknown option '--new-thing'\n", "new_thing"},
    {"unknown variable 'other=1'\nunknown variable 'WAIT_MORE=5'\n", "wait_more"},
    {"unknown variable 'innodb-doublewrite-pages=4'\n", NULL}, // the recipe's own
    {"unknown variable 'wait_more_still=5'\n", NULL},
    {"unknown variable 'wait", NULL},
    {"unknown option '--", NULL},
    {"[ERROR] Can't start server: bind on TCP/IP port\n", NULL},
    {"", NULL},
};

START_TEST(an_option_of_the_case_is_unknown) {
    static const char text[] =
        "goneaway: 1\ntitle: T\ncause: killed\nsource: none\n"
        "transport: [tcp]\nserver: {options: {wait_more: 5, new_thing: true}}\n"
        "steps: [{id: q, app: connect}]\noutcomes: [{q: ok}]\n";
    struct err err;
    struct scenario *scenario = scenario_parse("t.yml", text, strlen(text), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    ck_assert_pstr_eq(unknown_option_find(&scenario->cases[0], logs[_i].log), logs[_i].option);
    scenario_free(scenario);
}
END_TEST

Suite *suite_lacks(void) {
    Suite *suite = suite_create("lacks");
    TCase *cases = tcase_create("lacks");
    tcase_add_loop_test(cases, a_tls_that_is_too_old_is_lacked, 0, (int)COUNT_OF(rows));
    tcase_add_loop_test(cases, a_login_that_is_unknown_is_lacked, 0, (int)COUNT_OF(logins));
    tcase_add_loop_test(cases, an_option_of_the_case_is_unknown, 0, (int)COUNT_OF(logs));
    suite_add_tcase(suite, cases);
    return suite;
}
