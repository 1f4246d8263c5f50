// SPDX-License-Identifier: Apache-2.0
// layers.c - examines an OCI image before any of it is unpacked
//
// It must be for this machine, and its layers must be archives in which no name leads out of the
// image, with a limited number and total size of files.
#include "image/layers.h"

#include "base/file.h"
#include "cache/keeper.h"
#include "image/bounded.h"
#include "image/oci_json.h"

#include <jansson.h>
#include <string.h>

enum { MOST_SAID_BYTES = 1 << 20, MOST_LAYERS = 500, SCAN_DEADLINE_MS = 600 * 1000 };

// A digest becomes part of a path, so nothing else is accepted.
static char *blob_path(const char *layout, const json_t *holder) {
    const char *digest = oci_json_digest(holder);
    return digest ? xprintf("%s/blobs/sha256/%s", layout, digest) : NULL;
}

static json_t *read_blob(const char *layout, const json_t *holder, struct err *err) {
    cleanup_free char *path = blob_path(layout, holder);
    if (!path)
        err_set(err, "a digest in the image's manifest is none");
    return path ? oci_json_read(path, err) : NULL;
}

// The program that unpacks a layer. umoci decides by the media type, too. tar by itself would look
// at the content, and a file can start like two formats at once.
static const char *unpacker_of(const json_t *layer) {
    static const char *const types[][2] = {{"application/vnd.oci.image.layer.v1.tar", "cat"},
                                           {"application/vnd.oci.image.layer.v1.tar+gzip", "gzip"},
                                           {"application/vnd.oci.image.layer.v1.tar+zstd", "zstd"}};
    const char *type = json_string_value(json_object_get(layer, "mediaType"));
    for (size_t i = 0; type && i < COUNT_OF(types); i++)
        if (strcmp(types[i][0], type) == 0)
            return types[i][1];
    return NULL;
}

// Checks what tar lists, one file per line: type and permissions, owner, size, date, time, name.
// Some archives lack the final blocks that tar expects, which umoci does not mind; any other
// complaint means that tar may have skipped files. tar shows no size for a device, so that follows
// from the block number of the next member.
//
// Two readers of an archive may disagree on its members, so the length of the archives is counted
// independently of them: nothing that unpacks them can write more.
static const char scan[] =
    "exec 3>\"$1\"; complaints=$1 layers=(\"${@:2}\") left=5368709120\n"
    "unpack() { case $1 in cat) cat \"$2\" ;; *) \"$1\" -dc <\"$2\" ;; esac 2>/dev/null; }\n"
    "for ((i = 0; i < ${#layers[@]}; i += 2)); do\n"
    "  left=$((left - $(unpack \"${layers[@]:i:2}\" | head -c $((left + 1)) | wc -c)))\n"
    "  [ $left -ge 0 ] || { echo 'the layers of the image are longer than 5 GiB'; exit 3; }\n"
    "done\n"
    "for ((i = 0; i < ${#layers[@]}; i += 2)); do\n"
    "  { unpack \"${layers[@]:i:2}\" || echo \"${layers[i]} fails\" >&3; } |\n"
    "    LC_ALL=C tar --numeric-owner --quoting-style=escape -tvRPf - 2>&3\n"
    "done | LC_ALL=C awk -v files=200000 -v bytes=4294967296 '\n"
    "  function refuse(why) { print why; device = 0; exit 3 }\n"
    "  END { if (device) refuse(\"the device \" shown \" may have a size\") }\n"
    "  { block = $2 + 0; sub(/^(block [0-9]+: )+/, \"\") }\n"
    "  device && block != device { refuse(\"the device \" shown \" may have a size\") }\n"
    "  { device = 0 }\n"
    "  /^\\*\\* (Block of NULs|End of File) \\*\\*$/ { next }\n"
    "  !/^.[-rwxsStT]+ +[0-9]+\\/[0-9]+ +[0-9,]+ [0-9]+-[0-9]+-[0-9]+ [0-9:.]+ / {\n"
    "    refuse(\"a layer of the image has a file of no known time: \" substr($0, 1, 200)) }\n"
    "  { type = substr($0, 1, 1); count++; sum += type == \"-\" ? $3 : 0; name = $0\n"
    "    names += length($0)\n"
    "    sub(/^[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ /, \"\", name)\n"
    "    if (type == \"l\" && match(name, /.* -> /)) name = substr(name, 1, RLENGTH - 4)\n"
    "    shown = substr(name, 1, 200); device = type ~ /[cb]/ ? block + 1 : 0 }\n"
    "  count > files { refuse(\"the image has more than \" files \" files\") }\n"
    "  sum > bytes { refuse(\"the files of the image are larger than 4 GiB\") }\n"
    "  names > 33554432 { refuse(\"the names in the image are longer than 32 MiB\") }\n"
    "  type !~ /[-lhdpcb]/ { refuse(\"a layer of the image has something that is not a file\") }\n"
    "  type ~ /[lhdp]/ && $3 != 0 {\n"
    "    refuse(\"the path \" shown \" has a size, which only files have\") }\n"
    "  name ~ /(^|\\/|link to )\\.\\.(\\/|$)/ {\n"
    "    refuse(\"the path \" shown \" leads out of the image\") }\n"
    "  name ~ /(^|\\/)\\.wh\\.(\\.|\\.\\.)?(\\/|$)/ {\n"
    "    refuse(\"the path \" shown \" removes no file of a layer below\") }' || exit\n"
    "grep -qvE '^tar: (Unexpected EOF in archive|A lone zero block at [0-9]+|"
    "Error is not recoverable: exiting now)$' \"$complaints\" || exit 0\n"
    "echo 'a layer of the image is not an archive that tar can read'; exit 3\n";

