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
#ifndef GONEAWAY_CACHE_CACHE_H
#define GONEAWAY_CACHE_CACHE_H

#include "base/arena.h"
#include "cache/keeper.h"
#include "cache/key.h"

#include <stdbool.h>
#include <stdint.h>

/** Counts in every key: to be raised when what is made of the same recipe changes. */
#define CACHE_FORMAT "3"

/** What the cache has of something. */
enum cache_state {
    CACHE_ABSENT,  ///< nothing, or not all
    CACHE_READY,   ///< all, and whole
    CACHE_DAMAGED, ///< something that is to be made anew
    CACHE_REFUSED, ///< something that cannot be used nor made anew, such as another user's
};

/** A cache, and the entries of it that are in use. */
struct cache {
    const char *folder;  ///< absolute; it need not exist yet
    struct arena *arena; ///< the caller's, for paths
    bool digests;        ///< whether what is found has its contents compared too
    bool is_ours;        ///< its owner has been looked at
    size_t held_count;
    struct held *held; ///< entries in use: locked, so that nobody removes them
};

/** Lets go of the entries that were found. */
void cache_close(struct cache *cache);

/** The path of an entry, whether it is there or not. It lives as long as the arena. */
char *cache_entry(struct cache *cache, const char *name, const char *kind, struct key key);
/** Whether an entry is there and fits its manifest (`base` and `digests`: manifest.h); then it is
 * locked against removal until cache_close(). Otherwise `err` says what is wrong with it. `base`
 * is the entry that it was made with, which is held, or NULL. */
enum cache_state cache_hold(struct cache *cache, const char *entry, const char *base, bool digests,
                            struct err *err);
/** For whoever makes the entry `entry` of `name`, whose lock he holds: 1 it is there, and held; 0
 * it is to be made, and a damaged one, which is reported, is in nobody's use. */
int cache_want(struct keeper *keeper, struct cache *cache, const char *name, const char *entry,
               const char *base, struct err *err);
/** Compares the digests of the entry that the path `part` lies in, if some entry is held there;
 * once, then the answer is known. What does not fit is marked, so that it is made anew next time,
 * and is an error. */
int cache_verify(struct cache *cache, const char *part, struct err *err);
/** Refuses a cache that belongs to another user than the caller or root. */
int cache_check_owner(const char *folder, struct err *err);
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
