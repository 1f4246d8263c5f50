// SPDX-License-Identifier: Apache-2.0
// fate.c - whether a connection outlived an error, as far as a case shows
//
// What the same app's next calls showed decides: success in the same session means that it lives,
// success in a new one that it was lost. If they fail too, or if there are none, the promise tells:
// `error-or-new` is promised only where the session is gone. What is left is unknown, and counts for
// nothing: so do errors after an automatic reconnect, and those of the server in an app that asked
// for it, since they may be about either session.
#include "explain/fate.h"

#include "explain/shown.h"
#include "plan/kind.h"

#include <string.h>

static bool is_connecting(const struct plan_step *step) {
    return step->kind == STEP_APP && app_verb_of(step)->connects;
}

// The step in which a call began that this one awaits; else the step itself.
static const struct plan_step *begin_of(const struct plan_case *plan, size_t i) {
    const struct plan_step *step = &plan->steps[i];
    for (size_t k = i; step->kind == STEP_AWAIT && k-- > 0;)
        if (plan->steps[k].as && strcmp(plan->steps[k].as, step->name) == 0)
            return &plan->steps[k];
    return step;
}

static bool is_call(const struct plan_step *step) {
    return step->kind == STEP_APP || step->kind == STEP_AWAIT;
}

// Whether a connection ends here, or begins anew, whatever became of the one before.
static bool is_end(const struct plan_step *begin) {
    const struct app_verb *verb = begin->kind == STEP_APP ? app_verb_of(begin) : NULL;
    return verb && (verb->connects || verb->ends || strcmp(verb->word.name, "close") == 0 ||
                    strcmp(verb->word.name, "release") == 0);
}

static bool is_heard(const struct plan_step *begin) {
    return begin->kind == STEP_APP && app_verb_of(begin)->reaches_server;
}

// The next judged call on the connection of step i that the server must answer; or the number of
// steps.
static size_t next_call(const struct plan_case *plan, size_t i) {
    const char *actor = begin_of(plan, i)->actor;
    for (size_t k = i + 1; actor && k < plan->step_count; k++) {
        const struct plan_step *step = &plan->steps[k], *begin = begin_of(plan, k);
        if (!is_call(step) || !begin->actor || strcmp(begin->actor, actor) != 0)
            continue;
        if (is_end(begin))
            break;
        if (step->id && is_heard(begin) && begin > &plan->steps[i])
            return k;
    }
    return plan->step_count;
}

// Whether the session was replaced by an automatic reconnect before step i.
static bool is_renewed(const struct plan_case *plan, const struct plan_row *row, size_t i) {
    const char *actor = begin_of(plan, i)->actor;
    for (size_t k = i; k-- > 0;) {
        const struct plan_step *step = &plan->steps[k], *begin = begin_of(plan, k);
        if (!is_call(step) || !begin->actor || strcmp(begin->actor, actor) != 0)
            continue;
        if (is_end(begin))
            break;
        const struct expectation *cell = step->id ? plan_find_expectation(row, step->id) : NULL;
        if (cell && cell->session == SESSION_NEW)
            return true;
    }
    return false;
}

// Behind a proxy there are two connections: an error may be about the one, and success of a later
// call about the other.
static bool is_direct(const struct plan_case *plan) {
    return !plan->wire || !plan->wire->proxy;
}

static bool is_gone(const struct plan_case *plan, const struct place *place, size_t i) {
    const struct promise *promise = plan_find_promise(plan, place, plan->steps[i].id);
    return promise && promise->word == PROMISE_ERROR_OR_NEW && !promise->exact;
}

// What success of a later call says of the session.
static enum fate fate_by_success(const struct expectation *cell, bool gone) {
    if (cell->session == SESSION_SAME)
        return FATE_ALIVE;
    return cell->session == SESSION_NEW || gone ? FATE_LOST : FATE_ALIVE;
}

// Calls that end differently from one repetition to the next tell nothing.
static enum fate fate_after(const struct plan_case *plan, const struct place *place,
                            const struct plan_row *row, size_t i) {
    bool gone = is_gone(plan, place, i);
    for (size_t next = i; (next = next_call(plan, next)) < plan->step_count;) {
        const struct expectation *cell = plan_find_expectation(row, plan->steps[next].id);
        gone |= is_gone(plan, place, next);
        if (!cell || shown_at(cell, 1))
            break;
        if (cell->kind == OUTCOME_OK)
            return fate_by_success(cell, gone);
        if (cell->kind != OUTCOME_ERROR)
            break;
    }
    return gone ? FATE_LOST : FATE_UNKNOWN;
}

// Errors below 2000 and from 3000 on are the server's own; from 5000 on Connector/C's.
static bool is_of_server(const struct expectation *one) {
    enum { LEAST = 1000, CLIENT = 2000, CLIENT_END = 3000, CONNECTOR_C = 5000, PROXY = 9000 };
    return (one->code >= LEAST && one->code < CLIENT) ||
           (one->code >= CLIENT_END && one->code < CONNECTOR_C) || one->code >= PROXY;
}

// Whether an app that shows this step has connected with automatic reconnect.
static bool reconnects(const struct plan_case *plan, size_t i) {
    const char *actor = begin_of(plan, i)->actor;
    for (size_t k = i; k-- > 0;) {
        const struct plan_step *step = &plan->steps[k];
        if (step->kind != STEP_APP || strcmp(step->actor, actor) != 0 || !is_connecting(step))
            continue;
        const struct connect_args *args = app_verb_of(step)->addressed ? step->act.args : NULL;
        return args && args->reconnect == 1;
    }
    return false;
}

enum fate fate_of(const struct plan_case *plan, const struct place *place,
                  const struct plan_row *row, size_t i, const struct expectation *one) {
    if (is_connecting(begin_of(plan, i)))
        return is_of_server(one) ? FATE_REFUSED : FATE_FAILED;
    if (one->session == SESSION_NEW)
        return FATE_LOST;
    if (is_of_server(one) && reconnects(plan, i))
        return FATE_UNKNOWN;
    enum fate fate = is_renewed(plan, row, i) ? FATE_UNKNOWN : fate_after(plan, place, row, i);
    return fate == FATE_ALIVE && !is_direct(plan) ? FATE_UNKNOWN : fate;
}
