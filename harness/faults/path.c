// SPDX-License-Identifier: Apache-2.0
// path.c - what the faults of links, addresses, routes and the MTU have in common
//
// A link, an address or a host's route counts as fired once the kernel confirms it, since packets
// that were never sent have no counter. In the wire, every packet that meets the fault is counted.
#include "faults/path.h"

#include <arpa/inet.h>

struct path_host path_host_of(const struct case_run *run, int side) {
    const struct world *world = run->world;
    if (side == SIDE_APP)
        return (struct path_host){&world->app, "eth0",       APP_ADDRESS "/24",
                                  APP_GATEWAY, APP_GATEWAY6, "app"};
    return (struct path_host){&world->server.netns, "eth0",          SERVER_ADDRESS "/24",
                              SERVER_GATEWAY,       SERVER_GATEWAY6, "server"};
}

const char *path_address_of(int side) {
    return side == SIDE_APP ? APP_ADDRESS : SERVER_ADDRESS;
}

struct sockaddr_in path_socket_address(int side) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SERVER_PORT)};
    inet_pton(AF_INET, path_address_of(side), &address.sin_addr);
    return address;
}

int path_forget_neighbours(const struct case_run *run, const struct path_host *host,
                           struct err *err) {
    return link_forget_neighbours(host->netns, host->link, err) < 0
               ? -1
               : link_forget_neighbours(&run->world->wire, host->wire_link, err);
}
