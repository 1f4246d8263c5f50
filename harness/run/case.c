// SPDX-License-Identifier: Apache-2.0
// case.c - carries out a case: its server, its steps one after the other, its end
#include "run/case.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "plan/kind.h"
#include "plan/outside.h"
#include "run/program.h"
#include "run/progress.h"
#include "run/raw.h"
#include "run/request.h"
#include "run/step.h"
#include "run/unknown.h"
#include "run/warm.h"

#include <stdlib.h>
#include <string.h>

struct actor *case_actor(struct case_run *run, const char *name) {
    for (size_t i = 0; i < run->actor_count; i++)
        if (strcmp(run->actors[i].name, name) == 0)
            return &run->actors[i];
    return NULL;
}

pid_t case_process(struct case_run *run, const char *name) {
    struct actor *actor = case_actor(run, name);
    if (actor)
        return actor_process(actor);
    return kind_app_or_server(name) ? 0 : server_pid(&run->world->server);
}

double case_deadline(const struct case_run *run, const struct plan_step *step) {
    return clock_ms() + (double)step->deadline_ms * run->time_scale;
}

bool case_on_socket(const struct case_run *run) {
    return run->plan->transport == TRANSPORT_SOCKET;
}

// ---- steps ------------------------------------------------------------------------------------

// For steps that nobody judges, a glimpse of the rows is enough: judged steps are few, others may
// be many.
static void drop_long_rows(struct record_step *seen) {
    enum { MOST_BYTES = 4096 };
    if (seen->id || json_dumpb(seen->rows, NULL, 0, 0) <= MOST_BYTES)
        return;
    json_decref(seen->rows);
    seen->rows = NULL;
}

static int carry_out_all(struct case_run *run, struct err *err) {
    run->began_ms = clock_ms();
    run->record->began_at_ms = clock_wall_ms();
    exhibits_listen(run);
    for (size_t i = 0; i < run->plan->step_count; i++) {
        run->step_began_ms = clock_ms();
        const struct plan_step *step = &run->plan->steps[i];
        size_t before = run->record->step_count;
        progress_tell(PROGRESS_STEP, i);
        run->begun = i + 1;
        if (step_carry_out(run, step, err) < 0) {
            program_tell_output(run, step);
            return err_context(err, "step %d (%s)", step->number, step->actor);
        }
        evidence_look_at_log(run);
        // after a failed set-up the rest would prove nothing
        bool noted = run->record->step_count > before;
        struct record_step *seen = noted ? &run->record->steps[before] : NULL;
        if (seen) {
            drop_long_rows(seen);
            seen->end_ms = clock_ms() - run->began_ms;
        }
        if (run->watcher)
            run->watcher(run->watching, run, step, seen);
        if (!seen)
            continue;
        lacks_note(run, seen);
        if (run->record->lacks || (!seen->id && seen->outcome != OUTCOME_OK)) {
            world_retire_server(run->world, "the case ended early");
            return 0;
        }
    }
    return 0;
}

// With an answer too many at the end, nobody knows which answer belonged to which call.
static int check_silence(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->actor_count; i++)
        if (!run->plan->program && !run->actors[i].pending &&
            actor_check_silence(&run->actors[i], NULL, err) < 0)
            return -1;
    return 0;
}

// ---- its server -------------------------------------------------------------------------------

// "--name=value" for each server option of a scenario; `true` is --name, `false` is --name=OFF.
static const char *const *options_of(const struct plan_case *plan) {
    size_t count = plan->server ? plan->server->options.count : 0;
    const char **options = xcalloc(count + 1, sizeof *options);
    for (size_t i = 0; i < count; i++) {
        const char *name = plan->server->options.keys[i];
        const struct node *value = ((const struct node **)plan->server->options.items)[i];
        if (!value->quoted && strcmp(value->text, "true") == 0)
            options[i] = xstrdup(name);
        else if (option_is_off(name, value))
            options[i] =
                xprintf("%s=OFF", option_is_name_resolve(name) ? "skip_name_resolve" : name);
        else
            options[i] = xprintf("%s=%s", name, value->text);
    }
    return options;
}

static void free_options(const char *const *options) {
    for (const char *const *option = options; *option; option++)
        free((char *)*option);
    free((void *)options);
}

static struct server_wanted wanted_by(const struct plan_case *plan,
                                      const struct server_recipe *server) {
    return (struct server_wanted){server, options_of(plan), plan->fresh_server};
}

char *case_server_key(const struct plan_case *plan, const struct server_recipe *server) {
    struct server_wanted wanted = wanted_by(plan, server);
    char *key = world_server_key(&wanted);
    free_options(wanted.options);
    return key;
}

// For a scenario whose server must not start: 0 if it ended by itself.
static int refuses_to_start(struct world *world, int served, struct err *err) {
    if (served == 0)
        return err_set(err, "the server has started, but the scenario says `starts: false`");
    return server_pid(&world->server) == 0 ? 0 : -1;
}

static int serve(struct world *world, const struct plan_case *plan,
                 const struct server_recipe *server, struct err *err) {
    struct server_wanted wanted = wanted_by(plan, server);
    if (plan->netem)
        world_expect_netem(world);
    int ret = world_serve(world, &wanted, err);
    free_options(wanted.options);
    return plan->server && plan->server->starts == 0 ? refuses_to_start(world, ret, err) : ret;
}

