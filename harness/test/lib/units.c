// SPDX-License-Identifier: Apache-2.0
// units.c - runs tests in separate processes, several at a time
#include "test/lib/units.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { MOST_FLAKY = 3, MOST_AGAIN = 10, SLOWEST = 12, SAID_MAX_BYTES = 64 << 20 };

/** A unit that has run. */
struct ran {
    const struct unit *unit;
    int said; // memfd for its output
    pid_t pid;
    double began_ms, took_ms;
    bool done, failed;
    int checks, wrong, skips; // from the last line of its output
    struct text failures;     // the lines that report failures
};

/** Totals of all units. */
struct sums {
    int passed, failed, skipped, flaky;
    struct text flaky_lines;
};

// ---- one unit ----------------------------------------------------------------------------------

static void start(const char *argv0, struct ran *ran) {
    const char *const argv[] = {argv0, "--here", ran->unit->name, NULL};
    struct err err = {0};
    if (ran->said < 0)
        ran->said = memfd_create("said", MFD_CLOEXEC);
    struct proc_spec spec = {
        .argv = argv, .in = -1, .out = ran->said, .err = ran->said, .netns = -1};
    ran->began_ms = clock_ms();
    if (ran->said < 0 || ftruncate(ran->said, 0) < 0 || lseek(ran->said, 0, SEEK_SET) != 0 ||
        proc_spawn(&spec, &ran->pid, &err) < 0) {
        fprintf(stderr, "goneaway-test: %s: %s\n", ran->unit->name,
                err.what[0] ? err.what : strerror(errno));
        exit(3);
    }
}

// A line from Check that helps nobody: "Running suite(s): live-run" and the counts.
static bool is_chatter(const char *line) {
    return text_starts(line, "Running suite") || text_starts(line, "goneaway-test: ") ||
           strstr(line, "%: Checks: ") != NULL;
}

// "file.c:12:F:case:test:0: why", or with E for a signal or a timeout.
static bool is_failure(const char *line) {
    const char *colon = strstr(line, ".c:");
    return colon && (strstr(colon, ":F:") || strstr(colon, ":E:"));
}

static void take_line(struct ran *ran, const char *line) {
    const char *counts = strstr(line, "%: Checks: ");
    int failures = 0, errors = 0;
    if (counts && sscanf(counts, "%%: Checks: %d, Failures: %d, Errors: %d", &ran->checks,
                         &failures, &errors) == 3)
        ran->wrong = failures + errors;
    sscanf(line, "goneaway-test: %d skipped", &ran->skips);
    if (text_starts(line, "skipped: "))
        puts(line);
    if (is_failure(line))
        text_printf(&ran->failures, "%.400s\n", line);
}

static void read_said(struct ran *ran, struct text *said) {
    struct err err = {0};
    cleanup_free char *path = xprintf("/proc/self/fd/%d", ran->said);
    if (file_read(path, SAID_MAX_BYTES, said, &err) < 0)
        text_printf(said, "%s\n", err.what);
}

static void show(const char *title, const struct text *said) {
    cleanup_free char *copy = xstrdup(text_get(said));
    printf("---- %s\n", title);
    for (char *rest = copy, *line; (line = strsep(&rest, "\n"));)
        if (*line && !is_chatter(line))
            puts(line);
}

// A process below the tests may be ended by a sanitizer unnoticed.
static bool has_report(const char *said) {
    return strstr(said, "ERROR: AddressSanitizer") || strstr(said, "ERROR: LeakSanitizer") ||
           strstr(said, ": runtime error: ");
}

static void finish(struct ran *ran, int status) {
    cleanup_text struct text said = {0};
    ran->took_ms += clock_ms() - ran->began_ms;
    ran->pid = 0;
    ran->checks = ran->wrong = ran->skips = 0;
    text_release(&ran->failures);
    read_said(ran, &said);
    cleanup_free char *copy = xstrdup(text_get(&said));
    for (char *rest = copy, *line; (line = strsep(&rest, "\n"));)
        take_line(ran, line);
    ran->failed = status != 0 || ran->wrong > 0 || ran->checks == 0 || has_report(text_get(&said));
    if (!ran->failed)
        return;
    if (ran->wrong == 0)
        ran->checks = ran->wrong = 1; // it ended before it could count
    char how[80];
    cleanup_free char *title =
        xprintf("%s failed after %.1f s: %s", ran->unit->name, (clock_ms() - ran->began_ms) / 1000,
                proc_status_text(status, how, sizeof how));
    show(title, &said);
}

static void ran_release(struct ran *ran) {
    text_release(&ran->failures);
    if (ran->said >= 0)
        close(ran->said);
}

