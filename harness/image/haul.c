// SPDX-License-Identifier: Apache-2.0
// haul.c - collects files of this machine, with the links to them and the libraries they need
#include "image/haul.h"

#include "base/file.h"
#include "base/text.h"
#include "cache/cache.h"
#include "image/data.h"
#include "image/image.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_FILES = 20000, MOST_LINKS = 40 };
static const long long most_bytes = 4LL << 30;

// ---- files -------------------------------------------------------------------------------------

// goneaway's own files in each container would hide the server's.
static int refuse_hidden(const char *path, struct err *err) {
    static const char *const hidden[] = {"/tmp/",     "/run/",           "/dev/",
                                         "/proc/",    "/sys/",           "/adapter/",
                                         "/var/log/", "/var/lib/mysql/", CERTIFICATES_DIR "/"};
    for (size_t i = 0; i < COUNT_OF(hidden); i++)
        if (text_starts(path, hidden[i])) {
            err_set(err, "%s would not be seen in a container, which has a %.*s of its own", path,
                    (int)strlen(hidden[i]) - 1, hidden[i]);
            return err_remedy(err,
                              "install the server elsewhere, such as below /opt, /usr/local or "
                              "a home folder");
        }
    return 0;
}

static int add_piece(struct haul *haul, const char *path, const struct stat *info,
                     struct err *err) {
    for (size_t i = haul->count; i-- > 0;)
        if (strcmp(haul->pieces[i].path, path) == 0)
            return 0;
    haul->bytes += info->st_size;
    if (haul->count >= MOST_FILES || haul->bytes > most_bytes)
        return err_set(err, "what the server needs is more than %d files or %lld GiB", MOST_FILES,
                       most_bytes >> 30);
    haul->pieces = xgrow(haul->pieces, haul->count, sizeof *haul->pieces);
    haul->pieces[haul->count++] =
        (struct haul_file){.path = arena_printf(haul->arena, "%s", path), .info = *info};
    return refuse_hidden(path, err);
}

// Continues at a link's target; `rest` is what follows the link in the path.
static char *follow(const char *link, char *ret_so_far, const char *rest) {
    char target[PATH_MAX];
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length <= 0)
        return NULL;
    if (target[0] == '/')
        *ret_so_far = '\0';
    return xprintf("%.*s/%s", (int)length, target, rest);
}

static bool lies_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return length > 1 && strncmp(path, folder, length) == 0 && path[length] == '/';
}

static bool is_program(struct haul *haul, const char *path) {
    struct elf elf;
    return elf_read(&elf, haul->arena, path) == 0;
}

// A server built by somebody else may refer, or link, to any file. Of files that are not its own,
// only programs, libraries and shared system files are taken, and only if everybody may read them.
static bool may_be_taken(struct haul *haul, const char *path, const struct stat *info) {
    if (haul->base && lies_below(path, haul->base) && !lies_below(path, "/usr"))
        return true;
    return (info->st_mode & S_IROTH) && (lies_below(path, "/usr") || is_program(haul, path));
}

int haul_path(struct haul *haul, const char *path, char *ret_real, struct err *err) {
    char whole[PATH_MAX] = "";
    char *rest = xstrdup(path), *start = rest;
    struct stat info = {0};
    int ret = 0;
    *ret_real = '\0';
    for (int links = 0; ret == 0 && rest;) {
        cleanup_free char *word = xprintf("/%s", strsep(&rest, "/"));
        char *slash = strrchr(ret_real, '/');
        if (strcmp(word, "/..") == 0 && slash)
            *slash = '\0';
        if (!word[1] || strcmp(word, "/.") == 0 || strcmp(word, "/..") == 0)
            continue;
        if ((size_t)snprintf(whole, sizeof whole, "%s%s", ret_real, word) >= sizeof whole ||
            lstat(whole, &info) < 0 || (S_ISLNK(info.st_mode) && ++links > MOST_LINKS)) {
            *ret_real = '\0';
            break;
        }
        if (!S_ISLNK(info.st_mode)) {
            strcpy(ret_real, whole);
            continue;
        }
        ret = add_piece(haul, whole, &info, err);
        char *next = follow(whole, ret_real, rest ? rest : "");
        free(start);
        start = rest = next;
        if (!next)
            *ret_real = '\0';
    }
    free(start);
    if (ret < 0 || !*ret_real || !S_ISREG(info.st_mode) || access(ret_real, R_OK) < 0)
        return ret;
    if (!may_be_taken(haul, ret_real, &info)) {
        *ret_real = '\0';
        return 0;
    }
    return add_piece(haul, ret_real, &info, err);
}

