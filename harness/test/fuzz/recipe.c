// SPDX-License-Identifier: Apache-2.0
// recipe.c - whatever is in the recipe of a server, a connector or a proxy is harmless
//
// Each input is used as a recipe of each kind, in a fixtures folder that has the rest of what that
// kind needs.
#include "base/file.h"
#include "image/image.h"
#include "test/fuzz/fuzz.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define SOUND_SERVER                                                                               \
    "title: S\nvendor: mysql\nsuite: sid\npackages: [p]\ndaemon: /d\ninitialise: [/d]\n"

static const char *const kinds[] = {"servers", "connectors", "proxies"};
static char folder[PATH_MAX];
static int recipes[COUNT_OF(kinds)];

static void write_recipe(const char *name, const char *kind, const char *recipe, int *ret_fd) {
    struct err err = {0};
    cleanup_free char *own = xprintf("%s/%s/%s", folder, name, kind);
    fuzz_require(file_make_folders(own, 0755, &err) == 0, "folders can be made", err.what);
    if (!recipe)
        return;
    cleanup_free char *below = xprintf("%s/own", own), *path = xprintf("%s/recipe.yml", below);
    fuzz_require(file_make_folders(below, 0755, &err) == 0 &&
                     file_write(path, recipe, strlen(recipe), &err) == 0,
                 "files can be written", err.what);
    if (ret_fd)
        *ret_fd = open(path, O_WRONLY | O_CLOEXEC);
}

static void remove_folder(void) {
    struct err ignored;
    file_remove_tree(folder, &ignored);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *parent = getenv("TMPDIR");
    cleanup_free char *name = xprintf("%s/fuzz-recipe-XXXXXX", parent && *parent ? parent : "/tmp");
    (void)argc, (void)argv;
    setenv("GONEAWAY_CACHE", "/tmp", 0); // never looked into
    fuzz_require(mkdtemp(name) && realpath(name, folder), "there is room for files", name);
    atexit(remove_folder);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        write_recipe(kinds[i], "servers", i ? SOUND_SERVER : "", i ? NULL : &recipes[0]);
        write_recipe(kinds[i], "connectors", i == 1 ? "" : NULL, &recipes[1]);
        write_recipe(kinds[i], "proxies", i == 2 ? "" : NULL, &recipes[2]);
    }
    return 0;
}

// Looks at everything in a recipe.
static void use(struct images *images) {
    static const char *const options[] = {"skip_name_resolve=OFF", NULL};
    for (size_t i = 0; i < images->server_count; i++) {
        const char *const *command = server_command(images->arena, &images->servers[i], options);
        for (; *command; command++)
            fuzz_require(strlen(*command) > 0, "no word of a command is empty", "");
    }
    for (size_t i = 0; i < images->connector_count; i++)
        for (size_t k = 0; k < images->connectors[i].environment.count; k++)
            fuzz_require(*images->connectors[i].environment.keys[k], "a variable has a name", "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct err err = {0};
        struct images images = {0};
        cleanup_free char *fixtures = xprintf("%s/%s", folder, kinds[i]);
        fuzz_require(ftruncate(recipes[i], 0) == 0 &&
                         pwrite(recipes[i], data, size, 0) == (ssize_t)size,
                     "the recipe can be written", "");
        if (images_open(&images, fixtures, &err) == 0)
            use(&images);
        else
            fuzz_require(err.kind == ERR_USAGE && text_starts(err.what, folder),
                         "a refusal is a usage error that says where", err.what);
        images_close(&images);
    }
    return 0;
}
