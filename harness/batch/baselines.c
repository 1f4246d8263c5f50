// SPDX-License-Identifier: Apache-2.0
// baselines.c - which outcomes the cases of a run are judged by: --baseline, and the measured ones
#include "batch/baselines.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static int refuse_missing(const char *path, struct err *err) {
    err_context(err, "--baseline");
    return err_remedy(err, "to write %s, add --update-baseline", path);
}

int baselines_open(struct baselines *baselines, const char *home, const struct options *options,
                   struct err *err) {
    cleanup_free char *measured = xprintf("%s/fixtures/measured", home);
    baselines->measured = shelf_open(measured);
    if (!options->baseline)
        return 0;
    baselines->own = shelf_open(options->baseline);
    baselines->updated = options->update_baseline;
    bool is_new = options->update_baseline && access(options->baseline, F_OK) < 0;
    if (is_new || (options->update_baseline && shelf_is_folder(baselines->own)))
        return 0;
    if (shelf_read_all(baselines->own, err) == 0)
        return 0;
    return access(options->baseline, F_OK) < 0 ? refuse_missing(options->baseline, err) : -1;
}

void baselines_close(struct baselines *baselines) {
    updates_release(&baselines->updates);
    shelf_close(baselines->own);
    shelf_close(baselines->measured);
    *baselines = (struct baselines){0};
}

// A record that was not filled in may lack any text.
static const char *known(const char *text) {
    return text ? text : "";
}

static bool find(struct shelf *shelf, enum judge judge, const struct record *record,
                 struct belief *ret) {
    struct place place = {.server = known(record->server),
                          .vendor = known(record->vendor),
                          .server_version = known(record->server_version),
                          .connector = known(record->connector),
                          .connector_version = known(record->connector_version),
                          .family = record->family};
    cleanup_free char *warning = NULL;
    *ret = (struct belief){.judge = judge};
    if (judge == JUDGE_MEASURED)
        ret->baseline = shelf_find_kin(shelf, &place, &ret->borrowed, &warning);
    else
        ret->baseline = shelf ? shelf_find(shelf, &place, &ret->borrowed, &warning) : NULL;
    if (warning) {
        cleanup_free char *shown = utf8_shown(warning, false);
        fprintf(stderr, "goneaway: warning: not judged by a file of outcomes: %s\n", shown);
    }
    return ret->baseline != NULL;
}

static void take(struct baselines *baselines, const struct plan_case *plan,
                 const struct record *record, double time_scale, struct verdict *ret_verdict) {
    struct err err = {0};
    if (updates_take(&baselines->updates, baselines->own, plan, record, time_scale, ret_verdict,
                     &err) == 0 ||
        baselines->failed)
        return;
    baselines->failure = err;
    baselines->failed = true;
}

void baselines_judge(struct baselines *baselines, const struct plan_case *plan,
                     const struct record *record, double time_scale, struct verdict *ret_verdict) {
    struct belief belief;
    if (baselines->updated) {
        take(baselines, plan, record, time_scale, ret_verdict);
        return;
    }
    bool own = find(baselines->own, JUDGE_BASELINE, record, &belief);
    bool found = own || find(baselines->measured, JUDGE_MEASURED, record, &belief);
    verdict_by(plan, record, time_scale, found ? &belief : NULL, ret_verdict);
    bool carried_out = ret_verdict->kind != VERDICT_SKIP && ret_verdict->kind != VERDICT_BROKEN;
    baselines->judged += carried_out;
    baselines->used += carried_out && own;
}

int baselines_check_cases(const struct baselines *baselines, const struct options *options,
                          const struct run_item *items, size_t count, struct err *err) {
    bool several = false;
    for (size_t i = 1; i < count; i++)
        several |= items[i].server != items[0].server || items[i].connector != items[0].connector;
    if (!baselines->updated || !several || shelf_is_folder(baselines->own))
        return 0;
    err_usage(err, "--update-baseline: several connectors or servers would run, and %s is one file",
              options->baseline);
    return err_remedy(err, "name a folder, which gets CONNECTOR-VERSION/SERVER-VERSION.yml for "
                           "each, or choose one by --connector and --server");
}

static int check_use(const struct baselines *baselines, const struct options *options,
                     struct err *err) {
    if (!baselines->own || baselines->judged == 0 || baselines->used > 0)
        return 0;
    err_usage(err, "--baseline %s is for none of the connectors and servers that ran",
              options->baseline);
    return err_remedy(err, "its `connector` and `server` say what it is for; measure these by "
                           "--update-baseline");
}

int baselines_end(struct baselines *baselines, const struct options *options, struct err *err) {
    if (!baselines->updated)
        return check_use(baselines, options, err);
    if (baselines->failed) {
        *err = baselines->failure;
        return -1;
    }
    return updates_write(&baselines->updates, options->baseline, options->repeat, err);
}
