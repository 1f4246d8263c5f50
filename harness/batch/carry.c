// SPDX-License-Identifier: Apache-2.0
// carry.c - the cases of one command, from the choice of their places until they are carried out
#include "batch/carry.h"

#include "base/clock.h"
#include "world/recall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- chosen and prepared -----------------------------------------------------------------------

int carry_open(struct carry *carry, const struct options *options, struct err *err) {
    carry->options = options;
    carry->home = catalog_home(err);
    return carry->home ? 0 : -1;
}

int carry_choose(struct carry *carry, struct err *err) {
    return lineup_open(&carry->lineup, carry->home, carry->options, err);
}

void carry_choose_ready_server(struct carry *carry) {
    struct lineup *lineup = &carry->lineup;
    struct err unused;
    if (carry->options->servers)
        return;
    for (size_t i = 0; i < lineup->server_count; i++)
        if (image_server_find(&lineup->images, lineup->servers[i], &unused) == CACHE_READY) {
            lineup->servers[0] = lineup->servers[i];
            break;
        }
    lineup->server_count = 1;
}

int carry_prepare(struct carry *carry, struct err *err) {
    if (machine_probe(&carry->machine, &carry->catalog, carry->options,
                      carry->lineup.images.cache.folder, err) < 0)
        return -1;
    return lineup_prepare(&carry->lineup, stderr, err);
}

// "1 (app connect), 2 (fault kill), first (app query)"
static char *steps_text(const struct plan_case *plan) {
    struct text text = {0};
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        text_printf(&text, "%s", i ? ", " : "");
        if (step->id)
            text_add(&text, step->id);
        else
            text_printf(&text, "%d", step->number);
        text_printf(&text, " (%s%s%s)", step->actor, step->act.verb ? " " : "",
                    step->act.verb ? step->act.verb->name : "");
    }
    return text.data ? text.data : xstrdup("");
}

static int check_keep_at(const struct carry *carry, struct err *err) {
    const char *keep_at = carry->options->keep_at;
    const struct cases *cases = &carry->cases;
    for (size_t i = 0; keep_at && i < cases->count; i++)
        for (size_t k = 0; k < cases->items[i].plan->step_count; k++)
            if (plan_step_is(&cases->items[i].plan->steps[k], keep_at))
                return 0;
    if (!keep_at || cases->count == 0)
        return 0;
    const struct plan_case *plan = cases->items[0].plan;
    cleanup_free char *steps = steps_text(plan);
    err_usage(err, "--keep-at: no case has a step '%s'", keep_at);
    return err_remedy(err, "%s has the steps %s", plan->id, steps);
}

int carry_equip(struct carry *carry, struct err *err) {
    struct images *images = &carry->lineup.images;
    if (check_keep_at(carry, err) < 0)
        return -1;
    if (cases_prepare_proxies(&carry->cases, images, err) < 0 ||
        host_places_open(&carry->places, images, carry->options, err) < 0)
        return -1;
    host_places_show(&carry->places, images);
    return 0;
}

// ---- what cannot be carried out here -----------------------------------------------------------

char *carry_why_not(const struct carry *carry, const struct run_item *item) {
    const char *name = item->connector->name;
    if (item->connector->absent)
        return xprintf("the scenario is for the connector %s, which is not here; --adapter "
                       "%s='CMD' or --connectors DIR adds it",
                       name, name);
    if (item->unfit)
        return xstrdup(item->unfit);
    char *why = machine_why_not(&carry->machine, item->plan);
    if (why)
        return why;
    if (item->plan->wire && item->plan->wire->proxy && !item->proxy)
        return xprintf("needs %s", carry->cases.missing_proxy_why);
    return NULL;
}

void carry_set_apart(struct carry *carry) {
    cleanup_free struct run_item *all = xcalloc(carry->cases.count + 1, sizeof *all);
    size_t count = carry->cases.count, kept = 0;
    memcpy(all, carry->cases.items, count * sizeof *all);
    carry->skipped_count = 0;
    for (size_t i = 0; i < count; i++) {
        cleanup_free char *why = carry_why_not(carry, &all[i]);
        if (why)
            carry->cases.items[count - ++carry->skipped_count] = all[i];
        else
            carry->cases.items[kept++] = all[i];
    }
    carry->cases.count = kept;
}

int carry_check_needs(const struct carry *carry, struct err *err) {
    cleanup_free char *why =
        carry->cases.count ? machine_why_not(&carry->machine, carry->cases.items[0].plan) : NULL;
    return why ? err_set(err, "this %s", why) : 0;
}

// ---- carried out -------------------------------------------------------------------------------

int carry_begin(struct carry *carry, struct err *err) {
    carry->watch = watch_default_limits();
    if (carry->options->memory_bytes > 0)
        carry->watch.bytes = carry->options->memory_bytes;
    carry->machine.limits.most[CGROUP_MEMORY] = carry->watch.bytes;
    carry->began_ms = clock_ms();
    return attend_open(&carry->attend, err);
}

static struct dispatch_options fill(struct carry *carry, const struct dispatch_options *how) {
    struct dispatch_options filled = *how;
    filled.jobs = how->jobs ? how->jobs : 1;
    filled.time_scale = carry->options->time_scale;
    filled.case_timeout_ms = carry->options->case_timeout_ms;
    filled.run_timeout_ms = carry->options->run_timeout_ms;
    filled.watch = carry->watch;
    filled.netem = carry->machine.needs[NEED_NETEM].netem;
    filled.places = carry->places.items;
    filled.cgroups = &carry->machine.limits;
    filled.stop_fd = how->stop_fd > 0 ? how->stop_fd : carry->attend.fd;
    filled.kept = options_keep(carry->options);
    filled.keep_at = carry->options->keep_at;
    return filled;
}

int carry_out(struct carry *carry, const struct dispatch_options *how, struct err *err) {
    struct dispatch_options filled = fill(carry, how);
    return dispatch_items(carry->cases.items, carry->cases.count, &filled, err);
}

int carry_out_again(struct carry *carry, struct run_item *items, size_t count,
                    const struct dispatch_options *how, struct err *err) {
    struct dispatch_options filled = fill(carry, how);
    if (filled.run_timeout_ms > 0) { // it is one for all attempts together
        filled.run_timeout_ms -= (int64_t)(clock_ms() - carry->began_ms);
        if (filled.run_timeout_ms <= 0)
            return 0;
    }
    return dispatch_items(items, count, &filled, err);
}

void carry_end(struct carry *carry) {
    limits_close(&carry->machine.limits);
    attend_close(&carry->attend);
}

void carry_doubt_machine(const struct carry *carry) {
    if (carry->lineup.images.cache.folder)
        recall_forget(carry->lineup.images.cache.folder);
}

void carry_release(struct carry *carry) {
    machine_release(&carry->machine);
    catalog_release(&carry->catalog);
    lineup_close(&carry->lineup);
    host_places_release(&carry->places);
    cases_release(&carry->cases);
    free(carry->home);
}
