// SPDX-License-Identifier: Apache-2.0
// case.c - one case carried out: the steps, one after the other
#include "run/case.h"

#include "base/clock.h"
#include "plan/condition.h"
#include "run/progress.h"
#include "run/raw.h"
#include "run/warm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct actor *case_actor(struct case_run *run, const char *name) {
    for (size_t i = 0; i < run->actor_count; i++)
        if (strcmp(run->actors[i].name, name) == 0)
            return &run->actors[i];
    return NULL;
}

double case_deadline(const struct case_run *run, const struct plan_step *step) {
    return clock_ms() + (double)step->deadline_ms * run->time_scale;
}

bool case_on_socket(const struct case_run *run) {
    return run->plan->transport == TRANSPORT_SOCKET;
}

// ---- requests of apps --------------------------------------------------------------------------

static void set_default(json_t *request, const char *key, const char *value) {
    if (!json_object_get(request, key))
        json_object_set_new(request, key, json_string(value));
}

static void add_address(const struct case_run *run, const struct connect_args *args,
                        json_t *request) {
    bool stub = args->to == TO_STUB;
    json_object_del(request, "host");
    json_object_del(request, "to");
    if (case_on_socket(run)) {
        const char *file = stub ? SERVER_SOCKET_DIR "/" STUB_SOCKET_FILE : SERVER_SOCKET;
        json_object_set_new(request, "socket", json_string(file));
        json_object_set_new(request, "tls", json_string("off"));
        return;
    }
    bool proxied = run->proxy && !stub;
    const char *address = proxied ? APP_GATEWAY : SERVER_ADDRESS;
    const char *address6 = proxied ? APP_GATEWAY6 : SERVER_ADDRESS6;
    const char *host = args->host == HOST_NAME       ? SERVER_NAME
                       : args->host == HOST_ADDRESS6 ? address6
                                                     : address;
    json_object_set_new(request, "host", json_string(host));
    json_object_set_new(request, "port", json_integer(stub ? STUB_PORT : SERVER_PORT));
    bool tls = run->plan->transport == TRANSPORT_TLS;
    json_object_set_new(request, "tls", json_string(tls ? "required" : "off"));
}

// Words for files in the app's container become their paths.
static void add_files(const struct case_run *run, const struct connect_args *args,
                      json_t *request) {
    json_object_del(request, "ca");
    json_object_del(request, "plugins");
    if (args->ca >= 0 && run->plan->transport == TRANSPORT_TLS)
        json_object_set_new(request, "ca",
                            json_string(args->ca == CA_OWN ? ALL_CERTIFICATES_DIR "/ca.pem"
                                                           : ALL_CERTIFICATES_DIR "/other-ca.pem"));
    if (args->plugins == PLUGINS_NONE)
        json_object_set_new(request, "plugin_dir", json_string("/tmp"));
}

static json_t *request_of(const struct case_run *run, const struct plan_step *step) {
    const struct verb *verb = step->act.verb;
    json_t *request = json_object();
    if (verb->args) {
        json_decref(request);
        request = table_to_json(verb->args, verb->args->kind == TYPE_RECORD
                                                ? (const void *)&step->act.args
                                                : step->act.args);
    }
    json_object_set_new(request, "op", json_string(verb->name));
    if (verb->id == APP_CONNECT || verb->id == APP_CHANGE_USER) {
        set_default(request, "user", APP_USER);
        set_default(request, "password", APP_PASSWORD);
        set_default(request, "database", APP_DATABASE);
    }
    if (verb->id == APP_CONNECT) {
        add_address(run, step->act.args, request);
        add_files(run, step->act.args, request);
    }
    return request;
}

static void note_user(struct case_run *run, const json_t *request) {
    const char *user = json_string_value(json_object_get(request, "user"));
    run->strangers |= user && strcmp(user, APP_USER) != 0;
}

// ---- what a connector cannot do ----------------------------------------------------------------

// Notes that the case cannot be carried out with this connector; `what` is freed.
static void note_lack(struct case_run *run, char *what) {
    if (what && !run->record->lacks)
        run->record->lacks = xprintf("%s lacks %s", run->record->connector, what);
    free(what);
}

