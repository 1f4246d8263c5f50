// SPDX-License-Identifier: Apache-2.0
// cache.c - the cache folder: names and locks, and how entries are added and removed
#include "cache/cache.h"

#include "base/file.h"
#include "base/text.h"
#include "cache/lock.h"
#include "cache/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/** An entry in use. */
struct held {
    char *entry;
    int lock;
    int fits; ///< result of cache_verify(): 1 or 0; -1: not called yet
    char *damage;
};

char *cache_entry(struct cache *cache, const char *name, const char *kind, struct key key) {
    return arena_printf(cache->arena, "%s/%s-%s-%016" PRIx64, cache->folder, name, kind, key.hash);
}

static int belongs_to(uid_t uid, const char *entry, struct err *err) {
    struct passwd *user = getpwuid(uid);
    cleanup_free char *name = user ? xprintf("%s", user->pw_name) : xprintf("%u", uid);
    err_set(err, "the cache at %s belongs to another user, %s", entry, name);
    return err_remedy(err, "set GONEAWAY_CACHE to a folder of your own");
}

int cache_check_owner(const char *folder, struct err *err) {
    struct stat info;
    if (stat(folder, &info) < 0 || info.st_uid == geteuid() || info.st_uid == 0)
        return 0;
    return belongs_to(info.st_uid, folder, err);
}

// Refuses an entry that belongs to another user, or could.
static int refuse_others(const char *entry, const struct stat *info, struct err *err) {
    if (info->st_uid != geteuid()) {
        cleanup_free char *cache = xprintf("%.*s", (int)(strrchr(entry, '/') - entry), entry);
        return belongs_to(info->st_uid, cache, err);
    }
    // a user namespace has only the caller's own group, and an overlay cannot copy files of another
    if (geteuid() != 0 && info->st_gid != getegid()) {
        err_set(err, "%s belongs to a group that is not your present one", entry);
        return err_remedy(err, "chgrp -R %u %s, or set GONEAWAY_CACHE to another folder", getegid(),
                          entry);
    }
    if (S_ISLNK(info->st_mode) || !(info->st_mode & S_IWOTH))
        return 0;
    err_set(err, "other users may write into %s", entry);
    return err_remedy(err, "remove it (rm -rf %s), or set GONEAWAY_CACHE to a folder of your own",
                      entry);
}

static enum cache_state look_into(const char *entry, const char *base, bool digests,
                                  struct err *err) {
    int fits = manifest_compare(entry, base, digests, err);
    if (fits >= 0)
        return fits ? CACHE_READY : CACHE_DAMAGED;
    err_context(err, "look at %s", entry);
    err_remedy(
        err, "try again; if it stays so, remove that folder, or set GONEAWAY_CACHE to a folder on "
             "another disk");
    return CACHE_REFUSED;
}

static struct held *find_held(struct cache *cache, const char *entry) {
    for (size_t i = 0; i < cache->held_count; i++)
        if (strcmp(cache->held[i].entry, entry) == 0)
            return &cache->held[i];
    return NULL;
}

// If the entry is moved or replaced in the meantime, looks again.
static enum cache_state lock_and_look(const char *entry, const char *base, bool digests,
                                      int *ret_lock, struct err *err) {
    enum { TRIES = 3 };
    for (int i = 0; i < TRIES; i++) {
        struct stat info;
        if (lstat(entry, &info) < 0) {
            bool absent = errno == ENOENT || errno == ENOTDIR;
            err_errno(err, "%s", entry);
            err_remedy(err, "set GONEAWAY_CACHE to a folder that you may read and write");
            return absent ? CACHE_ABSENT : CACHE_REFUSED;
        }
        if (refuse_others(entry, &info, err) < 0)
            return CACHE_REFUSED;
        if (!S_ISDIR(info.st_mode)) {
            err_set(err, "%s is not a folder", entry);
            return CACHE_DAMAGED;
        }
        *ret_lock = lock_folder(entry, LOCK_SH);
        if (*ret_lock >= 0)
            return look_into(entry, base, digests, err);
        err_errno(err, "lock %s", entry);
    }
    err_remedy(err, "remove it, or set GONEAWAY_CACHE to another folder");
    return CACHE_REFUSED;
}

enum cache_state cache_hold(struct cache *cache, const char *entry, const char *base, bool digests,
                            struct err *err) {
    cleanup_close int lock = -1;
    if (find_held(cache, entry))
        return CACHE_READY;
    enum cache_state state = lock_and_look(entry, base, digests, &lock, err);
    if (state != CACHE_READY)
        return state;
    cache->held = xrealloc(cache->held, cache->held_count + 1, sizeof *cache->held);
    cache->held[cache->held_count++] =
        (struct held){.entry = xstrdup(entry), .lock = lock, .fits = digests ? 1 : -1};
    lock = -1;
    return CACHE_READY;
}

void cache_close(struct cache *cache) {
    for (size_t i = 0; i < cache->held_count; i++) {
        free(cache->held[i].entry);
        free(cache->held[i].damage);
        close(cache->held[i].lock);
    }
    free(cache->held);
    cache->held = NULL;
    cache->held_count = 0;
}

