// SPDX-License-Identifier: Apache-2.0
// registry.c - what a registry has under a name, before any of it is fetched
//
// A manifest may name any address for its parts, and skopeo would ask there. So each manifest on
// the way is fetched alone and examined; then exactly that one is fetched, by its digest.
#include "image/registry.h"

#include "base/file.h"
#include "cache/digest.h"
#include "cache/keeper.h"
#include "image/bounded.h"
#include "image/image.h"
#include "image/oci.h"
#include "image/oci_json.h"

#include <stdlib.h>
#include <string.h>

enum { ASK_DEADLINE_MS = 120 * 1000, MOST_MANIFEST_BYTES = 4 << 20 };
#define SHA256 "@sha256:"

// What follows the last colon is a tag, unless it is a registry's port.
char *registry_pin(const char *reference, const char *digest) {
    const char *slash = strrchr(reference, '/'), *end = strstr(reference, SHA256);
    if (!end && slash)
        end = strrchr(slash, ':');
    size_t length = end ? (size_t)(end - reference) : strlen(reference);
    return xprintf("%.*s" SHA256 "%s", (int)length, reference, digest);
}

int registry_ask(struct keeper *keeper, const char *reference, struct text *manifest,
                 char *ret_digest, struct err *err) {
    cleanup_free char *path = xprintf("%s/manifest", keeper->aside);
    const char *const skopeo[] = {"skopeo", "inspect", "--raw", reference, NULL};
    struct digester digester;
    if (bounded_fetch(keeper, skopeo, path, ASK_DEADLINE_MS, err) < 0)
        return oci_explain(reference, err);
    if (file_read(path, MOST_MANIFEST_BYTES, manifest, err) < 0)
        return -1;
    int ret = digester_open(&digester, err);
    if (ret == 0)
        ret = digest_bytes(&digester, text_get(manifest), manifest->length, ret_digest, err);
    digester_close(&digester);
    return ret;
}

static bool is_for_this_machine(const json_t *descriptor) {
    const json_t *platform = json_object_get(descriptor, "platform");
    const char *system = json_string_value(json_object_get(platform, "os"));
    const char *machine = json_string_value(json_object_get(platform, "architecture"));
    const char *own = oci_json_machine();
    return system && machine && own && strcmp(system, "linux") == 0 && strcmp(machine, own) == 0;
}

// The image for this machine, of several; a single one is accepted whatever it says, and checked
// later.
static const char *digest_in(const json_t *index, struct err *err) {
    const json_t *manifests = json_object_get(index, "manifests"), *one, *found = NULL;
    size_t i;
    json_array_foreach(manifests, i, one) {
        if (!found && (is_for_this_machine(one) || json_array_size(manifests) == 1))
            found = one;
    }
    const char *digest = found ? oci_json_digest(found) : NULL;
    if (found && !digest)
        err_set(err, "a digest in the image's manifest is none");
    else if (!found)
        err_set(err, "the registry has no such image for this machine");
    return digest;
}

// Examines one manifest; `ret_next` gets the digest of the one that an index leads to, to be freed,
// or NULL.
static int look_at(struct keeper *keeper, const char *reference, char *ret_digest, char **ret_next,
                   struct err *err) {
    cleanup_text struct text manifest = {0};
    const char *pinned = strstr(reference, SHA256);
    *ret_next = NULL;
    if (registry_ask(keeper, reference, &manifest, ret_digest, err) < 0)
        return -1;
    if (pinned && strcmp(pinned + strlen(SHA256), ret_digest) != 0)
        return err_set(err, "the registry answers with another image than %s", reference);
    json_auto_t *json = oci_json_parse(text_get(&manifest), err);
    if (!json)
        return -1;
    if (!json_object_get(json, "manifests"))
        return 0;
    const char *digest = digest_in(json, err);
    *ret_next = digest ? xstrdup(digest) : NULL;
    return digest ? 0 : -1;
}

char *registry_pick(struct keeper *keeper, const char *reference, struct err *err) {
    enum { MOST_STEPS = 3 };
    char *picked = xstrdup(reference);
    char digest[DIGEST_LENGTH + 1];
    for (int i = 0; i < MOST_STEPS; i++) {
        cleanup_free char *next = NULL;
        int ret = look_at(keeper, picked, digest, &next, err);
        char *pinned = ret < 0 ? NULL : registry_pin(reference, next ? next : digest);
        free(picked);
        picked = pinned;
        if (ret < 0 || !next)
            return picked;
    }
    free(picked);
    err_set(err, "the image's manifest leads to others without end");
    return NULL;
}
