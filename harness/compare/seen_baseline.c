// SPDX-License-Identifier: Apache-2.0
// seen_baseline.c - reads what a baseline, or a folder of them, recorded
//
// Cases that it does not list are as in the source named by `like`: another file, or the scenarios'
// rows, for which every case of the catalogue is looked up.
#include "compare/seen.h"

#include "base/text.h"
#include "baseline/baseline.h"
#include "catalog/catalog.h"
#include "image/image.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// A folder with more is refused.
enum { MOST_FILES = 2000, MOST_CASES = 500000 };

/** Shared by all files of a folder; opened when first needed. */
struct sources {
    char *home;
    struct images images;
    struct catalog catalog;
    bool has_images, has_catalog;
    int files;    // read so far
    size_t bytes; // of all files
};

/** The state of reading a baseline. */
struct baseline_reading {
    struct seen *seen;
    struct sources *sources;
    const struct baseline *baseline;
    size_t connector, server;
    size_t first; // index of its first case in `seen`
};

// ---- cells -------------------------------------------------------------------------------------

static const char *keep(struct seen *seen, const char *text) {
    return text ? arena_text(seen->arena, text, strlen(text)) : NULL;
}

// The alternative of this number, or the last one if there are fewer.
static const struct expectation *alternative(const struct expectation *one, size_t number) {
    for (; number > 0 && one->or_else; number--)
        one = one->or_else;
    return one;
}

static size_t count_alternatives(const struct plan_row *row) {
    size_t most = 1;
    for (size_t i = 0; i < row->count; i++) {
        size_t count = 1;
        for (const struct expectation *one = row->expectations[i]; one->or_else; one = one->or_else)
            count++;
        most = count > most ? count : most;
    }
    return most;
}

// In a baseline, plain `ok` means the same session as before; in a scenario's row it means any.
// (Reports give no session for a step that connects, so that is no difference to either.)
static int session_of(const struct expectation *cell, bool of_baseline) {
    return cell->kind != OUTCOME_OK           ? -1
           : of_baseline && cell->session < 0 ? SESSION_SAME
                                              : cell->session;
}

static void add_step(struct seen *seen, struct seen_case *one, const char *id,
                     const struct expectation *cell, bool of_baseline) {
    one->steps[one->step_count++] =
        (struct seen_step){.id = keep(seen, id),
                           .outcome = cell->kind,
                           .error = cell->kind == OUTCOME_ERROR ? cell->code : 0,
                           .signal = cell->signal,
                           .native = keep(seen, cell->native),
                           .sqlstate = keep(seen, cell->sqlstate),
                           .session = session_of(cell, of_baseline),
                           .row_count = -1};
}

static bool has_step(const struct plan_case *plan, const char *id) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].id && strcmp(plan->steps[i].id, id) == 0)
            return true;
    return false;
}

// Adds a case once for each alternative, as if it had been repeated. `plan`: NULL, or the case
// whose steps are wanted, since a row may have cells for steps of other variants.
static void add_case(struct baseline_reading *reading, const char *id, const struct plan_row *row,
                     const struct plan_case *plan) {
    struct seen *seen = reading->seen;
    for (size_t i = 0, count = count_alternatives(row); i < count; i++) {
        struct seen_case *one = seen_add_case(seen, id);
        one->connector = reading->connector;
        one->server = reading->server;
        one->steps = arena_alloc(seen->arena, (row->count + 1) * sizeof *one->steps);
        for (size_t k = 0; k < row->count; k++)
            if (!plan || has_step(plan, row->ids[k]))
                add_step(seen, one, row->ids[k], alternative(row->expectations[k], i), !plan);
    }
}

// ---- what the file is like ---------------------------------------------------------------------

// "mysql" of "mysql-9.7"
static char *vendor_of(const char *server) {
    return xprintf("%.*s", (int)strcspn(server, "-"), server);
}

// The family is in the recipe of goneaway's own connectors; it is unknown for others, or without
// recipes.
static const char *family_of(struct sources *sources, const char *connector) {
    struct err ignored;
    cleanup_free char *fixtures = xprintf("%s/fixtures", sources->home);
    if (!sources->has_images)
        images_open(&sources->images, fixtures, &ignored);
    sources->has_images = true;
    for (size_t i = 0; i < sources->images.connector_count; i++)
        if (strcmp(sources->images.connectors[i].name, connector) == 0)
            return sources->images.connectors[i].family;
    return NULL;
}

