// SPDX-License-Identifier: Apache-2.0
// prune.c - what `goneaway prune` removes from a cache, and what it leaves
#include "base/file.h"
#include "cache/cache.h"
#include "cache/manifest.h"
#include "image/debian.h"
#include "image/image.h"
#include "image/roots.h"
#include "image/tags.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"
#include "test/lib/told.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define OLD "-0000000000000001"
#define NEW "-0000000000000002"

// The test's own cache, and one recipe.
static struct err err;
static struct images images;
static struct proxy_recipe proxy = {.name = "router", .suite = "none"};
static char wanted[64]; ///< that recipe's entry
static struct text said;

static char *path_of(const char *name) {
    return arena_printf(images.arena, "%s/%s", test_folder, name);
}

// Makes an entry with one file, each newer than the one before.
static void make(const char *name, const char *base, const char *file, const char *content) {
    static int age;
    const char *folder = path_of(name);
    cleanup_free char *path = xprintf("%s/%s", folder, file);
    ck_assert_int_eq(file_make_folders(folder, 0755, &err), 0);
    ck_assert_int_eq(file_write(path, content, strlen(content), &err), 0);
    ck_assert_msg(manifest_write(folder, base ? path_of(base) : NULL, &err) == 0, "%s", err.what);
    struct timespec times[2] = {{.tv_sec = 1000 + age}, {.tv_sec = 1000 + age}};
    age++;
    ck_assert_int_eq(utimensat(AT_FDCWD, folder, times, 0), 0);
}

#define REFERENCE(text)                                                                            \
    "{\"name\":\"docker-x\",\"reference\":\"" text "\",\"flavour\":\"MySQL\",\"full\":\"8.4.3\"}"

static void make_cache(void) {
    cleanup_text struct text name = {0};
    folder_make("/tmp/goneaway-test", 0700);
    struct arena *arena = arena_new();
    images = (struct images){.arena = arena,
                             .cache = {.folder = test_folder, .arena = arena},
                             .proxy_count = 1,
                             .proxies = &proxy};
    image_proxy_entries(&images, &proxy, &name);
    snprintf(wanted, sizeof wanted, "%.*s", (int)name.length - 1, text_get(&name));
    make(wanted, NULL, "program", "x");
    make("router-root" OLD, NULL, "program", "older");
    make("docker-x-0a-root" OLD, NULL, "learned.json", "{}");
    make("docker-x-0a-data" OLD, "docker-x-0a-root" OLD, "entry.json", REFERENCE("oci:/x"));
    make("docker-x-0a-root" NEW, NULL, "learned.json", "{ }");
    make("docker-x-0a-data" NEW, "docker-x-0a-root" NEW, "entry.json", REFERENCE("oci:/x"));
    make("mine-adapter" OLD, NULL, "adapter", "of somebody's own");
    make("gone-data" OLD, NULL, "entry.json", "{}");
    folder_put("tag-docker-x-0a.json", "{}");
}

static void remove_cache(void) {
    images_close(&images);
    text_release(&said);
    folder_remove();
}

static void prune(bool all) {
    text_release(&said);
    ck_assert_msg(images_prune(&images, all, told_take, &said, &err) == 0, "%s", err.what);
}

static bool is_there(const char *name) {
    return file_exists(path_of(name));
}

static void expect(const char *words) {
    ck_assert_msg(strstr(text_get(&said), words) != NULL, "'%s' is not in:\n%s", words,
                  text_get(&said));
}

START_TEST(only_what_is_replaced_goes) {
    prune(false);
    expect("router-root" OLD ": superseded, 0 MB\n");
    expect("docker-x-0a-root" OLD ": superseded, 0 MB\n");
    expect("docker-x-0a-data" OLD ": superseded, 0 MB\n");
    expect("gone-data" OLD ": without its root filesystem, 0 MB\n");
    expect("freed: 4 entries, 0 MB\nkept: what came by reference or by other recipes, 0 MB");
    ck_assert(!is_there("router-root" OLD) && !is_there("docker-x-0a-root" OLD));
    ck_assert(is_there(wanted) && is_there("docker-x-0a-root" NEW));
    ck_assert(is_there("docker-x-0a-data" NEW) && is_there("mine-adapter" OLD));
    ck_assert(is_there("tag-docker-x-0a.json"));
    prune(false);
    expect("nothing to free\n");
}
END_TEST

// A file that entries share is freed with the last of them.
START_TEST(what_is_shared_counts_once) {
    cleanup_free char *large = xcalloc(1, 3000001);
    memset(large, 'x', 3000000);
    static const char one[] = "router-root-0000000000000003/large",
                      other[] = "router-root-0000000000000004/large";
    make("router-root-0000000000000003", NULL, "large", large);
    make("router-root-0000000000000004", NULL, "large", large);
    ck_assert_int_eq(unlink(path_of(other)) | link(path_of(one), path_of(other)), 0);
    prune(false);
    expect("router-root-0000000000000003: superseded, 0 MB\n");
    expect("router-root-0000000000000004: superseded, 3 MB\n");
    expect("freed: 6 entries, 3 MB\n");
}
END_TEST

