// SPDX-License-Identifier: Apache-2.0
// installed.c - a server of this machine, installed or built: makes a root filesystem of its files
//
// path:/opt/mysql/bin/mysqld names the program. What it needs is found where the program would
// look: libraries by its own headers; messages, plugins and the initialisation script in the folder
// where it is installed. Each file keeps its path below the new root, together with the links that
// lead to it, so that built-in paths stay valid. Nothing is executed here.
#include "image/installed.h"

#include "base/file.h"
#include "cache/keeper.h"
#include "image/debian.h"
#include "image/haul.h"
#include "image/learn.h"
#include "image/reference.h"
#include "image/stranger.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

enum { COPY_DEADLINE_MS = 600 * 1000 };

/** What is taken of a server. */
struct installed_server {
    struct haul haul;
    struct process process; ///< the server's: libraries of its plugins are loaded into it, too
    const char *daemon;     ///< with links resolved
    const char *base;       ///< where it is installed
};

static void server_close(struct installed_server *server) {
    haul_forget(&server->process);
    haul_close(&server->haul);
}
#define cleanup_server __attribute__((cleanup(server_close)))

// ---- its parts ---------------------------------------------------------------------------------

typedef int take(struct installed_server *server, const char *path, struct err *err);

static int take_data(struct installed_server *server, const char *path, struct err *err) {
    char real[PATH_MAX];
    return haul_path(&server->haul, path, real, err);
}

static int take_program(struct installed_server *server, const char *path, struct err *err) {
    return haul_program(&server->haul, path, err);
}

// Takes plugins, not all of which can be loaded everywhere.
static int take_loaded(struct installed_server *server, const char *path, struct err *err) {
    char real[PATH_MAX];
    if (haul_path(&server->haul, path, real, err) < 0)
        return -1;
    const char *kept = arena_printf(server->haul.arena, "%s", real);
    return *kept ? haul_load(&server->haul, &server->process, kept, false, err) : 0;
}

static void close_walk(FTS **walk) {
    if (*walk)
        fts_close(*walk);
}

static int take_folder(struct installed_server *server, const char *folder, struct err *err) {
    char *const tops[] = {(char *)folder, NULL};
    __attribute__((cleanup(close_walk))) FTS *walk =
        fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV | FTS_COMFOLLOW, NULL);
    for (FTSENT *item; walk && (item = fts_read(walk));)
        if ((item->fts_info == FTS_F || item->fts_info == FTS_SL) &&
            take_loaded(server, item->fts_path, err) < 0)
            return -1;
    return 0;
}

// Takes files below `base`; returns how many there are, -1 on failure.
static int take_all(struct installed_server *server, const char *base, const char *const *patterns,
                    take *one, struct err *err) {
    int count = 0;
    for (; *patterns && count >= 0; patterns++) {
        cleanup_free char *whole = xprintf("%s/%s", base, *patterns);
        glob_t found = {0};
        if (glob(whole, 0, NULL, &found) == 0)
            for (size_t i = 0; count >= 0 && i < found.gl_pathc; i++)
                count = one(server, found.gl_pathv[i], err) < 0 ? -1 : count + 1;
        globfree(&found);
    }
    return count;
}

// Takes the tools that initialisation scripts call, as far as they exist.
static int take_tools(struct installed_server *server, struct err *err) {
    static const char *const tools[] = {
        "awk",  "basename", "cat",  "chmod", "chown",    "cp", "cut", "dirname", "echo",
        "expr", "find",     "grep", "head",  "hostname", "id", "ls",  "mkdir",   "mv",
        "rm",   "sed",      "sort", "test",  "touch",    "tr", "sh",  "uname"};
    static const char *const folders[] = {"/usr/bin", "/bin"};
    for (size_t i = 0; i < COUNT_OF(tools) * COUNT_OF(folders); i++) {
        cleanup_free char *path =
            xprintf("%s/%s", folders[i % COUNT_OF(folders)], tools[i / COUNT_OF(folders)]);
        if (take_program(server, path, err) < 0)
            return -1;
    }
    return 0;
}

