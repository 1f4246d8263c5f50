// SPDX-License-Identifier: Apache-2.0
// program.c - a case with a user's own program in the place of an adapter
//
// One pass over the steps. Everything up to the app's first call stays. Then calls are left out
// until something happens to the connection; before that, the program is started, and awaited at
// the moment to which those calls had led. What happens then stays, up to the app's next call; from
// there on, only the program acts, and the admin looks at its work.
#include "program/program.h"

#include "base/text.h"
#include "plan/kind.h"

#include <stdlib.h>
#include <string.h>

// ---- kinds of steps ----------------------------------------------------------------------------

enum part {
    PART_CALL,  // by the app
    PART_STATE, // a state that is waited for
    PART_LIFT,
    PART_LOOK, // by an admin, and judged
    PART_ACT,  // anything done to the connection or around it
};

static enum part part_of(const struct plan_step *step) {
    switch (step->kind) {
    case STEP_APP:
    case STEP_AWAIT:
        return PART_CALL;
    case STEP_UNTIL:
        return PART_STATE;
    case STEP_LIFT:
        return PART_LIFT;
    case STEP_ADMIN:
        return step->id ? PART_LOOK : PART_ACT;
    default:
        return PART_ACT;
    }
}

static const char *app_of(const struct plan_case *plan) {
    return ((const char **)plan->scenario->apps.items)[0];
}

// The app that a fault or a state concerns; NULL: none.
static const char *subject_of(const struct plan_step *step) {
    kind_app *app = step->kind == STEP_FAULT   ? fault_kind_of(step)->app
                    : step->kind == STEP_UNTIL ? state_kind_of(step)->app
                                               : NULL;
    return app ? app(&step->act) : NULL;
}

static bool ends_app(const struct plan_case *plan, const struct plan_step *step) {
    const struct fault_kind *kind = step->kind == STEP_FAULT ? fault_kind_of(step) : NULL;
    static const int signals[] = {0, 9, 15};
    for (size_t i = 0; kind && kind->may_end && i < COUNT_OF(signals); i++)
        if (kind->may_end(&step->act, app_of(plan), signals[i]))
            return true;
    return false;
}

// ---- what cannot be derived --------------------------------------------------------------------

static char *refuse_step(const struct plan_case *plan, const struct plan_step *step) {
    const char *subject = subject_of(step);
    if (step->kind == STEP_RAW)
        return xstrdup("it speaks the protocol itself (`raw`)");
    if (step->kind == STEP_APP && app_verb_of(step)->beside)
        return xprintf("its app cancels its own call (step %d), and a program does what it does",
                       step->number);
    if (step->kind == STEP_IDLE && step->idle.app_pings_every_ms > 0)
        return xstrdup("its app pings while it waits, and a program does what it does");
    if (subject && strcmp(subject, app_of(plan)) != 0 && part_of(step) == PART_ACT)
        return xprintf("step %d acts on '%s', a child that the scenario forks", step->number,
                       subject);
    return ends_app(plan, step) ? xprintf("step %d may end the program itself", step->number)
                                : NULL;
}

static char *refuse(const struct plan_case *plan) {
    if (plan->transport == TRANSPORT_TLS)
        return xstrdup("whether a program uses TLS is its own affair; it is run over tcp and "
                       "socket");
    if (plan->scenario->connectors.count > 0)
        return xstrdup("it is only for certain connectors");
    if (plan->scenario->apps.count > 1)
        return xprintf("it has %zu apps, and a program is one", plan->scenario->apps.count);
    if (plan->server && plan->server->starts == 0)
        return xstrdup("its server does not start");
    for (size_t i = 0; i < plan->step_count; i++) {
        char *why = refuse_step(plan, &plan->steps[i]);
        if (why)
            return why;
    }
    return NULL;
}

// ---- one pass over the steps
// ---------------------------------------------------------------------

enum phase { PHASE_BEFORE, PHASE_CALLS, PHASE_ACTS, PHASE_OVER };

struct derivation {
    const struct plan_case *plan;
    struct plan_case *ret;
    struct program_plan *program;
    struct arena *arena;
    enum phase phase;
    int *origins;                         // for the steps of `ret`
    size_t held_from;                     // the first state after the app's latest call
    const struct program_moment *awaited; // replaces the latest call; NULL: none
    bool pending;                         // a call runs in the background
    bool streaming;                       // rows are left on the wire
    bool forks;
    bool calls;      // the app does something
    bool closed;     // the server is down from the start
    bool ended;      // its end is in the plan
    bool is_trial;   // see struct program_options
    const char *log; // likewise
    bool proves;     // something itself proves that it happened to the connection
    char *why;
};