// ---- libraries ---------------------------------------------------------------------------------

void haul_forget(struct process *process) {
    free(process->loaded);
}

static bool has_loaded(const struct process *process, const char *name) {
    for (size_t i = 0; i < process->count; i++)
        if (strcmp(process->loaded[i].name, name) == 0)
            return true;
    return false;
}

static void add_loaded(struct process *process, const char *name, const char *path) {
    process->loaded = xgrow(process->loaded, process->count, sizeof *process->loaded);
    process->loaded[process->count++] = (struct loaded){name, path};
}

static int refuse_missing(const char *name, const char *needed_by, struct err *err) {
    err_set(err, "the library %s, which %s needs, is not on this machine", name, needed_by);
    return err_remedy(err, "install the package that has it; or, if it is in a folder that the "
                           "loader does not know, name that folder in LD_LIBRARY_PATH");
}

static void add_stray(struct haul *haul, const char *path) {
    const char **items = arena_alloc(haul->arena, (haul->strays.count + 1) * sizeof *items);
    for (size_t i = 0; i < haul->strays.count; i++)
        items[i] = ((const char **)haul->strays.items)[i];
    items[haul->strays.count++] = path;
    haul->strays.items = items;
}

// Links in its path are resolved.
static const char *folder_of(struct haul *haul, const char *path) {
    cleanup_free char *folder = xprintf("%.*s", (int)(strrchr(path, '/') - path), path);
    cleanup_free char *real = realpath(folder, NULL);
    return real ? arena_printf(haul->arena, "%s", real) : NULL;
}

// A library may be missing unless `must` is set: a plugin's, for example.
static int take_library(struct haul *haul, struct process *process,
                        const struct library_seeker *seeker, const char *name, bool must,
                        struct err *err) {
    char real[PATH_MAX];
    bool own;
    const char *path = library_find(&haul->folders, seeker, name, &own);
    if (!path)
        return must ? refuse_missing(name, seeker->path, err) : 0;
    if (haul_path(haul, path, real, err) < 0)
        return -1;
    if (!haul->libraries && text_starts(name, "libc."))
        haul->libraries = folder_of(haul, path);
    if (!own)
        add_stray(haul, path);
    add_loaded(process, name, path);
    return 0;
}

static int take_loader(struct haul *haul, const struct elf *elf, const char *path,
                       struct err *err) {
    char real[PATH_MAX] = "";
    if (elf->interpreter && haul_path(haul, elf->interpreter, real, err) < 0)
        return -1;
    bool there = *real && is_program(haul, real);
    return elf->interpreter && !there ? refuse_missing(elf->interpreter, path, err) : 0;
}

int haul_load(struct haul *haul, struct process *process, const char *path, bool must,
              struct err *err) {
    size_t at = process->count;
    add_loaded(process, path, path);
    for (; at < process->count; at++) {
        struct elf elf;
        const struct library_seeker seeker = {process->loaded[at].path, &elf, process->rpath};
        if (elf_read(&elf, haul->arena, seeker.path) < 0)
            continue; // not a program but a script, or data
        if (at == 0)
            process->rpath = elf.rpath;
        if (must && take_loader(haul, &elf, seeker.path, err) < 0)
            return -1;
        for (size_t i = 0; i < elf.needed.count; i++) {
            const char *name = ((const char **)elf.needed.items)[i];
            if (!has_loaded(process, name) &&
                take_library(haul, process, &seeker, name, must, err) < 0)
                return -1;
        }
    }
    return 0;
}

int haul_program(struct haul *haul, const char *path, struct err *err) {
    cleanup_process struct process process = {0};
    char real[PATH_MAX];
    if (haul_path(haul, path, real, err) < 0)
        return -1;
    return *real ? haul_load(haul, &process, arena_printf(haul->arena, "%s", real), true, err) : 0;
}

void haul_open(struct haul *haul) {
    *haul = (struct haul){.arena = arena_new()};
    libraries_open(&haul->folders, haul->arena);
}

void haul_close(struct haul *haul) {
    free(haul->pieces);
    arena_free(haul->arena);
}
