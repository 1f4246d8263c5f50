// SPDX-License-Identifier: Apache-2.0
// shelf.c - where baselines lie, and which of them is for a connector and a server
#include "baseline/shelf.h"

#include "base/file.h"
#include "plan/condition.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A folder with more files is an error.
enum { MOST_FILES = 2000 };

// What was found for a place, since many cases ask for the same.
struct shelved {
    char *place;
    struct baseline *baseline;
    bool borrowed;
};

struct shelf {
    char *path;
    size_t found_count;
    struct shelved *found;
};

struct shelf *shelf_open(const char *path) {
    struct shelf *shelf = xcalloc(1, sizeof *shelf);
    shelf->path = xstrdup(path);
    return shelf;
}

void shelf_close(struct shelf *shelf) {
    if (!shelf)
        return;
    for (size_t i = 0; i < shelf->found_count; i++) {
        baseline_free(shelf->found[i].baseline);
        free(shelf->found[i].place);
    }
    free(shelf->found);
    free(shelf->path);
    free(shelf);
}

static bool ends_in(const char *text, const char *end) {
    size_t length = strlen(text), part = strlen(end);
    return length > part && strcmp(text + length - part, end) == 0;
}

bool shelf_is_folder(const struct shelf *shelf) {
    struct stat info;
    if (stat(shelf->path, &info) == 0)
        return S_ISDIR(info.st_mode);
    return !ends_in(shelf->path, ".yml") && !ends_in(shelf->path, ".yaml");
}

// ---- names -------------------------------------------------------------------------------------

enum { MOST_OF_NAME = 64, MOST_OF_VERSION = 32 };

// The length of the name in "mariadb-c-3.4" if the version is 3.4.8: a version at the end of a name
// yields to the actual one. The whole length if it ends in no version, or another one.
static size_t stem_length(const char *name, const char *version) {
    const char *dash = strrchr(name, '-');
    size_t length = dash ? strlen(dash + 1) : 0;
    bool says = dash && dash > name && length > 0 && text_starts(version, dash + 1) &&
                (version[length] == '.' || version[length] == '\0');
    return says ? (size_t)(dash - name) : strlen(name);
}

static bool is_version(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr(".+~_", text[i]))
            return false;
    return length > 0;
}

// A dash separates name and version, so the version has none: 2.0.0_SNAPSHOT.
static void append_harmless(struct text *out, const char *part, size_t length,
                            const char *allowed) {
    for (size_t i = 0; i < length; i++) {
        bool harmless = isalnum((unsigned char)part[i]) || strchr(allowed, part[i]);
        text_append(out, harmless ? &part[i] : "_", 1);
    }
}

// "mariadb-c-". Both may come from a stranger's program, so neither may lead out of the folder.
static struct text file_stem(const char *name, const char *version) {
    struct text stem = {0};
    size_t length = stem_length(name, version);
    bool hidden = *name == '.';
    text_add(&stem, hidden ? "_" : "");
    append_harmless(&stem, name + hidden, (length < MOST_OF_NAME ? length : MOST_OF_NAME) - hidden,
                    ".+~_-");
    text_add(&stem, "-");
    return stem;
}

static char *file_name(const char *name, const char *version) {
    struct text file = file_stem(name, version);
    size_t length = strcspn(version, " ");
    append_harmless(&file, version, length < MOST_OF_VERSION ? length : MOST_OF_VERSION, ".+~_");
    text_add(&file, length ? "" : "unknown");
    return file.data;
}

char *shelf_path(const struct shelf *shelf, const struct place *place) {
    if (!shelf_is_folder(shelf))
        return xstrdup(shelf->path);
    cleanup_free char *connector = file_name(place->connector, place->connector_version);
    cleanup_free char *server = file_name(place->server, place->server_version);
    return xprintf("%s/%s/%s.yml", shelf->path, connector, server);
}

int shelf_holds(const struct shelf *shelf, const char *path, struct err *err) {
    struct stat info;
    bool link = lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
    const char *slash = strrchr(path, '/');
    cleanup_free char *folder = xprintf("%.*s", slash ? (int)(slash - path) : 0, path);
    if (!shelf_is_folder(shelf))
        return 0;
    int within = file_is_within(link ? path : folder, shelf->path, err);
    if (within <= 0 || (link && access(path, F_OK) < 0))
        return within < 0 ? -1
                          : err_usage(err, "%s: is, or lies behind, a link that leads out of %s",
                                      path, shelf->path);
    return 0;
}

