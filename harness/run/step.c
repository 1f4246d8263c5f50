// SPDX-License-Identifier: Apache-2.0
// step.c - carries out one step, and records it
#include "run/step.h"

#include "base/clock.h"
#include "plan/kind.h"
#include "run/program.h"
#include "run/raw.h"
#include "run/request.h"
#include "run/warm.h"

#include <signal.h>
#include <string.h>

// ---- steps -------------------------------------------------------------------------------------

static struct record_step *begin_step(struct case_run *run, const struct plan_step *step) {
    struct record_step *seen = record_add_step(run->record);
    seen->number = step->number;
    seen->id = xstrdup(step->id);
    seen->actor = xstrdup(step->actor);
    seen->asked = request_told(run, step);
    seen->at_ms = run->step_began_ms - run->began_ms;
    return seen;
}

static int take_answer(struct case_run *run, struct actor *actor, const struct plan_step *step,
                       struct err *err) {
    if (!actor)
        return err_set(err, "there is no app '%s'", step->actor);
    struct record_step *seen = begin_step(run, step);
    const struct app_verb *verb = actor->pending ? app_verb_named(actor->pending) : NULL;
    seen->at_ms = actor->asked_ms - run->began_ms; // for a call in the background, too
    if (actor_take(actor, case_deadline(run, step), seen, err) < 0 ||
        actor_note_session(actor, run->world, run->server_starts, case_on_socket(run), seen, err) <
            0)
        return -1;
    if (verb && verb->connects && seen->outcome == OUTCOME_OK)
        return actor_find_connection(actor, run->world, case_on_socket(run), err);
    return 0;
}

static int ask_beside(struct case_run *run, struct actor *actor, const struct plan_step *step,
                      struct err *err) {
    double deadline_ms = case_deadline(run, step);
    return actor_ask_beside(actor, request_of(run, step), step->act.verb->name, deadline_ms,
                            begin_step(run, step), err);
}

static int step_app(struct case_run *run, const struct plan_step *step, struct err *err) {
    struct actor *actor = case_actor(run, step->actor);
    if (!actor)
        return err_set(err, "there is no app '%s': the fork that makes it has failed", step->actor);
    const struct app_verb *verb = app_verb_of(step);
    if (verb->beside)
        return ask_beside(run, actor, step, err);
    if (verb->child) {
        const char *name = verb->child(&step->act);
        struct actor *child = &run->actors[run->actor_count];
        struct record_step *seen = begin_step(run, step);
        run->actor_count++;
        return actor_fork(actor, child, name, case_deadline(run, step), seen, err);
    }
    json_t *request = request_of(run, step);
    request_note_user(run, request);
    if (verb->addressed)
        run->stub_connects += ((const struct connect_args *)step->act.args)->to == TO_STUB;
    actor->asked_in = run->server_starts;
    actor->asked_ms = run->step_began_ms;
    if (actor_send(actor, request, verb->word.name, case_deadline(run, step), err) < 0)
        return -1;
    if (step->as)
        return 0;
    if (take_answer(run, actor, step, err) < 0)
        return -1;
    return verb->ends ? actor_wait_end(actor, case_deadline(run, step), err) : 0;
}

static void note(struct record_step *seen, const char *verb, double began_ms) {
    seen->verb = xstrdup(verb);
    seen->outcome = OUTCOME_OK;
    seen->ms = clock_ms() - began_ms;
}

// Executes a scenario's statement; a query's result goes to `ret_rows`.
static int administer(struct case_run *run, const struct choice *act, json_t **ret_rows,
                      struct err *err) {
    if (act->verb->id == ADMIN_SET_GLOBAL) {
        json_t *values = table_to_json(act->verb->args, act->args);
        int ret = globals_set(run, values, err);
        json_decref(values);
        return ret;
    }
    json_t *args = table_to_json(act->verb->args, &act->args);
    const char *sql = json_string_value(json_object_get(args, "sql"));
    if (!warm_is_harmless(sql))
        world_retire_server(run->world, "an admin may have changed it");
    int ret = admin_query(run->world->server.admin, sql, ret_rows, err);
    json_decref(args);
    return ret;
}

static char *show_rows(const char *name, const json_t *rows) {
    cleanup_free char *shown = json_dumps(rows, JSON_COMPACT);
    return xprintf("%s: %.200s", name, shown ? shown : "no rows");
}

static int step_admin(struct case_run *run, const struct plan_step *step, struct err *err) {
    double began = clock_ms();
    json_t *rows = NULL;
    const struct verb *verb = step->act.verb;
    admin_bound(run->world->server.admin, case_deadline(run, step));
    int ret = administer(run, &step->act, &rows, err);
    admin_bound(run->world->server.admin, 0);
    if (ret < 0)
        return -1;
    struct record_step *seen = begin_step(run, step);
    note(seen, verb->name, began);
    seen->rows = rows;
    seen->row_count = (int64_t)json_array_size(rows);
    if (run->plan->program && step->name) // from the case's data, for people to judge
        seen->message = show_rows(step->name, rows);
    return 0;
}

