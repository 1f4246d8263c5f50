// SPDX-License-Identifier: Apache-2.0
// prepare.c - finds servers, connectors and proxies in the cache, or brings them there
#include "image/image.h"

#include "base/file.h"
#include "cache/aside.h"
#include "cache/cache.h"
#include "cache/digest.h"
#include "cache/keeper.h"
#include "image/connector.h"
#include "image/data.h"
#include "image/debian.h"
#include "image/examine.h"
#include "image/learn.h"
#include "image/reference.h"
#include "image/roots.h"
#include "image/tags.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

// Fills the recipe from what the entry says about its data; an incomplete one counts as damaged.
static bool read_entry(struct images *images, struct server_recipe *recipe, const char *entry) {
    cleanup_free char *path = xprintf("%s/entry.json", entry);
    json_t *json = json_load_file(path, 0, NULL);
    const char *version = json_string_value(json_object_get(json, "version"));
    const char *package = json_string_value(json_object_get(json, "package"));
    const char *password = json_string_value(json_object_get(json, "password"));
    if (version && package && password) {
        recipe->version = arena_printf(images->arena, "%s", version);
        recipe->package = arena_printf(images->arena, "%s", package);
        recipe->password = arena_printf(images->arena, "%s", password);
    }
    json_decref(json);
    return version && package && password;
}

// Fills what a recipe would say from what the server said about itself.
static int recall_server(struct images *images, struct server_recipe *recipe, const char *root,
                         struct err *err) {
    struct learned learned;
    if (!recipe->reference)
        return 0;
    if (!learned_read(&learned, images->arena, root))
        return err_set(err, "%s does not say what server it has", root);
    recipe->vendor = learned.vendor;
    recipe->flavour = learned.flavour;
    recipe->full = learned.full;
    recipe->daemon = learned.daemon;
    recipe->initialise = learned.initialise;
    recipe->options = learned.options;
    return 0;
}

enum cache_state image_server_find(struct images *images, struct server_recipe *recipe,
                                   struct err *err) {
    if (!tag_recall(images, recipe)) {
        err_set(err, "%s has not been asked for yet", recipe->reference);
        return CACHE_ABSENT;
    }
    struct debian_root wanted = server_root(recipe);
    const char *root = debian_entry(images, &wanted);
    char *data = NULL;
    enum cache_state state = cache_hold(&images->cache, root, NULL, images->cache.digests, err);
    if (state != CACHE_READY)
        return state;
    if (recall_server(images, recipe, root, err) < 0 ||
        server_entry(images, recipe, &data, err) < 0)
        return CACHE_REFUSED;
    state = cache_hold(&images->cache, data, root, images->cache.digests, err);
    if (state != CACHE_READY)
        return state;
    if (!read_entry(images, recipe, data)) {
        err_set(err, "%s/entry.json does not say what it is of", data);
        return CACHE_REFUSED;
    }
    recipe->root = arena_printf(images->arena, "%s/root", root);
    recipe->data = arena_printf(images->arena, "%s/data", data);
    return CACHE_READY;
}

enum cache_state image_connector_find(struct images *images, struct connector_recipe *recipe,
                                      struct err *err) {
    if (recipe->on_host)
        return CACHE_READY;
    struct debian_root wanted = connector_root(images, recipe);
    const char *root = debian_entry(images, &wanted);
    char *adapter = NULL;
    if (connector_entry(images, recipe, &adapter, err) < 0)
        return CACHE_REFUSED;
    enum cache_state state = cache_hold(&images->cache, root, NULL, images->cache.digests, err);
    if (state == CACHE_READY && recipe->sources.count > 0)
        state = cache_hold(&images->cache, adapter, root, images->cache.digests, err);
    if (state != CACHE_READY)
        return state;
    recipe->root = arena_printf(images->arena, "%s/root", root);
    recipe->adapter = recipe->sources.count > 0 ? arena_printf(images->arena, "%s/adapter", adapter)
                                                : recipe->home;
    return CACHE_READY;
}

bool image_connector_is_folder(const struct connector_recipe *recipe) {
    return recipe->image && reference_is_rootfs(recipe->image);
}

enum cache_state image_proxy_find(struct images *images, struct proxy_recipe *recipe,
                                  struct err *err) {
    struct debian_root wanted = proxy_root(recipe);
    const char *root = debian_entry(images, &wanted);
    enum cache_state state = cache_hold(&images->cache, root, NULL, images->cache.digests, err);
    if (state == CACHE_READY)
        recipe->root = arena_printf(images->arena, "%s/root", root);
    return state;
}

/** What is brought into the cache: one of the three. */
struct goods {
    struct images *images;
    struct server_recipe *server;
    struct connector_recipe *connector;
    struct proxy_recipe *proxy;
    char *asked; ///< the digest that the server's tag has now, in memory shared with children; or
                 ///< NULL
};

