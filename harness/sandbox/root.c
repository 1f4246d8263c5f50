// SPDX-License-Identifier: Apache-2.0
// root.c - the root filesystem of a sandbox: which parts of the host are visible inside
//
// A sandbox does what a stranger's file says, so the host's files are not hidden from it but
// absent: its root is a tmpfs of its own. What it needs of the host is first cloned as detached
// mounts (open_tree), while the whole host is still there, made read-only, and then moved into
// place. Finally the host's root is detached, and nothing leads back to it. What `--adapter` adds
// is chosen in catalog/host_places.c, and bound into the app's container by run/actor.c.
#include "sandbox/root.h"

#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#ifndef GONEAWAY_LIBEXECDIR
#define GONEAWAY_LIBEXECDIR "/usr/local/libexec/goneaway"
#endif

// As in linux/mount.h, which older C libraries' sys/mount.h lacks and newer ones' conflicts with.
enum {
    TREE_CLONE = 1,
    TREE_RECURSIVE = 0x8000, // AT_RECURSIVE
    MOVE_FROM_EMPTY_PATH = 4,
    ATTR_RDONLY = 1,
    ATTR_NOSUID = 2,
    ATTR_NODEV = 4,
};
struct attributes {
    uint64_t set, clear, propagation, userns;
};

/** Where the new root is assembled; every host has this folder. */
#define STAGE "/tmp"
/** Lower layer of an overlay, while it is assembled; a number follows. */
#define BELOW "below"
/** The overlay's other layer, since it needs two. It stays, because a removed folder shows no
 * entries, nor does one merged with it. */
#define NOTHING (&SANDBOX_NOTHING[1])
/** Holds everything that a sandbox writes outside of other tmpfs: logs, small files, and the memory
 * of a User-Mode Linux. */
#define ROOT_OPTIONS "mode=0755,size=512m"
/** How deep a folder is split up on the way to a mount inside it. */
enum { MOST_PIECES_DEEP = 10, MOST_MOUNTINFO = 4 << 20 };

/** From /etc: what the loader, the C library, iptables and dnsmasq read. */
static const struct sandbox_place common[] = {
    {.path = "/usr", .optional = true},
    {.path = "/etc/ld.so.cache", .optional = true},
    {.path = "/etc/alternatives", .optional = true},
    {.path = "/etc/passwd", .optional = true},
    {.path = "/etc/group", .optional = true},
    {.path = "/etc/protocols", .optional = true},
    {.path = "/etc/services", .optional = true},
    {.path = "/etc/ethertypes", .optional = true},
    {.path = "/etc/localtime", .optional = true},
    {.path = "/dev/null", .optional = true},
    {.path = "/dev/zero", .optional = true},
    {.path = "/dev/full", .optional = true},
    {.path = "/dev/random", .optional = true},
    {.path = "/dev/urandom", .optional = true},
    {.path = "/dev/tty", .optional = true},
    {.path = NULL},
};
/** Links into /usr, or on older hosts folders of their own. */
static const char *const beside_usr[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
static const char *const folders[] = {"proc", "dev/shm", "tmp", "sys", "etc", &SANDBOX_NOTHING[1]};
/** Regular files, so that a container that uses this root can have its own in their place. */
static const char *const files[] = {"etc/resolv.conf", "etc/hosts", "etc/nsswitch.conf"};

/** A part of the host, detached until it is put in place. */
struct host_part {
    const char *path; ///< starts with a slash
    int tree;
    bool folder, inert;
};

struct host_parts {
    struct host_part *items;
    size_t count;
};

static int set_read_only(int tree, bool device, struct err *err) {
    struct attributes attributes = {.set = ATTR_RDONLY | ATTR_NOSUID | (device ? 0 : ATTR_NODEV)};
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | TREE_RECURSIVE, &attributes,
                sizeof attributes) == 0)
        return 0;
    err_errno(err, "make a part of the host read-only");
    return errno == ENOSYS ? err_remedy(err, "goneaway needs Linux 5.12 or later") : -1;
}

