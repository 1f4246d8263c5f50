// SPDX-License-Identifier: Apache-2.0
// cache.c - the cache folder: names, locks, and how an entry comes and goes
#include "image/cache.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "image/prepare.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/** An entry in use. */
struct held {
    char *entry;
    int lock;
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

// The lock is good only if the folder is still the one at that path when it was got.
static int lock_folder(const char *path, int operation) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat locked, there;
    if (fd >= 0 && flock(fd, operation) == 0 && fstat(fd, &locked) == 0 &&
        stat(path, &there) == 0 && locked.st_ino == there.st_ino && locked.st_dev == there.st_dev)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool cache_hold(struct images *images, const char *entry) {
    for (size_t i = 0; i < images->held_count; i++)
        if (strcmp(images->held[i].entry, entry) == 0)
            return true;
    int lock = lock_folder(entry, LOCK_SH);
    if (lock < 0)
        return false;
    images->held = xrealloc(images->held, images->held_count + 1, sizeof *images->held);
    images->held[images->held_count++] = (struct held){xstrdup(entry), lock};
    return true;
}

void images_close(struct images *images) {
    for (size_t i = 0; i < images->held_count; i++) {
        free(images->held[i].entry);
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

// What cannot be removed by usual means belongs to subordinate ids; a user namespace reaches them.
int cache_remove(const char *folder, struct err *err) {
    if (file_remove_tree(folder, err) == 0)
        return 0;
    const char *argv[32];
    size_t count = 0;
    for (const char *const *item = debian_namespaces(); *item; item++)
        argv[count++] = *item;
    const char *const removal[] = {"rm", "-rf", "--", folder, NULL};
    memcpy(argv + count, removal, sizeof removal);
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    return proc_run(&spec, clock_ms() + 120e3, NULL, err);
}

// With CACHE/locks/tmp held. A folder that cannot be removed stays, it is in nobody's way.
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
    keeper_tell(keeper, "%s: waiting for another goneaway that prepares it ..", name);
    return wait_lock(*ret_lock, err);
}

// Moved aside under its lock, a removed entry is never seen half-gone.
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
            rename(from, to); // if this fails it only stays
    }
    if (folder)
        closedir(folder);
}

int cache_publish(struct keeper *keeper, const char *folder, const char *entry, struct err *err) {
    if (rename(folder, entry) < 0)
        return err_errno(err, "rename %s to %s", folder, entry);
    remove_others(keeper, entry);
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