int cache_lock(struct keeper *keeper, const char *name, int *ret_lock, struct err *err) {
    if (lock_open(keeper->cache, name, ret_lock, err) < 0)
        return -1;
    if (flock(*ret_lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return err_errno(err, "lock the cache");
    keeper_tell(keeper, "%s: waiting for another goneaway that prepares it ..", name);
    return lock_wait(*ret_lock, err);
}

// Locks whatever is in an entry's place exclusively, if it is a folder, since others may use it.
static int lock_damaged(const char *entry, int *ret_lock, struct err *err) {
    struct stat info;
    *ret_lock = -1;
    if (lstat(entry, &info) < 0 || !S_ISDIR(info.st_mode))
        return 0;
    *ret_lock = lock_folder(entry, LOCK_EX | LOCK_NB);
    if (*ret_lock >= 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return err_errno(err, "lock %s", entry);
    err_set(err, "another goneaway is using it");
    return err_remedy(err,
                      "try again when that has ended, or set GONEAWAY_CACHE to another folder");
}

int cache_want(struct keeper *keeper, struct cache *cache, const char *name, const char *entry,
               const char *base, struct err *err) {
    cleanup_close int lock = -1;
    struct err damage, unmarked;
    switch (cache_hold(cache, entry, base, cache->digests, &damage)) {
    case CACHE_READY:
        return 1;
    case CACHE_ABSENT:
        return 0;
    case CACHE_DAMAGED:
        if (lock_damaged(entry, &lock, err) < 0) {
            manifest_remove(entry, &unmarked); // so that nobody else starts to use it
            return -1;
        }
        keeper_tell(keeper, "%s in the cache is damaged (%s); making it anew ..", name,
                    damage.what);
        return 0;
    case CACHE_REFUSED:
        break;
    }
    *err = damage;
    return -1;
}

int cache_move_unused(const char *entry, const char *to, struct err *err) {
    struct stat info;
    if (lstat(entry, &info) < 0)
        return err_errno(err, "%s", entry);
    if (refuse_others(entry, &info, err) < 0)
        return -1;
    cleanup_close int lock = lock_folder(entry, LOCK_EX | LOCK_NB);
    if (lock < 0)
        return errno == EWOULDBLOCK ? 0 : err_errno(err, "lock %s", entry);
    return rename(entry, to) < 0 ? err_errno(err, "rename %s to %s", entry, to) : 1;
}

// An entry is moved aside under its lock before it is removed, so nobody sees half of it.
static void remove_others(struct keeper *keeper, const char *entry) {
    const char *name = strrchr(entry, '/') + 1;
    size_t length = (size_t)(strrchr(name, '-') + 1 - name);
    DIR *folder = opendir(keeper->cache);
    for (struct dirent *other; folder && (other = readdir(folder));) {
        if (strncmp(other->d_name, name, length) != 0 || strcmp(other->d_name, name) == 0 ||
            strspn(other->d_name + length, "0123456789abcdef") != 16 || other->d_name[length + 16])
            continue;
        cleanup_free char *from = xprintf("%s/%s", keeper->cache, other->d_name);
        cleanup_free char *to = xprintf("%s/old-%s", keeper->aside, other->d_name);
        cleanup_close int lock = lock_folder(from, LOCK_EX | LOCK_NB);
        if (lock >= 0)
            rename(from, to); // if this fails, it simply stays
    }
    if (folder)
        closedir(folder);
}

// A damaged entry stays until its replacement is ready.
static int remove_damaged(struct keeper *keeper, const char *entry, struct err *err) {
    cleanup_close int lock = -1;
    cleanup_free char *to = xprintf("%s/damaged-%s", keeper->aside, strrchr(entry, '/') + 1);
    if (lock_damaged(entry, &lock, err) < 0)
        return -1;
    if (rename(entry, to) < 0 && errno != ENOENT)
        return err_errno(err, "rename %s to %s", entry, to);
    return 0;
}

// Without this, the rename could reach the disk before the content does.
static int sync_disk(const char *folder, struct err *err) {
    cleanup_close int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || syncfs(fd) < 0 ? err_errno(err, "sync the disk of %s", folder) : 0;
}

static int sync_folder(const char *folder, struct err *err) {
    cleanup_close int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) < 0 ? err_errno(err, "sync %s", folder) : 0;
}

int cache_publish(struct keeper *keeper, const char *folder, const char *entry, const char *base,
                  struct err *err) {
    if (manifest_write(folder, base, err) < 0 || sync_disk(folder, err) < 0 ||
        remove_damaged(keeper, entry, err) < 0)
        return -1;
    if (rename(folder, entry) < 0)
        return err_errno(err, "rename %s to %s", folder, entry);
    if (sync_folder(keeper->cache, err) < 0)
        return -1;
    remove_others(keeper, entry);
    return 0;
}

static int mark_damaged(struct held *held, struct err *err) {
    struct err unmarked;
    int fits = manifest_compare(held->entry, NULL, true, err);
    if (fits != 0)
        return fits; // an entry that cannot be examined now is not called damaged
    held->damage = xprintf("%s: %s", strrchr(held->entry, '/') + 1, err->what);
    manifest_remove(held->entry, &unmarked); // `goneaway prepare` compares digests in any case
    return 0;
}

int cache_verify(struct cache *cache, const char *part, struct err *err) {
    for (size_t i = 0; part && i < cache->held_count; i++) {
        struct held *held = &cache->held[i];
        size_t length = strlen(held->entry);
        if (!text_starts(part, held->entry) || part[length] != '/')
            continue;
        if (held->fits < 0)
            held->fits = mark_damaged(held, err) != 0;
        if (!held->fits)
            return err_set(err, "%s", held->damage);
    }
    return 0;
}