// A part that the host does not have is skipped, unless the caller named it.
static int add_part(struct host_parts *parts, const struct sandbox_place *place, const char *to,
                    struct err *err) {
    const char *from = place->path;
    struct stat info;
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, from, TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
    if (tree < 0 && place->optional && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return 0;
    if (tree < 0)
        return err_errno(err, "look at %s", from);
    // closed with the others, even after an error
    parts->items = xrealloc(parts->items, parts->count + 1, sizeof *parts->items);
    struct host_part *part = &parts->items[parts->count++];
    *part = (struct host_part){.path = to, .tree = tree, .inert = place->inert};
    if (fstat(tree, &info) < 0)
        return err_errno(err, "look at %s", from);
    part->folder = S_ISDIR(info.st_mode);
    if (place->inert && !S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode))
        return err_set(err, "%s is neither a folder nor a regular file", from);
    if (!place->writable && set_read_only(tree, S_ISCHR(info.st_mode), err) < 0)
        return err_context(err, "%s", from);
    return 0;
}

static int add_places(struct host_parts *parts, const struct sandbox_place *places,
                      struct err *err) {
    for (const struct sandbox_place *place = places; place && place->path; place++)
        if (add_part(parts, place, place->path, err) < 0)
            return -1;
    return 0;
}

// A path that the caller names is shown the caller's way only, so the default is skipped.
static bool is_named(const struct sandbox_place *places, const char *path) {
    for (const struct sandbox_place *place = places; place && place->path; place++)
        if (strcmp(place->path, path) == 0)
            return true;
    return false;
}

static int add_common(struct host_parts *parts, const struct sandbox_place *places,
                      struct err *err) {
    for (const struct sandbox_place *place = common; place->path; place++)
        if (!is_named(places, place->path) && add_part(parts, place, place->path, err) < 0)
            return -1;
    return 0;
}