static int prepare_server(struct keeper *keeper, void *context, struct err *err) {
    const struct goods *goods = context;
    struct server_recipe *recipe = goods->server;
    struct debian_root root = server_root(recipe);
    const char *base = debian_entry(goods->images, &root);
    char *entry = NULL;
    if (debian_prepare(keeper, goods->images, &root, err) < 0 ||
        recall_server(goods->images, recipe, base, err) < 0 ||
        server_entry(goods->images, recipe, &entry, err) < 0)
        return -1;
    recipe->root = arena_printf(goods->images->arena, "%s/root", base);
    return server_prepare(keeper, goods->images, recipe, entry, err);
}

static int prepare_connector(struct keeper *keeper, void *context, struct err *err) {
    const struct goods *goods = context;
    struct connector_recipe *recipe = goods->connector;
    struct debian_root root = connector_root(goods->images, recipe);
    char *entry = NULL;
    if (connector_entry(goods->images, recipe, &entry, err) < 0 ||
        debian_prepare(keeper, goods->images, &root, err) < 0)
        return -1;
    recipe->root =
        arena_printf(goods->images->arena, "%s/root", debian_entry(goods->images, &root));
    if (recipe->sources.count == 0)
        return 0;
    return connector_prepare(keeper, goods->images, recipe, entry, err);
}

static int prepare_proxy(struct keeper *keeper, void *context, struct err *err) {
    const struct goods *goods = context;
    struct debian_root root = proxy_root(goods->proxy);
    return debian_prepare(keeper, goods->images, &root, err);
}

static enum cache_state find(const struct goods *goods, struct err *err) {
    return goods->server      ? image_server_find(goods->images, goods->server, err)
           : goods->connector ? image_connector_find(goods->images, goods->connector, err)
                              : image_proxy_find(goods->images, goods->proxy, err);
}

static int tidy(struct keeper *keeper, void *context, struct err *err) {
    (void)keeper, (void)context, (void)err;
    return 0; // before each job, a keeper removes what dead processes left
}

// Once per run. Leftovers in the cache that cannot be removed do not stop anybody.
static int look_at_cache(struct images *images, keeper_progress *progress, void *context,
                         struct err *err) {
    struct err ignored;
    if (images->cache.is_ours)
        return 0;
    if (cache_check_owner(images->cache.folder, err) < 0)
        return -1;
    if (aside_is_left(images->cache.folder))
        keeper_run(images->cache.folder, tidy, NULL, progress, context, &ignored);
    images->cache.is_ours = true;
    return 0;
}

// Absent at this point only if another goneaway, whose recipe of the same name differs, works on
// the same cache.
static int explain_unready(enum cache_state state, const char *name, struct err *err) {
    switch (state) {
    case CACHE_READY:
        return 0;
    case CACHE_ABSENT:
        err_set(err, "%s is not in the cache, though it was prepared", name);
        return err_remedy(err, "try again; if another version of goneaway runs at the same time, "
                               "give it a GONEAWAY_CACHE of its own");
    case CACHE_DAMAGED:
        err_context(err, "%s in the cache is damaged, though it was just made", name);
        return err_remedy(err, "look at what else writes there, and at the disk; or set "
                               "GONEAWAY_CACHE to a folder on another one");
    case CACHE_REFUSED:
        break;
    }
    return -1;
}

static int ask(struct keeper *keeper, void *context, struct err *err) {
    const struct goods *goods = context;
    return tag_ask(keeper, goods->server, goods->asked, err);
}

// The cache's entries of the old image are held meanwhile, so that they survive if a new one proves
// unusable.
static int ask_anew(struct goods *goods, bool known, keeper_progress *progress, void *context,
                    struct err *err) {
    struct server_recipe *recipe = goods->server;
    struct err unready;
    if (known)
        image_server_find(goods->images, recipe, &unready);
    if (keeper_run(goods->images->cache.folder, ask, goods, progress, context, err) < 0)
        return -1;
    tag_pin(goods->images, recipe, goods->asked);
    return 0;
}

// `prepare` checks whether a tag has moved; a run uses what it was. If the registry cannot be
// reached, what is known remains valid.
static int settle_tag(struct goods *goods, keeper_progress *progress, void *context,
                      struct err *err) {
    struct server_recipe *recipe = goods->server;
    if (!goods->asked)
        return 0;
    bool known = tag_recall(goods->images, recipe);
    if (known && !goods->images->cache.digests)
        return 0;
    if (ask_anew(goods, known, progress, context, err) == 0)
        return 0;
    if (!known)
        return -1;
    goods->asked[0] = '\0';
    progress(context, "%s: whether its tag has moved cannot be seen (%s); what it was stands",
             recipe->name, err->what);
    return 0;
}

