// SPDX-License-Identifier: Apache-2.0
// skeleton.c - `goneaway adapter new`: copies a working adapter as the start of one's own
//
// The skeletons are adapters from fixtures/connectors, which tests hold against the protocol; the
// key `skeleton` in a recipe makes it one.
#include "catalog/skeleton.h"

#include "base/file.h"
#include "base/nearest.h"
#include "base/status.h"
#include "base/utf8.h"
#include "catalog/catalog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE_MAX_BYTES = 4 << 20 };

void skeletons_visit(const struct images *images, skeleton_visitor *visit, void *context) {
    for (size_t i = 0; i < images->connector_count; i++)
        if (images->connectors[i].skeleton && images->connectors[i].language)
            visit(context, images->connectors[i].language, &images->connectors[i]);
}

// ---- which -------------------------------------------------------------------------------------

static void list_one(void *context, const char *language, const struct connector_recipe *recipe) {
    fprintf(context, "%-12s %s\n", language, recipe->title);
}

static int list(FILE *out, const struct images *images) {
    skeletons_visit(images, list_one, out);
    fprintf(out, "\n`goneaway adapter new LANGUAGE DIR` copies the adapter into a new folder.\n");
    return STATUS_OK;
}

/** What is searched for, and what was found. */
struct search {
    const char *language;
    const struct connector_recipe *found;
    struct text known;
    struct nearest nearest;
};

static void look_at(void *context, const char *language, const struct connector_recipe *recipe) {
    struct search *search = context;
    if (strcmp(language, search->language) == 0)
        search->found = recipe;
    text_printf(&search->known, "%s%s", search->known.length > 0 ? ", " : "", language);
    nearest_try(&search->nearest, language);
}

static const struct connector_recipe *find(const struct images *images, const char *language,
                                           struct err *err) {
    struct search search = {.language = language,
                            .nearest = {.wanted = language, .edits = NEAR_WORD}};
    skeletons_visit(images, look_at, &search);
    const char *near = nearest_word(&search.nearest);
    if (!search.found)
        err_usage(err, "there is no skeleton in '%s'; choose from %s", language,
                  text_get(&search.known));
    if (!search.found && near)
        err_remedy(err, "did you mean `goneaway adapter new %s`?", near);
    else if (!search.found)
        err_remedy(err, "PROTOCOL.md in fixtures/connectors is all that it takes in any language");
    text_release(&search.known);
    return search.found;
}

// ---- where to ----------------------------------------------------------------------------------

static int copy(const struct connector_recipe *recipe, const char *file, const char *folder,
                struct err *err) {
    const char *slash = strrchr(file, '/');
    cleanup_free char *from = xprintf("%s/%s", recipe->home, file);
    cleanup_free char *to = xprintf("%s/%s", folder, slash ? slash + 1 : file);
    cleanup_text struct text content = {0};
    if (file_read(from, SOURCE_MAX_BYTES, &content, err) < 0)
        return -1;
    if (file_write(to, text_get(&content), content.length, err) == 0)
        return 0;
    unlink(to); // half a file would be in the way next time
    return -1;
}

static int copy_all(const struct connector_recipe *recipe, const char *folder, struct err *err) {
    const struct list *files = &recipe->skeleton->files;
    if (file_make_folders(folder, 0755, err) < 0)
        return -1;
    for (size_t i = 0; i < files->count; i++)
        if (copy(recipe, ((const char **)files->items)[i], folder, err) < 0)
            return -1;
    return 0;
}

// ---- what to do with it ------------------------------------------------------------------------

static void add_packages(struct text *text, const struct list *packages) {
    if (packages->count == 0)
        return;
    text_add(text, "  sudo apt install");
    for (size_t i = 0; i < packages->count; i++)
        text_printf(text, " %s", ((const char **)packages->items)[i]);
    text_add(text, "\n");
}

// How to call this program from any folder; "goneaway" if the shell finds it by that.
static char *own_name(void) {
    const char *name = program_invocation_name;
    cleanup_free char *real = strchr(name, '/') ? realpath(name, NULL) : NULL;
    return xstrdup(real ? real : name);
}

static void print_next(FILE *out, const struct connector_recipe *recipe, const char *folder) {
    const struct skeleton *skeleton = recipe->skeleton;
    cleanup_text struct text text = {0};
    text_printf(&text, "%s is now an adapter in %s: %s.\n", folder, recipe->language,
                recipe->title);
    text_printf(&text, "It follows %.*s/PROTOCOL.md. Try it, then put your library in its place:\n",
                (int)(strrchr(recipe->home, '/') - recipe->home), recipe->home);
    add_packages(&text, &skeleton->packages);
    text_add(&text, "  cd");
    text_quote(&text, folder);
    if (skeleton->build)
        text_printf(&text, "\n  %s", skeleton->build);
    cleanup_free char *self = own_name();
    text_add(&text, "\n ");
    text_quote(&text, self);
    text_add(&text, " adapter test");
    text_quote(&text, skeleton->command);
    text_add(&text, "\n ");
    text_quote(&text, self);
    text_add(&text, " run headline --adapter");
    text_quote(&text, skeleton->command);
    cleanup_free char *shown = utf8_shown(text_get(&text), true);
    fprintf(out, "%s\n", shown);
}

int skeleton_new(FILE *out, const struct images *images, int count, char **arguments,
                 struct err *err) {
    if (count == 0)
        return list(out, images);
    const struct connector_recipe *recipe = find(images, arguments[0], err);
    if (!recipe)
        return -1;
    if (count != 2) {
        err_usage(err, "`goneaway adapter new %s` needs one folder", arguments[0]);
        return err_remedy(err, "goneaway adapter new %s DIR", arguments[0]);
    }
    const char *folder = arguments[1];
    if (file_check_empty(folder, err) < 0 || copy_all(recipe, folder, err) < 0)
        return err_context(err, "make an adapter");
    print_next(out, recipe, folder);
    return STATUS_OK;
}

int skeleton_command(const struct options *options, struct err *err) {
    struct images images = {0};
    cleanup_free char *home = catalog_home(err);
    cleanup_free char *fixtures = home ? xprintf("%s/fixtures", home) : NULL;
    int ret = home ? images_open(&images, fixtures, err) : -1;
    if (ret == 0)
        ret =
            skeleton_new(stdout, &images, options->argument_count - 1, options->arguments + 1, err);
    images_close(&images);
    return ret;
}
