// SPDX-License-Identifier: Apache-2.0
// prune.c - removes from the cache what is no longer needed
//
// Kept is what today's recipes name, and for each server by reference the newest: its tag's, if
// that is known. An entry in use is locked by its user, and stays. Entries are moved into the
// keeper's tmp folder under their lock, so that nobody sees half of one, and removed with that.
#include "cache/cache.h"
#include "cache/keeper.h"
#include "image/debian.h"
#include "image/image.h"
#include "image/roots.h"
#include "image/tags.h"

#include "base/file.h"
#include "base/utf8.h"
#include "cache/manifest.h"
#include "cache/share.h"
#include "image/stock.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Input of the job, and what it counts. */
struct pruning {
    struct images *images;
    const char *known; ///< names of entries that today's recipes need, one per line
    bool all;
    struct stock stock;
    size_t freed, kept; ///< entries; `kept`: those that --all would remove
    int64_t freed_bytes, kept_bytes;
};

// ---- what is needed ----------------------------------------------------------------------------

static bool is_line_of(const char *lines, const char *name) {
    size_t length = strlen(name);
    for (const char *at = lines; (at = strstr(at, name)); at += length)
        if ((at == lines || at[-1] == '\n') && at[length] == '\n')
            return true;
    return false;
}

// Whether today's recipes need another entry with the same name and kind.
static bool is_replaced(const struct pruning *pruning, const struct stock_item *item) {
    size_t length = strlen(item->store) + 1 + strlen(item->kind) + 1;
    for (const char *line = pruning->known; *line; line = strchr(line, '\n') + 1)
        if (strncmp(line, item->name, length) == 0 && strcspn(line, "\n") == strlen(item->name))
            return true;
    return false;
}

// The root that the tag's note refers to; NULL: there is no tag, or nothing is known about it.
static const char *root_of_tag(struct images *images, const struct stock_item *data) {
    struct err unknown;
    if (!data || !data->reference || !text_starts(data->reference, "docker://"))
        return NULL;
    cleanup_free char *asked = xprintf("%s=%s", data->called, data->reference);
    struct server_recipe *recipe = images_server_by_reference(images, asked, &unknown);
    if (!recipe || !tag_is_needed(recipe) || !tag_recall(images, recipe))
        return NULL;
    struct debian_root root = server_root(recipe);
    return debian_entry(images, &root);
}

static const struct stock_item *find_entry(const struct stock *stock, const char *path) {
    for (size_t i = 0; path && i < stock->count; i++)
        if (strcmp(stock->items[i].path, path) == 0)
            return &stock->items[i];
    return NULL;
}

static const struct stock_item *current_root(const struct pruning *pruning, const char *store) {
    const struct stock_item *data = stock_newest(&pruning->stock, store, "data");
    const char *path = root_of_tag(pruning->images, data);
    const struct stock_item *root = find_entry(&pruning->stock, path);
    return root ? root : stock_newest(&pruning->stock, store, "root");
}

// Data belong to the root that they were made with.
static bool is_current(const struct pruning *pruning, const struct stock_item *item) {
    const struct stock_item *root = current_root(pruning, item->store);
    struct err differs;
    if (item == root || !root)
        return root != NULL;
    return item->reference && manifest_compare(root->path, NULL, false, &differs) == 1 &&
           manifest_compare(item->path, root->path, false, &differs) == 1;
}

// Why an entry can be removed; NULL: it cannot.
static const char *find_reason(const struct pruning *pruning, const struct stock_item *item) {
    struct err damage;
    if (manifest_compare(item->path, NULL, false, &damage) == 0)
        return "damaged";
    if (is_line_of(pruning->known, item->name))
        return NULL;
    if (is_replaced(pruning, item))
        return "superseded";
    if (stock_is_by_reference(&pruning->stock, item)) {
        if (!is_current(pruning, item))
            return "superseded";
        return pruning->all ? "by reference" : NULL;
    }
    if (strcmp(item->kind, "data") == 0 && !stock_newest(&pruning->stock, item->store, "root"))
        return "without its root filesystem";
    return pruning->all ? "of no recipe that is known here" : NULL;
}

