// SPDX-License-Identifier: Apache-2.0
// path.h - the path between the hosts, as its faults see it
#ifndef GONEAWAY_FAULTS_PATH_H
#define GONEAWAY_FAULTS_PATH_H

#include "run/case.h"

#include <netinet/in.h>

/** A host, as an end of the path. */
struct path_host {
    const struct netns *netns;
    const char *link;    ///< its interface
    const char *address; ///< with prefix length
    const char *gateway, *gateway6;
    const char *wire_link; ///< the wire's end of its link
};

/** The host of a side. */
struct path_host path_host_of(const struct case_run *run, int side);
/** Its IPv4 address, and the server's port there. */
const char *path_address_of(int side);
struct sockaddr_in path_socket_address(int side);
/** Makes a host and the wire resolve each other's hardware address anew. If one was requested in
 * vain while the path was cut, the kernel would hold packets back, and then refuse them, until its
 * next request. */
int path_forget_neighbours(const struct case_run *run, const struct path_host *host,
                           struct err *err);

#endif
