// SPDX-License-Identifier: Apache-2.0
// lock.c - locks of the cache: on an entry or a tmp folder itself, or by a name
#include "cache/lock.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// The lock counts only if the folder was still at that path once it was obtained.
int lock_folder(const char *path, int operation) {
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

int lock_open(const char *cache, const char *name, int *ret_lock, struct err *err) {
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

int lock_wait(int lock, struct err *err) {
    while (flock(lock, LOCK_EX) < 0)
        if (errno != EINTR)
            return err_errno(err, "lock the cache");
    return 0;
}
