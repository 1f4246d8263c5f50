// SPDX-License-Identifier: Apache-2.0
// debian.c - root filesystems from Debian packages, by mmdebstrap
//
// mmdebstrap runs in a PID namespace, so that it ends with all its children when any of the
// processes above ends (even ours). For an ordinary user it runs in a user namespace where uid 0 is
// that user. Its own way for ordinary users, --mode=unshare, maps no id to the caller, and so could
// not reach a cache below a home folder that is closed to others. In the end every file is given to
// the caller, since a sandbox knows no other id.
#include "image/debian.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "cache/cache.h"
#include "cache/keeper.h"
#include "cache/key.h"
#include "cache/share.h"
#include "image/data.h"
#include "image/examine.h"
#include "image/image.h"
#include "image/installed.h"
#include "image/links.h"
#include "image/npm.h"
#include "image/oci.h"
#include "image/reference.h"
#include "image/stranger.h"
#include "sandbox/namespaces.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

// If a mirror stops answering, asking again is better than waiting: `apt-get` has been seen to hang
// forever.
enum { INSTALL_DEADLINE_MS = 900 * 1000, INSTALL_TRIES = 2, CHOWN_DEADLINE_MS = 600 * 1000 };

// A server needs no manuals, and only English; certificates are kept.
static const char *const mmdebstrap[] = {"mmdebstrap",
                                         "--mode=root",
                                         "--format=directory",
                                         "--variant=apt",
                                         "--skip=chroot/mount/sys",
                                         "--aptopt=Acquire::Retries \"3\"",
                                         "--dpkgopt=path-exclude=/usr/share/doc/*",
                                         "--dpkgopt=path-exclude=/usr/share/info/*",
                                         "--dpkgopt=path-exclude=/usr/share/man/*",
                                         "--dpkgopt=path-exclude=/usr/share/locale/*",
                                         "--dpkgopt=path-exclude=/usr/share/lintian/*",
                                         NULL};

struct key debian_key(const struct debian_root *root) {
    struct key key = KEY_START;
    struct utsname machine;
    key_add(&key, "debian " CACHE_FORMAT);
    key_add(&key, uname(&machine) == 0 ? machine.machine : "");
    if (root->reference) {
        reference_add_key(&key, root->reference);
        return key;
    }
    key_add(&key, root->suite);
    key_add_texts(&key, root->packages);
    for (const char *const *item = mmdebstrap; *item; item++)
        key_add(&key, *item);
    if (root->npm.name) {
        key_add(&key, root->npm.name);
        key_add(&key, root->npm.sha256);
    }
    for (size_t i = 0; root->modules && i < root->modules->count; i++) {
        key_add(&key, root->modules->keys[i]);
        key_add(&key, ((const char **)root->modules->items)[i]);
    }
    return key;
}

char *debian_entry(struct images *images, const struct debian_root *root) {
    return cache_entry(&images->cache, root->store ? root->store : root->name, "root",
                       debian_key(root));
}

#define NO_KEY                                                                                     \
    "sudo apt install debian-archive-keyring gpg (apt lacks keys of Debian's archive, or has old " \
    "ones)"