static int open_catalog(struct sources *sources, struct err *err) {
    if (!sources->has_catalog && catalog_select(&sources->catalog, sources->home, 0, NULL, err) < 0)
        return -1;
    sources->has_catalog = true;
    return 0;
}

static bool is_for_connector(const struct scenario *scenario, const struct place *place) {
    const char *const *names = scenario->connectors.items;
    for (size_t i = 0; i < scenario->connectors.count; i++)
        if (strcmp(names[i], place->connector) == 0 ||
            (place->family && strcmp(names[i], place->family) == 0))
            return true;
    return scenario->connectors.count == 0;
}

// Whether the file lists the case by a former name; if so, it gets today's.
static bool rename_own(struct baseline_reading *reading, const struct plan_case *plan) {
    struct seen *seen = reading->seen;
    bool found = false;
    for (size_t i = 0; i < plan->former_count; i++)
        for (size_t k = reading->first; k < seen->case_count; k++)
            if (strcmp(seen->cases[k].id, plan->former[i]) == 0) {
                seen_name_case(seen, &seen->cases[k], plan->id);
                found = true;
            }
    return found;
}

static void add_rows_of(struct baseline_reading *reading, const struct scenario *scenario,
                        const struct place *place) {
    if (!plan_is_for_server(scenario, place) || !is_for_connector(scenario, place))
        return;
    for (size_t i = 0; i < scenario->case_count; i++) {
        const struct plan_case *plan = &scenario->cases[i];
        const struct plan_row *row = plan_find_row(plan, place);
        if (row && catalog_fits_any(plan, &reading->baseline->only) &&
            !baseline_case(reading->baseline, plan->id) && !rename_own(reading, plan))
            add_case(reading, plan->id, row, plan);
    }
}

static int add_rows(struct baseline_reading *reading, const char *family, struct err *err) {
    const struct baseline *baseline = reading->baseline;
    const struct catalog *catalog = &reading->sources->catalog;
    cleanup_free char *vendor = vendor_of(baseline->server);
    const struct place place = {.server = baseline->server,
                                .vendor = vendor,
                                .server_version = baseline->server_version,
                                .connector = baseline->connector,
                                .connector_version = baseline->connector_version,
                                .family = family};
    if (open_catalog(reading->sources, err) < 0)
        return -1;
    for (size_t i = 0; i < catalog->count; i++)
        add_rows_of(reading, catalog->items[i].scenario, &place);
    return 0;
}

// Whether the file says that it was measured, or does not say what was.
static bool covers(struct baseline_reading *reading, const char *id) {
    const struct catalog *catalog = &reading->sources->catalog;
    struct err ignored;
    if (reading->baseline->only.count == 0 || open_catalog(reading->sources, &ignored) < 0)
        return true;
    for (size_t i = 0; i < catalog->count; i++) {
        const struct scenario *scenario = catalog->items[i].scenario;
        for (size_t k = 0; k < scenario->case_count; k++)
            if (baseline_means(id, &scenario->cases[k]))
                return catalog_fits_any(&scenario->cases[k], &reading->baseline->only);
    }
    return false;
}

// A file's own cases take precedence over inherited ones.
static void add_own(struct baseline_reading *reading) {
    for (const struct baseline *one = reading->baseline; one; one = one->like)
        for (size_t i = 0; i < one->case_count; i++)
            if (baseline_case(reading->baseline, one->cases[i].id) == &one->cases[i] &&
                (one == reading->baseline || covers(reading, one->cases[i].id)))
                add_case(reading, one->cases[i].id, one->cases[i].row, NULL);
}

// ---- files -------------------------------------------------------------------------------------

static int add_baseline(struct seen *seen, struct sources *sources, const struct baseline *baseline,
                        struct err *err) {
    struct baseline_reading reading = {
        .seen = seen, .sources = sources, .baseline = baseline, .first = seen->case_count};
    const char *family = family_of(sources, baseline->connector);
    const struct seen_place connector = {.name = baseline->connector,
                                         .version = baseline->connector_version,
                                         .family = family},
                            server = {.name = baseline->server,
                                      .version = baseline->server_version};
    if (seen_add_place(seen, &seen->connectors, &connector, &reading.connector, err) < 0 ||
        seen_add_place(seen, &seen->servers, &server, &reading.server, err) < 0)
        return -1;
    add_own(&reading);
    return baseline_ends_in_rows(baseline) ? add_rows(&reading, family, err) : 0;
}

