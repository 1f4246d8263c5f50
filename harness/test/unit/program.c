// SPDX-License-Identifier: Apache-2.0
// program.c - plans for somebody's own program, and what its end means, without any server
#include "test/lib/suites.h"

#include "base/text.h"
#include "plan/kind.h"
#include "program/program.h"
#include "verdict/verdict.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct err err;
static struct scenario *scenario;

static void tear_down(void) {
    scenario_free(scenario);
    scenario = NULL;
}

static char *place(const char *path) {
    const char *home = getenv("GONEAWAY_HOME");
    return xprintf("%s/%s", home && *home ? home : ".", path);
}

static const struct plan_case *find_case(const char *id) {
    for (size_t i = 0; i < scenario->case_count; i++)
        if (strcmp(scenario->cases[i].id, id) == 0)
            return &scenario->cases[i];
    ck_abort_msg("no case %s", id);
    return NULL;
}

#define SCENARIO(rest)                                                                             \
    "goneaway: 1\ntitle: T\ncause: killed\nsource: S\ntransport: [tcp, socket, tls]\n" rest

static void parse(const char *text) {
    scenario = scenario_parse("s.yml", text, strlen(text), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
}

static void read_file(const char *path) {
    cleanup_free char *file = place(path);
    scenario = scenario_read(file, &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
}

// "admin start idle fault until end"
static char *steps_of(const struct plan_case *plan) {
    struct text text = {0};
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        const char *word = step->kind != STEP_PROGRAM ? step->actor
                           : step->act.verb->id == PROGRAM_COMES
                               ? program_moment_word(&plan->program->moment)
                               : step->act.verb->name;
        text_printf(&text, "%s%s", i ? " " : "", word);
        ck_assert_int_eq(step->number, (int)i + 1);
    }
    return text.data;
}

static void check_plan(const char *id, const struct program_options *options, const char *wanted) {
    struct plan_case plan;
    cleanup_free char *why = program_derive(find_case(id), options, &plan);
    cleanup_free char *steps = why ? NULL : steps_of(&plan);
    const char *seen = why ? why : steps;
    ck_assert_msg(strstr(seen, wanted) != NULL, "%s: %s", id, seen);
}

// ---- the headline failures ---------------------------------------------------------------------

static const struct {
    const char *file, *id, *steps;
} headline[] = {
    {"server/kill-idle", "kill-idle@tcp", "start idle fault until end"},
    {"server/kill-idle", "kill-idle@socket", "start idle fault until end"},
    {"server/kill-idle", "kill-idle@tls", "whether a program uses TLS is its own affair"},
    {"server/kill-running", "kill-running/sleeping@tcp", "start running fault end"},
    {"server/kill-computing", "kill-computing@tcp", "start running fault fault lift end"},
    {"server/kill-streaming", "kill-streaming@tcp", "start running until fault end"},
    {"server/wait-timeout", "wait-timeout/query@tcp", "start idle idle until end"},
    {"server/wait-timeout", "wait-timeout/pinged@tcp", "its app pings while it waits"},
    {"server/server-restart", "server-restart/term@tcp", "start idle server end"},
    {"network/skip-networking", "skip-networking/skipped@tcp", "start end"},
    {"network/skip-networking", "skip-networking/open@tcp", "start end"},
    {"network/firewall-block", "firewall-block/dropped@tcp", "fault start end"},
    {"packet/oversized-blob", "oversized-blob/over@tcp", "start end"},
    {"packet/oversized-blob", "oversized-blob/raised@tcp", "start end"},
    {"packet/oversized-blob", "oversized-blob/limit@tcp",
     "it is the same as oversized-blob/over@tcp, since they differ only in the calls of the app"},
    {"application/forked-connection", "forked-connection/closes@tcp", "start forked end"},
    {"application/forked-connection", "forked-connection/own@tcp",
     "it is the same as forked-connection/closes@tcp"},
    {"application/forked-both-query", "forked-both-query@tcp", "acts on 'child'"},
};

START_TEST(headline_failures_have_plans) {
    static const struct program_options usual;
    cleanup_free char *path = xprintf("scenarios/%s.yml", headline[_i].file);
    read_file(path);
    check_plan(headline[_i].id, &usual, headline[_i].steps);
}
END_TEST

// ---- what a plan is made of --------------------------------------------------------------------

static const struct {
    const char *text, *steps;
} shapes[] = {
    {SCENARIO("steps:\n"
              "  - admin: {query: CREATE TABLE goneaway.x (a INT)}\n"
              "  - app: connect\n"
              "  - app: {query: BEGIN}\n"
              "  - admin: {query: SELECT 1}\n"
              "  - {id: q, app: ping}\n"
              "  - {id: data, admin: {query: SELECT 2}}\n"
              "evidence: {Aborted_connects: 1}\n"
              "outcomes: [{q: 2013, data: ok}]\n"
              "promise: {q: error, data: ok}\n"),
     "admin start idle admin end admin"},
    {SCENARIO("steps:\n"
              "  - app: connect\n"
              "  - fault: {kill: app}\n"
              "  - {id: q, app: ping}\n"
              "  - server: {stop: TERM}\n"
              "outcomes: [{q: 2013}]\n"),
     "it goes on after its app's calls (step 4, server)"},
    {SCENARIO("steps:\n  - app: connect\n  - {id: q, app: {query: A}}\noutcomes: [{q: 1064}]\n"
              "promise: {q: error}\n"),
     "nothing that can be observed would show that a program has met the failure"},
    {SCENARIO("steps:\n  - app: connect\n  - {id: q, app: {query: SELECT 1}}\noutcomes: [{q: ok}]\n"
              "promise: {q: ok}\n"),
     "start end"},
    {SCENARIO("steps:\n"
              "  - app: connect\n"
              "  - fault: {kill: app}\n"
              "  - {id: q, app: {connect: {user: x}}}\n"
              "outcomes: [{q: 1045}]\n"),
     "its app connects otherwise in step 3 than in step 1"},
    {SCENARIO("apps: [app, b]\nsteps:\n  - app: connect\n  - {id: q, b: connect}\n"
              "outcomes: [{q: ok}]\n"),
     "it has 2 apps"},
    {SCENARIO("connectors: [mariadb-jdbc]\nsteps:\n  - {id: q, app: connect}\n"
              "outcomes: [{q: ok}]\n"),
     "it is only for certain connectors"},
    {SCENARIO("steps:\n"
              "  - app: connect\n"
              "  - fault: {drop: {from: app}}\n"
              "  - app: {query: SELECT 1, as: q}\n"
              "  - lift: drop\n"
              "  - {id: q, await: q}\n"
              "outcomes: [{q: ok}]\n"),
     "step 4 lifts the fault while a call of its app is under way"},
    {SCENARIO("steps:\n"
              "  - app: connect\n"
              "  - fault: {signal: {to: app, name: SEGV}}\n"
              "  - {id: q, app: ping}\n"
              "outcomes: [{q: {crash: SIGSEGV}}]\n"),
     "step 2 may end the program itself"},
};

START_TEST(steps_around_the_calls_remain) {
    static const struct program_options usual;
    const char *text = shapes[_i].text;
    // network faults do not apply to the Unix socket
    cleanup_free char *tcp =
        strstr(text, "drop")
            ? xprintf("%.*stcp, tls%s", (int)(strstr(text, "tcp,") - text), text, strchr(text, ']'))
            : xstrdup(text);
    parse(tcp);
    check_plan("s@tcp", &usual, shapes[_i].steps);
}
END_TEST

START_TEST(a_plan_is_no_longer_judged_by_calls) {
    static const struct program_options usual;
    struct plan_case plan;
    parse(shapes[0].text);
    cleanup_free char *why = program_derive(find_case("s@tcp"), &usual, &plan);
    ck_assert_ptr_null(why);
    ck_assert_uint_eq(plan.row_count + plan.promise_count + plan.fork_count, 0);
    ck_assert_int_eq(plan.program->proof, PROOF_ABORTED);
    for (size_t i = 0; i < plan.step_count; i++)
        ck_assert_int_eq(plan.steps[i].id != NULL, plan.steps[i].kind == STEP_PROGRAM &&
                                                       plan.steps[i].act.verb->id == PROGRAM_ENDS);
}
END_TEST

// ---- moments -----------------------------------------------------------------------------------

static const struct {
    const char *text, *word, *sentence;
} moments[] = {
    {"connected", "connected", "it had a session"},
    {"idle", "idle", "its session was idle"},
    {"running", "running", "a statement of it was running"},
    {"running=INSERT INTO", "running", "with 'INSERT INTO' was running"},
    {"statement=3", "statement", "its statement number 3 had begun"},
};

START_TEST(a_moment_can_be_chosen) {
    struct program_moment moment;
    struct program_options options = {.moment = &moment};
    cleanup_free char *wanted = xprintf("start %s fault until end", moments[_i].word);
    ck_assert_int_eq(program_moment_read(moments[_i].text, &moment, &err), 0);
    cleanup_free char *sentence = program_moment_text(&moment);
    ck_assert_msg(strstr(sentence, moments[_i].sentence) != NULL, "%s", sentence);
    read_file("scenarios/server/kill-idle.yml");
    check_plan("kill-idle@tcp", &options, wanted);
    tear_down();
    read_file("scenarios/network/firewall-block.yml");
    check_plan("firewall-block/dropped@tcp", &options, "it has no fault whose moment --at could");
}
END_TEST

static const char *const no_moments[] = {"",
                                         "idle=x",
                                         "runs",
                                         "running=",
                                         "statement",
                                         "statement=0",
                                         "statement=1x",
                                         "start",
                                         "statement=99999999"};

START_TEST(other_moments_are_refused) {
    struct program_moment moment;
    ck_assert_int_eq(program_moment_read(no_moments[_i], &moment, &err), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.remedy, "statement=N"));
}
END_TEST

