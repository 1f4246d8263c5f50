// SPDX-License-Identifier: Apache-2.0
// prepare.c - `goneaway prepare`, and choosing servers and connectors by name
#include "main/prepare.h"

#include "main/catalog.h"

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

int chosen_open(struct chosen *chosen, const char *home, const char *servers,
                const char *connectors, struct err *err) {
    cleanup_free char *fixtures = xprintf("%s/fixtures", home);
    *chosen = (struct chosen){0};
    if (images_open(&chosen->images, fixtures, err) < 0)
        return -1;
    struct images *images = &chosen->images;
    chosen->servers = xcalloc(images->server_count + 1, sizeof *chosen->servers);
    chosen->connectors = xcalloc(images->connector_count + 1, sizeof *chosen->connectors);
    for (size_t i = 0; !servers && i < images->server_count; i++)
        chosen->servers[chosen->server_count++] = &images->servers[i];
    for (size_t i = 0; !connectors && i < images->connector_count; i++)
        chosen->connectors[chosen->connector_count++] = &images->connectors[i];
    cleanup_free char *server_names = xstrdup(servers), *connector_names = xstrdup(connectors);
    char *rest = server_names;
    for (char *name; rest && (name = strsep(&rest, ","));) {
        struct server_recipe *recipe = images_server(images, name, err);
        if (!recipe)
            return -1;
        if (chosen->server_count < images->server_count)
            chosen->servers[chosen->server_count++] = recipe;
    }
    rest = connector_names;
    for (char *name; rest && (name = strsep(&rest, ","));) {
        struct connector_recipe *recipe = images_connector(images, name, err);
        if (!recipe)
            return -1;
        if (chosen->connector_count < images->connector_count)
            chosen->connectors[chosen->connector_count++] = recipe;
    }
    return 0;
}

void chosen_close(struct chosen *chosen) {
    free(chosen->servers);
    free(chosen->connectors);
    images_close(&chosen->images);
}

bool connector_is_for(const struct connector_recipe *connector, const struct scenario *scenario) {
    const char *const *names = scenario->connectors.items;
    for (size_t i = 0; i < scenario->connectors.count; i++)
        if (strcmp(names[i], connector->name) == 0)
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

// What few scenarios use, and takes an image of its own, comes when a run wants it.
static void leave_to_runs(struct chosen *chosen) {
    size_t kept = 0;
    for (size_t i = 0; i < chosen->connector_count; i++)
        if (chosen->connectors[i]->only_named != 1 || chosen->connectors[i]->image)
            chosen->connectors[kept++] = chosen->connectors[i];
    chosen->connector_count = kept;
}

int command_prepare(const struct options *options, struct err *err) {
    cleanup_free char *home = catalog_home(err);
    if (!home)
        return -1;
    if (options->argument_count)
        return err_usage(err,
                         "`goneaway prepare` takes no arguments, only --server and --connector");
    struct chosen chosen;
    int ret = chosen_open(&chosen, home, options->servers, options->connectors, err);
    chosen.images.digests = true;
    if (!options->connectors)
        leave_to_runs(&chosen);
    if (options->adapter) // needs no image, as in a run
        chosen.connector_count = 0;
    // with all servers and connectors come the proxies
    size_t proxies = options->servers || options->connectors ? 0 : chosen.images.proxy_count;
    if (ret == 0 && options->print_key) {
        ret = chosen_print_key(&chosen, proxies, stdout, err);
        chosen_close(&chosen);
        return ret;
    }
    if (ret == 0)
        ret = chosen_prepare(&chosen, stdout, err);
    for (size_t i = 0; ret == 0 && i < proxies; i++)
        if (!chosen.images.proxies[i].reference) // those come when a run wants them
            ret = image_proxy_prepare(&chosen.images, &chosen.images.proxies[i], prepare_progress,
                                      stdout, err);
    for (size_t i = 0; ret == 0 && i < chosen.server_count; i++)
        printf("%s: ready (%s %s)\n", chosen.servers[i]->name, chosen.servers[i]->vendor,
               chosen.servers[i]->version);
    for (size_t i = 0; ret == 0 && i < chosen.connector_count; i++)
        printf("%s: ready\n", chosen.connectors[i]->name);
    for (size_t i = 0; ret == 0 && i < proxies; i++)
        if (!chosen.images.proxies[i].reference)
            printf("%s: ready\n", chosen.images.proxies[i].name);
    if (ret == 0)
        printf("cache: %s\n", chosen.images.cache);
    chosen_close(&chosen);
    return ret;
}
