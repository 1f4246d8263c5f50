// SPDX-License-Identifier: Apache-2.0
// shelf.c - finds the file of outcomes for a connector and a server
#include "baseline/shelf.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err err;
static struct shelf *shelf;

static void put(const char *path, const char *connector, const char *server) {
    cleanup_free char *yaml =
        xprintf("goneaway-outcomes: 1\nconnector: %s\nserver: %s\n", connector, server);
    folder_put(path, yaml);
}

static void set_up(void) {
    err = (struct err){0};
    folder_make("/tmp/goneaway-shelf", 0700);
    shelf = shelf_open(test_folder);
}

static void tear_down(void) {
    shelf_close(shelf);
    folder_remove();
}

static struct place place_of(const char *connector, const char *version, const char *server,
                             const char *server_version) {
    return (struct place){.connector = connector,
                          .connector_version = version,
                          .family = strcmp(connector, "c") == 0 ? "c" : "family",
                          .server = server,
                          .server_version = server_version,
                          .vendor = "mysql"};
}

static const struct {
    const char *connector, *version, *server_version;
    const char *file; // NULL: none
    bool borrowed;
} rows[] = {
    {"c-3.4", "3.4.8", "9.7.4", "c-3.4.8/mysql-9.7.4.yml", false},
    {"c-3.4", "3.4.8-2", "9.7.4", "c-3.4.8/mysql-9.7.4.yml", false},
    {"c-3.4", "3.4.7", "9.7.4", "c-3.4.5/mysql-9.7.4.yml", true},
    {"c-3.4", "3.4.9", "9.7.4", "c-3.4.8/mysql-9.7.4.yml", true},
    {"c-3.4", "3.4.1", "9.7.4", "c-3.4.5/mysql-9.7.4.yml", true},
    {"c-3.4", "3.4.8", "9.7.5", "c-3.4.8/mysql-9.7.4.yml", true},
    {"c-3.4", "3.4.8", "9.7.9", "c-3.4.8/mysql-9.7.8.yml", true},
    {"c-3.4", "3.4.8", "9.7.1", "c-3.4.8/mysql-9.7.4.yml", true},
    {"c", "3.3.14", "9.7.4", NULL, false},
    {"mine", "1.0", "9.7.4", "family-1.0/mysql-9.7.4.yml", false},
    {"../c", "1.0", "9.7.4", "family-1.0/mysql-9.7.4.yml", false},
};

static void fill(void) {
    put("c-3.4.5/mysql-9.7.4.yml", "c-3.4 3.4.5", "mysql-9.7 9.7.4");
    put("c-3.4.8/mysql-9.7.4.yml", "c-3.4 3.4.8", "mysql-9.7 9.7.4");
    put("c-3.4.8/mysql-9.7.8.yml", "c-3.4 3.4.8", "mysql-9.7 9.7.8");
    put("c-3.4.8/mysql-5.6.24.yml", "c-3.4 3.4.8", "mysql-5.6 5.6.24");
    put("family-1.0/mysql-9.7.4.yml", "family 1.0", "mysql-9.7 9.7.4");
    put("family-1.0/notes.txt", "nobody", "asks");
}

START_TEST(finds_nearest) {
    fill();
    struct place place =
        place_of(rows[_i].connector, rows[_i].version, "mysql-9.7", rows[_i].server_version);
    for (int again = 0; again < 2; again++) {
        bool borrowed;
        char *warning;
        const struct baseline *found = shelf_find(shelf, &place, &borrowed, &warning);
        ck_assert_msg(!warning, "%s", warning);
        ck_assert_int_eq(found == NULL, rows[_i].file == NULL);
        if (found)
            ck_assert_str_eq(found->path + strlen(test_folder) + 1, rows[_i].file);
        ck_assert_int_eq(borrowed, rows[_i].borrowed);
    }
}
END_TEST

