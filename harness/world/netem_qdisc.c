// SPDX-License-Identifier: Apache-2.0
// netem_qdisc.c - the queueing discipline netem on a link, over rtnetlink
#include "world/netem_qdisc.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/pkt_sched.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/netem.h>
#include <netlink/route/tc.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static int fail_nl(struct err *err, int code, const char *what, const char *link) {
    return err_set(err, "%s on %s: %s", what, link, nl_geterror(code));
}

// ---- settings ----------------------------------------------------------------------------------

// A fraction as the kernel has it: 2^32-1 means always.
static int fraction(int64_t ppm) {
    return (int)(uint32_t)((double)ppm / 1e6 * UINT32_MAX);
}

static void set_share(struct rtnl_qdisc *qdisc, void (*set)(struct rtnl_qdisc *, int),
                      int64_t ppm) {
    if (ppm > 0)
        set(qdisc, fraction(ppm));
}

static void set_shares(struct rtnl_qdisc *qdisc, const struct netem_settings *args) {
    set_share(qdisc, rtnl_netem_set_loss, args->loss_ppm);
    set_share(qdisc, rtnl_netem_set_loss_correlation, args->loss_correlation_ppm);
    set_share(qdisc, rtnl_netem_set_duplicate, args->duplicate_ppm);
    set_share(qdisc, rtnl_netem_set_duplicate_correlation, args->duplicate_correlation_ppm);
    set_share(qdisc, rtnl_netem_set_corruption_probability, args->corrupt_ppm);
    set_share(qdisc, rtnl_netem_set_corruption_correlation, args->corrupt_correlation_ppm);
    set_share(qdisc, rtnl_netem_set_reorder_probability, args->reorder_ppm);
    set_share(qdisc, rtnl_netem_set_reorder_correlation, args->reorder_correlation_ppm);
    set_share(qdisc, rtnl_netem_set_delay_correlation, args->delay_correlation_ppm);
}

static void set_all(struct rtnl_qdisc *qdisc, const struct netem_settings *args) {
    set_shares(qdisc, args);
    if (args->delay_ms > 0)
        rtnl_netem_set_delay(qdisc, (int)args->delay_ms * 1000);
    if (args->jitter_ms > 0)
        rtnl_netem_set_jitter(qdisc, (int)args->jitter_ms * 1000);
    if (args->gap > 0)
        rtnl_netem_set_gap(qdisc, (int)args->gap);
    if (args->limit > 0)
        rtnl_netem_set_limit(qdisc, (int)args->limit);
}

// libnl has no rate. TCA_OPTIONS, the last attribute, is a struct followed by attributes; libnl
// (3.7) counts those twice in the message's length, which is corrected here.
static int add_rate(struct nl_msg *msg, int64_t bits) {
    struct nlmsghdr *header = nlmsg_hdr(msg);
    struct nlattr *options = nlmsg_find_attr(header, sizeof(struct tcmsg), TCA_OPTIONS);
    if (!options)
        return -NLE_MISSING_ATTR;
    char *end = (char *)options + NLA_ALIGN(options->nla_len);
    header->nlmsg_len = (uint32_t)(end - (char *)header);
    if (bits <= 0)
        return 0;
    uint64_t bytes = ((uint64_t)bits + 7) / 8;
    struct tc_netem_rate rate = {.rate = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX};
    int ret = 0;
    if (bytes >= UINT32_MAX)
        ret = nla_put(msg, TCA_NETEM_RATE64, sizeof bytes, &bytes);
    if (ret == 0)
        ret = nla_put(msg, TCA_NETEM_RATE, sizeof rate, &rate);
    options->nla_len = (uint16_t)((char *)nlmsg_tail(header) - (char *)options);
    return ret;
}

// ---- on a link ---------------------------------------------------------------------------------

// Builds a netem, not yet in the kernel, for a link's egress.
static int make(struct nl_sock *route, const char *name, struct rtnl_qdisc **ret_qdisc) {
    struct rtnl_link *link = NULL;
    int ret = rtnl_link_get_kernel(route, 0, name, &link);
    if (ret < 0)
        return ret;
    *ret_qdisc = xgot(rtnl_qdisc_alloc());
    rtnl_tc_set_ifindex(TC_CAST(*ret_qdisc), rtnl_link_get_ifindex(link));
    rtnl_tc_set_parent(TC_CAST(*ret_qdisc), TC_H_ROOT);
    rtnl_link_put(link);
    return rtnl_tc_set_kind(TC_CAST(*ret_qdisc), "netem");
}

