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

/** A network namespace with a routing socket in it. */
struct netns {
    int fd;                ///< for setns()
    struct nl_sock *route; ///< NETLINK_ROUTE socket that belongs to the namespace
};

/** Makes a new namespace with its loopback up; the caller stays where it is. */
int netns_open(struct netns *netns, struct err *err);
/** The namespace that the caller is in, with its loopback up. */
int netns_open_own(struct netns *netns, struct err *err);
/** Whether the kernel has IPv6. */
bool netns_has_ipv6(void);
/** Closes it; a zeroed one is allowed. */
void netns_close(struct netns *netns);

/** Takes the calling thread into a namespace, for what is opened to belong to it; `ret_back` is for
 * netns_leave(), which closes it. */
int netns_enter(int netns_fd, int *ret_back, struct err *err);
int netns_leave(int back, struct err *err);
/** Opens a netlink socket of `protocol` inside a namespace; NULL on error. */
struct nl_sock *netns_netlink(const struct netns *netns, int protocol, struct err *err);
/** Opens a socket of `family` (AF_INET, AF_UNIX ..) and `type` (SOCK_STREAM .., with SOCK_NONBLOCK)
 * that belongs to a namespace; -1 on error. */
int netns_socket(const struct netns *netns, int family, int type, struct err *err);

/** One end of a link. */
struct link_end {
    const struct netns *netns;
    const char *name;
    const char *address;  ///< with prefix length: "192.0.2.1/24"; NULL: none
    const char *address6; ///< the same of IPv6, left out if the kernel has none; NULL: none
};
/** Joins two namespaces by a veth pair whose ends carry packets and have their addresses. */
int link_open(const struct link_end *a, const struct link_end *b, struct err *err);
/** Tells each end of a link the other's hardware address, for good, so that neither has to ask. */
int link_know_peers(const struct link_end *a, const struct link_end *b, struct err *err);
/** The index of a link, -1 on error. */
int link_index(const struct netns *netns, const char *name, struct err *err);
/** How many TCP segments may leave a link as one packet (gso_max_segs); LINK_GSO_DEFAULT: as many
 * as fit. Connections begun before keep what they had. */
int link_set_gso(const struct netns *netns, const char *name, unsigned segments, struct err *err);
enum { LINK_GSO_DEFAULT = 65535 };
/** Removes a link by one of its ends; with it goes the other. */
int link_close(const struct netns *netns, const char *name, struct err *err);
/** Switches one end of a link on or off; off takes the routes over it away, and the other end's
 * carrier. */
int link_set(const struct netns *netns, const char *name, bool up, struct err *err);
/** Whether an end of a link is on and has a carrier. */
int link_runs(const struct netns *netns, const char *name, bool *ret_runs, struct err *err);
/** Forgets the hardware addresses behind an end of a link, also those that it still asks for. */
int link_forget_neighbours(const struct netns *netns, const char *name, struct err *err);
/** Gives an end of a link its address. */
int address_add(const struct link_end *end, struct err *err);
/** Takes an end's address away; with the last one go the routes over that link. */
int address_remove(const struct link_end *end, struct err *err);

/** A route to a single address. */
struct route_spec {
    const char *to;     ///< the address
    int type;           ///< RTN_UNICAST, RTN_UNREACHABLE and others in <linux/rtnetlink.h>
    const char *link;   ///< over which link, where the address lies directly; NULL: none
    unsigned mtu_bytes; ///< what passes when packets are forwarded; 0: as the link
};
/** Adds a route; that there is one to this address already is an error. */
int route_add(const struct netns *netns, const struct route_spec *spec, struct err *err);
int route_remove(const struct netns *netns, const struct route_spec *spec, struct err *err);
/** Adds a default route by way of `gateway`. */
int route_add_default(const struct netns *netns, const char *gateway, struct err *err);
/** Lets the kernel choose this local port for no other connection. */
int netns_retire_port(const struct netns *netns, uint16_t port, struct err *err);
/** Writes a setting of /proc/sys/net, such as "ipv4/ip_forward", inside a namespace. */
int netns_sysctl(const struct netns *netns, const char *name, const char *value, struct err *err);
/** Reads what the kernel shows of a namespace in /proc/net, such as "snmp". */
int netns_read(const struct netns *netns, const char *name, struct text *ret, struct err *err);

#endif
