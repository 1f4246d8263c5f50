// SPDX-License-Identifier: Apache-2.0
// wire.c - whether what passed between the hosts is what a scenario asks for
#include "verdict/wire.h"

#include "plan/codes.h"

#include <stdlib.h>
#include <string.h>

static const char *known(const char *text) {
    return text ? text : "";
}

static enum closer sender_of(const struct record_event *event) {
    return strcmp(event->from, "app") == 0      ? CLOSER_APP
           : strcmp(event->from, "server") == 0 ? CLOSER_SERVER
                                                : CLOSER_NETWORK;
}

// ---- what was seen, in words -------------------------------------------------------------------

// "0.7 ms after step 4 (fault kill)"
static void add_when(struct text *text, const struct record *record, double at_ms) {
    const struct record_step *last = NULL;
    for (size_t i = 0; i < record->step_count; i++)
        if (record->steps[i].at_ms <= at_ms)
            last = &record->steps[i];
    if (last)
        text_printf(text, "%.1f ms after the start of step %d (%s %s)", at_ms - last->at_ms,
                    last->number, known(last->actor), known(last->verb));
    else
        text_printf(text, "at %.1f ms", at_ms);
}

// "the app's `COM_QUIT, FIN`, 0.7 ms after .."
static void add_event(struct text *text, const struct record *record,
                      const struct record_event *event) {
    text_printf(text, "the %s's `%s`%s, ", event->from, event->words, event->lost ? " (lost)" : "");
    add_when(text, record, event->at_ms);
}

static char *take(struct text *text) {
    return text->data;
}

// ---- single demands ----------------------------------------------------------------------------

// The server may close before the app's FIN that follows its COM_QUIT.
static bool closes(const struct record_event *event) {
    return event->fin || event->rst || event->quit;
}

static char *differs_in_close(int wanted, const struct record *record) {
    static const char *const wishes[CLOSERS] = {
        [CLOSER_APP] = "the app", [CLOSER_SERVER] = "the server", [CLOSER_NETWORK] = "the network"};
    const struct record_event *first = NULL;
    struct text why = {0};
    for (size_t i = 0; !first && i < record->event_count; i++)
        if (closes(&record->events[i]))
            first = &record->events[i];
    if (wanted < 0 || wanted == (first ? (int)sender_of(first) : CLOSER_NEITHER))
        return NULL;
    if (!first) {
        text_printf(&why, "on the wire nobody closed the connection; expected %s to close it first",
                    wishes[wanted]);
        return take(&why);
    }
    text_printf(&why, "on the wire the %s closed first, with `%s`, ", first->from, first->words);
    add_when(&why, record, first->at_ms);
    text_printf(&why, "; expected %s",
                wanted == CLOSER_NEITHER ? "nobody to close" : wishes[wanted]);
    return take(&why);
}

static bool fits(const struct amount_args *wanted, int64_t count) {
    return wanted->exactly >= 0 ? count == wanted->exactly
                                : (wanted->min < 0 || count >= wanted->min) &&
                                      (wanted->max < 0 || count <= wanted->max);
}

typedef bool event_test(const struct record_event *event);

static bool is_reset(const struct record_event *event) {
    return event->rst != 0;
}

static bool is_again(const struct record_event *event) {
    return event->again != 0;
}

static char *differs_in_amount(const char *what, const struct amount_args *wanted,
                               event_test *counts, const struct record *record) {
    const struct record_event *first = NULL;
    int64_t count = 0;
    struct text why = {0};
    for (size_t i = 0; wanted && i < record->event_count; i++) {
        if (!counts(&record->events[i]))
            continue;
        first = first ? first : &record->events[i];
        count++;
    }
    if (!wanted || fits(wanted, count))
        return NULL;
    cleanup_free char *amount = amount_text(wanted);
    text_printf(&why, "%s on the wire: expected %s, saw %lld", what, amount, (long long)count);
    if (first) {
        text_add(&why, count > 1 ? ", the first " : ": ");
        add_event(&why, record, first);
    }
    return take(&why);
}

static void add_code(struct text *text, int number) {
    const struct code *code = code_by_number(number);
    text_printf(text, "%d%s%s", number, code ? " " : "", code ? code->symbol : "");
}

