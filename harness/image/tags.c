// SPDX-License-Identifier: Apache-2.0
// tags.c - remembers what a tag in a registry means, so that a server by reference stays the same
//
// A tag can be moved at any time. So docker://NAME:TAG is resolved once, and again by `goneaway
// prepare`; what is fetched is the digest that it had then. Once that has proved to be a server
// that starts, the digest is kept in the cache, in tag-STORE.json, and that is what runs use.
#include "image/tags.h"

#include "base/file.h"
#include "cache/digest.h"
#include "cache/keeper.h"
#include "image/image.h"
#include "image/registry.h"

#include <jansson.h>
#include <string.h>

enum { MOST_NOTE_BYTES = 16 << 10 };
#define SHA256 "@sha256:"

bool tag_is_needed(const struct server_recipe *recipe) {
    return recipe->reference && text_starts(recipe->reference, "docker://") &&
           !strstr(recipe->reference, SHA256);
}

static char *note_path(const struct images *images, const struct server_recipe *recipe) {
    return xprintf("%s/tag-%s.json", images->cache.folder, recipe->store);
}

static const char *pin(struct arena *arena, const char *reference, const char *digest) {
    cleanup_free char *pinned = registry_pin(reference, digest);
    return arena_printf(arena, "%s", pinned);
}

static bool is_digest(const char *text) {
    return text && strlen(text) == DIGEST_LENGTH &&
           strspn(text, "0123456789abcdef") == DIGEST_LENGTH;
}

bool tag_recall(struct images *images, struct server_recipe *recipe) {
    cleanup_free char *path = note_path(images, recipe);
    cleanup_text struct text data = {0};
    struct err unread;
    if (!tag_is_needed(recipe) || recipe->pinned)
        return true;
    if (file_read(path, MOST_NOTE_BYTES, &data, &unread) < 0)
        return false;
    json_auto_t *note = json_loads(text_get(&data), 0, NULL);
    const char *reference = json_string_value(json_object_get(note, "reference"));
    const char *digest = json_string_value(json_object_get(note, "sha256"));
    if (!reference || strcmp(reference, recipe->reference) != 0 || !is_digest(digest))
        return false;
    recipe->pinned = pin(images->arena, reference, digest);
    return true;
}

void tag_pin(struct images *images, struct server_recipe *recipe, const char *digest) {
    recipe->pinned = pin(images->arena, recipe->reference, digest);
}

int tag_keep(const struct images *images, const struct server_recipe *recipe, const char *digest,
             struct err *err) {
    cleanup_free char *path = note_path(images, recipe);
    json_auto_t *note = json_pack("{s:s, s:s}", "reference", recipe->reference, "sha256", digest);
    cleanup_free char *line = note ? json_dumps(note, JSON_COMPACT) : NULL;
    if (!line)
        return err_set(err, "the reference is not text");
    return file_replace(path, line, strlen(line), err);
}

// The digest of a manifest is that of its bytes as the registry has them.
int tag_ask(struct keeper *keeper, const struct server_recipe *recipe, char *ret_digest,
            struct err *err) {
    cleanup_text struct text manifest = {0};
    keeper_tell(keeper, "%s: asking for the digest of %s ..", recipe->name, recipe->reference);
    return registry_ask(keeper, recipe->reference, &manifest, ret_digest, err);
}
