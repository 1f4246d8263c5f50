// SPDX-License-Identifier: Apache-2.0
// host_places.c - which host folders the cases of a run see, besides those of every sandbox
// (sandbox/root.c)
#include "catalog/host_places.h"

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_MOUNTINFO = 4 << 20 };

/** What interpreters and their libraries read at startup; nothing that holds a password. */
static const char *const for_interpreters[] = {"/opt",
                                               "/etc/java",
                                               "/etc/ca-certificates",
                                               "/etc/ssl/certs",
                                               "/etc/php",
                                               "/etc/perl",
                                               "/etc/ssl/openssl.cnf",
                                               "/etc/odbcinst.ini",
                                               "/etc/python3",
                                               "/etc/java-11-openjdk",
                                               "/etc/java-17-openjdk",
                                               "/etc/java-21-openjdk",
                                               "/etc/java-25-openjdk",
                                               "/etc/pki/ca-trust",
                                               "/etc/pki/tls/certs"};

static const char *add(struct host_places *places, struct sandbox_place place) {
    places->items = xrealloc(places->items, places->count + 2, sizeof *places->items);
    place.path = xstrdup(place.path);
    places->items[places->count++] = place;
    places->items[places->count] = (struct sandbox_place){0};
    return place.path;
}

// Folders of the user may hold sockets of running programs, which `inert` keeps out of reach.
static const char *show(struct host_places *places, const char *path) {
    const char **seen = xrealloc(places->seen.items, places->seen.count + 1, sizeof *seen);
    places->seen.items = seen;
    seen[places->seen.count] = add(places, (struct sandbox_place){.path = path, .inert = true});
    return seen[places->seen.count++];
}

// Whether a folder is `inner` or one of its ancestors.
static bool is_above(const char *folder, const char *inner) {
    cleanup_free char *real = realpath(inner, NULL);
    size_t length = strlen(folder);
    return real && strncmp(real, folder, length) == 0 &&
           (real[length] == '/' || real[length] == '\0' || strcmp(folder, "/") == 0);
}

static bool holds_home_of(const char *folder, const char *uid) {
    const struct passwd *user = uid && *uid ? getpwuid((uid_t)strtoul(uid, NULL, 10)) : NULL;
    return user && is_above(folder, user->pw_dir);
}

// Root has many ways into other users' folders.
static bool holds_any_home(const char *folder) {
    enum { FIRST_USER = 1000 };
    bool found = false;
    setpwent();
    for (const struct passwd *user; !found && (user = getpwent());)
        found = user->pw_uid >= FIRST_USER && is_above(folder, user->pw_dir);
    endpwent();
    return found;
}

// Looks for the user's home in several ways, since HOME may be missing or another user's.
static bool holds_home(const char *folder) {
    char uid[16];
    const char *home = getenv("HOME");
    snprintf(uid, sizeof uid, "%u", getuid());
    return (home && is_above(folder, home)) || holds_home_of(folder, uid) ||
           holds_any_home(folder) || holds_home_of(folder, getenv("SUDO_UID")) ||
           holds_home_of(folder, getenv("PKEXEC_UID"));
}

bool host_places_are_private(const char *folder) {
    return holds_home(folder) || is_above(folder, "/etc") || text_starts(folder, "/etc/");
}

// Adds the current folder, unless it is a home folder, the whole host or its /etc, which statements
// of a stranger must not read.
static void add_here(struct host_places *places) {
    cleanup_free char *here = getcwd(NULL, 0);
    if (!here)
        return;
    if (host_places_are_private(here))
        fprintf(stderr, "goneaway: warning: the adapter or program does not see the current "
                        "folder, which is, or "
                        "holds, a home folder or /etc; name what it needs by --adapter-path\n");
    else
        places->here = show(places, here);
}

static int add_named(struct host_places *places, const char *path, struct err *err) {
    cleanup_free char *real = realpath(path, NULL);
    if (!real) {
        err_errno(err, "--adapter-path %s", path);
        err->kind = ERR_USAGE;
        return -1;
    }
    if (strcmp(real, "/") == 0)
        return err_usage(err, "--adapter-path / would show an adapter the whole machine; name the "
                              "folders that it needs");
    show(places, real);
    return 0;
}

static void add_inert(struct host_places *places, const char *path) {
    struct stat info;
    if (lstat(path, &info) == 0 && (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode)))
        add(places, (struct sandbox_place){.path = path, .optional = true, .inert = true});
}

// The kernel writes a blank as "\040".
static void unescape(char *path) {
    char *to = path;
    unsigned character;
    for (const char *from = path; *from; to++) {
        bool escaped = sscanf(from, "\\%3o", &character) == 1;
        *to = escaped ? (char)character : *from;
        from += escaped ? 4 : 1;
    }
    *to = '\0';
}

