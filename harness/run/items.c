// SPDX-License-Identifier: Apache-2.0
// items.c - what is known about items before they run: their servers, and how long they may take
#include "run/items.h"

#include "run/case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// How long a step may take, judging by the plan: one with its own deadline is expected to hang.
static int64_t guess_step(const struct plan_step *step) {
    return step->guess_ms + (step->deadline_ms < STEP_DEADLINE_MS ? step->deadline_ms : 0);
}

static int64_t guess_waits(const struct plan_case *plan) {
    int64_t guess = plan->imposed_ms;
    for (size_t i = 0; i < plan->step_count; i++)
        guess += guess_step(&plan->steps[i]);
    return guess;
}

static void guess(struct run_item *item) {
    const struct plan_case *plan = item->plan;
    item->leaves = plan->dirties_server;
    item->waits_ms = item->guess_ms = guess_waits(plan) + (item->leaves ? 300 : 0);
    item->took_ms = -1;
}

void items_prepare(struct run_item *items, size_t count) {
    char **keys = xcalloc(count + 1, sizeof *keys);
    int groups = 0;
    for (size_t i = 0; i < count; i++) {
        cleanup_free char *server = case_server_key(items[i].plan, items[i].server);
        char *key = xprintf("%d\n%s", items[i].origin, server);
        int group = 0;
        while (group < groups && strcmp(keys[group], key) != 0)
            group++;
        if (group == groups)
            keys[groups++] = key;
        else
            free(key);
        items[i].group = group;
        const struct plan_case *plan = items[i].plan;
        items[i].plain = !plan->fresh_server && (!plan->server || plan->server->options.count == 0);
        guess(&items[i]);
    }
    for (int i = 0; i < groups; i++)
        free(keys[i]);
    free(keys);
}

void items_shuffle(struct run_item *items, size_t count, unsigned int seed) {
    for (size_t i = 0; i < count; i++)
        items[i].guess_ms = rand_r(&seed);
}

struct record *items_lost(const struct run_item *item, const char *why, double ms) {
    struct record *record = record_new(item->plan->id);
    record->server = xstrdup(item->server->name);
    record->vendor = xstrdup(item->server->vendor);
    record->server_version = xstrdup(item->server->version);
    record->connector = xstrdup(item->connector->name);
    record->family = xstrdup(item->connector->family);
    record->connector_version = xstrdup("");
    record->broken = xstrdup(why);
    record->ms = ms;
    return record;
}

static size_t count_servers(const struct run_item *items, size_t count) {
    cleanup_free const struct server_recipe **servers = NULL;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < found && servers[k] != items[i].server)
            k++;
        if (k < found)
            continue;
        servers = xgrow(servers, found, sizeof *servers);
        servers[found++] = items[i].server;
    }
    return found;
}

// The workers share all waits; each worker also has work of its own, the boots of its servers, for
// which it shares the processors. The sum
//     waits / jobs + jobs * servers * BOOT_MS / processors
// is smallest where both terms are equal. Measured with the headline failures on two processors, it
// is flat there: 364 cases took 89 s with 2 jobs, 49 s with 4, 34 s with 8, and 32 s with 12.
int items_jobs(const struct run_item *items, size_t count, int processors) {
    enum { BOOT_MS = 900, MOST_PER_PROCESSOR = 6 };
    int64_t waits = 0;
    for (size_t i = 0; i < count; i++)
        waits += guess_waits(items[i].plan);
    size_t servers = count_servers(items, count);
    double best = servers ? sqrt((double)waits * processors / (double)(servers * BOOT_MS)) : 1;
    double jobs = fmin(fmax(round(best), processors), MOST_PER_PROCESSOR * processors);
    return (size_t)jobs < count ? (int)jobs : (int)count;
}

/** How long finished items took, compared with their estimates. */
struct measure {
    double scale, extra_ms;
};

// An item takes as long as estimated, or less if nothing hangs, plus some overhead.
static bool measure_items(const struct run_item *items, size_t count, struct measure *ret_measure) {
    double took = 0, thought = 0, besides = 0, over = 0;
    for (size_t i = 0; i < count; i++)
        if (items[i].took_ms >= 0) {
            took += items[i].took_ms;
            thought += (double)items[i].waits_ms;
            besides += fmax(items[i].took_ms - (double)items[i].waits_ms, 0);
            over++;
        }
    if (over == 0)
        return false;
    ret_measure->scale = thought > 0 ? fmin((took - besides) / thought, 1) : 1;
    ret_measure->extra_ms = besides / over;
    return true;
}

double items_left_ms(const struct run_item *items, size_t count, int jobs, double now_ms) {
    struct measure measure;
    double all = 0, longest = 0;
    if (!measure_items(items, count, &measure))
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct run_item *item = &items[i];
        if (item->took_ms >= 0)
            continue;
        double left = measure.scale * (double)item->waits_ms + measure.extra_ms -
                      (item->began_ms > 0 ? now_ms - item->began_ms : 0);
        all += fmax(left, 0);
        longest = fmax(longest, left);
    }
    return fmax(all / jobs, longest);
}
