// SPDX-License-Identifier: Apache-2.0
// catalog.c - finding scenarios and selecting cases
#include "catalog/catalog.h"

#include "base/file.h"
#include "base/utf8.h"
#include "catalog/meant.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool has_fixtures(const char *folder) {
    cleanup_free char *fixtures = xprintf("%s/fixtures/servers", folder);
    return file_exists(fixtures);
}

char *catalog_home(struct err *err) {
    const char *asked = getenv("GONEAWAY_HOME");
    if (asked && *asked) {
        if (has_fixtures(asked))
            return xstrdup(asked);
        err_usage(err, "GONEAWAY_HOME is %s, and there is no fixtures/servers in it", asked);
        return NULL;
    }
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0) {
        err_errno(err, "/proc/self/exe");
        return NULL;
    }
    program[length] = '\0';
    for (char *slash; (slash = strrchr(program, '/'));) {
        *slash = '\0';
        if (has_fixtures(program))
            return xstrdup(program);
    }
#ifdef GONEAWAY_DATADIR
    if (has_fixtures(GONEAWAY_DATADIR))
        return xstrdup(GONEAWAY_DATADIR);
#endif
    err_set(err, "the folders scenarios and fixtures are not beside the program");
    err_remedy(err, "set GONEAWAY_HOME to the folder that holds them");
    return NULL;
}

/** The files of a folder, while it is read. */
struct found {
    char **files;
    size_t count;
};

static bool is_scenario_file(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".yml") == 0 || strcmp(dot, ".yaml") == 0);
}

