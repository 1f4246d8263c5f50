// SPDX-License-Identifier: Apache-2.0
// adapter_test.c - `goneaway adapter test`: holds an adapter against the protocol
//
// It runs as the only case of a run would: in a worker of dispatch.c, in the same container, within
// the same bounds. protocol.c asks, and report.c tells.
#include "protocol/adapter_test.h"

#include "base/file.h"
#include "base/status.h"
#include "batch/carry.h"
#include "protocol/protocol.h"

#include <stdio.h>
#include <string.h>

/** What a worker takes for a case. Its steps are not carried out. */
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

/** One test from its arguments to its exit status. */
struct session {
    struct options options;
    struct carry carry; // of the scenario above
    struct reports reports;
    struct trial_result result;
    json_t *found; // what the worker sends
    char *broken;  // why it does not
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
    session->carry.catalog = catalog_of(scenario);
    return 0;
}

// Any server will do: without --server the first that is there already, else the first of all.
static int choose(struct session *session, struct err *err) {
    struct carry *carry = &session->carry;
    struct chosen *chosen = &carry->chosen;
    if (carry_choose(carry, err) < 0)
        return -1;
    if (session->options.servers && chosen->server_count != 1)
        return err_usage(err, "an adapter is tested with one server");
    carry_choose_ready_server(carry);
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

static void warn(void *context, const struct run_item *item, const char *what) {
    (void)context, (void)item;
    fprintf(stderr, "goneaway: warning: %s\n", what);
}

static int ask(struct session *session, struct err *err) {
    struct carry *carry = &session->carry;
    const struct dispatch_options how = {
        .result = take, .warn = warn, .context = session, .carry_out = protocol_carry_out};
    if (carry_begin(carry, err) < 0)
        return -1;
    int ret = carry_out(carry, &how, err);
    carry_end(carry);
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

static int prepare(struct session *session, struct err *err) {
    struct carry *carry = &session->carry;
    const struct chosen *chosen = &carry->chosen;
    if (carry_prepare(carry, err) < 0)
        return -1;
    cases_add_one(&carry->cases, carry->home, &carry->catalog.items[0].scenario->cases[0],
                  chosen->servers[0], chosen->connectors[0]);
    return carry_equip(carry, err);
}

static int test(struct session *session, const struct options *options, struct err *err) {
    if (carry_open(&session->carry, &session->options, err) < 0 ||
        read_arguments(session, options, err) < 0 ||
        read_rules(session, session->carry.home, err) < 0 || read_scenario(session, err) < 0 ||
        choose(session, err) < 0 || open_reports(session, err) < 0 || prepare(session, err) < 0 ||
        ask(session, err) < 0)
        return -1;
    return judge(session, err);
}

static void close_session(struct session *session) {
    carry_release(&session->carry);
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
    if (session.broken)
        carry_doubt_machine(&session.carry);
    close_session(&session);
    return ret;
}
