// SPDX-License-Identifier: Apache-2.0
// prepare.c - `goneaway prepare`: brings servers, connectors and proxies into the cache
#include "cache/share.h"
#include "catalog/lineup.h"
#include "main/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Images that few scenarios need are prepared only if they are named, or when a run needs them.
static void leave_to_runs(struct lineup *lineup) {
    size_t kept = 0;
    for (size_t i = 0; i < lineup->connector_count; i++)
        if (lineup->connectors[i]->only_named != 1 || lineup->connectors[i]->image)
            lineup->connectors[kept++] = lineup->connectors[i];
    lineup->connector_count = kept;
}

// An --adapter needs no image.
static void drop_adapters(struct lineup *lineup) {
    size_t kept = 0;
    for (size_t i = 0; i < lineup->connector_count; i++)
        if (!lineup->connectors[i]->on_host)
            lineup->connectors[kept++] = lineup->connectors[i];
    lineup->connector_count = kept;
}

static bool uses_proxy(const struct selection *item, const char *name) {
    for (size_t k = 0; k < item->scenario->case_count; k++) {
        const struct wire_args *wire = item->scenario->cases[k].wire;
        if (item->chosen[k] && wire && wire->proxy && strcmp(wire->proxy->kind, name) == 0)
            return true;
    }
    return false;
}

static void choose_proxies(struct lineup *lineup, const struct catalog *catalog) {
    struct images *images = &lineup->images;
    lineup->proxies = xcalloc(images->proxy_count + 1, sizeof *lineup->proxies);
    for (size_t p = 0; p < images->proxy_count; p++) {
        bool used = false;
        for (size_t i = 0; i < catalog->count; i++)
            used |= uses_proxy(&catalog->items[i], images->proxies[p].name);
        if (used)
            lineup->proxies[lineup->proxy_count++] = &images->proxies[p];
    }
}

// Without scenarios: what most of them need. With scenarios: exactly what those need.
static int choose(struct lineup *lineup, struct catalog *catalog, const char *home,
                  const struct options *options, struct err *err) {
    if (lineup_open(lineup, home, options, err) < 0)
        return -1;
    lineup->images.cache.digests = true;
    if (options->argument_count == 0 && !options->connectors)
        leave_to_runs(lineup);
    if (options->argument_count > 0) {
        if (catalog_select(catalog, home, options->argument_count, options->arguments, err) < 0)
            return -1;
        lineup_drop_unused(lineup, catalog, options);
    }
    drop_adapters(lineup);
    choose_proxies(lineup, catalog);
    return 0;
}

// As in a run, an image that cannot be had only affects the cases that need it.
static int prepare_proxy(struct lineup *lineup, struct proxy_recipe *recipe, struct err *err) {
    if (image_proxy_prepare(&lineup->images, recipe, prepare_progress, stdout, err) == 0)
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

static int prepare(struct lineup *lineup, struct err *err) {
    if (lineup_prepare(lineup, stdout, err) < 0)
        return -1;
    for (size_t i = 0; i < lineup->server_count; i++)
        tell_server(lineup->servers[i]);
    for (size_t i = 0; i < lineup->connector_count; i++)
        printf("%s: ready\n", lineup->connectors[i]->name);
    for (size_t i = 0; i < lineup->proxy_count; i++)
        if (prepare_proxy(lineup, lineup->proxies[i], err) < 0)
            return -1;
    const char *cache = lineup->images.cache.folder;
    printf("the whole cache: %lld MB\n", (long long)(share_measure(cache).bytes / 1000000));
    printf("cache: %s\n", cache);
    return 0;
}

int command_prepare(const struct options *options, struct err *err) {
    cleanup_free char *home = catalog_home(err);
    struct lineup lineup = {0};
    struct catalog catalog = {0};
    if (!home)
        return -1;
    int ret = choose(&lineup, &catalog, home, options, err);
    if (ret == 0)
        ret = options->print_key ? lineup_print_key(&lineup, stdout, err) : prepare(&lineup, err);
    catalog_release(&catalog);
    lineup_close(&lineup);
    return ret;
}
