// SPDX-License-Identifier: Apache-2.0
// image.c - recipes, names of cache entries, and what a keeper leaves behind
#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "cache/cache.h"
#include "cache/keeper.h"
#include "cache/key.h"
#include "catalog/connectors.h"
#include "catalog/lineup.h"
#include "image/connector.h"
#include "image/data.h"
#include "image/debian.h"
#include "image/image.h"
#include "image/links.h"
#include "image/reference.h"
#include "image/roots.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>

// Fixtures and a cache of a test's own.
static struct err err;

static char *place(const char *path) {
    static char full[4][256];
    static int next;
    char *to = full[next++ % 4];
    snprintf(to, sizeof full[0], "%s/%s", test_folder, path);
    return to;
}

#define SERVER                                                                                     \
    "title: T\nvendor: mysql\nsuite: sid\npackages: [a, b]\ndaemon: /d\ninitialise: [/i]\n"
#define CONNECTOR                                                                                  \
    "title: T\nimage: one\nsources: [a.c]\nlink: [l]\ninclude: [/i]\ncommand: [/adapter/a]\n"

static void make_fixtures(void) {
    folder_make("/tmp/goneaway-test", 0700);
    folder_put("servers/one/recipe.yml", SERVER "options: [x=1, skip-y]\n");
    folder_put("servers/README.md", "no recipe\n");
    folder_put("connectors/c/recipe.yml", CONNECTOR "environment: {A: 1}\n");
    folder_put("connectors/c/a.c", "int main(void) { return 0; }\n");
    folder_put("connectors/c/a.h", "\n");
    folder_put("connectors/python/recipe.yml",
               "title: T\nsuite: sid\npackages: [python3]\ncommand: [python3, /adapter/a.py]\n");
    for (size_t i = 0; i < CERTIFICATE_COUNT; i++) {
        char path[64];
        snprintf(path, sizeof path, "certificates/%s", certificate_names[i]);
        folder_put(path, "-\n");
    }
    setenv("GONEAWAY_CACHE", place("cache"), 1);
}

static void remove_fixtures(void) {
    folder_remove();
}

static void open_or_fail(struct images *images) {
    ck_assert_msg(images_open(images, test_folder, &err) == 0, "%s", err.what);
}

START_TEST(recipes_are_read) {
    struct images images;
    open_or_fail(&images);
    ck_assert_uint_eq(images.server_count, 1);
    ck_assert_uint_eq(images.connector_count, 2);
    const struct server_recipe *server = images_server(&images, "one", &err);
    ck_assert_str_eq(server->vendor, "mysql");
    ck_assert_str_eq(((const char **)server->packages.items)[1], "b");
    const struct connector_recipe *connector = images_connector(&images, "c", &err);
    ck_assert_str_eq(connector->image, "one");
    ck_assert_str_eq(connector->environment.keys[0], "A");
    images_close(&images);
}
END_TEST

START_TEST(recipes_of_the_repository_are_good) {
    struct images images;
    ck_assert_msg(images_open(&images, "fixtures", &err) == 0, "%s", err.what);
    char *entry = NULL;
    for (size_t i = 0; i < images.server_count; i++) {
        ck_assert_msg(server_entry(&images, &images.servers[i], &entry, &err) == 0, "%s", err.what);
        ck_assert_ptr_nonnull(images.servers[i].measured_package);
        ck_assert_int_gt(images.servers[i].megabytes, 0);
    }
    for (size_t i = 0; i < images.connector_count; i++) {
        const struct connector_recipe *recipe = &images.connectors[i];
        ck_assert_msg(connector_entry(&images, recipe, &entry, &err) == 0, "%s", err.what);
        ck_assert_msg(recipe->packages.count == 0 || recipe->megabytes > 0, "%s", recipe->name);
    }
    images_close(&images);
}
END_TEST

