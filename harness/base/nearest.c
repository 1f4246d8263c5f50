// SPDX-License-Identifier: Apache-2.0
// nearest.c - edit distance (Levenshtein, with a swap of neighbours as one edit), and the words for
// which it is smallest
#include "base/nearest.h"

#include "base/text.h"

#include <string.h>

static int least(int a, int b) {
    return a < b ? a : b;
}

// Fills the usual table row by row; a swap needs the last two rows.
static int distance(const char *a, const char *b) {
    size_t n = strlen(b);
    cleanup_free int *rows = xcalloc(3 * (n + 1), sizeof *rows);
    int *before = rows, *above = rows + n + 1, *row = rows + 2 * (n + 1);
    for (size_t j = 0; j <= n; j++)
        above[j] = (int)j;
    for (size_t i = 1; a[i - 1]; i++) {
        row[0] = (int)i;
        for (size_t j = 1; j <= n; j++) {
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        int *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[n];
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