// Whether some row wants to see that a step is not supported: the connector need not do it then.
static bool may_be_unsupported(const struct plan_case *plan, const char *id) {
    for (size_t i = 0; i < plan->row_count; i++)
        for (const struct expectation *one = plan_find_expectation(&plan->rows[i], id); one;
             one = one->or_else)
            if (one->kind == OUTCOME_UNSUPPORTED)
                return true;
    return false;
}

// By its hello a connector may lack what a step asks for, which is known before anything is done.
static void find_lacks(struct case_run *run) {
    for (size_t i = 0; i < run->plan->step_count && !run->record->lacks; i++) {
        const struct plan_step *step = &run->plan->steps[i];
        bool pings = step->kind == STEP_IDLE && step->idle.app_pings_every_ms > 0;
        if ((step->kind != STEP_APP && !pings) || may_be_unsupported(run->plan, step->id))
            continue;
        bool forks = !pings && step->act.verb->id == APP_FORK;
        json_t *request = pings   ? json_pack("{s:s}", "op", "ping")
                          : forks ? json_pack("{s:s, s:s}", "op", "fork", "socket", "")
                                  : request_of(run, step);
        note_lack(run, actor_lacks(&run->actors[0], request));
        json_decref(request);
    }
}

// What a connector turns out not to support when it is asked.
static void note_unsupported(struct case_run *run, const struct record_step *seen) {
    if (seen->outcome != OUTCOME_UNSUPPORTED || may_be_unsupported(run->plan, seen->id))
        return;
    const char *message = seen->message ? seen->message : "it does not say what";
    note_lack(run, xprintf("what step %d (%s: %s) asks for: %s", seen->number, seen->actor,
                           seen->verb, message));
}

// ---- steps -------------------------------------------------------------------------------------

static struct record_step *begin_step(struct case_run *run, const struct plan_step *step) {
    struct record_step *seen = record_add_step(run->record);
    seen->number = step->number;
    seen->id = xstrdup(step->id);
    seen->actor = xstrdup(step->actor);
    return seen;
}

static int take_answer(struct case_run *run, struct actor *actor, const struct plan_step *step,
                       struct err *err) {
    if (!actor)
        return err_set(err, "there is no app '%s'", step->actor);
    struct record_step *seen = begin_step(run, step);
    bool connect = actor->pending && (strcmp(actor->pending, "connect") == 0 ||
                                      strcmp(actor->pending, "acquire") == 0);
    if (actor_take(actor, case_deadline(run, step), seen, err) < 0 ||
        actor_note_session(actor, run->world, run->server_starts, case_on_socket(run), seen, err) <
            0)
        return -1;
    if (connect && seen->outcome == OUTCOME_OK)
        return actor_find_connection(actor, run->world, case_on_socket(run), err);
    return 0;
}

static int step_app(struct case_run *run, const struct plan_step *step, struct err *err) {
    struct actor *actor = case_actor(run, step->actor);
    if (!actor)
        return err_set(err, "there is no app '%s': the fork that makes it has failed", step->actor);
    if (step->act.verb->id == APP_FORK) {
        const char *name = ((const struct fork_args *)step->act.args)->child;
        struct actor *child = &run->actors[run->actor_count];
        struct record_step *seen = begin_step(run, step);
        run->actor_count++;
        return actor_fork(actor, child, name, case_deadline(run, step), seen, err);
    }
    json_t *request = request_of(run, step);
    note_user(run, request);
    if (actor_send(actor, request, step->act.verb->name, case_deadline(run, step), err) < 0)
        return -1;
    if (step->as)
        return 0;
    if (take_answer(run, actor, step, err) < 0)
        return -1;
    return step->act.verb->id == APP_ENDS ? actor_wait_end(actor, case_deadline(run, step), err)
                                          : 0;
}

static void note(struct record_step *seen, const char *verb, double began_ms) {
    seen->verb = xstrdup(verb);
    seen->outcome = OUTCOME_OK;
    seen->ms = clock_ms() - began_ms;
}

// A scenario's statement; what it returns, if it is a query, goes to `ret_rows`.
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
    run->administered = true;
    if (strcasestr(sql, "INTO"))
        world_retire_server(run->world, "a statement may have written a file");
    int ret = admin_query(run->world->server.admin, sql, ret_rows, err);
    json_decref(args);
    return ret;
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
    return 0;
}

