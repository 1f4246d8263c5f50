// SPDX-License-Identifier: Apache-2.0
// netns.c - network namespaces, links, addresses and routes, over rtnetlink
#include "world/netns.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/route.h>
#include <sched.h>

static int fail_nl(struct err *err, int code, const char *what) {
    return err_set(err, "%s: %s", what, nl_geterror(code));
}

// Runs in another namespace: enter() gives a descriptor of the caller's, leave() goes back to it.
static int enter(int netns_fd, int *ret_back, struct err *err) {
    *ret_back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (*ret_back < 0)
        return err_errno(err, "open /proc/self/ns/net");
    if (setns(netns_fd, CLONE_NEWNET) < 0) {
        close(*ret_back);
        return err_errno(err, "enter network namespace");
    }
    return 0;
}

static int leave(int back, struct err *err) {
    int ret = setns(back, CLONE_NEWNET);
    if (ret < 0)
        err_errno(err, "leave network namespace");
    close(back);
    return ret;
}

struct nl_sock *netns_netlink(const struct netns *netns, int protocol, struct err *err) {
    int back;
    if (enter(netns->fd, &back, err) < 0)
        return NULL;
    struct nl_sock *sock = nl_socket_alloc();
    int ret = sock ? nl_connect(sock, protocol) : -NLE_NOMEM;
    if (leave(back, err) < 0 || ret < 0) {
        if (ret < 0)
            fail_nl(err, ret, "open netlink socket");
        nl_socket_free(sock);
        return NULL;
    }
    return sock;
}

static int link_up(const struct netns *netns, const char *name, struct err *err) {
    struct rtnl_link *link = NULL, *change = rtnl_link_alloc();
    int ret = rtnl_link_get_kernel(netns->route, 0, name, &link);
    if (ret == 0) {
        rtnl_link_set_flags(change, IFF_UP);
        ret = rtnl_link_change(netns->route, link, change, 0);
    }
    rtnl_link_put(link);
    rtnl_link_put(change);
    return ret < 0 ? err_set(err, "set link %s up: %s", name, nl_geterror(ret)) : 0;
}

static int finish_open(struct netns *netns, struct err *err) {
    if (netns->fd < 0)
        return err_errno(err, "open /proc/self/ns/net");
    netns->route = netns_netlink(netns, NETLINK_ROUTE, err);
    return netns->route ? link_up(netns, "lo", err) : -1;
}

int netns_open_own(struct netns *netns, struct err *err) {
    *netns = (struct netns){.fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
    return finish_open(netns, err);
}

int netns_open(struct netns *netns, struct err *err) {
    *netns = (struct netns){.fd = -1};
    cleanup_close int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (own < 0)
        return err_errno(err, "open /proc/self/ns/net");
    if (unshare(CLONE_NEWNET) < 0)
        return err_errno(err, "make network namespace");
    netns->fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (setns(own, CLONE_NEWNET) < 0)
        return err_errno(err, "leave network namespace");
    if (finish_open(netns, err) < 0)
        return -1;
    // a closed socket whose FIN nobody acknowledges keeps its namespace alive: for 1.4 s, not 100
    return netns_sysctl(netns, "ipv4/tcp_orphan_retries", "2", err);
}

void netns_close(struct netns *netns) {
    if (!netns->route)
        return;
    nl_socket_free(netns->route);
    close(netns->fd);
    *netns = (struct netns){.fd = -1};
}

static int add_address(const struct link_end *end, struct err *err) {
    struct rtnl_link *link = NULL;
    struct nl_addr *local = NULL;
    struct rtnl_addr *address = rtnl_addr_alloc();
    int ret = rtnl_link_get_kernel(end->netns->route, 0, end->name, &link);
    if (ret == 0)
        ret = nl_addr_parse(end->address, AF_UNSPEC, &local);
    if (ret == 0) {
        rtnl_addr_set_ifindex(address, rtnl_link_get_ifindex(link));
        ret = rtnl_addr_set_local(address, local);
    }
    if (ret == 0)
        ret = rtnl_addr_add(end->netns->route, address, 0);
    nl_addr_put(local);
    rtnl_addr_put(address);
    rtnl_link_put(link);
    return ret < 0
               ? err_set(err, "add address %s to %s: %s", end->address, end->name, nl_geterror(ret))
               : 0;
}

int link_open(const struct link_end *a, const struct link_end *b, struct err *err) {
    struct rtnl_link *link = rtnl_link_veth_alloc();
    struct rtnl_link *peer = rtnl_link_veth_get_peer(link);
    rtnl_link_set_name(link, a->name);
    rtnl_link_set_name(peer, b->name);
    rtnl_link_set_ns_fd(peer, b->netns->fd);
    int ret = rtnl_link_add(a->netns->route, link, NLM_F_CREATE | NLM_F_EXCL);
    rtnl_link_put(peer);
    rtnl_link_put(link);
    if (ret < 0)
        return err_set(err, "add link %s: %s", a->name, nl_geterror(ret));
    const struct link_end *ends[] = {a, b};
    for (int i = 0; i < 2; i++)
        if (link_up(ends[i]->netns, ends[i]->name, err) < 0 || add_address(ends[i], err) < 0)
            return -1;
    return 0;
}

int link_close(const struct netns *netns, const char *name, struct err *err) {
    struct rtnl_link *link = NULL;
    int ret = rtnl_link_get_kernel(netns->route, 0, name, &link);
    if (ret == 0)
        ret = rtnl_link_delete(netns->route, link);
    rtnl_link_put(link);
    return ret < 0 ? err_set(err, "remove link %s: %s", name, nl_geterror(ret)) : 0;
}

int route_add_default(const struct netns *netns, const char *gateway, struct err *err) {
    struct nl_addr *via = NULL, *all = NULL;
    struct rtnl_route *route = rtnl_route_alloc();
    struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
    int ret = nl_addr_parse(gateway, AF_UNSPEC, &via);
    if (ret == 0)
        ret = nl_addr_parse("default", nl_addr_get_family(via), &all);
    if (ret == 0) {
        rtnl_route_nh_set_gateway(hop, via);
        rtnl_route_add_nexthop(route, hop);
        rtnl_route_set_dst(route, all);
        ret = rtnl_route_add(netns->route, route, 0);
    }
    nl_addr_put(via);
    nl_addr_put(all);
    rtnl_route_put(route);
    return ret < 0 ? err_set(err, "add route by way of %s: %s", gateway, nl_geterror(ret)) : 0;
}

int netns_sysctl(const struct netns *netns, const char *name, const char *value, struct err *err) {
    cleanup_free char *path = xprintf("/proc/sys/net/%s", name);
    int back;
    if (enter(netns->fd, &back, err) < 0)
        return -1;
    int ret = file_put(path, value, err);
    return leave(back, err) < 0 ? -1 : ret;
}
