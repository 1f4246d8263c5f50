// SPDX-License-Identifier: Apache-2.0
// program.c - a case on one line with a user's own program in place of its app
//
// The program makes its calls itself, so a line has only what is done to it, and the moments at
// which that comes. To the language each moment is a connect of the app: what is known of a client
// that has just connected is what is known of the program. program/program.h derives the rest.
#include "try/program.h"

#include "base/text.h"
#include "batch/programs.h"
#include "plan/kind.h"
#include "program/program.h"
#include "try/parts.h"

#include <stdio.h>
#include <string.h>

int try_program_check(const struct options *options, struct err *err) {
    if (programs_check(options, err) < 0)
        return -1;
    if (options->program_count == 0 || !options->write)
        return 0;
    err_usage(err, "--write makes a scenario of what an app calls, and a --program's calls are its "
                   "own");
    return err_remedy(err, "leave --program out to write the line down; `goneaway run FILE "
                           "--program CMD` runs many a scenario with a program");
}

// ---- moments -----------------------------------------------------------------------------------

static bool begins_with(const char *text, const char *word) {
    size_t length = strlen(word);
    return strncmp(text, word, length) == 0 && (!text[length] || text[length] == ' ');
}

static bool is_connect(const struct try_step *step) {
    return begins_with(step->said, "connect");
}

// "running INSERT", as --at has it: "running=INSERT".
static const char *moment_text(struct try_line *line, const struct try_step *step,
                               struct err *err) {
    size_t length = strcspn(step->said, " ");
    if (!step->value)
        return arena_text(line->arena, step->said, length);
    const struct node *node = try_parse(line, step->at, step->value, err);
    if (!node)
        return NULL;
    return arena_printf(line->arena, "%.*s=%s", (int)length, step->said,
                        node->kind == NODE_SCALAR ? node->text : "");
}

static int set_moment(struct try_line *line, struct try_step *step, struct err *err) {
    struct err unread;
    struct program_moment *moment = arena_alloc(line->arena, sizeof *moment);
    const char *text = moment_text(line, step, err);
    if (!text)
        return -1;
    *moment = (struct program_moment){.at = AT_END};
    if (strcmp(text, "end") != 0 && program_moment_read(text, moment, &unread) < 0) {
        try_error(line, step->at, err, "there is no moment '%.60s'", step->said);
        return err_remedy(err, "`connected`, `idle`, `running`, `running TEXT` of the statement, "
                               "`statement N` or `end`");
    }
    step->moment = moment;
    step->value = NULL;
    return 0;
}

// ---- what the program does on its own ----------------------------------------------------------

static int refuse_call(const struct try_line *line, const struct try_step *step, struct err *err) {
    if (strcmp(step->key, "app") != 0 && strcmp(step->key, "await") != 0) {
        try_error(line, step->at, err, "a --program is the only app, and it is called `app`");
        return err_remedy(err, "leave `%s:` out", step->key);
    }
    try_error(line, step->at, err, "the --program makes its calls itself, so none stands here");
    return err_remedy(err, "leave it out; `running TEXT`, `statement N` or `idle` waits until the "
                           "program has come to its own");
}

static int take_call(struct try_line *line, struct try_step *step, bool started, struct err *err) {
    bool connects = step->verb && strcmp(step->verb, "connect") == 0;
    if (!connects || strcmp(step->key, "app") != 0 || step->as)
        return refuse_call(line, step, err);
    if (!is_connect(step))
        return set_moment(line, step, err);
    if (!started)
        return 0;
    try_error(line, step->at, err, "the --program has started, and connects when it will");
    return err_remedy(err, "`connected` waits until it has a session");
}

static int take_calls(struct try_line *line, struct err *err) {
    bool started = false;
    for (size_t i = 0; i < line->count; i++) {
        struct try_step *step = &line->steps[i];
        if (!step->is_app)
            continue;
        if (take_call(line, step, started, err) < 0)
            return -1;
        started = true;
    }
    return 0;
}

// ---- its start ---------------------------------------------------------------------------------

