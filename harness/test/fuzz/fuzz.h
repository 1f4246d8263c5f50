// SPDX-License-Identifier: Apache-2.0
// fuzz.h - shared by the libFuzzer targets
//
// Each NAME.c is a program of its own, `make fuzz` builds and runs them all. A target takes
// what comes from outside as bytes, does with it what goneaway does, and aborts where a promise is
// broken; memory errors and undefined behaviour are for the sanitizers. json.c has what those
// targets need whose input is JSON.
#ifndef GONEAWAY_TEST_FUZZ_FUZZ_H
#define GONEAWAY_TEST_FUZZ_FUZZ_H

#include "base/text.h"

#include <jansson.h>

/** Called by libFuzzer: the first always; if defined, the others before the first input, and
 * instead of its own ways to mutate an input and to cross two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t most, unsigned int seed);

/** Aborts, naming the promise that is broken and what breaks it. */
_Noreturn void fuzz_fail(const char *promise, const char *by);
static inline void fuzz_require(bool kept, const char *promise, const char *by) {
    if (!kept)
        fuzz_fail(promise, by);
}
/** Whether a text is valid UTF-8 without characters that control a terminal; tabs and line ends are
 * fine. */
bool fuzz_is_harmless(const char *text);
/** Changes a random line of JSON: one value in it is altered, removed, copied or inserted. Anything
 * but JSON is mutated as bytes. Returns the new size, at most `most`. */
size_t fuzz_json_mutate(uint8_t *data, size_t size, size_t most, unsigned int seed);
/** Inserts a value from the first line of `other` into the first line of `one`. */
size_t fuzz_json_cross(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size,
                       uint8_t *out, size_t most, unsigned int seed);
/** Has libFuzzer change inputs by these two; for targets whose input is JSON. */
#define FUZZ_JSON                                                                                  \
    size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed) {   \
        return fuzz_json_mutate(data, size, most, seed);                                           \
    }                                                                                              \
    size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,    \
                                     size_t other_size, uint8_t *out, size_t most,                 \
                                     unsigned int seed) {                                          \
        return fuzz_json_cross(one, one_size, other, other_size, out, most, seed);                 \
    }

#endif
