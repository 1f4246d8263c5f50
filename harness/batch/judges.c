// SPDX-License-Identifier: Apache-2.0
// judges.c - whose outcomes the cases of a run are judged by: --baseline, and what was measured
#include "batch/judges.h"

#include "base/utf8.h"
#include "catalog/catalog.h"

#include <stdio.h>
#include <string.h>

static int refuse_missing(const char *path, struct err *err) {
    err_context(err, "--baseline");
    return err_remedy(err, "to write %s, add --update-baseline", path);
}

int judges_open(struct judges *judges, const char *home, const struct options *options,
                struct err *err) {
    cleanup_free char *measured = xprintf("%s/fixtures/measured", home);
    judges->measured = shelf_open(measured);
    if (!options->baseline)
        return 0;
    judges->own = shelf_open(options->baseline);
    judges->as_seen = options->update_baseline;
    bool is_new = options->update_baseline && access(options->baseline, F_OK) < 0;
    if (is_new || (options->update_baseline && shelf_is_folder(judges->own)))
        return 0;
    if (shelf_read_all(judges->own, err) == 0)
        return 0;
    return access(options->baseline, F_OK) < 0 ? refuse_missing(options->baseline, err) : -1;
}

void judges_close(struct judges *judges) {
    shelf_close(judges->own);
    shelf_close(judges->measured);
    *judges = (struct judges){0};
}

static bool find(struct shelf *shelf, enum judge judge, const struct record *record,
                 struct precedent *ret) {
    struct place place = record_place(record);
    cleanup_free char *warning = NULL;
    *ret = (struct precedent){.judge = judge};
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

// What a file takes over from another one counts as measured only where `only` says so.
static void find_lender(const struct plan_case *plan, struct precedent *precedent) {
    const struct baseline *one = precedent->baseline;
    while (one->like && !baseline_find_own(one, plan) && !catalog_fits_any(plan, &one->only))
        one = one->like;
    precedent->lender = one;
    precedent->borrowed |= one != precedent->baseline;
}

void judges_decide(struct judges *judges, const struct plan_case *plan, const struct record *record,
                   double time_scale, struct verdict *ret_verdict) {
    struct precedent precedent = {.judge = JUDGE_BASELINE, .as_seen = true};
    bool own = judges->as_seen || find(judges->own, JUDGE_BASELINE, record, &precedent);
    bool found = own || find(judges->measured, JUDGE_MEASURED, record, &precedent);
    if (found && precedent.baseline)
        find_lender(plan, &precedent);
    verdict_by(plan, record, time_scale, found ? &precedent : NULL, ret_verdict);
    bool carried_out = ret_verdict->kind != VERDICT_SKIP && ret_verdict->kind != VERDICT_BROKEN;
    judges->judged += carried_out;
    judges->by_own += carried_out && own;
}

int judges_check_use(const struct judges *judges, const struct options *options, struct err *err) {
    if (!judges->own || judges->judged == 0 || judges->by_own > 0)
        return 0;
    err_usage(err, "--baseline %s is for none of the connectors and servers that ran",
              options->baseline);
    return err_remedy(err, "its `connector` and `server` say what it is for; measure these by "
                           "--update-baseline");
}