// The step before which the program starts, unless the line says so with `connect`.
static size_t find_start(const struct try_line *line, bool *ret_said) {
    size_t start = 0;
    for (size_t i = 0; i < line->count; i++)
        if (line->steps[i].is_app && is_connect(&line->steps[i])) {
            *ret_said = true;
            return i;
        }
    while (start < line->count && line->steps[start].quiet)
        start++;
    *ret_said = start < line->count && line->steps[start].is_app;
    return start;
}

static void add_start(struct try_line *line, size_t start) {
    line->steps = xgrow(line->steps, line->count, sizeof *line->steps);
    struct try_step *step = &line->steps[start];
    memmove(step + 1, step, (line->count++ - start) * sizeof *step);
    *step = (struct try_step){.said = "connect",
                              .key = "app",
                              .verb = "connect",
                              .id = "connect",
                              .at = start + 1 < line->count ? step[1].at : 0,
                              .is_app = true,
                              .hidden = true};
    line->apps[0] = "app";
    line->app_count = 1;
}

// To kill a statement, one must be running.
static const char *usual_moment(const struct try_line *line, size_t start) {
    bool next = start + 1 < line->count;
    return next && begins_with(line->steps[start + 1].said, "kill-query") ? "running" : NULL;
}

// What was done before its start may keep the program from its usual moment.
static const struct program_moment *moment_of_start(const struct try_line *line, size_t start) {
    static const struct program_moment just_started = {.at = AT_START};
    for (size_t i = 0; i < start; i++)
        if (!line->steps[i].quiet)
            return &just_started;
    return NULL;
}

static int choose_start(struct try_line *line, struct try_step *step, const char *usual,
                        const struct options *options, struct err *err) {
    const char *text = options->at ? options->at : usual;
    if (step->moment && options->at) {
        try_error(line, step->at, err, "the line says itself when it begins, and so does --at");
        return err_remedy(err, "leave one of them out");
    }
    if (!text && !step->moment)
        step->moment = moment_of_start(line, (size_t)(step - line->steps));
    if (step->moment || !text)
        return 0;
    struct program_moment *moment = arena_alloc(line->arena, sizeof *moment);
    step->moment = moment;
    return program_moment_read(text, moment, err);
}

int try_program_take(struct try_line *line, const struct options *options, struct err *err) {
    bool said;
    if (take_calls(line, err) < 0)
        return -1;
    size_t start = find_start(line, &said);
    if (!said)
        add_start(line, start);
    // it connects to the same place each time
    for (size_t i = start + 1; i < line->count; i++)
        if (line->steps[i].is_app)
            line->steps[i].value = line->steps[start].value;
    return choose_start(line, &line->steps[start], usual_moment(line, start), options, err);
}

// ---- the plan ----------------------------------------------------------------------------------

// We control how a program connects only through its environment.
static bool is_of_environment(const struct connect_args *args) {
    return args->connect_timeout_ms <= 0 && args->read_timeout_ms <= 0 &&
           args->write_timeout_ms <= 0 && args->max_allowed_packet <= 0 && args->reconnect < 0 &&
           args->compress < 0 && args->interactive < 0 && args->multi_statements < 0 &&
           args->local_infile < 0 && !args->init_command && args->ca < 0 && args->plugins < 0;
}

static int check_connect(const struct try_plan *plan, const struct plan_case *one,
                         struct err *err) {
    for (size_t i = 0; i < one->step_count; i++) {
        const struct plan_step *step = &one->steps[i];
        if (step->kind != STEP_APP || is_of_environment(step->act.args))
            continue;
        try_error(plan->line, plan->parts[i].step->at, err,
                  "how a --program connects is its own affair");
        return err_remedy(err, "only `user`, `password`, `database`, `session`, `host` and `to` "
                               "reach it, by its environment");
    }
    return 0;
}

// Whether a fault is done to the app's session, which must exist then.
static bool needs_session(const struct try_part *part, const struct plan_step *step) {
    return step->kind == STEP_FAULT && fault_kind_of(step)->app && part->effect &&
           part->effect->until;
}

// The server does not count what a program did before the server was restarted.
static int check_counts(const struct try_plan *plan, const struct plan_case *one, struct err *err) {
    bool anew = false;
    for (size_t i = 0; i < one->step_count; i++) {
        const struct try_part *part = &plan->parts[i];
        const struct program_moment *moment = part->until ? NULL : part->step->moment;
        if (anew && moment && moment->at == AT_STATEMENT) {
            try_error(plan->line, part->step->at, err,
                      "a server that has started anew does not count what a program did before");
            return err_remedy(err, "wait for `idle`, or for `running TEXT`");
        }
        anew |= one->steps[i].kind == STEP_SERVER && server_verb_of(&one->steps[i])->begins;
    }
    return 0;
}

