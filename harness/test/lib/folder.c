// SPDX-License-Identifier: Apache-2.0
// folder.c - a folder of the test's own, and files in it
#include "test/lib/folder.h"

#include "base/file.h"

#include <check.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char test_folder[64];
static char before[PATH_MAX]; // "": it was not entered

void folder_make(const char *prefix, mode_t mode) {
    snprintf(test_folder, sizeof test_folder, "%s-XXXXXX", prefix);
    ck_assert_msg(mkdtemp(test_folder) != NULL, "%s cannot be made", test_folder);
    ck_assert_int_eq(chmod(test_folder, mode), 0);
}

void folder_enter(const char *prefix, mode_t mode) {
    folder_make(prefix, mode);
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_int_eq(chdir(test_folder), 0);
}

void folder_remove(void) {
    struct err err = {0};
    if (*before)
        ck_assert_int_eq(chdir(before), 0);
    ck_assert_msg(file_remove_tree(test_folder, &err) == 0, "%s", err.what);
    *before = *test_folder = '\0';
}

char *folder_path(const char *name) {
    return xprintf("%s/%s", test_folder, name);
}

void folder_put(const char *name, const char *content) {
    struct err err = {0};
    cleanup_free char *path = folder_path(name);
    cleanup_free char *above = xprintf("%.*s", (int)(strrchr(path, '/') - path), path);
    ck_assert_msg(file_make_folders(above, 0755, &err) == 0 &&
                      file_write(path, content, strlen(content), &err) == 0,
                  "%s", err.what);
}

size_t folder_count(const char *pattern) {
    cleanup_free char *path = *pattern == '/' ? xstrdup(pattern) : folder_path(pattern);
    glob_t found = {0};
    glob(path, 0, NULL, &found);
    size_t count = found.gl_pathc;
    globfree(&found);
    return count;
}
