// SPDX-License-Identifier: Apache-2.0
// arena.c - memory that is filled once and freed as a whole
#include "base/arena.h"

#include "base/text.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
    alignas(max_align_t) char data[];
};

// What malloc() takes for itself.
enum { OVERHEAD_BYTES = 16 };

struct arena {
    struct block *blocks;
    size_t used;
};

struct arena *arena_new(void) {
    return xcalloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena) {
    if (!arena)
        return;
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t size) {
    struct block *block = xcalloc(1, sizeof *block + size);
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used += sizeof *block + size + OVERHEAD_BYTES;
    return block->data;
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}

char *arena_text(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    cleanup_free char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        out_of_memory();
    return arena_text(arena, text, (size_t)length);
}
