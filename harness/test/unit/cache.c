// SPDX-License-Identifier: Apache-2.0
// cache.c - cache entries damaged by accident: detected, reported and made anew
#include "base/file.h"
#include "cache/aside.h"
#include "cache/cache.h"
#include "cache/manifest.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"
#include "test/lib/told.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#define NAME "a-root-0000000000000001"

// The test's own cache, with one entry.
static char entry[128];
static const char *base; // what it is made with, or NULL
static struct err err;
static struct cache cache;
static struct text said;

// Runs a script in a folder of the cache.
static void shell(const char *folder, const char *script) {
    cleanup_free char *command = xprintf("cd '%s' && { %s\n}", folder, script);
    ck_assert_msg(system(command) == 0, "%s", script); // NOLINT(cert-env33-c): for this
}

static const char make_content[] =
    "mkdir -p root/bin root/empty\n"
    "echo program > root/bin/program; chmod 755 root/bin/program\n"
    "echo other > \"$(printf 'root/odd\\n\\\\name\\303\\251')\"\n"
    "ln -s /etc/passwd root/link; mkfifo root/fifo; echo '{\"version\":\"1.2\"}' > entry.json";

static int make_entry(struct keeper *keeper, void *context, struct err *job_err) {
    (void)context;
    cleanup_close int lock = -1;
    if (cache_lock(keeper, "a", &lock, job_err) < 0)
        return -1;
    int there = cache_want(keeper, &cache, "a", entry, base, job_err);
    if (there != 0)
        return there < 0 ? -1 : 0;
    cleanup_free char *folder = xprintf("%s/new", keeper->aside);
    if (file_make_folders(folder, 0755, job_err) < 0)
        return -1;
    shell(folder, make_content);
    return cache_publish(keeper, folder, entry, base, job_err);
}

static int make(void) {
    text_release(&said);
    return keeper_run(test_folder, make_entry, NULL, told_take, &said, &err);
}

static void make_cache(void) {
    folder_make("/tmp/goneaway-test", 0700);
    snprintf(entry, sizeof entry, "%s/" NAME, test_folder);
    base = NULL;
    cache = (struct cache){.folder = test_folder};
    ck_assert_msg(make() == 0, "%s", err.what);
    ck_assert_str_eq(text_get(&said), "");
}

static void remove_cache(void) {
    cache_close(&cache);
    text_release(&said);
    folder_remove();
}

static enum cache_state hold(bool digests) {
    cache_close(&cache);
    cache = (struct cache){.folder = test_folder};
    return cache_hold(&cache, entry, base, digests, &err);
}

START_TEST(a_new_entry_fits) {
    ck_assert_msg(hold(false) == CACHE_READY, "%s", err.what);
    ck_assert_msg(hold(true) == CACHE_READY, "%s", err.what);
    ck_assert_int_eq(make(), 0);
    ck_assert_str_eq(text_get(&said), "");
}
END_TEST

// Damage done inside the entry, and how it is reported.
static const struct damage {
    const char *script, *message;
    bool digests; ///< whether only digests reveal it
} damages[] = {
    {"rm -r root", "root: missing", false},
    {"rm -r root/empty", "root/empty: missing", false},
    {"rm root/bin/program", "root/bin/program: missing", false},
    {": > root/bin/program", "root/bin/program: 0 bytes instead of 8", false},
    {"truncate -s 5 root/bin/program", "root/bin/program: 5 bytes instead of 8", false},
    {"printf P | dd of=root/bin/program conv=notrunc 2>/dev/null",
     "root/bin/program: its content differs", true},
    {"chmod a-x root/bin/program", "root/bin/program: permissions 6 instead of 7 of its owner",
     false},
    {"rm root/bin/program; mkfifo root/bin/program", "root/bin/program: a FIFO instead of a file",
     false},
    {"rm root/bin/program; ln -s /bin/true root/bin/program",
     "root/bin/program: a symbolic link instead of a file", false},
    {"mv root/bin moved; ln -s ../moved root/bin", "root/bin: a symbolic link instead of a folder",
     false},
    {"rm -r root; ln -s / root", "root: a symbolic link instead of a folder", false},
    {"ln -sf /etc/shadow root/link", "root/link: its content differs", true},
    {"ln -sf /etc/group root/link", "root/link: 10 bytes instead of 11", false},
    {"rm root/odd*", "root/odd\\x0a\\x5cname\\xc3\\xa9: missing", false},
    {"echo more > root/bin/more", "root/bin/more: was added", true},
    {"echo more > \"$(printf 'root/zz\\033[2J')\"", "root/zz\\x1b[2J: was added", true},
    {"mkdir root/zz; : > root/zz/more", "root/zz: was added", true},
    {": > entry.json", "entry.json: 0 bytes instead of 18", false},
    {"echo '{\"version\":\"1.3\"}' > entry.json", "entry.json: its content differs", false},
    {"rm manifest", "manifest: missing", false},
    {": > manifest", "manifest: torn", false},
    {"truncate -s -1 manifest", "manifest: torn", false},
    {"sed -i s/bin/bon/ manifest", "manifest: torn", false},
    {"sed -i '$d' manifest", "manifest: torn", false},
    {"truncate -s 2000 manifest", "manifest: torn", false},
    {"rm manifest; mkfifo manifest", "manifest: not a regular file", false},
    {"rm manifest; ln -s /dev/zero manifest", "manifest: Too many levels of symbolic links", false},
    {"rm -r *", "manifest: missing", false},
    {"cd ..; mv " NAME " moved; ln -s moved " NAME, "is not a folder", false},
    {"cd ..; mv " NAME " moved; echo file > " NAME, "is not a folder", false},
    {"cd ..; mv " NAME " moved; mkfifo " NAME, "is not a folder", false},
};

