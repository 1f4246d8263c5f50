// SPDX-License-Identifier: Apache-2.0
// cache.c - the cache folder: names and locks, and how entries are added and removed
#include "image/cache.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "image/manifest.h"
#include "image/prepare.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

static void key_add_bytes(struct key *key, const char *data, size_t length) {
    for (size_t i = 0; i < length; i++)
        key->hash = (key->hash ^ (unsigned char)data[i]) * 0x100000001b3u;
}

void key_add(struct key *key, const char *text) {
    key_add_bytes(key, text ? text : "", text ? strlen(text) + 1 : 1);
}

void key_add_texts(struct key *key, const struct list *texts) {
    for (size_t i = 0; i < texts->count; i++)
        key_add(key, ((const char **)texts->items)[i]);
    key_add(key, "");
}

int key_add_file(struct key *key, const char *path, struct err *err) {
    cleanup_text struct text data = {0};
    if (file_read(path, 16 << 20, &data, err) < 0)
        return -1;
    key_add_bytes(key, text_get(&data), data.length + 1);
    return 0;
}

char *cache_entry(struct images *images, const char *name, const char *kind, struct key key) {
    return arena_printf(images->arena, "%s/%s-%s-%016" PRIx64, images->cache, name, kind, key.hash);
}

// The lock counts only if the folder was still at that path once it was obtained.
static int lock_folder(const char *path, int operation) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat locked, there;
    if (fd >= 0 && flock(fd, operation) == 0 && fstat(fd, &locked) == 0 &&
        stat(path, &there) == 0 && locked.st_ino == there.st_ino && locked.st_dev == there.st_dev)
        return fd;
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return -1;
}

static int belongs_to(uid_t uid, const char *entry, struct err *err) {
    struct passwd *user = getpwuid(uid);
    cleanup_free char *name = user ? xprintf("%s", user->pw_name) : xprintf("%u", uid);
    err_set(err, "the cache at %s belongs to another user, %s", entry, name);
    return err_remedy(err, "set GONEAWAY_CACHE to a folder of your own");
}

int cache_check_owner(const char *cache, struct err *err) {
    struct stat info;
    if (stat(cache, &info) < 0 || info.st_uid == geteuid() || info.st_uid == 0)
        return 0;
    return belongs_to(info.st_uid, cache, err);
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

static enum image_state look_into(const char *entry, const char *base, bool digests,
                                  struct err *err) {
    int fits = manifest_compare(entry, base, digests, err);
    if (fits >= 0)
        return fits ? IMAGE_READY : IMAGE_DAMAGED;
    err_context(err, "look at %s", entry);
    err_remedy(
        err, "try again; if it stays so, remove that folder, or set GONEAWAY_CACHE to a folder on "
             "another disk");
    return IMAGE_REFUSED;
}

static struct held *find_held(struct images *images, const char *entry) {
    for (size_t i = 0; i < images->held_count; i++)
        if (strcmp(images->held[i].entry, entry) == 0)
            return &images->held[i];
    return NULL;
}

// If the entry is moved or replaced in the meantime, looks again.
static enum image_state lock_and_look(const char *entry, const char *base, bool digests,
                                      int *ret_lock, struct err *err) {
    enum { TRIES = 3 };
    for (int i = 0; i < TRIES; i++) {
        struct stat info;
        if (lstat(entry, &info) < 0) {
            bool absent = errno == ENOENT || errno == ENOTDIR;
            err_errno(err, "%s", entry);
            err_remedy(err, "set GONEAWAY_CACHE to a folder that you may read and write");
            return absent ? IMAGE_ABSENT : IMAGE_REFUSED;
        }
        if (refuse_others(entry, &info, err) < 0)
            return IMAGE_REFUSED;
        if (!S_ISDIR(info.st_mode)) {
            err_set(err, "%s is not a folder", entry);
            return IMAGE_DAMAGED;
        }
        *ret_lock = lock_folder(entry, LOCK_SH);
        if (*ret_lock >= 0)
            return look_into(entry, base, digests, err);
        err_errno(err, "lock %s", entry);
    }
    err_remedy(err, "remove it, or set GONEAWAY_CACHE to another folder");
    return IMAGE_REFUSED;
}

enum image_state cache_hold(struct images *images, const char *entry, const char *base,
                            bool digests, struct err *err) {
    cleanup_close int lock = -1;
    if (find_held(images, entry))
        return IMAGE_READY;
    enum image_state state = lock_and_look(entry, base, digests, &lock, err);
    if (state != IMAGE_READY)
        return state;
    images->held = xrealloc(images->held, images->held_count + 1, sizeof *images->held);
    images->held[images->held_count++] =
        (struct held){.entry = xstrdup(entry), .lock = lock, .fits = digests ? 1 : -1};
    lock = -1;
    return IMAGE_READY;
}

void images_close(struct images *images) {
    for (size_t i = 0; i < images->held_count; i++) {
        free(images->held[i].entry);
        free(images->held[i].damage);
        close(images->held[i].lock);
    }
    free(images->held);
    arena_free(images->arena);
    *images = (struct images){0};
}

static int open_lock(const char *cache, const char *name, int *ret_lock, struct err *err) {
    cleanup_free char *folder = xprintf("%s/locks", cache);
    if (file_make_folders(folder, 0755, err) < 0)
        return err_remedy(err, "set GONEAWAY_CACHE to a folder that you may write");
    cleanup_free char *path = xprintf("%s/%s", folder, name);
    *ret_lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (*ret_lock < 0) {
        err_errno(err, "create %s", path);
        return err_remedy(err, "set GONEAWAY_CACHE to a folder that you may write");
    }
    return 0;
}

static int wait_lock(int lock, struct err *err) {
    while (flock(lock, LOCK_EX) < 0)
        if (errno != EINTR)
            return err_errno(err, "lock the cache");
    return 0;
}

// Files that cannot be removed normally belong to subordinate ids, which a user namespace can
// reach; but not if something is mounted there, whose files could be anybody's.
static int refuse_mounts(const char *folder, struct err *err) {
    enum { MOST_MOUNTS_BYTES = 16 << 20 };
    cleanup_text struct text mounts = {0};
    cleanup_free char *real = realpath(folder, NULL);
    if (!real)
        return errno == ENOENT ? 0 : err_errno(err, "%s", folder);
    if (file_read("/proc/self/mountinfo", MOST_MOUNTS_BYTES, &mounts, err) < 0)
        return -1;
    char *rest = mounts.data;
    for (char *line; (line = strsep(&rest, "\n"));) {
        char *word = NULL; // the fifth word is the mount point, with unusual characters in octal
        for (int i = 0; i < 5; i++)
            word = strsep(&line, " ");
        for (char *to = word, *from = word; word && (*to = *from); to++, from++)
            if (*from == '\\' && strlen(from) > 3) {
                *to = (char)strtol((char[]){from[1], from[2], from[3], '\0'}, NULL, 8);
                from += 3;
            }
        if (word && text_starts(word, real) && word[strlen(real)] == '/') {
            err_set(err, "remove %s: something is mounted at %s", folder, word);
            return err_remedy(err, "umount %s", word);
        }
    }
    return 0;
}

int cache_remove(const char *folder, struct err *err) {
    if (refuse_mounts(folder, err) < 0)
        return -1;
    if (file_remove_tree(folder, err) == 0)
        return 0;
    const char *argv[32];
    size_t count = 0;
    for (const char *const *item = debian_namespaces(); *item; item++)
        argv[count++] = *item;
    const char *const removal[] = {"rm", "-rf", "--one-file-system", "--", folder, NULL};
    memcpy(argv + count, removal, sizeof removal);
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    return proc_run(&spec, clock_ms() + 120e3, NULL, err);
}

// Call with CACHE/locks/tmp held. A folder that cannot be removed stays, and does no harm.
static void remove_stale(const char *cache) {
    DIR *folder = opendir(cache);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (!text_starts(entry->d_name, "tmp-"))
            continue;
        cleanup_free char *path = xprintf("%s/%s", cache, entry->d_name);
        cleanup_close int lock = lock_folder(path, LOCK_EX | LOCK_NB);
        struct err ignored;
        if (lock >= 0)
            cache_remove(path, &ignored);
    }
    if (folder)
        closedir(folder);
}

