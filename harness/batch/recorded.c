// SPDX-License-Identifier: Apache-2.0
// recorded.c - what --update-baseline writes: collected during a run, written at its end
#include "batch/recorded.h"

#include "base/file.h"
#include "base/utf8.h"
#include "baseline/cell.h"
#include "cli/options.h"
#include "verdict/foreign.h"

#include <stdio.h>
#include <string.h>

// A record that was not filled in may lack any text.
static const char *known(const char *text) {
    return text ? text : "";
}

// ---- targets -----------------------------------------------------------------------------------

static int check_place(const struct update_target *target, const struct record *record,
                       struct err *err) {
    const struct baseline *old = target->old;
    bool named = strcmp(old->connector, target->connector) == 0 ||
                 (record->family && strcmp(old->connector, record->family) == 0);
    if (named && strcmp(old->server, target->server) == 0)
        return 0;
    err_usage(err, "--update-baseline: %s is for %s on %s, not for %s on %s", target->path,
              old->connector, old->server, target->connector, target->server);
    return err_remedy(err, "name another file, or a folder");
}

static int read_old(struct update_target *target, const struct record *record, struct err *err) {
    cleanup_text struct text text = {0};
    if (!file_exists(target->path))
        return 0;
    if (file_read(target->path, YAML_MAX_BYTES, &text, err) < 0)
        return -1;
    target->old_text = xstrdup(text_get(&text));
    target->old = baseline_parse(target->path, text_get(&text), text.length, err);
    return target->old ? check_place(target, record, err) : -1;
}

// Two connectors can have names and versions that lead to the same file.
static int check_path(const struct updates *updates, const struct update_target *target,
                      struct err *err) {
    for (const struct update_target *one = updates->targets; one < target; one++)
        if (strcmp(one->path, target->path) == 0) {
            err_usage(err, "--update-baseline: %s would be written for %s and for %s", target->path,
                      one->connector, target->connector);
            return err_remedy(err, "run one of them, or give it another name");
        }
    return 0;
}

static int open_target(struct updates *updates, struct update_target *target, struct shelf *shelf,
                       const struct record *record, struct err *err) {
    struct place place = {.server = known(record->server),
                          .vendor = known(record->vendor),
                          .server_version = known(record->server_version),
                          .connector = known(record->connector),
                          .connector_version = known(record->connector_version),
                          .family = record->family};
    *target = (struct update_target){.path = shelf_path(shelf, &place),
                                     .connector = xstrdup(place.connector),
                                     .connector_version = xstrdup(place.connector_version),
                                     .server = xstrdup(place.server),
                                     .server_version = xstrdup(place.server_version)};
    if (check_path(updates, target, err) < 0 || shelf_holds(shelf, target->path, err) < 0 ||
        read_old(target, record, err) < 0)
        return -1;
    bool borrowed;
    cleanup_free char *warning = NULL;
    if (!target->old && shelf_is_folder(shelf))
        target->nearest = shelf_find(shelf, &place, &borrowed, &warning);
    return 0;
}

static struct update_target *find_target(struct updates *updates, struct shelf *shelf,
                                         const struct record *record, struct err *err) {
    for (size_t i = 0; i < updates->count; i++) {
        struct update_target *target = &updates->targets[i];
        if (strcmp(target->connector, known(record->connector)) == 0 &&
            strcmp(target->server, known(record->server)) == 0)
            return target;
    }
    updates->targets = xrealloc(updates->targets, updates->count + 1, sizeof *updates->targets);
    struct update_target *target = &updates->targets[updates->count++];
    return open_target(updates, target, shelf, record, err) < 0 ? NULL : target;
}

static struct observed *find_observed(struct update_target *target, const struct plan_case *plan) {
    for (size_t i = 0; i < target->count; i++)
        if (strcmp(target->cases[i].plan->id, plan->id) == 0)
            return &target->cases[i];
    target->cases = xrealloc(target->cases, target->count + 1, sizeof *target->cases);
    struct observed *observed = &target->cases[target->count++];
    *observed = (struct observed){.plan = plan};
    return observed;
}

