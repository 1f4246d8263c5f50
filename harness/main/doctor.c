// SPDX-License-Identifier: Apache-2.0
// doctor.c - `goneaway doctor`: tries what this machine can do, and prints remedies
#include "base/proc.h"
#include "catalog/catalog.h"
#include "main/commands.h"
#include "world/recall.h"

#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

static void tell(const char *name, bool fine, const char *what, const char *remedy) {
    printf("%-12s %-8s %s\n", name, fine ? "ok" : "MISSING", what);
    if (!fine && remedy && *remedy)
        printf("%-21s remedy: %s\n", "", remedy);
}

static bool tell_program(const char *name, const char *what, const char *package) {
    cleanup_free char *path = proc_find_program(name);
    cleanup_free char *remedy = xprintf("install the package %s", package);
    tell(name, path != NULL, what, remedy);
    return path != NULL;
}

// For an ordinary user, Debian root filesystems are unpacked with ids from /etc/subuid.
static bool tell_subordinate_ids(void) {
    if (geteuid() == 0)
        return true;
    return tell_program("newuidmap", "lets an ordinary user install Debian packages into an image",
                        "uidmap");
}

static void tell_image(enum cache_state state, const char *kind, const char *name,
                       const struct err *why) {
    static const char *const words[] = {[CACHE_ABSENT] = "not yet",
                                        [CACHE_READY] = "ok",
                                        [CACHE_DAMAGED] = "damaged",
                                        [CACHE_REFUSED] = "refused"};
    printf("%-12s %-8s %s %s\n", "image", words[state], kind, name);
    if (state == CACHE_DAMAGED)
        printf("%-21s %s; remedy: `goneaway prepare` makes it anew\n", "", why->what);
    if (state == CACHE_REFUSED)
        printf("%-21s %s%s%s\n", "", why->what, *why->remedy ? "; remedy: " : "", why->remedy);
}

static void tell_stocked(struct images *images) {
    cleanup_free struct stocked *servers = NULL;
    size_t count = images_stocked(images, &servers);
    for (size_t i = 0; i < count; i++) {
        cleanup_free char *name =
            xprintf("%s (%s %s, by reference: %s, %lld MB)", servers[i].name, servers[i].flavour,
                    servers[i].full, servers[i].reference, (long long)(servers[i].bytes / 1000000));
        tell_image(servers[i].state, "server", name, &servers[i].why);
    }
}

static void tell_recipes(struct images *images) {
    struct err why = {0};
    for (size_t i = 0; i < images->server_count; i++)
        tell_image(image_server_find(images, &images->servers[i], &why), "server",
                   images->servers[i].name, &why);
    tell_stocked(images);
    for (size_t i = 0; i < images->connector_count; i++)
        tell_image(image_connector_find(images, &images->connectors[i], &why), "connector",
                   images->connectors[i].name, &why);
    for (size_t i = 0; i < images->proxy_count; i++)
        tell_image(image_proxy_find(images, &images->proxies[i], &why), "proxy",
                   images->proxies[i].name, &why);
}

static bool tell_images(struct err *err) {
    cleanup_free char *home = catalog_home(err);
    cleanup_free char *fixtures = xprintf("%s/fixtures", home ? home : ".");
    struct images images;
    bool all = home && images_open(&images, fixtures, err) == 0;
    if (all) {
        tell_recipes(&images);
        recall_forget(images.cache.folder); // whoever asks has changed something, or doubts it
        printf("%-12s %-8s %s (`goneaway prepare` fills it)\n", "cache", "", images.cache.folder);
    }
    if (home)
        images_close(&images);
    return all;
}

static char *describe(int need, const struct need_state *state) {
    if (!state->met)
        return xprintf("%s: %s", need_docs[need], state->how);
    if (need == NEED_NETEM)
        return xprintf("%s, by %s", need_docs[need], netem_in_words(state->netem));
    return xstrdup(need_docs[need]);
}

int command_doctor(const struct options *options, struct err *err) {
    struct need_state needs[NEED_COUNT] = {0};
    struct limits limits = {0};
    struct need_cost cost;
    struct utsname host;
    bool fine = true;
    if (options->argument_count)
        return err_usage(err, "`goneaway doctor` takes no arguments");
    needs[NEED_NETEM].only = netem_backend_named(options->netem);
    uname(&host);
    printf("%-12s %-8s %s %s, %s\n", "machine", "", host.sysname, host.release,
           geteuid() == 0 ? "as root" : "as an ordinary user");
    limits_open(&limits);
    int probed = needs_probe(needs, &limits, &cost, err);
    limits_close(&limits);
    if (probed < 0)
        return -1;
    for (int i = 0; i < NEED_COUNT; i++) {
        cleanup_free char *what = describe(i, &needs[i]);
        tell(need_names[i], needs[i].met, what, needs[i].remedy);
        fine &= needs[i].met;
    }
    fine &= tell_program("mmdebstrap", "makes the servers' root filesystems", "mmdebstrap");
    fine &= tell_program("cc", "builds the C adapters", "gcc");
    fine &= tell_subordinate_ids();
    fine &= tell_images(err);
    return fine ? STATUS_OK : STATUS_MACHINE;
}
