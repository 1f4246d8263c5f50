// SPDX-License-Identifier: Apache-2.0
// share.c - stores once what entries have in common, and measures folders of such files
#include "cache/share.h"

#include "base/arena.h"
#include "base/text.h"
#include "cache/digest.h"
#include "yaml/table.h"

#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_walk(FTS **walk) {
    if (*walk)
        fts_close(*walk);
}

static FTS *open_walk(const char *folder) {
    char *const roots[] = {(char *)folder, NULL};
    return fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
}

// ---- sharing -----------------------------------------------------------------------------------

// Python compares the time of a source with the one that is written in its compiled file; but
// nothing compares the compiled file's own.
static bool time_matters(const char *path) {
    size_t length = strlen(path);
    return length < 4 || strcmp(path + length - 4, ".pyc") != 0;
}

static bool looks_equal(const struct stat *a, const struct stat *b, const char *path) {
    return S_ISREG(b->st_mode) && a->st_dev == b->st_dev && a->st_ino != b->st_ino &&
           a->st_size == b->st_size && a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
           a->st_gid == b->st_gid &&
           (!time_matters(path) ||
            (a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec));
}

// A manifest says what a file once was, and so does not tell whether it still is.
static bool has_equal_content(const char *one, const char *other) {
    cleanup_close int a = digest_open_regular(AT_FDCWD, one);
    cleanup_close int b = digest_open_regular(AT_FDCWD, other);
    char of_a[65536], of_b[sizeof of_a];
    ssize_t got = a < 0 || b < 0 ? -1 : 1;
    while (got > 0) {
        got = read(a, of_a, sizeof of_a);
        if (read(b, of_b, sizeof of_b) != got || (got > 0 && memcmp(of_a, of_b, (size_t)got) != 0))
            return false;
    }
    return got == 0;
}

// The new link is made under another name first, so the file is never missing.
static bool replace(const char *path, const char *by, const char *aside) {
    cleanup_free char *beside = xprintf("%s/link", aside);
    if (link(by, beside) < 0)
        return false;
    if (rename(beside, path) == 0)
        return true;
    unlink(beside);
    return false;
}

static void share_file(const FTSENT *file, const char *below, const struct list *entries,
                       const char *aside) {
    struct stat info;
    for (size_t i = 0; i < entries->count; i++) {
        cleanup_free char *other = xprintf("%s%s", ((const char **)entries->items)[i], below);
        if (lstat(other, &info) == 0 && looks_equal(file->fts_statp, &info, below) &&
            has_equal_content(file->fts_accpath, other) && replace(file->fts_accpath, other, aside))
            return;
    }
}

// The folders of a cache's entries of a kind, "NAME-KIND-HASH".
static void list_entries(struct list *entries, struct arena *arena, const char *cache,
                         const char *kind) {
    DIR *folder = opendir(cache);
    cleanup_free char *part = xprintf("-%s-", kind);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *hash = strrchr(entry->d_name, '-');
        size_t length = strlen(part);
        if (!hash || hash - entry->d_name + 1 < (ptrdiff_t)length ||
            strncmp(hash + 1 - length, part, length) != 0)
            continue;
        entries->items = xgrow(entries->items, entries->count, sizeof(char *));
        ((const char **)entries->items)[entries->count++] =
            arena_printf(arena, "%s/%s", cache, entry->d_name);
    }
    if (folder)
        closedir(folder);
}

void share_files(const char *cache, const char *kind, const char *folder, const char *aside) {
    __attribute__((cleanup(close_walk))) FTS *walk = open_walk(folder);
    struct arena *arena = arena_new();
    struct list entries = {0};
    list_entries(&entries, arena, cache, kind);
    for (FTSENT *item; walk && (item = fts_read(walk));)
        if (item->fts_info == FTS_F && item->fts_statp->st_size > 0)
            share_file(item, item->fts_path + strlen(folder), &entries, aside);
    free(entries.items);
    arena_free(arena);
}

// ---- measuring ---------------------------------------------------------------------------------

/** A link to a file that has more than one. */
struct linked {
    ino_t file;
    nlink_t links;
    int64_t bytes;
};

static int by_file(const void *one, const void *other) {
    const struct linked *a = one, *b = other;
    return (a->file > b->file) - (a->file < b->file);
}

static void add_linked(struct share_size *size, struct linked *all, size_t count) {
    if (count > 0)
        qsort(all, count, sizeof *all, by_file);
    for (size_t i = 0, here; i < count; i += here) {
        for (here = 1; i + here < count && all[i + here].file == all[i].file;)
            here++;
        size->bytes += all[i].bytes;
        size->own_bytes += here == all[i].links ? all[i].bytes : 0;
    }
}

struct share_size share_measure(const char *folder) {
    __attribute__((cleanup(close_walk))) FTS *walk = open_walk(folder);
    struct share_size size = {0};
    cleanup_free struct linked *linked = NULL;
    size_t count = 0;
    for (FTSENT *item; walk && (item = fts_read(walk));) {
        const struct stat *info = item->fts_statp;
        int64_t bytes = (int64_t)info->st_blocks * 512;
        if (item->fts_info == FTS_DP || item->fts_info == FTS_NS || item->fts_info == FTS_ERR)
            continue;
        if (S_ISDIR(info->st_mode) || info->st_nlink == 1) {
            size.bytes += bytes;
            size.own_bytes += bytes;
            continue;
        }
        linked = xgrow(linked, count, sizeof *linked);
        linked[count++] = (struct linked){info->st_ino, info->st_nlink, bytes};
    }
    add_linked(&size, linked, count);
    return size;
}