static int step_server(struct case_run *run, const struct plan_step *step, struct err *err) {
    double began = clock_ms();
    const struct verb *verb = step->act.verb;
    double deadline = began + SERVER_BOOT_DEADLINE_MS * run->time_scale;
    bool ends = verb->id == SERVER_STOP || verb->id == SERVER_RESTART;
    bool begins = verb->id == SERVER_START || verb->id == SERVER_RESTART;
    if (ends) {
        const struct restart_args *args = step->act.args;
        static const int signals[] = {
            [SIGNAL_TERM] = SIGTERM, [SIGNAL_KILL] = SIGKILL, [SIGNAL_ABRT] = SIGABRT};
        if (server_end_process(&run->world->server, signals[args->signal], deadline, err) < 0)
            return -1;
        run->expected_pid = 0;
    }
    if (begins && server_start_again(&run->world->server, deadline, err) < 0)
        return -1;
    if (begins) {
        run->expected_pid = server_pid(&run->world->server);
        run->server_starts++;
    }
    if (verb->id == SERVER_INSTALL && server_install_crash(&run->world->server, err) < 0)
        return -1;
    note(begin_step(run, step), verb->name, began);
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

static int step_idle(struct case_run *run, const struct plan_step *step, struct err *err) {
    double began = clock_ms(), end = began + (double)step->idle.for_ms;
    double every = (double)step->idle.app_pings_every_ms;
    for (double next = began + every; every > 0 && next < end; next += every) {
        clock_wait(next - clock_ms(), -1);
        if (ping_all(run, err) < 0)
            return -1;
    }
    clock_wait(end - clock_ms(), -1);
    note(begin_step(run, step), "idle", began);
    return 0;
}

static int carry_out(struct case_run *run, const struct plan_step *step, struct err *err) {
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
    if (ret == 0)
        note(begin_step(run, step), step->kind == STEP_LIFT ? step->name : step->act.verb->name,
             began);
    return ret;
}

// Of a step that nobody judges a look at its rows will do: a case has few steps that are judged,
// and any number of others.
static void drop_long_rows(struct record_step *seen) {
    enum { MOST_BYTES = 4096 };
    if (seen->id || json_dumpb(seen->rows, NULL, 0, 0) <= MOST_BYTES)
        return;
    json_decref(seen->rows);
    seen->rows = NULL;
}

static int carry_out_all(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->plan->step_count; i++) {
        const struct plan_step *step = &run->plan->steps[i];
        size_t before = run->record->step_count;
        progress_tell(PROGRESS_STEP, i);
        if (carry_out(run, step, err) < 0)
            return err_context(err, "step %d (%s)", step->number, step->actor);
        // after set-up has failed, the rest would prove nothing, and would have tidied up
        struct record_step *seen = &run->record->steps[before];
        if (run->record->step_count == before)
            continue;
        drop_long_rows(seen);
        note_unsupported(run, seen);
        if (run->record->lacks || (!seen->id && seen->outcome != OUTCOME_OK)) {
            world_retire_server(run->world, "the case ended early");
            return 0;
        }
    }
    return 0;
}

// ---- the case ----------------------------------------------------------------------------------

// 1: something was changed.
static int set_host(const struct netns *netns, const struct host_side_args *side, struct err *err) {
    int changed = 0;
    if (!side)
        return 0;
    const struct {
        const char *name;
        int64_t value, unit;
    } settings[] = {{"ipv4/tcp_keepalive_time", side->tcp_keepalive_time_ms, 1000},
                    {"ipv4/tcp_keepalive_intvl", side->tcp_keepalive_intvl_ms, 1000},
                    {"ipv4/tcp_keepalive_probes", side->tcp_keepalive_probes, 1},
                    {"ipv4/tcp_retries2", side->tcp_retries2, 1},
                    {"ipv4/tcp_syn_retries", side->tcp_syn_retries, 1},
                    {"ipv4/tcp_mtu_probing", side->tcp_mtu_probing, 1}};
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        // 0 is `off`: the kernel's own two hours stay, far beyond any case
        if (settings[i].value <= 0)
            continue;
        char value[32];
        snprintf(value, sizeof value, "%lld",
                 (long long)((settings[i].value + settings[i].unit - 1) / settings[i].unit));
        if (netns_sysctl(netns, settings[i].name, value, err) < 0)
            return err_context(err, "set up host");
        changed = 1;
    }
    return changed;
}

