// SPDX-License-Identifier: Apache-2.0
// need.h - what a case may need of the machine; world/needs.h has how each is tried
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
    NEED_NETEM,         ///< a bad network, by one of the backends of netem.h
    NEED_CONNTRACK,     ///< states of connections, and their list over netlink
    NEED_CONNBYTES,     ///< rules that ask what has passed of a connection
    NEED_STRING,        ///< rules that ask what a packet contains
    NEED_CONNLIMIT,     ///< rules that count open connections
    NEED_RECENT,        ///< rules that count attempts
    NEED_NAT,           ///< source NAT that forgets
    NEED_IPV6,          ///< addresses, and ip6tables
    NEED_MEMORY_CGROUP, ///< memory cgroups, which ordinary users rarely may make
    NEED_THREADS,       ///< a limit of threads, by a pids cgroup or RLIMIT_NPROC
    NEED_COUNT,
};

/** Several of them. */
#define NEED_BIT(need) (1U << (need))

#endif
