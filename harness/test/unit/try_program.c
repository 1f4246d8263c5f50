// SPDX-License-Identifier: Apache-2.0
// try_program.c - a case on one line for somebody's own program: what becomes of its words
#include "test/lib/bound.h"
#include "test/lib/suites.h"

#include "base/text.h"
#include "plan/kind.h"
#include "program/program.h"
#include "try/program.h"

#include <stdlib.h>
#include <string.h>

static struct err err;
static struct try_line line;
static struct try_plan plan;

static void tear_down(void) {
    try_plan_release(&plan);
    try_release(&line);
}

// Reads a line as `goneaway try --program` does, over tcp.
static int derive(const char *text, const struct options *options, struct run_item *item) {
    if (try_read(&line, text, true, &err) < 0 || try_program_take(&line, options, &err) < 0 ||
        try_plan_make(&plan, &line, NULL, &err) < 0 ||
        try_program_check_plan(&plan, options, &err) < 0)
        return -1;
    *item = (struct run_item){.plan = &plan.scenario->cases[0]};
    return try_program_fit(item, &plan, options, &err);
}

static void add_step(struct text *text, const struct plan_case *derived, size_t i) {
    const struct plan_step *step = &derived->steps[i];
    const struct program_moment *moment = step->act.args;
    int origin = derived->program->origins[i];
    ck_assert_int_eq(step->number, (int)i + 1);
    ck_assert_msg((origin > 0) == (step->kind != STEP_PROGRAM), "step %zu", i);
    text_add(text, i ? " " : "");
    if (step->kind != STEP_PROGRAM)
        text_add(text, plan.parts[origin - 1].until ? "until" : plan.parts[origin - 1].step->said);
    else
        text_add(text, moment ? program_moment_word(moment) : step->act.verb->name);
    if (step->kind == STEP_PROGRAM && moment && moment->text)
        text_printf(text, "=%s", moment->text);
    if (step->kind == STEP_PROGRAM && moment && moment->nth)
        text_printf(text, "=%lld", (long long)moment->nth);
}

static const struct {
    const char *line, *at, *steps;
} good[] = {
    {"kill", NULL, "start idle kill app until end"},
    {"kill", "running=INSERT INTO", "start running=INSERT INTO kill app until end"},
    {"idle; kill", NULL, "start idle kill app until end"},
    {"connect; kill", NULL, "start idle kill app until end"},
    {"connect; kill", "connected", "start connected kill app until end"},
    {"running INSERT INTO t; kill", NULL, "start running=INSERT INTO t kill app until end"},
    {"running 'a;b'; kill", NULL, "start running=a;b kill app until end"},
    {"statement 3; kill-query", NULL, "start statement=3 kill-query end"},
    {"kill-query", NULL, "start running kill-query end"},
    {"drop; wait 1s; lift", NULL, "start idle drop drop wait 1s lift drop lift drop-back end"},
    {"drop; connect", NULL, "drop drop start end"},
    {"drop; connect; connected", NULL, "drop drop start connected end"},
    {"set wait_timeout=1; wait 2s", NULL, "set wait_timeout=1 start idle wait 2s until end"},
    {"kill; idle; kill; connected", NULL,
     "start idle kill app until idle kill app until connected end"},
    {"stop; connect", NULL, "stop start end"},
    {"stop; connect; wait 1s; start; idle; kill", NULL,
     "stop start wait 1s start idle kill app until end"},
    {"set wait_timeout=9; connect; drop", NULL, "set wait_timeout=9 start idle drop drop end"},
    {"drop; connect; lift", "connected", "drop drop start connected lift drop lift drop-back end"},
    {"until {server: gone}", NULL, "start idle until {server: gone} end"},
    {"connect", "idle", "start idle end"},
    {"end; admin SELECT 1", NULL, "start end admin SELECT 1"},
    {"kill; end; admin SELECT 1; wait 1s", NULL,
     "start idle kill app until end admin SELECT 1 wait 1s"},
    {"", NULL, "start end"},
};

START_TEST(line_becomes_a_plan) {
    const struct options options = {.at = good[_i].at, .deadline_ms = 5000};
    struct run_item item;
    cleanup_text struct text steps = {0};
    ck_assert_msg(derive(good[_i].line, &options, &item) == 0, "%s", err.what);
    for (size_t i = 0; i < item.plan->step_count; i++)
        add_step(&steps, item.plan, i);
    ck_assert_str_eq(text_get(&steps), good[_i].steps);
}
END_TEST

// A fault that nothing met proves nothing; but one of a firewall's two rules is enough.
START_TEST(faults_must_fire) {
    static const struct options options = {.deadline_ms = 5000};
    struct run_item item;
    int must = 0, may = 0;
    ck_assert_msg(derive("drop", &options, &item) == 0, "%s", err.what);
    for (size_t i = 0; i < item.plan->step_count; i++)
        if (item.plan->steps[i].kind == STEP_FAULT)
            *(item.plan->steps[i].fires.rule == FIRES_ANY ? &may : &must) += 1;
    ck_assert_int_eq(must, 1);
    ck_assert_int_eq(may, 1);
}
END_TEST

