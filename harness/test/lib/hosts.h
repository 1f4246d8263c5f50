// SPDX-License-Identifier: Apache-2.0
// hosts.h - the app's host and the server's without a server, for bodies of sandboxes
//
// A body has no assertions: it says on standard error what is wrong, and ends with status 1.
#ifndef GONEAWAY_TEST_LIB_HOSTS_H
#define GONEAWAY_TEST_LIB_HOSTS_H

#include <netinet/in.h>

/** Both ends of a connection. */
struct connection {
    int app, server; ///< -1: there is none
};
/** Takes the server's end from who listens there. */
int connection_accept(struct connection *connection, int listener);
void connection_close(struct connection *connection);

/** Where a server would listen. */
struct sockaddr_in server_address(void);

/** Says what is wrong, and returns -1. */
int body_failed(const char *what, const char *why);

#endif
