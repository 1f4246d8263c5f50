// SPDX-License-Identifier: Apache-2.0
// file.c - files that may have been put there by others
#include "base/file.h"
#include "test/lib/suites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[] = "/tmp/goneaway-test-XXXXXX";

static int listen_at(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    return fd;
}

static int dial(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
}

static void refuse(const char *path, int number) {
    errno = 0;
    ck_assert_int_eq(file_open_socket(path), -1);
    ck_assert_int_eq(errno, number);
}

START_TEST(socket_is_opened_and_no_link) {
    cleanup_free char *previous = getcwd(NULL, 0);
    struct err err;
    ck_assert(mkdtemp(folder) && chdir(folder) == 0);
    cleanup_close int mine = listen_at("mine");
    ck_assert_int_ge(mine, 0);
    ck_assert_int_eq(symlink("mine", "link"), 0);
    ck_assert(file_write("file", "", 0, &err) == 0);
    refuse("link", ELOOP);
    refuse("file", ENOTSOCK);
    refuse("absent", ENOENT);
    cleanup_close int opened = file_open_socket("mine");
    ck_assert_int_ge(opened, 0);
    cleanup_free char *path = file_socket_path(opened);
    // whatever its name becomes
    ck_assert_int_eq(rename("mine", "other"), 0);
    close(listen_at("mine"));
    ck_assert_int_eq(dial("mine"), ECONNREFUSED);
    ck_assert_int_eq(dial(path), 0);
    ck_assert(chdir(previous) == 0 && file_remove_tree(folder, &err) == 0);
}
END_TEST

Suite *suite_file(void) {
    Suite *suite = suite_create("file");
    TCase *sockets = tcase_create("sockets");
    tcase_add_test(sockets, socket_is_opened_and_no_link);
    suite_add_tcase(suite, sockets);
    return suite;
}
