// SPDX-License-Identifier: Apache-2.0
// closing.c - which connection of a case is worth a sentence, and what closed it
#include "report/closing.h"

#include "plan/kind.h"
#include "report/timeline.h"

#include <string.h>

static bool is(const char *text, const char *word) {
    return text && strcmp(text, word) == 0;
}

bool closing_is_of_app(const struct record_event *event) {
    return is(event->from, "app");
}

static bool is_call(const struct record_step *step) {
    return step->actor && timeline_is_app(step->actor) && app_verb_named(step->verb);
}

static bool has_failed(const struct record_step *step) {
    return is_call(step) && (step->outcome == OUTCOME_ERROR || step->outcome == OUTCOME_HANG ||
                             step->outcome == OUTCOME_CRASH);
}

static bool connects(const struct record_step *step) {
    const struct app_verb *verb = app_verb_named(step->verb);
    return verb && verb->connects;
}

bool closing_is_within(double at_ms, const struct record_step *step) {
    return at_ms >= step->at_ms && at_ms <= step->end_ms;
}

const struct record_event *closing_first(const struct record *record, int connection) {
    for (size_t i = 0; i < record->event_count; i++)
        if (record->events[i].connection == connection)
            return &record->events[i];
    return NULL;
}

// The app's latest call that had begun at that time and, if `lasting`, had not returned.
const struct record_step *closing_call_at(const struct record *record, double at_ms, bool lasting) {
    const struct record_step *found = NULL;
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if (is_call(step) && step->at_ms <= at_ms && (!lasting || closing_is_within(at_ms, step)) &&
            (!found || step->at_ms >= found->at_ms))
            found = step;
    }
    return found;
}

// ---- which connection --------------------------------------------------------------------------

// Whether an app that was told to connect, or did so by itself, began it; `actor` NULL: any app.
static bool is_begun_by(const struct record *record, int connection, const char *actor) {
    const struct record_event *first = closing_first(record, connection);
    const struct record_step *step = first ? closing_call_at(record, first->at_ms, true) : NULL;
    return first && (!actor || (step && strcmp(step->actor, actor) == 0));
}

// The connection that the app used last when a call ended: one that was there before, since a call
// may open others beside it; but a connect begins its own.
static int last_used(const struct record *record, const struct record_step *call,
                     const char *actor) {
    int before = 0, begun = 0;
    for (size_t i = 0; i < record->event_count; i++) {
        const struct record_event *event = &record->events[i];
        if (!closing_is_of_app(event) || event->again || event->at_ms > call->end_ms ||
            !is_begun_by(record, event->connection, actor))
            continue;
        if (closing_first(record, event->connection)->at_ms < call->at_ms)
            before = event->connection;
        else
            begun = event->connection;
    }
    return before && !connects(call) ? before : begun;
}

// ---- its end -----------------------------------------------------------------------------------

// A packet that is too big is no end: the sender makes it smaller.
bool closing_refuses(const struct record_event *event) {
    return text_starts(event->words, "ICMP") && !strstr(event->words, "too big") &&
           !strstr(event->words, "fragmentation");
}

bool closing_ends(const struct record_event *event) {
    return event->fin || event->rst || event->quit || closing_refuses(event);
}

// When the app's next connect begins: what happens later has nothing to do with this call.
static double horizon(const struct record *record, const struct record_step *call) {
    for (const struct record_step *step = call + 1; step < record->steps + record->step_count;
         step++)
        if (connects(step) && is(step->actor, call->actor))
            return step->at_ms;
    return record->ms;
}

// The app closes by itself what outlives the call; the network answers what is sent again.
static bool counts(const struct closing *closing, const struct record_event *event) {
    const struct record_step *call = closing->call;
    if (event->connection != closing->connection || !closing_ends(event))
        return false;
    if (!call)
        return true;
    bool later = event->at_ms > call->end_ms;
    return !later || (!closing_is_of_app(event) && !closing_refuses(event) &&
                      event->at_ms < horizon(closing->record, call));
}

// The last event of a connection before this one; NULL: before `until_ms`.
static const struct record_event *event_before(const struct record *record, int connection,
                                               const struct record_event *before, double until_ms) {
    const struct record_event *found = NULL;
    for (size_t i = 0; i < record->event_count && &record->events[i] != before; i++)
        if (record->events[i].connection == connection &&
            (before || record->events[i].at_ms <= until_ms))
            found = &record->events[i];
    return found;
}

const struct record_event *closing_event_before(const struct record *record,
                                                const struct record_event *event) {
    return event_before(record, event->connection, event, 0);
}

// An app that hangs is ended, which closes its connections.
static bool is_put_to_an_end(const struct closing *closing, const struct record_event *event) {
    const struct record_step *call = closing->call;
    return call && call->outcome == OUTCOME_HANG && closing_is_of_app(event) &&
           event->at_ms >= call->at_ms;
}

static void find_close(struct closing *closing) {
    const struct record *record = closing->record;
    const struct record_event *found = NULL;
    for (size_t i = 0; !found && i < record->event_count; i++)
        if (counts(closing, &record->events[i]))
            found = &record->events[i];
    closing->before = event_before(record, closing->connection, found,
                                   closing->call ? closing->call->end_ms : record->ms);
    closing->close = found && !is_put_to_an_end(closing, found) ? found : NULL;
}

// Whether the peer had the last word.
static bool is_answered(const struct closing *closing) {
    return closing->before && !closing_is_of_app(closing->before);
}

// The first call that failed on a connection that ended or fell silent; else the first that failed.
static bool find_call(struct closing *closing) {
    const struct record *record = closing->record;
    struct closing first = {0};
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *call = &record->steps[i];
        if (!has_failed(call))
            continue;
        int own = last_used(record, call, call->actor);
        closing->call = call;
        closing->connection = own ? own : last_used(record, call, NULL);
        find_close(closing);
        if (closing->close || !is_answered(closing))
            return true;
        first = first.call ? first : *closing;
    }
    *closing = first.call ? first : *closing;
    return first.call != NULL;
}

// Without a call that failed: the first connection that its peer closed. Whoever ends a session
// over TLS, or by a program, says so in a record that cannot be read.
static bool find_closed_by_peer(struct closing *closing) {
    const struct record *record = closing->record;
    for (size_t i = 0; i < record->event_count; i++) {
        const struct record_event *event = &record->events[i];
        closing->connection = event->connection;
        if (closing_first(record, event->connection) != event || !closing_is_of_app(event))
            continue;
        find_close(closing);
        if (closing->close && !closing_is_of_app(closing->close) && closing->before &&
            (!closing_is_of_app(closing->before) || strstr(closing->before->words, "COM_")))
            return true;
    }
    return false;
}

bool closing_find(struct closing *closing) {
    return find_call(closing) || find_closed_by_peer(closing);
}