static const struct {
    const char *file, *content, *message; // without the folder
} refusals[] = {
    {"servers/two/recipe.yml", "title: T\n",
     "servers/two/recipe.yml:1:1: a server's recipe needs the keys 'vendor', 'suite', 'packages', "
     "'daemon', 'initialise'"},
    {"servers/two/recipe.yml", SERVER "option: [a]\n",
     "servers/two/recipe.yml:7:1: unknown key 'option'; did you mean 'options'?"},
    {"servers/two/recipe.yml",
     "title: T\nvendor: percona\nsuite: sid\npackages: [a]\ndaemon: /d\ninitialise: [/i]\n",
     "servers/two/recipe.yml:2:9: 'vendor' is mysql or mariadb, not 'percona'"},
    {"servers/two/recipe.yml",
     "title: T\nvendor: mysql\nsuite: sid\npackages: [a]\ndaemon: d\ninitialise: [/i]\n",
     "servers/two/recipe.yml:5:9: 'daemon' is a path that begins with /"},
    {"servers/two/recipe.yml",
     "title: T\nvendor: mysql\nsuite: sid\npackages: []\ndaemon: /d\ninitialise: [/i]\n",
     "servers/two/recipe.yml:4:1: 'packages' must not be empty"},
    {"servers/two/recipe.yml", SERVER "npm: a\nsha256: a\n",
     "servers/two/recipe.yml:7:6: 'npm' is NAME@VERSION, not 'a'"},
    {"servers/two/recipe.yml", SERVER "npm: ../a@1\nsha256: a\n",
     "servers/two/recipe.yml:7:6: 'npm' is NAME@VERSION, not '../a@1'"},
    {"servers/two/recipe.yml", SERVER "npm: a@--registry=x\nsha256: a\n",
     "servers/two/recipe.yml:7:6: 'npm' is NAME@VERSION, not 'a@--registry=x'"},
    {"servers/two/recipe.yml", SERVER "npm: a@1.2.3\nsha256: abc\n",
     "servers/two/recipe.yml:8:9: 'npm' needs 'sha256', the digest of the package's tarball, in "
     "hexadecimal digits"},
    {"connectors/two/recipe.yml",
     "title: T\nsuite: s\npackages: [a]\ncommand: [a]\nnpm: {../a@1: abc}\n",
     "connectors/two/recipe.yml:5:15: 'npm' is NAME@VERSION, not '../a@1'"},
    {"connectors/two/recipe.yml",
     "title: T\nsuite: s\npackages: [a]\ncommand: [a]\nnpm: {a@1: abc}\n",
     "connectors/two/recipe.yml:5:12: 'npm' needs 'sha256', the digest of the package's tarball, "
     "in hexadecimal digits"},
    {"connectors/two/recipe.yml", "title: T\nimage: docker://a\ncommand: [a]\nnpm: {a@1: abc}\n",
     "connectors/two/recipe.yml:4:7: 'npm' needs 'suite' and 'packages'"},
    {"servers/two/recipe.yml", SERVER "sha256: abc\n",
     "servers/two/recipe.yml:7:9: 'sha256' needs 'npm'"},
    {"connectors/two/recipe.yml", "title: \"\\e[31m\"\ncommand: [a]\n",
     "connectors/two/recipe.yml:1:9: a text that is shown to people has neither control characters "
     "nor line ends"},
    {"connectors/two/recipe.yml", "title: T\ncommand: [a]\n",
     "connectors/two/recipe.yml:1:1: a connector's recipe needs 'image', or 'suite' and "
     "'packages'"},
    {"connectors/two/recipe.yml", "title: T\nimage: one\nsuite: sid\ncommand: [a]\n",
     "connectors/two/recipe.yml:2:8: 'image' excludes 'suite' and 'packages': it has its own"},
    {"connectors/two/recipe.yml", "title: T\nimage: three\ncommand: [a]\n",
     "connectors/two/recipe.yml:2:8: there is no server 'three'; another image is "
     "docker://NAME:TAG, oci:FOLDER:TAG, docker-archive:FILE or rootfs:FOLDER"},
    {"connectors/two/recipe.yml", "title: T\nimage: path:/bin/sh\ncommand: [a]\n",
     "connectors/two/recipe.yml:2:8: there is no server 'path:/bin/sh'; another image is "
     "docker://NAME:TAG, oci:FOLDER:TAG, docker-archive:FILE or rootfs:FOLDER"},
    {"connectors/two/recipe.yml", "title: T\nimage: one\nbuild: [b]\ncommand: [a]\n",
     "connectors/two/recipe.yml:3:9: 'build' needs 'sources' to build from"},
    {"connectors/two/recipe.yml",
     "title: T\nimage: one\nsources: [a]\nbuild: [b]\nlink: [l]\ncommand: [a]\n",
     "connectors/two/recipe.yml:4:9: 'build' excludes 'include' and 'link', which are for C"},
    {"connectors/two/recipe.yml", "title: T\nimage: one\nsources: [a]\nbuild: []\ncommand: [a]\n",
     "connectors/two/recipe.yml:4:1: 'build' must not be empty"},
    {"connectors/two/recipe.yml",
     "title: T\nimage: one\nsources: [a]\nbuild_packages: [b]\ncommand: [a]\n",
     "connectors/two/recipe.yml:4:18: 'build_packages' needs 'suite': they are not added to an "
     "image"},
    {"connectors/two/recipe.yml", "title: T\nsuite: sid\nbuild_packages: [b]\ncommand: [a]\n",
     "connectors/two/recipe.yml:3:18: 'build_packages' needs 'sources' to build from"},
    {"connectors/two/recipe.yml",
     "title: T\nsuite: sid\npackages: [p]\nsources: [a]\nbuild_packages: []\ncommand: [a]\n",
     "connectors/two/recipe.yml:5:1: 'build_packages' must not be empty"},
};

// So their packages are fetched and stored once.
START_TEST(connectors_of_equal_packages_have_one_root) {
    struct images images = {0};
    ck_assert_msg(images_open(&images, "fixtures", &err) == 0, "%s", err.what);
    static const char *const names[] = {"php-mysqli", "php-pdo", "php-pdo-8.4"};
    char *entries[COUNT_OF(names)];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct connector_recipe *recipe = images_connector(&images, names[i], &err);
        ck_assert_ptr_nonnull(recipe);
        struct debian_root root = connector_root(&images, recipe);
        entries[i] = debian_entry(&images, &root);
    }
    ck_assert_str_eq(entries[0], entries[1]);
    ck_assert_str_ne(entries[0], entries[2]);
    images_close(&images);
}
END_TEST

