// SPDX-License-Identifier: Apache-2.0
// oci_json.c - reads manifests of images, which other programs read after us
#include "image/oci_json.h"

#include "base/file.h"
#include "cache/digest.h"

#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

enum { MOST_BYTES = 4 << 20, MOST_DEPTH = 16 };

// The keys that decide what is fetched and unpacked.
static const char *const known[] = {
    "schemaVersion", "mediaType", "manifests", "config",    "layers",     "digest",  "size",
    "urls",          "data",      "platform",  "fsLayers",  "blobSum",    "history", "os",
    "architecture",  "variant",   "subject",   "artifacts", "annotations"};

static int check_key(const char *key, const json_t *value, struct err *err) {
    for (const char *at = key; *at; at++)
        if ((unsigned char)*at >= 0x80) // Go takes some letters outside of ASCII as equal to ASCII
                                        // ones
            return err_set(err, "the image's manifest has a key that is not ASCII");
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcasecmp(key, known[i]) == 0 && strcmp(key, known[i]) != 0)
            return err_set(err, "the image's manifest has the key '%s' in other letters", known[i]);
    if (strcmp(key, "urls") == 0 && json_array_size(value) > 0)
        return err_set(err, "the image's manifest has parts of it fetched from other addresses");
    return 0;
}

static int check_keys(const json_t *json, int depth, struct err *err) {
    const char *key;
    json_t *value;
    size_t i;
    int ret = depth > MOST_DEPTH ? err_set(err, "the image's manifest is too deep") : 0;
    json_object_foreach((json_t *)json, key, value) {
        if (ret == 0)
            ret = check_key(key, value, err);
        if (ret == 0 && strcmp(key, "annotations") != 0)
            ret = check_keys(value, depth + 1, err);
    }
    json_array_foreach(json, i, value) {
        if (ret == 0)
            ret = check_keys(value, depth + 1, err);
    }
    return ret;
}

json_t *oci_json_parse(const char *text, struct err *err) {
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!json)
        err_set(err, "a part of the image's manifest is not JSON, or has a key twice");
    else if (check_keys(json, 0, err) == 0)
        return json;
    json_decref(json);
    return NULL;
}

json_t *oci_json_read(const char *path, struct err *err) {
    cleanup_text struct text data = {0};
    return file_read(path, MOST_BYTES, &data, err) < 0 ? NULL
                                                       : oci_json_parse(text_get(&data), err);
}

const char *oci_json_digest(const json_t *descriptor) {
    static const char sha256[] = "sha256:";
    const char *digest = json_string_value(json_object_get(descriptor, "digest"));
    if (!digest || !text_starts(digest, sha256))
        return NULL;
    digest += strlen(sha256);
    return strlen(digest) == DIGEST_LENGTH && strspn(digest, "0123456789abcdef") == DIGEST_LENGTH
               ? digest
               : NULL;
}

// ---- architectures -----------------------------------------------------------------------------

// The names in the kernel and in images.
static const struct {
    const char *oci, *kernel;
} machines[] = {{"amd64", "x86_64"},    {"arm64", "aarch64"}, {"386", "i686"},
                {"ppc64le", "ppc64le"}, {"s390x", "s390x"},   {"riscv64", "riscv64"}};

const char *oci_json_machine(void) {
    struct utsname host;
    uname(&host);
    for (size_t i = 0; i < COUNT_OF(machines); i++)
        if (strcmp(machines[i].kernel, host.machine) == 0)
            return machines[i].oci;
    return NULL;
}

int oci_json_check_machine(const char *architecture, struct err *err) {
    const char *own = oci_json_machine();
    struct utsname host;
    uname(&host);
    for (size_t i = 0; architecture && i < COUNT_OF(machines); i++)
        if (strcmp(machines[i].oci, architecture) == 0 &&
            (!own || strcmp(own, architecture) != 0)) {
            err_set(err, "the image is for %s, and this machine is %s", architecture, host.machine);
            return err_remedy(err, "take an image for %s", host.machine);
        }
    return 0;
}
