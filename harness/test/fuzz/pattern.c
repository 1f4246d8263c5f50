// SPDX-License-Identifier: Apache-2.0
// pattern.c - whatever the pattern and the text are, matching ends
//
// The first line of the input is the pattern, the rest is the text. libFuzzer's limits on time and
// memory detect excess.
#include "base/pattern.h"
#include "test/fuzz/fuzz.h"

#include <string.h>

static void match(const struct pattern *pattern, const char *text, size_t length) {
    struct err err = {0};
    int found = pattern_matches(pattern, text, length, NULL, &err);
    fuzz_require((found < 0) == (err.what[0] != '\0'), "what cannot be told has a reason",
                 err.what);
    int in_line = pattern_finds_line(pattern, text, length, &err);
    bool one_line = length > 0 && !memchr(text, '\n', length);
    fuzz_require(!one_line || in_line == found, "a line is matched like a text", err.what);
    fuzz_require(length > 0 || in_line == 0, "nothing has no lines", err.what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct err err = {0};
    const uint8_t *end = memchr(data, '\n', size);
    size_t length = end ? (size_t)(end - data) : size, used = end ? length + 1 : size;
    cleanup_free char *text = xcalloc(length + 1, 1);
    memcpy(text, data, length);
    struct pattern *pattern = pattern_open(text, &err);
    fuzz_require(pattern || err.what[0], "a refusal has a reason", text);
    if (pattern)
        match(pattern, (const char *)data + used, size - used);
    pattern_close(pattern);
    return 0;
}