// ---- gathering ---------------------------------------------------------------------------------

/** How the existing outcomes judge a record. */
struct before {
    bool fits_own, fits_like, has_row;
};

static bool fits(const struct plan_case *plan, const struct record *record, double time_scale,
                 const struct baseline *baseline, bool by_promise, bool *ret_has_row) {
    struct belief belief = {.baseline = baseline, .judge = JUDGE_BASELINE};
    struct verdict verdict;
    verdict_by(plan, record, time_scale, baseline ? &belief : NULL, &verdict);
    bool pass = verdict.kind == VERDICT_PASS && (by_promise || verdict.judged_by != JUDGE_PROMISE);
    *ret_has_row = verdict.judged_by == JUDGE_ROW;
    verdict_release(&verdict);
    return pass;
}

static struct before judge_before(const struct update_target *target, const struct plan_case *plan,
                                  const struct record *record, double time_scale) {
    struct before before = {0};
    bool unused;
    struct baseline without = {.path = target->path};
    without.like = target->old ? target->old->like : (struct baseline *)target->nearest;
    without.like_rows = target->old && target->old->like_rows;
    bool builds = without.like || without.like_rows;
    bool fits_row = fits(plan, record, time_scale, NULL, false, &before.has_row);
    before.fits_own = target->old && fits(plan, record, time_scale, target->old, true, &unused);
    before.fits_like = builds ? fits(plan, record, time_scale, &without, false, &unused)
                              : !target->old && fits_row && before.has_row;
    return before;
}

// Whether the rows of a step are wrong, rather than its success. `renewed`: the session is no
// longer the first one.
static bool has_wrong_rows(const struct plan_case *plan, const struct record *record, size_t index,
                           bool renewed, struct judging *judging) {
    const struct promise *promise = promise_of_step(plan, record, index);
    if (promise && promise->exact) {
        cleanup_free char *why = promise_violation(plan, record, index, judging);
        return why != NULL;
    }
    if (promise &&
        (promise->word == PROMISE_ERROR || (promise->word == PROMISE_ERROR_OR_NEW && !renewed)))
        return false;
    cleanup_free char *foreign = foreign_rows(plan, &record->steps[index]);
    return foreign != NULL;
}

static void add_steps(struct sighting *sighting, const struct plan_case *plan,
                      const struct record *record) {
    struct judging judging = {.time_scale = 1, .pattern_steps = PATTERN_STEPS};
    bool renewed = false;
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        renewed |= cell_is_renewed(step);
        if (step->id)
            sighting_add(sighting, step, has_wrong_rows(plan, record, i, renewed, &judging));
    }
    free(judging.unclear);
}

static void observe(struct update_target *target, const struct plan_case *plan,
                    const struct record *record, double time_scale, bool carried_out) {
    struct observed *observed = find_observed(target, plan);
    struct before before = {0};
    if (!carried_out) {
        observed->incomplete = true;
        return;
    }
    before = judge_before(target, plan, record, time_scale);
    observed->sightings =
        xrealloc(observed->sightings, observed->count + 1, sizeof *observed->sightings);
    struct sighting *sighting = &observed->sightings[observed->count++];
    *sighting = (struct sighting){.fits_own = before.fits_own, .fits_like = before.fits_like};
    target->with_row += observed->count == 1 && before.has_row;
    add_steps(sighting, plan, record);
}

