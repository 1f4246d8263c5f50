// SPDX-License-Identifier: Apache-2.0
// named.c - looks up recipes by name
#include "image/image.h"

#include "base/text.h"

#include <string.h>

// "unknown server 'x'; choose from a, b"
static void *refuse_unknown(const char *what, const char *name, const void *recipes, size_t count,
                            size_t size, struct err *err) {
    cleanup_text struct text known = {0};
    for (size_t i = 0; i < count; i++)
        text_printf(&known, "%s%s", i ? ", " : "",
                    *(const char *const *)((const char *)recipes + i * size));
    err_usage(err, "unknown %s '%s'; choose from %s", what, name, text_get(&known));
    return NULL;
}

struct server_recipe *images_server(struct images *images, const char *name, struct err *err) {
    for (size_t i = 0; i < images->server_count; i++)
        if (strcmp(images->servers[i].name, name) == 0)
            return &images->servers[i];
    refuse_unknown("server", name, images->servers, images->server_count, sizeof *images->servers,
                   err);
    if (*name == '/' || *name == '.')
        err_remedy(err, "a server program of this machine is path:%s", name);
    return NULL;
}

const char *server_measured_package(const struct server_recipe *recipe) {
    const char *space = strchr(recipe->package ? recipe->package : "", ' ');
    const char *version = space ? space + 1 : recipe->version;
    return recipe->measured_package && strcmp(recipe->measured_package, version) != 0
               ? recipe->measured_package
               : NULL;
}

struct connector_recipe *images_connector(struct images *images, const char *name,
                                          struct err *err) {
    for (size_t i = 0; i < images->connector_count; i++)
        if (strcmp(images->connectors[i].name, name) == 0)
            return &images->connectors[i];
    return refuse_unknown("connector", name, images->connectors, images->connector_count,
                          sizeof *images->connectors, err);
}

struct proxy_recipe *images_proxy(struct images *images, const char *name, struct err *err) {
    for (size_t i = 0; i < images->proxy_count; i++)
        if (strcmp(images->proxies[i].name, name) == 0)
            return &images->proxies[i];
    return refuse_unknown("proxy", name, images->proxies, images->proxy_count,
                          sizeof *images->proxies, err);
}
