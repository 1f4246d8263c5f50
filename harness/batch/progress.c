// SPDX-License-Identifier: Apache-2.0
// progress.c - shows the progress of a run to somebody who watches
#include "batch/progress.h"

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

void live_open(struct live *live, const struct reports *reports) {
    *live = (struct live){.utf8 = detail_locale_is_utf8(), .began_ms = clock_ms()};
    live->fd = choose_place(reports, &live->line);
    live->out = live->fd >= 0 ? outlet_open(live->fd, false) : NULL;
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

static void draw_line(struct live *live, const struct pulse *pulse) {
    // one column stays free: some terminals wrap after filling the last one
    cleanup_free char *line = pulse_line(pulse, outlet_columns(live->fd) - 1, live->utf8);
    if (live->shown && strcmp(live->shown, line) == 0)
        return;
    live_erase(live);
    fputs(line, live->out);
    fflush(live->out);
    live->shown = line;
    line = NULL;
}

static void print_sentence(struct live *live, const struct pulse *pulse) {
    cleanup_free char *line = pulse_sentence(pulse, live->utf8);
    fprintf(live->out, "%s\n", line);
    fflush(live->out);
    live->before_ms = pulse->ms;
    live->before = pulse->done;
}

void live_draw(struct live *live, const struct run_item *items, size_t count, int jobs,
               int failed) {
    struct pulse pulse = {.failed = failed, .ms = clock_ms() - live->began_ms};
    if (!live->out)
        return;
    feel(&pulse, items, count, jobs);
    if (live->line)
        draw_line(live, &pulse);
    else if (pulse_is_due(&pulse, live->before_ms, live->before))
        print_sentence(live, &pulse);
    free(pulse.cases);
}

void live_erase(struct live *live) {
    if (!live->shown)
        return;
    fputs("\r\033[K", live->out);
    fflush(live->out);
    free(live->shown);
    live->shown = NULL;
}

void live_close(struct live *live) {
    if (!live->out)
        return;
    live_erase(live);
    fclose(live->out);
    live->out = NULL;
}
