// SPDX-License-Identifier: Apache-2.0
// bits.h - a set of small numbers that is copied and compared by value
#ifndef GONEAWAY_BASE_BITS_H
#define GONEAWAY_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BITS_MOST = 256, BITS_PER_WORD = 64 };

/** A set of numbers below BITS_MOST; {0} is the empty one. */
struct bits {
    uint64_t words[BITS_MOST / BITS_PER_WORD];
};

static inline struct bits bits_none(void) {
    return (struct bits){{0}};
}

static inline bool bits_has(struct bits bits, size_t number) {
    return number < BITS_MOST &&
           bits.words[number / BITS_PER_WORD] >> number % BITS_PER_WORD & UINT64_C(1);
}

/** Adds a number. Numbers from BITS_MOST on are ignored, so callers check the bound first. */
static inline void bits_add(struct bits *bits, size_t number) {
    if (number < BITS_MOST)
        bits->words[number / BITS_PER_WORD] |= UINT64_C(1) << number % BITS_PER_WORD;
}

static inline void bits_join(struct bits *bits, struct bits other) {
    for (size_t i = 0; i < BITS_MOST / BITS_PER_WORD; i++)
        bits->words[i] |= other.words[i];
}

static inline bool bits_are_equal(struct bits one, struct bits other) {
    bool equal = true;
    for (size_t i = 0; i < BITS_MOST / BITS_PER_WORD; i++)
        equal &= one.words[i] == other.words[i];
    return equal;
}

#endif