static int set_proxy(struct case_run *run, struct err *err) {
    if (!run->proxy)
        return 0;
    const struct proxy_args *args = run->plan->wire->proxy;
    struct proxy_setup setup = {.recipe = run->proxy,
                                .listen = APP_GATEWAY,
                                .server = SERVER_ADDRESS,
                                .client_timeout_ms = args->client_timeout_ms,
                                .server_timeout_ms = args->server_timeout_ms};
    return proxy_open(&run->world->proxy, &setup, &run->world->wire,
                      clock_ms() + STEP_DEADLINE_MS * run->time_scale, err);
}

// What the recipe leaves open the adapter's hello says.
static void name_connector(struct record *record, const struct connector_recipe *connector,
                           const struct actor *actor) {
    const char *said = json_string_value(json_object_get(actor->hello, "connector"));
    cleanup_free char *name = said ? connector_make_name(said) : NULL;
    free(record->connector_version);
    record->connector_version = xstrdup(actor->version);
    if (!record->family)
        record->family = xstrdup(name ? name : connector->name);
    if (!connector->named_by_hello || !name)
        return;
    free(record->connector);
    record->connector = xstrdup(name);
}

static int set_up(struct case_run *run, struct err *err) {
    struct world *world = run->world;
    const struct host_args *host = run->plan->host;
    const struct list *apps = &run->plan->scenario->apps;
    if (world_begin_case(world, run->plan->netem, err) < 0 || set_proxy(run, err) < 0)
        return -1;
    if (run->plan->looks_up_names && names_open(&world->names, err) < 0)
        return -1;
    // also to take back what an earlier case wanted
    if (names_write(world->server.folder, SIDE_SERVER,
                    host && host->server ? host->server->resolver : NULL, NULL, err) < 0)
        return -1;
    if (host && set_host(&world->app, host->app, err) < 0)
        return -1;
    int changed = host ? set_host(&world->server.netns, host->server, err) : 0;
    if (changed < 0)
        return -1;
    if (changed)
        world_retire_server(run->world, "its host's settings were changed");
    if (filters_prepare(run, err) < 0 || nat_open(run, err) < 0)
        return -1;
    struct server *server = &world->server;
    // of a server that has refused to start there is only its log, which is the case's
    bool up = server->admin != NULL;
    if (warm_begin(run, err) < 0 || (up && until_take_baselines(run, err) < 0))
        return -1;
    run->log_offset = up ? server_log_size(&world->server, err) : 0;
    if (run->log_offset < 0)
        return -1;
    for (size_t i = 0; i < apps->count; i++) {
        run->actor_count++;
        if (actor_open(&run->actors[i], ((const char **)apps->items)[i], run->connector, world,
                       host ? host->app : NULL, clock_ms() + START_DEADLINE_MS * run->time_scale,
                       err) < 0)
            return -1;
        if (run->connector->folder) // a command of somebody's, who may start it by another
            actor_process(&run->actors[i]);
    }
    name_connector(run->record, run->connector, &run->actors[0]);
    find_lacks(run);
    return 0;
}

static int run_all(struct case_run *run, struct err *err) {
    progress_tell(PROGRESS_SET_UP, 0);
    if (set_up(run, err) < 0)
        return -1;
    if (run->record->lacks)
        return 0;
    if (carry_out_all(run, err) < 0)
        return -1;
    progress_tell(PROGRESS_EVIDENCE, 0);
    if (faults_release_server(run, err) < 0)
        return -1;
    return evidence_collect(run, err);
}

