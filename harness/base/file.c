// SPDX-License-Identifier: Apache-2.0
// file.c - files and folders
#include "base/file.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int file_read(const char *path, size_t max, struct text *data, struct err *err) {
    struct stat info;
    // opening a FIFO would block, and reading a device may never end
    cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) < 0)
        return err_errno(err, "%s", path);
    if (!S_ISREG(info.st_mode))
        return err_set(err, "%s: is not a regular file", path);
    char buffer[65536];
    for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) != 0;) {
        if (got < 0)
            return err_errno(err, "%s", path);
        text_append(data, buffer, (size_t)got);
        if (data->length > max)
            return err_set(err, "%s: larger than %zu bytes", path, max);
    }
    return 0;
}

static int write_all(int fd, const char *path, const char *data, size_t length, struct err *err) {
    while (length > 0) {
        ssize_t put = write(fd, data, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            int number = errno;
            err_errno(err, "write %s", path);
            return number == ENOSPC ? err_remedy(err, "free some space on the disk of %s", path)
                                    : -1;
        }
        data += put;
        length -= (size_t)put;
    }
    return 0;
}

int file_write(const char *path, const char *data, size_t length, struct err *err) {
    cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_errno(err, "create %s", path);
    return write_all(fd, path, data, length, err);
}

static int fill(int fd, const char *path, const char *data, size_t length, struct err *err) {
    struct stat info;
    mode_t mode = stat(path, &info) == 0 ? info.st_mode & 07777 : 0;
    if (write_all(fd, path, data, length, err) < 0)
        return -1;
    return (mode && fchmod(fd, mode) < 0) || fsync(fd) < 0 ? err_errno(err, "write %s", path) : 0;
}

// Opens a file without a name, of which a kill leaves nothing; -1 where that is not supported.
static int open_nameless(const char *path) {
    const char *slash = strrchr(path, '/');
    cleanup_free char *folder = slash ? xprintf("%.*s/", (int)(slash - path), path) : xstrdup(".");
    return open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
}

// Gives the file the first free name beside `path`, or creates one there if `fd` is -1.
static int name_beside(int *fd, const char *path, char **ret_beside, struct err *err) {
    enum { MOST_NAMES = 100 };
    cleanup_free char *self = xprintf("/proc/self/fd/%d", *fd);
    bool nameless = *fd >= 0;
    for (int i = 0; i < MOST_NAMES; i++) {
        char *beside = xprintf("%s.tmp-%d-%d", path, (int)getpid(), i);
        int done = nameless ? linkat(AT_FDCWD, self, AT_FDCWD, beside, AT_SYMLINK_FOLLOW)
                            : (*fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (done >= 0) {
            *ret_beside = beside;
            return 0;
        }
        free(beside);
        if (errno != EEXIST)
            break;
    }
    err_errno(err, "create a file beside %s", path);
    return -1;
}

int file_replace(const char *path, const char *data, size_t length, struct err *err) {
    cleanup_free char *real = realpath(path, NULL), *beside = NULL;
    const char *target = real ? real : path;
    cleanup_close int fd = open_nameless(target);
    bool nameless = fd >= 0;
    int ret = nameless ? fill(fd, target, data, length, err) : 0;
    if (ret < 0 || name_beside(&fd, target, &beside, err) < 0)
        return -1;
    ret = nameless ? 0 : fill(fd, target, data, length, err);
    if (ret == 0 && rename(beside, target) == 0)
        return 0;
    if (ret == 0)
        err_errno(err, "rename %s to %s", beside, target);
    unlink(beside);
    return -1;
}

int file_is_within(const char *path, const char *folder, struct err *err) {
    cleanup_free char *root = realpath(folder, NULL);
    cleanup_free char *file = root ? realpath(path, NULL) : NULL;
    if (!file)
        return err_is_exhaustion(errno) ? err_errno(err, "%s", path) : 1;
    size_t length = strlen(root);
    return strcmp(root, "/") == 0 || (text_starts(file, root) && file[length] == '/');
}

static int open_inside(int root, const char *path, int flags) {
    struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC,
                           .mode = flags & O_CREAT ? 0644 : 0,
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

// Makes each parent folder of a path in turn.
static int make_folders_inside(int root, const char *path, struct err *err) {
    cleanup_free char *part = xprintf("/%s", path);
    for (char *slash = part; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        char *name = strrchr(part, '/');
        *name = '\0';
        cleanup_close int folder = open_inside(root, *part ? part : "/", O_PATH | O_DIRECTORY);
        *name = '/';
        if (folder < 0 || (mkdirat(folder, name[1] ? name + 1 : ".", 0755) < 0 && errno != EEXIST))
            return err_errno(err, "make folder %s", part);
        *slash = '/';
    }
    return 0;
}

int file_write_inside(int root, const char *path, const char *data, size_t length,
                      struct err *err) {
    if (make_folders_inside(root, path, err) < 0)
        return -1;
    cleanup_close int fd = open_inside(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK);
    if (fd < 0)
        return err_errno(err, "create %s", path);
    return write_all(fd, path, data, length, err);
}

int file_put(const char *path, const char *data, struct err *err) {
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "%s", path);
    return write_all(fd, path, data, strlen(data), err);
}

int file_make_folders(const char *path, mode_t mode, struct err *err) {
    cleanup_free char *copy = xstrdup(path);
    for (char *slash = copy + (*copy != '\0');; slash++) {
        slash = strchrnul(slash, '/');
        char saved = *slash;
        *slash = '\0';
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            return err_errno(err, "make folder %s", copy);
        *slash = saved;
        if (!saved)
            return 0;
    }
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)type, (void)where;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

// A folder without write permission (some packages ship those) cannot be emptied, even by its
// owner.
static int open_up(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)where;
    if (type == FTW_D && (info->st_mode & S_IRWXU) != S_IRWXU)
        return chmod(path, S_IRWXU);
    return 0;
}

