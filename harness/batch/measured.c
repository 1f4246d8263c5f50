// SPDX-License-Identifier: Apache-2.0
// measured.c - reads fixtures/measured: CONNECTOR-VERSION/SERVER-VERSION.yml
#include "batch/measured.h"

#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/lineup.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

static const struct connector_recipe *find_recipe(const struct images *images, const char *name) {
    for (size_t i = 0; i < images->connector_count; i++)
        if (strcmp(images->connectors[i].name, name) == 0)
            return &images->connectors[i];
    return NULL;
}

static const char *vendor_of(const struct images *images, const char *server) {
    for (size_t i = 0; i < images->server_count; i++)
        if (strcmp(images->servers[i].name, server) == 0)
            return images->servers[i].vendor;
    return NULL;
}

// Adds a file, unless its connector or server no longer exists.
static void add(struct measured *measured, struct baseline *baseline) {
    const struct connector_recipe *recipe = find_recipe(&measured->images, baseline->connector);
    const char *vendor = vendor_of(&measured->images, baseline->server);
    if (!recipe || !vendor) {
        baseline_free(baseline);
        return;
    }
    measured->items = xgrow(measured->items, measured->count, sizeof *measured->items);
    measured->items[measured->count++] = (struct measured_place){
        .baseline = baseline,
        .recipe = recipe,
        .place = {.server = baseline->server,
                  .vendor = vendor,
                  .server_version = baseline->server_version,
                  .connector = baseline->connector,
                  .connector_version = baseline->connector_version,
                  .family = recipe->family ? recipe->family : baseline->connector}};
}

static int order(const void *a, const void *b) {
    const struct place *one = &((const struct measured_place *)a)->place;
    const struct place *other = &((const struct measured_place *)b)->place;
    int by = strcmp(other->vendor, one->vendor);
    if (by == 0)
        by = strverscmp(other->server, one->server);
    if (by == 0)
        by = strcmp(one->family, other->family);
    if (by == 0)
        by = strverscmp(one->connector_version, other->connector_version);
    return by ? by : strcmp(one->connector, other->connector);
}

void measured_keep_compared(struct measured *measured) {
    enum { LEAST_FAMILIES = 3 };
    size_t kept = 0;
    for (size_t i = 0, end; i < measured->count; i = end) {
        const char *server = measured->items[i].place.server;
        size_t families = 0;
        for (end = i;
             end < measured->count && strcmp(measured->items[end].place.server, server) == 0; end++)
            families += end == i || strcmp(measured->items[end].place.family,
                                           measured->items[end - 1].place.family) != 0;
        for (size_t k = i; k < end; k++)
            if (families >= LEAST_FAMILIES)
                measured->items[kept++] = measured->items[k];
            else
                baseline_free(measured->items[k].baseline);
    }
    measured->count = kept;
}

int measured_open(struct measured *measured, const char *home, struct err *err) {
    cleanup_free char *fixtures = xprintf("%s/fixtures", home);
    cleanup_free char *pattern = xprintf("%s/measured/*/*.yml", fixtures);
    *measured = (struct measured){0};
    if (images_open(&measured->images, fixtures, err) < 0)
        return -1;
    glob_t files = {0};
    int ret = glob(pattern, 0, NULL, &files) == GLOB_NOSPACE ? -1 : 0;
    if (ret < 0)
        out_of_memory();
    for (size_t i = 0; ret == 0 && i < files.gl_pathc; i++) {
        struct baseline *baseline = baseline_read(files.gl_pathv[i], err);
        ret = baseline ? 0 : -1;
        if (baseline)
            add(measured, baseline);
    }
    globfree(&files);
    if (measured->count > 0)
        qsort(measured->items, measured->count, sizeof *measured->items, order);
    return ret;
}

void measured_close(struct measured *measured) {
    for (size_t i = 0; i < measured->count; i++)
        baseline_free(measured->items[i].baseline);
    free(measured->items);
    images_close(&measured->images);
    *measured = (struct measured){0};
}

// What runs with the scenarios that name it, else only where it is asked for by name: its file then
// says in `only:` what that was.
static bool was_asked_for(const struct measured_place *measured, const struct scenario *scenario) {
    const struct list *only = &measured->baseline->only;
    bool found = false;
    for (size_t i = 0; only->count && i < scenario->case_count; i++)
        found |= catalog_fits_any(&scenario->cases[i], only);
    return found && scenario->connectors.count == 0;
}

bool measured_is_for(const struct measured_place *measured, const struct scenario *scenario) {
    return plan_is_for_server(scenario, &measured->place) &&
           (connector_is_for(measured->recipe, scenario) || was_asked_for(measured, scenario));
}

const struct plan_row *measured_row(const struct measured_place *measured,
                                    const struct plan_case *plan) {
    if (!measured_is_for(measured, plan->scenario))
        return NULL;
    const struct baseline_case *own = baseline_find(measured->baseline, plan);
    bool inherited = !baseline_find_own(measured->baseline, plan);
    if (inherited && !catalog_fits_any(plan, &measured->baseline->only))
        return NULL;
    if (own)
        return own->row;
    return baseline_ends_in_rows(measured->baseline) ? plan_find_row(plan, &measured->place) : NULL;
}
