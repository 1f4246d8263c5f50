// SPDX-License-Identifier: Apache-2.0
// merge.c - `goneaway merge`: joins the json reports of a run's shards into one report
//
// Everything is read and checked first, then reported in the order of the shards, whatever the
// order of the files. Reports that do not belong together are refused (status 2), and nothing is
// written. If a part is missing, or its run died, the rest is reported, with status 3: what nobody
// saw pass did not pass.
#include "batch/gathered.h"
#include "batch/rerun.h"
#include "main/commands.h"
#include "report/saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct merge {
    struct gathered gathered;
    struct reports reports;
    struct report_summary summary;
    struct text lost; // what is missing, for people; empty: nothing
};

// ---- what is missing ---------------------------------------------------------------------------

static void lose(struct merge *merge, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void lose(struct merge *merge, const char *format, ...) {
    char phrase[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(phrase, sizeof phrase, format, args);
    va_end(args);
    text_printf(&merge->lost, "%s%s", merge->lost.length > 0 ? "\n" : "", phrase);
}

static void look_for_shards(struct merge *merge) {
    enum { NAMED = 20 };
    cleanup_text struct text list = {0};
    int next = 1, missing = 0, count = 0;
    for (size_t i = 0; i <= merge->gathered.count; i++) {
        const struct gathered_part *part =
            i < merge->gathered.count ? &merge->gathered.parts[i] : NULL;
        if (part && !part->begin)
            continue;
        if (part)
            count = part->shard.count;
        int until = part ? part->shard.index : count + 1;
        for (; next < until; next++)
            if (missing++ < NAMED)
                text_printf(&list, "%s%d/%d", missing > 1 ? ", " : "", next, count);
        next++;
    }
    if (missing > 0)
        lose(merge, "no report of shard %s%s", text_get(&list), missing > NAMED ? ", .." : "");
}

static void look_for_cases(struct merge *merge, const struct gathered_part *part) {
    if (!part->begin)
        lose(merge, "%s is empty: its run died before it began", part->path);
    else if (!part->ended)
        lose(merge, "%s ends after %zu of %d cases, without a summary: its run died", part->path,
             part->case_count, part->planned);
    else if (part->interrupted)
        lose(merge, "%s was interrupted after %zu of %d cases", part->path, part->case_count,
             part->planned);
    else if (part->case_count != (size_t)part->planned ||
             part->counted != (json_int_t)part->case_count)
        lose(merge, "%s has %zu cases where %d were planned and its summary counts %lld",
             part->path, part->case_count, part->planned, (long long)part->counted);
}

static void look_for_lost(struct merge *merge) {
    long long planned = 0;
    look_for_shards(merge);
    for (size_t i = 0; i < merge->gathered.count; i++) {
        look_for_cases(merge, &merge->gathered.parts[i]);
        planned += merge->gathered.parts[i].planned;
    }
    const struct report_shard *shard = &merge->gathered.parts[merge->gathered.count - 1].shard;
    if (merge->lost.length == 0 && planned != shard->cases)
        lose(merge, "the shards planned %lld cases, and %d were chosen", planned, shard->cases);
}

// ---- the joined report -------------------------------------------------------------------------

// What the shards report about their hosts, each word once: "6.8.0, 6.11.0".
static char *host_words(const struct merge *merge, const char *key) {
    struct text words = {0};
    text_add(&words, "");
    for (size_t i = 0; i < merge->gathered.count && words.length < 200; i++) {
        const json_t *host = json_object_get(merge->gathered.parts[i].begin, "host");
        const char *word = json_string_value(json_object_get(host, key));
        bool known = !word || !*word;
        for (size_t k = 0; k < i && !known; k++) {
            const json_t *other = json_object_get(merge->gathered.parts[k].begin, "host");
            const char *before = json_string_value(json_object_get(other, key));
            known = before && strcmp(word, before) == 0;
        }
        if (!known)
            text_printf(&words, "%s%.100s", words.length > 0 ? ", " : "", word);
    }
    return words.data;
}

// A need is met if all shards meet it; else the reports say what one of them lacks.
static json_t *join_needs(const struct merge *merge) {
    json_t *needs = json_object();
    for (size_t i = 0; i < merge->gathered.count; i++) {
        const char *key;
        json_t *value;
        json_object_foreach(json_object_get(merge->gathered.parts[i].begin, "needs"), key, value) {
            if (!json_is_string(json_object_get(needs, key)))
                json_object_set(needs, key, value);
        }
    }
    return needs;
}

static int report_part(struct merge *merge, const struct gathered_part *part, struct err *err) {
    for (size_t i = 0; i < part->case_count; i++) {
        cleanup_saved struct saved saved = {0};
        json_auto_t *json = json_loadb(part->cases[i].data, part->cases[i].length, 0, NULL);
        if (!json || saved_read(&saved, json, err) < 0)
            return err_set(err, "%s: cannot be read a second time", part->path);
        report_count(&merge->summary, &saved.result);
        reports_case(&merge->reports, &saved.result);
    }
    if (part->ms > merge->summary.ms) // the shards ran at the same time
        merge->summary.ms = part->ms;
    return 0;
}

// Servers as the shards report them; malformed entries are skipped.
static struct report_server *list_servers(const json_t *list, size_t *ret_count) {
    size_t i;
    json_t *item;
    struct report_server *servers = xcalloc(json_array_size(list) + 1, sizeof *servers);
    *ret_count = 0;
    json_array_foreach(list, i, item) {
        struct report_server *server = &servers[*ret_count];
        server->name = json_string_value(json_object_get(item, "name"));
        server->version = json_string_value(json_object_get(item, "version"));
        server->package = json_string_value(json_object_get(item, "package"));
        server->measured_package = json_string_value(json_object_get(item, "measured"));
        *ret_count += server->name && server->version && server->package;
    }
    return servers;
}

static int report_all(struct merge *merge, const struct options *options, struct err *err) {
    const struct gathered_part *last = &merge->gathered.parts[merge->gathered.count - 1];
    cleanup_free char *kernel = host_words(merge, "kernel"), *netem = host_words(merge, "netem");
    cleanup_free char *machine = host_words(merge, "machine");
    cleanup_free char *list = rerun_listing(options, "merge");
    json_auto_t *needs = join_needs(merge);
    struct report_run run = {.planned = last->shard.cases,
                             .version = last->version ? last->version : "",
                             .kernel = kernel,
                             .machine = machine,
                             .netem = netem,
                             .needs = needs,
                             .shard = last->shard,
                             .verbosity = options->verbosity,
                             .saved = true,
                             .list = list};
    cleanup_free struct report_server *servers =
        list_servers(json_object_get(last->begin, "servers"), &run.server_count);
    run.servers = servers;
    run.shard.index = run.shard.count = 1;
    for (size_t i = 0; i < merge->gathered.count; i++)
        run.jobs += merge->gathered.parts[i].jobs;
    reports_begin(&merge->reports, &run);
    for (size_t i = 0; i < merge->gathered.count; i++)
        if (report_part(merge, &merge->gathered.parts[i], err) < 0)
            return -1;
    merge->summary.interrupted = merge->lost.length > 0;
    reports_end(&merge->reports, &merge->summary);
    return reports_close(&merge->reports, err);
}

static int open_reports(struct merge *merge, const struct options *options, struct err *err) {
    for (int i = 0; i < options->report_count; i++)
        if (reports_add(&merge->reports, options->reports[i], err) < 0)
            return -1;
    return reports_use_stdout(&merge->reports) ? 0 : reports_add(&merge->reports, "human", err);
}

static int merge_all(struct merge *merge, const struct options *options, struct err *err) {
    if (gathered_read(&merge->gathered, (size_t)options->argument_count, options->arguments, err) <
        0)
        return -1;
    look_for_lost(merge);
    if (open_reports(merge, options, err) < 0 || report_all(merge, options, err) < 0)
        return -1;
    if (merge->lost.length == 0)
        return report_exit_status(&merge->summary, false, options->strict);
    err_set(err, "%s", text_get(&merge->lost));
    return err_remedy(err,
                      "look at the logs of the jobs that ran these shards, and run them again");
}

int command_merge(const struct options *options, struct err *err) {
    struct err ignored;
    struct merge merge = {0};
    if (options->argument_count == 0)
        return err_usage(err, "`goneaway merge` needs the json reports of all shards");
    int ret = merge_all(&merge, options, err);
    reports_close(&merge.reports, &ignored);
    gathered_release(&merge.gathered);
    text_release(&merge.lost);
    return ret;
}
