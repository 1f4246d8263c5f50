// SPDX-License-Identifier: Apache-2.0
// variables.c - how the command of a lab finds the server and the control
#include "lab/lab.h"

#include "run/program.h"

#include <stdlib.h>

enum { VARIABLES = 9 };

// The account is the apps', with its own database, which a reset empties.
char **lab_variables(const struct lab *lab, const struct lab_world *world) {
    bool local = lab->transport == TRANSPORT_SOCKET;
    const char *host = local ? "localhost" : SERVER_ADDRESS;
    cleanup_free char *socket = xprintf("%s/" LAB_SOCKET, lab->folder.sockets);
    json_auto_t *account =
        json_pack("{s:s, s:s, s:s, s:s*}", "user", APP_USER, "password", APP_PASSWORD, "database",
                  APP_DATABASE, "socket", local ? socket : NULL);
    cleanup_free char *url = program_url(account, host, local ? 0 : SERVER_PORT);
    char **all = xcalloc(VARIABLES + 1, sizeof *all);
    size_t count = 0;
    all[count++] = xprintf("MYSQL_HOST=%s", host);
    all[count++] = xprintf("MYSQL_TCP_PORT=%d", SERVER_PORT);
    all[count++] = xprintf("MYSQL_UNIX_PORT=%s", socket);
    all[count++] = xstrdup("MYSQL_USER=" APP_USER);
    all[count++] = xstrdup("MYSQL_PWD=" APP_PASSWORD);
    all[count++] = xstrdup("MYSQL_DATABASE=" APP_DATABASE);
    all[count++] = xprintf("MYSQL_URL=%s", url);
    all[count++] = xprintf("GONEAWAY_LAB=%s", lab->folder.control);
    all[count++] = xprintf("GONEAWAY_LAB_URL=http://127.0.0.1:%d", world->port);
    return all;
}