START_TEST(damage_is_told_and_heals) {
    const struct damage *damage = &damages[_i];
    shell(entry, damage->script);
    ck_assert_int_eq(hold(false), damage->digests ? CACHE_READY : CACHE_DAMAGED);
    ck_assert_int_eq(hold(true), CACHE_DAMAGED);
    ck_assert_msg(strstr(err.what, damage->message) != NULL, "%s", err.what);
    cache.digests = true;
    ck_assert_msg(make() == 0, "%s", err.what);
    ck_assert_msg(text_starts(text_get(&said), "a in the cache is damaged ("), "%s", said.data);
    ck_assert_ptr_nonnull(strstr(text_get(&said), damage->message));
    ck_assert_ptr_nonnull(strstr(text_get(&said), "); making it anew .."));
    ck_assert_msg(hold(true) == CACHE_READY, "%s", err.what);
    ck_assert_uint_eq(folder_count("tmp-*"), 0);
}
END_TEST

// An entry used by another process is not taken away, but nobody starts to use it.
START_TEST(damage_in_use_is_left) {
    struct cache other = {0};
    ck_assert_int_eq(cache_hold(&other, entry, NULL, false, &err), CACHE_READY);
    shell(entry, "printf P | dd of=root/bin/program conv=notrunc 2>/dev/null");
    cache.digests = true;
    ck_assert_int_eq(make(), -1);
    ck_assert_str_eq(err.what, "another goneaway is using it");
    ck_assert_str_eq(err.remedy,
                     "try again when that has ended, or set GONEAWAY_CACHE to another folder");
    cleanup_free char *program = xprintf("%s/root/bin/program", entry);
    ck_assert(file_exists(program));
    ck_assert_int_eq(hold(false), CACHE_DAMAGED);
    cache_close(&other);
    ck_assert_msg(make() == 0, "%s", err.what);
    ck_assert_msg(hold(true) == CACHE_READY, "%s", err.what);
}
END_TEST

// A job that fails leaves everything as it was.
static int fail_to_make(struct keeper *keeper, void *context, struct err *job_err) {
    (void)context;
    return cache_want(keeper, &cache, "a", entry, base, job_err) == 0
               ? err_set(job_err, "no network")
               : 0;
}

START_TEST(damage_stays_until_there_is_better) {
    shell(entry, "rm root/link");
    ck_assert_int_eq(keeper_run(test_folder, fail_to_make, NULL, told_take, &said, &err), -1);
    ck_assert_str_eq(err.what, "no network");
    cleanup_free char *program = xprintf("%s/root/bin/program", entry);
    ck_assert(file_exists(program));
}
END_TEST

START_TEST(contents_are_compared_once_after_a_failure) {
    cleanup_free char *part = xprintf("%s/root", entry);
    cleanup_free char *beside = xprintf("%s-more/root", entry);
    ck_assert_int_eq(hold(false), CACHE_READY);
    ck_assert_int_eq(cache_verify(&cache, beside, &err), 0);
    ck_assert_int_eq(cache_verify(&cache, "/", &err), 0);
    ck_assert_int_eq(cache_verify(&cache, NULL, &err), 0);
    shell(entry, "printf P | dd of=root/bin/program conv=notrunc 2>/dev/null");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(cache_verify(&cache, part, &err), -1);
        ck_assert_str_eq(err.what, NAME ": root/bin/program: its content differs");
    }
    ck_assert_int_eq(hold(false), CACHE_DAMAGED);
    ck_assert_str_eq(err.what, "manifest: missing");
    ck_assert_int_eq(make(), 0);
    ck_assert_int_eq(hold(false), CACHE_READY);
    ck_assert_int_eq(cache_verify(&cache, part, &err), 0);
}
END_TEST

