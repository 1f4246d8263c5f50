// SPDX-License-Identifier: Apache-2.0
// death.c - which scenarios may end their server, and which deaths of an app are nobody's
#include "test/lib/suites.h"

#include "run/case.h"

#include <signal.h>
#include <string.h>

static struct scenario *parse(const char *steps) {
    struct err err;
    cleanup_free char *text =
        xprintf("goneaway: 1\ntitle: T\ncause: killed\nsource: none\ntransport: [socket]\nsteps:\n"
                "%s\n  - {id: q, app: ping}\noutcomes: [{q: ok}]\n",
                steps);
    struct scenario *scenario = scenario_parse("t.yml", text, strlen(text), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    return scenario;
}

static const struct {
    const char *steps;
    bool planned;
} rows[] = {
    {"  - app: connect", false},
    {"  - app: {query: SELECT 1}\n  - admin: {query: FLUSH TABLES}", false},
    {"  - fault: {kill: app}\n  - fault: {pause: server}", false},
    {"  - server: {stop: KILL}\n  - server: start", false}, // these are tracked
    {"  - fault: {signal: {to: app, name: SEGV}}", false},
    {"  - until: {server: up}", false},
    {"  - until: {server: gone}", true},
    {"  - fault: {signal: {to: server, name: TERM}}", true},
    {"  - fault: {memory: 1MiB}", true},
    {"  - fault: {oom: 1MiB}", true},
    {"  - fault: {descriptors: 1}", true},
    {"  - fault: {threads: 1}", true},
    {"  - fault: shutdown", true},
    {"  - admin: {query: shutdown}", true},
    {"  - app: {query: SELECT goneaway_crash()}", true},
    {"  - app: {prepare: RESTART}", true},
    {"  - app: {connect: {init_command: \"/**/SHUTDOWN\"}}", true},
};

START_TEST(planned_deaths_are_known) {
    struct scenario *scenario = parse(rows[_i].steps);
    ck_assert_msg(death_is_planned(&scenario->cases[0], scenario->cases[0].step_count, 0) ==
                      rows[_i].planned,
                  "%s", rows[_i].steps);
    scenario_free(scenario);
}
END_TEST

// Only a fault that kills explains that the server was killed, and it does not explain what came
// before.
static const struct {
    const char *steps;
    size_t begun;
    int signal;
    bool planned;
} signal_rows[] = {
    {"  - until: {server: gone}", 1, SIGKILL, false},
    {"  - until: {server: gone}", 1, SIGSEGV, true},
    {"  - until: {server: gone}", 0, SIGSEGV, false},
    {"  - admin: {query: SHUTDOWN}", 1, SIGKILL, false},
    {"  - fault: {memory: 1MiB}", 1, SIGKILL, false},
    {"  - fault: {memory: 1MiB}", 1, SIGABRT, true},
    {"  - fault: {oom: 1MiB}", 1, SIGKILL, true},
    {"  - fault: {oom: 1MiB}", 1, SIGABRT, true},
    {"  - fault: {signal: {to: server, name: KILL}}", 1, SIGKILL, true},
    {"  - fault: {signal: {to: server, name: KILL}}", 1, SIGSEGV, false},
    {"  - fault: {signal: {to: server, name: KILL}}", 0, SIGKILL, false},
    {"  - fault: {signal: {to: server, name: SEGV}}", 1, SIGKILL, false},
    {"  - fault: {signal: {to: server, name: SEGV}}", 1, 0, true}, // the server may catch it
};

START_TEST(deaths_fit_what_was_done) {
    struct scenario *scenario = parse(signal_rows[_i].steps);
    bool planned =
        death_is_planned(&scenario->cases[0], signal_rows[_i].begun, signal_rows[_i].signal);
    ck_assert_msg(planned == signal_rows[_i].planned, "%s", signal_rows[_i].steps);
    scenario_free(scenario);
}
END_TEST

static const struct {
    const char *steps;
    int signal;
    bool found;
} app_rows[] = {
    {"  - app: connect", SIGKILL, true},
    {"  - app: connect", SIGSEGV, false}, // that is the connector's own doing
    {"  - app: connect", 0, false},
    {"  - fault: {signal: {to: app, name: KILL}}", SIGKILL, false},
    {"  - fault: {signal: {to: app, name: TERM}}", SIGKILL, true},
    {"  - fault: {signal: {to: server, name: KILL}}", SIGKILL, true},
};

START_TEST(killed_apps_are_found) {
    struct scenario *scenario = parse(app_rows[_i].steps);
    cleanup_record struct record *record = record_new("t@socket");
    struct record_step *step = record_add_step(record);
    step->actor = xstrdup("app");
    step->outcome = OUTCOME_CRASH;
    step->signal = app_rows[_i].signal;
    const struct record_step *found = death_find_killed(&scenario->cases[0], record);
    ck_assert_int_eq(found != NULL, app_rows[_i].found);
    step->outcome = OUTCOME_HANG; // killed by us
    ck_assert_ptr_null(death_find_killed(&scenario->cases[0], record));
    scenario_free(scenario);
}
END_TEST

Suite *suite_death(void) {
    Suite *suite = suite_create("death");
    TCase *tcase = tcase_create("death");
    tcase_add_loop_test(tcase, planned_deaths_are_known, 0, (int)COUNT_OF(rows));
    tcase_add_loop_test(tcase, deaths_fit_what_was_done, 0, (int)COUNT_OF(signal_rows));
    tcase_add_loop_test(tcase, killed_apps_are_found, 0, (int)COUNT_OF(app_rows));
    suite_add_tcase(suite, tcase);
    return suite;
}
