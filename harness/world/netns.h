// SPDX-License-Identifier: Apache-2.0
// netns.h - network namespaces, links, addresses and routes, over rtnetlink
//
// Namespaces are anonymous: they live as long as a descriptor, a process or a link refers to them.
#ifndef GONEAWAY_WORLD_NETNS_H
#define GONEAWAY_WORLD_NETNS_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct nl_sock;

/** A network namespace, with a routing socket inside it. */
struct netns {
    int fd;                ///< for setns()
    struct nl_sock *route; ///< NETLINK_ROUTE socket that belongs to the namespace
};

/** Makes a new namespace with its loopback up. The caller does not enter it. */
int netns_open(struct netns *netns, struct err *err);
/** The namespace that the caller is in, with its loopback up. */
int netns_open_own(struct netns *netns, struct err *err);
/** Whether the kernel has IPv6. */
bool netns_has_ipv6(void);
/** Closes it. Accepts a zeroed struct. */
void netns_close(struct netns *netns);

/** Moves the calling thread into a namespace, so that what it opens belongs there. `ret_back` is
 * for netns_leave(), which closes it. */
int netns_enter(int netns_fd, int *ret_back, struct err *err);
int netns_leave(int back, struct err *err);
/** Opens a netlink socket of `protocol` inside a namespace; NULL on error. */
struct nl_sock *netns_netlink(const struct netns *netns, int protocol, struct err *err);
/** Opens a socket of `family` (AF_INET, AF_UNIX ..) and `type` (SOCK_STREAM .., with SOCK_NONBLOCK)
 * in a namespace; -1 on error. */
int netns_socket(const struct netns *netns, int family, int type, struct err *err);

/** One end of a link. */
struct link_end {
    const struct netns *netns;
    const char *name;
    const char *address;  ///< with prefix length: "192.0.2.1/24"; NULL: none
    const char *address6; ///< the same for IPv6, ignored if the kernel has none; NULL: none
};
/** Joins two namespaces by a veth pair; its ends are up and have their addresses. */
int link_open(const struct link_end *a, const struct link_end *b, struct err *err);
/** Tells each end of a link the other's hardware address permanently, so that neither has to
 * ask. */
int link_know_peers(const struct link_end *a, const struct link_end *b, struct err *err);
/** The index of a link, -1 on error. */
int link_index(const struct netns *netns, const char *name, struct err *err);
/** How many TCP segments may leave a link as one packet (gso_max_segs); LINK_GSO_DEFAULT: as many
 * as fit. Existing connections keep their value. */
int link_set_gso(const struct netns *netns, const char *name, unsigned segments, struct err *err);
enum { LINK_GSO_DEFAULT = 65535 };
/** Removes a link by one of its ends; the other end goes with it. */
int link_close(const struct netns *netns, const char *name, struct err *err);
/** Switches one end of a link on or off; off removes the routes over it, and the other end's
 * carrier. */
int link_set(const struct netns *netns, const char *name, bool up, struct err *err);
/** Whether an end of a link is up and has a carrier. */
int link_runs(const struct netns *netns, const char *name, bool *ret_runs, struct err *err);
/** Forgets hardware addresses behind an end of a link, including those still being resolved. */
int link_forget_neighbours(const struct netns *netns, const char *name, struct err *err);
/** Adds an end's address. */
int address_add(const struct link_end *end, struct err *err);
/** Removes an end's address; the last one takes the routes over that link with it. */
int address_remove(const struct link_end *end, struct err *err);

/** A route to a single address. */
struct route_spec {
    const char *to;     ///< the address
    int type;           ///< RTN_UNICAST, RTN_UNREACHABLE and others in <linux/rtnetlink.h>
    const char *link;   ///< a directly connected link; NULL: none
    unsigned mtu_bytes; ///< for forwarded packets; 0: the link's
};
/** Adds a route; an existing one to this address is an error. */
int route_add(const struct netns *netns, const struct route_spec *spec, struct err *err);
int route_remove(const struct netns *netns, const struct route_spec *spec, struct err *err);
/** Adds a default route via `gateway`. */
int route_add_default(const struct netns *netns, const char *gateway, struct err *err);
/** Keeps the kernel from choosing this local port for another connection. */
int netns_retire_port(const struct netns *netns, uint16_t port, struct err *err);
/** Writes a setting of /proc/sys/net, such as "ipv4/ip_forward", inside a namespace. */
int netns_sysctl(const struct netns *netns, const char *name, const char *value, struct err *err);
/** Reads a file in /proc/net of a namespace, such as "snmp". */
int netns_read(const struct netns *netns, const char *name, struct text *ret, struct err *err);

#endif
