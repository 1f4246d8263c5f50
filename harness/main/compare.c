// SPDX-License-Identifier: Apache-2.0
// compare.c - `goneaway compare`: what two files recorded, and where they differ
//
//     seen.c         reads a report; seen_baseline.c a baseline
//     renames.c      matches cases that were renamed
//     pairs.c        pairs connectors, and servers
//     sight.c        how a step ended: compared, in words
//     comparison.c   the whole comparison, grouped
//     human.c, html.c, json.c, markdown.c    the reports
//
// Verdicts play no part: a case that is now expected to fail in another way is no difference.
#include "compare/words.h"

#include "compare/renames.h"
#include "main/commands.h"

#include <stdio.h>
#include <string.h>

const struct report_format *const compare_formats[] = {&compare_human, &compare_json,
                                                       &compare_markdown, &compare_html, NULL};

static int open_reports(struct reports *reports, const struct options *options, struct err *err) {
    for (int i = 0; i < options->report_count; i++)
        if (reports_add_of(reports, compare_formats, options->reports[i], err) < 0)
            return -1;
    return reports_use_stdout(reports) ? 0 : reports_add_of(reports, compare_formats, "human", err);
}

static int write_reports(const struct comparison *comparison, const struct options *options,
                         struct err *err) {
    struct reports reports = {0};
    struct err ignored;
    if (open_reports(&reports, options, err) < 0) {
        reports_close(&reports, &ignored);
        return -1;
    }
    reports_write(&reports, comparison);
    return reports_close(&reports, err);
}

static size_t count_idle(const struct comparison *comparison) {
    size_t count = 0;
    for (int i = 0; i < SEEN_STATES; i++)
        for (int k = 0; k < SEEN_STATES; k++)
            count += comparison->idle[i][k];
    return count;
}

static int refuse_strangers(const struct seen *before, const struct seen *after, struct err *err) {
    err_usage(err, "%s and %s have no case in common", before->path, after->path);
    return before->case_count && after->case_count
               ? err_remedy(err, "OLD has for example %.200s, and NEW %.200s", before->cases[0].id,
                            after->cases[0].id)
               : -1;
}

// A file that is incomplete proves nothing, even if what it has is equal.
static int refuse_incomplete(const struct comparison *comparison, struct err *err) {
    const struct seen *seen =
        comparison->after->incomplete ? comparison->after : comparison->before;
    if (!seen->incomplete)
        return 0;
    err_set(err, "%s %s", seen->path, seen->incomplete);
    return err_remedy(err, "run it again; what it has was compared");
}

static int compare(const struct comparison *comparison, const struct options *options,
                   struct err *err) {
    size_t idle = count_idle(comparison);
    if (comparison->compared + idle == 0)
        return refuse_strangers(comparison->before, comparison->after, err);
    if (write_reports(comparison, options, err) < 0 || refuse_incomplete(comparison, err) < 0)
        return -1;
    if (comparison->compared == 0)
        return STATUS_NOTHING;
    if (comparison->changed)
        return STATUS_UNEXPECTED;
    // something that was seen before and could not be seen now is not "the same"
    return comparison->idle[SEEN_RAN][SEEN_BROKEN] ? STATUS_MACHINE : STATUS_OK;
}

// To compare two connectors in one file, the file is read only once.
static int compare_files(const struct options *options, struct err *err) {
    cleanup_seen struct seen before = {0}, other = {0};
    struct comparison comparison;
    const char *old = options->arguments[0], *new = options->arguments[1];
    const struct seen *after = strcmp(old, new) == 0 ? &before : &other;
    if (seen_read(&before, old, err) < 0 || (after == &other && seen_read(&other, new, err) < 0))
        return -1;
    if (after == &other)
        renames_apply(&before, &other);
    int ret =
        comparison_make(&comparison, &before, after, options->connectors, options->servers, err);
    if (ret == 0)
        ret = compare(&comparison, options, err);
    comparison_release(&comparison);
    return ret;
}

int command_compare(const struct options *options, struct err *err) {
    if (options->argument_count != 2)
        return err_usage(err, "`goneaway compare` needs two files: OLD and NEW");
    return compare_files(options, err);
}