/** Lines of the output that reveal a known problem. */
static const struct {
    const char *sign, *remedy;
} known_failures[] = {
    {"is expired",
     "the mirror's Release file is past its date. If the mirror is a frozen copy, tell "
     "apt so: echo 'Acquire::Check-Valid-Until \"false\";' | sudo tee "
     "/etc/apt/apt.conf.d/99frozen-mirror"},
    {"is not valid yet", "the clock of this machine is behind"},
    {"mmdebstrap: program not found", "sudo apt install mmdebstrap"},
    {"tarfilter failed", "sudo apt install python3"},
    {"unshare: program not found", "sudo apt install util-linux"},
    {"'--map-auto'", "util-linux 2.38 or later is needed to do this without root; or run as root"},
    {"newuidmap", "sudo apt install uidmap"},
    {"NO_PUBKEY", NO_KEY},               // apt 2, by gpgv
    {"no keyring is specified", NO_KEY}, // apt 3, by sqv: it trusts no key at all
    {"Missing key ", NO_KEY},            // or not the right one
    {"E: Version '", "the mirror has another version of that package than the recipe asks for: "
                     "take =VERSION out of it, or let GONEAWAY_MIRROR name a mirror, such as a "
                     "snapshot, that has it"},
    {"Unable to locate package", "the suite has no such package (any more); see the recipe"},
    {"unshare failed:", "allow user namespaces (sudo sysctl -w user.max_user_namespaces=10000; "
                        "Ubuntu: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0), "
                        "or run as root; in a container: start it with --privileged"},
    {"Temporary failure resolving", "a connection to the Debian mirror is needed; behind a proxy, "
                                    "set http_proxy"},
    {"Unable to connect", "a connection to the Debian mirror is needed; behind a proxy, set "
                          "http_proxy"},
    {"Could not connect", "a connection to the Debian mirror is needed; behind a proxy, set "
                          "http_proxy"},
    {"Failed to fetch", "a connection to the Debian mirror is needed; behind a proxy, set "
                        "http_proxy; or try again later"},
};

static int remedy_for(const char *output, struct err *err) {
    struct passwd *user = getpwuid(geteuid());
    if (strstr(output, "/etc/subuid") || strstr(output, "/etc/subgid"))
        return err_remedy(err,
                          "give the user subordinate ids: sudo usermod --add-subuids 100000-165535 "
                          "--add-subgids 100000-165535 %s",
                          user ? user->pw_name : "USER");
    for (size_t i = 0; i < COUNT_OF(known_failures); i++)
        if (strstr(output, known_failures[i].sign) || strstr(err->what, known_failures[i].sign))
            return err_remedy(err, "%s", known_failures[i].remedy);
    return -1;
}

// The program's own message explains more than the exit status of `unshare`.
static int explain(const char *program, const char *output, struct err *err) {
    if (*output)
        err_set(err, "%s failed:\n%s", program, text_tail(output, 15));
    return remedy_for(output, err);
}

int debian_explain(const char *program, const char *output, int status, struct err *err) {
    char text[64];
    err_set(err, "%s: %s", program, proc_status_text(status, text, sizeof text));
    return explain(program, output, err);
}

int debian_run(const char *const *command, double deadline_ms, struct err *err) {
    const char *program = command[0], *argv[64];
    size_t count = 0;
    for (const char *const *item = namespaces_command(); *item; item++)
        argv[count++] = *item;
    for (; *command && count < COUNT_OF(argv) - 1; command++)
        argv[count++] = *command;
    argv[count] = NULL;
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    cleanup_text struct text output = {0};
    if (proc_run(&spec, clock_ms() + deadline_ms, &output, err) < 0)
        return explain(program, text_get(&output), err);
    return 0;
}

static bool apt_ignores_dates(void) {
    cleanup_free char *told =
        proc_ask((const char *const[]){"apt-config", "dump", "Acquire::Check-Valid-Until", NULL});
    return told && strstr(told, "\"false\"");
}

static char *join(const struct list *texts) {
    struct text joined = {0};
    for (size_t i = 0; i < texts->count; i++)
        text_printf(&joined, "%s%s", i ? "," : "", ((const char **)texts->items)[i]);
    return joined.data;
}

// Debian Policy 5.6.1; the same for a suite, with a path as in `sid` or `bookworm/updates`. A
// leading dash would make it an option of mmdebstrap or apt, some of which execute commands.
static bool is_name(const char *name, const char *also) {
    static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    cleanup_free char *rest = xprintf("%s+-.%s", first, also);
    return *name && strchr(first, *name) && name[strspn(name, rest)] == '\0';
}