// What is only built with must not be in the root, but makes another adapter.
START_TEST(packages_to_build_with_are_of_the_adapter_alone) {
    static const char recipe[] = "title: T\nsuite: sid\npackages: [p]\nsources: [../c/a.c]\n"
                                 "command: [a]\n%s";
    static const char *const more[] = {"", "build_packages: [q]\n", "build_packages: [r]\n"};
    char *roots[COUNT_OF(more)], *adapters[COUNT_OF(more)];
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        struct images images;
        cleanup_free char *content = xprintf(recipe, more[i]);
        char *entry = NULL;
        folder_put("connectors/two/recipe.yml", content);
        open_or_fail(&images);
        const struct connector_recipe *two = images_connector(&images, "two", &err);
        struct debian_root root = connector_root(&images, two), workshop;
        ck_assert_int_eq(connector_entry(&images, two, &entry, &err), 0);
        ck_assert_int_eq(connector_build_root(&images, two, &workshop), i > 0);
        ck_assert_uint_eq(workshop.packages->count, i > 0 ? 2 : 1);
        roots[i] = xstrdup(debian_entry(&images, &root));
        adapters[i] = xstrdup(entry);
        images_close(&images);
    }
    ck_assert_str_eq(roots[0], roots[1]);
    ck_assert_str_eq(roots[1], roots[2]);
    ck_assert_str_ne(adapters[0], adapters[1]);
    ck_assert_str_ne(adapters[1], adapters[2]);
    for (size_t i = 0; i < COUNT_OF(more); i++)
        free(roots[i]), free(adapters[i]);
}
END_TEST

START_TEST(bad_recipes_are_refused) {
    struct images images;
    folder_put(refusals[_i].file, refusals[_i].content);
    ck_assert_int_eq(images_open(&images, test_folder, &err), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.what, place(refusals[_i].message));
    images_close(&images);
}
END_TEST

// ---- connectors of another folder --------------------------------------------------------------

static const struct {
    const char *file, *content, *message; // message: an @ is replaced by the folder
} stranger_refusals[] = {
    {"other/two/recipe.yml", "title: T\ncommand: [a]\n",
     "@/other/two/recipe.yml:1:1: a connector's recipe needs 'image', or 'suite' and 'packages'"},
    {"other/c/recipe.yml", "title: T\nimage: one\ncommand: [a]\n",
     "two connectors are called 'c': @/connectors/c and @/other/c"},
    {"other/My Own/recipe.yml", "title: T\nimage: one\ncommand: [a]\n",
     "@/other/My Own: a connector's name consists of lower-case letters, digits, dots, dashes and "
     "underscores, and is not `all`"},
    {"other/two/recipe.yml",
     "title: T\nimage: one\nsources: [../../connectors/c/a.c]\n"
     "command: [a]\n",
     "@/other/two/recipe.yml: the source '../../connectors/c/a.c' lies outside of @/other"},
    {"other/recipe.yml", "title: T\nimage: one\ncommand: [a]\n", "@/other has no connectors"},
};

static char *with_folder(const char *text) {
    struct text whole = {0};
    for (; *text; text++)
        text_printf(&whole, *text == '@' ? "%s" : "%.1s", *text == '@' ? test_folder : text);
    return whole.data;
}

START_TEST(strangers_recipes_are_refused) {
    struct images images;
    cleanup_free char *message = with_folder(stranger_refusals[_i].message);
    folder_put(stranger_refusals[_i].file, stranger_refusals[_i].content);
    open_or_fail(&images);
    ck_assert_int_eq(images_add_folder(&images, place("other"), &err), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.what, message);
    images_close(&images);
}
END_TEST

// A recipe, or its folder, may be a link within the named folder. Files elsewhere are not read, let
// alone quoted.
START_TEST(links_of_strangers_stay_in_their_folder) {
    static const struct {
        const char *link, *target, *message; // NULL: it is read
    } links[] = {
        {"other/evil/recipe.yml", "../../secret",
         "@/other/evil/recipe.yml: is a link that leads out of @/other"},
        {"other/evil/recipe.yml", "/proc/self/environ",
         "@/other/evil/recipe.yml: is a link that leads out of @/other"},
        {"other/evil", "../elsewhere",
         "@/other/evil/recipe.yml: is a link that leads out of @/other"},
        {"other/evil/recipe.yml", "../good/recipe.yml", NULL},
        {"other/evil", "good", NULL},
    };
    struct images images;
    folder_put("secret", "ghp_TOPSECRETTOKEN123\n");
    folder_put("elsewhere/recipe.yml", "ghp_TOPSECRETTOKEN123\n");
    folder_put("other/good/recipe.yml", "title: T\nimage: docker://x:1\ncommand: [a]\n");
    if (strstr(links[_i].link, "recipe.yml"))
        folder_put("other/evil/README", "");
    ck_assert_int_eq(symlink(links[_i].target, place(links[_i].link)), 0);
    open_or_fail(&images);
    int ret = images_add_folder(&images, place("other"), &err);
    cleanup_free char *message = links[_i].message ? with_folder(links[_i].message) : NULL;
    ck_assert_msg(ret == (message ? -1 : 0), "%s", err.what);
    if (message)
        ck_assert_str_eq(err.what, message);
    if (message)
        ck_assert_int_eq(err.kind, ERR_USAGE);
    images_close(&images);
}
END_TEST

