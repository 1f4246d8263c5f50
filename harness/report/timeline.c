// SPDX-License-Identifier: Apache-2.0
// timeline.c - a case on one clock: what was called, what passed the network, what went wrong
#include "report/timeline.h"

#include "plan/kind.h"
#include "report/detail.h"
#include "report/ending.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct moment *add(struct moments *moments, enum moment_kind kind, double at_ms,
                          const char *who, char *words) {
    moments->items = xgrow(moments->items, moments->count, sizeof *moments->items);
    struct moment *moment = &moments->items[moments->count];
    *moment = (struct moment){.kind = kind,
                              .at_ms = at_ms > 0 ? at_ms : 0,
                              .number = moments->count++,
                              .who = who ? who : "",
                              .words = words,
                              .step = -1};
    return moment;
}

static int by_time(const void *a, const void *b) {
    const struct moment *x = a, *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

// The verb's argument, if it is a single value or a statement; NULL: nothing short.
static const char *argument_of(const struct plan_case *plan, const struct record_step *step) {
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct choice *act = &plan->steps[i].act;
        if (plan->steps[i].number != step->number || !act->verb || !act->node || !step->verb ||
            strcmp(act->verb->name, step->verb) != 0)
            continue;
        const struct node *node =
            act->node->kind == NODE_MAP ? node_get(act->node, "sql") : act->node;
        bool short_one = node && node->kind == NODE_SCALAR && strcmp(node->text, step->verb) != 0;
        return short_one ? node->text : NULL;
    }
    // a report that was saved has no plan
    return json_string_value(json_object_get(step->asked, "sql"));
}

bool timeline_is_app(const char *actor) {
    static const char *const others[] = {"fault",  "lift",  "admin", "until", "idle",
                                         "server", "proxy", "raw",   "host",  "network"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (strcmp(actor, others[i]) == 0)
            return false;
    return true;
}

char *timeline_begin_words(const struct plan_case *plan, const struct record_step *step) {
    enum { ARGUMENT_MOST = 60 };
    struct text words = {0};
    const char *verb = step->verb ? step->verb : "", *argument = argument_of(plan, step);
    text_add(&words, verb);
    if (argument)
        text_printf(&words, " %.*s%s", ARGUMENT_MOST, argument,
                    strlen(argument) > ARGUMENT_MOST ? ".." : "");
    if (step->id && strcmp(step->id, verb) != 0)
        text_printf(&words, ", %s", step->id);
    return words.data ? words.data : xstrdup("");
}

static char *words_of_end(const struct record_step *step) {
    cleanup_text struct text words = {0};
    if (step->id)
        text_printf(&words, "%s: ", step->id);
    detail_outcome(&words, step);
    text_add(&words, ", after ");
    detail_duration(&words, step->ms);
    return xstrdup(text_get(&words));
}

static void add_steps(struct moments *moments, const struct plan_case *plan,
                      const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        add(moments, MOMENT_BEGIN, step->at_ms, step->actor, timeline_begin_words(plan, step))
            ->step = (int)i;
        // for a wait or a fault its begin is enough, unless it is judged
        if (!step->id && !app_verb_named(step->verb))
            continue;
        struct moment *end =
            add(moments, MOMENT_END, step->end_ms, step->actor, words_of_end(step));
        end->step = (int)i;
        end->bad = step->outcome != OUTCOME_OK;
    }
}

static void add_events(struct moments *moments, const struct record *record) {
    for (size_t i = 0; i < record->event_count; i++) {
        const struct record_event *event = &record->events[i];
        struct moment *moment = add(moments, MOMENT_PASSED, event->at_ms, event->from,
                                    xprintf("%s%s", event->words, event->lost ? ", lost" : ""));
        moment->to = event->to;
        moment->bad = event->lost;
    }
}

static bool is_the_same(const struct moment *one, const struct moment *other) {
    return one->kind == MOMENT_PASSED && other->kind == MOMENT_PASSED && one->bad == other->bad &&
           strcmp(one->who, other->who) == 0 && strcmp(one->to, other->to) == 0 &&
           strcmp(one->words, other->words) == 0;
}

