// SPDX-License-Identifier: Apache-2.0
// check_cancel.c - `cancel`, the only request that comes before the answer to the one before it
#include "protocol/checks.h"

#include "base/clock.h"

#include <string.h>

// Longer than an answer may take, so that one that comes is that of a call that was cancelled.
#define LASTING "SELECT SLEEP(20)"

enum { RUNS_WITHIN_MS = 5000 };

static void check_cancelled(struct talk *talk) {
    struct talk_call call = talk_send(talk, request_for("query", "{s:s}", "sql", LASTING));
    session_runs(talk->subject, talk->thread, clock_ms() + RUNS_WITHIN_MS);
    json_auto_t *answer = talk_ask(talk, request_for("cancel", NULL));
    const char *op = json_string_value(json_object_get(answer, "op"));
    if (expect(talk, "cancel", answer, "ok", RULE_CANCEL, "a cancel of " LASTING) &&
        (!op || strcmp(op, "cancel") != 0)) {
        cleanup_free char *shown = findings_show(answer);
        findings_add(&talk->subject->findings, "cancel", RULE_CANCEL_FIRST,
                     "the first answer after a cancel of " LASTING " is %s", shown);
    }
    json_decref(talk_take(talk, &call));
}

void cancel_check(struct talk *talk) {
    struct subject *subject = talk->subject;
    if (!claims(subject, "cancel") || !claims(subject, "query") || !is_connected(talk))
        return;
    ask_for(talk, request_for("cancel", NULL), "unsupported", RULE_CANCEL_NOTHING,
            "a cancel of nothing");
    int64_t thread = talk->thread;
    if (thread >= 0)
        check_cancelled(talk);
    end_session(subject, thread); // where the statement may still run
}
