// SPDX-License-Identifier: Apache-2.0
// adapter_test.c - `goneaway adapter test`: checks an adapter against the protocol
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
struct adapter_test {
    struct options options;
    struct carry carry; // of the scenario above
    struct reports reports;
    struct adapter_test_result result;
    json_t *found; // what the worker sent
    char *broken;  // why it did not
};

// ---- what is tested ----------------------------------------------------------------------------

static int read_arguments(struct adapter_test *test, const struct options *options,
                          struct err *err) {
    test->options = *options;
    int count = options->argument_count - 1;
    test->result.adapter = count == 1 ? options->arguments[1] : options->connectors;
    if (count == 1 && !options->connectors) {
        test->options.adapters[0] = options->arguments[1];
        test->options.adapter_count = 1;
        return 0;
    }
    if (count == 0 && options->connectors && !strchr(options->connectors, ','))
        return 0;
    err_usage(err, "`goneaway adapter test` needs one command, or --connector with one name");
    return err_remedy(err, "goneaway adapter test 'CMD', in quotes if it has arguments");
}

static int read_scenario(struct adapter_test *test, struct err *err) {
    struct scenario *scenario =
        scenario_parse("adapter-test.yml", scenario_text, sizeof scenario_text - 1, err);
    if (!scenario)
        return -1;
    test->carry.catalog = catalog_of(scenario);
    return 0;
}

// Any server will do: without --server, the first that is in the cache already, else the first.
static int choose(struct adapter_test *test, struct err *err) {
    struct carry *carry = &test->carry;
    struct lineup *lineup = &carry->lineup;
    if (carry_choose(carry, err) < 0)
        return -1;
    if (test->options.servers && lineup->server_count != 1)
        return err_usage(err, "an adapter is tested with one server");
    carry_choose_ready_server(carry);
    return lineup->connector_count == 1
               ? 0
               : err_usage(err, "an adapter is tested alone; --connector names several");
}

// ---- the test ----------------------------------------------------------------------------------

static bool take(void *context, const struct run_item *item, struct record *record) {
    struct adapter_test *test = context;
    const char *hello = NULL;
    test->broken = xstrdup(record->broken);
    test->found = record->findings ? json_loads(record->findings, 0, NULL) : NULL;
    if (test->found)
        hello =
            json_string_value(json_object_get(json_object_get(test->found, "hello"), "connector"));
    test->result.server = xprintf("%s (%s)", item->server->name, item->server->version);
    const char *version = record->connector_version ? record->connector_version : "";
    test->result.connector =
        xprintf("%s%s%s", item->connector->named_by_hello && hello ? hello : item->connector->name,
                *version ? " " : "", version);
    return false;
}

static void warn(void *context, const struct run_item *item, const char *what) {
    (void)context, (void)item;
    fprintf(stderr, "goneaway: warning: %s\n", what);
}

static int ask(struct adapter_test *test, struct err *err) {
    struct carry *carry = &test->carry;
    const struct dispatch_options how = {
        .result = take, .warn = warn, .context = test, .carry_out = protocol_carry_out};
    if (carry_begin(carry, err) < 0)
        return -1;
    int ret = carry_out(carry, &how, err);
    carry_end(carry);
    return ret;
}

static int judge(struct adapter_test *test, struct err *err) {
    if (test->broken)
        return err_set(err, "%s", test->broken);
    if (!adapter_test_is_sound(test->found))
        return err_set(err, "the test has no result");
    test->result.findings = json_object_get(test->found, "findings");
    test->result.operations = json_object_get(test->found, "operations");
    reports_write(&test->reports, &test->result);
    return json_array_size(test->result.findings) > 0 ? STATUS_UNEXPECTED : STATUS_OK;
}

// ---- from its arguments to its exit status -----------------------------------------------------

static int open_reports(struct adapter_test *test, struct err *err) {
    const struct options *options = &test->options;
    for (int i = 0; i < options->report_count; i++)
        if (reports_add_of(&test->reports, adapter_test_formats, options->reports[i], err) < 0)
            return -1;
    return reports_use_stdout(&test->reports)
               ? 0
               : reports_add_of(&test->reports, adapter_test_formats, "human", err);
}

static int read_rules(struct adapter_test *test, const char *home, struct err *err) {
    cleanup_free char *path = xprintf("%s/fixtures/connectors/PROTOCOL.md", home);
    test->result.protocol = catalog_relative(home, path);
    return file_read(path, PROTOCOL_MAX_BYTES, &test->result.rules, err);
}

static int prepare(struct adapter_test *test, struct err *err) {
    struct carry *carry = &test->carry;
    const struct lineup *lineup = &carry->lineup;
    if (carry_prepare(carry, err) < 0)
        return -1;
    cases_add_one(&carry->cases, carry->home, &carry->catalog.items[0].scenario->cases[0],
                  lineup->servers[0], lineup->connectors[0]);
    return carry_equip(carry, err);
}

static int run_test(struct adapter_test *test, const struct options *options, struct err *err) {
    if (carry_open(&test->carry, &test->options, err) < 0 ||
        read_arguments(test, options, err) < 0 || read_rules(test, test->carry.home, err) < 0 ||
        read_scenario(test, err) < 0 || choose(test, err) < 0 || open_reports(test, err) < 0 ||
        prepare(test, err) < 0 || ask(test, err) < 0)
        return -1;
    return judge(test, err);
}

static void release(struct adapter_test *test) {
    carry_release(&test->carry);
    text_release(&test->result.rules);
    free(test->result.protocol);
    free(test->result.server);
    free(test->result.connector);
    free(test->broken);
    json_decref(test->found);
}

int adapter_test_command(const struct options *options, struct err *err) {
    struct adapter_test test = {0};
    struct err ignored;
    int ret = run_test(&test, options, err);
    if (reports_close(&test.reports, ret < 0 ? &ignored : err) < 0)
        ret = -1;
    if (test.broken)
        carry_doubt_machine(&test.carry);
    release(&test);
    return ret;
}