// ---- removing it -------------------------------------------------------------------------------

static void free_entry(struct keeper *keeper, struct pruning *pruning,
                       const struct stock_item *item, const char *why) {
    cleanup_free char *to = xprintf("%s/%s", keeper->aside, item->name);
    cleanup_free char *name = utf8_shown(item->name, false);
    int64_t bytes = share_measure(item->path).own_bytes;
    struct err refused, busy;
    int moved = cache_move_unused(item->path, to, &refused);
    if (moved < 0)
        keeper_tell(keeper, "%s: %s, but it stays: %s", name, why, refused.what);
    else if (moved == 0)
        keeper_tell(keeper, "%s: %s, but another goneaway is using it", name, why);
    if (moved != 1)
        return;
    file_remove_tree(to, &busy); // now, so that of files that several share the last one counts
    keeper_tell(keeper, "%s: %s, %lld MB", name, why, (long long)(bytes / 1000000));
    pruning->freed++;
    pruning->freed_bytes += bytes;
}

// With the last root of a store, its tag's note is removed too.
static void free_notes(struct keeper *keeper, struct pruning *pruning) {
    struct stock left;
    stock_read(&left, pruning->images);
    for (size_t i = 0; i < pruning->stock.count; i++) {
        const struct stock_item *item = &pruning->stock.items[i];
        cleanup_free char *note = xprintf("%s/tag-%s.json", keeper->cache, item->store);
        if (item->examined && !stock_newest(&left, item->store, "root"))
            unlink(note);
    }
    stock_release(&left);
}

static void tell_sum(struct keeper *keeper, const struct pruning *pruning) {
    if (pruning->freed == 0)
        keeper_tell(keeper, "nothing to free");
    else
        keeper_tell(keeper, "freed: %zu entr%s, %lld MB", pruning->freed,
                    pruning->freed == 1 ? "y" : "ies", (long long)(pruning->freed_bytes / 1000000));
    if (pruning->kept > 0)
        keeper_tell(keeper,
                    "kept: what came by reference or by other recipes, %lld MB (`goneaway prune "
                    "--all` frees it)",
                    (long long)(pruning->kept_bytes / 1000000));
}

static int free_all(struct keeper *keeper, void *context, struct err *err) {
    struct pruning *pruning = context;
    (void)err;
    stock_read(&pruning->stock, pruning->images);
    for (size_t i = 0; i < pruning->stock.count; i++) {
        const struct stock_item *item = &pruning->stock.items[i];
        const char *why = find_reason(pruning, item);
        if (why)
            free_entry(keeper, pruning, item, why);
        else if (!is_line_of(pruning->known, item->name)) {
            pruning->kept++;
            pruning->kept_bytes += share_measure(item->path).own_bytes;
        }
    }
    if (pruning->all)
        free_notes(keeper, pruning);
    tell_sum(keeper, pruning);
    stock_release(&pruning->stock);
    return 0;
}

// ---- all of it ---------------------------------------------------------------------------------

static int list_known(struct images *images, struct text *known, struct err *err) {
    for (size_t i = 0; i < images->server_count; i++)
        if (image_server_entries(images, &images->servers[i], known, err) < 0)
            return -1;
    for (size_t i = 0; i < images->connector_count; i++)
        if (!images->connectors[i].on_host &&
            image_connector_entries(images, &images->connectors[i], known, err) < 0)
            return -1;
    for (size_t i = 0; i < images->proxy_count; i++)
        image_proxy_entries(images, &images->proxies[i], known);
    return 0;
}

int images_prune(struct images *images, bool all, keeper_progress *progress, void *context,
                 struct err *err) {
    cleanup_text struct text known = {0};
    struct stat info;
    if (stat(images->cache.folder, &info) < 0) {
        progress(context, "nothing to free");
        return 0;
    }
    if (cache_check_owner(images->cache.folder, err) < 0 || list_known(images, &known, err) < 0)
        return -1;
    struct pruning pruning = {.images = images, .known = text_get(&known), .all = all};
    return keeper_run(images->cache.folder, free_all, &pruning, progress, context, err);
}
