// SPDX-License-Identifier: Apache-2.0
// protocol.c - checks an adapter against the protocol: all checks in turn
#include "protocol/protocol.h"

#include "base/clock.h"
#include "protocol/checks.h"

#include <string.h>

static const char *const operations[] = {
    "hello",      "connect",     "query",        "stream",     "fetch",      "prepare",
    "execute",    "long_data",   "ping",         "stmt_close", "reset",      "select_db",
    "close",      "change_user", "release",      "acquire",    "fork",       "exit",
    "_exit",      "call",        "stmt_execute", "stmt_store", "stmt_fetch", "stmt_metadata",
    "stmt_reset", "stmt_free",   "cancel"};

static void (*const groups[])(struct talk *talk) = {
    hello_check,    before_connect_check, connect_check, connect_arguments_check,
    query_check,    errors_check,         stream_check,  statement_check,
    commands_check, calls_check,          cancel_check,  pool_check,
    close_check,    arguments_check,      fork_check,    end_of_input_check};

static void check_all(struct subject *subject) {
    struct talk talk = {0};
    bool open = talk_open(&talk, subject);
    for (size_t i = 0; open && i < COUNT_OF(groups) && !subject->failed; i++)
        groups[i](&talk);
    talk_close(&talk);
    if (!open)
        return;
    exits_check(subject);
    no_requests_check(subject);
    closed_output_check(subject);
}

static json_t *summary(const struct subject *subject) {
    json_t *all = json_object();
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        const char *name = operations[i];
        bool tried = json_object_get(subject->tried, name) != NULL;
        json_object_set_new(all, name,
                            json_string(tried                                      ? "ok"
                                        : subject->hello && !claims(subject, name) ? "not claimed"
                                                                                   : "not tried"));
    }
    return all;
}

// Notes operations that hello names but that never succeeded.
static void note_unsupported(struct subject *subject) {
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        if (claims(subject, operations[i]) && !json_object_get(subject->tried, operations[i]) &&
            findings_count(subject->findings.list, operations[i]) == 0)
            findings_add(&subject->findings, operations[i], RULE_MUST_EXIST,
                         "hello names it, but it was never `ok`");
}

static void name_connector(struct record *record, const json_t *hello) {
    const char *version = json_string_value(json_object_get(hello, "version"));
    free(record->connector_version);
    record->connector_version = xstrdup(version ? version : "");
}

static int hold(struct subject *subject, struct err *err) {
    struct case_run *run = subject->run;
    if (!run->served)
        return -1;
    world_retire_server(run->world, "root has set its variables");
    if (world_begin_case(run->world, 0, err) < 0 ||
        admin_take_mark(run->world->server.admin, &run->mark, err) < 0)
        return -1;
    check_all(subject);
    return subject->failed ? -1 : 0;
}

void protocol_carry_out(struct case_run *run) {
    double began = clock_ms();
    struct subject subject = {.run = run, .err = &run->err, .tried = json_object()};
    subject.findings.list = json_array();
    if (hold(&subject, &run->err) < 0)
        run->record->broken =
            xprintf("%s%s%s", run->err.what, *run->err.remedy ? "\nremedy: " : "", run->err.remedy);
    if (subject.findings.list && !subject.failed && subject.hangs == 0 && subject.hello)
        note_unsupported(&subject);
    name_connector(run->record, subject.hello);
    json_auto_t *found = json_pack("{s:O, s:o, s:o}", "findings", subject.findings.list,
                                   "operations", summary(&subject), "hello",
                                   subject.hello ? json_incref(subject.hello) : json_null());
    run->record->findings = json_dumps(found, JSON_COMPACT);
    run->record->ms = clock_ms() - began + run->record->boot_ms;
    json_decref(subject.findings.list);
    json_decref(subject.tried);
    json_decref(subject.hello);
}
