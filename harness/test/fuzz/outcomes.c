// SPDX-License-Identifier: Apache-2.0
// outcomes.c - whatever is in a file of measured outcomes is harmless
#include "baseline/baseline.h"
#include "baseline/cell.h"
#include "test/fuzz/fuzz.h"

#include <string.h>

// A cell that was read can be written, and reads the same again.
static void look_at(const struct baseline_case *one) {
    for (size_t i = 0; i < one->row->count; i++) {
        cleanup_free char *cell = cell_of_expectation(one->row->expectations[i]);
        fuzz_require(*cell && fuzz_is_harmless(cell), "a cell is harmless", cell);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct err err = {0};
    struct baseline *baseline = baseline_parse("f.yml", (const char *)data, size, &err);
    if (!baseline)
        fuzz_require(err.kind == ERR_USAGE && text_starts(err.what, "f.yml:"),
                     "a refusal is a usage error that says where", err.what);
    for (size_t i = 0; baseline && i < baseline->case_count; i++) {
        look_at(&baseline->cases[i]);
        fuzz_require(baseline_case(baseline, baseline->cases[i].id) == &baseline->cases[i],
                     "a case is found by its id", baseline->cases[i].id);
    }
    baseline_free(baseline);
    return 0;
}
