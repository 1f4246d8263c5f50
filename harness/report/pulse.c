// SPDX-License-Identifier: Apache-2.0
// pulse.c - the progress of a run: a line on a terminal, or one now and then in a log
#include "report/pulse.h"

#include "base/utf8.h"
#include "report/detail.h"

#include <string.h>

enum {
    LONG_MS = 2000,  // a case that takes longer is named on a terminal ..
    SLOW_MS = 10000, // .. or in a log
    NAMED = 3,       // how many are named in a log
};

// "8 s", "4 min", "1 h 05 min".
static char *duration(double ms) {
    long long seconds = (long long)(ms / 1000), minutes = (seconds + 30) / 60;
    if (seconds < 90)
        return xprintf("%lld s", seconds);
    if (minutes < 90)
        return xprintf("%lld min", minutes);
    return xprintf("%lld h %02lld min", minutes / 60, minutes % 60);
}

// An estimate is not exact to the second.
static void add_left(struct text *line, double left_ms) {
    enum { STEP_MS = 5000 };
    if (left_ms < 0)
        return;
    double rounded = left_ms <= STEP_MS ? STEP_MS : left_ms + STEP_MS / 2.0;
    rounded -= (double)((long long)rounded % STEP_MS);
    cleanup_free char *text = duration(rounded);
    text_printf(line, ", about %s left", text);
}

static void add_failed(struct text *line, const struct pulse *pulse) {
    if (pulse->failed > 0)
        text_printf(line, ", %d failed", pulse->failed);
}

static char *safe_id(const struct pulse_case *one, int width, bool utf8) {
    const struct sheet sheet = {.utf8 = utf8};
    return sheet_safe(&sheet, one->id, width);
}

// Returns false if it does not fit. The first case is shortened rather than left out.
static bool add_case(struct text *line, const struct pulse_case *one, bool first, int width,
                     bool utf8) {
    enum { LEAST = 12 };
    cleanup_free char *time = duration(one->ms);
    int room = width - (int)utf8_length(text_get(line)) - (int)strlen(time) - 3;
    cleanup_free char *whole = safe_id(one, -1, utf8);
    bool fits = (int)utf8_length(whole) <= room;
    if (!fits && (!first || room < LEAST))
        return false;
    cleanup_free char *id = safe_id(one, fits ? -1 : room, utf8);
    text_printf(line, "%s %s %s", first ? ":" : ",", id, time);
    return true;
}

char *pulse_line(const struct pulse *pulse, int width, bool utf8) {
    struct text line = {0};
    text_printf(&line, "%d/%d", pulse->done, pulse->planned);
    add_failed(&line, pulse);
    add_left(&line, pulse->left_ms);
    for (size_t i = 0; i < pulse->count && pulse->cases[i].ms >= LONG_MS; i++)
        if (!add_case(&line, &pulse->cases[i], i == 0, width, utf8))
            break;
    if ((int)utf8_length(line.data) > width && width >= 0) // nothing but ASCII so far
        line.data[line.length = (size_t)width] = '\0';
    return line.data;
}

char *pulse_sentence(const struct pulse *pulse, bool utf8) {
    struct text line = {0};
    cleanup_free char *time = duration(pulse->ms);
    text_printf(&line, "goneaway: %d of %d cases in %s", pulse->done, pulse->planned, time);
    add_failed(&line, pulse);
    add_left(&line, pulse->left_ms);
    for (size_t i = 0; i < pulse->count && i < NAMED && pulse->cases[i].ms >= SLOW_MS; i++) {
        cleanup_free char *id = safe_id(&pulse->cases[i], -1, utf8);
        cleanup_free char *its_time = duration(pulse->cases[i].ms);
        text_printf(&line, "%s %s for %s", i == 0 ? "; still running:" : ",", id, its_time);
    }
    return line.data;
}

bool pulse_is_due(const struct pulse *pulse, double before_ms, int before) {
    enum { LEAST_MS = 30 * 1000, MOST_MS = 5 * 60 * 1000 };
    double since_ms = pulse->ms - before_ms;
    bool tenth = (pulse->done - before) * 10 >= pulse->planned;
    return (since_ms >= LEAST_MS && tenth && pulse->done < pulse->planned) || since_ms >= MOST_MS;
}
