// SPDX-License-Identifier: Apache-2.0
// fold.h - merges lines that differ in one word into one line with all of these words
#ifndef GONEAWAY_EXPLAIN_FOLD_H
#define GONEAWAY_EXPLAIN_FOLD_H

#include "base/text.h"

/** Keys in order of appearance, each with its words. Initialise with `= {0}`. */
struct fold {
    size_t count;
    struct fold_row {
        char *key;
        struct text words; ///< "tcp, tls"
    } * rows;
};
/** Adds a word to a key, unless it was the key's latest. */
void fold_add(struct fold *fold, const char *key, const char *word);
void fold_release(struct fold *fold);
#define cleanup_fold __attribute__((cleanup(fold_release)))

#endif