START_TEST(strangers_recipes_are_read) {
    struct images images;
    folder_put("other/my.own-1/recipe.yml", "title: T\nfamily: own\nimage: rootfs:../root\n"
                                            "sources: [../a.c]\ncommand: [a]\n");
    folder_put("other/their/recipe.yml", "title: T\nimage: docker://x:1\ncommand: [a]\n");
    folder_put("other/a.c", "");
    open_or_fail(&images);
    size_t before = images.connector_count;
    ck_assert_msg(images_add_folder(&images, place("other"), &err) == 0, "%s", err.what);
    ck_assert_uint_eq(images.connector_count, before + 2);
    const struct connector_recipe *own = images_connector(&images, "my.own-1", &err);
    ck_assert_str_eq(own->family, "own");
    cleanup_free char *home = with_folder("@/other/my.own-1");
    cleanup_free char *image = with_folder("rootfs:@/other/my.own-1/../root");
    ck_assert_str_eq(own->home, home);
    ck_assert_str_eq(own->image, image);
    ck_assert_str_eq(images_connector(&images, "their", &err)->image, "docker://x:1");
    ck_assert_str_eq(images_connector(&images, "c", &err)->name, "c");
    images_close(&images);
}
END_TEST

static const struct {
    const char *reference, *file, *content; // changing it makes another image
} references[] = {
    {"rootfs:@/image", "image/usr/bin/x", "longer"},
    {"rootfs:@/image", "image/etc/new", ""},
    {"oci:@/image:tag", "image/index.json", "{}"},
    {"docker-archive:@/image.tar", "image.tar", "longer"},
};

START_TEST(image_on_this_machine_counts_with_its_content) {
    cleanup_free char *reference = with_folder(references[_i].reference);
    struct key keys[3] = {KEY_START, KEY_START, KEY_START};
    folder_put("image/usr/bin/x", "x");
    folder_put("image/index.json", "[]");
    folder_put("image.tar", "x");
    ck_assert(reference_is(reference) && !reference_is("python:3.12"));
    reference_add_key(&keys[0], reference);
    reference_add_key(&keys[1], reference);
    folder_put(references[_i].file, references[_i].content);
    reference_add_key(&keys[2], reference);
    ck_assert_uint_eq(keys[0].hash, keys[1].hash);
    ck_assert_uint_ne(keys[0].hash, keys[2].hash);
}
END_TEST

// A stranger's recipe may name `rootfs:/`.
START_TEST(a_large_folder_is_no_image) {
    cleanup_free char *folder = with_folder("@/image");
    cleanup_free char *message =
        with_folder("@/image has more than 9 files, too many for a root filesystem");
    folder_put("image/etc/x", "");
    for (int i = 0; i < 8; i++) {
        cleanup_free char *path = xprintf("image/%d", i);
        folder_put(path, "");
    }
    ck_assert_int_eq(rootfs_check(folder, 10, &err), 0);
    ck_assert_int_eq(rootfs_check(folder, 9, &err), -1);
    ck_assert_str_eq(err.what, message);
    ck_assert_int_eq(rootfs_check(place("no-folder"), 9, &err), 0);
}
END_TEST

START_TEST(unknown_names_are_refused) {
    struct images images;
    open_or_fail(&images);
    ck_assert_ptr_null(images_server(&images, "nothing", &err));
    ck_assert_str_eq(err.what, "unknown server 'nothing'; choose from one");
    ck_assert_str_eq(err.remedy, "");
    ck_assert_ptr_null(images_server(&images, "/usr/sbin/mysqld", &err));
    ck_assert_str_eq(err.remedy, "a server program of this machine is path:/usr/sbin/mysqld");
    err.remedy[0] = '\0';
    ck_assert_ptr_null(images_connector(&images, "nothing", &err));
    ck_assert_str_eq(err.what, "unknown connector 'nothing'");
    images_close(&images);
}
END_TEST

// ---- which ones `--connector` means ------------------------------------------------------------

static const struct {
    const char *list, *chosen;
} choices[] = {
    {NULL, "c lizard(only named) python snake-1 snake-2"},
    {"all", "c c-2 lizard python snake-1 snake-2"},
    {"lizard", "lizard"},
    {"c", "c"}, // the name of a family too
    {"c-2", "c-2"},
    {"c,c-2", "c c-2"},
    {"snake", "snake-1 snake-2"},
    {"snake-2,c-2", "c-2 snake-2"},
};

START_TEST(connectors_are_chosen) {
    struct images images;
    folder_put("connectors/c-2/recipe.yml", CONNECTOR "family: c\non_request: true\n");
    folder_put("connectors/lizard/recipe.yml", CONNECTOR "only_named: true\non_request: true\n");
    folder_put("connectors/snake-1/recipe.yml", CONNECTOR "family: snake\n");
    folder_put("connectors/snake-2/recipe.yml", CONNECTOR "family: snake\n");
    open_or_fail(&images);
    const struct options options = {.connectors = choices[_i].list};
    struct connector_recipe **chosen = NULL;
    size_t count = 0;
    ck_assert_int_eq(connectors_choose(&images, &options, &chosen, &count, &err), 0);
    cleanup_text struct text names = {0};
    for (size_t i = 0; i < count; i++)
        text_printf(&names, "%s%s%s", i ? " " : "", chosen[i]->name,
                    chosen[i]->only_named == 1 ? "(only named)" : "");
    ck_assert_str_eq(text_get(&names), choices[_i].chosen);
    free(chosen);
    images_close(&images);
}
END_TEST