void case_expect(struct world *world, const struct plan_case *plan,
                 const struct server_recipe *server, bool leaves) {
    struct server_wanted wanted = wanted_by(plan, server);
    if (plan->netem)
        world_expect_netem(world);
    world_expect(world, &wanted, leaves);
    free_options(wanted.options);
}

// ---- the case ----------------------------------------------------------------------------------

static int run_all(struct case_run *run, struct err *err) {
    progress_tell(PROGRESS_SET_UP, 0);
    exhibits_begin(run);
    if (case_set_up(run, err) < 0)
        return -1;
    if (run->record->lacks)
        return 0;
    if (carry_out_all(run, err) < 0)
        return -1;
    if (check_silence(run, err) < 0)
        return -1;
    progress_tell(PROGRESS_EVIDENCE, 0);
    if (faults_release_server(run, err) < 0)
        return -1;
    if (evidence_collect(run, err) < 0)
        return -1;
    exhibits_end(run);
    return run->plan->program ? program_check_proof(run, err) : 0;
}

// Keeps what the apps wrote, which helps to see why the case ended as it did.
static void keep_said(struct case_run *run) {
    for (size_t i = 0; i < run->actor_count; i++) {
        cleanup_free char *said =
            run->plan->program ? actor_output(&run->actors[i]) : actor_said(&run->actors[i]);
        if (said)
            record_add_said(run->record, run->actors[i].name, said);
    }
}

static json_t *options_to_json(const struct dict *options) {
    json_t *json = options->count > 0 ? json_object() : NULL;
    for (size_t i = 0; i < options->count; i++) {
        const struct node *value = ((const struct node **)options->items)[i];
        json_object_set_new(json, options->keys[i], utf8_json(value->text));
    }
    return json;
}

static void name_place(struct record *record, const struct case_job *job) {
    record->server = xstrdup(job->server->name);
    record->vendor = xstrdup(job->server->vendor);
    record->server_version = xstrdup(job->server->version);
    record->server_options =
        job->plan->server ? options_to_json(&job->plan->server->options) : NULL;
    record->proxy = xstrdup(job->proxy ? job->proxy->name : NULL);
    record->connector = xstrdup(job->connector->name);
    record->family = xstrdup(job->connector->family);
    record->connector_version = xstrdup("");
}

void case_begin(struct case_run *run, const struct case_job *job) {
    double began = clock_ms();
    const struct plan_case *plan = job->plan;
    *run = (struct case_run){.plan = plan,
                             .world = job->world,
                             .connector = job->connector,
                             .proxy = job->proxy,
                             .record = job->record,
                             .raw = {.fd = -1},
                             .time_scale = job->time_scale,
                             .overheard = job->overheard,
                             .exhibited = job->exhibited,
                             .watcher = job->watcher,
                             .watching = job->watching};
    size_t steps = plan->of_sessions ? OUTSIDE_STEPS : plan->step_count;
    size_t actors = plan->of_sessions ? OUTSIDE_SESSIONS : plan->fork_count;
    run->actors = xcalloc(plan->scenario->apps.count + actors, sizeof *run->actors);
    run->faults = xcalloc(steps + 1, sizeof *run->faults);
    run->baselines = xcalloc(steps + 1, sizeof *run->baselines);
    name_place(run->record, job);
    run->served = serve(run->world, plan, job->server, &run->err) == 0;
    run->record->boot_ms = clock_ms() - began;
}

static void note_broken(struct record *record, const struct err *err) {
    record->broken =
        err->remedy[0] ? xprintf("%s\nremedy: %s", err->what, err->remedy) : xstrdup(err->what);
}

void case_carry_out(struct case_run *run) {
    double began = clock_ms();
    struct err late = {0}, *err = &run->err;
    run->oom_kills = death_oom_kills();
    int ret = run->served ? run_all(run, err) : -1;
    ret = death_check(run, ret, err);
    overhear_end(run);
    exhibits_take_transcript(run);
    keep_said(run);
    if (faults_finish(run, ret < 0 ? &late : err) < 0)
        ret = -1;
    if (ret < 0 || run->plan->dirties_server)
        world_retire_server(run->world,
                            ret < 0 ? "the case is broken" : "a step or fault dirties it");
    if (!run->served)
        run->record->skip = unknown_option_why(run->plan, &run->world->server);
    if (ret < 0 && !run->record->skip)
        note_broken(run->record, err);
    run->record->ms = clock_ms() - began + run->record->boot_ms;
}

static void close_case(struct case_run *run, bool for_good) {
    struct err err;
    for (size_t i = run->actor_count; i-- > 0;)
        actor_close(&run->actors[i]);
    raw_close(run);
    traffic_close(&run->traffic);
    if ((for_good ? world_end_case : world_end_round)(run->world, &err) < 0)
        world_retire_server(run->world, "its host cannot be set back");
    warm_end(run);
    free(run->actors);
    free(run->faults);
    free(run->baselines);
    free(run->looks);
    json_decref(run->globals);
    *run = (struct case_run){0};
}

void case_close(struct case_run *run) {
    close_case(run, true);
}

void case_begin_anew(struct case_run *run, const struct case_job *job) {
    close_case(run, false);
    case_begin(run, job);
}
