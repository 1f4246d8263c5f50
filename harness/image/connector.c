// SPDX-License-Identifier: Apache-2.0
// connector.c - builds a connector's adapter: in C with the host's compiler and the image's
// libraries, in other languages by a command in the image
#include "image/connector.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "cache/cache.h"
#include "cache/keeper.h"
#include "cache/key.h"
#include "image/debian.h"
#include "image/image.h"
#include "image/inside.h"
#include "image/roots.h"
#include "sandbox/container.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

enum { COMPILE_DEADLINE_MS = 300000 };

// Makes every compiler refuse what newer ones refuse.
static const char *const flags[] = {"-std=gnu11",
                                    "-O2",
                                    "-g",
                                    "-Werror=implicit-function-declaration",
                                    "-Werror=implicit-int",
                                    "-Werror=int-conversion",
                                    "-Werror=incompatible-pointer-types",
                                    NULL};

static const char *compiler(void) {
    const char *cc = getenv("CC");
    return cc && *cc && !strchr(cc, ' ') ? cc : "cc";
}

static char *source_path(const struct connector_recipe *recipe, size_t i) {
    return xprintf("%s/%s", recipe->home, ((const char **)recipe->sources.items)[i]);
}

// Recipes do not list headers: those beside a source are part of it.
static int add_headers(struct key *key, const char *source, struct err *err) {
    cleanup_free char *pattern = xprintf("%.*s/*.h", (int)(strrchr(source, '/') - source), source);
    glob_t found = {0};
    int listed = glob(pattern, 0, NULL, &found);
    int ret = listed == 0 || listed == GLOB_NOMATCH ? 0 : err_set(err, "%s: cannot list", pattern);
    for (size_t i = 0; ret == 0 && i < found.gl_pathc; i++)
        ret = key_add_file(key, found.gl_pathv[i], err);
    globfree(&found);
    return ret;
}

int connector_entry(struct images *images, const struct connector_recipe *recipe, char **ret_entry,
                    struct err *err) {
    struct debian_root root = connector_root(images, recipe);
    struct key key = debian_key(&root);
    key_add(&key, "connector " CACHE_FORMAT);
    for (const char *const *flag = flags; *flag; flag++)
        key_add(&key, *flag);
    key_add_texts(&key, &recipe->include);
    key_add_texts(&key, &recipe->link);
    if (recipe->build.count > 0)
        key_add_texts(&key, &recipe->build);
    if (recipe->build_packages.count > 0)
        key_add_texts(&key, &recipe->build_packages);
    for (size_t i = 0; i < recipe->sources.count; i++) {
        cleanup_free char *source = source_path(recipe, i);
        key_add(&key, strrchr(source, '/'));
        if (key_add_file(&key, source, err) < 0 || add_headers(&key, source, err) < 0)
            return -1;
    }
    *ret_entry = cache_entry(&images->cache, recipe->name, "adapter", key);
    return 0;
}

// The folder of libraries, "x86_64-linux-gnu". Only Debian's compilers are sure to know it.
static char *multiarch(void) {
    char *told = proc_ask((const char *const[]){compiler(), "-print-multiarch", NULL});
    if (told && *told && !strpbrk(told, " \n"))
        return told;
    free(told);
#if defined(__aarch64__)
    return xstrdup("aarch64-linux-gnu");
#else
    return xstrdup("x86_64-linux-gnu");
#endif
}

static const char **compile_command(struct arena *arena, const struct connector_recipe *recipe,
                                    const char *root, const char *output) {
    size_t count = 0;
    const char **argv = arena_alloc(arena, (recipe->sources.count + recipe->include.count * 2 +
                                            recipe->link.count + COUNT_OF(flags) + 8) *
                                               sizeof *argv);
    argv[count++] = compiler();
    for (const char *const *flag = flags; *flag; flag++)
        argv[count++] = *flag;
    argv[count++] = arena_printf(arena, "--sysroot=%s", root);
    for (size_t i = 0; i < recipe->include.count; i++) {
        argv[count++] = "-isystem";
        argv[count++] = arena_printf(arena, "=%s", ((const char **)recipe->include.items)[i]);
    }
    argv[count++] = "-o";
    argv[count++] = output;
    for (size_t i = 0; i < recipe->sources.count; i++) {
        cleanup_free char *source = source_path(recipe, i);
        argv[count++] = arena_printf(arena, "%s", source);
    }
    cleanup_free char *libraries = multiarch();
    argv[count++] = arena_printf(arena, "-L=/usr/lib/%s", libraries);
    for (size_t i = 0; i < recipe->link.count; i++)
        argv[count++] = arena_printf(arena, "-l%s", ((const char **)recipe->link.items)[i]);
    return argv;
}

