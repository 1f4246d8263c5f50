// SPDX-License-Identifier: Apache-2.0
// merge.c - whatever is in the json reports of shards, they are refused or can be reported
//
// Each input is used as one report. If it is readable, each of its cases is written in every
// format.
#include "base/utf8.h"
#include "batch/gathered.h"
#include "report/saved.h"
#include "test/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int fd = -1;
static char path[64];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    fd = memfd_create("report", MFD_CLOEXEC);
    fuzz_require(fd >= 0, "there is room for a file", "");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return 0;
}

static void put(const uint8_t *data, size_t size) {
    fuzz_require(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size,
                 "there is room for a report", "");
}

// If a line looks like a command to a GitHub runner, it must be one that this format writes.
static void check_commands(const char *report) {
    cleanup_free char *copy = xstrdup(report);
    char *rest = copy;
    for (char *line; (line = strsep(&rest, "\n"));)
        fuzz_require(!*line || text_starts(line, "::error ") || text_starts(line, "::warning "),
                     "what a stranger says is no command", line);
}

static void report_in(const struct report_format *format, const struct report_case *result,
                      const struct report_run *run) {
    struct report_summary summary = {.ms = 1};
    char *report = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&report, &length);
    fuzz_require(file != NULL, "there is room for a report", "");
    void *state = format->open(file, false, 0);
    summary.counts[result->verdict->kind] = 1;
    format->begin(state, run);
    format->add_case(state, result);
    format->end(state, &summary);
    format->close(state);
    fclose(file);
    fuzz_require(fuzz_is_harmless(report), "a report is harmless on a terminal", report);
    if (format == &report_github)
        check_commands(report);
    free(report);
}

// A case that was read reads the same when read again.
static void use_case(const struct gathered_line *line, const struct report_run *run) {
    struct err err = {0};
    struct saved saved, again;
    json_auto_t *json = json_loadb(line->data, line->length, 0, NULL);
    fuzz_require(saved_read(&saved, json, &err) == 0, "what was read can be read again", err.what);
    json_auto_t *written = report_case_json(&saved.result);
    fuzz_require(saved_read(&again, written, &err) == 0, "what is written can be read", err.what);
    json_auto_t *twice = report_case_json(&again.result);
    fuzz_require(json_equal(written, twice), "a case read back is the same", line->data);
    saved_release(&again);
    for (const struct report_format *const *format = report_formats; *format; format++)
        report_in(*format, &saved.result, run);
    saved_release(&saved);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char *const paths[] = {path};
    struct gathered gathered = {0};
    struct err refused = {0};
    put(data, size);
    if (gathered_read(&gathered, 1, paths, &refused) < 0)
        fuzz_require(*refused.what && refused.kind == ERR_USAGE, "a refusal has a reason", "");
    else if (gathered.parts[0].begin)
        for (size_t i = 0; i < gathered.parts[0].case_count && i < 3; i++)
            use_case(&gathered.parts[0].cases[i],
                     &(struct report_run){.version = gathered.parts[0].version,
                                          .kernel = "k",
                                          .machine = "m",
                                          .netem = "",
                                          .jobs = 1,
                                          .planned = gathered.parts[0].planned,
                                          .shard = gathered.parts[0].shard});
    gathered_release(&gathered);
    return 0;
}

FUZZ_JSON
