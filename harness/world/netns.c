// SPDX-License-Identifier: Apache-2.0
// netns.c - network namespaces, links, addresses and routes, over rtnetlink
#include "world/netns.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/route.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

static int fail_nl(struct err *err, int code, const char *what) {
    return err_set(err, "%s: %s", what, nl_geterror(code));
}

int netns_enter(int netns_fd, int *ret_back, struct err *err) {
    *ret_back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (*ret_back < 0)
        return err_errno(err, "open /proc/self/ns/net");
    if (setns(netns_fd, CLONE_NEWNET) < 0) {
        close(*ret_back);
        return err_errno(err, "enter network namespace");
    }
    return 0;
}

int netns_leave(int back, struct err *err) {
    int ret = setns(back, CLONE_NEWNET);
    if (ret < 0)
        err_errno(err, "leave network namespace");
    close(back);
    return ret;
}

struct nl_sock *netns_netlink(const struct netns *netns, int protocol, struct err *err) {
    int back;
    if (netns_enter(netns->fd, &back, err) < 0)
        return NULL;
    struct nl_sock *sock = nl_socket_alloc();
    int ret = sock ? nl_connect(sock, protocol) : -NLE_NOMEM;
    if (netns_leave(back, err) < 0 || ret < 0) {
        if (ret < 0)
            fail_nl(err, ret, "open netlink socket");
        nl_socket_free(sock);
        return NULL;
    }
    return sock;
}

