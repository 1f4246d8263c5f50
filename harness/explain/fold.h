// SPDX-License-Identifier: Apache-2.0
// fold.h - lines that are alike but for one word, printed once with all of these words
#ifndef GONEAWAY_EXPLAIN_FOLD_H
#define GONEAWAY_EXPLAIN_FOLD_H

#include "base/text.h"

/** Keys in the order in which they came, each with its words. Start with `= {0}`. */
struct fold {
    size_t count;
    struct fold_row {
        char *key;
        struct text words; ///< "tcp, tls"
    } * rows;
};
/** Adds a word to a key, unless it is the latest one there. */
void fold_add(struct fold *fold, const char *key, const char *word);
void fold_release(struct fold *fold);
#define cleanup_fold __attribute__((cleanup(fold_release)))

#endif
