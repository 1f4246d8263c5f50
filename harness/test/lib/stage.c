// SPDX-License-Identifier: Apache-2.0
// stage.c - a machine dressed up for strangers
#include "test/lib/stage.h"

#include "base/file.h"
#include "test/lib/contain.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

// See common/stranger.h in the fixtures, which tries to reach the host there.
enum { HOST_PORT = 41806 };
#define HOST_NAME "goneaway-hostile-host"
#define HOST_SOCKET "/tmp/host.sock"
/** A folder visible to every adapter that nobody needs. */
#define PROGRAMS "/usr/src"

enum { TOKEN_BYTES = 16, NOT_A_USER = 0 };

static struct err err;
static char token[2 * TOKEN_BYTES + 1];
static int descriptors[] = {-1, -1, -1, -1};
static struct text *looked; // the output of stage_look()

static const char *const replaced[] = {"/home", "/srv", "/root", "/tmp", "/var/tmp", "/dev/shm"};
static const char *const watched[] = {"/home", "/srv",     "/root",      "/tmp",        "/var/tmp",
                                      "/etc",  "/dev/shm", "/mnt/cache", STAGE_FIXTURES};

// ---- dressing up -------------------------------------------------------------------------------

static void draw_token(void) {
    unsigned char bytes[TOKEN_BYTES];
    ck_assert_int_eq(getrandom(bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    for (size_t i = 0; i < TOKEN_BYTES; i++)
        snprintf(token + 2 * i, 3, "%02x", bytes[i]);
}

static void fresh(const char *path) {
    ck_assert_msg(mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") == 0,
                  "mount a tmpfs on %s: %s", path, strerror(errno));
}

static void show(const char *from, const char *to) {
    ck_assert_int_eq(mkdir(to, 0755), 0);
    ck_assert_msg(mount(from, to, NULL, MS_BIND | MS_REC, NULL) == 0, "bind %s: %s", from,
                  strerror(errno));
}

static void hide(const char *path, mode_t mode, uid_t owner) {
    cleanup_free char *content = xprintf("%s\n", token);
    ck_assert_msg(file_write(path, content, strlen(content), &err) == 0, "%s", err.what);
    ck_assert_int_eq(chown(path, owner, owner), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

static void make_folder(const char *path, mode_t mode, uid_t owner) {
    ck_assert_msg(mkdir(path, mode) == 0, "create %s: %s", path, strerror(errno));
    ck_assert_int_eq(chown(path, owner, owner), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

// An overlay over /etc, in which files can be replaced. Mounting single files would not do: in a
// user namespace, a folder with mounts inside cannot be a layer of an overlay.
static void replace_etc(uid_t owner) {
    make_folder("/mnt/etc", 0755, geteuid());
    make_folder("/mnt/etc/upper", 0755, geteuid());
    make_folder("/mnt/etc/work", 0755, geteuid());
    ck_assert_msg(mount("overlay", "/etc", "overlay", 0,
                        "userxattr,lowerdir=/etc,upperdir=/mnt/etc/upper,workdir=/mnt/etc/work") ==
                      0,
                  "mount overlay on /etc: %s", strerror(errno));
    ck_assert(unlink("/etc/issue") == 0 || errno == ENOENT);
    ck_assert(unlink("/etc/shadow") == 0 || errno == ENOENT);
    hide("/etc/issue", 0644, owner);
    hide("/etc/shadow", 0600, geteuid());
}

static void dress_up(const struct stage_sources *sources, uid_t owner) {
    cleanup_free char *folder = xprintf("%s", sources->program);
    *strrchr(folder, '/') = '\0';
    fresh("/mnt");
    show(sources->home, "/mnt/goneaway");
    show(folder, "/mnt/build");
    show(sources->cache, "/mnt/cache");
    make_folder(STAGE_SAID, 0755, owner);
    make_folder(STAGE_OWN, 0755, owner);
    for (size_t i = 0; i < COUNT_OF(replaced); i++) {
        cleanup_free char *secret = xprintf("%s/secret", replaced[i]);
        fresh(replaced[i]);
        hide(secret, 0644, owner);
        if (strstr(replaced[i], "tmp") || strstr(replaced[i], "shm"))
            ck_assert_int_eq(chmod(replaced[i], 01777), 0);
    }
    fresh(PROGRAMS);
    ck_assert_int_eq(chmod(PROGRAMS, 01777), 0);
    make_folder(STAGE_HOME, 0700, owner);
    make_folder(STAGE_HOME "/.ssh", 0700, owner);
    make_folder(STAGE_HOME "/canary", 0755, owner);
    make_folder(STAGE_WORK, 0755, owner);
    hide(STAGE_HOME "/.ssh/id_ed25519", 0600, owner);
    hide(STAGE_HOME "/canary/bird", 0644, owner);
    replace_etc(owner);
}

// ---- what the host has open --------------------------------------------------------------------

static void listen_at(int family, const void *address, socklen_t size) {
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_msg(fd >= 0, "socket: %s", strerror(errno));
    // another test may listen there; that is just as good
    if (bind(fd, address, size) < 0 && errno == EADDRINUSE)
        close(fd);
    else
        ck_assert_msg(listen(fd, 100) == 0, "listen: %s", strerror(errno));
}

static void listen_at_host(void) {
    struct sockaddr_in port = {.sin_family = AF_INET,
                               .sin_port = htons(HOST_PORT),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un name = {.sun_family = AF_UNIX}, path = {.sun_family = AF_UNIX};
    strcpy(name.sun_path + 1, HOST_NAME);
    strcpy(path.sun_path, HOST_SOCKET);
    listen_at(AF_INET, &port, sizeof port);
    listen_at(AF_UNIX, &name,
              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof HOST_NAME));
    listen_at(AF_UNIX, &path, sizeof path);
    strcpy(path.sun_path, PROGRAMS "/host.sock");
    listen_at(AF_UNIX, &path, sizeof path);
    ck_assert_int_eq(mkfifo(PROGRAMS "/host.fifo", 0666), 0);
    ck_assert_int_ge(open(PROGRAMS "/host.fifo", O_RDWR | O_CLOEXEC), 0);
}

static void open_descriptors(void) {
    descriptors[0] = open(STAGE_HOME "/.ssh/id_ed25519", O_RDONLY | O_CLOEXEC);
    descriptors[1] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    descriptors[2] = open(STAGE_HOME "/canary/bird", O_RDWR | O_CLOEXEC);
    ck_assert(descriptors[0] >= 0 && descriptors[1] >= 0 && descriptors[2] >= 0);
}

const int *stage_descriptors(void) {
    return descriptors;
}

// ---- opening -----------------------------------------------------------------------------------

static void become(uid_t user) {
    ck_assert_int_eq(setgroups(0, NULL), 0);
    ck_assert_int_eq(setresgid(user, user, user), 0);
    ck_assert_int_eq(setresuid(user, user, user), 0);
    // a process that was root does not own its /proc/self
    ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
}

static void set_environment(void) {
    setenv("GONEAWAY_HOME", "/mnt/goneaway", 1);
    setenv("GONEAWAY_CACHE", "/mnt/cache", 1);
    setenv("GONEAWAY", STAGE_PROGRAM, 1);
    setenv("HOME", STAGE_HOME, 1);
    setenv("SECRET", token, 1);
    ck_assert_int_eq(chdir(STAGE_WORK), 0);
}

void stage_open(const struct stage_sources *sources, uid_t user) {
    bool root = geteuid() == 0;
    if (!root)
        ck_assert_int_eq(contain_user(geteuid()), 1);
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    draw_token();
    dress_up(sources, root ? user : geteuid());
    if (root && user != NOT_A_USER)
        become(user);
    set_environment();
    open_descriptors();
    listen_at_host();
}

const char *stage_token(void) {
    return token;
}

// ---- looking -----------------------------------------------------------------------------------

static int look_at(const char *path, const struct stat *info, int kind, struct FTW *place) {
    char link[256] = "";
    (void)place;
    // runs may write what they remember about the machine's needs, next to the cache's entries
    if (strcmp(path, "/mnt/cache") == 0 || text_starts(path, "/mnt/cache/needs.json") ||
        text_starts(path, "/mnt/cache/last-run.json"))
        return 0;
    if (kind == FTW_SL && readlink(path, link, sizeof link - 1) < 0)
        strcpy(link, "?");
    if (kind == FTW_NS)
        text_printf(looked, "%s is not to be seen\n", path);
    else
        text_printf(looked, "%s %o %u %u %lld %lld.%09ld %s\n", path, info->st_mode, info->st_uid,
                    info->st_gid, (long long)info->st_size, (long long)info->st_ctim.tv_sec,
                    info->st_ctim.tv_nsec, link);
    return 0;
}

void stage_look(struct text *seen) {
    looked = seen;
    for (size_t i = 0; i < COUNT_OF(watched); i++)
        nftw(watched[i], look_at, 64, FTW_PHYS);
}
