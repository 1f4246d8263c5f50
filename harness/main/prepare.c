// SPDX-License-Identifier: Apache-2.0
// prepare.c - `goneaway prepare`, and choosing servers and connectors by name
#include "main/prepare.h"

#include "main/connectors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void prepare_progress(void *context, const char *format, ...) {
    FILE *out = context;
    va_list args;
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    fputc('\n', out);
    fflush(out);
}

static int choose_servers(struct chosen *chosen, const char *list, struct err *err) {
    struct images *images = &chosen->images;
    chosen->servers = xcalloc(images->server_count + 1, sizeof *chosen->servers);
    for (size_t i = 0; !list && i < images->server_count; i++)
        chosen->servers[chosen->server_count++] = &images->servers[i];
    cleanup_free char **names = text_split(list);
    for (char **name = names; *name; name++) {
        struct server_recipe *recipe = images_server(images, *name, err);
        if (!recipe)
            return -1;
        if (chosen->server_count < images->server_count)
            chosen->servers[chosen->server_count++] = recipe;
    }
    return 0;
}

int chosen_open(struct chosen *chosen, const char *home, const struct options *options,
                struct err *err) {
    *chosen = (struct chosen){0};
    if (connectors_open(&chosen->images, home, options, err) < 0 ||
        choose_servers(chosen, options->servers, err) < 0)
        return -1;
    return connectors_choose(&chosen->images, options, &chosen->connectors,
                             &chosen->connector_count, err);
}

void chosen_close(struct chosen *chosen) {
    free(chosen->servers);
    free(chosen->connectors);
    free(chosen->proxies);
    images_close(&chosen->images);
}

bool connector_is_for(const struct connector_recipe *connector, const struct scenario *scenario) {
    const char *const *names = scenario->connectors.items;
    for (size_t i = 0; i < scenario->connectors.count; i++)
        if (strcmp(names[i], connector->name) == 0 ||
            (connector->family && strcmp(names[i], connector->family) == 0))
            return true;
    return scenario->connectors.count == 0 && connector->only_named != 1;
}

int chosen_prepare(struct chosen *chosen, FILE *progress, struct err *err) {
    for (size_t i = 0; i < chosen->server_count; i++)
        if (image_server_prepare(&chosen->images, chosen->servers[i], prepare_progress, progress,
                                 err) < 0)
            return -1;
    for (size_t i = 0; i < chosen->connector_count; i++)
        if (image_connector_prepare(&chosen->images, chosen->connectors[i], prepare_progress,
                                    progress, err) < 0)
            return -1;
    return 0;
}

// Of a connector that the user has asked for by its name.
static void tell_unused(const struct options *options, const struct connector_recipe *connector) {
    bool only_named = connector->only_named == 1;
    if (!connector->on_host && !text_list_has(options->connectors, connector->name))
        return;
    fprintf(stderr,
            "goneaway: warning: none of the scenarios is for the connector '%s': %s (`connectors: "
            "[%s]`)%s\n",
            connector->name,
            only_named ? "it is taken only by those that name it"
                       : "they name others and not this one",
            connector->name, only_named ? ", as `only_named: true` in its recipe says" : "");
}

void chosen_drop_unused(struct chosen *chosen, const struct catalog *catalog,
                        const struct options *options) {
    size_t kept = 0;
    for (size_t c = 0; c < chosen->connector_count; c++) {
        bool used = false;
        for (size_t i = 0; i < catalog->count; i++)
            used |= selection_has_chosen(&catalog->items[i]) &&
                    connector_is_for(chosen->connectors[c], catalog->items[i].scenario);
        if (used)
            chosen->connectors[kept++] = chosen->connectors[c];
        else
            tell_unused(options, chosen->connectors[c]);
    }
    chosen->connector_count = kept;
}

// What few scenarios use, and takes an image of its own, comes when one is named, or a run wants
// it.
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

// Without scenarios what most of them need; else all that those need, and no more.
static int choose(struct chosen *chosen, struct catalog *catalog, const char *home,
                  const struct options *options, struct err *err) {
    if (chosen_open(chosen, home, options, err) < 0)
        return -1;
    chosen->images.digests = true;
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

// As in a run, an image that cannot be had only takes the cases that need it away.
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
    printf("cache: %s\n", chosen->images.cache);
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
