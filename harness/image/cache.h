// SPDX-License-Identifier: Apache-2.0
// cache.h - the cache folder: names and locks, and how entries are added and removed
//
//     CACHE/NAME-KIND-HASH/   an entry, for example mysql-9.7-root-0123456789abcdef; its users hold
//                             a shared lock on the folder; the manifest in it lists its content,
//                             and without one it is damaged
//     CACHE/tmp-XXXXXX/       where a preparing process works, locked by it; without a lock, the
//                             process has died, and the next run removes the folder
//     CACHE/locks/NAME        held while NAME is being prepared
//     CACHE/locks/tmp         held briefly while a tmp folder is made or looked for
#ifndef GONEAWAY_IMAGE_CACHE_H
#define GONEAWAY_IMAGE_CACHE_H

#include "image/image.h"
#include "image/keeper.h"

#include <stdint.h>

/** Part of every key: raise it when the same recipe is to produce something else. */
#define CACHE_FORMAT "3"

/** A hash (FNV-1a, 64 bits) of what determines an entry's content. Start with KEY_START. */
struct key {
    uint64_t hash;
};
#define KEY_START ((struct key){0xcbf29ce484222325u})
void key_add(struct key *key, const char *text);
void key_add_texts(struct key *key, const struct list *texts);
/** Adds a file's content. */
int key_add_file(struct key *key, const char *path, struct err *err);

/** The path of an entry, whether or not it exists. It lives as long as `images`. */
char *cache_entry(struct images *images, const char *name, const char *kind, struct key key);
/** Whether an entry is there and matches its manifest (`base` and `digests`: manifest.h). If so, it
 * is locked against removal until images_close(); otherwise `err` says what is wrong with it.
 * `base`: the entry that it was made with, which must be held, or NULL. */
enum image_state cache_hold(struct images *images, const char *entry, const char *base,
                            bool digests, struct err *err);
/** For a caller that holds the lock of `name` and is about to make its entry. 1: it exists, and is
 * held; 0: it must be made, and if there is a damaged one, that has been reported and nobody uses
 * it. */
int cache_want(struct keeper *keeper, struct images *images, const char *name, const char *entry,
               const char *base, struct err *err);
/** Compares the digests of the held entry that contains the path `part`, if there is one; the
 * result is remembered. A mismatch is an error, and marks the entry so that it is made anew next
 * time. */
int cache_verify(struct images *images, const char *part, struct err *err);
/** Refuses a cache that belongs to anybody but the caller or root. */
int cache_check_owner(const char *cache, struct err *err);
/** Whether a dead process has left a tmp folder. */
bool cache_has_stale(const char *cache);

/** Makes the cache and a tmp folder in it, locked as long as `ret_lock` is open. Removes what dead
 * processes left. */
int cache_open_aside(const char *cache, char **ret_aside, int *ret_lock, struct err *err);
/** Removes a tmp folder with everything in it, including files of an ordinary user's subordinate
 * ids. */
int cache_remove(const char *folder, struct err *err);
/** Waits until nobody else prepares `name`. Closing `ret_lock` unlocks it. */
int cache_lock(struct keeper *keeper, const char *name, int *ret_lock, struct err *err);
/** Writes the manifest of a finished folder, syncs it to disk, and moves it into place, replacing a
 * damaged entry. Removes entries of the same name and kind with other hashes that are not in
 * use. */
int cache_publish(struct keeper *keeper, const char *folder, const char *entry, const char *base,
                  struct err *err);

/** Moves an entry away, under its lock, unless it is in use. 1: moved; 0: in use; -1: it belongs to
 * another user, or cannot be moved. */
int cache_move_unused(const char *entry, const char *to, struct err *err);

/** Disk space that a folder takes. */
int64_t cache_folder_bytes(const char *folder);

#endif
