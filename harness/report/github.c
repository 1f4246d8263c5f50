// SPDX-License-Identifier: Apache-2.0
// github.c - the report as workflow commands of GitHub Actions: annotations at the scenarios' files
//
// A runner shows ten errors per step, so the tenth gives the number of the rest. It takes every
// line that starts with two colons for a command, wherever it comes from; so callers print other
// output between `::stop-commands::TOKEN` and `::TOKEN::`.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
#include "report/attempts.h"
#include "report/detail.h"

#include <string.h>

enum { MOST_ERRORS = 10, TITLE_WIDTH = 200, MESSAGE_WIDTH = 1000 };

struct github {
    FILE *file;
    int count, planned, errors, skips;
    char *last; // the final error if no more follow
};

static void *github_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    struct github *github = xcalloc(1, sizeof *github);
    github->file = file;
    return github;
}

static void github_close(void *state) {
    struct github *github = state;
    free(github->last);
    free(github);
}

static void github_begin(void *state, const struct report_run *run) {
    ((struct github *)state)->planned = run->planned;
}

// A property ends at a comma or a colon; properties and messages both end with the line.
static void add_escaped(struct text *out, const char *text, int width, bool property) {
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_free char *safe = sheet_safe(&utf8, text, width);
    for (const char *at = safe; *at; at++)
        if (*at == '%' || (property && (*at == ':' || *at == ',')))
            text_printf(out, "%%%02X", *at);
        else
            text_append(out, at, 1);
}

// An annotation needs a file that can be in a repository.
static void add_file(struct text *out, const char *path) {
    if (!path || *path == '/' || text_starts(path, "..") || strlen(path) > TITLE_WIDTH)
        return;
    text_add(out, "file=");
    add_escaped(out, path, -1, true);
    text_add(out, ",");
}

static void add_reason(struct text *out, const char *why) {
    cleanup_free char *copy = xstrdup(why);
    char *rest = copy;
    for (char *line; (line = strsep(&rest, "\n"));) {
        add_escaped(out, line, MESSAGE_WIDTH, false);
        if (rest)
            text_add(out, "%0A");
    }
}

static void add_place(struct text *line, const struct report_case *result, const char *verdict) {
    cleanup_free char *title = xprintf("%s: %s (%s, %s)", verdict, result->plan->id,
                                       detail_server(result), detail_connector(result));
    add_file(line, detail_path(result));
    text_add(line, "title=");
    add_escaped(line, title, TITLE_WIDTH, true);
    text_add(line, "::");
}

// A runner shows ten warnings per step, too; the other reports have all.
static void warn_of_attempts(const struct github *github, const struct report_case *result) {
    cleanup_text struct text line = {0};
    cleanup_free char *why = attempts_line(result);
    add_place(&line, result, attempts_differ(result) ? "unstable" : "flaky");
    add_reason(&line, why);
    fprintf(github->file, "::warning %s\n", text_get(&line));
}

static char *error_of(const struct report_case *result) {
    struct text line = {0};
    text_add(&line, "::error ");
    add_place(&line, result, verdict_names[result->verdict->kind]);
    add_reason(&line, detail_why(result));
    if (result->rerun) {
        text_add(&line, "%0Arun again: ");
        add_escaped(&line, result->rerun, MESSAGE_WIDTH, false);
    }
    return line.data;
}

static void github_case(void *state, const struct report_case *result) {
    struct github *github = state;
    github->count++;
    github->skips += result->verdict->kind == VERDICT_SKIP;
    if (attempts_are_flaky(result))
        warn_of_attempts(github, result);
    if (!verdict_is_trouble(result->verdict->kind) || github->errors++ >= MOST_ERRORS)
        return;
    cleanup_free char *line = error_of(result);
    if (github->errors < MOST_ERRORS) {
        fprintf(github->file, "%s\n", line);
    } else {
        github->last = line;
        line = NULL;
    }
}

static void github_end(void *state, const struct report_summary *summary) {
    struct github *github = state;
    if (github->errors > MOST_ERRORS)
        fprintf(github->file, "::error title=goneaway::and %d more cases are not as expected\n",
                github->errors - MOST_ERRORS + 1);
    else if (github->last)
        fprintf(github->file, "%s\n", github->last);
    if (github->skips > 0)
        fprintf(github->file, "::warning title=goneaway::%d of %d cases were skipped\n",
                github->skips, github->count);
    if (summary->interrupted)
        fprintf(github->file, "::warning title=goneaway::interrupted after %d of %d cases\n",
                github->count, github->planned);
}

const struct report_format report_github = {
    .name = "github",
    .doc = "annotations for GitHub Actions, as workflow commands",
    .open = github_open,
    .begin = github_begin,
    .add_case = github_case,
    .end = github_end,
    .close = github_close,
};