// Equal moments in succession, such as the parts of something large, are merged.
static void fold(struct moments *moments) {
    size_t kept = 0;
    for (size_t i = 0, end; i < moments->count; i = end) {
        struct moment *first = &moments->items[i];
        for (end = i + 1; end < moments->count && is_the_same(first, &moments->items[end]); end++)
            free(moments->items[end].words);
        moments->items[kept] = *first;
        if (end - i > 1) {
            char *once = first->words;
            moments->items[kept].words = xprintf("%s, %zu times until %.1f ms", once, end - i,
                                                 moments->items[end - 1].at_ms);
            free(once);
        }
        kept++;
    }
    moments->count = kept;
}

// Reads "2026-11-24T10:39:35.123456Z ..", as MySQL writes it since 5.7, as milliseconds since 1970;
// `ret` gets what follows. -1: there is none. (MariaDB logs whole seconds, in local time.)
static double read_time(const char *line, const char **ret) {
    struct tm time = {0};
    const char *rest = strptime(line, "%Y-%m-%dT%H:%M:%S", &time);
    char *end;
    if (!rest || *rest != '.')
        return -1;
    double fraction = strtod(rest, &end);
    if (*end != 'Z')
        return -1;
    *ret = end + 1 + strspn(end + 1, " ");
    return (double)timegm(&time) * 1e3 + fraction * 1e3;
}

// Reads "2026-11-24 10:39:35 ..", as MariaDB writes it: whole seconds, in the server's time zone.
// Returns the end of that second, or -1.
static double read_second(const char *line, const char **ret) {
    struct tm time = {0};
    const char *rest = strptime(line, "%Y-%m-%d %H:%M:%S", &time);
    if (!rest || *rest != ' ')
        return -1;
    *ret = rest + strspn(rest, " ");
    return (double)timegm(&time) * 1e3 + 1e3;
}

// Until when a line was written: until it was seen to be there, or until its second had passed.
static double written_by(const struct record *record, size_t i, double second_ms) {
    double seen_ms = record->log_by_ms[i], passed_ms = second_ms - record->began_at_ms;
    return passed_ms >= 0 && passed_ms < seen_ms ? passed_ms : seen_ms;
}

// Lines that continue others have no time of their own, and are left out.
static void add_log_line(struct moments *moments, const struct record *record, size_t i) {
    enum { MOST_BYTES = 200 };
    const char *words = "";
    double exact_ms = read_time(record->log[i], &words), second_ms;
    double at_ms = exact_ms - record->began_at_ms;
    // earlier ones are from its boot, or from a previous case
    if (exact_ms >= 0 && at_ms >= 0 && at_ms <= record->ms)
        add(moments, MOMENT_REMARK, at_ms, "server", xprintf("logs %.*s", MOST_BYTES, words));
    if (exact_ms >= 0 || !record->log_by_ms ||
        (second_ms = read_second(record->log[i], &words)) < 0)
        return;
    add(moments, MOMENT_REMARK, written_by(record, i, second_ms), "server",
        xprintf("has logged %.*s", MOST_BYTES, words));
}

static void add_log(struct moments *moments, const struct record *record) {
    for (size_t i = 0; record->began_at_ms > 0 && i < record->log_count; i++)
        add_log_line(moments, record, i);
}

static void add_sessions(struct moments *moments, const struct record *record) {
    for (size_t i = 0; i < record->session_count; i++)
        add(moments, MOMENT_REMARK, record->sessions[i].at_ms, "server",
            xprintf("session %lld: %s", (long long)record->sessions[i].thread,
                    record->sessions[i].words));
}

void timeline_gather(struct moments *moments, const struct plan_case *plan,
                     const struct record *record) {
    *moments = (struct moments){0};
    add_steps(moments, plan, record);
    add_events(moments, record);
    add_log(moments, record);
    add_sessions(moments, record);
    if (record->blind)
        add(moments, MOMENT_REMARK, 0, "network", xprintf("not captured: %s", record->blind));
    if (record->events_left_out > 0)
        add(moments, MOMENT_REMARK, record->ms, "network",
            xprintf("%d more segments are left out", record->events_left_out));
    if (moments->items)
        qsort(moments->items, moments->count, sizeof *moments->items, by_time);
    fold(moments);
}

