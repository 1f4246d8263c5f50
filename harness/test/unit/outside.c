// SPDX-License-Identifier: Apache-2.0
// outside.c - steps that come from outside: what they become, and what is refused
#include "plan/kind.h"
#include "plan/outside.h"
#include "test/lib/suites.h"

#include <string.h>

static struct scenario *scenario;
static struct err err;

static void begin(void) {
    scenario = outside_open(TRANSPORT_TCP);
    err = (struct err){0};
}

static void end(void) {
    scenario_free(scenario);
}

static const struct plan_step *add(const char *key, const char *data) {
    return outside_add(scenario, key, data, strlen(data), &err);
}

static const struct plan_step *must_add(const char *key, const char *data) {
    const struct plan_step *step = add(key, data);
    ck_assert_msg(step != NULL, "%s", err.what);
    return step;
}

START_TEST(json_and_yaml_are_the_same) {
    const char *const bodies[] = {"{\"kill\": 12}", "{\"kill\": \"12\"}", "kill: 12",
                                  "kill: {of: 12}"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        const struct plan_step *step = must_add("fault", bodies[i]);
        ck_assert_int_eq(step->kind, STEP_FAULT);
        ck_assert_str_eq(step->act.verb->name, "kill");
        ck_assert_str_eq(fault_kind_of(step)->app(&step->act), "12");
        ck_assert_int_eq(step->number, (int)i + 1);
    }
}
END_TEST

START_TEST(bare_words_may_have_quotes) {
    const char *const bodies[] = {"start", "\"start\"", "{\"start\": null}"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        ck_assert_str_eq(must_add("server", bodies[i])->act.verb->name, "start");
    must_add("fault", "{\"names\": \"servfail\"}");
    must_add("fault", "\"shutdown\"");
    must_add("admin", "{\"query\": \"SELECT 1\"}");
    must_add("fault", "{\"drop\": {\"from\": \"app\", \"when\": \"true\"}}");
}
END_TEST

START_TEST(faults_get_names) {
    ck_assert_str_eq(must_add("fault", "kill: 12")->name, "kill");
    ck_assert_str_eq(must_add("fault", "kill: 12")->name, "kill-2");
    ck_assert_str_eq(must_add("fault", "{id: mine, kill: 12}")->name, "mine");
    ck_assert_str_eq(must_add("fault", "kill: 13")->name, "kill-3");
}
END_TEST

START_TEST(deadline_is_the_steps) {
    const struct plan_step *step =
        must_add("until", "{\"session\": {\"of\": 12, \"is\": \"gone\"}, \"deadline\": \"2s\"}");
    ck_assert_int_eq(step->deadline_ms, 2000);
    ck_assert_int_eq(must_add("until", "server: up")->deadline_ms, STEP_DEADLINE_MS);
}
END_TEST

static const struct {
    const char *key, *data, *message;
} refusals[] = {
    {"fault", "{\"dorp\": {}}", "fault:1:3: unknown key 'dorp'; did you mean 'drop'?"},
    {"fault", "kill: app",
     "fault:1:7: 'app' is no session: here a session is named by its connection id, as in "
     "`kill: 12` (SELECT CONNECTION_ID() in the session says it)"},
    {"fault", "{kill: 12, fires: 2}",
     "fault:1:19: 'fires' is for the judge of a scenario; here the answer says how often the fault "
     "has fired"},
    {"fault", "netem: {towards: app, delay: 50ms}",
     "fault:1:1: netem has no place here: it spoils a link from when that is made, and those of a "
     "lab are made before anybody asks"},
    {"until", "{\"session\": {\"of\": 12, \"is\": \"lost\"}}",
     "until:1:31: unknown state of a session 'lost'; choose from gone, running or idle"},
    {"lift", "drop", NULL},
    {"fault", "", NULL},
};

START_TEST(what_is_wrong_is_refused) {
    size_t before = scenario->cases[0].step_count;
    ck_assert_ptr_null(add(refusals[_i].key, refusals[_i].data));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    if (refusals[_i].message)
        ck_assert_str_eq(err.what, refusals[_i].message);
    ck_assert_uint_eq(scenario->cases[0].step_count, before);
    must_add("fault", "drop: {from: server}"); // what was refused has left nothing
}
END_TEST

START_TEST(network_faults_need_a_network) {
    scenario_free(scenario);
    scenario = outside_open(TRANSPORT_SOCKET);
    ck_assert_ptr_null(add("fault", "drop: {from: server}"));
    ck_assert_ptr_nonnull(strstr(err.what, "acts on the network"));
    must_add("fault", "kill: 12");
}
END_TEST

START_TEST(room_is_bounded) {
    for (int i = 0; i < OUTSIDE_STEPS; i++)
        must_add("fault", "kill: 12");
    ck_assert_ptr_null(add("fault", "kill: 12"));
    ck_assert_str_eq(err.remedy, "a reset forgets them");
    outside_drop(scenario);
    must_add("fault", "kill: 12");
}
END_TEST

Suite *suite_outside(void) {
    Suite *suite = suite_create("outside");
    TCase *tests = tcase_create("steps");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, json_and_yaml_are_the_same);
    tcase_add_test(tests, bare_words_may_have_quotes);
    tcase_add_test(tests, faults_get_names);
    tcase_add_test(tests, deadline_is_the_steps);
    tcase_add_loop_test(tests, what_is_wrong_is_refused, 0, (int)COUNT_OF(refusals));
    tcase_add_test(tests, network_faults_need_a_network);
    tcase_add_test(tests, room_is_bounded);
    suite_add_tcase(suite, tests);
    return suite;
}
