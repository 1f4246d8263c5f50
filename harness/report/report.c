// SPDX-License-Identifier: Apache-2.0
// report.c - the reports of a run: which were requested, and the files they go to
//
// A report is written to a nameless file or, where the filesystem has none, to a file beside the
// target, and replaces the target only once the end of the run was written. A nameless file
// vanishes with the process, even if that is killed. So the target is the former file, missing, or
// complete. Anything but a regular file (a pipe, a terminal) is written directly.
#include "report/report.h"

#include "base/nearest.h"
#include "base/outlet.h"
#include "base/status.h"
#include "base/utf8.h"
#include "report/attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct report_format *const report_formats[] = {&report_human, &report_tap,      &report_json,
                                                      &report_junit, &report_markdown, &report_html,
                                                      &report_svg,   &report_github,   NULL};

struct report {
    const struct report_format *format;
    void *state;
    char *path;      // the target's name; "-" is stdout
    char *temporary; // the file's name until then; NULL if nameless or written directly
    bool nameless;   // made with O_TMPFILE
    FILE *file;
    int fd;       // which it writes to
    int standard; // that descriptor if it is standard output or error, else 0
    bool ended;
    int error; // errno of the first failed write
};

// "human, tap, json .. and github"
static void list_formats(struct text *list, const struct report_format *const *formats) {
    for (size_t i = 0; formats[i]; i++) {
        const char *between = i == 0 ? "" : formats[i + 1] ? ", " : " and ";
        text_printf(list, "%s%s", between, formats[i]->name);
    }
}

// The format that was probably meant by a mere file name.
static const char *format_of_file(const struct report_format *const *formats, const char *name) {
    static const char *const endings[][2] = {{".xml", "junit"}, {".json", "json"},
                                             {".tap", "tap"},   {".md", "markdown"},
                                             {".html", "html"}, {".svg", "svg"}};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < COUNT_OF(endings); i++)
        for (size_t k = 0; strcmp(dot, endings[i][0]) == 0 && formats[k]; k++)
            if (strcmp(formats[k]->name, endings[i][1]) == 0)
                return formats[k]->name;
    return NULL;
}

static const struct report_format *find_format(const struct report_format *const *formats,
                                               const char *name, struct err *err) {
    struct nearest nearest = {.wanted = name, .edits = NEAR_WORD};
    for (size_t i = 0; formats[i]; i++) {
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
        nearest_try(&nearest, formats[i]->name);
    }
    cleanup_text struct text list = {0};
    list_formats(&list, formats);
    err_usage(err, "there is no report format '%s'; choose from %s", name, text_get(&list));
    const char *of_file = format_of_file(formats, name);
    if (of_file)
        err_remedy(err, "did you mean %s=%s?", of_file, name);
    if (nearest_word(&nearest))
        err_remedy(err, "did you mean %s?", nearest_word(&nearest));
    return NULL;
}

static int lacks_file(const struct report_format *format, struct err *err) {
    err_usage(err, "--report %s lacks a file, and the report would come only at the end",
              format->name);
    return err_remedy(err, "write --report %s=%s, or %s=- if it is to be all of the output",
                      format->name, format->example, format->name);
}

// Finds an unused name: a crash may have left one, and in another PID namespace the same pid occurs
// again. `make` returns -1 with EEXIST if the name is used.
static int with_free_name(struct report *report, int (*make)(const struct report *)) {
    int made = -1;
    for (int attempt = 0; made < 0 && attempt < 1000; attempt++) {
        free(report->temporary);
        report->temporary = attempt == 0
                                ? xprintf("%s.tmp-%d", report->path, (int)getpid())
                                : xprintf("%s.tmp-%d-%d", report->path, (int)getpid(), attempt);
        made = make(report);
        if (made < 0 && errno != EEXIST)
            return -1;
    }
    return made;
}

static int create(const struct report *report) {
    return open(report->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

static int give_name(const struct report *report) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(report->file));
    return linkat(AT_FDCWD, path, AT_FDCWD, report->temporary, AT_SYMLINK_FOLLOW);
}