static const struct {
    const char *list, *chosen;
} server_choices[] = {
    {NULL, "one two"}, // those that run on request come last
    {"all", "one two a-1 a-2"}, {"a-2", "a-2"},
    {"a-2,one,a-2", "a-2 one"}, {"two,all", "two one a-1 a-2"},
};

START_TEST(servers_are_chosen) {
    struct lineup lineup;
    cleanup_free char *fixtures = folder_path("fixtures");
    folder_put("servers/two/recipe.yml", SERVER);
    folder_put("servers/a-2/recipe.yml", SERVER "on_request: true\n");
    folder_put("servers/a-1/recipe.yml", SERVER "on_request: true\n");
    ck_assert_int_eq(symlink(test_folder, fixtures), 0);
    const struct options options = {.servers = server_choices[_i].list};
    ck_assert_msg(lineup_open(&lineup, test_folder, &options, &err) == 0, "%s", err.what);
    ck_assert_uint_eq(lineup.images.usual_servers, 2);
    cleanup_text struct text names = {0};
    for (size_t i = 0; i < lineup.server_count; i++)
        text_printf(&names, "%s%s", i ? " " : "", lineup.servers[i]->name);
    ck_assert_str_eq(text_get(&names), server_choices[_i].chosen);
    lineup_close(&lineup);
}
END_TEST

// A library in another version does not run unless asked for.
START_TEST(two_versions_of_connector_c_are_one_family) {
    struct images images;
    ck_assert_msg(images_open(&images, "fixtures", &err) == 0, "%s", err.what);
    const struct connector_recipe *beside = images_connector(&images, "mariadb-c-3.4", &err);
    ck_assert_str_eq(beside->family, "mariadb-c");
    ck_assert_int_eq(beside->on_request, 1);
    ck_assert_int_ne(images_connector(&images, "mariadb-c", &err)->on_request, 1);
    images_close(&images);
}
END_TEST

START_TEST(cache_has_its_place) {
    struct images images;
    unsetenv("GONEAWAY_CACHE");
    setenv("XDG_CACHE_HOME", "/x", 1);
    open_or_fail(&images);
    ck_assert_str_eq(images.cache.folder, "/x/goneaway");
    images_close(&images);
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", "/h", 1);
    open_or_fail(&images);
    ck_assert_str_eq(images.cache.folder, "/h/.cache/goneaway");
    images_close(&images);
    setenv("GONEAWAY_CACHE", "/run/x", 1);
    ck_assert_int_eq(images_open(&images, test_folder, &err), -1);
    ck_assert_str_eq(err.what,
                     "the cache folder is /run/x, but a server cannot see what is below /run");
    images_close(&images);
}
END_TEST

START_TEST(server_command_is_complete) {
    struct images images;
    open_or_fail(&images);
    const char *const extra[] = {"z=1", NULL};
    const char *const *command = server_command(images.arena, &images.servers[0], extra);
    cleanup_text struct text all = {0};
    for (; *command; command++)
        text_printf(&all, "%s ", *command);
    ck_assert(
        text_starts(text_get(&all), "/d --no-defaults --user=root --datadir=/var/lib/mysql "));
    ck_assert_ptr_nonnull(strstr(text_get(&all), " --skip-name-resolve "));
    ck_assert_ptr_nonnull(strstr(text_get(&all), " --x=1 --skip-y --z=1 "));
    images_close(&images);
}
END_TEST

// To some servers, any value means on, even "off".
START_TEST(server_command_lets_names_be_resolved) {
    struct images images;
    open_or_fail(&images);
    const char *const extra[] = {"skip_name_resolve=OFF", "z=1", NULL};
    const char *const *command = server_command(images.arena, &images.servers[0], extra);
    cleanup_text struct text all = {0};
    for (; *command; command++)
        text_printf(&all, "%s ", *command);
    ck_assert_ptr_null(strstr(text_get(&all), "resolve"));
    ck_assert_ptr_nonnull(strstr(text_get(&all), " --z=1 "));
    images_close(&images);
}
END_TEST

// Entries of the server and of the connector `c` for the present fixtures.
static void entries(char *server, char *connector, size_t size) {
    struct images images;
    char *entry = NULL;
    open_or_fail(&images);
    ck_assert_int_eq(server_entry(&images, &images.servers[0], &entry, &err), 0);
    snprintf(server, size, "%s", entry);
    ck_assert_int_eq(connector_entry(&images, &images.connectors[0], &entry, &err), 0);
    snprintf(connector, size, "%s", entry);
    images_close(&images);
}

