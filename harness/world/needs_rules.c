// SPDX-License-Identifier: Apache-2.0
// needs_rules.c - probes needs that are firewall rules, by adding the rules
#include "world/needs_rules.h"

#include "base/text.h"
#include "world/conntrack.h"
#include "world/firewall.h"

/** A rule that shows a need, and what the kernel lacks if it is refused. */
struct rule_row {
    enum need need;
    bool ipv6;
    const char *answer;
    struct firewall_match filter;
    const char *remedy;
};
#define REMEDY_MATCH(name)                                                                         \
    "install the package iptables; the kernel needs its match " name                               \
    " (as root: modprobe xt_" name ")"
static const struct rule_row rule_rows[] = {
    {NEED_FIREWALL,
     false,
     "tcp-reset",
     {.from = SIDE_APP, .state = -1},
     "install the package iptables; the kernel needs nf_tables or ip_tables with the targets "
     "REJECT and the match comment (as root: modprobe nft_compat ipt_REJECT xt_comment)"},
    {NEED_CONNTRACK,
     false,
     NULL,
     {.from = SIDE_APP},
     "the kernel needs the match conntrack and CONFIG_NF_CT_NETLINK (as root: modprobe "
     "xt_conntrack nf_conntrack_netlink)"},
    {NEED_CONNBYTES,
     false,
     NULL,
     {.from = SIDE_APP, .state = -1, .after = &(struct filter_after){.packets = -1, .bytes = 1}},
     REMEDY_MATCH("connbytes")},
    {NEED_STRING,
     false,
     NULL,
     {.from = SIDE_APP, .state = -1, .when = &(struct filter_when){.bytes = "00 ff"}},
     REMEDY_MATCH("string")},
    {NEED_CONNLIMIT,
     false,
     NULL,
     {.from = SIDE_APP,
      .state = -1,
      .beyond = &(struct filter_beyond){.open = 1, .attempts = -1, .within_ms = -1}},
     REMEDY_MATCH("connlimit")},
    {NEED_RECENT,
     false,
     NULL,
     {.from = SIDE_APP,
      .state = -1,
      .beyond = &(struct filter_beyond){.open = -1, .attempts = 1, .within_ms = 1000}},
     REMEDY_MATCH("recent")},
    {NEED_IPV6,
     true,
     "icmp6-adm-prohibited",
     {.from = SIDE_APP, .state = -1},
     "install the package iptables; the kernel needs ip6tables' target REJECT (as root: modprobe "
     "nft_compat ip6t_REJECT)"},
};

bool needs_are_rules(enum need need) {
    for (size_t i = 0; i < COUNT_OF(rule_rows); i++)
        if (rule_rows[i].need == need)
            return true;
    return need == NEED_NAT;
}

// The row of a need that is a rule.
static const struct rule_row *row_of(enum need need) {
    const struct rule_row *row = rule_rows;
    while (row->need != need)
        row++;
    return row;
}

static struct firewall_rule rule_of(const struct rule_row *row, const struct netns *netns) {
    return (struct firewall_rule){.id = need_names[row->need],
                                  .netns = netns,
                                  .filter = &row->filter,
                                  .answer = row->answer,
                                  .ipv6 = row->ipv6};
}

static const struct firewall_nat nat_row = {.id = "nat", .idle_timeout_ms = 1000};

// The rule vanishes with the sandbox.
static int try_rule(enum need need, struct err *err) {
    struct netns own;
    int64_t packets;
    if (netns_open_own(&own, err) < 0)
        return -1;
    struct firewall_rule rule = rule_of(row_of(need), &own);
    int ret = firewall_add(&rule, err);
    if (ret == 0)
        ret = firewall_count(&rule, &packets, err);
    if (ret == 0)
        ret = firewall_remove(&rule, &packets, err);
    netns_close(&own);
    return ret < 0 ? err_remedy(err, "%s", row_of(need)->remedy) : 0;
}

static int try_list_of_flows(const struct netns *netns, struct err *err) {
    struct conntrack_flow flow;
    return conntrack_find(netns, 1, &flow, err);
}

static int try_conntrack(struct err *err) {
    struct netns own;
    if (netns_open_own(&own, err) < 0)
        return -1;
    int ret = firewall_track(&own, false, err);
    if (ret == 0)
        ret = try_rule(NEED_CONNTRACK, err);
    if (ret == 0)
        ret = try_list_of_flows(&own, err);
    netns_close(&own);
    return ret < 0 ? err_remedy(err, "%s", row_of(NEED_CONNTRACK)->remedy) : 0;
}

static int try_nat(struct err *err) {
    struct netns own;
    if (netns_open_own(&own, err) < 0)
        return -1;
    struct firewall_nat nat = nat_row;
    nat.netns = &own;
    int ret = firewall_nat_add(&nat, err);
    if (ret == 0)
        ret = firewall_nat_remove(&nat, err);
    netns_close(&own);
    if (ret == 0)
        return 0;
    return err_remedy(err, "the kernel needs the target SNAT and the match conntrack (as root: "
                           "modprobe xt_nat nf_nat xt_conntrack)");
}

static int try_ipv6(struct err *err) {
    if (netns_has_ipv6())
        return try_rule(NEED_IPV6, err);
    err_set(err, "the kernel has no IPv6");
    return err_remedy(err, "start it without ipv6.disable=1 (module ipv6)");
}

int needs_try_rules(enum need need, struct err *err) {
    switch (need) {
    case NEED_CONNTRACK:
        return try_conntrack(err);
    case NEED_NAT:
        return try_nat(err);
    case NEED_IPV6:
        return try_ipv6(err);
    default:
        return try_rule(need, err);
    }
}

// ---- all together ------------------------------------------------------------------------------

// Probes what needs rules in place: kernel settings and lists.
static int try_beside_rules(const struct netns *netns, const bool *tried, struct err *err) {
    bool follows = tried[NEED_NAT] || tried[NEED_CONNTRACK];
    if (follows && firewall_settings_try(netns, err) < 0)
        return -1;
    return tried[NEED_CONNTRACK] && try_list_of_flows(netns, err) < 0 ? -1 : 0;
}

int needs_try_rules_together(const bool tried[NEED_COUNT], struct err *err) {
    struct firewall_rule rules[COUNT_OF(rule_rows)];
    struct netns netns;
    size_t count = 0;
    if (netns_open(&netns, err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(rule_rows); i++)
        if (tried[rule_rows[i].need])
            rules[count++] = rule_of(&rule_rows[i], &netns);
    size_t of_ipv4 = count - tried[NEED_IPV6];
    const struct firewall_nat *nat = tried[NEED_NAT] ? &nat_row : NULL;
    int ret = 0;
    if (of_ipv4 > 0 || nat)
        ret = firewall_try(&netns, rules, count, nat, false, err);
    if (ret == 0 && tried[NEED_IPV6])
        ret = netns_has_ipv6() ? firewall_try(&netns, rules, count, NULL, true, err) : -1;
    if (ret == 0)
        ret = try_beside_rules(&netns, tried, err);
    netns_close(&netns);
    return ret;
}
