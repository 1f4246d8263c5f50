// SPDX-License-Identifier: Apache-2.0
// skeleton.c - what `goneaway adapter new` lists, copies and refuses
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/file.h"
#include "catalog/skeleton.h"

#include <stdio.h>
#include <string.h>

static struct images images;
static struct err err;

static void begin(void) {
    ck_assert_msg(images_open(&images, "fixtures", &err) == 0, "%s", err.what);
    folder_make("/tmp/goneaway-skeleton", 0700);
}

static void end(void) {
    images_close(&images);
    folder_remove();
}

// The output, to be freed; `ret` as from skeleton_new().
static char *asked(char *language, char *folder, int *ret) {
    char *text = NULL, *arguments[] = {language, folder, NULL};
    size_t length = 0;
    int count = 0;
    while (arguments[count])
        count++;
    err = (struct err){0};
    FILE *out = open_memstream(&text, &length);
    *ret = skeleton_new(out, &images, count, arguments, &err);
    fclose(out);
    return text;
}

START_TEST(languages_are_listed) {
    int ret;
    cleanup_free char *text = asked(NULL, NULL, &ret);
    ck_assert_int_eq(ret, 0);
    ck_assert_ptr_nonnull(strstr(text, "c            MariaDB Connector/C"));
    ck_assert_ptr_nonnull(strstr(text, "\njava         MariaDB Connector/J"));
    ck_assert_ptr_nonnull(strstr(text, "\npython       PyMySQL"));
}
END_TEST

static void copy_one(void *context, const char *language, const struct connector_recipe *recipe) {
    int ret;
    cleanup_free char *folder = xprintf("%s/it's %s", test_folder, language);
    cleanup_free char *text = asked((char *)language, folder, &ret);
    cleanup_free char *next = xprintf("\n  cd '%s/it'\\''s %s'\n", test_folder, language);
    ck_assert_msg(ret == 0, "%s", err.what);
    ck_assert_msg(strstr(text, next) != NULL, "%s", text);
    ck_assert_msg(strstr(text, recipe->skeleton->command) != NULL, "%s", text);
    for (size_t i = 0; i < recipe->skeleton->files.count; i++) {
        const char *file = ((const char **)recipe->skeleton->files.items)[i];
        const char *slash = strrchr(file, '/');
        cleanup_free char *from = xprintf("%s/%s", recipe->home, file);
        cleanup_free char *to = xprintf("%s/%s", folder, slash ? slash + 1 : file);
        cleanup_text struct text one = {0}, other = {0};
        ck_assert_msg(file_read(from, 1 << 20, &one, &err) == 0, "%s", err.what);
        ck_assert_msg(file_read(to, 1 << 20, &other, &err) == 0, "%s", err.what);
        ck_assert_str_eq(text_get(&one), text_get(&other));
    }
    ++*(int *)context;
}

START_TEST(each_is_copied_whole) {
    int count = 0;
    skeletons_visit(&images, copy_one, &count);
    ck_assert_int_ge(count, 3);
}
END_TEST

// Work that somebody has begun must not be lost.
START_TEST(what_is_there_stays) {
    int ret;
    cleanup_free char *file = folder_path("adapter.py");
    ck_assert_msg(file_write(file, "mine", 4, &err) == 0, "%s", err.what);
    free(asked("python", test_folder, &ret));
    ck_assert_int_eq(ret, -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.what, " is not empty"));
    cleanup_text struct text still = {0};
    ck_assert_msg(file_read(file, 100, &still, &err) == 0, "%s", err.what);
    ck_assert_str_eq(text_get(&still), "mine");
    free(asked("python", file, &ret));
    ck_assert_int_eq(ret, -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
}
END_TEST

static const struct {
    const char *language, *what, *remedy;
} refused[] = {
    {"pyhton", "there is no skeleton in 'pyhton'; choose from ",
     "did you mean `goneaway adapter new python`?"},
    {"cobol", "there is no skeleton in 'cobol'; choose from ",
     "PROTOCOL.md in fixtures/connectors is all that it takes in any language"},
    {"python", "`goneaway adapter new python` needs one folder", "goneaway adapter new python DIR"},
};

START_TEST(wrong_words_are_refused) {
    int ret;
    free(asked((char *)refused[_i].language, NULL, &ret));
    ck_assert_int_eq(ret, -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_msg(strncmp(err.what, refused[_i].what, strlen(refused[_i].what)) == 0, "%s",
                  err.what);
    ck_assert_str_eq(err.remedy, refused[_i].remedy);
}
END_TEST

Suite *suite_skeleton(void) {
    Suite *suite = suite_create("skeleton");
    TCase *all = tcase_create("skeleton");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, languages_are_listed);
    tcase_add_test(all, each_is_copied_whole);
    tcase_add_test(all, what_is_there_stays);
    tcase_add_loop_test(all, wrong_words_are_refused, 0, (int)COUNT_OF(refused));
    suite_add_tcase(suite, all);
    return suite;
}
