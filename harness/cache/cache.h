// SPDX-License-Identifier: Apache-2.0
// cache.h - the cache folder: names and locks, and how entries are added and removed
//
//     CACHE/NAME-KIND-HASH/   an entry, for example mysql-9.7-root-0123456789abcdef; its users hold
//                             a shared lock on the folder; the manifest in it lists its content,
//                             and without one it is damaged; roots share equal files (share.h)
//     CACHE/tmp-XXXXXX/       where a preparing process works, locked by it; without a lock, the
//                             process has died, and the next run removes the folder
//     CACHE/locks/NAME        held while NAME is being prepared
//     CACHE/locks/tmp         held briefly while a tmp folder is made or looked for
#ifndef GONEAWAY_CACHE_CACHE_H
#define GONEAWAY_CACHE_CACHE_H

#include "base/arena.h"
#include "cache/keeper.h"
#include "cache/key.h"

#include <stdbool.h>
#include <stdint.h>

/** Part of every key: raise it when the same recipe is to produce something else. */
#define CACHE_FORMAT "3"

/** The state of something in the cache. */
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
    struct held *held; ///< entries in use, locked so that nobody removes them
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
/** For a caller that holds the lock of `name` and is about to make its entry. 1: it exists, and is
 * held; 0: it must be made, and if there is a damaged one, that has been reported and nobody uses
 * it. */
int cache_want(struct keeper *keeper, struct cache *cache, const char *name, const char *entry,
               const char *base, struct err *err);
/** Compares the digests of the held entry that contains the path `part`, if there is one; the
 * result is remembered. A mismatch is an error, and marks the entry so that it is made anew next
 * time. */
int cache_verify(struct cache *cache, const char *part, struct err *err);
/** Refuses a cache that belongs to anybody but the caller or root. */
int cache_check_owner(const char *folder, struct err *err);
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

#endif