// ---- its end -----------------------------------------------------------------------------------

static const struct {
    enum outcome_kind outcome;
    const char *native, *message, *output, *expected;
    enum verdict_kind kind;
    const char *why;
} ends[] = {
    {OUTCOME_OK, "exit status 0", NULL, "x", NULL, VERDICT_PASS, ""},
    {OUTCOME_ERROR, "exit status 3", NULL, "x", "x", VERDICT_FAIL,
     "the program ended with exit status 3"},
    {OUTCOME_CRASH, NULL, "the program died of SIGSEGV", NULL, NULL, VERDICT_CRASH,
     "the program died of SIGSEGV"},
    {OUTCOME_HANG, NULL, "the program has not ended", NULL, "x", VERDICT_HANG,
     "the program has not ended"},
    {OUTCOME_OK, "exit status 0", NULL, "a\nerror 2013\nb", "^error 20(13|06)$", VERDICT_PASS, ""},
    {OUTCOME_OK, "exit status 0", NULL, "a\nerror 2014\nb", "^error 20(13|06)$", VERDICT_FAIL,
     "no line of the program's output matches '^error 20(13|06)$'"},
    {OUTCOME_OK, "exit status 0", NULL, NULL, "x", VERDICT_FAIL,
     "no line of the program's output matches 'x'"},
    {OUTCOME_OK, "exit status 0", NULL, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a+)+$",
     VERDICT_BROKEN, "--expect-output: "},
};