int netem_qdisc_add(struct nl_sock *route, const char *link, const struct netem_settings *args,
                    struct err *err) {
    struct rtnl_qdisc *qdisc = NULL;
    struct nl_msg *msg = NULL;
    int ret = make(route, link, &qdisc);
    if (ret == 0) {
        set_all(qdisc, args);
        ret = rtnl_qdisc_build_add_request(qdisc, NLM_F_CREATE | NLM_F_EXCL, &msg);
    }
    if (ret == 0)
        ret = add_rate(msg, args->rate_bits);
    if (ret == 0)
        ret = nl_send_sync(route, msg); // frees the message
    else
        nlmsg_free(msg);
    rtnl_qdisc_put(qdisc);
    return ret < 0 ? fail_nl(err, ret, "add netem", link) : 0;
}

int netem_qdisc_remove(struct nl_sock *route, const char *link, struct err *err) {
    struct rtnl_qdisc *qdisc = NULL;
    int ret = make(route, link, &qdisc);
    if (ret == 0)
        ret = rtnl_qdisc_delete(route, qdisc);
    rtnl_qdisc_put(qdisc);
    return ret < 0 ? fail_nl(err, ret, "remove netem", link) : 0;
}

int netem_qdisc_count(struct nl_sock *route, const char *link, struct netem_counts *ret_counts,
                      struct err *err) {
    struct nl_cache *cache = NULL;
    struct rtnl_qdisc *asked = NULL, *qdisc = NULL;
    int ret = make(route, link, &asked);
    if (ret == 0)
        ret = rtnl_qdisc_alloc_cache(route, &cache);
    if (ret == 0)
        qdisc = rtnl_qdisc_get_by_parent(cache, rtnl_tc_get_ifindex(TC_CAST(asked)), TC_H_ROOT);
    if (qdisc)
        *ret_counts = (struct netem_counts){
            .packets = (int64_t)rtnl_tc_get_stat(TC_CAST(qdisc), RTNL_TC_PACKETS),
            .bytes = (int64_t)rtnl_tc_get_stat(TC_CAST(qdisc), RTNL_TC_BYTES),
            .dropped = (int64_t)rtnl_tc_get_stat(TC_CAST(qdisc), RTNL_TC_DROPS),
            .waiting = (int64_t)rtnl_tc_get_stat(TC_CAST(qdisc), RTNL_TC_QLEN)};
    else if (ret == 0)
        ret = -NLE_OBJ_NOTFOUND;
    rtnl_qdisc_put(qdisc);
    rtnl_qdisc_put(asked);
    nl_cache_free(cache);
    return ret < 0 ? fail_nl(err, ret, "count packets of netem", link) : 0;
}

int link_offloads_off(int fd, const char *link, struct err *err) {
    static const unsigned switches[] = {ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO};
    for (size_t i = 0; i < COUNT_OF(switches); i++) {
        struct ethtool_value off = {.cmd = switches[i]};
        struct ifreq request = {.ifr_data = (char *)&off};
        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", link);
        // a device cannot switch off what it does not have
        if (ioctl(fd, SIOCETHTOOL, &request) < 0 && errno != EOPNOTSUPP)
            return err_errno(err, "switch offloads of %s off", link);
    }
    return 0;
}

// ---- settings as text --------------------------------------------------------------------------

static const size_t numbers[] = {
    offsetof(struct netem_settings, delay_ms),
    offsetof(struct netem_settings, jitter_ms),
    offsetof(struct netem_settings, loss_ppm),
    offsetof(struct netem_settings, duplicate_ppm),
    offsetof(struct netem_settings, corrupt_ppm),
    offsetof(struct netem_settings, reorder_ppm),
    offsetof(struct netem_settings, delay_correlation_ppm),
    offsetof(struct netem_settings, loss_correlation_ppm),
    offsetof(struct netem_settings, duplicate_correlation_ppm),
    offsetof(struct netem_settings, corrupt_correlation_ppm),
    offsetof(struct netem_settings, reorder_correlation_ppm),
    offsetof(struct netem_settings, gap),
    offsetof(struct netem_settings, rate_bits),
    offsetof(struct netem_settings, limit),
};

void netem_settings_write(const struct netem_settings *args, struct text *line) {
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const int64_t *number = (const void *)((const char *)args + numbers[i]);
        text_printf(line, "%s%lld", i ? " " : "", (long long)*number);
    }
}

int netem_settings_read(const char *line, struct netem_settings *ret_args) {
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int64_t *number = (void *)((char *)ret_args + numbers[i]);
        char *end;
        *number = strtoll(line, &end, 10);
        if (end == line)
            return -1;
        line = end;
    }
    return 0;
}
