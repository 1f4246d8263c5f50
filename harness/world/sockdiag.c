// SPDX-License-Identifier: Apache-2.0
// sockdiag.c - the kernel's view of sockets: INET_DIAG and UNIX_DIAG over libnl
#include "world/sockdiag.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct sock_query *query;
    struct sock_info *found;
    struct inet_diag_sockid id; // of the TCP socket found, for destroying it
    uint8_t family;             // that socket's
    bool done;
};

static bool fits(const struct sock_query *query, const struct sock_info *info) {
    return (!query->inode || query->inode == info->inode) &&
           (!query->peer_inode || query->peer_inode == info->peer_inode) &&
           (!query->local_port || query->local_port == info->local_port) &&
           (!query->peer_port || query->peer_port == info->peer_port) &&
           query->listening == (info->state == TCP_LISTEN);
}

static void consider(struct search *search, const struct sock_info *info) {
    if (search->done || !fits(search->query, info))
        return;
    *search->found = *info;
    search->done = true;
}

// A writer that has filled its send buffer sleeps until part of it is free, so a buffer that is no
// longer full may still have a sleeping writer: over TCP until a third is free
// (sk_stream_write_space() in net/core/stream.c), on a Unix socket, whose reader may have taken a
// part meanwhile, until three quarters are (unix_writable() in net/unix/af_unix.c).
enum { TWELFTHS_TCP = 8, TWELFTHS_UNIX = 3 };

// Whether so much is queued, by a socket's memory counters, that its writer may sleep.
static bool is_full(const struct nlattr *attribute, uint32_t twelfths) {
    if (!attribute || nla_len(attribute) < (int)((SK_MEMINFO_SNDBUF + 1) * sizeof(uint32_t)))
        return false;
    const uint32_t *memory = nla_data(attribute);
    uint32_t used = memory[SK_MEMINFO_WMEM_QUEUED] > memory[SK_MEMINFO_WMEM_ALLOC]
                        ? memory[SK_MEMINFO_WMEM_QUEUED]
                        : memory[SK_MEMINFO_WMEM_ALLOC];
    return used > memory[SK_MEMINFO_SNDBUF] / 12 * twelfths;
}

// Whether the peer accepts no more: nothing is in transit, and it has answered a window probe with
// a window that is still closed. Before that answer a full send buffer may still grow: the kernel
// enlarges it when an acknowledgement finds its writer waiting (tcp_new_space() in
// net/ipv4/tcp_input.c), and with a closed window the next acknowledgement is that of the first
// probe, some 200 ms later.
static bool is_window_closed(const struct nlattr *attribute) {
    struct tcp_info info = {0};
    if (!attribute)
        return false;
    size_t size = (size_t)nla_len(attribute);
    memcpy(&info, nla_data(attribute), size < sizeof info ? size : sizeof info);
    // every probe raises backoff; unanswered ones are counted in probes
    return info.tcpi_unacked == 0 && info.tcpi_backoff > info.tcpi_probes;
}

