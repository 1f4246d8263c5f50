// SPDX-License-Identifier: Apache-2.0
// prepare.c - finds servers, connectors and proxies in the cache, and brings them there
#include "image/prepare.h"

#include "base/file.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

// Fills the recipe's version from the entry; an entry that does not tell it is not one.
static bool read_version(struct images *images, struct server_recipe *recipe, const char *entry) {
    cleanup_free char *path = xprintf("%s/entry.json", entry);
    json_t *json = json_load_file(path, 0, NULL);
    const char *version = json_string_value(json_object_get(json, "version"));
    if (version)
        recipe->version = arena_printf(images->arena, "%s", version);
    json_decref(json);
    return version != NULL;
}

bool image_server_find(struct images *images, struct server_recipe *recipe) {
    struct debian_root wanted = {recipe->name, recipe->suite, &recipe->packages, NULL};
    struct err ignored;
    const char *root = debian_entry(images, &wanted);
    char *data = NULL;
    if (server_entry(images, recipe, &data, &ignored) < 0 || !cache_hold(images, root) ||
        !cache_hold(images, data) || !read_version(images, recipe, data))
        return false;
    recipe->root = arena_printf(images->arena, "%s/root", root);
    recipe->data = arena_printf(images->arena, "%s/data", data);
    return true;
}

struct debian_root connector_root(const struct images *images,
                                  const struct connector_recipe *recipe) {
    for (size_t i = 0; recipe->image && i < images->server_count; i++) {
        const struct server_recipe *server = &images->servers[i];
        if (strcmp(server->name, recipe->image) == 0)
            return (struct debian_root){server->name, server->suite, &server->packages, NULL};
    }
    return (struct debian_root){recipe->name, recipe->suite, &recipe->packages, NULL};
}

bool image_connector_find(struct images *images, struct connector_recipe *recipe) {
    struct debian_root wanted = connector_root(images, recipe);
    struct err ignored;
    const char *root = debian_entry(images, &wanted);
    char *adapter = NULL;
    if (connector_entry(images, recipe, &adapter, &ignored) < 0 || !cache_hold(images, root))
        return false;
    if (recipe->sources.count > 0 && !cache_hold(images, adapter))
        return false;
    recipe->root = arena_printf(images->arena, "%s/root", root);
    recipe->adapter = recipe->sources.count > 0 ? arena_printf(images->arena, "%s/adapter", adapter)
                                                : arena_printf(images->arena, "%s/connectors/%s",
                                                               images->fixtures, recipe->name);
    return true;
}

/** What a job works on: one of the two. */
struct job {
    struct images *images;
    struct server_recipe *server;
    struct connector_recipe *connector;
    struct proxy_recipe *proxy;
};

static int prepare_server(struct keeper *keeper, void *context, struct err *err) {
    const struct job *job = context;
    struct server_recipe *recipe = job->server;
    struct debian_root root = {recipe->name, recipe->suite, &recipe->packages, NULL};
    char *entry = NULL;
    if (server_entry(job->images, recipe, &entry, err) < 0 ||
        debian_prepare(keeper, job->images, &root, err) < 0)
        return -1;
    recipe->root = arena_printf(job->images->arena, "%s/root", debian_entry(job->images, &root));
    return server_prepare(keeper, job->images, recipe, entry, err);
}

static int prepare_connector(struct keeper *keeper, void *context, struct err *err) {
    const struct job *job = context;
    struct connector_recipe *recipe = job->connector;
    struct debian_root root = connector_root(job->images, recipe);
    char *entry = NULL;
    if (connector_entry(job->images, recipe, &entry, err) < 0 ||
        debian_prepare(keeper, job->images, &root, err) < 0)
        return -1;
    recipe->root = arena_printf(job->images->arena, "%s/root", debian_entry(job->images, &root));
    if (recipe->sources.count == 0)
        return 0;
    return connector_prepare(keeper, job->images, recipe, entry, err);
}

static struct debian_root proxy_root(const struct proxy_recipe *recipe) {
    return (struct debian_root){recipe->name, recipe->suite, &recipe->packages, recipe->reference};
}

static int prepare_proxy(struct keeper *keeper, void *context, struct err *err) {
    const struct job *job = context;
    struct debian_root root = proxy_root(job->proxy);
    return debian_prepare(keeper, job->images, &root, err);
}

// Only if another goneaway with a different recipe of the same name works on the same cache.
static int vanished(const char *name, struct err *err) {
    err_set(err, "%s is not in the cache, though it was prepared", name);
    return err_remedy(err, "try again; if another version of goneaway runs at the same time, give "
                           "it a GONEAWAY_CACHE of its own");
}

int image_server_prepare(struct images *images, struct server_recipe *recipe,
                         image_progress *progress, void *context, struct err *err) {
    struct job job = {.images = images, .server = recipe};
    if (image_server_find(images, recipe))
        return 0;
    if (keeper_run(images->cache, prepare_server, &job, progress, context, err) < 0 ||
        (!image_server_find(images, recipe) && vanished(recipe->name, err) < 0))
        return err_context(err, "prepare server %s", recipe->name);
    return 0;
}

int image_connector_prepare(struct images *images, struct connector_recipe *recipe,
                            image_progress *progress, void *context, struct err *err) {
    struct job job = {.images = images, .connector = recipe};
    if (image_connector_find(images, recipe))
        return 0;
    if (keeper_run(images->cache, prepare_connector, &job, progress, context, err) < 0 ||
        (!image_connector_find(images, recipe) && vanished(recipe->name, err) < 0))
        return err_context(err, "prepare connector %s", recipe->name);
    return 0;
}

bool image_proxy_find(struct images *images, struct proxy_recipe *recipe) {
    struct debian_root wanted = proxy_root(recipe);
    const char *root = debian_entry(images, &wanted);
    if (!cache_hold(images, root))
        return false;
    recipe->root = arena_printf(images->arena, "%s/root", root);
    return true;
}

int image_proxy_prepare(struct images *images, struct proxy_recipe *recipe,
                        image_progress *progress, void *context, struct err *err) {
    struct job job = {.images = images, .proxy = recipe};
    if (image_proxy_find(images, recipe))
        return 0;
    if (keeper_run(images->cache, prepare_proxy, &job, progress, context, err) < 0 ||
        (!image_proxy_find(images, recipe) && vanished(recipe->name, err) < 0))
        return err_context(err, "prepare proxy %s", recipe->name);
    return 0;
}