static int bring(struct goods *goods, const char *name, keeper_job *work, keeper_progress *progress,
                 void *context, struct err *err) {
    struct images *images = goods->images;
    struct err damage;
    enum cache_state state = find(goods, err);
    if (state == CACHE_READY || state == CACHE_REFUSED)
        return state == CACHE_READY ? 0 : -1;
    damage = *err;
    if (keeper_run(images->cache.folder, work, goods, progress, context, err) < 0) {
        if (state == CACHE_DAMAGED)
            err_context(err, "what the cache has of it is damaged (%s); make it anew", damage.what);
        return -1;
    }
    bool digests = images->cache.digests;
    images->cache.digests = false; // these are new, or were compared by the job
    state = find(goods, err);
    images->cache.digests = digests;
    return explain_unready(state, name, err);
}

// If a tag has moved to something that is no server, its new digest is forgotten, and runs continue
// with the old.
static int bring_tagged(struct goods *goods, keeper_progress *progress, void *context,
                        struct err *err) {
    struct server_recipe *recipe = goods->server;
    if (look_at_cache(goods->images, progress, context, err) < 0 ||
        settle_tag(goods, progress, context, err) < 0)
        return -1;
    int ret = bring(goods, recipe->name, prepare_server, progress, context, err);
    if (!goods->asked || !goods->asked[0])
        return ret;
    if (ret == 0)
        return tag_keep(goods->images, recipe, goods->asked, err);
    recipe->pinned = NULL;
    return ret;
}

int image_server_prepare(struct images *images, struct server_recipe *recipe,
                         keeper_progress *progress, void *context, struct err *err) {
    enum { SIZE = DIGEST_LENGTH + 1 };
    struct goods goods = {.images = images, .server = recipe};
    if (tag_is_needed(recipe)) {
        goods.asked = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (goods.asked == MAP_FAILED)
            return err_errno(err, "mmap");
    }
    int ret = bring_tagged(&goods, progress, context, err);
    if (goods.asked)
        munmap(goods.asked, SIZE);
    return ret < 0 ? err_context(err, "prepare server %s", recipe->name) : 0;
}

int image_connector_prepare(struct images *images, struct connector_recipe *recipe,
                            keeper_progress *progress, void *context, struct err *err) {
    struct goods goods = {.images = images, .connector = recipe};
    if (look_at_cache(images, progress, context, err) < 0 ||
        bring(&goods, recipe->name, prepare_connector, progress, context, err) < 0)
        return err_context(err, "prepare connector %s", recipe->name);
    return 0;
}

int image_proxy_prepare(struct images *images, struct proxy_recipe *recipe,
                        keeper_progress *progress, void *context, struct err *err) {
    struct goods goods = {.images = images, .proxy = recipe};
    if (look_at_cache(images, progress, context, err) < 0 ||
        bring(&goods, recipe->name, prepare_proxy, progress, context, err) < 0)
        return err_context(err, "prepare proxy %s", recipe->name);
    return 0;
}

static void add_entry(struct text *names, const char *entry) {
    text_printf(names, "%s\n", strrchr(entry, '/') + 1);
}

int image_server_entries(struct images *images, const struct server_recipe *recipe,
                         struct text *names, struct err *err) {
    struct server_recipe known = *recipe;
    tag_recall(images, &known);
    struct debian_root root = server_root(&known);
    char *data;
    if (server_entry(images, &known, &data, err) < 0)
        return -1;
    add_entry(names, debian_entry(images, &root));
    add_entry(names, data);
    return 0;
}

int image_connector_entries(struct images *images, const struct connector_recipe *recipe,
                            struct text *names, struct err *err) {
    struct debian_root root = connector_root(images, recipe);
    char *adapter;
    if (connector_entry(images, recipe, &adapter, err) < 0)
        return -1;
    add_entry(names, debian_entry(images, &root));
    if (recipe->sources.count > 0)
        add_entry(names, adapter);
    return 0;
}

void image_proxy_entries(struct images *images, const struct proxy_recipe *recipe,
                         struct text *names) {
    struct debian_root root = proxy_root(recipe);
    add_entry(names, debian_entry(images, &root));
}

char *image_blame(struct images *images, const struct server_recipe *server,
                  const struct connector_recipe *connector, const struct proxy_recipe *proxy) {
    const char *const parts[] = {server->root, server->data, connector->root, connector->adapter,
                                 proxy ? proxy->root : NULL};
    struct err damage;
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (cache_verify(&images->cache, parts[i], &damage) < 0)
            return xprintf("the cache is damaged, which may be why (%s/%s)\nremedy: `goneaway "
                           "prepare` makes it anew, and so does the next run",
                           images->cache.folder, damage.what);
    return NULL;
}