// 127.0.0.0/8, also as an IPv6 address, and ::1.
static bool is_loopback(const struct inet_diag_msg *data) {
    static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
    struct in6_addr address;
    memcpy(&address, data->id.idiag_dst, sizeof address);
    if (data->idiag_family == AF_INET)
        return address.s6_addr[0] == 127;
    return memcmp(&address, &loopback, sizeof address) == 0 ||
           (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

static int on_tcp(struct nl_msg *message, void *context) {
    struct search *search = context;
    const struct inet_diag_msg *data = nlmsg_data(nlmsg_hdr(message));
    struct nlattr *attributes[INET_DIAG_MAX + 1];
    int ret = nlmsg_parse(nlmsg_hdr(message), sizeof *data, attributes, INET_DIAG_MAX, NULL);
    if (ret < 0)
        return ret;
    struct sock_info info = {
        .inode = data->idiag_inode,
        .state = data->idiag_state,
        .local_port = ntohs(data->id.idiag_sport),
        .peer_port = ntohs(data->id.idiag_dport),
        .closed_by_peer = data->idiag_state == TCP_CLOSE_WAIT || data->idiag_state == TCP_CLOSING ||
                          data->idiag_state == TCP_LAST_ACK || data->idiag_state == TCP_CLOSE,
        .receive_bytes = data->idiag_rqueue,
        .send_bytes = data->idiag_wqueue,
        .loopback = is_loopback(data),
        .send_full = is_full(attributes[INET_DIAG_SKMEMINFO], TWELFTHS_TCP) &&
                     is_window_closed(attributes[INET_DIAG_INFO]),
    };
    bool before = search->done;
    consider(search, &info);
    if (!before && search->done) {
        search->id = data->id;
        search->family = data->idiag_family;
    }
    return NL_OK;
}

static int on_unix(struct nl_msg *message, void *context) {
    const struct unix_diag_msg *data = nlmsg_data(nlmsg_hdr(message));
    struct nlattr *attributes[UNIX_DIAG_MAX + 1];
    int ret = nlmsg_parse(nlmsg_hdr(message), sizeof *data, attributes, UNIX_DIAG_MAX, NULL);
    if (ret < 0)
        return ret;
    struct sock_info info = {
        .unix_socket = true, .inode = data->udiag_ino, .state = data->udiag_state};
    if (attributes[UNIX_DIAG_PEER])
        info.peer_inode = nla_get_u32(attributes[UNIX_DIAG_PEER]);
    if (attributes[UNIX_DIAG_SHUTDOWN]) // RCV_SHUTDOWN is 1
        info.closed_by_peer = nla_get_u8(attributes[UNIX_DIAG_SHUTDOWN]) & 1;
    if (attributes[UNIX_DIAG_RQLEN]) {
        const struct unix_diag_rqlen *queue = nla_data(attributes[UNIX_DIAG_RQLEN]);
        info.receive_bytes = queue->udiag_rqueue;
        info.send_bytes = queue->udiag_wqueue;
    }
    if (attributes[UNIX_DIAG_NAME]) // not NUL-terminated; an abstract name starts with a NUL
        snprintf(info.path, sizeof info.path, "%.*s", nla_len(attributes[UNIX_DIAG_NAME]),
                 (const char *)nla_data(attributes[UNIX_DIAG_NAME]));
    info.send_full = is_full(attributes[UNIX_DIAG_MEMINFO], TWELFTHS_UNIX);
    consider(context, &info);
    return NL_OK;
}

static int dump(const struct netns *netns, void *request, size_t size,
                nl_recvmsg_msg_cb_t on_message, struct search *search, struct err *err) {
    struct nl_sock *sock = netns_netlink(netns, NETLINK_SOCK_DIAG, err);
    if (!sock)
        return -1;
    int ret = nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_message, search);
    if (ret >= 0)
        ret = nl_send_simple(sock, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, request, size);
    if (ret >= 0)
        ret = nl_recvmsgs_default(sock);
    nl_socket_free(sock);
    if (ret < 0) {
        err_set(err, "list sockets: %s", nl_geterror(ret));
        return err_remedy(err, "the kernel needs CONFIG_INET_DIAG, CONFIG_INET_TCP_DIAG and "
                               "CONFIG_UNIX_DIAG (modules inet_diag, tcp_diag, unix_diag)");
    }
    return search->done;
}

// Listening sockets have separate tables, and so (since Linux 6.8) have sockets that are only
// bound. Tables shared by all namespaces are large, so only the relevant one is searched.
enum { BOUND_INACTIVE = 13 };
static uint32_t states_of(const struct sock_query *query) {
    uint32_t listening = 1U << TCP_LISTEN;
    if (query->states)
        return query->states;
    return query->listening ? listening : ~(listening | 1U << BOUND_INACTIVE);
}

static int find_tcp(const struct netns *netns, struct search *search, struct err *err) {
    static const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        struct inet_diag_req_v2 request = {.sdiag_family = (uint8_t)families[i],
                                           .sdiag_protocol = IPPROTO_TCP,
                                           .idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1) |
                                                        1 << (INET_DIAG_INFO - 1),
                                           .idiag_states = states_of(search->query)};
        int ret = dump(netns, &request, sizeof request, on_tcp, search, err);
        if (ret != 0)
            return ret;
    }
    return 0;
}