// Adds what is mounted below /usr, such as a separate /usr/local, in mount order.
static int add_mounted(struct host_places *places, struct err *err) {
    cleanup_text struct text mounts = {0};
    if (file_read("/proc/self/mountinfo", MOST_MOUNTINFO, &mounts, err) < 0)
        return err_context(err, "look for what is mounted below /usr");
    char *rest = mounts.data;
    for (char *line; (line = strsep(&rest, "\n"));) {
        char path[PATH_MAX] = "";
        if (sscanf(line, "%*d %*d %*s %*s %4095s", path) != 1)
            continue;
        unescape(path);
        if (text_starts(path, "/usr/"))
            add_inert(places, path);
    }
    return 0;
}

// Adds the host's programs; daemons may keep sockets there too, say in /usr/local/mysql.
static int add_programs(struct host_places *places, struct err *err) {
    static const char *const folders[] = {"/usr",   "/bin",   "/sbin",  "/lib",
                                          "/lib32", "/lib64", "/libx32"};
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        add_inert(places, folders[i]);
        if (i == 0 && add_mounted(places, err) < 0)
            return -1;
    }
    return 0;
}

// In an adapter's view the cache is hidden at its real path only.
static bool leads_above(const char *folder, const char *cache) {
    cleanup_free char *real = realpath(folder, NULL);
    return real && strcmp(real, folder) != 0 && is_above(real, cache);
}

static void add_for_interpreters(struct host_places *places, const char *cache) {
    for (size_t i = 0; i < COUNT_OF(for_interpreters); i++)
        if (!leads_above(for_interpreters[i], cache))
            add(places, (struct sandbox_place){
                            .path = for_interpreters[i], .optional = true, .inert = true});
}

static bool is_seen(const struct host_places *places, const char *path) {
    for (size_t i = 0; i < places->count; i++)
        if (!places->items[i].optional || access(places->items[i].path, F_OK) == 0)
            if (is_above(places->items[i].path, path))
                return true;
    return false;
}

// A script that is hidden looks missing from inside, which nobody would guess.
static void warn_of_hidden(const struct host_places *places, const char *command) {
    cleanup_free char *copy = xstrdup(command);
    char *rest = copy;
    for (char *word; (word = strsep(&rest, " \t\n='\""));) {
        if (*word != '/' || access(word, F_OK) < 0 || text_starts(word, "/dev/") ||
            text_starts(word, "/proc/") || is_seen(places, word))
            continue;
        cleanup_free char *shown = utf8_shown(word, false);
        fprintf(stderr,
                "goneaway: warning: %s is there, but is not shown to what runs in the place of the "
                "app; change to its folder, or add it by --adapter-path\n",
                shown);
    }
}

int host_places_open(struct host_places *places, const struct images *images,
                     const struct options *options, struct err *err) {
    bool on_host = options->adapter_count + options->program_count > 0;
    if (options->adapter_path_count > 0 && !on_host)
        return err_usage(err, "--adapter-path says what an --adapter sees, and there is none");
    if (on_host && add_programs(places, err) < 0)
        return -1;
    if (on_host) {
        add_for_interpreters(places, images->cache.folder);
        add_here(places);
    }
    for (int i = 0; i < options->adapter_path_count; i++)
        if (add_named(places, options->adapter_paths[i], err) < 0)
            return -1;
    for (size_t i = 0; i < images->folder_count; i++)
        add(places, (struct sandbox_place){.path = images->folders[i], .inert = true});
    // added last, so that no folder above hides them
    add(places, (struct sandbox_place){.path = images->fixtures, .inert = on_host});
    add(places, (struct sandbox_place){.path = images->cache.folder, .optional = true});
    for (int i = 0; i < options->adapter_count; i++)
        warn_of_hidden(places, options->adapters[i]);
    for (int i = 0; i < options->program_count; i++)
        warn_of_hidden(places, options->programs[i]);
    return 0;
}

void host_places_show(const struct host_places *places, struct images *images) {
    for (size_t i = 0; i < images->connector_count; i++)
        if (images->connectors[i].on_host) {
            images->connectors[i].folder = places->here;
            images->connectors[i].hidden = images->cache.folder;
            images->connectors[i].sees = places->seen;
        }
}

void host_places_release(struct host_places *places) {
    for (size_t i = 0; i < places->count; i++)
        free((char *)places->items[i].path);
    free(places->items);
    free(places->seen.items);
    *places = (struct host_places){0};
}
