// SPDX-License-Identifier: Apache-2.0
// arena.h - memory that is filled once and freed as a whole, for data that is const once built
#ifndef GONEAWAY_BASE_ARENA_H
#define GONEAWAY_BASE_ARENA_H

#include <stddef.h>

struct arena;

/** A new, empty arena. Never fails: running out of memory ends the program. */
struct arena *arena_new(void);
/** Frees the arena and all that was allocated in it; NULL is allowed. */
void arena_free(struct arena *arena);
/** Zeroed memory of `size` bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);
/** Bytes allocated so far, including malloc()'s overhead for each piece. */
size_t arena_used(const struct arena *arena);
/** A copy of a string of `length` bytes, with a final NUL. */
char *arena_text(struct arena *arena, const char *text, size_t length);
/** A formatted string. */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
