// SPDX-License-Identifier: Apache-2.0
// ending.c - who closed a connection, when, and why, in one sentence
//
// It says what followed what, and no more: a cause is named by the last that happened before.
#include "report/ending.h"

#include "plan/codes.h"
#include "report/closing.h"
#include "report/detail.h"
#include "report/timeline.h"

#include <string.h>

// What follows sooner belongs to what came before.
enum { AT_ONCE_MS = 100 };

static bool is(const char *text, const char *word) {
    return text && strcmp(text, word) == 0;
}

static bool is_answered(const struct closing *closing) {
    return closing->before && !closing_is_of_app(closing->before);
}

// ---- words -------------------------------------------------------------------------------------

static void add_words(struct text *out, const char *words) {
    enum { MOST = 40 };
    char quote = strchr(words, '`') ? '"' : '`';
    text_printf(out, "%c%.*s%s%c", quote, MOST, words, strlen(words) > MOST ? ".." : "", quote);
}

static void add_step(struct text *out, const struct closing *closing,
                     const struct record_step *step) {
    cleanup_free char *words = timeline_begin_words(closing->plan, step);
    cleanup_free char *whole = xprintf("%s %s", step->actor, words);
    add_words(out, whole);
}

// ---- why ---------------------------------------------------------------------------------------

// Whether a step does something to connections, or to the server.
static bool acts(const struct closing *closing, const struct record_step *step) {
    static const char *const actors[] = {"fault", "lift", "server", "proxy"};
    for (size_t i = 0; i < COUNT_OF(actors); i++)
        if (is(step->actor, actors[i]))
            return true;
    if (!is(step->actor, "admin"))
        return false;
    cleanup_free char *words = timeline_begin_words(closing->plan, step);
    return strcasestr(words, "KILL ") || strcasestr(words, "SHUTDOWN");
}

// The last one that had begun at `at_ms`, and had not ended before `from_ms`.
static const struct record_step *last_act(const struct closing *closing, double at_ms,
                                          double from_ms) {
    const struct record_step *found = NULL;
    const struct record *record = closing->record;
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if (step->at_ms <= at_ms && step->end_ms >= from_ms && acts(closing, step))
            found = step;
    }
    return found;
}

static void add_since(struct text *out, const struct record_event *event,
                      const struct record_event *before) {
    text_add(out, " ");
    detail_duration(out, event->at_ms - before->at_ms);
    if (is(before->from, event->from)) {
        text_add(out, " after its last packet");
        return;
    }
    text_printf(out, " after the %s's ", closing_is_of_app(before) ? "client" : before->from);
    add_words(out, before->words);
}

static void add_since_act(struct text *out, const struct closing *closing, double at_ms,
                          const struct record_step *act) {
    text_add(out, " ");
    detail_duration(out, at_ms - act->at_ms);
    text_add(out, " after ");
    add_step(out, closing, act);
}

// Whether an act explains an event: it lasts until it has been seen to take effect.
static bool is_by_act(const struct record_step *act, const struct record_event *event,
                      const struct record_event *before) {
    enum { SOON_MS = 500 };
    bool later = before && !is(before->from, event->from) && before->at_ms > act->at_ms;
    return closing_is_within(event->at_ms, act) || (!later && event->at_ms - act->end_ms < SOON_MS);
}

static const struct record_step *last_act_of(const struct closing *closing,
                                             const struct record_event *event) {
    return last_act(closing, event->at_ms,
                    closing_first(closing->record, event->connection)->at_ms);
}

// Adds what came last before an event: an act, a packet, or both if neither explains it.
static void add_after(struct text *out, const struct closing *closing,
                      const struct record_event *event, const struct record_event *before) {
    const struct record_step *act = last_act_of(closing, event);
    bool by_act = act && is_by_act(act, event, before);
    if (before && !by_act)
        add_since(out, event, before);
    if (!act || (before && !by_act && before->at_ms > act->at_ms && !is(before->from, event->from)))
        return;
    text_add(out, before && !by_act ? " and" : "");
    add_since_act(out, closing, event->at_ms, act);
}