// ---- all of them -------------------------------------------------------------------------------

static void tell_suite(const struct ran *all, size_t count, const char *suite) {
    int checks = 0;
    double took_ms = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i].unit->suite, suite) != 0)
            continue;
        if (!all[i].done)
            return;
        checks += all[i].checks;
        took_ms += all[i].took_ms;
    }
    printf("%-18s %5d checks %7.1f s\n", suite, checks, took_ms / 1000);
}

static struct ran *reap(struct ran *all, size_t count) {
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    for (size_t i = 0; pid > 0 && i < count; i++)
        if (all[i].pid == pid) {
            finish(&all[i], status);
            return &all[i];
        }
    return NULL; // an orphan that a unit left to us
}

// Runs the units of a turn, as many at a time as allowed.
static void run_turn(const char *argv0, struct ran *all, size_t count, enum turn turn, int jobs) {
    int running = 0;
    for (size_t next = 0; next < count || running > 0;) {
        if (next < count && running < jobs) {
            struct ran *ran = &all[next++];
            if (ran->unit->turn == turn) {
                start(argv0, ran);
                running++;
            }
            continue;
        }
        struct ran *ended = reap(all, count);
        if (!ended)
            continue;
        running--;
        ended->done = true;
        tell_suite(all, count, ended->unit->suite);
        fflush(stdout);
    }
}

static bool may_run_again(const struct ran *all, size_t count) {
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        failed += all[i].failed;
    return failed <= MOST_AGAIN;
}

static void run_again(const char *argv0, struct ran *ran, struct sums *sums) {
    int status;
    cleanup_free char *first = xstrdup(text_get(&ran->failures));
    printf("---- %s once more, alone\n", ran->unit->name);
    fflush(stdout);
    start(argv0, ran);
    while (waitpid(ran->pid, &status, 0) < 0 && errno == EINTR)
        ;
    finish(ran, status);
    if (ran->failed)
        return;
    sums->flaky++;
    text_printf(&sums->flaky_lines, "flaky: %s passed alone; before that: %s%s", ran->unit->name,
                *first ? first : "it ended without a word", *first ? "" : "\n");
}

static void run_failed_again(const char *argv0, struct ran *all, size_t count, struct sums *sums) {
    if (!may_run_again(all, count))
        return;
    for (size_t i = 0; i < count; i++)
        if (all[i].failed && !all[i].unit->once)
            run_again(argv0, &all[i], sums);
}

static int slower(const void *a, const void *b) {
    double one = ((const struct ran *)a)->took_ms, other = ((const struct ran *)b)->took_ms;
    return (one < other) - (one > other);
}

// Sorts the units, so this must come last.
static void tell_slowest(struct ran *all, size_t count) {
    qsort(all, count, sizeof *all, slower);
    if (count < SLOWEST)
        return;
    puts("the slowest:");
    for (size_t i = 0; i < SLOWEST; i++)
        printf("  %7.1f s  %s\n", all[i].took_ms / 1000, all[i].unit->name);
}

static void add_up(const struct ran *all, size_t count, struct sums *sums) {
    for (size_t i = 0; i < count; i++) {
        sums->passed += all[i].checks - all[i].wrong - all[i].skips;
        sums->failed += all[i].wrong;
        sums->skipped += all[i].skips;
        if (all[i].failed)
            printf("failed: %s\n", all[i].unit->name);
    }
}

int units_run(const char *argv0, const struct unit *units, size_t count, int jobs) {
    struct ran *all = xcalloc(count, sizeof *all);
    struct sums sums = {0};
    for (size_t i = 0; i < count; i++)
        all[i] = (struct ran){.unit = &units[i], .said = -1};
    for (enum turn turn = FIRST; turn < TURNS; turn++)
        run_turn(argv0, all, count, turn, turn == BESIDE || turn == LATER ? jobs : 1);
    run_failed_again(argv0, all, count, &sums);
    tell_slowest(all, count);
    add_up(all, count, &sums);
    fputs(text_get(&sums.flaky_lines), stdout);
    if (sums.flaky > MOST_FLAKY)
        printf("goneaway-test: %d flaky, which is more than %d\n", sums.flaky, MOST_FLAKY);
    printf("goneaway-test: %d passed, %d failed, %d skipped\n", sums.passed, sums.failed,
           sums.skipped);
    text_release(&sums.flaky_lines);
    for (size_t i = 0; i < count; i++)
        ran_release(&all[i]);
    free(all);
    return sums.failed > 0 || sums.flaky > MOST_FLAKY;
}