// For a server that no file names.
static const struct {
    const char *server, *vendor, *version, *file; // NULL: none
    bool borrowed;
} kin[] = {
    {"mysql-9.7", "mysql", "9.7.9", "c-3.4.8/mysql-9.7.8.yml", true},
    {"docker-mysql-9.7", "mysql", "9.7.4", "c-3.4.8/mysql-9.7.4.yml", false},
    {"docker-mysql-8.4", "mysql", "8.4.3", "c-3.4.8/mysql-9.7.4.yml", true},
    {"docker-mysql-5.7", "mysql", "5.7.44", "c-3.4.8/mysql-5.6.24.yml", true},
    {"docker-mysql-10", "mysql", "10.0.1", "c-3.4.8/mysql-9.7.8.yml", true},
    {"docker-mysql-5.5", "mysql", "5.5.62", "c-3.4.8/mysql-5.6.24.yml", true},
    {"old", "mysql", "9.8.0", "c-3.4.8/mysql-9.7.8.yml", true},
    {"mysql-8.4", "mysql", "8.4.3", "c-3.4.8/mysql-9.7.4.yml", true},
    {"docker-mariadb-11", "mariadb", "11.4.2", NULL, false},
    {"unknown", "", "8.4.3", NULL, false},
};

START_TEST(finds_kin) {
    bool borrowed;
    char *warning;
    fill();
    struct place place = place_of("c-3.4", "3.4.8", kin[_i].server, kin[_i].version);
    place.vendor = kin[_i].vendor;
    const struct baseline *found = shelf_find_kin(shelf, &place, &borrowed, &warning);
    ck_assert_msg(!warning, "%s", warning);
    ck_assert_int_eq(found == NULL, kin[_i].file == NULL);
    if (found)
        ck_assert_str_eq(found->path + strlen(test_folder) + 1, kin[_i].file);
    ck_assert_int_eq(borrowed, kin[_i].borrowed);
}
END_TEST

START_TEST(warns_of_what_it_cannot_read) {
    bool borrowed;
    char *warning;
    put("c-1.0/mysql-9.7.4.yml", "[", "mysql-9.7 9.7.4");
    struct place place = place_of("c", "1.0", "mysql-9.7", "9.7.4");
    ck_assert_ptr_null(shelf_find(shelf, &place, &borrowed, &warning));
    ck_assert_ptr_nonnull(strstr(warning, "mysql-9.7.4.yml:"));
    free(warning);
}
END_TEST

// A stranger's folder cannot make other files be read or written.
START_TEST(links_lead_nowhere) {
    bool borrowed;
    char *warning;
    put("../goneaway-shelf-other/mysql-9.7.4.yml", "c 1.0", "mysql-9.7 9.7.4");
    cleanup_free char *link = folder_path("c-1.0");
    cleanup_free char *inner = folder_path("c-1.0/mysql-9.7.4.yml");
    cleanup_free char *new = folder_path("c-1.0/mysql-9.7.9.yml");
    ck_assert_int_eq(symlink("../goneaway-shelf-other", link), 0);
    struct place place = place_of("c", "1.0", "mysql-9.7", "9.7.4");
    ck_assert_ptr_null(shelf_find(shelf, &place, &borrowed, &warning));
    ck_assert_ptr_nonnull(strstr(warning, "a link that leads out of "));
    free(warning);
    ck_assert_int_eq(shelf_holds(shelf, inner, &err), -1);
    ck_assert_int_eq(shelf_holds(shelf, new, &err), -1);
    ck_assert_int_eq(unlink(link), 0);
    ck_assert_int_eq(mkdir(link, 0755), 0);
    ck_assert_int_eq(shelf_holds(shelf, new, &err), 0);
    ck_assert_int_eq(symlink("/no/such/file", new), 0);
    ck_assert_int_eq(shelf_holds(shelf, new, &err), -1);
    cleanup_free char *other = folder_path("../goneaway-shelf-other");
    file_remove_tree(other, &err);
}
END_TEST