static const struct {
    const char *file, *content;
    bool server, connector; // whether these change as well
} changes[] = {
    {"servers/one/recipe.yml", SERVER "options: [x=1, skip-y]\n# a comment\n", false, false},
    {"servers/one/recipe.yml", SERVER "options: [x=2, skip-y]\n", true, false},
    {"servers/one/recipe.yml", SERVER "options: [x=1skip-y]\n", true, false},
    {"servers/one/recipe.yml",
     "title: T\nvendor: mysql\nsuite: sid\npackages: [a]\ndaemon: /d\ninitialise: [/i]\n"
     "options: [x=1, skip-y]\n",
     true, true},
    {"certificates/ca.pem", "+\n", true, false},
    {"connectors/c/a.c", "int main(void) { return 1; }\n", false, true},
    {"connectors/c/a.h", "// new\n", false, true},
    {"connectors/c/recipe.yml", CONNECTOR "environment: {A: 2}\n", false, false},
    {"connectors/c/recipe.yml",
     "title: T\nimage: one\nsources: [a.c]\nbuild: [b]\ncommand: [/adapter/a]\n", false, true},
    {"connectors/c/other.txt", "new\n", false, false},
};

START_TEST(keys_follow_the_content) {
    char server[2][256], connector[2][256];
    entries(server[0], connector[0], sizeof server[0]);
    folder_put(changes[_i].file, changes[_i].content);
    entries(server[1], connector[1], sizeof server[1]);
    ck_assert_int_eq(strcmp(server[0], server[1]) != 0, changes[_i].server);
    ck_assert_int_eq(strcmp(connector[0], connector[1]) != 0, changes[_i].connector);
}
END_TEST

// The names that `prepare --print-key` derives its key from.
static void names_here(struct text *names) {
    struct images images;
    open_or_fail(&images);
    ck_assert_int_eq(image_server_entries(&images, &images.servers[0], names, &err), 0);
    for (size_t i = 0; i < images.connector_count; i++)
        ck_assert_int_eq(image_connector_entries(&images, &images.connectors[i], names, &err), 0);
    images_close(&images);
}

START_TEST(names_do_not_follow_the_place) {
    char first[sizeof test_folder];
    cleanup_text struct text here = {0}, there = {0};
    names_here(&here);
    ck_assert(text_starts(here.data, "one-root-"));
    ck_assert_ptr_nonnull(strstr(here.data, "\none-data-"));
    ck_assert_ptr_nonnull(strstr(here.data, "\nc-adapter-"));
    ck_assert_ptr_nonnull(strstr(here.data, "\npython-root-"));
    ck_assert_ptr_null(strstr(here.data, "/"));
    strcpy(first, test_folder);
    make_fixtures(); // elsewhere
    names_here(&there);
    ck_assert_str_eq(here.data, there.data);
    ck_assert_int_eq(file_remove_tree(first, &err), 0);
}
END_TEST

START_TEST(nothing_is_found_in_an_empty_cache) {
    struct images images;
    open_or_fail(&images);
    ck_assert_int_eq(image_server_find(&images, &images.servers[0], &err), CACHE_ABSENT);
    ck_assert_int_eq(image_connector_find(&images, &images.connectors[0], &err), CACHE_ABSENT);
    images_close(&images);
}
END_TEST

static char said[1024];

static void listen_to(void *context, const char *format, ...) {
    (void)context;
    va_list args;
    va_start(args, format);
    vsnprintf(said, sizeof said, format, args);
    va_end(args);
}

// Publishes a file as the entry that `context` names.
static int publish_one(struct keeper *keeper, void *context, struct err *job_err) {
    cleanup_free char *folder = xprintf("%s/x", keeper->aside);
    cleanup_free char *file = xprintf("%s/file", folder);
    keeper_tell(keeper, "in %s", keeper->cache);
    if (file_make_folders(folder, 0755, job_err) < 0 || file_write(file, "x", 1, job_err) < 0)
        return -1;
    return cache_publish(keeper, folder, place(context), NULL, job_err);
}

static int keep(keeper_job *job, void *context) {
    return keeper_run(place("cache"), job, context, listen_to, NULL, &err);
}

static char old_entry[] = "cache/a-root-0000000000000001",
            new_entry[] = "cache/a-root-0000000000000002",
            other_entry[] = "cache/a-root-data-0000000000000003";

START_TEST(publishing_replaces_what_is_not_in_use) {
    struct cache user = {0};
    ck_assert_int_eq(keep(publish_one, old_entry), 0);
    ck_assert_int_eq(keep(publish_one, other_entry), 0);
    ck_assert_str_eq(said + 3, place("cache"));
    ck_assert_int_eq(cache_hold(&user, place(old_entry), NULL, true, &err), CACHE_READY);
    ck_assert_int_eq(keep(publish_one, new_entry), 0);
    ck_assert(file_exists(place(old_entry)));
    ck_assert(file_exists(place(new_entry)));
    cache_close(&user);
    ck_assert_int_eq(file_remove_tree(place(new_entry), &err), 0);
    ck_assert_int_eq(keep(publish_one, new_entry), 0);
    ck_assert(!file_exists(place(old_entry)));
    ck_assert(file_exists(place(other_entry)));
    ck_assert_uint_eq(folder_count("cache/tmp-*"), 0);
}
END_TEST