// Until 5.7, MySQL's own script was in Perl.
static int take_script(struct installed_server *server, const char *path, struct err *err) {
    static const char *const modules[] = {
        "lib/*/perl-base",    "lib/*/perl/5*",    "lib64/perl5",      "share/perl/5*",
        "share/perl5/Getopt", "share/perl5/File", "share/perl5/Data", NULL};
    static const char *const more[] = {"share/perl5/*.pm", NULL};
    char line[256] = "";
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (take_data(server, path, err) < 0)
        return -1;
    if (fd < 0 || read(fd, line, sizeof line - 1) < 2 || !text_starts(line, "#!"))
        return 0;
    char *interpreter = line + 2 + strspn(line + 2, " ");
    interpreter[strcspn(interpreter, " \t\n")] = '\0';
    if (take_program(server, interpreter, err) < 0)
        return -1;
    if (!strstr(interpreter, "/perl"))
        return 0;
    return take_all(server, "/usr", modules, take_folder, err) < 0 ||
                   take_all(server, "/usr", more, take_data, err) < 0
               ? -1
               : 0;
}

static int refuse_bare(const struct installed_server *server, struct err *err) {
    err_set(err, "%s/share has no messages of a server (english/errmsg.sys), which %s needs",
            server->base, server->daemon);
    return err_remedy(err, "name the server where it is installed, not in the folder that it was "
                           "built in: `cmake --install BUILD --prefix FOLDER` installs it");
}

// Takes its parts from the folders of MySQL's and MariaDB's own builds and of distributions.
static int take_parts(struct installed_server *server, struct err *err) {
    static const char *const messages[] = {"share/*/errmsg.sys", "share/*/*/errmsg.sys", NULL};
    static const char *const data[] = {"share/charsets/*",
                                       "share/mysql*/charsets/*",
                                       "share/maria*/charsets/*",
                                       "share/percona*/charsets/*",
                                       "share/*.sql",
                                       "share/mysql*/*.sql",
                                       "share/maria*/*.sql",
                                       "share/percona*/*.sql",
                                       NULL};
    static const char *const folders[] = {
        "lib*/plugin",          "lib*/mysql/plugin", "lib*/maria*/plugin", "lib*/*/mysql/plugin",
        "lib*/*/maria*/plugin", "lib*/private",      "lib*/mysql/private", NULL};
    static const char *const scripts[] = {"bin/m*install[-_]db", "scripts/m*install[-_]db",
                                          "sbin/m*install[-_]db", NULL};
    static const char *const helpers[] = {"bin/my_print_defaults", "extra/my_print_defaults",
                                          "bin/resolveip", "extra/resolveip", NULL};
    int count = take_all(server, server->base, messages, take_data, err);
    if (count <= 0)
        return count < 0 ? -1 : refuse_bare(server, err);
    if (take_all(server, server->base, data, take_data, err) < 0 ||
        take_all(server, server->base, folders, take_folder, err) < 0)
        return -1;
    count = take_all(server, server->base, scripts, take_script, err);
    if (count <= 0)
        return count;
    return take_all(server, server->base, helpers, take_program, err) < 0 ? -1
                                                                          : take_tools(server, err);
}

// ---- the whole ---------------------------------------------------------------------------------

static int refuse_program(const char *path, int machine, struct err *err) {
    struct utsname host;
    uname(&host);
    if (machine >= 0 && machine != elf_own_machine()) {
        err_set(err, "%s is for %s, and this machine is %s", path, elf_machine_name(machine),
                host.machine);
        return err_remedy(err, "name a server that was built for %s", host.machine);
    }
    if (errno != ENOEXEC)
        return err_errno(err, "%s", path);
    err_set(err, "%s is not a program that the kernel could load", path);
    return err_remedy(err, "name the server program itself, mysqld or mariadbd, and no script that "
                           "starts it, nor its folder");
}

