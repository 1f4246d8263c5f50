// SPDX-License-Identifier: Apache-2.0
// cache.h - the cache folder: names, locks, and how an entry comes and goes
//
//     CACHE/NAME-KIND-HASH/   an entry, for example mysql-9.7-root-0123456789abcdef; whoever uses
//                             it holds a shared lock on the folder; manifest in it says what it
//                             consists of, and without one it is damaged
//     CACHE/tmp-XXXXXX/       where one preparing process works, locked by it; without a lock it is
//                             what a dead one left, and the next run removes it
//     CACHE/locks/NAME        held while NAME is being prepared
//     CACHE/locks/tmp         held for a moment while a tmp folder is made or looked for
#ifndef GONEAWAY_IMAGE_CACHE_H
#define GONEAWAY_IMAGE_CACHE_H

#include "image/image.h"
#include "image/keeper.h"

#include <stdint.h>

/** Counts in every key: to be raised when what is made of the same recipe changes. */
#define CACHE_FORMAT "3"

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
/** Whether an entry is there and fits its manifest (`base` and `digests`: manifest.h); then it is
 * locked against removal until images_close(). Otherwise `err` says what is wrong with it. `base`
 * is the entry that it was made with, which is held, or NULL. */
enum image_state cache_hold(struct images *images, const char *entry, const char *base,
                            bool digests, struct err *err);
/** For whoever makes the entry `entry` of `name`, whose lock he holds: 1 it is there, and held; 0
 * it is to be made, and a damaged one, which is reported, is in nobody's use. */
int cache_want(struct keeper *keeper, struct images *images, const char *name, const char *entry,
               const char *base, struct err *err);
/** Compares the digests of the entry that the path `part` lies in, if some entry is held there;
 * once, then the answer is known. What does not fit is marked, so that it is made anew next time,
 * and is an error. */
int cache_verify(struct images *images, const char *part, struct err *err);
/** Refuses a cache that belongs to another user than the caller or root. */
int cache_check_owner(const char *cache, struct err *err);
/** Whether there is a tmp folder that a dead process has left. */
bool cache_has_stale(const char *cache);

/** Makes the cache and a tmp folder in it, locked as long as `ret_lock` is open. Removes what dead
 * processes left. */
int cache_open_aside(const char *cache, char **ret_aside, int *ret_lock, struct err *err);
/** Removes a tmp folder with all that is in it, also files of an ordinary user's subordinate ids.
 */
int cache_remove(const char *folder, struct err *err);
/** Waits until nobody else prepares `name`; unlocked by closing `ret_lock`. */
int cache_lock(struct keeper *keeper, const char *name, int *ret_lock, struct err *err);
/** Gives a finished folder its manifest, has all of it on the disk, and moves it to its place, from
 * where a damaged entry is removed. Removes entries of the same name and kind that have another
 * hash and are not in use. */
int cache_publish(struct keeper *keeper, const char *folder, const char *entry, const char *base,
                  struct err *err);

/** Moves an entry away, under its lock, unless it is in use. 1: moved; 0: in use; -1: it is another
 * user's, or cannot be moved. */
int cache_move_unused(const char *entry, const char *to, struct err *err);

/** What a folder takes on the disk. */
int64_t cache_folder_bytes(const char *folder);

#endif