// "--name=value" of a scenario's server options; `true` is --name, `false` is --name=OFF.
static const char *const *options_of(const struct plan_case *plan) {
    size_t count = plan->server ? plan->server->options.count : 0;
    const char **options = xcalloc(count + 1, sizeof *options);
    for (size_t i = 0; i < count; i++) {
        const char *name = plan->server->options.keys[i];
        const struct node *value = ((const struct node **)plan->server->options.items)[i];
        if (!value->quoted && strcmp(value->text, "true") == 0)
            options[i] = xstrdup(name);
        else if (!value->quoted && strcmp(value->text, "false") == 0)
            options[i] = xprintf("%s=OFF", name);
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

// What a scenario asks whose server must not start: 0 if it has ended by itself.
static int refuses_to_start(struct world *world, int served, struct err *err) {
    if (served == 0)
        return err_set(err, "the server has started, but the scenario says `starts: false`");
    return server_pid(&world->server) == 0 ? 0 : -1;
}

int case_serve(struct world *world, const struct plan_case *plan,
               const struct server_recipe *server, struct record *record, struct err *err) {
    double began = clock_ms();
    struct server_wanted wanted = wanted_by(plan, server);
    if (plan->netem)
        world_expect_netem(world);
    int ret = world_serve(world, &wanted, err);
    if (plan->server && plan->server->starts == 0)
        ret = refuses_to_start(world, ret, err);
    free_options(wanted.options);
    record->boot_ms = clock_ms() - began;
    return ret;
}

void case_expect(struct world *world, const struct plan_case *plan,
                 const struct server_recipe *server, bool leaves) {
    struct server_wanted wanted = wanted_by(plan, server);
    if (plan->netem)
        world_expect_netem(world);
    world_expect(world, &wanted, leaves);
    free_options(wanted.options);
}

// What the apps said is for those who want to know why the case ended as it did.
static void keep_said(struct case_run *run) {
    for (size_t i = 0; i < run->actor_count; i++) {
        cleanup_free char *said = actor_said(&run->actors[i]);
        if (said)
            record_add_said(run->record, run->actors[i].name, said);
    }
}

static void name_place(struct record *record, const struct server_recipe *server,
                       const struct connector_recipe *connector) {
    record->server = xstrdup(server->name);
    record->vendor = xstrdup(server->vendor);
    record->server_version = xstrdup(server->version);
    record->connector = xstrdup(connector->name);
    record->family = xstrdup(connector->family);
    record->connector_version = xstrdup("");
}

void case_open(struct case_run *run, const struct plan_case *plan, struct world *world,
               const struct server_recipe *server, const struct connector_recipe *connector,
               const struct proxy_recipe *proxy, double time_scale, struct record *record,
               int served, struct err *err) {
    double began = clock_ms();
    *run = (struct case_run){.plan = plan,
                             .world = world,
                             .connector = connector,
                             .proxy = proxy,
                             .record = record,
                             .raw = {.fd = -1},
                             .oom_kills = death_oom_kills(),
                             .time_scale = time_scale};
    run->actors = xcalloc(plan->scenario->apps.count + plan->fork_count, sizeof *run->actors);
    run->faults = xcalloc(plan->step_count + 1, sizeof *run->faults);
    run->baselines = xcalloc(plan->step_count + 1, sizeof *run->baselines);
    name_place(record, server, connector);
    int ret = served == 0 ? run_all(run, err) : -1;
    ret = death_check(run, ret, err);
    keep_said(run);
    struct err late = {0};
    if (faults_finish(run, ret < 0 ? &late : err) < 0)
        ret = -1;
    if (ret < 0 || plan->dirties_server)
        world_retire_server(run->world,
                            ret < 0 ? "the case is broken" : "a step or fault dirties it");
    if (ret < 0)
        record->broken =
            err->remedy[0] ? xprintf("%s\nremedy: %s", err->what, err->remedy) : xstrdup(err->what);
    record->ms = clock_ms() - began + record->boot_ms;
}

void case_close(struct case_run *run) {
    struct err err;
    for (size_t i = run->actor_count; i-- > 0;)
        actor_close(&run->actors[i]);
    raw_close(run);
    if (world_end_case(run->world, &err) < 0)
        world_retire_server(run->world, "its host cannot be set back");
    warm_end(run);
    free(run->actors);
    free(run->faults);
    free(run->baselines);
    json_decref(run->globals);
    *run = (struct case_run){0};
}