// The last event that is not the app's, up to the close.
static const struct record_event *last_of_peer(const struct closing *closing) {
    const struct record_event *event = closing->close ? closing->close : closing->before;
    while (event && (closing_is_of_app(event) || (event == closing->close && !event->error)))
        event = closing_event_before(closing->record, event);
    return event;
}

// What came before an event and before others that its sender sent with it.
static const struct record_event *trigger_of(const struct closing *closing,
                                             const struct record_event *event) {
    const struct record_event *before = event;
    do
        before = closing_event_before(closing->record, before);
    while (before && is(before->from, event->from) && event->at_ms - before->at_ms < AT_ONCE_MS);
    return before;
}

static void add_error(struct text *out, const struct record_event *event) {
    const struct code *code = code_by_number(event->error);
    text_printf(out, "error %d%s%s", event->error, code ? " " : "", code ? code->symbol : "");
}

// "Aborted connection 12 to db: .. (Got timeout reading communication packets)": adds what is in
// parentheses, which is the server's own reason.
static void add_logged(struct text *out, const struct closing *closing) {
    const struct record *record = closing->record;
    const struct record_step *last = closing_call_at(record, closing->close->at_ms, false);
    cleanup_free char *wanted =
        xprintf("Aborted connection %lld ", last ? (long long)last->thread : -1LL);
    for (size_t i = 0; i < record->log_count; i++) {
        const char *line = strstr(record->log[i], wanted), *open = line ? strrchr(line, '(') : NULL;
        if (!open)
            continue;
        text_printf(out, " (its log: %.*s)", (int)strcspn(open + 1, ".)"), open + 1);
        return;
    }
}

// ---- what the client did then ------------------------------------------------------------------

