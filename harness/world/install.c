// SPDX-License-Identifier: Apache-2.0
// install.c - loadable functions that a scenario installs in a running server
//
// The library is part of the program: the Makefile compiles it from fixtures/udf/ for the program's
// own machine, which is the server's too.
#include "world/server.h"

#include "base/file.h"

#include <fcntl.h>

#define LIBRARY "goneaway_crash.so"

__asm__(".section .rodata\n"
        ".global install_crash_begin, install_crash_bytes\n"
        "install_crash_begin: .incbin \"" GONEAWAY_CRASH_SO "\"\n"
        "install_crash_end: .balign 8\n"
        "install_crash_bytes: .quad install_crash_end - install_crash_begin\n"
        ".previous\n");
extern const char install_crash_begin[];
extern const size_t install_crash_bytes;

// Where the server looks for libraries, as it reports itself; NULL on error. To be freed.
static char *plugin_folder(const struct server *server, struct err *err) {
    json_t *rows;
    if (admin_query(server->admin, "SELECT @@plugin_dir", &rows, err) < 0)
        return NULL;
    const char *folder = json_string_value(json_array_get(json_array_get(rows, 0), 0));
    char *copy = xstrdup(folder);
    json_decref(rows);
    if (!copy)
        err_set(err, "the server has no folder for libraries");
    return copy;
}

// Wherever the server says, the file is inside its root.
static int put_library(const struct server *server, const char *folder, struct err *err) {
    cleanup_close int root = open(server->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return err_errno(err, "%s", server->root);
    cleanup_free char *path = xprintf("%s/" LIBRARY, folder);
    return file_write_inside(root, path, install_crash_begin, install_crash_bytes, err);
}

int server_install_crash(struct server *server, struct err *err) {
    cleanup_free char *folder = plugin_folder(server, err);
    if (!folder)
        return err_context(err, "install goneaway_crash()");
    if (put_library(server, folder, err) < 0 ||
        admin_query(server->admin,
                    "CREATE FUNCTION goneaway_crash RETURNS INTEGER SONAME '" LIBRARY "'", NULL,
                    err) < 0 ||
        // the recipes flush InnoDB's log only once a second, and a crash must not lose the function
        admin_query(server->admin, "FLUSH ENGINE LOGS", NULL, err) < 0)
        return err_context(err, "install goneaway_crash()");
    return 0;
}