static int check_layers(struct keeper *keeper, const char *layout, const json_t *layers,
                        struct err *err) {
    enum { BEFORE = 5 };
    cleanup_free char *complaints = xprintf("%s/complaints", keeper->aside);
    const char *argv[BEFORE + 2 * MOST_LAYERS + 1] = {"bash", "-c", scan, "bash", complaints};
    size_t count = BEFORE, i;
    const json_t *layer;
    int ret = json_array_size(layers) > MOST_LAYERS
                  ? err_set(err, "the image has more than %d layers", MOST_LAYERS)
                  : 0;
    json_array_foreach(layers, i, layer) {
        if (ret < 0)
            break;
        argv[count++] = unpacker_of(layer);
        argv[count++] = blob_path(layout, layer);
        if (!argv[count - 1])
            ret = err_set(err, "a digest in the image's manifest is none");
        else if (!argv[count - 2])
            ret = err_set(err, "a layer of the image is of a kind that is not known here");
    }
    cleanup_free char *found = xprintf("%s/found", keeper->aside);
    if (ret == 0)
        ret = bounded_run(keeper, argv, found, SCAN_DEADLINE_MS, err);
    cleanup_text struct text words = {0};
    struct err unread;
    if (ret < 0 && file_read(found, MOST_SAID_BYTES, &words, &unread) == 0 && words.length > 0)
        err_set(err, "%.*s", (int)strcspn(words.data, "\n"), words.data);
    for (; count > BEFORE; count -= 2)
        free((char *)argv[count - 1]);
    return ret;
}

int layers_check(struct keeper *keeper, const char *layout, struct err *err) {
    cleanup_free char *path = xprintf("%s/index.json", layout);
    json_auto_t *index = oci_json_read(path, err);
    if (!index)
        return -1;
    json_auto_t *manifest =
        read_blob(layout, json_array_get(json_object_get(index, "manifests"), 0), err);
    if (!manifest)
        return -1;
    json_auto_t *config = read_blob(layout, json_object_get(manifest, "config"), err);
    if (!config ||
        oci_json_check_machine(json_string_value(json_object_get(config, "architecture")), err) < 0)
        return -1;
    return check_layers(keeper, layout, json_object_get(manifest, "layers"), err);
}