// Whether it is a folder, rather than a link to one.
static bool is_folder(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// `levels`: how many levels of subfolders are searched.
static int find_files(const char *path, int levels, struct found *found, struct err *err) {
    DIR *folder = opendir(path);
    int ret = 0;
    for (struct dirent *entry; folder && ret == 0 && (errno = 0, entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        cleanup_free char *file = xprintf("%s/%s", path, entry->d_name);
        if (is_scenario_file(entry->d_name)) {
            found->files = xrealloc(found->files, found->count + 2, sizeof *found->files);
            found->files[found->count++] = xstrdup(file);
        } else if (levels > 0 && is_folder(file)) {
            ret = find_files(file, levels - 1, found, err);
        }
    }
    if (ret == 0 && (!folder || errno))
        ret = err_errno(err, "%s", path);
    if (folder)
        closedir(folder);
    return ret;
}

// Sorts by file name alone, across folders, as the cases are sorted too.
static int by_name(const void *a, const void *b) {
    const char *const *one = a, *const *other = b;
    int order = strcmp(strrchr(*one, '/'), strrchr(*other, '/'));
    return order ? order : strcmp(*one, *other);
}

char **catalog_files(const char *path, struct err *err) {
    struct stat info;
    struct found found = {.files = xcalloc(2, sizeof *found.files)};
    if (stat(path, &info) < 0) {
        err_errno(err, "%s", path);
        err->kind = ERR_USAGE;
        free(found.files);
        return NULL;
    }
    if (!S_ISDIR(info.st_mode)) {
        found.files[0] = xstrdup(path);
        return found.files;
    }
    int ret = find_files(path, 1, &found, err);
    found.files[found.count] = NULL;
    if (ret == 0 && found.count == 0)
        ret = err_usage(err, "there are no .yml files in %s", path);
    if (ret < 0) {
        catalog_free_files(found.files);
        return NULL;
    }
    qsort(found.files, found.count, sizeof *found.files, by_name);
    return found.files;
}

void catalog_free_files(char **files) {
    for (char **file = files; file && *file; file++)
        free(*file);
    free(files);
}

static const char *below(const char *folder, const char *file) {
    size_t length = strlen(folder);
    bool is_below = length > 1 && text_starts(file, folder) && file[length] == '/';
    return is_below ? file + length + 1 : NULL;
}

// NULL for a path that leads nowhere.
static char *resolved(const char *path) {
    char *real = realpath(path, NULL);
    if (!real && errno == ENOMEM)
        out_of_memory();
    return real;
}

char *catalog_relative(const char *home, const char *file) {
    cleanup_free char *here = resolved(".");
    cleanup_free char *real = resolved(file), *real_home = resolved(home);
    const char *found = here && real ? below(here, real) : NULL;
    if (!found && real && real_home)
        found = below(real_home, real);
    return xstrdup(found ? found : file);
}

struct scenario *catalog_read(const char *path, const char *named, struct err *err) {
    int within = strcmp(path, named) == 0 ? 1 : file_is_within(path, named, err);
    if (within > 0)
        return scenario_read(path, err);
    if (within == 0)
        err_usage(err,
                  "%s: is a link that leads out of its folder; name the file itself if it is meant",
                  path);
    return NULL;
}

static struct selection *add(struct catalog *catalog, struct scenario *scenario, bool by_file) {
    catalog->items = xrealloc(catalog->items, catalog->count + 1, sizeof *catalog->items);
    struct selection *item = &catalog->items[catalog->count++];
    *item = (struct selection){.scenario = scenario, .by_file = by_file};
    item->chosen = xcalloc(scenario->case_count, sizeof *item->chosen);
    catalog->bytes += arena_used(scenario->arena);
    return item;
}

// Each file has its own limit, SCENARIO_MAX_MEMORY, but a folder may have many files.
static int check_memory(const struct catalog *catalog, const char *path, struct err *err) {
    if (catalog->bytes <= CATALOG_MAX_BYTES)
        return 0;
    err_usage(err, "%s: up to here, the scenarios take more than %d MiB of memory", path,
              CATALOG_MAX_BYTES >> 20);
    return err_remedy(err, "name fewer files at once");
}

static void add_unread(struct catalog *catalog, const char *file, const struct err *err) {
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    catalog->unread = xrealloc(catalog->unread, catalog->unread_count + 1, sizeof *catalog->unread);
    catalog->unread[catalog->unread_count++] =
        (struct unread){.name = xprintf("%.*s", (int)(strrchr(name, '.') - name), name),
                        .what = xstrdup(err->what)};
}

// ---- which files -------------------------------------------------------------------------------

/** What the user asked for; a count of 0: everything. */
struct wish {
    int count;
    char **arguments;
};

// Whether a pattern could match an identifier of this file: those begin with the scenario's name,
// and so must the literal part of the pattern.
static bool could_begin(const char *pattern, const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return strncmp(pattern, name, strcspn(pattern, "*?[\\/@")) == 0;
}

// Whether YAML may hide a word by an escape, or by folding it into the next line.
static bool has_escapes(const struct text *data) {
    const char *at = text_get(data);
    while ((at = strchr(at, '\\')) && at[1] && !strchr("xuU/\r\n", at[1]))
        at += 2;
    return at && at[1];
}

// A tag appears in its file literally, unless YAML folds or escapes it.
static bool could_have_tag(const struct text *data, const char *tag) {
    if (tag[strcspn(tag, " \t\n'\"\\")] || strlen(text_get(data)) < data->length)
        return true;
    return strstr(text_get(data), tag) || has_escapes(data);
}

// Whether a file of the catalogue could hold something that is wished for. Parsing a file takes a
// hundred times as long as searching it.
static bool could_hold(const struct wish *wish, const char *path) {
    cleanup_text struct text data = {0};
    struct err told_when_it_is_parsed;
    for (int i = 0; i < wish->count; i++)
        if (could_begin(wish->arguments[i], path))
            return true;
    if (wish->count == 0 || file_read(path, SCENARIO_MAX_BYTES, &data, &told_when_it_is_parsed) < 0)
        return true;
    for (int i = 0; i < wish->count; i++)
        if (could_have_tag(&data, wish->arguments[i]))
            return true;
    return false;
}

// Puts several mistakes on lines of their own.
static void set_mistakes_apart(const char *path, struct err *err) {
    cleanup_free char *name = utf8_shown(path, false), *what = xstrdup(err->what);
    if (strchr(what, '\n'))
        snprintf(err->what, sizeof err->what, "%s is not a valid scenario\n%s", name, what);
}

// Reads files. A folder that is not chosen as a whole, the catalogue, may have files that cannot be
// read. `wish`: reads only files that could hold it; NULL: all.
static int read_files(struct catalog *catalog, const char *path, const struct wish *wish,
                      bool choose, struct err *err) {
    char **files = catalog_files(path, err);
    int ret = files ? 0 : -1;
    for (char **file = files; ret == 0 && *file; file++) {
        if (wish && !could_hold(wish, *file))
            continue;
        struct scenario *scenario = catalog_read(*file, path, err);
        if (!scenario && (choose || err->exhausted)) {
            set_mistakes_apart(*file, err);
            ret = -1;
            break;
        }
        if (!scenario) {
            add_unread(catalog, *file, err);
            continue;
        }
        struct selection *item = add(catalog, scenario, choose);
        for (size_t i = 0; choose && i < scenario->case_count; i++)
            item->chosen[i] = true;
        ret = check_memory(catalog, *file, err);
    }
    catalog_free_files(files);
    return ret;
}

static bool has_tag(const struct scenario *scenario, const char *tag) {
    for (size_t i = 0; i < scenario->tags.count; i++)
        if (strcmp(((const char **)scenario->tags.items)[i], tag) == 0)
            return true;
    return false;
}

// Whether this was a former name of the case, its variant or its scenario. No patterns: those match
// today's names.
static bool was_called(const struct plan_case *plan, const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < plan->former_count; i++)
        if (text_starts(plan->former[i], name) && strchr("/@", plan->former[i][length]))
            return true;
    return false;
}

static bool is_called(const struct scenario *scenario, const struct plan_case *plan,
                      const char *pattern) {
    cleanup_free char *variant = xprintf("%s/%s", scenario->name, plan->variant);
    return fnmatch(pattern, scenario->name, 0) == 0 || fnmatch(pattern, plan->id, 0) == 0 ||
           fnmatch(pattern, variant, 0) == 0 || has_tag(scenario, pattern);
}

bool catalog_fits(const struct scenario *scenario, const struct plan_case *plan,
                  const char *pattern) {
    return is_called(scenario, plan, pattern) || was_called(plan, pattern);
}

bool catalog_fits_any(const struct plan_case *plan, const struct list *patterns) {
    for (size_t i = 0; i < patterns->count; i++)
        if (catalog_fits(plan->scenario, plan, ((const char **)patterns->items)[i]))
            return true;
    return patterns->count == 0;
}

static bool choose_called(struct catalog *catalog, const char *pattern, bool formerly) {
    bool found = false;
    for (size_t i = 0; i < catalog->count; i++) {
        struct selection *item = &catalog->items[i];
        for (size_t k = 0; k < item->scenario->case_count && !item->by_file; k++) {
            const struct plan_case *plan = &item->scenario->cases[k];
            if (formerly ? was_called(plan, pattern) : is_called(item->scenario, plan, pattern))
                found = item->chosen[k] = true;
        }
    }
    return found;
}

// A name means whatever has it today; only if nothing has, whatever had it formerly.
static bool choose(struct catalog *catalog, const char *pattern) {
    return choose_called(catalog, pattern, false) || choose_called(catalog, pattern, true);
}

// ---- files that cannot be read -----------------------------------------------------------------

// Whether a pattern could refer to the scenario of that name or one of its cases.
static bool could_fit(const char *pattern, const char *name) {
    cleanup_free char *head = xprintf("%.*s", (int)strcspn(pattern, "/@"), pattern);
    return fnmatch(head, name, 0) == 0;
}

static bool is_tag(const struct catalog *catalog, const char *word) {
    for (size_t i = 0; i < catalog->count; i++)
        if (has_tag(catalog->items[i].scenario, word))
            return true;
    return false;
}

// Refuses to continue without a file to which the argument could refer.
static int check_unread(const struct catalog *catalog, const char *argument, struct err *err) {
    for (size_t i = 0; i < catalog->unread_count; i++)
        if (could_fit(argument, catalog->unread[i].name))
            return err_usage(err, "%s", catalog->unread[i].what);
    if (catalog->unread_count == 0 || !is_tag(catalog, argument))
        return 0;
    err_usage(err, "%s", catalog->unread[0].what);
    return err_remedy(err, "mend the file, which may have the tag '%s' too; or name scenarios",
                      argument);
}

static void warn_of_unread(const struct catalog *catalog) {
    for (size_t i = 0; i < catalog->unread_count; i++) {
        const char *all = catalog->unread[i].what;
        size_t length = strcspn(all, "\n");
        cleanup_free char *first = xprintf("%.*s%s", (int)length, all, all[length] ? " .." : "");
        cleanup_free char *what = utf8_shown(first, false);
        fprintf(stderr, "goneaway: warning: left out: %s\n", what);
    }
}

// ---- selecting ---------------------------------------------------------------------------------

static int unknown_argument(const struct catalog *catalog, const char *argument, struct err *err) {
    const char *dot = strrchr(argument, '.');
    if (strchr(argument, '/') && dot && (strcmp(dot, ".yml") == 0 || strcmp(dot, ".yaml") == 0))
        return err_usage(err, "%s: %s", argument, strerror(ENOENT));
    return meant_refuse(catalog, argument, err);
}

// Reads what the wish could refer to in the catalogue (`all`: everything), and refuses to continue
// without an unreadable file to which it could refer.
static int read_catalogue(struct catalog *catalog, const char *home, const struct wish *wish,
                          bool all, struct err *err) {
    cleanup_free char *folder = xprintf("%s/scenarios", home);
    bool wanted = wish->count == 0;
    for (int i = 0; i < wish->count; i++)
        wanted |= !file_exists(wish->arguments[i]);
    if (wanted && read_files(catalog, folder, all ? NULL : wish, false, err) < 0)
        return -1;
    for (int i = 0; i < wish->count; i++)
        if (!file_exists(wish->arguments[i]) && check_unread(catalog, wish->arguments[i], err) < 0)
            return -1;
    return wish->count == 0 ? check_unread(catalog, "*", err) : 0;
}

// 1: all is chosen; 0: some argument matches nothing.
static int choose_all(struct catalog *catalog, const struct wish *wish, struct err *err) {
    for (int i = 0; i < wish->count; i++) {
        char *argument = wish->arguments[i];
        if (file_exists(argument)) {
            if (read_files(catalog, argument, NULL, true, err) < 0)
                return -1;
        } else if (!choose(catalog, argument)) {
            unknown_argument(catalog, argument, err);
            return 0;
        }
    }
    if (wish->count == 0)
        choose(catalog, "*");
    return 1;
}

int catalog_select(struct catalog *catalog, const char *home, int count, char **arguments,
                   struct err *err) {
    const struct wish wish = {count, arguments};
    int chosen = 0;
    *catalog = (struct catalog){0};
    // reads the whole catalogue only if needed, or to suggest names for a misspelt one
    for (int all = 0; all <= 1 && chosen == 0; all++) {
        catalog_release(catalog);
        if (read_catalogue(catalog, home, &wish, all == 1, err) < 0)
            return -1;
        chosen = choose_all(catalog, &wish, err);
    }
    warn_of_unread(catalog);
    return chosen == 1 ? 0 : -1;
}

struct catalog catalog_of(struct scenario *scenario) {
    struct selection *item = xcalloc(1, sizeof *item);
    *item = (struct selection){.scenario = scenario,
                               .chosen = xcalloc(scenario->case_count + 1, sizeof(bool))};
    memset(item->chosen, true, scenario->case_count * sizeof(bool));
    return (struct catalog){.count = 1, .items = item};
}

void catalog_release(struct catalog *catalog) {
    for (size_t i = 0; i < catalog->count; i++) {
        scenario_free(catalog->items[i].scenario);
        free(catalog->items[i].chosen);
    }
    for (size_t i = 0; i < catalog->unread_count; i++) {
        free(catalog->unread[i].name);
        free(catalog->unread[i].what);
    }
    free(catalog->unread);
    free(catalog->items);
    *catalog = (struct catalog){0};
}

bool selection_has_chosen(const struct selection *item) {
    for (size_t k = 0; k < item->scenario->case_count; k++)
        if (item->chosen[k])
            return true;
    return false;
}
