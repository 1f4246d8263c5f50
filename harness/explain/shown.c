// SPDX-License-Identifier: Apache-2.0
// shown.c - how a call ended, for programs
//
// Nothing is added to what was recorded, with one exception: the SQLSTATE of an error that only a
// server sends, since each of these codes has one of its own, and clients pass it on.
#include "explain/shown.h"

#include "base/text.h"
#include "plan/codes.h"

#include <signal.h>
#include <string.h>

const struct expectation *shown_at(const struct expectation *cell, size_t i) {
    for (; cell && i > 0; i--)
        cell = cell->or_else;
    return cell;
}

bool shown_is_plain(const struct expectation *cell) {
    return cell->kind == OUTCOME_OK && cell->session != SESSION_NEW && !cell->or_else;
}

const char *shown_sqlstate(const struct expectation *one) {
    return one->sqlstate ? one->sqlstate : code_sqlstate(one->code);
}

// An empty pattern matches every message: there is nothing to tell.
static const char *text_of(const struct expectation *one) {
    return one->message && *one->message ? one->message : NULL;
}

static json_t *error_to_json(const struct expectation *one) {
    json_t *code = one->code > 0 ? json_integer(one->code) : json_null();
    return json_pack("{ss, so, ss?, ss*, ss*}", "end", "error", "code", code, "sqlstate",
                     shown_sqlstate(one), "class", one->native, "text", text_of(one));
}

static json_t *crash_to_json(const struct expectation *one) {
    const char *name = one->signal ? sigabbrev_np(one->signal) : NULL;
    cleanup_free char *signal = name ? xprintf("SIG%s", name) : NULL;
    return json_pack("{ss, ss?}", "end", "crash", "signal", signal);
}

json_t *shown_to_json(const struct expectation *one) {
    if (one->kind == OUTCOME_ERROR)
        return error_to_json(one);
    if (one->kind == OUTCOME_CRASH)
        return crash_to_json(one);
    if (one->kind == OUTCOME_OK && one->session == SESSION_NEW)
        return json_pack("{ss, ss}", "end", "ok", "session", "new");
    return json_pack("{ss}", "end", outcome_names[one->kind]);
}
