// SPDX-License-Identifier: Apache-2.0
// nearest.c - the edit distance of words (Levenshtein's), and the words of which it is least
#include "base/nearest.h"

#include "base/text.h"

#include <string.h>

static int distance(const char *a, const char *b) {
    size_t n = strlen(b);
    cleanup_free int *row = xcalloc(n + 1, sizeof *row);
    for (size_t j = 0; j <= n; j++)
        row[j] = (int)j;
    for (size_t i = 1; a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= n; j++) {
            int above = row[j];
            int best = diagonal + (a[i - 1] != b[j - 1]);
            best = best < above + 1 ? best : above + 1;
            row[j] = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
            diagonal = above;
        }
    }
    return row[n];
}

void nearest_try(struct nearest *nearest, const char *word) {
    int edits = distance(nearest->wanted, word);
    if (edits > nearest->edits)
        return;
    if (edits < nearest->edits)
        nearest->count = 0;
    nearest->edits = edits;
    for (size_t i = 0; i < nearest->count; i++)
        if (strcmp(nearest->words[i], word) == 0)
            return;
    if (nearest->count < NEAREST_WORDS)
        nearest->words[nearest->count++] = word;
}

const char *nearest_word(const struct nearest *nearest) {
    return nearest->count ? nearest->words[0] : NULL;
}