static int fill_disk(struct keeper *keeper, void *context, struct err *job_err) {
    (void)keeper, (void)context;
    return err_set(job_err, "tar: x: No space left on device");
}

START_TEST(a_full_disk_is_told) {
    ck_assert_int_eq(keep(fill_disk, NULL), -1);
    char start[256];
    snprintf(start, sizeof start, "no space left in %s: tar: x: ", place("cache"));
    ck_assert_msg(text_starts(err.what, start), "%s", err.what);
    ck_assert_msg(text_starts(err.remedy, "have 1000 MB free there ("), "%s", err.remedy);
    ck_assert_uint_eq(folder_count("cache/tmp-*"), 0);
}
END_TEST

static int die(struct keeper *keeper, void *context, struct err *job_err) {
    (void)keeper, (void)context, (void)job_err;
    raise(SIGSEGV);
    return 0;
}

START_TEST(a_dead_worker_is_told) {
    ck_assert_int_eq(keep(die, NULL), -1);
    ck_assert_str_eq(err.what, "the process that prepares was ended from outside");
}
END_TEST

START_TEST(what_the_dead_left_is_removed) {
    folder_put("cache/tmp-left00/deep/file", "x");
    folder_put("cache/tmp-used00/file", "x");
    cleanup_close int used = open(place("cache/tmp-used00"), O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq(flock(used, LOCK_EX), 0);
    ck_assert_int_eq(keep(publish_one, new_entry), 0);
    ck_assert(!file_exists(place("cache/tmp-left00")));
    ck_assert(file_exists(place("cache/tmp-used00")));
}
END_TEST

// A job like mmdebstrap at its worst: children in their own sessions that ignore SIGTERM.
static int start_stubborn(struct keeper *keeper, void *context, struct err *job_err) {
    (void)context;
    cleanup_free char *script = xprintf("trap '' TERM INT HUP; cd %s; mkdir -p a/b; chmod 0 a/b;"
                                        "(setsid sleep 1000 & setsid sleep 1000 &) ; "
                                        "echo started > %s/started; sleep 1000",
                                        keeper->aside, keeper->cache);
    struct proc_spec spec = {.argv = (const char *const[]){"sh", "-c", script, NULL},
                             .in = -1,
                             .out = -1,
                             .err = -1,
                             .netns = -1,
                             .new_session = true};
    return proc_run(&spec, clock_ms() + 100e3, NULL, job_err);
}

// Whether a process has the cache as its working folder, as all of the above do.
static bool somebody_works_there(void) {
    glob_t found = {0};
    bool there = false;
    glob("/proc/[0-9]*/cwd", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char target[512] = "";
        if (readlink(found.gl_pathv[i], target, sizeof target - 1) > 0)
            there |= text_starts(target, place("cache"));
    }
    globfree(&found);
    return there;
}

static const int deadly[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP};

START_TEST(nothing_survives_a_signal) {
    pid_t main_process = fork();
    if (main_process == 0) {
        for (int number = 1; number < NSIG; number++)
            signal(number, SIG_DFL);
        _exit(keep(start_stubborn, NULL) < 0);
    }
    double deadline_ms = clock_ms() + 10e3;
    while (!file_exists(place("cache/started")) && clock_ms() < deadline_ms)
        clock_wait(5, -1);
    ck_assert(somebody_works_there());
    kill(main_process, deadly[_i]);
    int status = 0;
    ck_assert_int_eq(waitpid(main_process, &status, 0), main_process);
    ck_assert_int_eq(WTERMSIG(status), deadly[_i]);
    while ((somebody_works_there() || folder_count("cache/tmp-*") > 0) && clock_ms() < deadline_ms)
        clock_wait(5, -1);
    ck_assert(!somebody_works_there());
    ck_assert_uint_eq(folder_count("cache/tmp-*"), 0);
}
END_TEST

static int wait_for_lock(struct keeper *keeper, void *context, struct err *job_err) {
    (void)context;
    cleanup_close int lock = -1;
    return cache_lock(keeper, "a", &lock, job_err);
}

static void let_go(void *context, const char *format, ...) {
    (void)format;
    strcpy(said, "waited");
    flock(*(int *)context, LOCK_UN);
}

START_TEST(the_second_waits) {
    folder_put("cache/locks/a", "");
    cleanup_close int lock = open(place("cache/locks/a"), O_RDWR | O_CLOEXEC);
    // it shares the open file with this process's lock, so the keeper's copies hold the lock too
    ck_assert_int_eq(flock(lock, LOCK_EX), 0);
    ck_assert_int_eq(keeper_run(place("cache"), wait_for_lock, NULL, let_go, &lock, &err), 0);
    ck_assert_str_eq(said, "waited");
}
END_TEST

// The output of a program, complete except for its final line feed; nothing if it fails.
START_TEST(programs_answer) {
    static const struct {
        const char *script, *answer;
    } rows[] = {{"echo one", "one"},
                {"printf 'one\\ntwo\\n\\n'", "one\ntwo"},
                {":", ""},
                {"echo one; exit 1", NULL}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cleanup_free char *told = proc_ask((const char *const[]){"sh", "-c", rows[i].script, NULL});
        ck_assert_pstr_eq(told, rows[i].answer);
    }
    ck_assert_ptr_null(proc_ask((const char *const[]){"no-such-program", NULL}));
}
END_TEST

/** The prepared version, and whether outcomes were measured with it. */
static const struct {
    const char *version, *package, *measured, *differs;
} measurings[] = {
    {"9.7.4", "mysql-server-core 9.7.4-2", "9.7.4-2", NULL},
    {"9.7.4", "mysql-server-core 9.7.4-3", "9.7.4-2", "9.7.4-2"},
    {"9.7.4", "mysql-server-core 9.7.4-3", NULL, NULL},
    {"9.7.4", "", "9.7.4", NULL},
    {"9.7.5", "", "9.7.4", "9.7.4"},
};

START_TEST(another_version_than_the_measured_one_is_seen) {
    const struct server_recipe recipe = {.version = measurings[_i].version,
                                         .package = measurings[_i].package,
                                         .measured_package = measurings[_i].measured};
    ck_assert_pstr_eq(server_measured_package(&recipe), measurings[_i].differs);
}
END_TEST

/** Links in a root filesystem: their target, and what becomes of it. */
static const struct {
    const char *path, *target, *relative;
} root_links[] = {
    {"root/usr/lib64/ld.so.2", "/lib/x86/ld.so.2", "../../lib/x86/ld.so.2"},
    {"root/lib", "/usr/lib", "usr/lib"},
    {"root/usr/slashes", "//usr//bin", "../usr//bin"},
    {"root/usr/top", "/", "../"},
    {"root/top", "/", "."},
    {"root/usr/bin/sh", "dash", "dash"},
    {"root/usr/up", "../etc", "../etc"},
};

START_TEST(links_of_a_root_stay_in_it) {
    char target[64];
    folder_put("root/usr/lib64/file", "");
    folder_put("root/usr/bin/dash", "");
    for (size_t i = 0; i < COUNT_OF(root_links); i++)
        ck_assert_int_eq(symlink(root_links[i].target, place(root_links[i].path)), 0);
    ck_assert_msg(links_make_relative(place("root"), &err) == 0, "%s", err.what);
    for (size_t i = 0; i < COUNT_OF(root_links); i++) {
        ssize_t length = readlink(place(root_links[i].path), target, sizeof target - 1);
        ck_assert_int_gt(length, 0);
        target[length] = '\0';
        ck_assert_str_eq(target, root_links[i].relative);
    }
    ck_assert(file_exists(place("root/usr/lib64/file")));
    ck_assert_int_eq(links_make_relative(place("nowhere"), &err), -1);
}
END_TEST

Suite *suite_image(void) {
    Suite *suite = suite_create("image");
    TCase *cases = tcase_create("image");
    tcase_add_checked_fixture(cases, make_fixtures, remove_fixtures);
    tcase_set_timeout(cases, 30);
    tcase_add_test(cases, recipes_are_read);
    tcase_add_test(cases, recipes_of_the_repository_are_good);
    tcase_add_loop_test(cases, bad_recipes_are_refused, 0, (int)COUNT_OF(refusals));
    tcase_add_loop_test(cases, strangers_recipes_are_refused, 0, (int)COUNT_OF(stranger_refusals));
    tcase_add_loop_test(cases, links_of_strangers_stay_in_their_folder, 0, 5);
    tcase_add_test(cases, strangers_recipes_are_read);
    tcase_add_loop_test(cases, image_on_this_machine_counts_with_its_content, 0,
                        (int)COUNT_OF(references));
    tcase_add_test(cases, a_large_folder_is_no_image);
    tcase_add_test(cases, unknown_names_are_refused);
    tcase_add_loop_test(cases, connectors_are_chosen, 0, (int)COUNT_OF(choices));
    tcase_add_loop_test(cases, servers_are_chosen, 0, (int)COUNT_OF(server_choices));
    tcase_add_test(cases, two_versions_of_connector_c_are_one_family);
    tcase_add_test(cases, cache_has_its_place);
    tcase_add_test(cases, server_command_is_complete);
    tcase_add_test(cases, server_command_lets_names_be_resolved);
    tcase_add_loop_test(cases, keys_follow_the_content, 0, (int)COUNT_OF(changes));
    tcase_add_test(cases, names_do_not_follow_the_place);
    tcase_add_test(cases, nothing_is_found_in_an_empty_cache);
    tcase_add_test(cases, publishing_replaces_what_is_not_in_use);
    tcase_add_test(cases, a_full_disk_is_told);
    tcase_add_test(cases, a_dead_worker_is_told);
    tcase_add_test(cases, what_the_dead_left_is_removed);
    tcase_add_loop_test(cases, nothing_survives_a_signal, 0, (int)COUNT_OF(deadly));
    tcase_add_test(cases, the_second_waits);
    tcase_add_test(cases, connectors_of_equal_packages_have_one_root);
    tcase_add_test(cases, packages_to_build_with_are_of_the_adapter_alone);
    tcase_add_test(cases, programs_answer);
    tcase_add_test(cases, links_of_a_root_stay_in_it);
    tcase_add_loop_test(cases, another_version_than_the_measured_one_is_seen, 0,
                        (int)COUNT_OF(measurings));
    suite_add_tcase(suite, cases);
    return suite;
}
