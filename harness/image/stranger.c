// SPDX-License-Identifier: Apache-2.0
// stranger.c - counts the files of a stranger's image, and makes them harmless
//
// Nothing in the image is followed or opened. Dangerous outside of a container is whatever the host
// would act upon: a device, a program that runs as its owner, an attribute that overlayfs takes as
// its own, a folder that another user can write to.
#include "image/stranger.h"

#include "base/text.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

// The largest server images have some 20,000 files in 2 GB.
enum { MOST_FILES = 200000, MOST_ATTRIBUTES_BYTES = 64 << 10 };
static const long long most_bytes = 4LL << 30, most_names = 32LL << 20;

/** What was counted so far. */
struct measure {
    long files;
    long long bytes, names;
};

static int add_file(struct measure *measure, const FTSENT *item, struct err *err) {
    const struct stat *info = item->fts_statp;
    measure->files++;
    measure->names += item->fts_pathlen;
    measure->bytes += S_ISREG(info->st_mode) ? info->st_size : 0;
    if (measure->files > MOST_FILES)
        err_set(err, "it has more than %d files, too many for a server", MOST_FILES);
    else if (measure->bytes > most_bytes)
        err_set(err, "its files are larger than %lld GiB, too large for a server",
                most_bytes >> 30);
    else if (measure->names > most_names)
        err_set(err, "the paths of its files are longer than %lld MiB", most_names >> 20);
    else
        return 0;
    return err_remedy(err, "take an image that has nothing but the server and what it needs");
}

// Attributes that cannot be removed are the kernel's own, added when the file was written here.
static void drop_attributes(const char *path) {
    char names[MOST_ATTRIBUTES_BYTES];
    ssize_t length = llistxattr(path, names, sizeof names);
    for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1)
        lremovexattr(path, names + at);
}

static int tame_file(const char *path, const struct stat *info, struct err *err) {
    mode_t mode = info->st_mode;
    if (S_ISLNK(mode))
        return 0;
    if (!S_ISREG(mode) && !S_ISDIR(mode))
        return unlink(path) < 0 ? err_errno(err, "remove %s", path) : 0;
    mode_t tame = (mode & 0755) | (S_ISDIR(mode) ? 0700 : 0400);
    drop_attributes(path);
    return (mode & 07777) != tame && chmod(path, tame) < 0 ? err_errno(err, "chmod %s", path) : 0;
}

static void close_walk(FTS **walk) {
    if (*walk)
        fts_close(*walk);
}

// A folder is made readable before it is entered.
static int look_through(const char *root, bool tame, struct err *err) {
    struct measure measure = {0};
    char *const tops[] = {(char *)root, NULL};
    __attribute__((cleanup(close_walk))) FTS *walk =
        fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    FTSENT *item = NULL;
    while (walk && (errno = 0, item = fts_read(walk))) {
        if (item->fts_info == FTS_NS || item->fts_info == FTS_ERR || item->fts_info == FTS_DNR) {
            errno = item->fts_errno;
            if (tame || errno == ENAMETOOLONG)
                return err_errno(err, "look at %.200s", item->fts_path + strlen(root));
            continue; // a file that cannot be read is not copied either
        }
        if (item->fts_info == FTS_DP)
            continue;
        if (add_file(&measure, item, err) < 0 ||
            (tame && tame_file(item->fts_accpath, item->fts_statp, err) < 0))
            return -1;
    }
    return walk && errno == 0 ? 0 : err_errno(err, "look through %s", root);
}

int stranger_tame(const char *root, struct err *err) {
    return look_through(root, true, err);
}

int stranger_measure(const char *root, struct err *err) {
    return look_through(root, false, err);
}

int stranger_refuse_links(const char *root, const char *path, struct err *err) {
    struct stat info;
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        cleanup_free char *folder = xprintf("%s%.*s", root, (int)(slash - path), path);
        if (lstat(folder, &info) < 0)
            return errno == ENOENT ? 0 : err_errno(err, "look at %s", folder);
        if (!S_ISDIR(info.st_mode))
            return err_set(err, "%.*s of the image is not a folder", (int)(slash - path), path);
    }
    return 0;
}
