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

enum {
    BLOCK_BYTES = 32 << 10, // shared by pieces smaller than a quarter of it
    // What malloc() itself needs for a block; counted as part of each piece.
    OVERHEAD_BYTES = 16,
};

// Under AddressSanitizer each piece is its own block, so that overruns are detected.
#if defined(__SANITIZE_ADDRESS__)
#define SHARED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SHARED 0
#endif
#endif
#ifndef SHARED
#define SHARED 1
#endif

struct arena {
    struct block *blocks;
    char *room; // in a shared block: where the next piece starts
    size_t left, used;
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

static char *add_block(struct arena *arena, size_t size) {
    struct block *block = xcalloc(1, sizeof *block + size);
    block->next = arena->blocks;
    arena->blocks = block;
    return block->data;
}

void *arena_alloc(struct arena *arena, size_t size) {
    arena->used += sizeof(struct block) + size + OVERHEAD_BYTES;
    size += size == 0;
    if (!SHARED || size > BLOCK_BYTES / 4)
        return add_block(arena, size);
    size = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (size > arena->left) {
        arena->room = add_block(arena, BLOCK_BYTES);
        arena->left = BLOCK_BYTES;
    }
    char *piece = arena->room;
    arena->room += size;
    arena->left -= size;
    return piece;
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