START_TEST(what_others_own_is_refused) {
    skip_test_unless_root();
    shell(entry, "chown 65534 root/bin/program");
    ck_assert_int_eq(hold(false), CACHE_DAMAGED);
    ck_assert_str_eq(err.what, "root/bin/program: belongs to user 65534");
    shell(entry, "chown 54321 .");
    ck_assert_int_eq(hold(false), CACHE_REFUSED);
    cleanup_free char *message =
        xprintf("the cache at %s belongs to another user, 54321", test_folder);
    ck_assert_str_eq(err.what, message);
    ck_assert_str_eq(err.remedy, "set GONEAWAY_CACHE to a folder of your own");
    ck_assert_int_eq(make(), -1);
    ck_assert_str_eq(err.what, message);
    ck_assert_int_eq(cache_check_owner(test_folder, &err), 0);
    shell(test_folder, "chown 54321 .");
    ck_assert_int_eq(cache_check_owner(test_folder, &err), -1);
    ck_assert_str_eq(err.what, message);
}
END_TEST

START_TEST(what_others_may_write_is_refused) {
    shell(entry, "chmod o+w .");
    ck_assert_int_eq(hold(false), CACHE_REFUSED);
    ck_assert_msg(text_starts(err.what, "other users may write into "), "%s", err.what);
    ck_assert_msg(text_starts(err.remedy, "remove it (rm -rf "), "%s", err.remedy);
}
END_TEST

START_TEST(an_entry_of_another_format_is_no_manifest) {
    shell(entry, "sed -i '1s/1/0/' manifest");
    ck_assert_int_eq(hold(false), CACHE_DAMAGED);
    ck_assert_str_eq(err.what, "manifest: torn");
}
END_TEST

// A remade root filesystem may contain other versions.
START_TEST(what_was_made_with_another_is_made_anew) {
    cleanup_free char *root = folder_path("root");
    shell(test_folder, "mkdir -p root/bin; echo 1 > root/bin/x");
    ck_assert_int_eq(manifest_write(root, NULL, &err), 0);
    base = root;
    ck_assert_int_eq(hold(false), CACHE_DAMAGED);
    ck_assert_str_eq(err.what, "made with another root");
    ck_assert_int_eq(make(), 0);
    ck_assert_str_eq(text_get(&said),
                     "a in the cache is damaged (made with another root); making it anew ..\n");
    ck_assert_int_eq(hold(true), CACHE_READY);
    shell(test_folder, "echo 2 > root/bin/x");
    ck_assert_int_eq(manifest_write(root, NULL, &err), 0);
    ck_assert_int_eq(hold(false), CACHE_DAMAGED);
    base = NULL; // then that does not matter
    ck_assert_int_eq(hold(true), CACHE_READY);
}
END_TEST

START_TEST(stale_folders_are_seen) {
    ck_assert(!aside_is_left(test_folder));
    shell(test_folder, "mkdir tmp-abcdef");
    ck_assert(aside_is_left(test_folder));
    cleanup_free char *used = folder_path("tmp-abcdef");
    int lock = open(used, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(flock(lock, LOCK_EX), 0);
    ck_assert(!aside_is_left(test_folder));
    close(lock);
}
END_TEST

Suite *suite_cache(void) {
    Suite *suite = suite_create("cache");
    TCase *cases = tcase_create("cache");
    tcase_add_checked_fixture(cases, make_cache, remove_cache);
    tcase_set_timeout(cases, 30);
    tcase_add_test(cases, a_new_entry_fits);
    tcase_add_loop_test(cases, damage_is_told_and_heals, 0, (int)COUNT_OF(damages));
    tcase_add_test(cases, damage_in_use_is_left);
    tcase_add_test(cases, damage_stays_until_there_is_better);
    tcase_add_test(cases, contents_are_compared_once_after_a_failure);
    tcase_add_test(cases, what_others_own_is_refused);
    tcase_add_test(cases, what_others_may_write_is_refused);
    tcase_add_test(cases, an_entry_of_another_format_is_no_manifest);
    tcase_add_test(cases, what_was_made_with_another_is_made_anew);
    tcase_add_test(cases, stale_folders_are_seen);
    suite_add_tcase(suite, cases);
    return suite;
}