static const struct verb program_verbs[] = {
    [PROGRAM_STARTS] = {"start", PROGRAM_STARTS, NULL, 0, "the program starts"},
    [PROGRAM_COMES] = {"moment", PROGRAM_COMES, NULL, 0, "it comes to the moment of the fault"},
    [PROGRAM_ENDS] = {"end", PROGRAM_ENDS, NULL, 0, "it ends"},
};

static struct plan_step *emit(struct derivation *derivation, const struct plan_step *step) {
    derivation->origins[derivation->ret->step_count] = step->number;
    struct plan_step *next = &derivation->ret->steps[derivation->ret->step_count++];
    *next = *step;
    next->number = (int)derivation->ret->step_count;
    next->id = NULL;
    return next;
}

static struct plan_step *emit_program(struct derivation *derivation, enum program_act act,
                                      int64_t deadline_ms) {
    return emit(derivation, &(const struct plan_step){.kind = STEP_PROGRAM,
                                                      .actor = app_of(derivation->plan),
                                                      .act = {.verb = &program_verbs[act]},
                                                      .deadline_ms = deadline_ms});
}

static void emit_moment(struct derivation *derivation, const struct program_moment *moment,
                        const struct program_options *options) {
    struct plan_step *step = emit_program(derivation, PROGRAM_COMES, options->deadline_ms);
    step->act.args = (void *)moment;
}

static void emit_end(struct derivation *derivation, const struct program_options *options) {
    emit_program(derivation, PROGRAM_ENDS, options->deadline_ms)->id = PROGRAM_STEP_ID;
    derivation->ended = true;
}

static bool same_text(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "") == 0;
}

// Whether two connects lead to the same place with the same account.
static bool same_way(const struct connect_args *a, const struct connect_args *b) {
    return a->host == b->host && a->to == b->to && same_text(a->user, b->user) &&
           same_text(a->password, b->password) && same_text(a->database, b->database);
}

static void note_connect(struct derivation *derivation, const struct plan_step *step) {
    const struct plan_step *first = derivation->program->connect;
    if (!first)
        derivation->program->connect = step;
    else if (!same_way(first->act.args, step->act.args))
        derivation->why = xprintf("its app connects otherwise in step %d than in step %d",
                                  step->number, first->number);
}

static void note_call(struct derivation *derivation, const struct plan_step *step) {
    derivation->calls = true;
    if (step->kind == STEP_AWAIT) {
        derivation->pending = false;
        return;
    }
    const struct app_verb *verb = app_verb_of(step);
    bool fetches = strcmp(verb->word.name, "fetch") == 0 ||
                   strcmp(verb->word.name, "stmt_store") == 0 ||
                   strcmp(verb->word.name, "stmt_fetch") == 0;
    derivation->pending = step->as != NULL;
    derivation->streaming = strcmp(verb->word.name, "stream") == 0 ||
                            strcmp(verb->word.name, "stmt_execute") == 0 ||
                            (derivation->streaming && fetches);
    derivation->forks |= verb->child != NULL;
    if (verb->addressed)
        note_connect(derivation, step);
}

// Whether a fault that fired must have met the program: because it counts what meets it, or because
// it was done to the program's connection. A fault that is merely in place proves nothing.
static bool proves_itself(const struct plan_step *step, bool before) {
    const struct fault_kind *kind = fault_kind_of(step);
    return !kind->stands && (kind->count || !before);
}

static void note_act(struct derivation *derivation, const struct plan_step *step) {
    bool ends = step->kind == STEP_SERVER && server_verb_of(step)->ends;
    bool begins = step->kind == STEP_SERVER && server_verb_of(step)->begins;
    bool before = derivation->phase == PHASE_BEFORE;
    if (before && (ends || begins))
        derivation->closed = !begins;
    derivation->proves |= step->kind == STEP_FAULT ? proves_itself(step, before)
                                                   : !before && (ends || step->kind == STEP_PROXY);
}

// The number of times that a fault must fire is for the calls of the scenario's app.
static void relax(struct fires *fires) {
    if (fires->rule == FIRES_EXACTLY)
        fires->rule = fires->times > 0 ? FIRES_ONCE_OR_MORE : FIRES_ANY;
}

