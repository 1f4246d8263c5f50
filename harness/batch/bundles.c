// SPDX-License-Identifier: Apache-2.0
// bundles.c - which cases of a run become bundles, and where they go
#include "batch/bundles.h"

#include "base/utf8.h"
#include "bundle/bundle.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

static json_t *describe_machine(const struct options *options) {
    struct utsname host;
    uname(&host);
    return json_pack("{s:s, s:s, s:s, s:f}", "goneaway", goneaway_version, "kernel", host.release,
                     "machine", host.machine, "time_scale", options->time_scale);
}

void bundles_open(struct bundles *bundles, const struct options *options) {
    *bundles = (struct bundles){.folder = options->bundle, .all = options->bundle_all};
    if (bundles->folder)
        bundles->machine = describe_machine(options);
}

bool bundles_have_entry(const json_t *list, const char *name) {
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry) {
        if (json_is_string(entry) && strcmp(json_string_value(entry), name) == 0)
            return true;
    }
    return false;
}

json_t *bundles_entries(struct images *images, const struct server_recipe *server,
                        const struct connector_recipe *connector) {
    cleanup_text struct text names = {0};
    struct err ignored; // without an entry there is no name to add
    json_t *list = json_array();
    char *rest = NULL;
    image_server_entries(images, server, &names, &ignored);
    if (!connector->on_host)
        image_connector_entries(images, connector, &names, &ignored);
    for (char *name = names.data ? strtok_r(names.data, "\n", &rest) : NULL; name;
         name = strtok_r(NULL, "\n", &rest))
        if (!bundles_have_entry(list, name)) // server and connector may share an entry
            json_array_append_new(list, utf8_json(name));
    return list;
}

static json_t *describe(const struct bundles *bundles, struct images *images,
                        const struct run_item *item) {
    char when[32] = "";
    time_t now = time(NULL);
    struct tm parts;
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&now, &parts));
    json_t *about = json_deep_copy(bundles->machine);
    json_object_set_new(about, "when", json_string(when));
    json_object_set_new(about, "images", bundles_entries(images, item->server, item->connector));
    const struct connector_recipe *connector = item->connector;
    json_object_set_new(about, "connector",
                        json_string(connector->is_program ? "program"
                                    : connector->on_host  ? "adapter"
                                                          : "recipe"));
    const char *pinned = item->server->pinned ? item->server->pinned : item->server->asked;
    if (item->server->reference)
        json_object_set_new(about, "reference", utf8_json(pinned));
    return about;
}

void bundles_take(struct bundles *bundles, struct images *images, const struct run_item *item,
                  const struct report_case *result) {
    enum verdict_kind kind = result->verdict->kind;
    if (!bundles->folder || kind == VERDICT_SKIP || !(bundles->all || verdict_is_trouble(kind)))
        return;
    json_auto_t *about = describe(bundles, images, item);
    const struct bundle_parts parts = {.result = result,
                                       .connector_title = item->connector->title,
                                       .server_title = item->server->title,
                                       .about = about};
    char *path = bundle_path(bundles->folder, result);
    struct err err = {0};
    free(bundles->last);
    bundles->last = path;
    if (bundle_write(path, &parts, &err) == 0) {
        bundles->count++;
    } else if (!bundles->lost) {
        bundles->lost = true;
        bundles->err = err;
        err_context(&bundles->err, "write the bundle %s", path);
    }
}

void bundles_tell(const struct bundles *bundles) {
    if (bundles->count == 1)
        fprintf(stderr, "goneaway: the case is bundled: %s\n", bundles->last);
    else if (bundles->count > 1)
        fprintf(stderr, "goneaway: %zu cases are bundled in %s\n", bundles->count, bundles->folder);
}

void bundles_release(struct bundles *bundles) {
    json_decref(bundles->machine);
    free(bundles->last);
    *bundles = (struct bundles){0};
}
