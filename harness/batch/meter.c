// SPDX-License-Identifier: Apache-2.0
// meter.c - shows how far a run is, where somebody watches
#include "batch/meter.h"

#include "base/clock.h"
#include "base/outlet.h"
#include "report/detail.h"
#include "report/pulse.h"

#include <string.h>
#include <sys/stat.h>

// ---- where -------------------------------------------------------------------------------------

static bool is_pipe(int fd) {
    struct stat info;
    return fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

// Chooses the descriptor, or -1: nowhere. A pipe may lead to the same terminal as standard error,
// so a line is drawn there only if standard output is a file. A terminal that shows another report,
// such as TAP, has no room for it.
static int choose_place(const struct reports *reports, bool *ret_line) {
    const char *format = reports_format_at(reports, STDOUT_FILENO);
    bool human = format && strcmp(format, "human") == 0;
    bool watched = outlet_columns(STDOUT_FILENO) > 0;
    if (reports_format_at(reports, STDERR_FILENO))
        return -1;
    *ret_line = true;
    if (human && watched)
        return STDOUT_FILENO;
    if (!watched && !is_pipe(STDOUT_FILENO) && outlet_columns(STDERR_FILENO) > 0)
        return STDERR_FILENO;
    *ret_line = false;
    return human ? STDOUT_FILENO : watched ? -1 : STDERR_FILENO;
}

void meter_open(struct meter *meter, const struct reports *reports) {
    *meter = (struct meter){.utf8 = detail_locale_is_utf8(), .began_ms = clock_ms()};
    meter->fd = choose_place(reports, &meter->line);
    meter->out = meter->fd >= 0 ? outlet_open(meter->fd, false) : NULL;
}

// ---- what --------------------------------------------------------------------------------------

static int by_length(const void *a, const void *b) {
    const struct pulse_case *one = a, *other = b;
    return one->ms < other->ms ? 1 : one->ms > other->ms ? -1 : strcmp(one->id, other->id);
}

// Names a case once, even if it is running at several places.
static void drop_repeated(struct pulse *pulse) {
    size_t kept = 0;
    for (size_t i = 0; i < pulse->count; i++) {
        size_t k = 0;
        while (k < kept && strcmp(pulse->cases[k].id, pulse->cases[i].id) != 0)
            k++;
        if (k == kept)
            pulse->cases[kept++] = pulse->cases[i];
    }
    pulse->count = kept;
}

// Takes the pulse of all items; its cases are to be freed.
static void feel(struct pulse *pulse, const struct run_item *items, size_t count, int jobs) {
    double now = clock_ms();
    pulse->planned = (int)count;
    pulse->left_ms = items_left_ms(items, count, jobs, now);
    pulse->cases = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct run_item *item = &items[i];
        pulse->done += item->took_ms >= 0;
        if (item->took_ms >= 0 || item->began_ms <= 0)
            continue;
        pulse->cases = xgrow(pulse->cases, pulse->count, sizeof *pulse->cases);
        pulse->cases[pulse->count++] = (struct pulse_case){item->plan->id, now - item->began_ms};
    }
    if (!pulse->cases)
        return;
    qsort(pulse->cases, pulse->count, sizeof *pulse->cases, by_length);
    drop_repeated(pulse);
}

static void draw_line(struct meter *meter, const struct pulse *pulse) {
    // one column stays free: some terminals wrap after filling the last one
    cleanup_free char *line = pulse_line(pulse, outlet_columns(meter->fd) - 1, meter->utf8);
    if (meter->shown && strcmp(meter->shown, line) == 0)
        return;
    meter_erase(meter);
    fputs(line, meter->out);
    fflush(meter->out);
    meter->shown = line;
    line = NULL;
}

static void print_sentence(struct meter *meter, const struct pulse *pulse) {
    cleanup_free char *line = pulse_sentence(pulse, meter->utf8);
    fprintf(meter->out, "%s\n", line);
    fflush(meter->out);
    meter->before_ms = pulse->ms;
    meter->before = pulse->done;
}

void meter_draw(struct meter *meter, const struct run_item *items, size_t count, int jobs,
                int failed) {
    struct pulse pulse = {.failed = failed, .ms = clock_ms() - meter->began_ms};
    if (!meter->out)
        return;
    feel(&pulse, items, count, jobs);
    if (meter->line)
        draw_line(meter, &pulse);
    else if (pulse_is_due(&pulse, meter->before_ms, meter->before))
        print_sentence(meter, &pulse);
    free(pulse.cases);
}

void meter_erase(struct meter *meter) {
    if (!meter->shown)
        return;
    fputs("\r\033[K", meter->out);
    fflush(meter->out);
    free(meter->shown);
    meter->shown = NULL;
}

void meter_close(struct meter *meter) {
    if (!meter->out)
        return;
    meter_erase(meter);
    fclose(meter->out);
    meter->out = NULL;
}