// "NAME" or "NAME=VERSION", Debian Policy 5.6.12.
static bool is_package(const char *package) {
    cleanup_free char *name = xstrdup(package);
    char *version = strchr(name, '=');
    if (version)
        *version++ = '\0';
    return is_name(name, "") && (!version || is_name(version, ":~ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
}

static int check_names(const struct debian_root *root, struct err *err) {
    if (!is_name(root->suite, "/_"))
        return err_usage(err, "'%s' is not the name of a Debian suite", root->suite);
    for (size_t i = 0; i < root->packages->count; i++) {
        const char *package = ((const char **)root->packages->items)[i];
        if (!is_package(package))
            return err_usage(err, "'%s' is not the name of a Debian package, or NAME=VERSION",
                             package);
    }
    return 0;
}

static int install(struct keeper *keeper, const struct debian_root *root, const char *folder,
                   struct err *err) {
    if (check_names(root, err) < 0)
        return -1;
    if (root->packages->count == 0)
        return file_make_folders(folder, 0755, err);
    cleanup_free char *packages = join(root->packages);
    cleanup_free char *include = xprintf("--include=%s", packages);
    const char *argv[32];
    size_t count = 0;
    for (const char *const *item = mmdebstrap; *item; item++)
        argv[count++] = *item;
    if (apt_ignores_dates()) {
        keeper_tell(keeper,
                    "%s: as apt's configuration here says, the mirror's date is not checked",
                    root->name);
        argv[count++] = "--aptopt=Acquire::Check-Valid-Until \"false\"";
    }
    // Java's set-up links to its manuals, which are left out, and fails without their folder
    argv[count++] = "--essential-hook=mkdir -p \"$1/usr/share/man/man1\"";
    const char *mirror = getenv("GONEAWAY_MIRROR"); // otherwise mmdebstrap knows one
    const char *const last[] = {include, root->suite, folder, mirror && *mirror ? mirror : NULL,
                                NULL};
    memcpy(argv + count, last, sizeof last);
    keeper_tell(keeper, "%s: installing %zu Debian packages of %s and what they need ..",
                root->name, root->packages->count, root->suite);
    return debian_run(argv, INSTALL_DEADLINE_MS, err);
}

static int give_to_caller(const char *folder, struct err *err) {
    return debian_run((const char *const[]){"chown", "-R", "-h", "0:0", "--", folder, NULL},
                      CHOWN_DEADLINE_MS, err);
}

// Each container has its own /dev; a device node in the cache could not be removed everywhere.
static int empty_folder(const char *root, const char *path, struct err *err) {
    cleanup_free char *folder = xprintf("%s%s", root, path);
    if (stranger_refuse_links(root, path, err) < 0 || file_remove_tree(folder, err) < 0)
        return -1;
    return file_make_folders(folder, 0755, err);
}

static int make_folder(const char *root, const char *path, struct err *err) {
    cleanup_free char *folder = xprintf("%s%s", root, path);
    cleanup_free char *below = xprintf("%s/", path);
    return stranger_refuse_links(root, below, err) < 0 ? -1 : file_make_folders(folder, 0755, err);
}

// Replaces whatever is there, even a dangling link: bubblewrap can bind only over regular files.
static int write_place(const char *root, const char *path, const char *content, struct err *err) {
    cleanup_free char *file = xprintf("%s%s", root, path);
    if (stranger_refuse_links(root, path, err) < 0)
        return -1;
    if (unlink(file) < 0 && errno != ENOENT)
        return err_errno(err, "remove %s", file);
    return file_write(file, content, strlen(content), err);
}

static int make_places(const char *root, struct err *err) {
    static const char *const folders[] = {
        "/dev",    "/proc", "/sys", "/run", "/tmp", "/var/cache/apt", "/var/lib/apt/lists",
        "/var/log"};
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        if (empty_folder(root, folders[i], err) < 0)
            return -1;
    // a small image may lack it
    if (make_folder(root, "/adapter", err) < 0 || make_folder(root, "/etc", err) < 0 ||
        write_place(root, "/etc/resolv.conf", "", err) < 0 ||
        write_place(root, "/etc/hostname", "goneaway\n", err) < 0 ||
        write_place(root, "/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n", err) < 0)
        return -1;
    return write_place(root, "/etc/nsswitch.conf",
                       "passwd: files\ngroup: files\nhosts: files dns\n", err);
}

// Unpacks an image; or installs packages, starting over once if the mirror stalled.
static int install_patiently(struct keeper *keeper, const struct debian_root *root,
                             const char *folder, struct err *err) {
    for (int tries = 1; !root->reference; tries++) {
        double deadline_ms = clock_ms() + INSTALL_DEADLINE_MS;
        int ret = install(keeper, root, folder, err);
        if (ret == 0 || tries == INSTALL_TRIES || clock_ms() < deadline_ms)
            return ret;
        keeper_tell(keeper, "%s: the mirror has not delivered within %d minutes; trying again",
                    root->name, INSTALL_DEADLINE_MS / 60000);
        if (file_remove_tree(folder, err) < 0)
            return -1;
    }
    const char *program = root->examined ? reference_program(root->reference) : NULL;
    if (program)
        return installed_copy(keeper, root->name, program, folder, err);
    return reference_is_rootfs(root->reference) ? rootfs_copy(keeper, root, folder, err)
                                                : oci_unpack(keeper, root, folder, err);
}

// Anything that an image has in the place of a server's data and certificates would show through.
static int clear_places(const char *root, struct err *err) {
    cleanup_free char *certificates = xprintf("%s" CERTIFICATES_DIR, root);
    if (stranger_refuse_links(root, CERTIFICATES_DIR, err) < 0 ||
        file_remove_tree(certificates, err) < 0)
        return -1;
    return empty_folder(root, "/var/lib/mysql", err);
}

// A server without a recipe is a stranger's, and so are all files in its image.
int debian_make(struct keeper *keeper, const struct images *images, const struct debian_root *root,
                const char *folder, struct err *err) {
    cleanup_free char *tree = xprintf("%s/root", folder);
    if (install_patiently(keeper, root, tree, err) < 0 || npm_unpack(keeper, root, tree, err) < 0 ||
        give_to_caller(tree, err) < 0 || (root->examined && stranger_tame(tree, err) < 0) ||
        make_places(tree, err) < 0 || (root->examined && clear_places(tree, err) < 0) ||
        links_make_relative(tree, err) < 0)
        return -1;
    return root->examined ? server_examine(keeper, images, root, folder, err) : 0;
}

static int make_root(struct keeper *keeper, const struct images *images,
                     const struct debian_root *root, const char *entry, struct err *err) {
    cleanup_free char *folder = xprintf("%s/debian", keeper->aside);
    cleanup_free char *tree = xprintf("%s/root", folder);
    double started_ms = clock_ms();
    if (file_make_folders(folder, 0755, err) < 0 ||
        debian_make(keeper, images, root, folder, err) < 0)
        return -1;
    if (!root->reference)
        share_files(keeper->cache, "root", folder, keeper->aside);
    struct share_size size = share_measure(tree);
    if (cache_publish(keeper, folder, entry, NULL, err) < 0)
        return -1;
    keeper_tell(keeper, "%s: %lld MB root filesystem, %lld MB of it new, in %.0f s", root->name,
                (long long)(size.bytes / 1000000), (long long)(size.own_bytes / 1000000),
                (clock_ms() - started_ms) / 1e3);
    return 0;
}

int debian_prepare(struct keeper *keeper, struct images *images, const struct debian_root *root,
                   struct err *err) {
    cleanup_close int lock = -1;
    if (cache_lock(keeper, root->store ? root->store : root->name, &lock, err) < 0)
        return -1;
    char *entry = debian_entry(images, root);
    int there = cache_want(keeper, &images->cache, root->name, entry, NULL, err);
    if (there != 0)
        return there < 0 ? -1 : 0;
    if (make_root(keeper, images, root, entry, err) < 0)
        return err_context(err, !root->reference                     ? "install its Debian packages"
                                : reference_program(root->reference) ? "copy it"
                                                                     : "get its image");
    return cache_hold(&images->cache, entry, NULL, false, err) == CACHE_READY ? 0 : -1;
}
