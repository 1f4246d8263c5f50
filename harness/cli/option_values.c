// SPDX-License-Identifier: Apache-2.0
// option_values.c - values of options that are more than a string
#include "cli/option_values.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int options_read_number(const char *text, const char *name, int *ret, struct err *err) {
    char *end;
    long number = strtol(text, &end, 10);
    if (*end || end == text || number < 1 || number > 1000000)
        return err_usage(err, "--%s needs a number from 1 on, not '%s'", name, text);
    *ret = (int)number;
    return 0;
}

int options_set_shard(struct options *options, const char *text, struct err *err) {
    char rest;
    if (sscanf(text, "%d/%d%c", &options->shard, &options->shards, &rest) != 2 ||
        options->shard < 1 || options->shard > options->shards)
        return err_usage(err, "--shard needs I/N with 1 <= I <= N, not '%s'", text);
    return 0;
}

bool options_keep(const struct options *options) {
    return options->keep || options->keep_failed || options->keep_at;
}

bool options_show_traffic(const struct options *options) {
    bool page = false;
    for (int i = 0; i < options->report_count; i++)
        page |= text_starts(options->reports[i], "html");
    return options->timeline || page;
}

int options_set_scale(struct options *options, const char *text, struct err *err) {
    char *end;
    options->time_scale = strtod(text, &end);
    if (*end || end == text || !(options->time_scale >= 1 && options->time_scale <= 1000))
        return err_usage(err, "--time-scale needs a number from 1 to 1000, not '%s'", text);
    return 0;
}

int options_set_timeout(struct options *options, const char *text, struct err *err) {
    cleanup_free char *first = xstrdup(text);
    char *second = strchr(first, ',');
    if (second)
        *second++ = '\0';
    options->case_timeout_ms = text_duration_ms(first);
    options->run_timeout_ms = second ? text_duration_ms(second) : 0;
    if (options->case_timeout_ms < 0 || options->run_timeout_ms < 0)
        return err_usage(err, "--timeout needs CASE or CASE,RUN, such as 30s or 5min,1h, not '%s'",
                         text);
    return 0;
}

int options_set_deadline(struct options *options, const char *text, struct err *err) {
    options->deadline_ms = text_duration_ms(text);
    if (options->deadline_ms <= 0)
        return err_usage(err, "--deadline needs a time, such as 30s or 2min, not '%s'", text);
    return 0;
}

int options_set_memory(struct options *options, const char *text, struct err *err) {
    enum { LEAST_MIB = 64 };
    options->memory_bytes = text_size_bytes(text);
    if (options->memory_bytes < (int64_t)LEAST_MIB << 20)
        return err_usage(err, "--memory needs a size from %dMiB on, such as 2GiB, not '%s'",
                         LEAST_MIB, text);
    return 0;
}

int options_set_netem(struct options *options, const char *text, struct err *err) {
    if (strcmp(text, "kernel") != 0 && strcmp(text, "uml") != 0)
        return err_usage(err, "--netem needs kernel or uml, not '%s'", text);
    options->netem = text;
    return 0;
}

// ---- what does not go together -----------------------------------------------------------------

static bool is_same_file(const char *path, const struct stat *other) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_dev == other->st_dev &&
           info.st_ino == other->st_ino;
}

// A report would replace a file of its name, even one that is still to be read.
static int check_report(const struct options *options, const char *report, struct err *err) {
    const char *file = strchr(report, '=');
    struct stat info;
    if (!file || stat(file + 1, &info) < 0)
        return 0;
    bool read = options->baseline && is_same_file(options->baseline, &info);
    for (int i = 0; i < options->argument_count; i++)
        read |= is_same_file(options->arguments[i], &info);
    if (!read)
        return 0;
    err_usage(err, "--report %s: would overwrite what is read here", report);
    return err_remedy(err, "name another file");
}

int options_check_together(const struct options *options, struct err *err) {
    if (options->update_baseline && !options->baseline) {
        err_usage(err, "--update-baseline needs --baseline PATH");
        return err_remedy(err, "name the file that is to be written, or a folder");
    }
    if (options->bundle_all && !options->bundle)
        return err_usage(err, "--bundle-all needs --bundle DIR");
    if (options->update_baseline && options->fail_fast)
        return err_usage(err, "--update-baseline needs all cases, and --fail-fast leaves some out");
    if (options->update_baseline && options->retries > 0)
        return err_usage(err, "--update-baseline records every repetition, and --retries would "
                              "leave some out");
    for (int i = 0; i < options->report_count; i++)
        if (check_report(options, options->reports[i], err) < 0)
            return -1;
    return 0;
}
