// SPDX-License-Identifier: Apache-2.0
// roots.c - which root filesystem a server, a connector or a proxy runs in
#include "image/roots.h"

#include <string.h>

struct debian_root server_root(const struct server_recipe *recipe) {
    return (struct debian_root){.name = recipe->name,
                                .suite = recipe->suite,
                                .packages = &recipe->packages,
                                .npm = {recipe->npm, recipe->sha256},
                                .reference = recipe->pinned ? recipe->pinned : recipe->reference,
                                .store = recipe->store,
                                .examined = recipe->reference != NULL};
}

static struct debian_root own_root(const struct connector_recipe *recipe) {
    return (struct debian_root){.name = recipe->name,
                                .suite = recipe->suite,
                                .packages = &recipe->packages,
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

struct debian_root proxy_root(const struct proxy_recipe *recipe) {
    return (struct debian_root){.name = recipe->name,
                                .suite = recipe->suite,
                                .packages = &recipe->packages,
                                .reference = recipe->reference};
}
