// SPDX-License-Identifier: Apache-2.0
// hosts.c - the app's host and the server's without a server, for bodies of sandboxes
#include "test/lib/hosts.h"

#include "world/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int connection_accept(struct connection *connection, int listener) {
    connection->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    return connection->server < 0 ? body_failed("accept", strerror(errno)) : 0;
}

void connection_close(struct connection *connection) {
    if (connection->server >= 0)
        close(connection->server);
    close(connection->app);
}

struct sockaddr_in server_address(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SERVER_PORT)};
    inet_pton(AF_INET, SERVER_ADDRESS, &address.sin_addr);
    return address;
}

int body_failed(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    return -1;
}
