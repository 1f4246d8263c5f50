// SPDX-License-Identifier: Apache-2.0
// reference.c - images by reference: in a registry, or files and folders of this machine
//
// docker://NAME:TAG is in a registry; oci:FOLDER:TAG, docker-archive:FILE, rootfs:FOLDER and
// path:PROGRAM are local. Local files may change, so what can be seen quickly of their content is
// part of the key.
#include "image/reference.h"

#include "base/file.h"
#include "cache/keeper.h"
#include "cache/key.h"
#include "image/bounded.h"
#include "image/debian.h"
#include "image/installed.h"
#include "image/stranger.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// A desktop has about a million files, an image some ten thousands.
enum { COPY_DEADLINE_MS = 600 * 1000, MOST_FILES = 250000 };

#define ROOTFS "rootfs:"
#define PROGRAM "path:"
static const char *const local[] = {"oci:", "docker-archive:", ROOTFS, PROGRAM};

// What follows the scheme, if that means files of this machine.
static const char *path_of(const char *reference) {
    for (size_t i = 0; i < COUNT_OF(local); i++)
        if (text_starts(reference, local[i]))
            return reference + strlen(local[i]);
    return NULL;
}

// Only the user may name a program of this machine, not a recipe, which could be a stranger's.
bool reference_is(const char *image) {
    return text_starts(image, "docker://") || (path_of(image) && !reference_program(image));
}

const char *reference_program(const char *reference) {
    return text_starts(reference, PROGRAM) ? reference + strlen(PROGRAM) : NULL;
}

bool reference_is_rootfs(const char *reference) {
    return text_starts(reference, ROOTFS);
}

const char *reference_resolve(struct arena *arena, const char *reference, const char *folder) {
    const char *path = path_of(reference);
    if (!path || *path == '/')
        return reference;
    return arena_printf(arena, "%.*s%s/%s", (int)(path - reference), reference, folder, path);
}

void reference_add_file(struct key *key, const char *name, const struct stat *info) {
    cleanup_free char *seen =
        xprintf("%s %o %lld %lld.%09ld", name, info->st_mode, (long long)info->st_size,
                (long long)info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
    key_add(key, seen);
}

static int by_name(const FTSENT **one, const FTSENT **other) {
    return strcmp((*one)->fts_name, (*other)->fts_name);
}

// Adds names, sizes and times of all files in a folder, which installing a package changes. Returns
// how many there are; at most `most` are examined.
static size_t add_tree(struct key *key, const char *folder, size_t most) {
    char *const roots[] = {(char *)folder, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, by_name);
    size_t count = 0;
    for (FTSENT *entry; tree && count < most && (entry = fts_read(tree));) {
        if (entry->fts_info == FTS_DP || entry->fts_info == FTS_NS || entry->fts_level == 0)
            continue;
        reference_add_file(key, entry->fts_path + strlen(folder), entry->fts_statp);
        count++;
    }
    if (tree)
        fts_close(tree);
    return count;
}

int rootfs_check(const char *folder, size_t most, struct err *err) {
    struct key unused = KEY_START;
    if (add_tree(&unused, folder, most + 1) <= most)
        return 0;
    err_set(err, "%s has more than %zu files, too many for a root filesystem", folder, most);
    return err_remedy(err, "name a folder that has nothing but what the connector needs");
}

void reference_add_key(struct key *key, const char *reference) {
    const char *path = path_of(reference);
    struct stat info;
    struct err ignored;
    key_add(key, reference);
    if (!path)
        return;
    if (reference_program(reference)) {
        installed_add_key(key, path);
        return;
    }
    if (reference_is_rootfs(reference)) {
        add_tree(key, path, MOST_FILES);
        return;
    }
    cleanup_free char *file = xprintf("%.*s", (int)strcspn(path, ":"), path);
    cleanup_free char *index = xprintf("%s/index.json", file); // it has the digest of everything
                                                               // else
    if (text_starts(reference, "oci:"))
        key_add_file(key, index, &ignored);
    else if (stat(file, &info) == 0)
        reference_add_file(key, "", &info);
}

// The tar option that excludes the cache if it is in the folder, since it would copy itself.
static char *exclude_cache(const char *cache, const char *folder) {
    cleanup_free char *inner = realpath(cache, NULL), *outer = realpath(folder, NULL);
    size_t length = outer ? strlen(outer) : 0;
    length -= length == 1; // "/"
    bool within = inner && outer && strncmp(inner, outer, length) == 0 && inner[length] == '/';
    return within ? xprintf("--exclude=.%s", inner + length) : xstrdup("");
}

// For an ordinary user, files that only root may read, such as passwords, are left out, as is what
// every container has of its own.
int rootfs_copy(struct keeper *keeper, const struct debian_root *root, const char *folder,
                struct err *err) {
    static const char script[] =
        "set -o pipefail; tar --ignore-failed-read --one-file-system --sparse --no-wildcards "
        "--exclude=./proc --exclude=./sys --exclude=./dev --exclude=./run --exclude=./tmp "
        "${3:+\"$3\"} ${4:+\"$4\"} -C \"$1\" -cf - . | tar --no-same-owner -C \"$2\" -xf -";
    const char *from = root->reference + strlen(ROOTFS);
    const char *data = root->examined ? "--exclude=./var/lib/mysql" : ""; // somebody's data
    cleanup_free char *cache = exclude_cache(keeper->cache, from);
    struct stat info;
    if (stat(from, &info) < 0)
        return err_errno(err, "%s", from);
    if (!S_ISDIR(info.st_mode))
        return err_set(err, "%s is not a folder", from);
    if (root->examined ? stranger_measure(from, err) < 0 : rootfs_check(from, MOST_FILES, err) < 0)
        return -1;
    keeper_tell(keeper, "%s: copying the root filesystem %s ..", root->name, from);
    if (file_make_folders(folder, 0755, err) < 0)
        return -1;
    const char *const copy[] = {"bash", "-c", script, "bash", from, folder, data, cache, NULL};
    return bounded_run(keeper, copy, NULL, COPY_DEADLINE_MS, err);
}
