// SPDX-License-Identifier: Apache-2.0
// links.c - keeps symbolic links inside a root filesystem, wherever that is
//
// A linker with --sysroot opens files below that folder by plain paths, so an absolute link on the
// way (Debian 12's /lib64/ld-linux-x86-64.so.2) leads it to the host's file, whose glibc may be
// another. Within the root a relative link means the same as the absolute one did.
#include "image/links.h"

#include "base/text.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <unistd.h>

enum { MOST_LENGTH = 4095 }; ///< of a link's target

// The target of a link at `path` below the root, relative to its folder.
static char *from_there(const char *path, const char *target) {
    struct text text = {0};
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++)
        text_add(&text, "../");
    text_add(&text, target + strspn(target, "/"));
    if (text.length == 0)
        text_add(&text, ".");
    return text.data;
}

static int make_relative(const char *link, const char *path, struct err *err) {
    char target[MOST_LENGTH + 1];
    ssize_t length = readlink(link, target, MOST_LENGTH);
    if (length < 0)
        return err_errno(err, "read the link %s", link);
    target[length] = '\0';
    if (target[0] != '/')
        return 0;
    cleanup_free char *relative = from_there(path, target);
    if (unlink(link) < 0 || symlink(relative, link) < 0)
        return err_errno(err, "make the link %s relative", link);
    return 0;
}

static void close_walk(FTS **walk) {
    if (*walk)
        fts_close(*walk);
}

int links_make_relative(const char *root, struct err *err) {
    char *const tops[] = {(char *)root, NULL};
    __attribute__((cleanup(close_walk))) FTS *walk =
        fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *item = NULL;
    while (walk && (errno = 0, item = fts_read(walk))) {
        if (item->fts_info == FTS_NS || item->fts_info == FTS_ERR) {
            errno = item->fts_errno;
            return err_errno(err, "look at %s", item->fts_path);
        }
        bool is_link = item->fts_info == FTS_SL || item->fts_info == FTS_SLNONE;
        if (is_link && item->fts_level > 0 &&
            make_relative(item->fts_accpath, item->fts_path + strlen(root) + 1, err) < 0)
            return -1;
    }
    return walk && errno == 0 ? 0 : err_errno(err, "look through %s", root);
}