static bool is_link(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

static int add_beside_usr(struct host_parts *parts, const struct sandbox_place *places,
                          struct err *err) {
    for (size_t i = 0; i < COUNT_OF(beside_usr); i++) {
        const struct sandbox_place place = {.path = beside_usr[i], .optional = true};
        if (!is_link(place.path) && !is_named(places, place.path) &&
            add_part(parts, &place, place.path, err) < 0)
            return -1;
    }
    return 0;
}

// Adds goneaway's own helpers: beside this program if it was just built, or as installed.
static int add_helpers(struct host_parts *parts, struct err *err) {
    static const struct {
        const char *name, *to;
    } helpers[] = {{"goneaway-netem", SANDBOX_GUEST},
                   {"goneaway-netem.so", SANDBOX_GUEST_LIBRARY},
                   {"goneaway-wait", SANDBOX_WAIT}};
    char self[PATH_MAX] = "";
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    const char *folder = dirname(self);
    cleanup_free char *built = xprintf("%s/%s", folder, helpers[0].name);
    if (access(built, X_OK) < 0)
        folder = GONEAWAY_LIBEXECDIR;
    for (size_t i = 0; i < COUNT_OF(helpers); i++) {
        cleanup_free char *path = xprintf("%s/%s", folder, helpers[i].name);
        const struct sandbox_place helper = {.path = path, .optional = true};
        if (add_part(parts, &helper, helpers[i].to, err) < 0)
            return -1;
    }
    return 0;
}

static int collect(struct host_parts *parts, const struct sandbox_place *places, struct err *err) {
    return add_common(parts, places, err) < 0 || add_beside_usr(parts, places, err) < 0 ||
                   add_helpers(parts, err) < 0 || add_places(parts, places, err) < 0
               ? -1
               : 0;
}

static void release(struct host_parts *parts) {
    for (size_t i = 0; i < parts->count; i++)
        close(parts->items[i].tree);
    free(parts->items);
}

// The folder is new, or already visible as a part of its parent.
static int make_target(const struct host_part *part, struct err *err) {
    cleanup_free char *folder = xstrdup(part->path + 1);
    if (part->folder)
        return file_make_folders(folder, 0755, err);
    if (file_make_folders(dirname(folder), 0755, err) < 0)
        return -1;
    cleanup_close int fd = open(part->path + 1, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    return fd < 0 && errno != EROFS && errno != EACCES ? err_errno(err, "make %s", part->path) : 0;
}

static int move_to(int tree, const char *path) {
    return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_FROM_EMPTY_PATH);
}

static int attach_inert(int tree, const char *to, int depth, struct err *err);

static bool is_mounted(const char *path) {
    struct statx info;
    return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0, &info) == 0 &&
           (info.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static int clone_tree(const char *path) {
    return (int)syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
}

// Skips mounts, which an overlay would hide too, and anything that is neither file nor folder.
static int attach_piece(const char *from, const char *to, int depth, struct err *err) {
    struct stat info;
    char target[PATH_MAX] = "";
    if (lstat(from, &info) < 0)
        return errno == EACCES ? 0 : err_errno(err, "look at %s", from);
    if (S_ISLNK(info.st_mode))
        return readlink(from, target, sizeof target - 1) > 0 && symlink(target, to) < 0
                   ? err_errno(err, "make the link %s", to)
                   : 0;
    if (S_ISDIR(info.st_mode) ? file_make_folders(to, 0755, err) < 0
                              : S_ISREG(info.st_mode) && file_write(to, "", 0, err) < 0)
        return -1;
    if (is_mounted(from) || (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)))
        return 0;
    cleanup_close int tree = clone_tree(from);
    if (tree < 0)
        return err_errno(err, "look at %s", from);
    if (S_ISDIR(info.st_mode))
        return attach_inert(tree, to, depth, err);
    return move_to(tree, to) < 0 ? err_errno(err, "mount %s", to) : 0;
}

// An ordinary user cannot make an overlay of a folder that contains a mount, since it might reveal
// what the mount covers. So everything beside the mount is attached separately.
static int attach_pieces(const char *from, const char *to, int depth, struct err *err) {
    enum { LOCKED = MS_RDONLY | MS_NOSUID | MS_NODEV };
    if (mount("tmpfs", to, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") < 0)
        return err_errno(err, "mount a tmpfs on /%s", to);
    DIR *folder = opendir(from);
    if (!folder)
        return err_errno(err, "look at /%s", to);
    int ret = 0;
    for (const struct dirent *entry; ret == 0 && (entry = readdir(folder));) {
        cleanup_free char *piece = xprintf("%s/%s", from, entry->d_name);
        cleanup_free char *place = xprintf("%s/%s", to, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ret = attach_piece(piece, place, depth + 1, err);
    }
    closedir(folder);
    if (ret == 0 && mount(NULL, to, NULL, MS_REMOUNT | MS_BIND | LOCKED, NULL) < 0)
        ret = err_errno(err, "make /%s read-only", to);
    return ret;
}

// Whether something is mounted below a folder of the stage.
static bool holds_mount(const char *folder) {
    struct err unused;
    cleanup_text struct text mounts = {0};
    cleanup_free char *below = xprintf(" " STAGE "/%s/", folder);
    return file_read("/proc/self/mountinfo", MOST_MOUNTINFO, &mounts, &unused) == 0 &&
           strstr(text_get(&mounts), below);
}

static int mount_inert(const char *below, const char *to, int depth, struct err *err) {
    cleanup_free char *options = xprintf("userxattr,lowerdir=%s:%s", below, NOTHING);
    if (mount("overlay", to, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, options) == 0)
        return 0;
    int error = errno;
    if (error == EINVAL && depth < MOST_PIECES_DEEP && holds_mount(below))
        return attach_pieces(below, to, depth, err);
    errno = error;
    err_errno(err, "mount an overlay of /%s", to);
    return err_remedy(err,
                      "its filesystem cannot be the lower layer of an overlay; keep that folder "
                      "on another one");
}

// A read-only mount does not prevent connecting to a socket of a process on the host, or writing to
// a FIFO. Sockets and FIFOs seen through an overlay are its own.
static int attach_inert(int tree, const char *to, int depth, struct err *err) {
    cleanup_free char *below = xprintf(BELOW "%d", depth);
    if (file_make_folders(below, 0755, err) < 0)
        return -1;
    int ret = move_to(tree, below) < 0 ? err_errno(err, "mount /%s", to)
                                       : mount_inert(below, to, depth, err);
    umount2(below, MNT_DETACH);
    rmdir(below);
    return ret;
}

static int attach(const struct host_part *part, struct err *err) {
    if (make_target(part, err) < 0)
        return -1;
    if (part->inert && part->folder)
        return attach_inert(part->tree, part->path + 1, 0, err);
    return move_to(part->tree, part->path + 1) < 0 ? err_errno(err, "mount %s", part->path) : 0;
}

static int make_links(struct err *err) {
    char target[PATH_MAX];
    for (size_t i = 0; i < COUNT_OF(beside_usr); i++) {
        ssize_t length = readlink(beside_usr[i], target, sizeof target - 1);
        if (length < 0)
            continue;
        target[length] = '\0';
        if (symlink(target, beside_usr[i] + 1) < 0)
            return err_errno(err, "make the link %s", beside_usr[i]);
    }
    return 0;
}

// Works in the current folder.
static int furnish(const struct host_parts *parts, struct err *err) {
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        if (file_make_folders(folders[i], 0755, err) < 0)
            return -1;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        if (file_write(files[i], "", 0, err) < 0)
            return -1;
    chmod("tmp", 01777);
    chmod("dev/shm", 01777);
    if (make_links(err) < 0)
        return -1;
    for (size_t i = 0; i < parts->count; i++)
        if (attach(&parts->items[i], err) < 0)
            return -1;
    return 0;
}

static int mount_proc(struct err *err) {
    if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0)
        return 0;
    err_errno(err, "mount /proc");
    return err_remedy(err, "if this is a container, its /proc is masked: start it with "
                           "--privileged or --security-opt systempaths=unconfined");
}

// Settings of the whole machine can be written by whoever is root on the host, even without
// capabilities, and other people's programs (a name server, say) may run as that in here. Network
// settings belong to the sandbox.
static int close_proc(struct err *err) {
    enum { LOCKED = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC };
    if (mount("proc/sys/net", "proc/sys/net", NULL, MS_BIND, NULL) < 0 ||
        mount("proc/sys", "proc/sys", NULL, MS_BIND | MS_REC, NULL) < 0 ||
        mount(NULL, "proc/sys", NULL, MS_REMOUNT | MS_BIND | LOCKED, NULL) < 0)
        return err_errno(err, "make /proc/sys read-only");
    if (file_exists("proc/sysrq-trigger") &&
        mount("dev/null", "proc/sysrq-trigger", NULL, MS_BIND, NULL) < 0)
        return err_errno(err, "cover /proc/sysrq-trigger");
    return 0;
}

// The current folder becomes the root; the old root is on top of it for a moment.
static int leave_host(struct err *err) {
    if (syscall(SYS_pivot_root, ".", ".") < 0)
        return err_errno(err, "pivot_root");
    if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return err_errno(err, "detach the host's root");
    return 0;
}

int root_enter(const struct sandbox_place *places, struct err *err) {
    struct host_parts parts = {0};
    int ret = collect(&parts, places, err);
    if (ret == 0 && (mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, ROOT_OPTIONS) < 0 ||
                     chdir(STAGE) < 0))
        ret = err_errno(err, "mount a tmpfs on " STAGE);
    if (ret == 0 && (furnish(&parts, err) < 0 || mount_proc(err) < 0 || close_proc(err) < 0 ||
                     leave_host(err) < 0))
        ret = -1;
    release(&parts);
    return ret < 0 ? err_context(err, "make a root of its own") : 0;
}