int sockdiag_find_tcp(const struct netns *netns, const struct sock_query *query,
                      struct sock_info *ret, struct err *err) {
    struct search search = {.query = query, .found = ret};
    return find_tcp(netns, &search, err);
}

int sockdiag_find_unix(const struct netns *netns, const struct sock_query *query,
                       struct sock_info *ret, struct err *err) {
    struct search search = {.query = query, .found = ret};
    struct unix_diag_req request = {.sdiag_family = AF_UNIX,
                                    .udiag_states = ~0U,
                                    .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER |
                                                  UDIAG_SHOW_RQLEN | UDIAG_SHOW_MEMINFO};
    return dump(netns, &request, sizeof request, on_unix, &search, err);
}

static int destroy(const struct netns *netns, const struct search *search, struct err *err) {
    struct inet_diag_req_v2 request = {.sdiag_family = search->family,
                                       .sdiag_protocol = IPPROTO_TCP,
                                       .idiag_states = ~0U,
                                       .id = search->id};
    struct nl_sock *sock = netns_netlink(netns, NETLINK_SOCK_DIAG, err);
    if (!sock)
        return -1;
    int ret = nl_send_simple(sock, SOCK_DESTROY, NLM_F_ACK, &request, sizeof request);
    if (ret >= 0)
        ret = nl_wait_for_ack(sock);
    nl_socket_free(sock);
    if (ret >= 0)
        return 0;
    err_set(err, "destroy socket: %s", nl_geterror(ret));
    return err_remedy(err, "the kernel needs CONFIG_INET_DIAG_DESTROY");
}

int sockdiag_destroy_tcp(const struct netns *netns, const struct sock_info *socket,
                         struct err *err) {
    struct sock_query query = {
        .inode = socket->inode, .local_port = socket->local_port, .peer_port = socket->peer_port};
    struct sock_info found;
    struct search search = {.query = &query, .found = &found};
    int ret = find_tcp(netns, &search, err);
    if (ret <= 0)
        return ret < 0 ? -1 : err_set(err, "the socket to destroy is gone already");
    return destroy(netns, &search, err);
}

int sockdiag_destroy_all_tcp(const struct netns *netns, struct err *err) {
    return sockdiag_destroy_all_to(netns, 0, err);
}

int sockdiag_destroy_all_to(const struct netns *netns, uint16_t peer_port, struct err *err) {
    enum { MOST = 4096 };
    const struct sock_query any = {
        .peer_port = peer_port,
        .states = ~(1U << TCP_LISTEN | 1U << TCP_TIME_WAIT | 1U << BOUND_INACTIVE)};
    for (int i = 0; i < MOST; i++) {
        struct sock_info found;
        struct search search = {.query = &any, .found = &found};
        int there = find_tcp(netns, &search, err);
        if (there <= 0)
            return there;
        if (destroy(netns, &search, err) < 0)
            return -1;
    }
    return err_set(err, "more than %d sockets are left", MOST);
}

int sockdiag_inodes_of(pid_t pid, uint64_t *ret_inodes, int most, struct err *err) {
    cleanup_free char *folder = xprintf("/proc/%d/fd", pid);
    DIR *descriptors = opendir(folder);
    if (!descriptors && (errno == ENOENT || errno == ESRCH))
        return 0;
    if (!descriptors)
        return err_errno(err, "%s", folder);
    int count = 0;
    errno = 0;
    for (struct dirent *entry; count < most && (entry = readdir(descriptors)); errno = 0) {
        char target[64] = "";
        ssize_t length = readlinkat(dirfd(descriptors), entry->d_name, target, sizeof target - 1);
        if (length < 0 && err_is_exhaustion(errno))
            break;
        if (text_starts(target, "socket:["))
            ret_inodes[count++] = strtoull(target + strlen("socket:["), NULL, 10);
    }
    if (errno)
        count = err_errno(err, "%s", folder);
    closedir(descriptors);
    return count;
}