static int create_beside(struct report *report) {
    const char *slash = strrchr(report->path, '/');
    cleanup_free char *folder =
        slash ? xprintf("%.*s/", (int)(slash - report->path), report->path) : xstrdup(".");
    int fd = open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
    report->nameless = fd >= 0;
    return fd >= 0 ? fd : with_free_name(report, create);
}

static int cannot_create(const struct report *report, struct err *err) {
    int number = errno;
    err_errno(err, "cannot create the %s report %s", report->format->name, report->path);
    if (number == ENOENT || number == ENOTDIR) {
        err->kind = ERR_USAGE;
        return err_remedy(err, "make its folder first, or name a file in one that exists");
    }
    if (number == EISDIR) {
        err->kind = ERR_USAGE;
        return err_remedy(err, "name a file in that folder");
    }
    if (number == ENOSPC || number == EDQUOT)
        return err_remedy(err, "free some space on that disk");
    return err_remedy(err, "name a file in a folder that you may write to");
}

// A symbolic link is followed: the file that it points to is replaced.
static int follow_links(struct report *report) {
    char *real = realpath(report->path, NULL);
    if (!real)
        return err_is_exhaustion(errno) ? -1 : 0;
    free(report->path);
    report->path = real;
    return 0;
}

// The stream closes `fd` unless it is a standard one. A reader, such as a pipe's, is not waited for
// once the run is to end.
static int open_stream(struct report *report, int fd, bool in_place, struct err *err) {
    bool outlet = in_place || report->standard;
    report->fd = fd;
    report->file = outlet ? outlet_open(fd, in_place) : fdopen(fd, "w");
    return report->file ? 0 : err_errno(err, "open %s", report->path);
}

static int open_file(struct report *report, struct err *err) {
    struct stat info;
    if (strcmp(report->path, "-") == 0 || strcmp(report->path, "/dev/stdout") == 0)
        report->standard = STDOUT_FILENO;
    else if (strcmp(report->path, "/dev/stderr") == 0)
        report->standard = STDERR_FILENO;
    if (report->standard)
        return open_stream(report, report->standard, false, err);
    bool there = stat(report->path, &info) == 0, in_place = there && !S_ISREG(info.st_mode);
    if ((!there && err_is_exhaustion(errno)) || (!in_place && follow_links(report) < 0))
        return cannot_create(report, err);
    int fd = in_place ? open(report->path, O_WRONLY | O_NOCTTY | O_CLOEXEC) : create_beside(report);
    if (fd < 0)
        return cannot_create(report, err);
    return open_stream(report, fd, in_place, err);
}

static bool wants_colour(void) {
    const char *no_colour = getenv("NO_COLOR"); // https://no-color.org
    return !no_colour || !*no_colour;
}

static void release(struct report *report) {
    if (report->state)
        report->format->close(report->state);
    if (report->temporary && !report->ended)
        unlink(report->temporary);
    free(report->temporary);
    free(report->path);
    free(report);
}

static int check_alone(const struct reports *reports, const struct report *report,
                       struct err *err) {
    for (size_t i = 0; i < reports->count; i++) {
        const struct report *other = reports->items[i];
        if (strcmp(report->path, other->path) == 0 ||
            (report->standard && report->standard == other->standard))
            return err_usage(err, "two reports cannot share %s: %s and %s",
                             report->standard == STDOUT_FILENO ? "standard output" : report->path,
                             other->format->name, report->format->name);
    }
    return 0;
}

static int open_report(struct reports *reports, struct report *report, struct err *err) {
    if (!*report->path)
        return err_usage(err, "'%s=' lacks the name of a file", report->format->name);
    if (open_file(report, err) < 0)
        return -1;
    if (check_alone(reports, report, err) < 0) {
        fclose(report->file);
        return -1;
    }
    int columns = outlet_columns(report->fd);
    report->state = report->format->open(report->file, columns > 0 && wants_colour(), columns);
    return 0;
}

