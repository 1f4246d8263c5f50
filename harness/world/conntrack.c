// SPDX-License-Identifier: Apache-2.0
// conntrack.c - the connections that a firewall or NAT knows, by libnl's nfnl_ct_*
//
// What has expired is not listed, even while the kernel has not collected it.
#include "world/conntrack.h"

#include "image/image.h"

#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <netlink/cache.h>
#include <netlink/netfilter/ct.h>
#include <netlink/netfilter/nfnl.h>
#include <netlink/netlink.h>

enum { ORIGINAL, REPLY };

static int fail(struct err *err, int code, const char *what) {
    err_set(err, "%s: %s", what, nl_geterror(code));
    return err_remedy(err, "the kernel needs CONFIG_NF_CT_NETLINK (as root: modprobe "
                           "nf_conntrack_netlink)");
}

static bool is_flow(const struct nfnl_ct *flow, uint16_t app_port) {
    return nfnl_ct_get_proto(flow) == IPPROTO_TCP &&
           nfnl_ct_get_src_port(flow, ORIGINAL) == app_port &&
           nfnl_ct_get_dst_port(flow, ORIGINAL) == SERVER_PORT;
}

// The flow in a list of all, or NULL; it belongs to the list.
static struct nfnl_ct *find(struct nl_cache *flows, uint16_t app_port) {
    for (struct nl_object *one = nl_cache_get_first(flows); one; one = nl_cache_get_next(one))
        if (is_flow((struct nfnl_ct *)one, app_port))
            return (struct nfnl_ct *)one;
    return NULL;
}

// Opens a socket and lists all flows. The caller frees both, also after an error.
static int list(const struct netns *netns, struct nl_sock **ret_sock, struct nl_cache **ret_flows,
                struct err *err) {
    *ret_flows = NULL;
    *ret_sock = netns_netlink(netns, NETLINK_NETFILTER, err);
    if (!*ret_sock)
        return -1;
    int code = nfnl_ct_alloc_cache(*ret_sock, ret_flows);
    return code < 0 ? fail(err, code, "list connections") : 0;
}

static void unlist(struct nl_sock *sock, struct nl_cache *flows) {
    if (flows)
        nl_cache_free(flows);
    nl_socket_free(sock);
}

int conntrack_find(const struct netns *netns, uint16_t app_port, struct conntrack_flow *ret,
                   struct err *err) {
    struct nl_sock *sock;
    struct nl_cache *flows;
    int found = list(netns, &sock, &flows, err);
    struct nfnl_ct *flow = found == 0 ? find(flows, app_port) : NULL;
    if (flow) {
        *ret = (struct conntrack_flow){.tcp_state = nfnl_ct_get_tcp_state(flow),
                                       .timeout_s = nfnl_ct_get_timeout(flow),
                                       .port = nfnl_ct_get_dst_port(flow, REPLY)};
        found = 1;
    }
    unlist(sock, flows);
    return found;
}

int conntrack_forget(const struct netns *netns, uint16_t app_port, struct err *err) {
    struct nl_sock *sock;
    struct nl_cache *flows;
    int found = list(netns, &sock, &flows, err);
    struct nfnl_ct *flow = found == 0 ? find(flows, app_port) : NULL;
    if (flow) {
        int code = nfnl_ct_del(sock, flow, 0);
        found = code < 0 ? fail(err, code, "forget a connection") : 1;
    }
    unlist(sock, flows);
    return found;
}

// A deletion that names no connection deletes them all.
int conntrack_flush(const struct netns *netns, struct err *err) {
    struct nl_sock *sock = netns_netlink(netns, NETLINK_NETFILTER, err);
    if (!sock)
        return -1;
    int code = nfnl_send_simple(sock, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE, NLM_F_ACK,
                                AF_UNSPEC, 0);
    if (code >= 0)
        code = nl_wait_for_ack(sock);
    nl_socket_free(sock);
    return code < 0 ? fail(err, code, "forget all connections") : 0;
}