// Whether "mariadb-c-3.4.8", or "mysql-9.7.4.yml" with the ending, could belong to a name.
static bool could_be(const char *entry, const char *end, const char *name, const char *version) {
    cleanup_text struct text stem = file_stem(name, version);
    size_t length = strlen(entry), rest = strlen(end);
    return length > stem.length + rest && text_starts(entry, text_get(&stem)) &&
           strcmp(entry + length - rest, end) == 0 &&
           is_version(entry + stem.length, length - stem.length - rest);
}

// ---- reading -----------------------------------------------------------------------------------

/** What is searched for, and what was found so far. */
struct search {
    struct shelf *shelf;
    const struct place *place; // NULL: all files
    const char *connector;     // the name to match with the file's connector
    const char *server;        // the name to match with its server; a vendor matches any version
    struct baseline *best;     // to be freed
    size_t seen, bytes;
    struct err *err;
    bool failed;
};

// How near a version is: the same, an older one of the same major version, a newer one, or an older
// one of another major version. MySQL 8.0 behaves mostly like 9.7, and hardly like 5.6.
static int distance(const char *version, const char *wanted) {
    int order = version_compare(version, wanted);
    bool same_major = atoi(version) == atoi(wanted);
    return order == 0 ? 0 : order < 0 && same_major ? 1 : order > 0 ? 2 : 3;
}

// Compares which of two versions is nearer: the later of two older ones, the earlier of two newer
// ones.
static int compare_nearness(const char *one, const char *other, const char *wanted) {
    int a = distance(one, wanted), b = distance(other, wanted);
    int order = version_compare(one, other);
    return a != b ? a - b : a == 2 ? order : -order;
}

static bool is_nearer(const struct baseline *one, const struct baseline *other,
                      const struct place *place) {
    int order = compare_nearness(one->connector_version, other->connector_version,
                                 place->connector_version);
    if (order == 0)
        order = compare_nearness(one->server_version, other->server_version, place->server_version);
    return order < 0;
}

// Only the first error is reported.
static void fail(struct search *search, const struct err *err) {
    if (!search->failed)
        *search->err = *err;
    search->failed = true;
}

// Whether "mysql-5.6", of version 5.6.24, matches "mysql-5.6", or the vendor "mysql".
static bool is_server(const struct baseline *baseline, const char *wanted) {
    size_t length = stem_length(baseline->server, baseline->server_version);
    return strcmp(baseline->server, wanted) == 0 ||
           (length == strlen(wanted) && strncmp(baseline->server, wanted, length) == 0);
}

static bool fits(const struct search *search, const struct baseline *baseline) {
    return search->place && strcmp(baseline->connector, search->connector) == 0 &&
           is_server(baseline, search->server) &&
           (!search->best || is_nearer(baseline, search->best, search->place));
}

// Keeps only the best, since a file takes many times its size in memory.
static void consider(struct search *search, const char *path) {
    struct err err = {0};
    search->seen++;
    if (search->seen > MOST_FILES) {
        err_usage(&err, "%s: has more than %d files that could be meant", search->shelf->path,
                  MOST_FILES);
        fail(search, &err);
        return;
    }
    if (search->bytes > BASELINE_MOST_BYTES) {
        err_usage(&err, "%s: holds more than %d MiB of outcomes", search->shelf->path,
                  BASELINE_MOST_BYTES >> 20);
        fail(search, &err);
        return;
    }
    struct baseline *baseline =
        shelf_holds(search->shelf, path, &err) < 0 ? NULL : baseline_read(path, &err);
    if (!baseline) {
        search->bytes += YAML_MAX_BYTES;
        fail(search, &err);
        return;
    }
    search->bytes += baseline->bytes;
    if (fits(search, baseline)) {
        struct baseline *worse = search->best;
        search->best = baseline;
        baseline = worse;
    }
    baseline_free(baseline);
}