static int compile(struct keeper *keeper, const struct images *images,
                   const struct connector_recipe *recipe, const char *root, const char *output,
                   struct err *err) {
    keeper_tell(keeper, "%s: compiling its adapter ..", recipe->name);
    const char **argv = compile_command(images->arena, recipe, root, output);
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    cleanup_text struct text said = {0};
    if (proc_run(&spec, clock_ms() + COMPILE_DEADLINE_MS, &said, err) == 0)
        return 0;
    if (said.length > 0) // a compiler's first message is the one that matters
        err_set(err, "%s:\n%.3000s", argv[0], text_get(&said));
    else
        err_remedy(err, "sudo apt install gcc libc6-dev, or name a compiler by CC");
    return err_context(err, "compile its adapter");
}

/** Passed into the sandbox. */
struct build {
    const struct images *images;
    const struct connector_recipe *recipe;
    const char *root;   ///< that it is built in
    const char *output; ///< the folder mounted at /adapter
};

// The image is not changed: the sources are bind-mounted, and so is the output folder.
static int build_inside(void *context, struct err *err) {
    const struct build *build = context;
    const struct connector_recipe *recipe = build->recipe;
    struct arena *arena = build->images->arena;
    struct container_bind *binds = arena_alloc(arena, (recipe->sources.count + 2) * sizeof *binds);
    for (size_t i = 0; i < recipe->sources.count; i++) {
        cleanup_free char *source = source_path(recipe, i);
        binds[i].from = arena_printf(arena, "%s", source);
        binds[i].to = arena_printf(arena, SOURCE_DIR "%s", strrchr(source, '/'));
    }
    binds[recipe->sources.count] = (struct container_bind){build->output, "/adapter", true};
    const char **argv = arena_alloc(arena, (recipe->build.count + 1) * sizeof *argv);
    memcpy(argv, recipe->build.items, recipe->build.count * sizeof *argv);
    struct container_spec spec = {.root = build->root, .binds = binds, .argv = argv};
    cleanup_text struct text said = {0};
    return inside_run(&spec, &said, err);
}

static int build(struct keeper *keeper, const struct images *images,
                 const struct connector_recipe *recipe, const char *root, const char *output,
                 struct err *err) {
    keeper_tell(keeper, "%s: building its adapter ..", recipe->name);
    struct build what = {images, recipe, root, output};
    const struct inside_view view = {keeper, images, output};
    if (inside_sandbox(&view, build_inside, &what, err) < 0)
        return err_context(err, "build its adapter");
    return 0;
}

// The root to build in: the one to run in or, if building needs more packages, one in the keeper's
// tmp folder, which is removed with that. NULL: it could not be made.
static char *workshop(struct keeper *keeper, const struct images *images,
                      const struct connector_recipe *recipe, struct err *err) {
    struct debian_root root;
    if (!connector_build_root(images, recipe, &root))
        return xstrdup(recipe->root);
    cleanup_free char *folder = xprintf("%s/build", keeper->aside);
    if (file_make_folders(folder, 0755, err) == 0 &&
        debian_make(keeper, images, &root, folder, err) == 0)
        return xprintf("%s/root", folder);
    err_context(err, "install the Debian packages to build it with");
    return NULL;
}

static int make(struct keeper *keeper, const struct images *images,
                const struct connector_recipe *recipe, const char *folder, struct err *err) {
    cleanup_free char *root = workshop(keeper, images, recipe, err);
    if (!root)
        return -1;
    if (recipe->build.count > 0)
        return build(keeper, images, recipe, root, folder, err);
    cleanup_free char *output = xprintf("%s/adapter", folder);
    return compile(keeper, images, recipe, root, output, err);
}

int connector_prepare(struct keeper *keeper, struct images *images,
                      const struct connector_recipe *recipe, const char *entry, struct err *err) {
    struct debian_root root = connector_root(images, recipe);
    const char *base = debian_entry(images, &root);
    cleanup_close int lock = -1;
    if (cache_lock(keeper, recipe->name, &lock, err) < 0)
        return -1;
    int there = cache_want(keeper, &images->cache, recipe->name, entry, base, err);
    if (there != 0)
        return there < 0 ? -1 : 0;
    cleanup_free char *folder = xprintf("%s/connector", keeper->aside);
    cleanup_free char *adapter = xprintf("%s/adapter", folder);
    double started_ms = clock_ms();
    if (file_make_folders(adapter, 0755, err) < 0 ||
        make(keeper, images, recipe, adapter, err) < 0 ||
        cache_publish(keeper, folder, entry, base, err) < 0)
        return -1;
    keeper_tell(keeper, "%s: built in %.1f s", recipe->name, (clock_ms() - started_ms) / 1e3);
    return 0;
}
