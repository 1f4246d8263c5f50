// SPDX-License-Identifier: Apache-2.0
// set_up.c - sets up what must be there before a case's first step: hosts, the wire between them,
// apps
#include "run/case.h"

#include "base/clock.h"
#include "plan/condition.h"
#include "run/host.h"
#include "run/request.h"
#include "run/warm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

// The adapter's hello says what the recipe leaves open.
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
    if (host_write_names(world->server.folder, SIDE_SERVER, host ? host->server : NULL, NULL, err) <
        0)
        return -1;
    if (host && host_set(&world->app, host->app, err) < 0)
        return -1;
    int changed = host ? host_set(&world->server.netns, host->server, err) : 0;
    if (changed < 0)
        return -1;
    if (changed)
        world_retire_server(run->world, "its host's settings were changed");
    overhear_begin(run);
    if (faults_prepare(run, err) < 0 || nat_open(run, err) < 0)
        return -1;
    struct server *server = &world->server;
    // a server that refused to start leaves only its log, which the case is about
    bool up = server->admin != NULL;
    if (warm_begin(run, err) < 0 || (up && until_begin(run, err) < 0))
        return -1;
    run->log_offset = up ? server_log_size(&world->server, err) : 0;
    if (run->log_offset < 0)
        return -1;
    if (run->plan->of_sessions)
        return 0;
    if (run->plan->program) { // a step starts it
        actor_await_program(&run->actors[run->actor_count++], ((const char **)apps->items)[0]);
        run->record->family = xstrdup(run->connector->name);
        return 0;
    }
    for (size_t i = 0; i < apps->count; i++) {
        run->actor_count++;
        if (actor_open(&run->actors[i], ((const char **)apps->items)[i], run->connector, world,
                       host ? host->app : NULL, clock_ms() + START_DEADLINE_MS * run->time_scale,
                       err) < 0)
            return -1;
        if (run->connector->folder) // the user's command, which may start the app by another
                                    // program
            actor_process(&run->actors[i]);
    }
    name_connector(run->record, run->connector, &run->actors[0]);
    lacks_find(run);
    return 0;
}

int case_set_up(struct case_run *run, struct err *err) {
    int ret = set_up(run, err);
    overhear_wait(run);
    return ret;
}