int netns_socket(const struct netns *netns, int family, int type, struct err *err) {
    int back;
    if (netns_enter(netns->fd, &back, err) < 0)
        return -1;
    int fd = socket(family, type | SOCK_CLOEXEC, 0);
    if (fd < 0)
        err_errno(err, "open socket");
    if (netns_leave(back, err) < 0 && fd >= 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int link_set(const struct netns *netns, const char *name, bool up, struct err *err) {
    struct rtnl_link *link = NULL, *change = xgot(rtnl_link_alloc());
    int ret = rtnl_link_get_kernel(netns->route, 0, name, &link);
    if (ret == 0) {
        if (up)
            rtnl_link_set_flags(change, IFF_UP);
        else
            rtnl_link_unset_flags(change, IFF_UP);
        ret = rtnl_link_change(netns->route, link, change, 0);
    }
    rtnl_link_put(link);
    rtnl_link_put(change);
    return ret < 0 ? err_set(err, "set link %s %s: %s", name, up ? "up" : "down", nl_geterror(ret))
                   : 0;
}

int link_runs(const struct netns *netns, const char *name, bool *ret_runs, struct err *err) {
    struct rtnl_link *link = NULL;
    int ret = rtnl_link_get_kernel(netns->route, 0, name, &link);
    if (ret < 0)
        return err_set(err, "look at link %s: %s", name, nl_geterror(ret));
    unsigned both = IFF_UP | IFF_RUNNING;
    *ret_runs = (rtnl_link_get_flags(link) & both) == both;
    rtnl_link_put(link);
    return 0;
}

int link_forget_neighbours(const struct netns *netns, const char *name, struct err *err) {
    struct rtnl_link *link = NULL;
    struct nl_cache *cache = NULL;
    int ret = rtnl_link_get_kernel(netns->route, 0, name, &link);
    if (ret == 0)
        ret = rtnl_neigh_alloc_cache(netns->route, &cache);
    for (struct nl_object *at = ret == 0 ? nl_cache_get_first(cache) : NULL; at && ret == 0;
         at = nl_cache_get_next(at)) {
        struct rtnl_neigh *neigh = (struct rtnl_neigh *)at;
        if (rtnl_neigh_get_ifindex(neigh) == rtnl_link_get_ifindex(link) &&
            rtnl_neigh_get_family(neigh) == AF_INET)
            ret = rtnl_neigh_delete(netns->route, neigh, 0);
        if (ret == -NLE_OBJ_NOTFOUND)
            ret = 0; // it has just expired
    }
    nl_cache_free(cache);
    rtnl_link_put(link);
    return ret < 0 ? err_set(err, "forget the neighbours on %s: %s", name, nl_geterror(ret)) : 0;
}

// Makes an IPv6 address usable at once, without a second of duplicate detection, and keeps it when
// its link goes down, as with IPv4. Disables router solicitation, whose packets would get between
// those of a case.
static int settle_ipv6(const struct netns *netns, struct err *err) {
    static const struct {
        const char *name, *value;
    } settings[] = {{"ipv6/conf/default/accept_dad", "0"},
                    {"ipv6/conf/default/accept_ra", "0"},
                    {"ipv6/conf/default/keep_addr_on_down", "1"},
                    {"ipv6/conf/default/router_solicitations", "0"},
                    {"ipv6/icmp/ratelimit", "0"}};
    for (size_t i = 0; netns_has_ipv6() && i < COUNT_OF(settings); i++)
        if (netns_sysctl(netns, settings[i].name, settings[i].value, err) < 0)
            return -1;
    return 0;
}

static int finish_open(struct netns *netns, struct err *err) {
    if (netns->fd < 0)
        return err_errno(err, "open /proc/self/ns/net");
    netns->route = netns_netlink(netns, NETLINK_ROUTE, err);
    if (!netns->route || settle_ipv6(netns, err) < 0)
        return -1;
    // A closed socket whose FIN nobody acknowledges keeps its namespace alive (a proxy's keeps the
    // wire): with two retries for 1.4 s, or 5 s after long round trips, instead of 100 s.
    if (netns_sysctl(netns, "ipv4/tcp_orphan_retries", "2", err) < 0)
        return -1;
    // The receive buffer's maximum was 6 MB until Linux raised it to 32 MB (seen in 6.18).
    // Scenarios rely on the old one: a statement of theirs must not fit into the buffers on its
    // way.
    if (netns_sysctl(netns, "ipv4/tcp_rmem", "4096 131072 6291456", err) < 0)
        return -1;
    // so that one connection does not inherit slowness from another
    if (netns_sysctl(netns, "ipv4/tcp_no_metrics_save", "1", err) < 0)
        return -1;
    return link_set(netns, "lo", true, err);
}

bool netns_has_ipv6(void) {
    return file_exists("/proc/sys/net/ipv6");
}

// Namespaces created from here have their own tables of TCP connections (since Linux 6.1), which
// can be listed at once. The shared one has a quarter of a million buckets, all of which a look at
// a socket would visit.
static void divide_tables(const struct netns *netns) {
    struct err shared_then;
    netns_sysctl(netns, "ipv4/tcp_child_ehash_entries", "1024", &shared_then);
}

// Restores the limits that the kernel derives from a table's size to those of the shared table.
static int settle_tables(const struct netns *netns, struct err *err) {
    if (netns_sysctl(netns, "ipv4/tcp_max_tw_buckets", "131072", err) < 0)
        return -1;
    return netns_sysctl(netns, "ipv4/tcp_max_syn_backlog", "2048", err);
}

int netns_open_own(struct netns *netns, struct err *err) {
    *netns = (struct netns){.fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
    if (finish_open(netns, err) < 0)
        return -1;
    divide_tables(netns);
    return 0;
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
    if (finish_open(netns, err) < 0 || settle_tables(netns, err) < 0)
        return -1;
    // a host's firewall is to answer as often as one in the wire
    return netns_sysctl(netns, "ipv4/icmp_ratelimit", "0", err);
}

void netns_close(struct netns *netns) {
    if (!netns->route)
        return;
    nl_socket_free(netns->route);
    close(netns->fd);
    *netns = (struct netns){.fd = -1};
}

static int change_address(const struct link_end *end, const char *text, bool add, struct err *err) {
    struct rtnl_link *link = NULL;
    struct nl_addr *local = NULL;
    struct rtnl_addr *address = xgot(rtnl_addr_alloc());
    int ret = rtnl_link_get_kernel(end->netns->route, 0, end->name, &link);
    if (ret == 0)
        ret = nl_addr_parse(text, AF_UNSPEC, &local);
    if (ret == 0) {
        rtnl_addr_set_ifindex(address, rtnl_link_get_ifindex(link));
        ret = rtnl_addr_set_local(address, local);
    }
    if (ret == 0)
        ret = add ? rtnl_addr_add(end->netns->route, address, 0)
                  : rtnl_addr_delete(end->netns->route, address, 0);
    nl_addr_put(local);
    rtnl_addr_put(address);
    rtnl_link_put(link);
    return ret < 0 ? err_set(err, "%s address %s %s %s: %s", add ? "add" : "remove", text,
                             add ? "to" : "from", end->name, nl_geterror(ret))
                   : 0;
}

int address_add(const struct link_end *end, struct err *err) {
    return change_address(end, end->address, true, err);
}

int address_remove(const struct link_end *end, struct err *err) {
    return change_address(end, end->address, false, err);
}

// The kernel forwards packets to a new link only some time after both ends are up (its work queue
// `linkwatch` does that), and drops earlier ones. Since Linux 6.8, querying the link is enough.
static int wait_until_runs(const struct link_end *end, struct err *err) {
    enum { DEADLINE_MS = 10000 };
    double deadline_ms = clock_ms() + DEADLINE_MS;
    bool runs = false;
    while (link_runs(end->netns, end->name, &runs, err) == 0) {
        if (runs)
            return 0;
        if (clock_ms() > deadline_ms)
            return err_set(err, "the kernel has not opened link %s in %d s; try fewer --jobs",
                           end->name, DEADLINE_MS / 1000);
        clock_wait(1, -1);
    }
    return -1;
}

int link_open(const struct link_end *a, const struct link_end *b, struct err *err) {
    struct rtnl_link *link = xgot(rtnl_link_veth_alloc());
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
        if (link_set(ends[i]->netns, ends[i]->name, true, err) < 0 ||
            (ends[i]->address && address_add(ends[i], err) < 0) ||
            (ends[i]->address6 && netns_has_ipv6() &&
             change_address(ends[i], ends[i]->address6, true, err) < 0))
            return -1;
    return wait_until_runs(a, err) < 0 ? -1 : wait_until_runs(b, err);
}

// Tells `end` its peer's hardware address.
static int know_peer(const struct link_end *end, const struct link_end *peer, struct err *err) {
    struct rtnl_link *own = NULL, *other = NULL;
    struct nl_addr *address = NULL;
    struct rtnl_neigh *neighbour = xgot(rtnl_neigh_alloc());
    cleanup_free char *host = xprintf("%.*s", (int)strcspn(peer->address, "/"), peer->address);
    int ret = rtnl_link_get_kernel(end->netns->route, 0, end->name, &own);
    if (ret == 0)
        ret = rtnl_link_get_kernel(peer->netns->route, 0, peer->name, &other);
    if (ret == 0)
        ret = nl_addr_parse(host, AF_UNSPEC, &address);
    if (ret == 0) {
        rtnl_neigh_set_ifindex(neighbour, rtnl_link_get_ifindex(own));
        rtnl_neigh_set_dst(neighbour, address);
        rtnl_neigh_set_lladdr(neighbour, rtnl_link_get_addr(other));
        rtnl_neigh_set_state(neighbour, NUD_PERMANENT);
        ret = rtnl_neigh_add(end->netns->route, neighbour, NLM_F_CREATE | NLM_F_REPLACE);
    }
    nl_addr_put(address);
    rtnl_neigh_put(neighbour);
    rtnl_link_put(own);
    rtnl_link_put(other);
    return ret < 0 ? err_set(err, "add neighbour of %s: %s", end->name, nl_geterror(ret)) : 0;
}

int link_know_peers(const struct link_end *a, const struct link_end *b, struct err *err) {
    return know_peer(a, b, err) < 0 ? -1 : know_peer(b, a, err);
}

int link_index(const struct netns *netns, const char *name, struct err *err) {
    struct rtnl_link *link = NULL;
    int ret = rtnl_link_get_kernel(netns->route, 0, name, &link);
    int index = ret < 0 ? -1 : rtnl_link_get_ifindex(link);
    rtnl_link_put(link);
    return ret < 0 ? err_set(err, "find link %s: %s", name, nl_geterror(ret)) : index;
}

// libnl lacks this attribute.
int link_set_gso(const struct netns *netns, const char *name, unsigned segments, struct err *err) {
    struct rtnl_link *link = NULL;
    int ret = rtnl_link_get_kernel(netns->route, 0, name, &link);
    if (ret == 0) {
        struct ifinfomsg info = {.ifi_index = rtnl_link_get_ifindex(link)};
        struct nl_msg *message = xgot(nlmsg_alloc_simple(RTM_NEWLINK, 0));
        ret = nlmsg_append(message, &info, sizeof info, NLMSG_ALIGNTO);
        if (ret == 0)
            ret = nla_put_u32(message, IFLA_GSO_MAX_SEGS, segments);
        if (ret == 0)
            ret = nl_send_sync(netns->route, message); // frees it
        else
            nlmsg_free(message);
    }
    rtnl_link_put(link);
    return ret < 0 ? err_set(err, "set gso_max_segs of link %s: %s", name, nl_geterror(ret)) : 0;
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
    struct rtnl_route *route = xgot(rtnl_route_alloc());
    struct rtnl_nexthop *hop = xgot(rtnl_route_nh_alloc());
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

// A route to one address; an unreachable, prohibit, blackhole or throw route has no link.
static int build_route(const struct netns *netns, const struct route_spec *spec,
                       struct rtnl_route *route) {
    struct nl_addr *to = NULL;
    struct rtnl_link *link = NULL;
    int ret = nl_addr_parse(spec->to, AF_INET, &to);
    if (ret == 0) {
        rtnl_route_set_dst(route, to);
        rtnl_route_set_type(route, (uint8_t)spec->type);
        if (spec->mtu_bytes)
            ret = rtnl_route_set_metric(route, RTAX_MTU, spec->mtu_bytes);
    }
    if (ret == 0 && spec->link)
        ret = rtnl_link_get_kernel(netns->route, 0, spec->link, &link);
    if (ret == 0 && spec->link) {
        struct rtnl_nexthop *hop = xgot(rtnl_route_nh_alloc());
        rtnl_route_nh_set_ifindex(hop, rtnl_link_get_ifindex(link));
        rtnl_route_add_nexthop(route, hop);
    }
    rtnl_link_put(link);
    nl_addr_put(to);
    return ret;
}

static int change_route(const struct netns *netns, const struct route_spec *spec, bool add,
                        struct err *err) {
    struct rtnl_route *route = xgot(rtnl_route_alloc());
    int ret = build_route(netns, spec, route);
    if (ret == 0)
        ret = add ? rtnl_route_add(netns->route, route, NLM_F_CREATE | NLM_F_EXCL)
                  : rtnl_route_delete(netns->route, route, 0);
    rtnl_route_put(route);
    return ret < 0 ? err_set(err, "%s route to %s: %s", add ? "add" : "remove", spec->to,
                             nl_geterror(ret))
                   : 0;
}

int route_add(const struct netns *netns, const struct route_spec *spec, struct err *err) {
    return change_route(netns, spec, true, err);
}

int route_remove(const struct netns *netns, const struct route_spec *spec, struct err *err) {
    return change_route(netns, spec, false, err);
}

int netns_retire_port(const struct netns *netns, uint16_t port, struct err *err) {
    enum { MOST = 65536 };
    static const char path[] = "/proc/sys/net/ipv4/ip_local_reserved_ports";
    cleanup_text struct text list = {0};
    int back;
    if (netns_enter(netns->fd, &back, err) < 0)
        return -1;
    int ret = file_read(path, MOST, &list, err);
    if (ret >= 0) {
        int length = (int)strcspn(text_get(&list), "\n");
        cleanup_free char *ports =
            xprintf("%.*s%s%u", length, text_get(&list), length ? "," : "", port);
        ret = file_put(path, ports, err);
    }
    return netns_leave(back, err) < 0 ? -1 : ret;
}

int netns_sysctl(const struct netns *netns, const char *name, const char *value, struct err *err) {
    cleanup_free char *path = xprintf("/proc/sys/net/%s", name);
    int back;
    if (netns_enter(netns->fd, &back, err) < 0)
        return -1;
    int ret = file_put(path, value, err);
    return netns_leave(back, err) < 0 ? -1 : ret;
}

int netns_read(const struct netns *netns, const char *name, struct text *ret, struct err *err) {
    enum { MOST = 1 << 20 };
    cleanup_free char *path = xprintf("/proc/thread-self/net/%s", name);
    int back;
    if (netns_enter(netns->fd, &back, err) < 0)
        return -1;
    int ret_read = file_read(path, MOST, ret, err);
    return netns_leave(back, err) < 0 || ret_read < 0 ? -1 : 0;
}
