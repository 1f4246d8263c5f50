// SPDX-License-Identifier: Apache-2.0
// fold.c - merges lines that differ in one word into one line with all of these words
#include "explain/fold.h"

#include <string.h>

static struct fold_row *row_of(struct fold *fold, const char *key) {
    for (size_t i = 0; i < fold->count; i++)
        if (strcmp(fold->rows[i].key, key) == 0)
            return &fold->rows[i];
    fold->rows = xrealloc(fold->rows, fold->count + 1, sizeof *fold->rows);
    fold->rows[fold->count] = (struct fold_row){.key = xstrdup(key)};
    return &fold->rows[fold->count++];
}

void fold_add(struct fold *fold, const char *key, const char *word) {
    struct text *words = &row_of(fold, key)->words;
    size_t length = strlen(word);
    bool is_last = words->length >= length &&
                   strcmp(text_get(words) + words->length - length, word) == 0 &&
                   (words->length == length || text_get(words)[words->length - length - 1] == ' ');
    if (!is_last)
        text_printf(words, "%s%s", words->length ? ", " : "", word);
}

void fold_release(struct fold *fold) {
    for (size_t i = 0; i < fold->count; i++) {
        free(fold->rows[i].key);
        text_release(&fold->rows[i].words);
    }
    free(fold->rows);
    *fold = (struct fold){0};
}