int reports_add_of(struct reports *reports, const struct report_format *const *formats,
                   const char *argument, struct err *err) {
    const char *equals = strchr(argument, '=');
    cleanup_free char *name = xprintf("%.*s", (int)strcspn(argument, "="), argument);
    const struct report_format *format = find_format(formats, name, err);
    if (!format)
        return -1;
    if (!equals && format->example)
        return lacks_file(format, err);
    struct report *report = xcalloc(1, sizeof *report);
    report->format = format;
    report->path = xstrdup(equals ? equals + 1 : "-");
    if (open_report(reports, report, err) < 0) {
        release(report);
        return -1;
    }
    reports->items = xrealloc(reports->items, reports->count + 1, sizeof *reports->items);
    reports->items[reports->count++] = report;
    return 0;
}

int reports_add(struct reports *reports, const char *argument, struct err *err) {
    return reports_add_of(reports, report_formats, argument, err);
}

const char *reports_format_at(const struct reports *reports, int fd) {
    for (size_t i = 0; i < reports->count; i++)
        if (reports->items[i]->standard == fd)
            return reports->items[i]->format->name;
    return NULL;
}

bool reports_use_stdout(const struct reports *reports) {
    return reports_format_at(reports, STDOUT_FILENO) != NULL;
}

// Flushes after every event, so that a pipe's reader sees each case as it ends. An error is kept
// for reports_close().
static void flush(struct report *report) {
    if ((fflush(report->file) != 0 || ferror(report->file)) && !report->error)
        report->error = errno ? errno : EIO;
}

// A stranger's name that is too long is cut between two characters.
static void cut_name(char *ret, size_t size, const char *name) {
    size_t kept = 0;
    uint32_t character;
    for (size_t length; (length = utf8_next(name + kept, &character)) > 0; kept += length)
        if (kept + length >= size)
            break;
    snprintf(ret, size, "%.*s", (int)kept, name);
}

static struct report_kept *find_kept(struct report_summary *summary, const char *whole) {
    char connector[sizeof summary->kept[0].connector];
    cut_name(connector, sizeof connector, whole);
    for (int i = 0; i < summary->kept_count; i++)
        if (strcmp(summary->kept[i].connector, connector) == 0)
            return &summary->kept[i];
    if (summary->kept_count == MOST_CONNECTORS)
        return &summary->kept[MOST_CONNECTORS - 1];
    struct report_kept *kept = &summary->kept[summary->kept_count++];
    if (summary->kept_count < MOST_CONNECTORS)
        strcpy(kept->connector, connector);
    return kept;
}

static struct report_loan *find_loan(struct report_summary *summary, const char *server,
                                     const char *lender) {
    struct report_loan wanted = {.cases = 0};
    cut_name(wanted.server, sizeof wanted.server, server);
    cut_name(wanted.lender, sizeof wanted.lender, lender);
    for (int i = 0; i < summary->loan_count; i++)
        if (strcmp(summary->loans[i].server, wanted.server) == 0 &&
            strcmp(summary->loans[i].lender, wanted.lender) == 0)
            return &summary->loans[i];
    if (summary->loan_count == MOST_LOANS)
        return &summary->loans[MOST_LOANS - 1];
    struct report_loan *loan = &summary->loans[summary->loan_count++];
    if (summary->loan_count < MOST_LOANS)
        *loan = wanted;
    return loan;
}

static void count_loan(struct report_summary *summary, const struct report_case *result) {
    const struct record *record = result->record;
    if (!result->verdict->borrowed || !result->verdict->lender)
        return;
    cleanup_free char *server = xprintf("%s %s", record->server ? record->server : "",
                                        record->server_version ? record->server_version : "");
    find_loan(summary, server, result->verdict->lender)->cases++;
}

