// SPDX-License-Identifier: Apache-2.0
// title.c - a title for a scenario made from a line: what happened, and with what result
//
// "After kill app, query SELECT 1 ends as 2013".
#include "try/write.h"

#include <string.h>

// The step as typed, on one line and shortened.
static char *words_of(const char *said) {
    enum { MOST_BYTES = 60 };
    size_t length = strlen(said), most = length > MOST_BYTES ? MOST_BYTES : length;
    while (most < length && most > 0 && ((unsigned char)said[most] & 0xc0) == 0x80)
        most--;
    char *words = xprintf("%.*s%s", (int)most, said, most < length ? " .." : "");
    for (char *at = words; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = ' ';
    return words;
}

// If a cause has several parts in the scenario, only one counts.
static bool is_cause(const struct try_part *part) {
    return !part->until && !part->step->is_app && !part->step->hidden;
}

// Adds what happened before the call: faults and the like, only the latest if there are many.
static void add_causes(struct text *title, const struct try_plan *plan, size_t end) {
    enum { MOST = 3 };
    size_t count = 0, left_out;
    for (size_t i = 0; i < end; i++)
        count += is_cause(&plan->parts[i]);
    left_out = count > MOST ? count - MOST : 0;
    for (size_t i = 0, seen = 0; i < end; i++) {
        if (!is_cause(&plan->parts[i]) || seen++ < left_out)
            continue;
        cleanup_free char *words = words_of(plan->parts[i].step->said);
        text_printf(title, "%s%s", title->length ? ", " : "After ", words);
    }
}

static const struct record_step *find_step(const struct record *record, const char *id) {
    for (size_t i = 0; i < record->step_count; i++)
        if (record->steps[i].id && strcmp(record->steps[i].id, id) == 0)
            return &record->steps[i];
    return NULL;
}

static const char succeeds[] = "succeeds";

static char *outcome_of(const struct record_step *step) {
    if (step->outcome == OUTCOME_ERROR && step->error)
        return xprintf("ends as %d", step->error);
    if (step->outcome == OUTCOME_ERROR && step->native)
        return xprintf("ends as %.60s", step->native);
    static const char *const words[OUTCOME_COUNT] = {[OUTCOME_OK] = succeeds,
                                                     [OUTCOME_ERROR] = "fails",
                                                     [OUTCOME_HANG] = "hangs",
                                                     [OUTCOME_CRASH] = "crashes the app",
                                                     [OUTCOME_UNSUPPORTED] = "is not supported"};
    return xstrdup(words[step->outcome]);
}

// The result of a call, if all cases agree; NULL: no case reached it.
static char *outcome_in_all(const struct try_seen *seen, const char *id) {
    char *outcome = NULL;
    for (size_t i = 0; i < seen->count; i++) {
        const struct record_step *step = find_step(seen->items[i].record, id);
        cleanup_free char *own = step ? outcome_of(step) : NULL;
        if (!outcome && own) {
            outcome = xstrdup(own);
        } else if (own && strcmp(own, outcome) != 0) {
            free(outcome);
            return xstrdup("ends in different ways");
        }
    }
    return outcome;
}

static const char *judged_id(const struct try_plan *plan, const bool *set_up, size_t i) {
    return plan->parts[i].until || set_up[i] ? NULL : plan->parts[i].step->id;
}

// The first call that failed; if none did, the last.
static size_t find_call(const struct try_plan *plan, const struct try_seen *seen,
                        const bool *set_up) {
    size_t last = plan->part_count;
    for (size_t i = 0; i < plan->part_count; i++) {
        const char *id = judged_id(plan, set_up, i);
        cleanup_free char *outcome = id ? outcome_in_all(seen, id) : NULL;
        if (!outcome)
            continue;
        last = i;
        if (strcmp(outcome, succeeds) != 0)
            break;
    }
    return last;
}

char *try_title(const struct try_plan *plan, const struct try_seen *seen, const bool *set_up) {
    struct text title = {0};
    size_t call = find_call(plan, seen, set_up);
    if (call == plan->part_count)
        return xstrdup("What is to be described here");
    cleanup_free char *words = words_of(plan->parts[call].step->said);
    cleanup_free char *outcome = outcome_in_all(seen, plan->parts[call].step->id);
    add_causes(&title, plan, call);
    text_printf(&title, "%s%s %s", title.length ? ", " : "", words, outcome);
    return title.data;
}
