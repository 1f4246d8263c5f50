// SPDX-License-Identifier: Apache-2.0
// places.c - what of the host the cases of a run see
#include "main/places.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/** What interpreters and their libraries read as they start; nothing that holds a password. */
static const char *const for_interpreters[] = {
    "/opt",           "/etc/java",    "/etc/ca-certificates", "/etc/ssl/certs",
    "/etc/php",       "/etc/perl",    "/etc/ssl/openssl.cnf", "/etc/odbcinst.ini",
    "/etc/node.conf", "/etc/python3", "/etc/java-11-openjdk", "/etc/java-17-openjdk",
    "/etc/R",         "/etc/pki",     "/etc/java-21-openjdk", "/etc/java-25-openjdk"};

static const char *add(struct places *places, const char *path, bool optional) {
    places->items = xrealloc(places->items, places->count + 2, sizeof *places->items);
    places->items[places->count++] =
        (struct sandbox_place){.path = xstrdup(path), .optional = optional};
    places->items[places->count] = (struct sandbox_place){0};
    return places->items[places->count - 1].path;
}

static const char *show(struct places *places, const char *path) {
    const char **seen = xrealloc(places->seen.items, places->seen.count + 1, sizeof *seen);
    places->seen.items = seen;
    seen[places->seen.count++] = add(places, path, false);
    return seen[places->seen.count - 1];
}

static bool is_same(const char *a, const char *b) {
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

// A home folder is no place for a stranger's statements to be read from, even if it is the current
// one; nor is the whole host.
static void add_here(struct places *places) {
    cleanup_free char *here = getcwd(NULL, 0);
    const char *home = getenv("HOME");
    if (!here || is_same(here, "/"))
        return;
    if (home && is_same(here, home))
        fprintf(stderr, "goneaway: warning: the adapter does not see your home folder; name what "
                        "it needs of it by --adapter-path\n");
    else
        places->here = show(places, here);
}

static int add_named(struct places *places, const char *path, struct err *err) {
    cleanup_free char *real = realpath(path, NULL);
    if (!real) {
        err_errno(err, "--adapter-path %s", path);
        err->kind = ERR_USAGE;
        return -1;
    }
    if (strcmp(real, "/") == 0)
        return err_usage(err, "--adapter-path / would show an adapter the whole machine; name the "
                              "folders that it needs");
    show(places, real);
    return 0;
}

int places_open(struct places *places, const struct images *images, const struct options *options,
                struct err *err) {
    if (options->adapter_path_count > 0 && !options->adapter)
        return err_usage(err, "--adapter-path says what an --adapter sees, and there is none");
    if (options->adapter) {
        for (size_t i = 0; i < COUNT_OF(for_interpreters); i++)
            add(places, for_interpreters[i], true);
        add_here(places);
    }
    for (int i = 0; i < options->adapter_path_count; i++)
        if (add_named(places, options->adapter_paths[i], err) < 0)
            return -1;
    // last, so that no folder above covers them
    add(places, images->fixtures, false);
    add(places, images->cache, true);
    return 0;
}

void places_release(struct places *places) {
    for (size_t i = 0; i < places->count; i++)
        free((char *)places->items[i].path);
    free(places->items);
    free(places->seen.items);
    *places = (struct places){0};
}
