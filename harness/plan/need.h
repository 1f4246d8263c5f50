// SPDX-License-Identifier: Apache-2.0
// need.h - what a case may need from the machine; world/needs.h knows how each is probed
#ifndef GONEAWAY_PLAN_NEED_H
#define GONEAWAY_PLAN_NEED_H

enum need {
    NEED_NAMESPACES, ///< user, mount, PID and network namespaces
    NEED_OVERLAY,
    NEED_CONTAINER,     ///< bubblewrap
    NEED_LINKS,         ///< veth pairs, addresses, routes
    NEED_FIREWALL,      ///< iptables with comments, REJECT and counters
    NEED_SOCKETS,       ///< INET_DIAG and UNIX_DIAG
    NEED_NAMES,         ///< dnsmasq, and iptables with hashlimit
    NEED_NETEM,         ///< a bad network, by a backend of netem.h
    NEED_CONNTRACK,     ///< states of connections, and listing them over netlink
    NEED_CONNBYTES,     ///< rules that match bytes passed on a connection
    NEED_STRING,        ///< rules that match a packet's content
    NEED_CONNLIMIT,     ///< rules that count open connections
    NEED_RECENT,        ///< rules that count attempts
    NEED_NAT,           ///< source NAT whose entries can be deleted
    NEED_IPV6,          ///< IPv6 addresses, and ip6tables
    NEED_PACKETS,       ///< packet sockets, to capture what passes between the hosts
    NEED_MEMORY_CGROUP, ///< memory cgroups, which ordinary users can rarely create
    NEED_THREADS,       ///< a limit of threads, by a pids cgroup or RLIMIT_NPROC
    NEED_COUNT,
};

/** As a bit of a set. */
#define NEED_BIT(need) (1U << (need))

#endif
