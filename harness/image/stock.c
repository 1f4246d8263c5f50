// SPDX-License-Identifier: Apache-2.0
// stock.c - lists the entries in the cache, by whatever recipe or reference they were made
#include "image/stock.h"

#include "base/file.h"
#include "base/utf8.h"
#include "cache/cache.h"
#include "cache/manifest.h"
#include "cache/share.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HASH_LENGTH = 16, MOST_NOTE_BYTES = 64 << 10 };

// ---- reading -----------------------------------------------------------------------------------

// "mysql-9.7-root-0123456789abcdef" is split at its last two hyphens.
static bool read_name(struct stock_item *item, struct arena *arena, const char *name) {
    static const char *const kinds[] = {"root", "data", "adapter"};
    const char *hash = strrchr(name, '-');
    if (!hash || strspn(hash + 1, "0123456789abcdef") != HASH_LENGTH || hash[1 + HASH_LENGTH])
        return false;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        size_t length = strlen(kinds[i]), before = (size_t)(hash - name);
        if (before < length + 2 || hash[-(ptrdiff_t)length - 1] != '-' ||
            strncmp(hash - length, kinds[i], length) != 0)
            continue;
        item->name = arena_printf(arena, "%s", name);
        item->store = arena_text(arena, name, before - length - 1);
        item->kind = kinds[i];
        return true;
    }
    return false;
}

static const char *member(const json_t *json, const char *name, struct arena *arena) {
    const char *text = json_string_value(json_object_get(json, name));
    return text ? arena_printf(arena, "%s", text) : NULL;
}

static void read_note(struct stock_item *item, struct arena *arena) {
    cleanup_free char *path = xprintf("%s/entry.json", item->path);
    cleanup_text struct text data = {0};
    struct err unread;
    if (strcmp(item->kind, "data") != 0 || file_read(path, MOST_NOTE_BYTES, &data, &unread) < 0)
        return;
    json_auto_t *note = json_loads(text_get(&data), 0, NULL);
    item->reference = member(note, "reference", arena);
    item->called = member(note, "name", arena);
    item->flavour = member(note, "flavour", arena);
    item->full = member(note, "full", arena);
    if (!item->called || !item->flavour || !item->full)
        item->reference = NULL;
}

static bool read_item(struct stock_item *item, struct images *images, const char *name) {
    struct stat info;
    *item = (struct stock_item){0};
    if (!read_name(item, images->arena, name))
        return false;
    item->path = arena_printf(images->arena, "%s/%s", images->cache.folder, name);
    if (lstat(item->path, &info) < 0 || !S_ISDIR(info.st_mode))
        return false;
    item->made = info.st_mtim;
    cleanup_free char *learned = xprintf("%s/learned.json", item->path);
    item->examined = strcmp(item->kind, "root") == 0 && file_exists(learned);
    read_note(item, images->arena);
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct stock_item *)a)->name, ((const struct stock_item *)b)->name);
}

void stock_read(struct stock *stock, struct images *images) {
    DIR *folder = opendir(images->cache.folder);
    struct stock_item item;
    *stock = (struct stock){0};
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (!read_item(&item, images, entry->d_name))
            continue;
        stock->items = xgrow(stock->items, stock->count, sizeof item);
        stock->items[stock->count++] = item;
    }
    if (folder)
        closedir(folder);
    if (stock->count > 0)
        qsort(stock->items, stock->count, sizeof item, by_name);
}

void stock_release(struct stock *stock) {
    free(stock->items);
    *stock = (struct stock){0};
}

static bool is_later(const struct timespec *a, const struct timespec *b) {
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

const struct stock_item *stock_newest(const struct stock *stock, const char *store,
                                      const char *kind) {
    const struct stock_item *newest = NULL;
    for (size_t i = 0; i < stock->count; i++) {
        const struct stock_item *item = &stock->items[i];
        if (strcmp(item->store, store) == 0 && strcmp(item->kind, kind) == 0 &&
            (!newest || is_later(&item->made, &newest->made)))
            newest = item;
    }
    return newest;
}

bool stock_is_by_reference(const struct stock *stock, const struct stock_item *item) {
    if (item->examined || item->reference)
        return true;
    for (size_t i = 0; i < stock->count; i++)
        if (stock->items[i].examined && strcmp(stock->items[i].store, item->store) == 0)
            return true;
    return false;
}

// ---- servers by reference ----------------------------------------------------------------------

static enum cache_state look_at(const struct stock_item *data, const struct stock_item *root,
                                struct err *err) {
    if (!root) {
        err_set(err, "its root filesystem is gone");
        return CACHE_DAMAGED;
    }
    int fits = manifest_compare(root->path, NULL, false, err);
    if (fits == 1)
        fits = manifest_compare(data->path, root->path, false, err);
    return fits == 1 ? CACHE_READY : fits == 0 ? CACHE_DAMAGED : CACHE_REFUSED;
}

// A stranger's text is made harmless to a terminal.
static const char *shown(struct arena *arena, const char *text) {
    cleanup_free char *harmless = utf8_shown(text, false);
    return arena_printf(arena, "%s", harmless);
}

size_t images_stocked(struct images *images, struct stocked **ret) {
    struct stock stock;
    size_t count = 0;
    stock_read(&stock, images);
    struct stocked *list = xcalloc(stock.count + 1, sizeof *list);
    for (size_t i = 0; i < stock.count; i++) {
        const struct stock_item *data = &stock.items[i];
        if (!data->reference || stock_newest(&stock, data->store, "data") != data)
            continue;
        const struct stock_item *root = stock_newest(&stock, data->store, "root");
        struct stocked *server = &list[count++];
        *server = (struct stocked){.name = shown(images->arena, data->called),
                                   .reference = shown(images->arena, data->reference),
                                   .flavour = shown(images->arena, data->flavour),
                                   .full = shown(images->arena, data->full),
                                   .bytes = share_measure(data->path).bytes};
        server->bytes += root ? share_measure(root->path).bytes : 0;
        server->state = look_at(data, root, &server->why);
    }
    stock_release(&stock);
    *ret = list;
    return count;
}
