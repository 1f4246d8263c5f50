// SPDX-License-Identifier: Apache-2.0
// tags.c - what a tag of a registry means, so that a server by reference stays the one it was
//
// A tag can be moved at any time. So docker://NAME:TAG is asked for once, and again by `goneaway
// prepare`; the digest that it had then is kept in the cache, in tag-STORE.json, and is what is
// fetched, found there, and run.
#include "image/prepare.h"

#include "base/file.h"
#include "image/digest.h"

#include <jansson.h>
#include <string.h>

enum { ASK_DEADLINE_MS = 120 * 1000, MOST_MANIFEST_BYTES = 4 << 20, MOST_NOTE_BYTES = 16 << 10 };
#define SHA256 "@sha256:"

bool tag_is_needed(const struct server_recipe *recipe) {
    return recipe->reference && text_starts(recipe->reference, "docker://") &&
           !strstr(recipe->reference, SHA256);
}

static char *note_path(const struct images *images, const struct server_recipe *recipe) {
    return xprintf("%s/tag-%s.json", images->cache, recipe->store);
}

// The name without its tag: what follows the last colon, unless that is a registry's port.
static const char *pin(struct arena *arena, const char *reference, const char *digest) {
    const char *slash = strrchr(reference, '/'), *colon = slash ? strchr(slash, ':') : NULL;
    size_t length = colon ? (size_t)(colon - reference) : strlen(reference);
    return arena_printf(arena, "%.*s" SHA256 "%s", (int)length, reference, digest);
}

static bool is_digest(const char *text) {
    return text && strlen(text) == DIGEST_LENGTH &&
           strspn(text, "0123456789abcdef") == DIGEST_LENGTH;
}

bool tag_recall(struct images *images, struct server_recipe *recipe) {
    cleanup_free char *path = note_path(images, recipe);
    cleanup_text struct text data = {0};
    struct err unread;
    if (!tag_is_needed(recipe))
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

static int keep(const struct images *images, const struct server_recipe *recipe, const char *digest,
                struct err *err) {
    cleanup_free char *path = note_path(images, recipe);
    json_auto_t *note = json_pack("{s:s, s:s}", "reference", recipe->reference, "sha256", digest);
    cleanup_free char *line = note ? json_dumps(note, JSON_COMPACT) : NULL;
    if (!line)
        return err_set(err, "the reference is no text");
    return file_replace(path, line, strlen(line), err);
}

// The digest of a manifest is that of its bytes, as the registry has them.
int tag_resolve(struct keeper *keeper, const struct images *images,
                const struct server_recipe *recipe, struct err *err) {
    cleanup_free char *manifest = xprintf("%s/manifest", keeper->aside);
    const char *const skopeo[] = {"skopeo", "inspect", "--raw", recipe->reference, NULL};
    cleanup_text struct text data = {0};
    char digest[DIGEST_LENGTH + 1];
    struct digester digester;
    keeper_tell(keeper, "%s: asking for the digest of %s ..", recipe->name, recipe->reference);
    if (bounded_run(keeper, skopeo, manifest, ASK_DEADLINE_MS, err) < 0)
        return oci_explain(recipe->reference, err);
    if (file_read(manifest, MOST_MANIFEST_BYTES, &data, err) < 0)
        return -1;
    int ret = digester_open(&digester, err);
    if (ret == 0)
        ret = digest_bytes(&digester, text_get(&data), data.length, digest, err);
    digester_close(&digester);
    return ret < 0 ? -1 : keep(images, recipe, digest, err);
}