int file_remove_tree(const char *path, struct err *err) {
    struct stat info;
    if (lstat(path, &info) < 0)
        return errno == ENOENT ? 0 : err_errno(err, "remove %s", path);
    nftw(path, open_up, 32, FTW_PHYS | FTW_MOUNT);
    if (nftw(path, remove_one, 32, FTW_PHYS | FTW_DEPTH | FTW_MOUNT) < 0)
        return err_errno(err, "remove %s", path);
    return 0;
}

int file_open_socket(const char *path) {
    struct stat info;
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || (fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode)))
        return fd;
    close(fd);
    errno = S_ISLNK(info.st_mode) ? ELOOP : ENOTSOCK;
    return -1;
}

char *file_socket_path(int socket) {
    return xprintf("/proc/self/fd/%d", socket);
}

int file_check_place(const char *path, struct err *err) {
    cleanup_free char *part = xstrdup(path);
    const char *nearest = part;
    while (nearest == part && access(part, F_OK) < 0 && errno == ENOENT) {
        char *slash = strrchr(part, '/');
        if (!slash || slash == part)
            nearest = slash ? "/" : ".";
        else
            *slash = '\0';
    }
    if (access(nearest, W_OK) == 0)
        return 0;
    err_errno(err, "%s cannot be written: %s", path, nearest);
    err->kind = ERR_USAGE;
    return err_remedy(err, "name a place that you can write to");
}

bool file_exists(const char *path) {
    // a shortage passes soon; if it does not, whoever opens the file gets the error
    enum { MOST_TRIES = 20 };
    for (int tries = 0; access(path, F_OK) < 0 && tries < MOST_TRIES; tries++) {
        if (!err_is_exhaustion(errno))
            return false;
        clock_wait(1, -1);
    }
    return true;
}

static bool is_dot(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int file_check_empty(const char *folder, struct err *err) {
    bool empty = true;
    DIR *there = opendir(folder);
    if (!there && errno == ENOENT)
        return 0;
    if (!there) {
        err_errno(err, "%s", folder);
        err->kind = ERR_USAGE;
        return -1;
    }
    for (const struct dirent *entry; empty && (entry = readdir(there));)
        empty = is_dot(entry->d_name);
    closedir(there);
    if (empty)
        return 0;
    err_usage(err, "the folder %s is not empty", folder);
    return err_remedy(err, "name one that is, or a new one");
}
