// SPDX-License-Identifier: Apache-2.0
// sight.c - how a step ended: compared with another sight of it, and in words
#include "compare/sight.h"

#include "plan/codes.h"

#include <string.h>

static bool texts_differ(const char *one, const char *other) {
    return one && other && strcmp(one, other) != 0;
}

static bool numbers_differ(int64_t one, int64_t other) {
    return one >= 0 && other >= 0 && one != other;
}

// `rows`: the reader already leaves out rows that arrived before an error, whose number is chance.
unsigned sight_differs(const struct seen_step *one, const struct seen_step *other, bool related) {
    if (one->outcome != other->outcome || one->error != other->error ||
        (one->signal && other->signal && one->signal != other->signal))
        return SIGHT_KIND;
    unsigned parts = 0;
    if (one->outcome == OUTCOME_ERROR) {
        parts |= related && texts_differ(one->native, other->native) ? SIGHT_NATIVE : 0;
        parts |= texts_differ(one->sqlstate, other->sqlstate) ? SIGHT_SQLSTATE : 0;
    }
    parts |= numbers_differ(one->session, other->session) ? SIGHT_SESSION : 0;
    parts |= numbers_differ(one->row_count, other->row_count) ? SIGHT_ROWS : 0;
    parts |= texts_differ(one->values, other->values) ? SIGHT_VALUES : 0;
    return parts;
}

bool sights_have(const struct sights *sights, const struct seen_step *step, bool related) {
    for (size_t i = 0; i < sights->count; i++)
        if (sight_differs(sights->items[i], step, related) == 0)
            return true;
    return false;
}

static void describe_kind(struct text *out, const struct seen_step *step) {
    const struct code *code = code_by_number(step->error);
    const char *signal = step->signal ? sigabbrev_np(step->signal) : NULL;
    if (step->outcome == OUTCOME_ERROR && !step->error)
        text_add(out, "an error without a number");
    else if (step->outcome == OUTCOME_ERROR)
        text_printf(out, "%d%s%s", step->error, code ? " " : "", code ? code->symbol : "");
    else
        text_add(out, outcome_names[step->outcome]);
    if (step->outcome == OUTCOME_CRASH && signal)
        text_printf(out, " by SIG%s", signal);
    if (step->outcome == OUTCOME_OK && step->error)
        text_printf(out, " with the error number %d", step->error);
}

static void describe_rows(struct text *out, const struct seen_step *step, unsigned parts) {
    enum { WIDEST = 60 };
    if (parts & SIGHT_ROWS)
        text_printf(out, " with %lld row%s", (long long)step->row_count,
                    step->row_count == 1 ? "" : "s");
    else if (parts & SIGHT_VALUES)
        text_printf(out, " with the rows %.*s%s", WIDEST, step->values,
                    strlen(step->values) > WIDEST ? ".." : "");
}

enum { WIDEST_NATIVE = 200 };

static void describe(struct text *out, const struct seen_step *step, unsigned parts) {
    describe_kind(out, step);
    bool nameless = step->outcome == OUTCOME_ERROR && !step->error;
    if (parts & SIGHT_SQLSTATE)
        text_printf(out, " %s", step->sqlstate);
    if (step->native && ((parts & SIGHT_NATIVE) || nameless))
        text_printf(out, " (%.*s)", WIDEST_NATIVE, step->native);
    if (step->session == SESSION_NEW)
        text_add(out, " in a new session");
    else if (parts & SIGHT_SESSION)
        text_add(out, " in the same session");
    describe_rows(out, step, parts);
}

void sights_describe(struct text *out, const struct sights *sights, const struct sights *others,
                     bool related) {
    for (size_t i = 0; i < sights->count; i++) {
        unsigned parts = 0;
        for (size_t k = 0; k < others->count; k++)
            parts |= sight_differs(sights->items[i], others->items[k], related);
        text_add(out, i > 0 ? " or " : "");
        describe(out, sights->items[i], parts);
    }
}
