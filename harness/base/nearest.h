// SPDX-License-Identifier: Apache-2.0
// nearest.h - "did you mean": the known words most similar to a given one
#ifndef GONEAWAY_BASE_NEAREST_H
#define GONEAWAY_BASE_NEAREST_H

#include <stddef.h>

/** How many single-character edits still count as a slip: in a word of the language, and in a
 * longer name, such as a scenario's. */
enum { NEAR_WORD = 2, NEAR_NAME = 3 };
enum { NEAREST_WORDS = 16 };

struct nearest {
    const char *wanted;
    int edits;    ///< the most edits allowed; once a word is found, the edits of the nearest
    size_t count; ///< of words, all equally near; 0: none is near
    const char *words[NEAREST_WORDS]; ///< distinct, in the order in which they were tried
};

/** Keeps `word` if it is at least as near as those before. It is not copied. */
void nearest_try(struct nearest *nearest, const char *word);
/** The first of the nearest words; NULL if none is near. */
const char *nearest_word(const struct nearest *nearest);

#endif
