// SPDX-License-Identifier: Apache-2.0
// recording.c - what --update-baseline writes: gathered while a run goes on, written at its end
#include "batch/recording.h"

#include "base/file.h"
#include "base/utf8.h"
#include "baseline/cell.h"
#include "batch/cases.h"
#include "verdict/fits.h"

#include <stdio.h>
#include <string.h>

// A record that was not filled in may lack any text.
static const char *known(const char *text) {
    return text ? text : "";
}

// ---- files -------------------------------------------------------------------------------------

static int check_place(const struct recording_file *file, const struct record *record,
                       struct err *err) {
    const struct baseline *old = file->old;
    bool named = strcmp(old->connector, file->connector) == 0 ||
                 (record->family && strcmp(old->connector, record->family) == 0);
    if (named && strcmp(old->server, file->server) == 0)
        return 0;
    err_usage(err, "--update-baseline: %s is for %s on %s, not for %s on %s", file->path,
              old->connector, old->server, file->connector, file->server);
    return err_remedy(err, "name another file, or a folder");
}

static int read_old(struct recording_file *file, const struct record *record, struct err *err) {
    cleanup_text struct text text = {0};
    if (!file_exists(file->path))
        return 0;
    if (file_read(file->path, YAML_MAX_BYTES, &text, err) < 0)
        return -1;
    file->old_text = xstrdup(text_get(&text));
    file->old = baseline_parse(file->path, text_get(&text), text.length, err);
    return file->old ? check_place(file, record, err) : -1;
}

// Two connectors can have names and versions that lead to the same file.
static int check_path(const struct recording *recording, const struct recording_file *file,
                      struct err *err) {
    for (const struct recording_file *one = recording->files; one < file; one++)
        if (strcmp(one->path, file->path) == 0) {
            err_usage(err, "--update-baseline: %s would be written for %s and for %s", file->path,
                      one->connector, file->connector);
            return err_remedy(err, "run one of them, or give it another name");
        }
    return 0;
}

static int open_file(struct recording *recording, struct recording_file *file,
                     const struct record *record, struct err *err) {
    struct shelf *shelf = recording->shelf;
    struct place place = record_place(record);
    *file = (struct recording_file){.path = shelf_path(shelf, &place),
                                    .connector = xstrdup(place.connector),
                                    .connector_version = xstrdup(place.connector_version),
                                    .server = xstrdup(place.server),
                                    .server_version = xstrdup(place.server_version)};
    if (check_path(recording, file, err) < 0 || shelf_holds(shelf, file->path, err) < 0 ||
        read_old(file, record, err) < 0)
        return -1;
    bool borrowed;
    cleanup_free char *warning = NULL;
    if (!file->old && shelf_is_folder(shelf))
        file->nearest = shelf_find(shelf, &place, &borrowed, &warning);
    return 0;
}

static struct recording_file *find_file(struct recording *recording, const struct record *record,
                                        struct err *err) {
    for (size_t i = 0; i < recording->count; i++) {
        struct recording_file *file = &recording->files[i];
        if (strcmp(file->connector, known(record->connector)) == 0 &&
            strcmp(file->server, known(record->server)) == 0)
            return file;
    }
    recording->files = xrealloc(recording->files, recording->count + 1, sizeof *recording->files);
    struct recording_file *file = &recording->files[recording->count++];
    return open_file(recording, file, record, err) < 0 ? NULL : file;
}

static struct observed *find_observed(struct recording_file *file, const struct plan_case *plan) {
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->cases[i].plan->id, plan->id) == 0)
            return &file->cases[i];
    file->cases = xrealloc(file->cases, file->count + 1, sizeof *file->cases);
    struct observed *observed = &file->cases[file->count++];
    *observed = (struct observed){.plan = plan};
    return observed;
}

int recording_check_cases(const struct recording *recording, const struct options *options,
                          const struct run_item *items, size_t count, struct err *err) {
    bool several = false;
    for (size_t i = 1; i < count; i++)
        several |= items[i].server != items[0].server || items[i].connector != items[0].connector;
    if (!recording->shelf || !several || shelf_is_folder(recording->shelf))
        return 0;
    err_usage(err, "--update-baseline: several connectors or servers would run, and %s is one file",
              options->baseline);
    return err_remedy(err, "name a folder, which gets CONNECTOR-VERSION/SERVER-VERSION.yml for "
                           "each, or choose one by --connector and --server");
}

// ---- gathering ---------------------------------------------------------------------------------

static void add_steps(struct sighting *sighting, const struct plan_case *plan,
                      const struct record *record) {
    struct judging judging = {.time_scale = 1, .pattern_steps = PATTERN_STEPS};
    bool renewed = false;
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        renewed |= cell_is_renewed(step);
        if (step->id)
            sighting_add(sighting, step, fits_but_for_rows(plan, record, i, renewed, &judging));
    }
    free(judging.unclear);
}

static void observe(struct recording_file *file, const struct plan_case *plan,
                    const struct record *record, double time_scale, bool carried_out) {
    struct observed *observed = find_observed(file, plan);
    if (!carried_out) {
        observed->incomplete = true;
        return;
    }
    const struct baseline *own = file->old, *like = own ? own->like : file->nearest;
    struct fits fits = fits_of(plan, record, time_scale, own, like);
    observed->sightings =
        xrealloc(observed->sightings, observed->count + 1, sizeof *observed->sightings);
    struct sighting *sighting = &observed->sightings[observed->count++];
    *sighting = (struct sighting){.fits_own = fits.own, .fits_like = fits.like};
    file->with_row += observed->count == 1 && fits.row;
    add_steps(sighting, plan, record);
}

