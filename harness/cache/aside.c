// SPDX-License-Identifier: Apache-2.0
// aside.c - tmp folders of the cache, where entries are made before they move to their places
#include "cache/aside.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/text.h"
#include "cache/lock.h"
#include "sandbox/namespaces.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

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

int aside_remove(const char *folder, struct err *err) {
    if (refuse_mounts(folder, err) < 0)
        return -1;
    if (file_remove_tree(folder, err) == 0)
        return 0;
    const char *argv[32];
    size_t count = 0;
    for (const char *const *item = namespaces_command(); *item; item++)
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
            aside_remove(path, &ignored);
    }
    if (folder)
        closedir(folder);
}

bool aside_is_left(const char *cache) {
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

int aside_open(const char *cache, char **ret_aside, int *ret_lock, struct err *err) {
    cleanup_close int lock = -1;
    if (lock_open(cache, "tmp", &lock, err) < 0 || lock_wait(lock, err) < 0)
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