START_TEST(refuses_what_is_no_shelf) {
    cleanup_free char *message =
        xprintf("%s: has no CONNECTOR-VERSION/SERVER-VERSION.yml", test_folder);
    ck_assert_int_eq(shelf_read_all(shelf, &err), -1);
    ck_assert_str_eq(err.what, message);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    put("c-1.0/x.yml", "[", "mysql-9.7 9.7.4");
    ck_assert_int_eq(shelf_read_all(shelf, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.what, "x.yml:"));
}
END_TEST

static const struct {
    const char *connector, *version, *server, *server_version, *path;
} paths[] = {
    {"c-3.4", "3.4.8", "mysql-9.7", "9.7.4", "c-3.4.8/mysql-9.7.4.yml"},
    {"c", "3.3.14", "mariadb-10.11", "10.11.14", "c-3.3.14/mariadb-10.11.14.yml"},
    {"c-3.3", "3.4.8", "m", "1", "c-3.3-3.4.8/m-1.yml"},
    {"c", "", "m", "", "c-unknown/m-unknown.yml"},
    {"../../c", "/etc/x", "..", "1 (x)", "_._.._c-_etc_x/_.-1.yml"},
    {"c", "2.0.0-SNAPSHOT", "m", "8.0.39-30", "c-2.0.0_SNAPSHOT/m-8.0.39_30.yml"},
    {"my-conn", "1.0-rc1", "m", "1", "my-conn-1.0_rc1/m-1.yml"},
};

START_TEST(names_files) {
    struct place place = place_of(paths[_i].connector, paths[_i].version, paths[_i].server,
                                  paths[_i].server_version);
    cleanup_free char *path = shelf_path(shelf, &place);
    const char *name = path + strlen(test_folder) + 1;
    ck_assert_str_eq(name, paths[_i].path);
}
END_TEST

// Whatever its name, a file written by one run is found by the next.
START_TEST(finds_what_it_has_named) {
    const char *connector = paths[_i].connector, *version = paths[_i].version;
    const char *server = paths[_i].server, *server_version = paths[_i].server_version;
    struct place place = place_of(connector, version, server, server_version);
    place.family = "other";
    cleanup_free char *path = shelf_path(shelf, &place);
    cleanup_free char *whose = xprintf("\"%s %s\"", connector, version);
    cleanup_free char *which = xprintf("\"%s %s\"", server, server_version);
    put(path + strlen(test_folder) + 1, whose, which);
    bool borrowed;
    char *warning;
    const struct baseline *found = shelf_find(shelf, &place, &borrowed, &warning);
    ck_assert_msg(!warning, "%s", warning);
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->path, path);
    ck_assert(!borrowed);
}
END_TEST

START_TEST(tells_files_from_folders) {
    struct shelf *file = shelf_open("/no/such/b.yml"), *none = shelf_open("/no/such/b");
    ck_assert(!shelf_is_folder(file) && shelf_is_folder(none) && shelf_is_folder(shelf));
    shelf_close(file);
    shelf_close(none);
}
END_TEST

Suite *suite_shelf(void) {
    Suite *suite = suite_create("shelf");
    TCase *tests = tcase_create("shelf");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, finds_nearest, 0, COUNT_OF(rows));
    tcase_add_loop_test(tests, finds_kin, 0, COUNT_OF(kin));
    tcase_add_test(tests, warns_of_what_it_cannot_read);
    tcase_add_test(tests, links_lead_nowhere);
    tcase_add_test(tests, refuses_what_is_no_shelf);
    tcase_add_loop_test(tests, names_files, 0, COUNT_OF(paths));
    tcase_add_loop_test(tests, finds_what_it_has_named, 0, COUNT_OF(paths));
    tcase_add_test(tests, tells_files_from_folders);
    suite_add_tcase(suite, tests);
    return suite;
}