// A server that is killed while it shuts down in good order was killed by somebody else.
static int end_server(struct case_run *run, int signal, double deadline_ms, struct err *err) {
    struct server *server = &run->world->server;
    int status;
    if (server_end_process(server, signal, deadline_ms, err) < 0)
        return -1;
    run->expected_pid = 0;
    if (signal != SIGKILL && container_ended(&server->container, deadline_ms, &status) &&
        WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return err_set(err, "the server was killed (SIGKILL), which no step and no fault has done");
    return 0;
}

static int step_server(struct case_run *run, const struct plan_step *step, struct err *err) {
    double began = clock_ms();
    const struct server_verb *verb = server_verb_of(step);
    double deadline = began + SERVER_BOOT_DEADLINE_MS * run->time_scale;
    if (death_of_server(run)) // death_check() reports it
        return err_set(err, "it had ended before");
    if (verb->ends) {
        const struct restart_args *args = step->act.args;
        static const int signals[] = {
            [SIGNAL_TERM] = SIGTERM, [SIGNAL_KILL] = SIGKILL, [SIGNAL_ABRT] = SIGABRT};
        if (end_server(run, signals[args->signal], deadline, err) < 0)
            return -1;
    }
    if (verb->begins && server_start_again(&run->world->server, deadline, err) < 0)
        return -1;
    if (verb->begins) {
        run->expected_pid = server_pid(&run->world->server);
        run->server_starts++;
    }
    if (verb->installs && server_install_crash(&run->world->server, err) < 0)
        return -1;
    note(begin_step(run, step), verb->word.name, began);
    return 0;
}

static int step_proxy(struct case_run *run, const struct plan_step *step, struct err *err) {
    double began = clock_ms(), deadline_ms = case_deadline(run, step);
    const struct restart_args *args = step->act.args;
    int signal = args->signal == SIGNAL_KILL ? SIGKILL : SIGTERM;
    if (proxy_stop(&run->world->proxy, signal, deadline_ms, err) < 0 ||
        (step->act.verb->id == PROXY_RESTART &&
         proxy_start(&run->world->proxy, deadline_ms, err) < 0))
        return -1;
    note(begin_step(run, step), step->act.verb->name, began);
    return 0;
}

static int ping_all(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->actor_count; i++) {
        struct actor *actor = &run->actors[i];
        if (actor->pending || actor->ended != OUTCOME_OK || actor->thread < 0)
            continue;
        struct record *scratch = record_new("ping");
        struct record_step *seen = record_add_step(scratch);
        double deadline_ms = clock_ms() + STEP_DEADLINE_MS * run->time_scale;
        actor->asked_in = run->server_starts;
        int ret = actor_send(actor, json_pack("{s:s}", "op", "ping"), "ping", deadline_ms, err);
        if (ret == 0)
            ret = actor_take(actor, deadline_ms, seen, err);
        if (ret == 0)
            ret = actor_note_session(actor, run->world, run->server_starts, case_on_socket(run),
                                     seen, err);
        record_free(scratch);
        if (ret < 0)
            return -1;
    }
    return 0;
}

// If a program ends meanwhile, it does not meet what the wait was for.
static int idle_with_program(struct case_run *run, const struct plan_step *step, struct err *err) {
    enum { LOOK_MS = 50 };
    double began = clock_ms(), end = began + (double)step->idle.for_ms;
    int goes_on = 1;
    for (double now; goes_on > 0 && (now = clock_ms()) < end;) {
        clock_wait(end - now < LOOK_MS ? end - now : LOOK_MS, -1);
        goes_on = program_goes_on(run, "the time had passed that it is left idle", err);
    }
    note(begin_step(run, step), "idle", began);
    return goes_on < 0 ? -1 : 0;
}

static int step_idle(struct case_run *run, const struct plan_step *step, struct err *err) {
    double began = clock_ms(), end = began + (double)step->idle.for_ms;
    double every = (double)step->idle.app_pings_every_ms;
    if (run->plan->program)
        return idle_with_program(run, step, err);
    for (double next = began + every; every > 0 && next < end; next += every) {
        clock_wait(next - clock_ms(), -1);
        if (ping_all(run, err) < 0)
            return -1;
    }
    clock_wait(end - clock_ms(), -1);
    note(begin_step(run, step), "idle", began);
    return 0;
}

int step_carry_out(struct case_run *run, const struct plan_step *step, struct err *err) {
    double began = clock_ms();
    double deadline = case_deadline(run, step);
    int ret = 0;
    switch (step->kind) {
    case STEP_APP:
        return step_app(run, step, err);
    case STEP_ADMIN:
        return step_admin(run, step, err);
    case STEP_SERVER:
        return step_server(run, step, err);
    case STEP_PROXY:
        return step_proxy(run, step, err);
    case STEP_IDLE:
        return step_idle(run, step, err);
    case STEP_AWAIT:
        return take_answer(run, case_actor(run, step->actor), step, err);
    case STEP_RAW:
        return raw_step(run, step, begin_step(run, step), err);
    case STEP_PROGRAM:
        return program_step(run, step, begin_step(run, step), err);
    case STEP_FAULT:
        ret = fault_arm(run, step, deadline, err);
        break;
    case STEP_LIFT:
        ret = fault_lift(run, step->name, deadline, err);
        break;
    case STEP_UNTIL:
        ret = step->skipped ? 0 : until_wait(run, step, deadline, err);
        break;
    }
    if (ret < 0)
        return -1;
    struct record_step *seen = begin_step(run, step);
    note(seen, step->kind == STEP_LIFT ? step->name : step->act.verb->name, began);
    if (ret > 0)
        seen->message = xstrdup("not so by the deadline; the case went on");
    return 0;
}