int updates_take(struct updates *updates, struct shelf *shelf, const struct plan_case *plan,
                 const struct record *record, double time_scale, struct verdict *ret_verdict,
                 struct err *err) {
    struct belief belief = {.judge = JUDGE_BASELINE, .recorded = true};
    verdict_by(plan, record, time_scale, &belief, ret_verdict);
    if (!*known(record->connector_version) && ret_verdict->kind != VERDICT_PASS)
        return 0; // unknown
    if (!record->connector)
        return 0;
    struct update_target *target = find_target(updates, shelf, record, err);
    if (!target)
        return -1;
    observe(target, plan, record, time_scale, ret_verdict->kind == VERDICT_PASS);
    return 0;
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

static void tell(const struct update_target *target, const struct baseline_changes *changes,
                 bool written) {
    cleanup_free char *path = utf8_shown(target->path, false);
    cleanup_free char *unstable = utf8_shown(text_get(&changes->unstable_ids), false);
    fprintf(stderr, "goneaway: %s %s: %zu added, %zu changed, %zu removed, of %zu cases\n",
            written ? "wrote" : "nothing to change in", path, changes->added, changes->changed,
            changes->removed, target->count);
    if (changes->unstable > 0)
        fprintf(stderr,
                "goneaway: %s: %zu unstable: %s; they stay so until their lines are taken away\n",
                path, changes->unstable, unstable);
    if (changes->left > 0)
        fprintf(stderr, "goneaway: %s: %zu not carried out, and left as they were\n", path,
                changes->left);
}

// Another run may have written the file since this one started.
static int check_unchanged(const struct update_target *target, struct err *err) {
    cleanup_text struct text now = {0};
    bool exists = file_exists(target->path);
    if (exists && file_read(target->path, YAML_MAX_BYTES, &now, err) < 0)
        return -1;
    if (exists == (target->old_text != NULL) &&
        strcmp(text_get(&now), known(target->old_text)) == 0)
        return 0;
    err_set(err, "%s was changed while the cases ran, and is left as it is", target->path);
    return err_remedy(err, "run this again");
}

static int write_target(const struct update_target *target, const char *top, struct err *err) {
    bool rows = !target->old && !target->nearest && 2 * target->with_row > target->count;
    cleanup_free char *like = target->nearest ? path_to(top, target->nearest)
                              : rows          ? xstrdup("rows")
                                              : NULL;
    struct baseline_head head = {.connector =
                                     target->old ? target->old->connector : target->connector,
                                 .connector_version = target->connector_version,
                                 .server = target->server,
                                 .server_version = target->server_version,
                                 .catalogue = goneaway_version,
                                 .like = like};
    for (size_t i = 0; !target->old && !like && i < target->count; i++)
        for (size_t k = 0; k < target->cases[i].count; k++)
            target->cases[i].sightings[k].fits_like = false;
    if (make_folder(target->path, err) < 0) // `like` is relative to it, so the folder must exist
        return -1;
    struct baseline_changes changes;
    cleanup_free char *text = baseline_update(target->path, target->old, target->old_text, &head,
                                              target->cases, target->count, &changes, err);
    bool written = text && (!target->old_text || strcmp(text, target->old_text) != 0);
    int ret = text ? check_unchanged(target, err) : -1;
    if (ret == 0 && written)
        ret = file_replace(target->path, text, strlen(text), err);
    if (ret == 0)
        tell(target, &changes, written);
    text_release(&changes.unstable_ids);
    return ret;
}

int updates_write(const struct updates *updates, const char *top, int repeat, struct err *err) {
    for (size_t i = 0; i < updates->count; i++) {
        struct update_target *target = &updates->targets[i];
        for (size_t k = 0; k < target->count; k++)
            target->cases[k].incomplete |= target->cases[k].count != (size_t)repeat;
        if (write_target(target, top, err) < 0)
            return err_context(err, "--update-baseline");
    }
    return 0;
}

void updates_release(struct updates *updates) {
    for (size_t i = 0; i < updates->count; i++) {
        struct update_target *target = &updates->targets[i];
        for (size_t k = 0; k < target->count; k++)
            observed_release(&target->cases[k]);
        free(target->cases);
        baseline_free(target->old);
        free(target->path);
        free(target->old_text);
        free(target->connector);
        free(target->connector_version);
        free(target->server);
        free(target->server_version);
    }
    free(updates->targets);
    *updates = (struct updates){0};
}
