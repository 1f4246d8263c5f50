// SPDX-License-Identifier: Apache-2.0
// share.c - which files of two entries become one, and what removing an entry would free
#include "base/file.h"
#include "base/text.h"
#include "cache/manifest.h"
#include "cache/share.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OLD "a-root-0000000000000001"

static struct err err;

static void shell(const char *script) {
    cleanup_free char *command = xprintf("cd '%s' && { %s\n}", test_folder, script);
    ck_assert_msg(system(command) == 0, "%s", script); // NOLINT(cert-env33-c): for this
}

// A cache with an entry of 3 MB, and an equal one in the making.
static void make_cache(void) {
    folder_make("/tmp/goneaway-test", 0700);
    shell("mkdir -p " OLD "/root/lib tmp\n"
          "echo program > " OLD "/root/program; echo compiled > " OLD "/root/lib/a.pyc\n"
          "head -c 3000000 /dev/urandom > " OLD "/root/lib/large; ln -s large " OLD
          "/root/lib/link\n"
          "mkfifo " OLD "/root/fifo; : > " OLD "/root/empty\n"
          "cp -a " OLD " tmp/new");
}

static void remove_cache(void) {
    folder_remove();
}

static void share(void) {
    cleanup_free char *made = folder_path("tmp/new"), *aside = folder_path("tmp");
    share_files(test_folder, "root", made, aside);
    ck_assert_uint_eq(folder_count("tmp/link"), 0);
}

static ino_t inode(const char *folder, const char *file) {
    struct stat info;
    cleanup_free char *name = xprintf("%s/root/%s", folder, file), *path = folder_path(name);
    ck_assert_msg(lstat(path, &info) == 0, "%s", path);
    return info.st_ino;
}

static bool is_shared(const char *file) {
    return inode(OLD, file) == inode("tmp/new", file);
}

START_TEST(equal_files_are_stored_once) {
    share();
    ck_assert(is_shared("program") && is_shared("lib/a.pyc") && is_shared("lib/large"));
    ck_assert(!is_shared("lib/link") && !is_shared("fifo") && !is_shared("empty"));
}
END_TEST

static const struct {
    const char *change; ///< in tmp/new/root
    const char *file;
    bool shared;
} changes[] = {
    {"printf 'Program\\n' > program; touch -r ../../../" OLD "/root/program program", "program",
     false},
    {"echo programs > program; touch -r ../../../" OLD "/root/program program", "program", false},
    {"chmod 755 program", "program", false},
    {"touch -d 2020-01-01 program", "program", false}, // a compiled file may name it
    {"touch -d 2020-01-01 lib/a.pyc", "lib/a.pyc", true},
    {"mv program other; ln -s other program", "program", false},
    {"chmod 000 program", "program", false},
};

START_TEST(others_stay) {
    cleanup_free char *script = xprintf("cd tmp/new/root; %s", changes[_i].change);
    shell(script);
    share();
    ck_assert_int_eq(is_shared(changes[_i].file), changes[_i].shared);
    ck_assert(is_shared("lib/large"));
}
END_TEST

START_TEST(only_entries_of_that_kind_are_looked_at) {
    shell("mv " OLD " a-data-0000000000000001; mkdir -p root/x b; cp -a tmp/new c-root");
    share();
    cleanup_free char *made = folder_path("tmp/new");
    struct share_size size = share_measure(made);
    ck_assert_int_eq(size.bytes, size.own_bytes);
}
END_TEST

START_TEST(accident_is_noticed_by_each) {
    cleanup_free char *old = folder_path(OLD), *made = folder_path("tmp/new");
    share();
    ck_assert_int_eq(manifest_write(old, NULL, &err) + manifest_write(made, NULL, &err), 0);
    ck_assert_int_eq(manifest_compare(made, NULL, true, &err), 1);
    shell("echo PROGRAM > " OLD "/root/program");
    ck_assert_int_eq(manifest_compare(old, NULL, true, &err), 0);
    ck_assert_int_eq(manifest_compare(made, NULL, true, &err), 0);
    ck_assert_str_eq(err.what, "root/program: its content differs");
}
END_TEST

START_TEST(links_count_once) {
    cleanup_free char *old = folder_path(OLD), *made = folder_path("tmp/new");
    struct share_size alone = share_measure(made);
    ck_assert_int_ge(alone.bytes, 3000000);
    ck_assert_int_eq(alone.own_bytes, alone.bytes);
    shell("ln tmp/new/root/lib/large tmp/new/root/again");
    struct share_size twice = share_measure(made);
    ck_assert_int_eq(twice.bytes, alone.bytes);
    ck_assert_int_eq(twice.own_bytes, alone.bytes);
    shell("rm tmp/new/root/again");
    share();
    struct share_size shared = share_measure(made);
    ck_assert_int_eq(shared.bytes, alone.bytes);
    ck_assert_int_lt(shared.own_bytes, 100000);
    ck_assert_int_eq(file_remove_tree(old, &err), 0);
    ck_assert_int_eq(share_measure(made).own_bytes, alone.bytes);
}
END_TEST

Suite *suite_share(void) {
    Suite *suite = suite_create("share");
    TCase *cases = tcase_create("share");
    tcase_add_checked_fixture(cases, make_cache, remove_cache);
    tcase_add_test(cases, equal_files_are_stored_once);
    tcase_add_loop_test(cases, others_stay, 0, (int)COUNT_OF(changes));
    tcase_add_test(cases, only_entries_of_that_kind_are_looked_at);
    tcase_add_test(cases, accident_is_noticed_by_each);
    tcase_add_test(cases, links_count_once);
    suite_add_tcase(suite, cases);
    return suite;
}