static void keep(struct derivation *derivation, const struct plan_step *step) {
    struct plan_step *kept = emit(derivation, step);
    relax(&kept->fires);
}

// Starts the program, and brings it to the moment to which the calls so far have led.
static void begin(struct derivation *derivation, size_t at, const struct program_options *options) {
    struct program_moment *moment = &derivation->program->moment;
    bool runs = derivation->pending || derivation->streaming;
    moment->at = runs ? AT_RUNNING : AT_IDLE;
    if (options->moment)
        *moment = *options->moment;
    if (derivation->awaited)
        *moment = *derivation->awaited;
    emit_program(derivation, PROGRAM_STARTS, STEP_DEADLINE_MS);
    if (moment->at != AT_START)
        emit_moment(derivation, moment, options);
    for (size_t i = derivation->held_from; runs && i < at; i++) {
        const struct plan_step *step = &derivation->plan->steps[i];
        if (part_of(step) == PART_STATE && state_kind_of(step)->of_socket)
            keep(derivation, step);
    }
    derivation->phase = PHASE_ACTS;
}

// Leaves out a step between calls that are left out, or after calls that follow the fault.
static void leave_out(struct derivation *derivation, const struct plan_step *step) {
    enum part part = part_of(step);
    bool over = derivation->phase == PHASE_OVER;
    if (part == PART_LIFT && derivation->pending)
        derivation->why =
            xprintf("step %d lifts the fault while a call of its app is under way", step->number);
    else if (over && part == PART_ACT && step->kind != STEP_IDLE)
        derivation->why = xprintf("it goes on after its app's calls (step %d, %s), and when a "
                                  "program has done its own is not known",
                                  step->number, step->actor);
}

static void take_call(struct derivation *derivation, size_t at,
                      const struct program_options *options) {
    const struct program_moment *moment = options->moments ? options->moments[at] : NULL;
    note_call(derivation, &derivation->plan->steps[at]);
    derivation->held_from = at + 1;
    if (moment && moment->at == AT_END) {
        if (derivation->phase < PHASE_ACTS)
            emit_program(derivation, PROGRAM_STARTS, STEP_DEADLINE_MS);
        derivation->phase = PHASE_ACTS;
        emit_end(derivation, options);
        return;
    }
    if (moment && derivation->phase >= PHASE_ACTS) {
        emit_moment(derivation, moment, options);
        return;
    }
    derivation->awaited = moment ? moment : derivation->awaited;
    derivation->phase = derivation->phase < PHASE_ACTS ? PHASE_CALLS : PHASE_OVER;
}

static void take(struct derivation *derivation, size_t at, const struct program_options *options) {
    const struct plan_step *step = &derivation->plan->steps[at];
    enum part part = part_of(step);
    if (part == PART_CALL) {
        take_call(derivation, at, options);
    } else if (derivation->phase == PHASE_OVER) {
        leave_out(derivation, step);
    } else if (derivation->phase == PHASE_CALLS) {
        if (part != PART_ACT && !derivation->is_trial) {
            leave_out(derivation, step);
            return;
        }
        begin(derivation, at, options);
        if (part == PART_ACT)
            note_act(derivation, step);
        keep(derivation, step);
    } else if (derivation->phase != PHASE_ACTS || part != PART_LOOK) {
        if (part == PART_ACT)
            note_act(derivation, step);
        keep(derivation, step);
    }
}

// Keeps what the admin looks at once the app has started.
static void keep_looks(struct derivation *derivation) {
    const struct plan_case *plan = derivation->plan;
    bool begun = false;
    for (size_t i = 0; i < plan->step_count; i++) {
        enum part part = part_of(&plan->steps[i]);
        begun |= part == PART_CALL;
        if (begun && part == PART_LOOK)
            emit(derivation, &plan->steps[i])->name = plan->steps[i].id;
    }
}

// ---- what proves that it has met the failure
// ------------------------------------------------------

static bool promises_success(const struct plan_case *plan) {
    for (size_t i = 0; i < plan->promise_count; i++)
        for (size_t k = 0; k < plan->promises[i].count; k++) {
            const struct promise *promise = &plan->promises[i].promises[k];
            bool ok =
                promise->exact ? promise->exact->kind == OUTCOME_OK : promise->word == PROMISE_OK;
            if (!ok)
                return false;
        }
    return true;
}

