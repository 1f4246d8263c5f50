// SPDX-License-Identifier: Apache-2.0
// conntrack.h - the connections known to a namespace's firewall or NAT, over netlink
#ifndef GONEAWAY_WORLD_CONNTRACK_H
#define GONEAWAY_WORLD_CONNTRACK_H

#include "base/err.h"
#include "world/netns.h"

#include <stdint.h>

/** What a namespace knows about a connection to the server. */
struct conntrack_flow {
    int tcp_state;     ///< TCP_CONNTRACK_ESTABLISHED and others
    int64_t timeout_s; ///< it expires after so many seconds without a packet
    uint16_t port;     ///< the app's, as the server sees it
};

/** Finds the TCP connection that the app has opened from `app_port`. 1: found; 0: unknown; -1:
 * error. */
int conntrack_find(const struct netns *netns, uint16_t app_port, struct conntrack_flow *ret,
                   struct err *err);
/** Makes the namespace forget that connection. 1: forgotten; 0: it was unknown; -1: error. */
int conntrack_forget(const struct netns *netns, uint16_t app_port, struct err *err);
/** Makes it forget all connections. */
int conntrack_flush(const struct netns *netns, struct err *err);

#endif
