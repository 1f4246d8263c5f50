// SPDX-License-Identifier: Apache-2.0
// check_call.c - functions of the library that are called by name
#include "protocol/checks.h"

#include <string.h>

static const json_t *calls_of(const struct subject *subject) {
    return json_object_get(subject->hello, "calls");
}

json_t *call_request(const struct subject *subject, size_t i) {
    const char *name = json_string_value(json_array_get(calls_of(subject), i));
    return request_for("call", "{s:s}", "name", name ? name : "goneaway");
}

static bool are_names(const json_t *calls) {
    size_t i;
    json_t *name;
    json_array_foreach((json_t *)calls, i, name) {
        if (!json_is_string(name) || json_string_length(name) == 0)
            return false;
    }
    return json_array_size(calls) > 0;
}

static void check_refused(struct talk *talk, json_t *request, const char *what) {
    ask_for(talk, request, "unsupported", RULE_CALL_UNKNOWN, what);
}

// Its rows must be one row with one cell, unless the function itself returns rows.
static void check_returned(struct talk *talk, const char *name, const json_t *answer) {
    const json_t *rows = json_object_get(answer, "rows");
    if (strcmp(outcome_of(answer), "ok") != 0 || !json_is_array(rows) ||
        json_array_size(rows) != 1 || json_array_size(json_array_get(rows, 0)) > 0)
        return;
    cleanup_free char *shown = findings_show(rows);
    findings_add(&talk->subject->findings, "call", RULE_CALL, "%.100s shows %s", name, shown);
}

// Only the first: others may wait for something that nobody has asked for.
static void try_first(struct talk *talk) {
    const char *name = json_string_value(json_array_get(calls_of(talk->subject), 0));
    json_auto_t *answer = talk_ask(talk, call_request(talk->subject, 0));
    cleanup_free char *what = xprintf("a call of `%.100s`, the first of `calls`,", name);
    if (expect(talk, "call", answer, "ok", RULE_CALL_FIRST, what))
        check_returned(talk, name, answer);
}

void calls_check(struct talk *talk) {
    const struct subject *subject = talk->subject;
    if (!claims(subject, "call") || !is_connected(talk))
        return;
    if (!are_names(calls_of(subject))) {
        findings_add(&talk->subject->findings, "hello", RULE_CALLS,
                     "`calls` is not a list with a name in it");
        return;
    }
    check_refused(talk, request_for("call", "{s:s}", "name", NO_OPERATION),
                  "a call of `" NO_OPERATION "`");
    json_t *request = call_request(subject, 0);
    json_object_set_new(request, "args",
                        json_pack("[i, i, i, i, i, i, i, i]", 1, 2, 3, 4, 5, 6, 7, 8));
    check_refused(talk, request, "a call with eight arguments");
    try_first(talk);
}
