// SPDX-License-Identifier: Apache-2.0
// images.c - all recipes together, and where the cache is
#include "image/image.h"

#include "base/file.h"
#include "image/recipe.h"
#include "plan/condition.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A path with links resolved, as far as it exists: folders are hidden from adapters by path.
static const char *without_links(struct arena *arena, const char *path) {
    cleanup_free char *there = xstrdup(path);
    for (char *rest; !file_exists(there) && (rest = strrchr(there, '/')) && rest > there;)
        *rest = '\0';
    cleanup_free char *real = realpath(there, NULL);
    return real ? arena_printf(arena, "%s%s", real, path + strlen(there)) : path;
}

// The cache must be visible where servers run, and a sandbox has its own /run.
static int set_cache(struct images *images, struct err *err) {
    const char *own = getenv("GONEAWAY_CACHE"), *xdg = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");
    if (own && *own)
        images->cache.folder = arena_printf(images->arena, "%s", own);
    else if (xdg && *xdg == '/')
        images->cache.folder = arena_printf(images->arena, "%s/goneaway", xdg);
    else if (home && *home == '/')
        images->cache.folder = arena_printf(images->arena, "%s/.cache/goneaway", home);
    else
        return err_usage(err, "no place for the cache: neither GONEAWAY_CACHE nor HOME is set");
    if (images->cache.folder[0] != '/') {
        cleanup_free char *here = getcwd(NULL, 0);
        images->cache.folder =
            arena_printf(images->arena, "%s/%s", here ? here : "", images->cache.folder);
    }
    images->cache.folder = without_links(images->arena, images->cache.folder);
    return 0;
}

static int refuse_run(const char *what, const char *path, struct err *err) {
    cleanup_free char *resolved = realpath(path, NULL);
    const char *real = resolved ? resolved : path;
    if (!text_starts(real, "/run/") && !text_starts(real, "/var/run/"))
        return 0;
    err_usage(err, "the %s is %s, but a server cannot see what is below /run", what, path);
    return err_remedy(err, "set GONEAWAY_CACHE to a folder on a disk, and keep goneaway on one");
}

// Usual ones come first, otherwise by name.
static int by_usage(const void *one, const void *other) {
    const struct server_recipe *a = one, *b = other;
    if ((a->on_request == 1) != (b->on_request == 1))
        return a->on_request == 1 ? 1 : -1;
    return strcmp(a->name, b->name);
}

static void place_servers(struct images *images) {
    const char *certificates = arena_printf(images->arena, "%s/certificates", images->fixtures);
    qsort(images->servers, images->server_count, sizeof *images->servers, by_usage);
    for (size_t i = 0; i < images->server_count; i++) {
        images->servers[i].certificates = certificates;
        images->usual_servers += images->servers[i].on_request != 1;
    }
}

void images_close(struct images *images) {
    cache_close(&images->cache);
    arena_free(images->arena);
    *images = (struct images){0};
}

static int read_recipes(struct images *images, const struct recipe_kind *kind, void *ret_recipes,
                        size_t *ret_count, struct err *err) {
    cleanup_free char *folder = xprintf("%s/%s", images->fixtures, kind->folder);
    return recipes_read(images, kind, folder, ret_recipes, ret_count, err);
}

int images_open(struct images *images, const char *fixtures, struct err *err) {
    struct arena *arena = arena_new();
    *images = (struct images){.arena = arena, .cache = {.arena = arena}};
    cleanup_free char *resolved = realpath(fixtures, NULL);
    if (!resolved) {
        err_errno(err, "%s", fixtures);
        err->kind = ERR_USAGE;
        return -1;
    }
    images->fixtures = arena_printf(images->arena, "%s", resolved);
    if (set_cache(images, err) < 0 || refuse_run("cache folder", images->cache.folder, err) < 0 ||
        refuse_run("folder of the fixtures", images->fixtures, err) < 0)
        return -1;
    if (read_recipes(images, &recipes_of_servers, &images->servers, &images->server_count, err) <
            0 ||
        read_recipes(images, &recipes_of_connectors, &images->connectors, &images->connector_count,
                     err) < 0 ||
        read_recipes(images, &recipes_of_proxies, &images->proxies, &images->proxy_count, err) < 0)
        return -1;
    place_servers(images);
    const char *connectors = arena_printf(images->arena, "%s/connectors", images->fixtures);
    for (size_t i = 0; i < images->connector_count; i++)
        recipe_place(images, &images->connectors[i], connectors);
    return 0;
}

// A stranger's recipe must not make goneaway read files elsewhere.
static int check_sources(const struct connector_recipe *recipe, const char *folder,
                         struct err *err) {
    for (size_t i = 0; i < recipe->sources.count; i++) {
        const char *source = ((const char **)recipe->sources.items)[i];
        cleanup_free char *path = xprintf("%s/%s", recipe->home, source);
        int below = recipe_lies_below(path, folder, err);
        if (below < 0)
            return -1;
        if (below == 0)
            return err_usage(err, "%s/recipe.yml: the source '%s' lies outside of %s", recipe->home,
                             source, folder);
    }
    return 0;
}

static int check_stranger(const struct images *images, const struct connector_recipe *recipe,
                          const char *folder, struct err *err) {
    if (!connector_is_name(recipe->name, strlen(recipe->name)) || strcmp(recipe->name, "all") == 0)
        return err_usage(err,
                         "%s: a connector's name consists of lower-case letters, digits, dots, "
                         "dashes and underscores, and is not `all`",
                         recipe->home);
    for (size_t i = 0; i < images->connector_count; i++)
        if (strcmp(images->connectors[i].name, recipe->name) == 0) {
            err_usage(err, "two connectors are called '%s': %s and %s", recipe->name,
                      images->connectors[i].home, recipe->home);
            return err_remedy(err, "rename the folder of one of them");
        }
    return check_sources(recipe, folder, err);
}

int images_add_folder(struct images *images, const char *folder, struct err *err) {
    struct connector_recipe *recipes;
    size_t count;
    cleanup_free char *resolved = realpath(folder, NULL);
    if (!resolved) {
        err_errno(err, "%s", folder);
        err->kind = ERR_USAGE;
        return -1;
    }
    if (refuse_run("folder of connectors", resolved, err) < 0 ||
        recipes_read(images, &recipes_of_strangers, resolved, &recipes, &count, err) < 0)
        return -1;
    if (count == 0) {
        err_usage(err, "%s has no connectors", folder);
        return err_remedy(err, "the recipe of a connector NAME is %s/NAME/recipe.yml", folder);
    }
    const char **folders = arena_alloc(images->arena, (images->folder_count + 1) * sizeof *folders);
    for (size_t i = 0; i < images->folder_count; i++)
        folders[i] = images->folders[i];
    folders[images->folder_count++] = arena_printf(images->arena, "%s", resolved);
    images->folders = folders;
    for (size_t i = 0; i < count; i++) {
        recipe_place(images, &recipes[i], resolved);
        if (check_stranger(images, &recipes[i], resolved, err) < 0)
            return -1;
        images_add_connector(images, &recipes[i]);
    }
    return 0;
}

void images_add_connector(struct images *images, const struct connector_recipe *recipe) {
    size_t count = images->connector_count;
    struct connector_recipe *all = arena_alloc(images->arena, (count + 1) * sizeof *all);
    memcpy(all, images->connectors, count * sizeof *all);
    all[count] = *recipe;
    all[count].foreign = true;
    all[count].certificates = arena_printf(images->arena, "%s/certificates", images->fixtures);
    images->connectors = all;
    images->connector_count++;
}
