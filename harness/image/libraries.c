// SPDX-License-Identifier: Apache-2.0
// libraries.c - where this machine's loader finds a program's libraries
//
// In the order of ld.so(8): the program's own folders (DT_RPATH, which DT_RUNPATH replaces),
// LD_LIBRARY_PATH, DT_RUNPATH, the folders in /etc/ld.so.conf, and the built-in ones. The loader
// itself is not asked, since asking it would begin to run the program.
#include "image/libraries.h"

#include "base/file.h"
#include "base/text.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FOLDERS = 500, MOST_CONF_BYTES = 64 << 10, MOST_INCLUDES = 4 };

static void add_folder(struct library_folders *folders, const char *folder) {
    struct list *usual = &folders->usual;
    if (usual->count >= MOST_FOLDERS || folder[0] != '/')
        return;
    const char **items = arena_alloc(folders->arena, (usual->count + 1) * sizeof *items);
    for (size_t i = 0; i < usual->count; i++)
        items[i] = ((const char **)usual->items)[i];
    items[usual->count++] = folder;
    usual->items = items;
}

static void read_conf(struct library_folders *folders, const char *path, int depth);

static void include(struct library_folders *folders, const char *pattern, int depth) {
    cleanup_free char *whole = xprintf("%s%s", *pattern == '/' ? "" : "/etc/", pattern);
    glob_t found = {0};
    if (glob(whole, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            read_conf(folders, found.gl_pathv[i], depth + 1);
    globfree(&found);
}

// Each line is a folder, or "include PATTERN"; # starts a comment.
static void read_conf(struct library_folders *folders, const char *path, int depth) {
    static const char word[] = "include";
    cleanup_text struct text data = {0};
    struct err none;
    if (depth > MOST_INCLUDES || file_read(path, MOST_CONF_BYTES, &data, &none) < 0)
        return;
    char *rest = data.data;
    for (char *line; (line = strsep(&rest, "\n"));) {
        line[strcspn(line, "#")] = '\0';
        line += strspn(line, " \t");
        for (size_t end = strlen(line); end > 0 && isspace((unsigned char)line[end - 1]); end--)
            line[end - 1] = '\0';
        if (text_starts(line, word) && isspace((unsigned char)line[strlen(word)]))
            include(folders, line + strlen(word) + strspn(line + strlen(word), " \t"), depth);
        else
            add_folder(folders, arena_text(folders->arena, line, strcspn(line, " \t=")));
    }
}

void libraries_open(struct library_folders *folders, struct arena *arena) {
    // the last is musl's
    static const char *const built_in[] = {"/lib64", "/usr/lib64", "/lib", "/usr/lib",
                                           "/usr/local/lib"};
    const char *of_caller = getenv("LD_LIBRARY_PATH");
    *folders = (struct library_folders){.arena = arena};
    while (of_caller && *of_caller) {
        size_t length = strcspn(of_caller, ":;");
        add_folder(folders, arena_text(arena, of_caller, length));
        of_caller += length + (of_caller[length] != '\0');
    }
    folders->of_caller = folders->usual.count;
    read_conf(folders, "/etc/ld.so.conf", 0);
    for (size_t i = 0; i < COUNT_OF(built_in); i++)
        add_folder(folders, built_in[i]);
}

// A library for another machine is skipped.
static const char *try_folder(const struct library_folders *folders, const char *folder,
                              const char *name) {
    const char *path = arena_printf(folders->arena, "%s/%s", folder, name);
    struct elf elf;
    return file_exists(path) && elf_read(&elf, folders->arena, path) == 0 ? path : NULL;
}

// "$ORIGIN/../lib" in /opt/x/bin/y is /opt/x/bin/../lib; NULL: it has another variable.
static const char *expand(const struct library_folders *folders, const char *folder, size_t length,
                          const char *origin) {
    static const char *const words[] = {"$ORIGIN", "${ORIGIN}"};
    cleanup_free char *text = xprintf("%.*s", (int)length, folder);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_starts(text, words[i])) {
            const char *rest = text + strlen(words[i]);
            return strchr(rest, '$')
                       ? NULL
                       : arena_printf(folders->arena, "%.*s%s",
                                      (int)(strrchr(origin, '/') - origin), origin, rest);
        }
    return *text == '/' && !strchr(text, '$') ? arena_text(folders->arena, text, length) : NULL;
}

static const char *try_named(const struct library_folders *folders, const char *named,
                             const char *origin, const char *name) {
    const char *path = NULL;
    while (!path && named && *named) {
        size_t length = strcspn(named, ":");
        const char *folder = expand(folders, named, length, origin);
        if (folder)
            path = try_folder(folders, folder, name);
        named += length + (named[length] != '\0');
    }
    return path;
}

static const char *try_usual(const struct library_folders *folders, size_t from, size_t to,
                             const char *name) {
    const char *path = NULL;
    for (size_t i = from; !path && i < to; i++)
        path = try_folder(folders, ((const char **)folders->usual.items)[i], name);
    return path;
}

const char *library_find(const struct library_folders *folders, const struct library_seeker *seeker,
                         const char *name, bool *ret_own) {
    const struct elf *elf = seeker->elf;
    const char *path = NULL;
    *ret_own = true;
    if (*name == '/')
        return try_folder(folders, "", name + 1);
    if (strchr(name, '/'))
        return NULL;
    if (!elf->runpath)
        path = try_named(folders, elf->rpath, seeker->path, name);
    if (!path && !elf->runpath)
        path = try_named(folders, seeker->program_rpath, seeker->path, name);
    if (path)
        return path;
    *ret_own = false;
    path = try_usual(folders, 0, folders->of_caller, name);
    if (path)
        return path;
    path = try_named(folders, elf->runpath, seeker->path, name);
    *ret_own = path != NULL;
    return path ? path : try_usual(folders, folders->of_caller, folders->usual.count, name);
}
