// SPDX-License-Identifier: Apache-2.0
// roots.c - which root filesystem a server, a connector or a proxy runs in
#include "image/roots.h"

#include <string.h>

struct debian_root server_root(const struct server_recipe *recipe) {
    return (struct debian_root){.name = recipe->name,
                                .suite = recipe->suite,
                                .packages = &recipe->packages,
                                .megabytes = recipe->megabytes,
                                .npm = {recipe->npm, recipe->sha256},
                                .reference = recipe->pinned ? recipe->pinned : recipe->reference,
                                .store = recipe->store,
                                .examined = recipe->reference != NULL};
}

static struct debian_root own_root(const struct connector_recipe *recipe) {
    return (struct debian_root){.name = recipe->name,
                                .suite = recipe->suite,
                                .packages = &recipe->packages,
                                .megabytes = recipe->megabytes,
                                .modules = &recipe->npm,
                                .reference = recipe->image};
}

// Connectors with the same packages share a root, named after the first of them.
static const char *store_of(const struct images *images, const struct debian_root *root) {
    uint64_t hash = debian_key(root).hash;
    for (size_t i = 0; !root->reference && i < images->connector_count; i++) {
        const struct connector_recipe *other = &images->connectors[i];
        struct debian_root its = own_root(other);
        if (!other->on_host && !other->image && debian_key(&its).hash == hash)
            return other->name;
    }
    return NULL;
}

struct debian_root connector_root(const struct images *images,
                                  const struct connector_recipe *recipe) {
    for (size_t i = 0; recipe->image && i < images->server_count; i++) {
        const struct server_recipe *server = &images->servers[i];
        if (strcmp(server->name, recipe->image) == 0)
            return server_root(server);
    }
    struct debian_root root = own_root(recipe);
    root.store = store_of(images, &root);
    return root;
}

bool connector_build_root(const struct images *images, const struct connector_recipe *recipe,
                          struct debian_root *ret_root) {
    const struct list *parts[] = {&recipe->packages, &recipe->build_packages};
    struct list *all = arena_alloc(images->arena, sizeof *all);
    const char **items = arena_alloc(
        images->arena, (recipe->packages.count + recipe->build_packages.count + 1) * sizeof *items);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        for (size_t k = 0; k < parts[i]->count; k++)
            items[all->count++] = ((const char **)parts[i]->items)[k];
    all->items = items;
    *ret_root = own_root(recipe);
    ret_root->packages = all;
    return recipe->build_packages.count > 0;
}

struct debian_root proxy_root(const struct proxy_recipe *recipe) {
    return (struct debian_root){.name = recipe->name,
                                .suite = recipe->suite,
                                .packages = &recipe->packages,
                                .megabytes = recipe->megabytes,
                                .reference = recipe->reference};
}
