// SPDX-License-Identifier: Apache-2.0
// adapter_test.c - `goneaway adapter test`: checks an adapter against the protocol
//
// It runs as the only case of a run: in a worker of dispatch.c, in the same container, within the
// same limits. The checks ask, and report.c prints what they found.
#include "protocol/adapter_test.h"

#include "base/file.h"
#include "base/status.h"
#include "batch/machine.h"
#include "catalog/choice.h"
#include "catalog/host_places.h"
#include "protocol/protocol.h"
#include "run/dispatch.h"
#include "world/recall.h"

#include <stdio.h>
#include <string.h>

/** The case that the worker is given; its steps are not carried out. */
static const char scenario_text[] = "goneaway: 1\n"
                                    "title: An adapter is held against the protocol\n"
                                    "cause: other\n"
                                    "source: PROTOCOL.md\n"
                                    "transport: [tcp]\n"
                                    "promise: {connected: ok}\n"
                                    "steps:\n"
                                    "  - {id: connected, app: connect}\n"
                                    "outcomes:\n"
                                    "  - {connected: ok}\n";

enum { PROTOCOL_MAX_BYTES = 1 << 20 };

/** All state of the command. */
struct session {
    struct options options;
    struct catalog catalog; // with the scenario above
    struct chosen chosen;
    struct places places;
    struct machine machine;
    struct reports reports;
    struct trial_result result;
    json_t *found; // what the worker sent
    char *broken;  // why it did not
};

// ---- what is tested ----------------------------------------------------------------------------

static int read_arguments(struct session *session, const struct options *options, struct err *err) {
    session->options = *options;
    int count = options->argument_count - 1;
    session->result.adapter = count == 1 ? options->arguments[1] : options->connectors;
    if (count == 1 && !options->connectors) {
        session->options.adapters[0] = options->arguments[1];
        session->options.adapter_count = 1;
        return 0;
    }
    if (count == 0 && options->connectors && !strchr(options->connectors, ','))
        return 0;
    err_usage(err, "`goneaway adapter test` needs one command, or --connector with one name");
    return err_remedy(err, "goneaway adapter test 'CMD', in quotes if it has arguments");
}

static int read_scenario(struct session *session, struct err *err) {
    struct scenario *scenario =
        scenario_parse("adapter-test.yml", scenario_text, sizeof scenario_text - 1, err);
    if (!scenario)
        return -1;
    session->catalog.items = xcalloc(1, sizeof *session->catalog.items);
    session->catalog.count = 1;
    session->catalog.items[0].scenario = scenario;
    session->catalog.items[0].chosen = xcalloc(scenario->case_count, sizeof(bool));
    session->catalog.items[0].chosen[0] = true;
    return 0;
}

// Any server will do: without --server, the first that is in the cache already, else the first.
static int choose_server(struct chosen *chosen, const struct options *options, struct err *err) {
    struct err ignored;
    if (options->servers && chosen->server_count != 1)
        return err_usage(err, "an adapter is tested with one server");
    for (size_t i = 0; !options->servers && i < chosen->server_count; i++)
        if (image_server_find(&chosen->images, chosen->servers[i], &ignored) == CACHE_READY) {
            chosen->servers[0] = chosen->servers[i];
            break;
        }
    chosen->server_count = 1;
    return 0;
}

static int check_connector(const struct chosen *chosen, struct err *err) {
    return chosen->connector_count == 1
               ? 0
               : err_usage(err, "an adapter is tested alone; --connector names several");
}

// ---- the test ----------------------------------------------------------------------------------

static bool take(void *context, const struct run_item *item, struct record *record) {
    struct session *session = context;
    const char *hello = NULL;
    session->broken = xstrdup(record->broken);
    session->found = record->findings ? json_loads(record->findings, 0, NULL) : NULL;
    if (session->found)
        hello = json_string_value(
            json_object_get(json_object_get(session->found, "hello"), "connector"));
    session->result.server = xprintf("%s (%s)", item->server->name, item->server->version);
    const char *version = record->connector_version ? record->connector_version : "";
    session->result.connector =
        xprintf("%s%s%s", item->connector->named_by_hello && hello ? hello : item->connector->name,
                *version ? " " : "", version);
    return false;
}

static enum pace go_on(void *context) {
    (void)context;
    return PACE_ON;
}