static const struct {
    const char *line, *at, *what, *remedy;
} refused[] = {
    {"kill; query", NULL, "character 7: the --program makes its calls itself", "leave it out"},
    {"query SELECT 1 &; kill", NULL, "character 1: the --program makes its calls itself", ""},
    {"kill; ping", NULL, "character 7: the --program makes its calls itself", ""},
    {"b: connect; kill", NULL, "character 1: a --program is the only app", "leave `b:` out"},
    {"connect; kill; connect", NULL, "character 16: the --program has started", "`connected`"},
    {"connect reconnect=true; kill", NULL, "character 1: how a --program connects", "only `user`"},
    {"kill; connect", NULL, "character 1: the --program has not started by then",
     "leave `connect`"},
    {"kill; kill", NULL, "character 7: the program's session has ended by then, by `kill app`",
     "`connected` or `idle`"},
    {"restart; statement 2; kill", NULL, "character 10: a server that has started anew", "`idle`"},
    {"idle; kill", "idle", "character 1: the line says itself when it begins", "one of them"},
    {"statement x; kill", NULL, "character 1: there is no moment 'statement x'", "`statement N`"},
    {"signal {to: app, name: KILL}", NULL,
     "character 1: not for a --program: this may end the program itself", ""},
    {"stop; connect; kill", NULL, "character 16: the --program has just started", "`connected`"},
    {"kill; end; connected", NULL, "character 12: the --program has ended by then", ""},
    {"end; kill", NULL, "character 6: the --program has ended by then", ""},
    {"kil", NULL, "character 1: there is no word 'kil'", "did you mean `kill`?"},
};

START_TEST(what_a_program_does_itself_is_refused) {
    const struct options options = {.at = refused[_i].at, .deadline_ms = 5000};
    struct run_item item;
    ck_assert_int_eq(derive(refused[_i].line, &options, &item), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_msg(strstr(err.what, refused[_i].what) != NULL, "%s", err.what);
    ck_assert_msg(strstr(err.remedy, refused[_i].remedy) != NULL, "%s", err.remedy);
}
END_TEST

// Whatever is typed is either refused, as wrong usage, or carried out.
START_TEST(nothing_typed_does_harm) {
    static const char *const pieces[] = {
        "connect",     "idle",      "running",
        "statement",   "connected", "kill",
        "drop",        "lift",      "restart",
        "wait 1s",     "set a=1",   "admin SELECT 1",
        "INSERT",      "{",         "}",
        "'",           "&",         "3",
        "99999999999", "b: ",       "forget",
        "pause app",   "query",     "fork",
        "user=x",      "end",       "stub {does: [close]}",
        "to=stub",     "\x1b",      "until {server: gone}",
        "option a=$x", "raw",       "signal {to: app, name: KILL}"};
    enum { ROUNDS = SANITIZED ? 300 : 3000, MOST = 8 };
    static const struct options options = {.deadline_ms = 5000};
    unsigned int seed = 4711;
    int fine = 0;
    for (int i = 0; i < ROUNDS; i++) {
        cleanup_text struct text text = {0};
        struct run_item item;
        for (int k = rand_r(&seed) % MOST; k >= 0; k--)
            text_printf(&text, "%s%s", pieces[(size_t)rand_r(&seed) % COUNT_OF(pieces)],
                        rand_r(&seed) % 2 ? "; " : " ");
        int ret = derive(text_get(&text), &options, &item);
        ck_assert_msg(ret == 0 || err.kind == ERR_USAGE, "'%s': %s", text_get(&text), err.what);
        fine += ret == 0;
        tear_down();
    }
    ck_assert_int_gt(fine, 0);
}
END_TEST

START_TEST(options_go_together) {
    const struct options both = {.program_count = 1, .write = "x.yml"};
    const struct options none = {.at = "idle"};
    ck_assert_int_eq(try_program_check(&both, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.what, "--write makes a scenario of what an app calls"));
    ck_assert_int_eq(try_program_check(&none, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.what, "--at is of a --program"));
}
END_TEST

Suite *suite_try_program(void) {
    Suite *suite = suite_create("try_program");
    TCase *lines = tcase_create("lines");
    tcase_add_checked_fixture(lines, NULL, tear_down);
    tcase_add_loop_test(lines, line_becomes_a_plan, 0, COUNT_OF(good));
    tcase_add_test(lines, faults_must_fire);
    tcase_add_loop_test(lines, what_a_program_does_itself_is_refused, 0, COUNT_OF(refused));
    tcase_add_test(lines, nothing_typed_does_harm);
    tcase_add_test(lines, options_go_together);
    suite_add_tcase(suite, lines);
    return suite;
}
