// SPDX-License-Identifier: Apache-2.0
// conntrack.c - the connections known to a firewall or NAT, by libnl's nfnl_ct_*
//
// Expired entries are not found, even if the kernel has not removed them yet.
#include "world/conntrack.h"

#include "base/text.h"
#include "image/image.h"
#include "world/addresses.h"

#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <netlink/netfilter/ct.h>
#include <netlink/netfilter/nfnl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

enum { ORIGINAL, REPLY };

static int fail(struct err *err, int code, const char *what) {
    err_set(err, "%s: %s", what, nl_geterror(code));
    return err_remedy(err, "the kernel needs CONFIG_NF_CT_NETLINK (as root: modprobe "
                           "nf_conntrack_netlink)");
}

/** Where an app's connection may lead: to the server, or to a proxy in the wire. */
static const struct {
    int family;
    const char *app, *server;
} ways[] = {{AF_INET, APP_ADDRESS, SERVER_ADDRESS},
            {AF_INET6, APP_ADDRESS6, SERVER_ADDRESS6},
            {AF_INET, APP_ADDRESS, APP_GATEWAY},
            {AF_INET6, APP_ADDRESS6, APP_GATEWAY6}};

static int set_end(struct nfnl_ct *flow, int family, const char *text, bool source) {
    struct nl_addr *address = NULL;
    int code = nl_addr_parse(text, family, &address);
    if (code >= 0)
        code = source ? nfnl_ct_set_src(flow, ORIGINAL, address)
                      : nfnl_ct_set_dst(flow, ORIGINAL, address);
    nl_addr_put(address);
    return code;
}

// Asks for a single entry: the kernel's table is shared by all namespaces, and listing it takes
// long.
static int ask(struct nl_sock *sock, size_t way, uint16_t app_port) {
    struct nfnl_ct *flow = xgot(nfnl_ct_alloc());
    nfnl_ct_set_family(flow, (uint8_t)ways[way].family);
    nfnl_ct_set_proto(flow, IPPROTO_TCP);
    nfnl_ct_set_src_port(flow, ORIGINAL, app_port);
    nfnl_ct_set_dst_port(flow, ORIGINAL, SERVER_PORT);
    int code = set_end(flow, ways[way].family, ways[way].app, true);
    if (code >= 0)
        code = set_end(flow, ways[way].family, ways[way].server, false);
    if (code >= 0)
        code = nfnl_ct_query(sock, flow, 0);
    nfnl_ct_put(flow);
    return code;
}

// The kernel marks its only answer as one of several, but none follows.
static int take(struct nl_msg *message, void *context) {
    struct nfnl_ct **flow = context;
    int code = nfnlmsg_ct_parse(nlmsg_hdr(message), flow);
    return code < 0 ? code : NL_STOP;
}

// 1: found; 0: unknown; -1: error. The caller releases the flow.
static int find(const struct netns *netns, uint16_t app_port, struct nfnl_ct **ret_flow,
                struct err *err) {
    struct nl_sock *sock = netns_netlink(netns, NETLINK_NETFILTER, err);
    if (!sock)
        return -1;
    nl_socket_disable_auto_ack(sock);
    int code = nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, take, ret_flow);
    for (size_t way = 0; code >= 0 && !*ret_flow && way < COUNT_OF(ways); way++) {
        code = ask(sock, way, app_port);
        if (code >= 0)
            code = nl_recvmsgs_default(sock);
        if (code == -NLE_OBJ_NOTFOUND)
            code = 0;
    }
    nl_socket_free(sock);
    return code < 0 ? fail(err, code, "look for a connection") : *ret_flow != NULL;
}

int conntrack_find(const struct netns *netns, uint16_t app_port, struct conntrack_flow *ret,
                   struct err *err) {
    struct nfnl_ct *flow = NULL;
    int found = find(netns, app_port, &flow, err);
    if (found > 0)
        *ret = (struct conntrack_flow){.tcp_state = nfnl_ct_get_tcp_state(flow),
                                       .timeout_s = nfnl_ct_get_timeout(flow),
                                       .port = nfnl_ct_get_dst_port(flow, REPLY)};
    nfnl_ct_put(flow);
    return found;
}

static int forget(const struct netns *netns, const struct nfnl_ct *flow, struct err *err) {
    struct nl_sock *sock = netns_netlink(netns, NETLINK_NETFILTER, err);
    if (!sock)
        return -1;
    int code = nfnl_ct_del(sock, flow, 0);
    nl_socket_free(sock);
    return code < 0 ? fail(err, code, "forget a connection") : 1;
}

int conntrack_forget(const struct netns *netns, uint16_t app_port, struct err *err) {
    struct nfnl_ct *flow = NULL;
    int found = find(netns, app_port, &flow, err);
    if (found > 0)
        found = forget(netns, flow, err);
    nfnl_ct_put(flow);
    return found;
}

// A deletion that specifies no connection deletes all.
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
