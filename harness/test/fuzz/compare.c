// SPDX-License-Identifier: Apache-2.0
// compare.c - whatever is in a json report, it is refused or can be compared
//
// Each input is used as the new report, and as the old one, of a pair whose other half is fixed.
// Differences are written in every format.
#include "compare/words.h"
#include "test/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char fixed[] =
    "{\"type\":\"run\",\"schema\":1,\"version\":\"1\",\"planned\":1}\n"
    "{\"type\":\"case\",\"id\":\"a/b@tcp\",\"server\":{\"name\":\"m\"},\"connector\":{\"name\":"
    "\"c\"},\"verdict\":\"pass\",\"steps\":[{\"id\":\"s\",\"do\":\"query\",\"outcome\":\"error\","
    "\"errno\":2013,\"native\":\"n\"}]}\n"
    "{\"type\":\"summary\"}\n";

static int fds[2] = {-1, -1};
static char paths[2][64];

static void put(int i, const void *data, size_t size) {
    fuzz_require(ftruncate(fds[i], 0) == 0 && pwrite(fds[i], data, size, 0) == (ssize_t)size,
                 "there is room for a report", "");
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    for (int i = 0; i < 2; i++) {
        fds[i] = memfd_create("report", MFD_CLOEXEC);
        fuzz_require(fds[i] >= 0, "there is room for a file", "");
        snprintf(paths[i], sizeof paths[i], "/proc/self/fd/%d", fds[i]);
    }
    put(0, fixed, sizeof fixed - 1);
    return 0;
}

static void report_in(const struct report_format *format, const struct comparison *comparison) {
    char *report = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&report, &length);
    fuzz_require(file != NULL, "there is room for a report", "");
    void *state = format->open(file, false, 0);
    format->write(state, comparison);
    format->close(state);
    fclose(file);
    fuzz_require(fuzz_is_harmless(report), "a report is harmless on a terminal", report);
    free(report);
}

static void compare(const struct seen *before, const struct seen *after) {
    struct err refused = {0};
    struct comparison comparison;
    if (comparison_make(&comparison, before, after, NULL, NULL, &refused) < 0)
        fuzz_require(*refused.what && refused.kind == ERR_USAGE, "a refusal has a reason", "");
    else
        for (const struct report_format *const *format = compare_formats; *format; format++)
            report_in(*format, &comparison);
    comparison_release(&comparison);
}

// Nothing may differ from itself.
static void compare_itself(const struct seen *seen) {
    struct err refused = {0};
    struct comparison comparison;
    if (comparison_make(&comparison, seen, seen, NULL, NULL, &refused) == 0)
        fuzz_require(comparison.changed == 0, "nothing differs from itself", seen->cases[0].id);
    comparison_release(&comparison);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct seen known = {0}, seen = {0};
    struct err refused = {0};
    if (memmem(data, size, "goneaway-outcomes", 17)) // for outcomes.c
        return 0;
    put(1, data, size);
    fuzz_require(seen_read(&known, paths[0], &refused) == 0, "the other is read", refused.what);
    if (seen_read(&seen, paths[1], &refused) < 0) {
        fuzz_require(*refused.what && refused.kind == ERR_USAGE, "a refusal has a reason", "");
    } else {
        compare(&known, &seen);
        compare(&seen, &known);
        compare_itself(&seen);
    }
    seen_release(&seen);
    seen_release(&known);
    return 0;
}

FUZZ_JSON
