// SPDX-License-Identifier: Apache-2.0
// cache.h - the cache folder: names, locks, and how an entry comes and goes
//
//     CACHE/NAME-KIND-HASH/   an entry, for example mysql-9.7-root-0123456789abcdef; whoever uses
//                             it holds a shared lock on the folder
//     CACHE/tmp-XXXXXX/       where one preparing process works, locked by it; without a lock it is
//                             what a dead one left, and the next to prepare removes it
//     CACHE/locks/NAME        held while NAME is being prepared
//     CACHE/locks/tmp         held for a moment while a tmp folder is made or looked for
#ifndef GONEAWAY_IMAGE_CACHE_H
#define GONEAWAY_IMAGE_CACHE_H

#include "image/image.h"
#include "image/keeper.h"

#include <stdint.h>

/** Counts in every key: to be raised when what is made of the same recipe changes. */
#define CACHE_FORMAT "1"

/** A hash (FNV-1a, 64 bits) of what decides an entry's content. Start with KEY_START. */
struct key {
    uint64_t hash;
};
#define KEY_START ((struct key){0xcbf29ce484222325u})
void key_add(struct key *key, const char *text);
void key_add_texts(struct key *key, const struct list *texts);
/** Adds a file's content. */
int key_add_file(struct key *key, const char *path, struct err *err);

/** The path of an entry, whether it is there or not. It lives as long as `images`. */
char *cache_entry(struct images *images, const char *name, const char *kind, struct key key);
/** Whether an entry is there; then it is locked against removal until images_close(). */
bool cache_hold(struct images *images, const char *entry);

/** Makes the cache and a tmp folder in it, locked as long as `ret_lock` is open. Removes what dead
 * processes left. */
int cache_open_aside(const char *cache, char **ret_aside, int *ret_lock, struct err *err);
/** Removes a tmp folder with all that is in it, also files of an ordinary user's subordinate ids.
 */
int cache_remove(const char *folder, struct err *err);
/** Waits until nobody else prepares `name`; unlocked by closing `ret_lock`. */
int cache_lock(struct keeper *keeper, const char *name, int *ret_lock, struct err *err);
/** Moves a finished folder to its place, and removes entries of the same name and kind that have
 * another hash and are not in use. */
int cache_publish(struct keeper *keeper, const char *folder, const char *entry, struct err *err);

/** What a folder takes on the disk. */
int64_t cache_folder_bytes(const char *folder);

#endif