// If its session has ended, a program that reaches another moment has a new one.
static int check_sessions(const struct try_plan *plan, const struct plan_case *one,
                          struct err *err) {
    const struct try_step *ended_by = NULL;
    bool started = false, has_session = false, ended = false;
    for (size_t i = 0; i < one->step_count; i++) {
        const struct try_part *part = &plan->parts[i];
        bool needs = !part->until && needs_session(part, &one->steps[i]);
        bool is_app = one->steps[i].kind == STEP_APP;
        if (ended && (needs || is_app))
            return try_error(plan->line, part->step->at, err,
                             "the --program has ended by then, by `end`");
        ended |= is_app && part->step->moment && part->step->moment->at == AT_END;
        if (needs && !started) {
            try_error(plan->line, part->step->at, err, "the --program has not started by then");
            return err_remedy(err, "leave `connect` out, or put it first");
        }
        if (needs && !has_session) {
            try_error(plan->line, part->step->at, err, "the --program has just started by then");
            return err_remedy(err, "`connected` or `idle` before it waits for its session");
        }
        if (needs && ended_by) {
            try_error(plan->line, part->step->at, err,
                      "the program's session has ended by then, by `%.40s`", ended_by->said);
            return err_remedy(err, "`connected` or `idle` before it waits for the next one");
        }
        started |= is_app;
        has_session |= is_app && (!part->step->moment || part->step->moment->at != AT_START);
        if (is_app)
            ended_by = NULL;
        else if (!part->until && part->effect && part->effect->until)
            ended_by = part->step;
    }
    return 0;
}

// "step 3 may end the program itself"
static int tell_why(const struct try_plan *plan, const char *why, struct err *err) {
    int number = 0, length = 0;
    if (sscanf(why, "step %d %n", &number, &length) < 1 || length == 0 || number < 1 ||
        (size_t)number > plan->part_count)
        return err_usage(err, "this line is not for a --program: %s", why);
    return try_error(plan->line, plan->parts[number - 1].step->at, err,
                     "not for a --program: this %s", why + length);
}

// The server ends sessions that idle too long by itself, which only its log shows.
static const char *find_log(const struct try_plan *plan, const struct plan_case *one) {
    for (size_t i = 0; i < one->step_count; i++)
        if (one->steps[i].kind == STEP_IDLE && plan->parts[i].effect)
            return "Aborted connection .*(disconnected by the server because of inactivity|"
                   "Got timeout reading communication packets)";
    return NULL;
}

int try_program_fit(struct run_item *item, const struct try_plan *plan,
                    const struct options *options, struct err *err) {
    struct arena *arena = plan->scenario->arena;
    const struct program_moment **moments =
        arena_alloc(arena, (plan->part_count + 1) * sizeof *moments);
    for (size_t i = 0; i < plan->part_count; i++)
        moments[i] = plan->parts[i].until ? NULL : plan->parts[i].step->moment;
    const struct program_options how = {.expect_output = options->expect_output,
                                        .deadline_ms = options->deadline_ms,
                                        .moments = moments,
                                        .is_trial = true,
                                        .log = find_log(plan, item->plan)};
    struct plan_case *derived = arena_alloc(arena, sizeof *derived);
    if (check_connect(plan, item->plan, err) < 0 || check_sessions(plan, item->plan, err) < 0 ||
        check_counts(plan, item->plan, err) < 0)
        return -1;
    cleanup_free char *why = program_derive_apart(item->plan, &how, arena, derived);
    if (why)
        return tell_why(plan, why, err);
    item->plan = derived;
    return 0;
}

int try_program_check_plan(const struct try_plan *plan, const struct options *options,
                           struct err *err) {
    for (size_t i = 0; i < plan->scenario->case_count; i++) {
        struct run_item item = {.plan = &plan->scenario->cases[i]};
        if (try_program_fit(&item, plan, options, err) < 0)
            return -1;
    }
    return 0;
}
