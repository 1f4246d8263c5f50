// SPDX-License-Identifier: Apache-2.0
// layers.c - what an OCI image has, looked at before anything of it is unpacked
//
// For this machine it must be, and its layers must be archives in which no name leads out of the
// image, and whose files are not too many nor too large in all.
#include "image/prepare.h"

#include "base/file.h"

#include <jansson.h>
#include <string.h>
#include <sys/utsname.h>

enum { MOST_BLOB_BYTES = 4 << 20, MOST_LAYERS = 500, SCAN_DEADLINE_MS = 600 * 1000 };

// A digest is a part of a path below, so it is nothing but that.
static char *blob_path(const char *layout, const json_t *holder) {
    static const char sha256[] = "sha256:";
    const char *digest = json_string_value(json_object_get(holder, "digest"));
    if (!digest || !text_starts(digest, sha256) ||
        strspn(digest + strlen(sha256), "0123456789abcdef") != 64 ||
        strlen(digest) != strlen(sha256) + 64)
        return NULL;
    return xprintf("%s/blobs/sha256/%s", layout, digest + strlen(sha256));
}

static json_t *read_json(const char *path, struct err *err) {
    cleanup_text struct text data = {0};
    if (!path || file_read(path, MOST_BLOB_BYTES, &data, err) < 0) {
        if (!path)
            err_set(err, "a digest in the image's manifest is none");
        return NULL;
    }
    json_t *json = json_loads(text_get(&data), 0, NULL);
    if (!json)
        err_set(err, "a part of the image's manifest is no JSON");
    return json;
}

static json_t *read_blob(const char *layout, const json_t *holder, struct err *err) {
    cleanup_free char *path = blob_path(layout, holder);
    return read_json(path, err);
}

// As the two name architectures.
static const struct {
    const char *oci, *kernel;
} machines[] = {{"amd64", "x86_64"},    {"arm64", "aarch64"}, {"386", "i686"},
                {"ppc64le", "ppc64le"}, {"s390x", "s390x"},   {"riscv64", "riscv64"}};

static int check_machine(const json_t *config, struct err *err) {
    const char *oci = json_string_value(json_object_get(config, "architecture"));
    struct utsname host;
    uname(&host);
    for (size_t i = 0; oci && i < COUNT_OF(machines); i++)
        if (strcmp(machines[i].oci, oci) == 0 && strcmp(machines[i].kernel, host.machine) != 0) {
            err_set(err, "the image is for %s, and this machine is %s", oci, host.machine);
            return err_remedy(err, "take an image for %s", host.machine);
        }
    return 0;
}

// What tar lists, a line a file: its type and permissions, owner, size, date, time, name. Some
// archives end without the blocks that tar wants at their end, which umoci does not mind.
static const char scan[] =
    "for layer; do echo '^ - 0 - - layer'\n"
    "  LC_ALL=C tar --numeric-owner --quoting-style=escape -tvPf \"$layer\" ||\n"
    "    echo '? - 0 - - unreadable'\n"
    "done | LC_ALL=C awk -v files=200000 -v bytes=4294967296 '\n"
    "  /^\\^/ { seen = 0; next }\n"
    "  /^[?]/ { if (seen) next\n"
    "    print \"a layer of the image is no archive that tar can read\"; exit 3 }\n"
    "  { seen = 1; type = substr($0, 1, 1); count++; sum += type == \"-\" ? $3 : 0; name = $0\n"
    "    sub(/^[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ /, \"\", name)\n"
    "    if (type == \"l\" && match(name, /.* -> /)) name = substr(name, 1, RLENGTH - 4) }\n"
    "  count > files { print \"the image has more than \" files \" files\"; exit 3 }\n"
    "  sum > bytes { print \"the files of the image are larger than 4 GiB\"; exit 3 }\n"
    "  name ~ /(^|\\/|link to )\\.\\.(\\/|$)/ {\n"
    "    print \"the path \" substr(name, 1, 200) \" leads out of the image\"; exit 3 }'\n";

static int check_layers(struct keeper *keeper, const char *layout, const json_t *layers,
                        struct err *err) {
    const char *argv[MOST_LAYERS + 6] = {"bash", "-c", scan, "bash"};
    size_t count = 4, i;
    const json_t *layer;
    int ret = json_array_size(layers) > MOST_LAYERS
                  ? err_set(err, "the image has more than %d layers", MOST_LAYERS)
                  : 0;
    json_array_foreach(layers, i, layer) {
        if (ret < 0)
            break;
        argv[count++] = blob_path(layout, layer);
        if (!argv[count - 1])
            ret = err_set(err, "a digest in the image's manifest is none");
    }
    cleanup_free char *found = xprintf("%s/found", keeper->aside);
    if (ret == 0)
        ret = bounded_run(keeper, argv, found, SCAN_DEADLINE_MS, err);
    cleanup_text struct text words = {0};
    struct err unread;
    if (ret < 0 && file_read(found, MOST_BLOB_BYTES, &words, &unread) == 0 && words.length > 0)
        err_set(err, "%.*s", (int)strcspn(words.data, "\n"), words.data);
    while (count-- > 4)
        free((char *)argv[count]);
    return ret;
}

int layers_check(struct keeper *keeper, const char *layout, struct err *err) {
    cleanup_free char *path = xprintf("%s/index.json", layout);
    json_auto_t *index = read_json(path, err);
    if (!index)
        return -1;
    json_auto_t *manifest =
        read_blob(layout, json_array_get(json_object_get(index, "manifests"), 0), err);
    if (!manifest)
        return -1;
    json_auto_t *config = read_blob(layout, json_object_get(manifest, "config"), err);
    if (!config || check_machine(config, err) < 0)
        return -1;
    return check_layers(keeper, layout, json_object_get(manifest, "layers"), err);
}