START_TEST(its_end_is_judged) {
    struct program_options options = {.expect_output = ends[_i].expected};
    struct plan_case plan;
    struct verdict verdict;
    read_file("scenarios/server/kill-idle.yml");
    cleanup_free char *why = program_derive(find_case("kill-idle@tcp"), &options, &plan);
    ck_assert_ptr_null(why);
    cleanup_record struct record *record = record_new("kill-idle@tcp");
    record_add_fault(record, "kill", "kill", "sql")->fired = 1;
    struct record_step *step = record_add_step(record);
    step->id = xstrdup("program");
    step->actor = xstrdup("app");
    step->outcome = ends[_i].outcome;
    step->native = xstrdup(ends[_i].native);
    step->message = xstrdup(ends[_i].message);
    if (ends[_i].output)
        record_add_said(record, "app", ends[_i].output);
    verdict_of(&plan, record, 1, &verdict);
    ck_assert_msg(verdict.kind == ends[_i].kind && text_starts(verdict.why, ends[_i].why), "%s: %s",
                  verdict_names[verdict.kind], verdict.why);
    ck_assert_str_eq(judge_names[verdict.judged_by],
                     verdict.kind == VERDICT_BROKEN ? "-" : "program");
    verdict_release(&verdict);
    record->faults[0].fired = 0;
    verdict_of(&plan, record, 1, &verdict);
    ck_assert_int_eq(verdict.kind, VERDICT_BROKEN);
    verdict_release(&verdict);
}
END_TEST

Suite *suite_program(void) {
    Suite *suite = suite_create("program");
    TCase *plans = tcase_create("plans");
    tcase_add_checked_fixture(plans, NULL, tear_down);
    tcase_add_loop_test(plans, headline_failures_have_plans, 0,
                        (int)(sizeof headline / sizeof *headline));
    tcase_add_loop_test(plans, steps_around_the_calls_remain, 0,
                        (int)(sizeof shapes / sizeof *shapes));
    tcase_add_test(plans, a_plan_is_no_longer_judged_by_calls);
    suite_add_tcase(suite, plans);
    TCase *times = tcase_create("moments");
    tcase_add_checked_fixture(times, NULL, tear_down);
    tcase_add_loop_test(times, a_moment_can_be_chosen, 0, (int)(sizeof moments / sizeof *moments));
    tcase_add_loop_test(times, other_moments_are_refused, 0,
                        (int)(sizeof no_moments / sizeof *no_moments));
    suite_add_tcase(suite, times);
    TCase *judged = tcase_create("end");
    tcase_add_checked_fixture(judged, NULL, tear_down);
    tcase_add_loop_test(judged, its_end_is_judged, 0, (int)(sizeof ends / sizeof *ends));
    suite_add_tcase(suite, judged);
    return suite;
}