static char *differs_in_error(const struct node *error_packet, const struct record *record) {
    int wanted = error_packet ? wire_error(error_packet) : 0;
    const struct record_event *seen = NULL;
    struct text why = {0};
    for (size_t i = 0; error_packet && i < record->event_count; i++)
        if (record->events[i].error > 0 && (!seen || record->events[i].error == wanted))
            seen = &record->events[i];
    if (!error_packet || (seen ? seen->error : 0) == wanted)
        return NULL;
    text_add(&why, wanted ? "expected the error packet " : "expected no error packet");
    if (wanted)
        add_code(&why, wanted);
    text_add(&why, " on the wire, saw ");
    if (!seen) {
        text_add(&why, "none");
        return take(&why);
    }
    add_code(&why, seen->error);
    text_add(&why, ": ");
    add_event(&why, record, seen);
    return take(&why);
}

// ---- packets -----------------------------------------------------------------------------------

static bool is_one(const struct packet_evidence *wanted, const struct record_event *event,
                   struct judging *judging) {
    return (wanted->from < 0 || wanted->from == (int)sender_of(event)) &&
           (wanted->lost < 0 || wanted->lost == event->lost) &&
           (!wanted->says || differs_matches(wanted->says, event->words, judging));
}

// The first event from `from` on that is the packet; the number of events: none.
static size_t find(const struct packet_evidence *wanted, const struct record *record, size_t from,
                   struct judging *judging) {
    while (from < record->event_count && !is_one(wanted, &record->events[from], judging))
        from++;
    return from;
}

static char *differs_in_packets(const struct list *packets, const struct record *record,
                                struct judging *judging) {
    struct packet_evidence *const *items = packets->items;
    for (size_t i = 0, at = 0; i < packets->count; i++) {
        at = find(items[i], record, at, judging);
        if (at < record->event_count)
            continue;
        cleanup_free char *one = packet_text(items[i]);
        cleanup_free char *before = i > 0 ? packet_text(items[i - 1]) : NULL;
        return xprintf("saw on the wire no %s%s%s", one, before ? ", after a " : "",
                       before ? before : "");
    }
    return NULL;
}

static char *differs_in_no_packets(const struct list *packets, const struct record *record,
                                   struct judging *judging) {
    struct packet_evidence *const *items = packets->items;
    for (size_t i = 0; i < packets->count; i++) {
        size_t at = find(items[i], record, 0, judging);
        if (at == record->event_count)
            continue;
        struct text why = {0};
        cleanup_free char *one = packet_text(items[i]);
        text_printf(&why, "expected on the wire no %s, saw ", one);
        add_event(&why, record, &record->events[at]);
        return take(&why);
    }
    return NULL;
}

// ---- all of it ---------------------------------------------------------------------------------

// Why the capture proves nothing; NULL: it is whole.
static char *why_unclear(const struct record *record) {
    if (record->blind)
        return xprintf("nothing was captured on the wire: %s", record->blind);
    if (record->events_left_out > 0)
        return xprintf("%d segments on the wire were not kept", record->events_left_out);
    return record->event_count > 0 ? NULL : xstrdup("nothing was captured on the wire");
}

char *wire_differs(const struct wire_evidence *wire, const struct plan_case *plan,
                   const struct record *record, struct judging *judging) {
    bool readable = plan->transport == TRANSPORT_TCP;
    if (plan->transport == TRANSPORT_SOCKET)
        return NULL;
    char *unclear = why_unclear(record);
    if (unclear) {
        free(judging->unclear);
        judging->unclear = unclear;
        return NULL;
    }
    bool shown = readable || wire->first_close != CLOSER_APP; // not by COM_QUIT over TLS
    char *why = shown ? differs_in_close(wire->first_close, record) : NULL;
    if (!why)
        why = differs_in_amount("resets", wire->resets, is_reset, record);
    if (!why)
        why = differs_in_amount("retransmissions", wire->retransmissions, is_again, record);
    if (!why && readable)
        why = differs_in_error(wire->error_packet, record);
    if (!why && readable)
        why = differs_in_packets(&wire->packets, record, judging);
    if (!why && readable)
        why = differs_in_no_packets(&wire->no_packets, record, judging);
    return why;
}