// Whether a newer file of this connector and server has been read: files of a folder come newest
// first.
static bool is_superseded(const struct seen *seen, const struct baseline *baseline) {
    for (size_t i = 0; i < seen->case_count; i++) {
        const struct seen_place *connector = &seen->connectors.items[seen->cases[i].connector],
                                *server = &seen->servers.items[seen->cases[i].server];
        if (strcmp(connector->name, baseline->connector) == 0 &&
            strcmp(connector->version, baseline->connector_version) == 0 &&
            strcmp(server->name, baseline->server) == 0 &&
            strcmp(server->version, baseline->server_version) != 0)
            return true;
    }
    return false;
}

// The same place in another version would look like a repetition that differs.
static int check_version(const struct seen_places *places, const char *name, const char *version,
                         const char *path, struct err *err) {
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->items[i].name, name) == 0 &&
            strcmp(places->items[i].version, version) != 0) {
            err_usage(err, "%s is of %s %s, and another file of %s", path, name, version,
                      places->items[i].version);
            return err_remedy(err, "name the folder or the file of one version");
        }
    return 0;
}

static int check_versions(const struct seen *seen, const struct baseline *baseline,
                          struct err *err) {
    return check_version(&seen->connectors, baseline->connector, baseline->connector_version,
                         baseline->path, err) < 0 ||
                   check_version(&seen->servers, baseline->server, baseline->server_version,
                                 baseline->path, err) < 0
               ? -1
               : 0;
}

static int add_file(struct seen *seen, const char *path, struct sources *sources, struct err *err) {
    if (++sources->files > MOST_FILES)
        return err_usage(err, "has more than %d files", MOST_FILES);
    if (sources->bytes > BASELINE_MOST_BYTES)
        return err_usage(err, "has more than %d MiB of outcomes", BASELINE_MOST_BYTES >> 20);
    cleanup_baseline struct baseline *baseline = baseline_read(path, err);
    if (baseline && is_superseded(seen, baseline))
        return 0;
    if (!baseline || check_versions(seen, baseline, err) < 0)
        return -1;
    sources->bytes += baseline->bytes;
    if (seen->case_count > MOST_CASES)
        return err_usage(err, "up to %s, has more than %d cases", path, MOST_CASES);
    return add_baseline(seen, sources, baseline, err);
}

static bool ends_in_yml(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && dot > name && (strcmp(dot, ".yml") == 0 || strcmp(dot, ".yaml") == 0);
}

static int is_entry(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

// Adds the files in a folder and its subfolders.
static int add_folder(struct seen *seen, const char *path, int depth, struct sources *sources,
                      struct err *err) {
    struct dirent **entries;
    int count = scandir(path, &entries, is_entry, versionsort), ret = 0;
    if (count < 0)
        return err_usage(err, "%s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        struct stat info;
        struct dirent *entry = entries[count - 1 - i];
        cleanup_free char *inner = xprintf("%s/%s", path, entry->d_name);
        bool folder = stat(inner, &info) == 0 && S_ISDIR(info.st_mode);
        if (ret == 0 && folder && depth > 0)
            ret = add_folder(seen, inner, depth - 1, sources, err);
        else if (ret == 0 && !folder && ends_in_yml(inner))
            ret = add_file(seen, inner, sources, err);
        free(entry);
    }
    free(entries);
    return ret;
}

static int read_all(struct seen *seen, const char *path, struct sources *sources, struct err *err) {
    struct stat info;
    if (stat(path, &info) < 0 || !S_ISDIR(info.st_mode))
        return add_file(seen, path, sources, err);
    int ret = add_folder(seen, path, 1, sources, err);
    return ret < 0 || sources->files > 0
               ? ret
               : err_usage(err, "%s: has no CONNECTOR-VERSION/SERVER-VERSION.yml", path);
}

int seen_read_baselines(struct seen *seen, const char *path, struct err *err) {
    struct sources sources = {.home = catalog_home(err)};
    *seen = (struct seen){.path = path, .arena = arena_new()};
    int ret = sources.home ? read_all(seen, path, &sources, err) : -1;
    images_close(&sources.images);
    catalog_release(&sources.catalog);
    free(sources.home);
    return ret;
}