// Whether nothing that the scenario's app does in this case fails.
bool program_is_calm(const struct plan_case *plan) {
    return plan->control || promises_success(plan);
}

static bool listens_not(const struct plan_case *plan) {
    const struct dict *options = plan->server ? &plan->server->options : NULL;
    for (size_t i = 0; options && i < options->count; i++) {
        const struct node *value = ((const struct node **)options->items)[i];
        if ((strcmp(options->keys[i], "skip_networking") == 0 ||
             strcmp(options->keys[i], "skip-networking") == 0) &&
            !option_is_off(options->keys[i], value))
            return plan->transport != TRANSPORT_SOCKET;
    }
    return false;
}

// How many failed connects the server counts. (An aborted session says less: the program may simply
// have ended without closing it.)
static bool counts_connects(const struct plan_case *plan) {
    return plan->evidence && plan->evidence->aborted_connects > 0;
}

// What servers log when the failure comes; each row may be for another server.
static void collect_logs(const struct plan_case *plan, struct program_plan *program,
                         struct arena *arena) {
    program->logs = arena_alloc(arena, (plan->row_count + 2) * sizeof *program->logs);
    for (size_t i = 0; i < plan->row_count; i++)
        if (plan->rows[i].evidence && plan->rows[i].evidence->log)
            program->logs[program->log_count++] = plan->rows[i].evidence->log;
}

static void choose_proof(struct derivation *derivation) {
    const struct plan_case *plan = derivation->plan;
    struct program_plan *program = derivation->program;
    collect_logs(plan, program, derivation->arena);
    if (derivation->log)
        program->logs[program->log_count++] = derivation->log;
    bool refused = listens_not(plan) || (derivation->closed && plan->transport == TRANSPORT_TCP);
    bool itself = derivation->proves || plan->nat_id || program->moment.at == AT_FORKED;
    if (itself || (!refused && !derivation->log && program_is_calm(plan)))
        program->proof = PROOF_OF_FAULT;
    else if (refused)
        program->proof = PROOF_REFUSED;
    else if (program->log_count > 0)
        program->proof = PROOF_LOG;
    else if (counts_connects(plan))
        program->proof = PROOF_ABORTED;
    else if (!derivation->is_trial)
        derivation->why = xstrdup("what fails in it are calls of its app, and nothing that can be "
                                  "observed would show that a program has met the failure");
}

// ---- all of it
// -----------------------------------------------------------------------------------

static char *finish(struct derivation *derivation, const struct program_options *options) {
    if (derivation->why)
        return derivation->why;
    if (derivation->phase == PHASE_CALLS && derivation->awaited)
        begin(derivation, derivation->plan->step_count, options);
    bool alone = derivation->phase < PHASE_ACTS;
    if (!derivation->calls || !derivation->program->connect)
        return xstrdup("its app does not connect by itself");
    if (alone && options->moment)
        return xstrdup("it has no fault whose moment --at could choose");
    if (alone)
        emit_program(derivation, PROGRAM_STARTS, STEP_DEADLINE_MS);
    if (alone && derivation->forks) {
        derivation->program->moment.at = AT_FORKED;
        emit_moment(derivation, &derivation->program->moment, options);
    }
    if (!derivation->ended)
        emit_end(derivation, options);
    keep_looks(derivation);
    choose_proof(derivation);
    return derivation->why;
}

char *program_derive_apart(const struct plan_case *plan, const struct program_options *options,
                           struct arena *arena, struct plan_case *ret) {
    char *why = refuse(plan);
    if (why)
        return why;
    *ret = *plan;
    ret->steps = arena_alloc(arena, (plan->step_count * 2 + 4) * sizeof *ret->steps);
    ret->step_count = ret->row_count = ret->promise_count = ret->fork_count = 0;
    struct program_plan *program = arena_alloc(arena, sizeof *program);
    program->expect_output = options->expect_output;
    int *origins = arena_alloc(arena, (plan->step_count * 2 + 4) * sizeof *origins);
    program->origins = origins;
    ret->program = program;
    relax(&ret->nat_fires);
    struct derivation derivation = {.plan = plan,
                                    .ret = ret,
                                    .program = program,
                                    .arena = arena,
                                    .origins = origins,
                                    .is_trial = options->is_trial,
                                    .log = options->log};
    for (size_t i = 0; i < plan->step_count && !derivation.why; i++)
        take(&derivation, i, options);
    return finish(&derivation, options);
}
