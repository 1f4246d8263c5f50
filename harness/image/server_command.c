// SPDX-License-Identifier: Apache-2.0
// server_command.c - makes the command line of a server
#include "image/image.h"

#include "image/data.h"

#include <string.h>

#define NO_RESOLVE "skip-name-resolve"
static const char *const usual_options[] = {
    "user=root",
    "datadir=/var/lib/mysql",
    "socket=" SERVER_SOCKET,
    "pid-file=" SERVER_SOCKET_DIR "/mysqld.pid",
    "bind-address=*",
    NO_RESOLVE,
    "secure-file-priv=/tmp",
    "ssl-ca=" CERTIFICATES_DIR "/ca.pem",
    "ssl-cert=" CERTIFICATES_DIR "/server-cert.pem",
    "ssl-key=" CERTIFICATES_DIR "/server-key.pem",
};

// MySQL 9.7 still resolves nothing after "--skip-name-resolve --skip_name_resolve=OFF", and 5.6
// takes the second alone as on.
#define RESOLVE "skip_name_resolve=OFF"
static bool decides_resolving(const char *const *options) {
    for (; options && *options; options++)
        if (text_starts(*options, "skip_name_resolve"))
            return true;
    return false;
}

const char *const *server_command(struct arena *arena, const struct server_recipe *recipe,
                                  const char *const *options) {
    size_t extra = 0, count = 0;
    while (options && options[extra])
        extra++;
    const char **command = arena_alloc(
        arena, (COUNT_OF(usual_options) + recipe->options.count + extra + 4) * sizeof *command);
    command[count++] = recipe->daemon;
    command[count++] = "--no-defaults";
    for (size_t i = 0; i < COUNT_OF(usual_options); i++)
        if (strcmp(usual_options[i], NO_RESOLVE) != 0 || !decides_resolving(options))
            command[count++] = arena_printf(arena, "--%s", usual_options[i]);
    command[count++] = arena_printf(arena, "--port=%d", SERVER_PORT);
    for (size_t i = 0; i < recipe->options.count; i++)
        command[count++] = arena_printf(arena, "--%s", ((const char **)recipe->options.items)[i]);
    for (size_t i = 0; i < extra; i++)
        if (strcmp(options[i], RESOLVE) != 0)
            command[count++] = arena_printf(arena, "--%s", options[i]);
    return command;
}
