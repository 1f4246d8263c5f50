// SPDX-License-Identifier: Apache-2.0
// by_reference.c - servers that --server names by reference, without a recipe
//
// Such a server gets a short name for reports and baselines: docker://mysql:8.4 is
// docker-mysql-8.4, unless NAME= precedes it. In the cache a hash of the whole reference follows
// the name, so that two servers with the same name do not replace each other.
#include "cache/key.h"
#include "image/image.h"
#include "image/reference.h"

#include "base/file.h"
#include "plan/condition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** How references start, and the prefix of the names made from them. */
static const struct scheme {
    const char *prefix, *name;
} schemes[] = {
    {"docker://", "docker"}, {"oci:", "oci"},   {"docker-archive:", "archive"},
    {"rootfs:", "rootfs"},   {"path:", "path"},
};

#define DIGEST "@sha256:"

static const struct scheme *scheme_of(const char *text) {
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (text_starts(text, schemes[i].prefix))
            return &schemes[i];
    return NULL;
}

// The reference after an optional NAME=; NULL: there is none.
static const char *reference_in(const char *text) {
    const char *equals = strchr(text, '=');
    if (scheme_of(text))
        return text;
    return equals && scheme_of(equals + 1) ? equals + 1 : NULL;
}

bool server_is_reference(const char *text) {
    return reference_in(text) != NULL;
}

// The names of goneaway's own servers are taken: rows of outcomes apply to them.
static const char *check_name(const struct images *images, const char *asked, size_t length,
                              struct err *err) {
    const char *name = arena_text(images->arena, asked, length);
    bool taken = strcmp(name, "all") == 0;
    for (size_t i = 0; i < images->server_count; i++)
        taken |= strcmp(images->servers[i].name, name) == 0;
    if (taken) {
        err_usage(err, "--server %s: %s", asked,
                  strcmp(name, "all") == 0 ? "that means all servers"
                                           : "goneaway has a server of that name");
        err_remedy(err, "give it another one, such as %s-mine", name);
        return NULL;
    }
    if (connector_is_name(name, length))
        return name;
    err_usage(err,
              "--server %s: a name consists of lower-case letters, digits, dots, dashes and "
              "underscores",
              asked);
    return NULL;
}

// Made from the last part of the path: "mysql:8.4" in
// "docker://registry.example/library/mysql:8.4".
static const char *make_name(struct arena *arena, const struct scheme *scheme, const char *asked) {
    cleanup_free char *rest = xstrdup(asked + strlen(scheme->prefix));
    for (size_t length = strlen(rest); length > 0 && rest[length - 1] == '/'; length--)
        rest[length - 1] = '\0';
    const char *last = strrchr(rest, '/') ? strrchr(rest, '/') + 1 : rest;
    const char *digest = strstr(last, DIGEST); // its first digits are enough
    size_t length = digest ? (size_t)(digest - last) : strlen(last);
    cleanup_free char *whole = xprintf("%s-%.*s%s%.12s", scheme->name, (int)length, last,
                                       digest ? "-" : "", digest ? digest + strlen(DIGEST) : "");
    cleanup_free char *name = connector_make_name(whole);
    return arena_printf(arena, "%s", name);
}

// In "oci:FOLDER:TAG" something follows the path.
static int check_path(const char *asked, const char *reference, struct err *err) {
    const char *at = strchr(reference, ':') + 1;
    if (text_starts(at, "//"))
        return 0;
    bool whole = reference_is_rootfs(reference) || reference_program(reference);
    cleanup_free char *path = xprintf("%.*s", (int)(whole ? strlen(at) : strcspn(at, ":")), at);
    if (file_exists(path))
        return 0;
    return err_usage(err, "--server %s: there is no %s", asked, path);
}

static int check_text(const char *asked, struct err *err) {
    for (const char *c = asked; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == '\x7f')
            return err_usage(err, "--server: a reference has neither spaces nor control "
                                  "characters");
    return 0;
}

struct server_recipe *images_server_by_reference(struct images *images, const char *asked,
                                                 struct err *err) {
    const char *from = reference_in(asked), *name = NULL;
    const struct scheme *scheme = from ? scheme_of(from) : NULL;
    cleanup_free char *here = getcwd(NULL, 0);
    struct arena *arena = images->arena;
    if (!scheme) {
        err_usage(err, "--server: '%s' is not a reference", asked);
        return NULL;
    }
    if (check_text(asked, err) < 0 ||
        (from > asked && !(name = check_name(images, asked, (size_t)(from - asked - 1), err))))
        return NULL;
    const char *reference =
        reference_resolve(arena, arena_printf(arena, "%s", from), here ? here : "/");
    if (check_path(asked, reference, err) < 0)
        return NULL;
    struct key key = KEY_START;
    struct server_recipe *recipe = arena_alloc(arena, sizeof *recipe);
    key_add(&key, reference);
    recipe->name = name ? name : make_name(arena, scheme, from);
    recipe->title = reference;
    recipe->reference = reference;
    recipe->asked = arena_printf(arena, "%s", asked);
    recipe->store = arena_printf(arena, "%s-%08" PRIx32, recipe->name, (uint32_t)key.hash);
    recipe->certificates = arena_printf(arena, "%s/certificates", images->fixtures);
    return recipe;
}