// glibc before 2.34 loads this to look up a user.
static int take_users(struct installed_server *server, struct err *err) {
    if (!server->haul.libraries)
        return 0;
    cleanup_free char *path = xprintf("%s/libnss_files.so.2", server->haul.libraries);
    return take_loaded(server, path, err);
}

static int server_open(struct installed_server *server, const char *path, struct err *err) {
    struct elf elf;
    *server = (struct installed_server){0};
    haul_open(&server->haul);
    cleanup_free char *real = realpath(path, NULL);
    if (!real)
        return err_errno(err, "%s", path);
    if (elf_read(&elf, server->haul.arena, real) < 0)
        return refuse_program(path, elf.machine, err);
    server->daemon = arena_printf(server->haul.arena, "%s", real);
    server->base = server->haul.base = learn_base(server->haul.arena, real);
    if (take_data(server, real, err) < 0 ||
        haul_load(&server->haul, &server->process, server->daemon, true, err) < 0 ||
        take_users(server, err) < 0)
        return -1;
    return take_parts(server, err);
}

void installed_add_key(struct key *key, const char *path) {
    cleanup_server struct installed_server server;
    struct err ignored; // reported when it is copied
    server_open(&server, path, &ignored);
    for (size_t i = 0; i < server.haul.count; i++)
        reference_add_file(key, server.haul.pieces[i].path, &server.haul.pieces[i].info);
}

// ---- copying it --------------------------------------------------------------------------------

// Links libraries into the loader's default folder, since its configuration is missing here.
static int link_strays(const struct haul *haul, const char *folder, struct err *err) {
    for (size_t i = 0; haul->libraries && i < haul->strays.count; i++) {
        const char *path = ((const char **)haul->strays.items)[i];
        cleanup_free char *place = xprintf("%s%s", haul->libraries, strrchr(path, '/'));
        cleanup_free char *link = xprintf("%s%s", folder, place);
        if (stranger_refuse_links(folder, place, err) < 0)
            return -1;
        if (symlink(path, link) < 0 && errno != EEXIST)
            return err_errno(err, "make the link %s", link);
    }
    return 0;
}

static int write_list(const struct haul *haul, const char *path, struct err *err) {
    cleanup_text struct text list = {0};
    for (size_t i = 0; i < haul->count; i++) // relative, and including the NUL
        text_append(&list, haul->pieces[i].path + 1, strlen(haul->pieces[i].path));
    return file_write(path, text_get(&list), list.length, err);
}

// The only user in a server's container.
static int write_users(const char *folder, struct err *err) {
    static const char *const files[][2] = {{"passwd", "root:x:0:0:root:/:/bin/sh\n"},
                                           {"group", "root:x:0:\n"}};
    cleanup_free char *etc = xprintf("%s/etc", folder);
    if (stranger_refuse_links(folder, "/etc/", err) < 0 || file_make_folders(etc, 0755, err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        cleanup_free char *path = xprintf("%s/%s", etc, files[i][0]);
        if (file_write(path, files[i][1], strlen(files[i][1]), err) < 0)
            return -1;
    }
    return 0;
}

int installed_copy(struct keeper *keeper, const char *name, const char *path, const char *folder,
                   struct err *err) {
    static const char script[] =
        "tar -C / --no-recursion --null --verbatim-files-from -T \"$1\" -cf - | "
        "tar --no-same-owner -C \"$2\" -xf -";
    cleanup_server struct installed_server server;
    if (server_open(&server, path, err) < 0)
        return -1;
    cleanup_free char *list = xprintf("%s/files", keeper->aside);
    keeper_tell(keeper, "%s: copying %s with %zu files that it needs ..", name, server.daemon,
                server.haul.count - 1);
    const char *const command[] = {"bash", "-o", "pipefail", "-c", script,
                                   "bash", list, folder,     NULL};
    if (file_make_folders(folder, 0755, err) < 0 || write_list(&server.haul, list, err) < 0 ||
        debian_run(command, COPY_DEADLINE_MS, err) < 0 ||
        link_strays(&server.haul, folder, err) < 0)
        return -1;
    return write_users(folder, err);
}