bool cache_has_stale(const char *cache) {
    bool stale = false;
    DIR *folder = opendir(cache);
    for (struct dirent *entry; folder && !stale && (entry = readdir(folder));) {
        cleanup_free char *path = xprintf("%s/%s", cache, entry->d_name);
        cleanup_close int lock =
            text_starts(entry->d_name, "tmp-") ? lock_folder(path, LOCK_EX | LOCK_NB) : -1;
        stale = lock >= 0;
    }
    if (folder)
        closedir(folder);
    return stale;
}

int cache_open_aside(const char *cache, char **ret_aside, int *ret_lock, struct err *err) {
    cleanup_close int lock = -1;
    if (open_lock(cache, "tmp", &lock, err) < 0 || wait_lock(lock, err) < 0)
        return -1;
    remove_stale(cache);
    cleanup_free char *path = xprintf("%s/tmp-XXXXXX", cache);
    if (!mkdtemp(path))
        return err_errno(err, "make a folder in %s", cache);
    *ret_lock = lock_folder(path, LOCK_EX);
    if (*ret_lock < 0)
        return err_errno(err, "lock %s", path);
    *ret_aside = path;
    path = NULL;
    return 0;
}

int cache_lock(struct keeper *keeper, const char *name, int *ret_lock, struct err *err) {
    if (open_lock(keeper->cache, name, ret_lock, err) < 0)
        return -1;
    if (flock(*ret_lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return err_errno(err, "lock the cache");
    keeper_tell(keeper, "%s: waiting for another goneaway that prepares it ..", name);
    return wait_lock(*ret_lock, err);
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

int cache_want(struct keeper *keeper, struct images *images, const char *name, const char *entry,
               const char *base, struct err *err) {
    cleanup_close int lock = -1;
    struct err damage, unmarked;
    switch (cache_hold(images, entry, base, images->digests, &damage)) {
    case IMAGE_READY:
        return 1;
    case IMAGE_ABSENT:
        return 0;
    case IMAGE_DAMAGED:
        if (lock_damaged(entry, &lock, err) < 0) {
            manifest_remove(entry, &unmarked); // so that nobody else starts to use it
            return -1;
        }
        keeper_tell(keeper, "%s in the cache is damaged (%s); making it anew ..", name,
                    damage.what);
        return 0;
    case IMAGE_REFUSED:
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

int cache_verify(struct images *images, const char *part, struct err *err) {
    for (size_t i = 0; part && i < images->held_count; i++) {
        struct held *held = &images->held[i];
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

static int64_t bytes_so_far;

static int add_bytes(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)path, (void)type, (void)where;
    bytes_so_far += (int64_t)info->st_blocks * 512;
    return 0;
}

int64_t cache_folder_bytes(const char *folder) {
    bytes_so_far = 0;
    nftw(folder, add_bytes, 32, FTW_PHYS | FTW_MOUNT);
    return bytes_so_far;
}
