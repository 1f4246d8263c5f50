// SPDX-License-Identifier: Apache-2.0
// estimate.c - what `prepare` says beforehand
#include "base/file.h"
#include "cache/manifest.h"
#include "image/debian.h"
#include "image/estimate.h"
#include "image/image.h"
#include "image/roots.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <stdlib.h>
#include <string.h>

static struct err err;
static struct images images;

#define OWN "title: T\ncommand: [a]\nsuite: "

static void make_fixtures(void) {
    folder_make("/tmp/goneaway-test", 0700);
    folder_put("servers/one/recipe.yml", "title: T\nvendor: mysql\nsuite: sid\npackages: [s]\n"
                                         "megabytes: 300\ndaemon: /d\ninitialise: [/i]\n");
    folder_put("connectors/a/recipe.yml", OWN "sid\npackages: [p]\nmegabytes: 100\n");
    folder_put("connectors/same/recipe.yml", OWN "sid\npackages: [p]\nmegabytes: 100\n");
    folder_put("connectors/inside/recipe.yml", "title: T\nimage: one\ncommand: [a]\n");
    folder_put("connectors/static/recipe.yml",
               OWN "sid\nbuild_packages: [cc]\nsources: [a.c]\nbuild: [cc]\n");
    folder_put("connectors/static/a.c", "\n");
    folder_put("connectors/unsaid/recipe.yml", OWN "trixie\npackages: [p]\n");
    folder_put("connectors/small/recipe.yml", OWN "trixie\npackages: [q]\nmegabytes: 1\n");
    cleanup_free char *cache = folder_path("cache");
    setenv("GONEAWAY_CACHE", cache, 1);
    ck_assert_msg(images_open(&images, test_folder, &err) == 0, "%s", err.what);
}

static void remove_fixtures(void) {
    images_close(&images);
    folder_remove();
}

// The connectors' names between commas; with "one" the server.
static void expect(const char *names, const char *text) {
    struct estimate estimate = {0};
    cleanup_free char **words = text_split(names);
    for (char **word = words; *word; word++)
        if (strcmp(*word, "one") == 0)
            estimate_server(&estimate, &images, &images.servers[0]);
        else
            estimate_connector(&estimate, &images, images_connector(&images, *word, &err));
    cleanup_free char *got = estimate_text(&estimate);
    estimate_release(&estimate);
    ck_assert_pstr_eq(got, text);
}

static const struct {
    const char *names, *text;
} cases[] = {
    {"a", "to make: 1 image, up to 100 MB on disk and about 34 MB to download"},
    {"a,same", "to make: 1 image, up to 100 MB on disk and about 34 MB to download"},
    {"one,inside", "to make: 1 image, up to 300 MB on disk and about 84 MB to download"},
    {"one,a", "to make: 2 images, up to 320 MB on disk and about 118 MB to download"},
    {"small,a,one", "to make: 3 images, up to 321 MB on disk and about 127 MB to download"},
    {"unsaid", "to make: 1 image of unknown size"},
    {"static", "to make: 1 image; 1 adapter, built with packages that are not kept"},
    {"a,static,unsaid",
     "to make: 3 images, up to 100 MB on disk and about 34 MB to download, not counting 1 of "
     "unknown size; 1 adapter, built with packages that are not kept"},
};

START_TEST(what_lacks_is_told) {
    expect(cases[_i].names, cases[_i].text);
}
END_TEST

START_TEST(what_is_there_takes_nothing) {
    struct debian_root root = connector_root(&images, images_connector(&images, "a", &err));
    const char *entry = debian_entry(&images, &root);
    ck_assert_int_eq(file_make_folders(entry, 0755, &err), 0);
    ck_assert_int_eq(manifest_write(entry, NULL, &err), 0);
    expect("a,same", NULL);
    expect("a,one", "to make: 1 image, up to 220 MB on disk and about 84 MB to download");
}
END_TEST

Suite *suite_estimate(void) {
    Suite *suite = suite_create("estimate");
    TCase *all = tcase_create("estimate");
    tcase_add_checked_fixture(all, make_fixtures, remove_fixtures);
    tcase_add_loop_test(all, what_lacks_is_told, 0, (int)COUNT_OF(cases));
    tcase_add_test(all, what_is_there_takes_nothing);
    suite_add_tcase(suite, all);
    return suite;
}