void report_count(struct report_summary *summary, const struct report_case *result) {
    const char *connector = result->record->connector;
    summary->counts[result->verdict->kind]++;
    summary->allowed[result->verdict->kind] += result->allowed;
    summary->flaky += attempts_are_flaky(result);
    summary->unstable += attempts_differ(result);
    summary->tolerated += result->verdict->tolerated;
    summary->borrowed += result->verdict->borrowed;
    count_loan(summary, result);
    if (result->verdict->promise == PROMISE_NONE || !connector)
        return;
    struct report_kept *kept = find_kept(summary, connector);
    kept->promised++;
    kept->kept += result->verdict->promise == PROMISE_KEPT;
}

static int sum(const int *counts) {
    int all = 0;
    for (int i = 0; i < VERDICT_COUNT; i++)
        all += counts[i];
    return all;
}

int report_exit_status(const struct report_summary *summary, bool skip_is_forbidden, bool strict) {
    int counts[VERDICT_COUNT];
    for (int i = 0; i < VERDICT_COUNT; i++)
        counts[i] = summary->counts[i] - summary->allowed[i];
    counts[VERDICT_PASS] += sum(summary->allowed); // they did run
    int status = verdict_exit_status(counts, skip_is_forbidden, strict);
    bool doubtful = summary->tolerated > 0 || summary->flaky > 0;
    return status == STATUS_OK && strict && doubtful ? STATUS_UNEXPECTED : status;
}

void reports_begin(struct reports *reports, const struct report_run *run) {
    for (size_t i = 0; i < reports->count; i++) {
        errno = 0;
        reports->items[i]->format->begin(reports->items[i]->state, run);
        flush(reports->items[i]);
    }
}

void reports_case(struct reports *reports, const struct report_case *result) {
    for (size_t i = 0; i < reports->count; i++) {
        errno = 0;
        reports->items[i]->format->add_case(reports->items[i]->state, result);
        flush(reports->items[i]);
    }
}

void reports_end(struct reports *reports, const struct report_summary *summary) {
    for (size_t i = 0; i < reports->count; i++) {
        errno = 0;
        reports->items[i]->format->end(reports->items[i]->state, summary);
        flush(reports->items[i]);
        reports->items[i]->ended = true;
    }
}

void reports_write(struct reports *reports, const void *what) {
    for (size_t i = 0; i < reports->count; i++) {
        errno = 0;
        reports->items[i]->format->write(reports->items[i]->state, what);
        flush(reports->items[i]);
        reports->items[i]->ended = true;
    }
}

// Closes the file and moves it into place; sets report->error.
static void finish(struct report *report) {
    errno = 0;
    flush(report);
    if (report->nameless && report->ended && !report->error &&
        with_free_name(report, give_name) < 0)
        report->error = errno;
    if (fclose(report->file) != 0 && !report->error)
        report->error = errno;
    if (report->error)
        report->ended = false;
    if (report->temporary && report->ended && rename(report->temporary, report->path) < 0) {
        report->error = errno;
        report->ended = false;
    }
}

static bool is_deserted(const struct report *report) {
    return report->error == EPIPE;
}

bool reports_are_deserted(const struct reports *reports) {
    for (size_t i = 0; i < reports->count; i++)
        if (!is_deserted(reports->items[i]))
            return false;
    return reports->count > 0;
}

static int cannot_write(const struct report *report, struct err *err) {
    errno = report->error;
    err_errno(err, "cannot write the %s report %s", report->format->name,
              report->standard == STDOUT_FILENO ? "to standard output" : report->path);
    err->unread = is_deserted(report) && report->standard == STDOUT_FILENO;
    if (report->error == ENOSPC || report->error == EDQUOT)
        err_remedy(err, "free some space on that disk");
    return -1;
}

int reports_close(struct reports *reports, struct err *err) {
    int status = 0;
    for (size_t i = 0; i < reports->count; i++) {
        struct report *report = reports->items[i];
        finish(report);
        if (report->error && (status == 0 || err->unread))
            status = cannot_write(report, err);
        release(report);
    }
    free(reports->items);
    *reports = (struct reports){0};
    return status;
}