START_TEST(all_leaves_what_recipes_want) {
    prune(true);
    expect("docker-x-0a-root" NEW ": by reference, 0 MB\n");
    expect("docker-x-0a-data" NEW ": by reference, 0 MB\n");
    expect("mine-adapter" OLD ": of no recipe that is known here, 0 MB\n");
    expect("freed: 7 entries, 0 MB\n");
    ck_assert(!strstr(text_get(&said), "kept"));
    ck_assert(is_there(wanted) && !is_there("tag-docker-x-0a.json"));
}
END_TEST

// A tag that moved to something unusable has left a newer root behind.
START_TEST(what_a_tag_means_stays) {
    static const char sha[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    images.fixtures = "fixtures";
    struct server_recipe *recipe =
        images_server_by_reference(&images, "mine=docker://here/x:1", &err);
    ck_assert_msg(recipe != NULL, "%s", err.what);
    ck_assert_int_eq(tag_keep(&images, recipe, sha, &err), 0);
    ck_assert(tag_recall(&images, recipe));
    struct debian_root root = server_root(recipe);
    const char *right = strrchr(debian_entry(&images, &root), '/') + 1;
    const char *data = arena_printf(images.arena, "%s-data" OLD, recipe->store);
    const char *newer = arena_printf(images.arena, "%s-root" OLD, recipe->store);
    make(right, NULL, "learned.json", "{}");
    make(data, right, "entry.json",
         "{\"name\":\"mine\",\"reference\":\"docker://here/x:1\",\"flavour\":\"MySQL\","
         "\"full\":\"8.4.3\"}");
    make(newer, NULL, "learned.json", "{ }");
    prune(false);
    ck_assert_msg(is_there(right) && is_there(data) && !is_there(newer), "%s", text_get(&said));
}
END_TEST

START_TEST(what_is_in_use_stays) {
    cleanup_close int lock = open(path_of("docker-x-0a-root" NEW), O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(flock(lock, LOCK_SH), 0);
    prune(true);
    expect("docker-x-0a-root" NEW ": by reference, but another goneaway is using it\n");
    ck_assert(is_there("docker-x-0a-root" NEW) && is_there("tag-docker-x-0a.json"));
}
END_TEST

static const char *const damaged[] = {wanted, "docker-x-0a-root" NEW, "mine-adapter" OLD};

START_TEST(what_is_damaged_goes) {
    cleanup_free char *manifest = xprintf("%s/manifest", path_of(damaged[_i]));
    cleanup_free char *line = xprintf("%s: damaged, 0 MB\n", damaged[_i]);
    ck_assert_int_eq(unlink(manifest), 0);
    prune(false);
    expect(line);
    ck_assert(!is_there(damaged[_i]));
    ck_assert(_i != 1 || !is_there("docker-x-0a-data" NEW));
    ck_assert(is_there("tag-docker-x-0a.json")); // what it meant is known, and can be made anew
}
END_TEST

START_TEST(servers_by_reference_are_listed) {
    cleanup_free struct stocked *servers = NULL;
    ck_assert_uint_eq(images_stocked(&images, &servers), 1);
    ck_assert_str_eq(servers->name, "docker-x");
    ck_assert_str_eq(servers->reference, "oci:/x");
    ck_assert_int_eq(servers->state, CACHE_READY);
    free(servers);
    make("docker-x-0a-data" NEW, "docker-x-0a-root" NEW, "entry.json", REFERENCE("oci:\\u001b[2J"));
    ck_assert_uint_eq(images_stocked(&images, &servers), 1);
    ck_assert_str_eq(servers->reference, "oci:\\x1b[2J");
}
END_TEST

START_TEST(no_cache_is_nothing) {
    images.cache.folder = "/nonexistent/goneaway";
    prune(true);
    expect("nothing to free\n");
}
END_TEST

Suite *suite_prune(void) {
    Suite *suite = suite_create("prune");
    TCase *cases = tcase_create("prune");
    tcase_add_checked_fixture(cases, make_cache, remove_cache);
    tcase_add_test(cases, only_what_is_replaced_goes);
    tcase_add_test(cases, what_is_shared_counts_once);
    tcase_add_test(cases, all_leaves_what_recipes_want);
    tcase_add_test(cases, what_a_tag_means_stays);
    tcase_add_test(cases, what_is_in_use_stays);
    tcase_add_loop_test(cases, what_is_damaged_goes, 0, (int)COUNT_OF(damaged));
    tcase_add_test(cases, servers_by_reference_are_listed);
    tcase_add_test(cases, no_cache_is_nothing);
    suite_add_tcase(suite, cases);
    return suite;
}
