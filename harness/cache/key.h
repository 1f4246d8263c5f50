// SPDX-License-Identifier: Apache-2.0
// key.h - a short hash of what decides the content of an entry
#ifndef GONEAWAY_CACHE_KEY_H
#define GONEAWAY_CACHE_KEY_H

#include "base/err.h"
#include "yaml/table.h"

#include <stdint.h>

/** A hash (FNV-1a, 64 bits) of what determines an entry's content. Start with KEY_START. */
struct key {
    uint64_t hash;
};
#define KEY_START ((struct key){0xcbf29ce484222325u})
void key_add(struct key *key, const char *text);
void key_add_texts(struct key *key, const struct list *texts);
/** Adds a file's content. */
int key_add_file(struct key *key, const char *path, struct err *err);

#endif