// What is not a folder has no entries.
static int list_folder(struct search *search, const char *folder, struct dirent ***ret_entries) {
    struct err err = {0};
    int count = scandir(folder, ret_entries, NULL, alphasort);
    if (count < 0 && err_is_exhaustion(errno)) {
        err_errno(&err, "list %s", folder);
        fail(search, &err);
    }
    return count;
}

static void consider_folder(struct search *search, const char *folder) {
    struct dirent **entries;
    const struct place *place = search->place;
    int count = list_folder(search, folder, &entries);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        bool asked = name[0] != '.' && ends_in(name, ".yml") &&
                     (!place || could_be(name, ".yml", search->server, place->server_version));
        cleanup_free char *path = xprintf("%s/%s", folder, name);
        if (asked)
            consider(search, path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void consider_all(struct search *search) {
    const char *top = search->shelf->path;
    struct dirent **entries;
    const struct place *place = search->place;
    if (!shelf_is_folder(search->shelf)) {
        if (file_exists(top))
            consider(search, top);
        return;
    }
    int count = list_folder(search, top, &entries);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        cleanup_free char *folder = xprintf("%s/%s", top, name);
        if (name[0] != '.' &&
            (!place || could_be(name, "", search->connector, place->connector_version)))
            consider_folder(search, folder);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

int shelf_read_all(struct shelf *shelf, struct err *err) {
    struct search search = {.shelf = shelf, .err = err};
    if (!file_exists(shelf->path))
        return err_usage(err, "%s: %s", shelf->path, strerror(ENOENT));
    consider_all(&search);
    if (search.failed)
        return -1;
    return search.seen > 0
               ? 0
               : err_usage(err, "%s: has no CONNECTOR-VERSION/SERVER-VERSION.yml", shelf->path);
}

// ---- finding -----------------------------------------------------------------------------------

static struct baseline *find(struct shelf *shelf, const struct place *place, const char *server,
                             char **ret_warning) {
    struct err err = {0};
    const char *names[] = {place->connector, place->family};
    struct search search = {.shelf = shelf, .place = place, .server = server, .err = &err};
    for (size_t i = 0; i < COUNT_OF(names) && !search.best; i++) {
        search.connector = names[i];
        if (names[i])
            consider_all(&search);
    }
    if (search.failed && err.exhausted)
        err_end(&err); // the case would be judged by another file, as if this one said nothing
    *ret_warning = search.failed ? xstrdup(err.what) : NULL;
    return search.best;
}

static const struct baseline *find_server(struct shelf *shelf, const struct place *place,
                                          const char *server, bool *ret_borrowed,
                                          char **ret_warning) {
    cleanup_free char *key =
        xprintf("%s\n%s\n%s\n%s\n%s", place->connector, place->connector_version,
                place->family ? place->family : "", server, place->server_version);
    *ret_warning = NULL;
    for (size_t i = 0; i < shelf->found_count; i++)
        if (strcmp(shelf->found[i].place, key) == 0) {
            *ret_borrowed = shelf->found[i].borrowed;
            return shelf->found[i].baseline;
        }
    struct baseline *found = find(shelf, place, server, ret_warning);
    *ret_borrowed =
        found && (version_compare(found->connector_version, place->connector_version) != 0 ||
                  version_compare(found->server_version, place->server_version) != 0);
    shelf->found = xrealloc(shelf->found, shelf->found_count + 1, sizeof *shelf->found);
    shelf->found[shelf->found_count++] =
        (struct shelved){.place = xstrdup(key), .baseline = found, .borrowed = *ret_borrowed};
    return found;
}

const struct baseline *shelf_find(struct shelf *shelf, const struct place *place,
                                  bool *ret_borrowed, char **ret_warning) {
    return find_server(shelf, place, place->server, ret_borrowed, ret_warning);
}

const struct baseline *shelf_find_kin(struct shelf *shelf, const struct place *place,
                                      bool *ret_borrowed, char **ret_warning) {
    const struct baseline *found =
        find_server(shelf, place, place->server, ret_borrowed, ret_warning);
    if (found || *ret_warning || !*place->vendor || strcmp(place->server, place->vendor) == 0)
        return found;
    return find_server(shelf, place, place->vendor, ret_borrowed, ret_warning);
}
