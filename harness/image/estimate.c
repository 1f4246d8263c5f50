// SPDX-License-Identifier: Apache-2.0
// estimate.c - what preparing will take, before it begins
#include "image/estimate.h"

#include "image/connector.h"
#include "image/debian.h"
#include "image/roots.h"
#include "image/tags.h"

#include <stdlib.h>
#include <string.h>

// Measured: what even the least alike roots of one suite share; what its lists of packages weigh;
// and how much larger packages become when they are unpacked.
enum { SHARED_MB = 80, LISTS_MB = 9, UNPACKED_TIMES = 4 };

void estimate_release(struct estimate *estimate) {
    free(estimate->roots);
    *estimate = (struct estimate){0};
}

static bool has_entry(const struct estimate *estimate, const char *entry) {
    for (size_t i = 0; i < estimate->count; i++)
        if (strcmp(estimate->roots[i].entry, entry) == 0)
            return true;
    return false;
}

static bool has_suite(const struct estimate *estimate, const char *suite) {
    for (size_t i = 0; suite && i < estimate->count; i++)
        if (estimate->roots[i].suite && strcmp(estimate->roots[i].suite, suite) == 0)
            return true;
    return false;
}

static void add_size(struct estimate *estimate, const struct debian_root *root) {
    int64_t shared_mb = has_suite(estimate, root->suite) ? SHARED_MB : 0;
    estimate->images++;
    if (!root->reference && root->packages->count == 0)
        return;
    if (root->megabytes < 0 || root->reference) {
        estimate->unknown++;
        return;
    }
    estimate->disk_mb += root->megabytes > shared_mb ? root->megabytes - shared_mb : 0;
    estimate->download_mb += root->megabytes / UNPACKED_TIMES + LISTS_MB;
}

// What cannot be looked at is not made either: whoever needs it will say why.
static bool is_there(struct images *images, const char *entry, const char *base) {
    struct err ignored;
    enum cache_state state =
        cache_hold(&images->cache, entry, base, images->cache.digests, &ignored);
    return state == CACHE_READY || state == CACHE_REFUSED;
}

// Whether the cache has it; it counts once, whoever shares it.
static bool add_root(struct estimate *estimate, struct images *images,
                     const struct debian_root *root) {
    const char *entry = debian_entry(images, root);
    bool there = is_there(images, entry, NULL);
    if (has_entry(estimate, entry))
        return there;
    if (!there)
        add_size(estimate, root);
    estimate->roots = xgrow(estimate->roots, estimate->count, sizeof *estimate->roots);
    estimate->roots[estimate->count++] =
        (struct estimated){entry, root->packages->count > 0 ? root->suite : NULL};
    return there;
}

void estimate_server(struct estimate *estimate, struct images *images,
                     const struct server_recipe *recipe) {
    struct server_recipe known = *recipe;
    tag_recall(images, &known);
    struct debian_root root = server_root(&known);
    add_root(estimate, images, &root);
}

void estimate_connector(struct estimate *estimate, struct images *images,
                        const struct connector_recipe *recipe) {
    struct debian_root root = connector_root(images, recipe);
    char *adapter = NULL;
    struct err ignored;
    bool there = add_root(estimate, images, &root);
    if (recipe->build_packages.count == 0 ||
        connector_entry(images, recipe, &adapter, &ignored) < 0 ||
        (there && is_there(images, adapter, debian_entry(images, &root))))
        return;
    estimate->builds++;
}

void estimate_proxy(struct estimate *estimate, struct images *images,
                    const struct proxy_recipe *recipe) {
    struct debian_root root = proxy_root(recipe);
    add_root(estimate, images, &root);
}

char *estimate_text(const struct estimate *estimate) {
    struct text text = {0};
    if (estimate->images + estimate->builds == 0)
        return NULL;
    text_printf(&text, "to make: %zu image%s", estimate->images, estimate->images == 1 ? "" : "s");
    if (estimate->disk_mb > 0)
        text_printf(&text, ", up to %lld MB on disk and about %lld MB to download",
                    (long long)estimate->disk_mb, (long long)estimate->download_mb);
    if (estimate->unknown > 0 && estimate->unknown == estimate->images)
        text_add(&text, " of unknown size");
    else if (estimate->unknown > 0)
        text_printf(&text, ", not counting %zu of unknown size", estimate->unknown);
    if (estimate->builds > 0)
        text_printf(&text, "; %zu adapter%s, built with packages that are not kept",
                    estimate->builds, estimate->builds == 1 ? "" : "s");
    return text.data;
}
