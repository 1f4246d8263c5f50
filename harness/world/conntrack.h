// SPDX-License-Identifier: Apache-2.0
// conntrack.h - the connections that a namespace's firewall or NAT knows, over netlink
#ifndef GONEAWAY_WORLD_CONNTRACK_H
#define GONEAWAY_WORLD_CONNTRACK_H

#include "base/err.h"
#include "world/netns.h"

#include <stdint.h>

/** What a namespace knows of a connection to the server. */
struct conntrack_flow {
    int tcp_state;     ///< TCP_CONNTRACK_ESTABLISHED and others
    int64_t timeout_s; ///< it is forgotten after so many seconds without a packet
    uint16_t port;     ///< of the app, as the server sees it
};

/** Looks for the TCP connection that the app has begun from `app_port`. 1 found, 0 not known, -1
 * error. */
int conntrack_find(const struct netns *netns, uint16_t app_port, struct conntrack_flow *ret,
                   struct err *err);
/** Makes the namespace forget that connection. 1 forgotten, 0 it was not known, -1 error. */
int conntrack_forget(const struct netns *netns, uint16_t app_port, struct err *err);
/** Makes it forget all connections. */
int conntrack_flush(const struct netns *netns, struct err *err);

#endif