void recording_add(struct recording *recording, const struct plan_case *plan,
                   const struct record *record, double time_scale, const struct verdict *verdict) {
    bool carried_out = verdict->kind == VERDICT_PASS;
    struct err err = {0};
    if (!recording->shelf || !record->connector)
        return;
    if (!*known(record->connector_version) && !carried_out)
        return; // nobody knows what it would have been
    struct recording_file *file = find_file(recording, record, &err);
    if (file)
        observe(file, plan, record, time_scale, carried_out);
    else if (!recording->failed)
        recording->failure = err;
    recording->failed |= !file;
}

// ---- writing -----------------------------------------------------------------------------------

// A path from a file two folders below `top` to another file at that depth.
static char *path_to(const char *top, const struct baseline *other) {
    size_t length = strlen(top);
    const char *rest = other->path + length;
    return xprintf("../%s", rest + strspn(rest, "/"));
}

static int make_folder(const char *path, struct err *err) {
    const char *slash = strrchr(path, '/');
    cleanup_free char *folder = xprintf("%.*s", slash ? (int)(slash - path) : 0, path);
    return *folder ? file_make_folders(folder, 0777, err) : 0;
}

static void tell(const struct recording_file *file, const struct baseline_changes *changes,
                 bool written) {
    cleanup_free char *path = utf8_shown(file->path, false);
    cleanup_free char *unstable = utf8_shown(text_get(&changes->unstable_ids), false);
    fprintf(stderr, "goneaway: %s %s: %zu added, %zu changed, %zu removed, of %zu cases\n",
            written ? "wrote" : "nothing to change in", path, changes->added, changes->changed,
            changes->removed, file->count);
    if (changes->unstable > 0)
        fprintf(stderr, "goneaway: %s: %zu unstable: %s; any outcome listed there will do\n", path,
                changes->unstable, unstable);
    if (changes->left > 0)
        fprintf(stderr, "goneaway: %s: %zu not carried out, and left as they were\n", path,
                changes->left);
}

// Another run may have written the file since this one started.
static int check_unchanged(const struct recording_file *file, struct err *err) {
    cleanup_text struct text now = {0};
    bool exists = file_exists(file->path);
    if (exists && file_read(file->path, YAML_MAX_BYTES, &now, err) < 0)
        return -1;
    if (exists == (file->old_text != NULL) && strcmp(text_get(&now), known(file->old_text)) == 0)
        return 0;
    err_set(err, "%s was changed while the cases ran, and is left as it is", file->path);
    return err_remedy(err, "run this again");
}

static int write_file(const struct recording_file *file, const char *top, struct err *err) {
    bool rows = !file->old && !file->nearest && 2 * file->with_row > file->count;
    cleanup_free char *like = file->nearest ? path_to(top, file->nearest)
                              : rows        ? xstrdup("rows")
                                            : NULL;
    struct baseline_head head = {.connector = file->old ? file->old->connector : file->connector,
                                 .connector_version = file->connector_version,
                                 .server = file->server,
                                 .server_version = file->server_version,
                                 .catalogue = goneaway_version,
                                 .like = like};
    for (size_t i = 0; !file->old && !like && i < file->count; i++)
        for (size_t k = 0; k < file->cases[i].count; k++)
            file->cases[i].sightings[k].fits_like = false;
    if (make_folder(file->path, err) < 0) // what the file builds on is sought from there
        return -1;
    struct baseline_changes changes;
    cleanup_free char *text = baseline_rewrite(file->path, file->old, file->old_text, &head,
                                               file->cases, file->count, &changes, err);
    bool written = text && (!file->old_text || strcmp(text, file->old_text) != 0);
    int ret = text ? check_unchanged(file, err) : -1;
    if (ret == 0 && written)
        ret = file_replace(file->path, text, strlen(text), err);
    if (ret == 0)
        tell(file, &changes, written);
    text_release(&changes.unstable_ids);
    return ret;
}

int recording_write(const struct recording *recording, const struct options *options,
                    struct err *err) {
    if (recording->failed) {
        *err = recording->failure;
        return -1;
    }
    for (size_t i = 0; i < recording->count; i++) {
        struct recording_file *file = &recording->files[i];
        for (size_t k = 0; k < file->count; k++)
            file->cases[k].incomplete |=
                file->cases[k].count != (size_t)cases_repeat(file->cases[k].plan, options);
        if (write_file(file, options->baseline, err) < 0)
            return err_context(err, "--update-baseline");
    }
    return 0;
}

void recording_release(struct recording *recording) {
    for (size_t i = 0; i < recording->count; i++) {
        struct recording_file *file = &recording->files[i];
        for (size_t k = 0; k < file->count; k++)
            observed_release(&file->cases[k]);
        free(file->cases);
        baseline_free(file->old);
        free(file->path);
        free(file->old_text);
        free(file->connector);
        free(file->connector_version);
        free(file->server);
        free(file->server_version);
    }
    free(recording->files);
    *recording = (struct recording){0};
}
