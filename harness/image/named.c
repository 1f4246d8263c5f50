// SPDX-License-Identifier: Apache-2.0
// named.c - looks up recipes by name
#include "image/image.h"

#include "base/nearest.h"
#include "base/text.h"

#include <string.h>

// "unknown server 'x'; choose from a, b"
static void *refuse_unknown(const char *what, const char *name, const void *recipes, size_t count,
                            size_t size, struct err *err) {
    cleanup_text struct text known = {0};
    struct nearest nearest = {.wanted = name, .edits = NEAR_WORD};
    for (size_t i = 0; i < count; i++) {
        const char *one = *(const char *const *)((const char *)recipes + i * size);
        text_printf(&known, "%s%s", i ? ", " : "", one);
        nearest_try(&nearest, one);
    }
    err_usage(err, "unknown %s '%s'; choose from %s", what, name, text_get(&known));
    if (nearest_word(&nearest))
        err_remedy(err, "did you mean '%s'?", nearest_word(&nearest));
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

// There are too many to name them all.
static struct connector_recipe *refuse_connector(const struct images *images, const char *name,
                                                 struct err *err) {
    struct nearest nearest = {.wanted = name, .edits = NEAR_WORD};
    for (size_t i = 0; i < images->connector_count; i++) {
        const struct connector_recipe *recipe = &images->connectors[i];
        const char *const words[] = {recipe->name, recipe->family, recipe->language};
        for (size_t k = 0; k < COUNT_OF(words); k++)
            if (words[k])
                nearest_try(&nearest, words[k]);
    }
    const char *near = nearest_word(&nearest);
    err_usage(err, "unknown connector '%s'%s%s%s", name, near ? "; did you mean '" : "",
              near ? near : "", near ? "'?" : "");
    err_remedy(err, "`goneaway list connectors` lists them; a language, such as python, means all "
                    "of its connectors");
    return NULL;
}

struct connector_recipe *images_connector(struct images *images, const char *name,
                                          struct err *err) {
    for (size_t i = 0; i < images->connector_count; i++)
        if (strcmp(images->connectors[i].name, name) == 0)
            return &images->connectors[i];
    return refuse_connector(images, name, err);
}

struct proxy_recipe *images_proxy(struct images *images, const char *name, struct err *err) {
    for (size_t i = 0; i < images->proxy_count; i++)
        if (strcmp(images->proxies[i].name, name) == 0)
            return &images->proxies[i];
    return refuse_unknown("proxy", name, images->proxies, images->proxy_count,
                          sizeof *images->proxies, err);
}