void timeline_release(struct moments *moments) {
    for (size_t i = 0; i < moments->count; i++)
        free(moments->items[i].words);
    free(moments->items);
    *moments = (struct moments){0};
}

// ---- as lines ----------------------------------------------------------------------------------

static enum ink ink_of(const struct moment *moment) {
    if (moment->bad)
        return INK_BAD;
    static const enum ink inks[] = {[MOMENT_BEGIN] = INK_BOLD,
                                    [MOMENT_END] = INK_PLAIN,
                                    [MOMENT_PASSED] = INK_DIM,
                                    [MOMENT_REMARK] = INK_DOUBTFUL};
    return inks[moment->kind];
}

static void show(struct sheet *sheet, const char *label, const struct moment *moment) {
    enum { LABEL_WIDTH = 12, WHO_WIDTH = 8 };
    cleanup_free char *who = sheet_safe(sheet, moment->who, -1);
    cleanup_free char *words = NULL;
    if (moment->to) {
        const char *arrow = sheet->utf8 ? (moment->bad ? "✗" : "→") : moment->bad ? "-x" : "->";
        words = xprintf("%s %s  %s", arrow, moment->to, moment->words);
    }
    text_printf(&sheet->text, "%*s", sheet->indent, "");
    sheet_ink(sheet, INK_DIM, LABEL_WIDTH, label);
    text_printf(&sheet->text, "%9.1f ms  ", moment->at_ms);
    sheet_ink(sheet, INK_PLAIN, WHO_WIDTH, who);
    sheet_foreign(sheet, ink_of(moment), words ? words : moment->words);
    sheet_end_line(sheet);
}

static void show_ending(struct sheet *sheet, const struct plan_case *plan,
                        const struct record *record) {
    enum { LABEL_WIDTH = 12 };
    cleanup_free char *ending = ending_tell(plan, record);
    if (!ending)
        return;
    text_printf(&sheet->text, "%*s", sheet->indent, "");
    sheet_ink(sheet, INK_DIM, LABEL_WIDTH, "ending");
    sheet_foreign(sheet, INK_BOLD, ending);
    sheet_end_line(sheet);
}

void timeline_add(struct sheet *sheet, const struct plan_case *plan, const struct record *record) {
    struct moments moments;
    if (record->event_count == 0 && !record->blind)
        return;
    timeline_gather(&moments, plan, record);
    for (size_t i = 0; moments.items && i < moments.count; i++)
        show(sheet, i == 0 ? "timeline" : "", &moments.items[i]);
    show_ending(sheet, plan, record);
    timeline_release(&moments);
}

// The moment when a step ended, or began if it did not end.
static size_t find_end(const struct moments *moments, int step) {
    size_t found = moments->count - 1;
    for (size_t i = 0; step >= 0 && i < moments->count; i++)
        if (moments->items[i].step == step)
            found = i;
    return found;
}

static void show_left_out(struct sheet *sheet, size_t count, const char *where) {
    enum { WORDS_COLUMN = 34 };
    if (count == 0)
        return;
    cleanup_free char *line =
        xprintf("and %zu more line%s, which %s", count, count == 1 ? "" : "s", where);
    text_printf(&sheet->text, "%*s", sheet->indent + WORDS_COLUMN, "");
    sheet_ink(sheet, INK_DIM, 0, line);
    sheet_end_line(sheet);
}

void timeline_add_around(struct sheet *sheet, const struct plan_case *plan,
                         const struct record *record, int step, const char *where) {
    enum { MOST_BEFORE = 20, MOST_AFTER = 4 };
    struct moments moments;
    if (record->event_count == 0)
        return;
    timeline_gather(&moments, plan, record);
    size_t end = find_end(&moments, step);
    size_t from = end >= MOST_BEFORE ? end - MOST_BEFORE : 0;
    size_t to = end + MOST_AFTER < moments.count ? end + MOST_AFTER + 1 : moments.count;
    for (size_t i = from; i < to; i++)
        show(sheet, i == from ? "timeline" : "", &moments.items[i]);
    show_left_out(sheet, moments.count - (to - from), where);
    show_ending(sheet, plan, record);
    timeline_release(&moments);
}