// A library may say on a connection over TLS that it closes it.
static bool writes(const struct record_event *event) {
    static const char *const others[] = {"FIN", "RST", "TLS alert"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (text_starts(event->words, others[i]))
            return false;
    return !event->again;
}

static const struct record_event *next_of_app(const struct closing *closing, bool ends) {
    const struct record_event *end = closing->record->events + closing->record->event_count;
    for (const struct record_event *event = closing->close + 1; event < end; event++)
        if (event->connection == closing->connection && closing_is_of_app(event) &&
            (ends ? event->fin || event->rst : writes(event)))
            return event;
    return NULL;
}

// Whether a copy of what closed the connection had arrived by then.
static bool has_arrived(const struct closing *closing, double at_ms) {
    const struct record_event *end = closing->record->events + closing->record->event_count;
    for (const struct record_event *event = closing->close; event < end; event++)
        if (event->connection == closing->connection && is(event->from, closing->close->from) &&
            closing_ends(event) && !event->lost && event->at_ms <= at_ms)
            return true;
    return false;
}

static void add_aftermath(struct text *out, const struct closing *closing) {
    const struct record_event *close = closing->close;
    const struct record_event *wrote = next_of_app(closing, false);
    const struct record_event *closed = next_of_app(closing, true);
    bool own = closing_is_of_app(close);
    double then_ms = wrote           ? wrote->at_ms
                     : closing->call ? closing->call->end_ms
                                     : closing->record->ms;
    if (!own && !has_arrived(closing, then_ms))
        text_add(out, ", which did not reach the client");
    if (is(close->from, "server"))
        add_logged(out, closing);
    if (wrote) {
        text_add(out, "; the client wrote ");
        detail_duration(out, wrote->at_ms - close->at_ms);
        text_printf(out, " later into a connection that %s", own ? "it had closed" : "had ended");
    } else if (closed && !own && closing->call && closed->at_ms <= closing->call->end_ms) {
        text_add(out, "; the client closed its end ");
        detail_duration(out, closed->at_ms - close->at_ms);
        text_add(out, " later");
    }
    if (!closing->call)
        text_add(out, "; no call failed");
}

// ---- the sentence ------------------------------------------------------------------------------

// How often something was sent again while the call lasted; `ret_first` gets what was sent first.
static int count_again(const struct closing *closing, const struct record_event **ret_first) {
    const struct record *record = closing->record;
    int again = 0;
    *ret_first = NULL;
    for (size_t i = 0; i < record->event_count; i++) {
        const struct record_event *event = &record->events[i];
        if (event->connection != closing->connection || !closing_is_of_app(event) ||
            event == closing->close || !closing_is_within(event->at_ms, closing->call) ||
            !(event->again || writes(event)))
            continue;
        *ret_first = event->again ? *ret_first : event;
        again += event->again != 0;
    }
    return again;
}

static void add_again(struct text *out, int again) {
    if (again > 0)
        text_printf(out, "; %d retransmission%s went unanswered", again, again > 1 ? "s" : "");
}

static void add_unanswered(struct text *out, const struct closing *closing) {
    const struct record_event *first;
    int again = count_again(closing, &first);
    if (!first && again == 0)
        text_add(out, " without a packet of its own");
    if (first && !is_answered(closing)) {
        text_add(out, "; its ");
        add_words(out, first->words);
        text_add(out, first->lost ? " was lost" : " had no answer");
    }
    if (is_answered(closing) && closing->before->at_ms >= closing->call->at_ms) {
        text_printf(out, "; the %s's ", closing->before->from);
        add_words(out, closing->before->words);
        text_add(out, closing->before->lost ? " was lost" : " had arrived");
    }
    add_again(out, again);
}

static bool was_open(const struct closing *closing) {
    const struct record *record = closing->record;
    for (size_t i = 0; i < record->event_count; i++) {
        const struct record_event *event = &record->events[i];
        if (event->connection == closing->connection && !closing_is_of_app(event) &&
            !closing_refuses(event) && event->at_ms <= closing->call->end_ms)
            return true;
    }
    return false;
}

static void tell_nobody(struct text *out, const struct closing *closing) {
    const struct record_step *call = closing->call;
    const struct record_event *last = last_of_peer(closing);
    if (last && last->error && closing_is_within(last->at_ms, call)) {
        text_add(out, "the server answered with ");
        add_error(out, last);
        text_add(out, ", and nobody closed the connection");
        return;
    }
    // what is lifted once the call has returned does not matter
    const struct record_step *act = last_act(closing, call->at_ms + call->ms, 0);
    text_add(out, was_open(closing) ? "nobody closed it: " : "no connection came about: ");
    add_step(out, closing, call);
    if (act && act->at_ms <= call->at_ms) {
        text_add(out, ",");
        add_since_act(out, closing, call->at_ms, act);
        text_add(out, ",");
    }
    text_add(out, call->outcome == OUTCOME_HANG ? " had not returned after " : " failed after ");
    detail_duration(out, call->ms);
    if (act && act->at_ms > call->at_ms) {
        text_add(out, ", and");
        add_since_act(out, closing, call->at_ms + call->ms, act);
    }
    add_unanswered(out, closing);
}

static bool is_syn(const struct record_event *event) {
    return event && closing_is_of_app(event) && text_starts(event->words, "SYN");
}

static void tell_network(struct text *out, const struct closing *closing) {
    const struct record_event *close = closing->close, *before = closing->before;
    const struct record_step *act = last_act(closing, close->at_ms, 0);
    text_add(out, "the network, neither of the two hosts, answered ");
    add_words(out, close->words);
    if (act)
        add_since_act(out, closing, close->at_ms, act);
    if (!before)
        return;
    text_add(out, act ? " and" : "");
    add_since(out, close, before);
    text_add(out,
             before->lost && closing_is_of_app(before) ? ", which did not reach the server" : "");
}

// A proxy passes on that its other side has been closed.
static void tell_proxy(struct text *out, const struct closing *closing) {
    const struct record *record = closing->record;
    const struct record_event *close = closing->close, *behind = NULL;
    for (const struct record_event *event = closing_first(record, closing->connection);
         !behind && event < close; event++)
        if (is(event->from, "server") && (event->fin || event->rst))
            behind = event;
    text_add(out, close->rst ? "the proxy answered RST" : "the proxy closed");
    if (!behind) {
        add_after(out, closing, close, closing->before);
        return;
    }
    text_add(out, " ");
    detail_duration(out, close->at_ms - behind->at_ms);
    text_add(out, " after the server had closed its end (");
    size_t opening = out->length;
    add_after(out, closing, behind, trigger_of(closing, behind));
    if (out->length > opening)
        memmove(out->data + opening, out->data + opening + 1, out->length-- - opening);
    text_add(out, ")");
}

// "the server sent error 1153 0.1 ms after .. and closed 0.2 ms later"
static void tell_last_words(struct text *out, const struct closing *closing,
                            const struct record_event *last) {
    text_add(out, "the server sent ");
    if (last->error)
        add_error(out, last);
    else
        add_words(out, last->words);
    add_after(out, closing, last, trigger_of(closing, last));
    text_add(out, " and closed ");
    detail_duration(out, closing->close->at_ms - last->at_ms);
    text_add(out, " later");
}

// What a server says and closes at once belongs together, though it may be encrypted.
static bool are_last_words(const struct closing *closing, const struct record_event *last) {
    const struct record_event *close = closing->close;
    if (!last || last->error || last != closing->before)
        return last && last->error;
    return close->at_ms - last->at_ms < AT_ONCE_MS && !last_act_of(closing, close);
}

static void tell_server(struct text *out, const struct closing *closing) {
    const struct record_event *close = closing->close, *last = last_of_peer(closing);
    bool reset = close->rst && !close->fin,
         answers = closing->before && closing_is_of_app(closing->before);
    if (are_last_words(closing, last))
        tell_last_words(out, closing, last);
    else {
        text_add(out, is_syn(closing->before) && reset ? "the server's host refused it: RST"
                      : reset && answers               ? "the server answered RST"
                      : reset                          ? "the server reset the connection"
                                                       : "the server closed");
        add_after(out, closing, close, trigger_of(closing, close));
    }
}

static const char *way_of(const struct record_event *close) {
    return close->quit ? " by COM_QUIT" : close->rst ? " by RST" : "";
}

// Closing before a call, on purpose or by a fault.
static void tell_client_before(struct text *out, const struct closing *closing,
                               const struct record_step *step) {
    const struct record_event *close = closing->close;
    text_printf(out, "the client closed%s", way_of(close));
    if (step) {
        text_add(out, " in ");
        add_step(out, closing, step);
    } else
        add_after(out, closing, close, NULL);
    if (!closing->call)
        return;
    double ahead_ms = closing->call->at_ms - close->at_ms;
    text_add(out, ", ");
    detail_duration(out, ahead_ms < 0 ? -ahead_ms : ahead_ms);
    text_add(out, ahead_ms < 0 ? " into " : " before ");
    add_step(out, closing, closing->call);
}

static void tell_client(struct text *out, const struct closing *closing) {
    const struct record_event *close = closing->close, *before = closing->before, *first;
    const struct record_step *step = closing_call_at(closing->record, close->at_ms, true);
    if (!step || step != closing->call) {
        tell_client_before(out, closing, step);
        return;
    }
    bool at_once = before && close->at_ms - before->at_ms < AT_ONCE_MS;
    text_printf(out, "%s%s", at_once ? "the client closed" : "the client gave up: it closed",
                way_of(close));
    if (!before)
        return;
    text_add(out, " ");
    detail_duration(out, close->at_ms - before->at_ms);
    text_printf(out, closing_is_of_app(before) ? " after its " : " after the %s's ", before->from);
    add_words(out, before->words);
    if (at_once || !closing_is_of_app(before))
        return;
    text_add(out, before->lost ? ", which was lost" : ", which had no answer");
    add_again(out, count_again(closing, &first));
}

static void tell(struct text *out, const struct closing *closing) {
    if (!closing->close) {
        tell_nobody(out, closing);
        return;
    }
    if (closing_is_of_app(closing->close))
        tell_client(out, closing);
    else if (is(closing->close->from, "server"))
        tell_server(out, closing);
    else if (is(closing->close->from, "proxy"))
        tell_proxy(out, closing);
    else
        tell_network(out, closing);
    add_aftermath(out, closing);
}

// Without numbers of connections it is a report of an earlier goneaway's.
static bool can_tell(const struct record *record) {
    return record->event_count > 0 && record->events[0].connection > 0;
}

char *ending_tell(const struct plan_case *plan, const struct record *record) {
    struct closing closing = {.plan = plan, .record = record};
    struct text out = {0};
    if (!can_tell(record) || !closing_find(&closing))
        return NULL;
    if (!closing.close && record->events_left_out > 0)
        return xprintf("who closed it cannot be told: %d segments are left out",
                       record->events_left_out);
    tell(&out, &closing);
    return out.data;
}