static void warn(void *context, const struct run_item *item, const char *what) {
    (void)context, (void)item;
    fprintf(stderr, "goneaway: warning: %s\n", what);
}

static int carry_out(struct session *session, struct err *err) {
    const struct options *options = &session->options;
    struct connector_recipe *connector = session->chosen.connectors[0];
    if (connector->on_host) {
        connector->folder = session->places.here;
        connector->hidden = session->chosen.images.cache.folder;
        connector->sees = session->places.seen;
    }
    struct run_item item = {.plan = &session->catalog.items[0].scenario->cases[0],
                            .server = session->chosen.servers[0],
                            .connector = connector};
    struct watch_limits watch = watch_default_limits();
    if (options->memory_bytes > 0)
        watch.bytes = options->memory_bytes;
    session->machine.limits.most[CGROUP_MEMORY] = watch.bytes;
    struct dispatch_options dispatch = {.jobs = 1,
                                        .time_scale = options->time_scale,
                                        .result = take,
                                        .pace = go_on,
                                        .warn = warn,
                                        .context = session,
                                        .case_timeout_ms = options->case_timeout_ms,
                                        .watch = watch,
                                        .netem = session->machine.needs[NEED_NETEM].netem,
                                        .places = session->places.items,
                                        .cgroups = &session->machine.limits,
                                        .carry_out = protocol_carry_out,
                                        .stop_fd = -1};
    int ret = dispatch_items(&item, 1, &dispatch, err);
    limits_close(&session->machine.limits);
    return ret;
}

static int judge(struct session *session, struct err *err) {
    if (session->broken)
        return err_set(err, "%s", session->broken);
    if (!trial_is_sound(session->found))
        return err_set(err, "the test has no result");
    session->result.findings = json_object_get(session->found, "findings");
    session->result.operations = json_object_get(session->found, "operations");
    reports_write(&session->reports, &session->result);
    return json_array_size(session->result.findings) > 0 ? STATUS_UNEXPECTED : STATUS_OK;
}

// ---- from its arguments to its exit status -----------------------------------------------------

static int open_reports(struct session *session, struct err *err) {
    const struct options *options = &session->options;
    for (int i = 0; i < options->report_count; i++)
        if (reports_add_of(&session->reports, trial_formats, options->reports[i], err) < 0)
            return -1;
    return reports_use_stdout(&session->reports)
               ? 0
               : reports_add_of(&session->reports, trial_formats, "human", err);
}

static int read_rules(struct session *session, const char *home, struct err *err) {
    cleanup_free char *path = xprintf("%s/fixtures/connectors/PROTOCOL.md", home);
    session->result.protocol = catalog_relative(home, path);
    return file_read(path, PROTOCOL_MAX_BYTES, &session->result.rules, err);
}

static int test(struct session *session, const struct options *options, struct err *err) {
    cleanup_free char *home = catalog_home(err);
    struct chosen *chosen = &session->chosen;
    if (!home || read_arguments(session, options, err) < 0 || read_rules(session, home, err) < 0 ||
        read_scenario(session, err) < 0 || chosen_open(chosen, home, &session->options, err) < 0 ||
        choose_server(chosen, options, err) < 0 || check_connector(chosen, err) < 0 ||
        open_reports(session, err) < 0 ||
        machine_probe(&session->machine, &session->catalog, &session->options,
                      chosen->images.cache.folder, err) < 0 ||
        chosen_prepare(chosen, stderr, err) < 0 ||
        places_open(&session->places, &chosen->images, &session->options, err) < 0)
        return -1;
    if (carry_out(session, err) < 0)
        return -1;
    return judge(session, err);
}

static void close_session(struct session *session) {
    machine_release(&session->machine);
    catalog_release(&session->catalog);
    chosen_close(&session->chosen);
    places_release(&session->places);
    text_release(&session->result.rules);
    free(session->result.protocol);
    free(session->result.server);
    free(session->result.connector);
    free(session->broken);
    json_decref(session->found);
}

int trial_command(const struct options *options, struct err *err) {
    struct session session = {0};
    struct err ignored;
    int ret = test(&session, options, err);
    if (reports_close(&session.reports, ret < 0 ? &ignored : err) < 0)
        ret = -1;
    if (session.broken && session.chosen.images.cache.folder)
        recall_forget(session.chosen.images.cache.folder);
    close_session(&session);
    return ret;
}
