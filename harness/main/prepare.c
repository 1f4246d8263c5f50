// SPDX-License-Identifier: Apache-2.0
// prepare.c - `goneaway prepare`: brings servers, connectors and proxies into the cache
#include "catalog/choice.h"
#include "main/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Images that few scenarios need are prepared only if they are named, or when a run needs them.
static void leave_to_runs(struct chosen *chosen) {
    size_t kept = 0;
    for (size_t i = 0; i < chosen->connector_count; i++)
        if (chosen->connectors[i]->only_named != 1 || chosen->connectors[i]->image)
            chosen->connectors[kept++] = chosen->connectors[i];
    chosen->connector_count = kept;
}

// An --adapter needs no image.
static void drop_adapters(struct chosen *chosen) {
    size_t kept = 0;
    for (size_t i = 0; i < chosen->connector_count; i++)
        if (!chosen->connectors[i]->on_host)
            chosen->connectors[kept++] = chosen->connectors[i];
    chosen->connector_count = kept;
}

static bool uses_proxy(const struct selection *item, const char *name) {
    for (size_t k = 0; k < item->scenario->case_count; k++) {
        const struct wire_args *wire = item->scenario->cases[k].wire;
        if (item->chosen[k] && wire && wire->proxy && strcmp(wire->proxy->kind, name) == 0)
            return true;
    }
    return false;
}

static void choose_proxies(struct chosen *chosen, const struct catalog *catalog) {
    struct images *images = &chosen->images;
    chosen->proxies = xcalloc(images->proxy_count + 1, sizeof *chosen->proxies);
    for (size_t p = 0; p < images->proxy_count; p++) {
        bool used = false;
        for (size_t i = 0; i < catalog->count; i++)
            used |= uses_proxy(&catalog->items[i], images->proxies[p].name);
        if (used)
            chosen->proxies[chosen->proxy_count++] = &images->proxies[p];
    }
}

// Without scenarios: what most of them need. With scenarios: exactly what those need.
static int choose(struct chosen *chosen, struct catalog *catalog, const char *home,
                  const struct options *options, struct err *err) {
    if (chosen_open(chosen, home, options, err) < 0)
        return -1;
    chosen->images.cache.digests = true;
    if (options->argument_count == 0 && !options->connectors)
        leave_to_runs(chosen);
    if (options->argument_count > 0) {
        if (catalog_select(catalog, home, options->argument_count, options->arguments, err) < 0)
            return -1;
        chosen_drop_unused(chosen, catalog, options);
    }
    drop_adapters(chosen);
    choose_proxies(chosen, catalog);
    return 0;
}

// As in a run, an image that cannot be had only affects the cases that need it.
static int prepare_proxy(struct chosen *chosen, struct proxy_recipe *recipe, struct err *err) {
    if (image_proxy_prepare(&chosen->images, recipe, prepare_progress, stdout, err) == 0)
        printf("%s: ready\n", recipe->name);
    else if (recipe->reference)
        printf("%s: not there, so its cases will be skipped: %s\n", recipe->name, err->what);
    else
        return -1;
    return 0;
}

static void tell_server(const struct server_recipe *server) {
    if (*server->package)
        printf("%s: ready (%s)\n", server->name, server->package);
    else
        printf("%s: ready (%s %s)\n", server->name, server->vendor, server->version);
}

static int prepare(struct chosen *chosen, struct err *err) {
    if (chosen_prepare(chosen, stdout, err) < 0)
        return -1;
    for (size_t i = 0; i < chosen->server_count; i++)
        tell_server(chosen->servers[i]);
    for (size_t i = 0; i < chosen->connector_count; i++)
        printf("%s: ready\n", chosen->connectors[i]->name);
    for (size_t i = 0; i < chosen->proxy_count; i++)
        if (prepare_proxy(chosen, chosen->proxies[i], err) < 0)
            return -1;
    printf("cache: %s\n", chosen->images.cache.folder);
    return 0;
}

int command_prepare(const struct options *options, struct err *err) {
    cleanup_free char *home = catalog_home(err);
    struct chosen chosen = {0};
    struct catalog catalog = {0};
    if (!home)
        return -1;
    int ret = choose(&chosen, &catalog, home, options, err);
    if (ret == 0)
        ret = options->print_key ? chosen_print_key(&chosen, stdout, err) : prepare(&chosen, err);
    catalog_release(&catalog);
    chosen_close(&chosen);
    return ret;
}
