// SPDX-License-Identifier: Apache-2.0
// firewall.c - packet filter rules and NAT, by iptables and ip6tables
//
// A rule is identified by its comment, the fault's name. Conditions on a whole connection (its
// state, what it has passed) can only match connections that the kernel has tracked since their
// SYN, so firewall_track() must be called before the app connects.
#include "world/firewall.h"

#include "base/hex.h"
#include "image/image.h"
#include "world/addresses.h"
#include "world/conntrack.h"
#include "world/iptables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    // nf_conntrack_tcp_timeout_established of a fresh namespace, seconds
    KERNEL_IDLE_TIMEOUT_S = 432000,
};

static int run_words(const struct netns *netns, bool ipv6, const char *words, struct err *err) {
    return iptables_run(iptables_begin(netns, ipv6, words), NULL, err);
}

// ---- one rule ----------------------------------------------------------------------------------

static const char *chain_of(const struct firewall_match *filter) {
    if (filter->at <= FILTER_AT_WIRE)
        return "FORWARD";
    bool outgoing = (filter->at == FILTER_AT_APP) == (filter->from == SIDE_APP);
    return outgoing ? "OUTPUT" : "INPUT";
}

// The app's packets enter the wire by the link `app`; at a host the chain gives the direction.
static void add_direction(struct iptables *command, const struct firewall_match *filter) {
    if (filter->at <= FILTER_AT_WIRE)
        iptables_add_words(command, filter->from == SIDE_APP ? "-i app" : "-i server");
    iptables_add_number(command, filter->from == SIDE_APP ? "-p tcp --dport" : "-p tcp --sport",
                        SERVER_PORT);
}

static void add_state(struct iptables *command, const struct firewall_match *filter) {
    static const char *const names[FLOW_STATE_COUNT] = {[FLOW_NEW] = "NEW",
                                                        [FLOW_ESTABLISHED] = "ESTABLISHED",
                                                        [FLOW_RELATED] = "RELATED",
                                                        [FLOW_INVALID] = "INVALID"};
    if (filter->state < 0)
        return;
    iptables_add_words(command, "-m conntrack --ctstate");
    iptables_add_word(command, names[filter->state]);
}

// The current packet is counted already, so the first one caught is one beyond.
static void add_after(struct iptables *command, const struct firewall_match *filter) {
    if (!filter->after)
        return;
    bool packets = filter->after->packets >= 0;
    iptables_add_number(command, "-m connbytes --connbytes",
                        (packets ? filter->after->packets : filter->after->bytes) + 1);
    iptables_add_words(command, filter->from == SIDE_APP ? "--connbytes-dir original"
                                                         : "--connbytes-dir reply");
    iptables_add_words(command, packets ? "--connbytes-mode packets" : "--connbytes-mode bytes");
}

// iptables allows at most one blank between two bytes.
static char *hex_pattern(struct arena *arena, const char *hex) {
    cleanup_text struct text bytes = {0}, pattern = {0};
    hex_read(hex, &bytes);
    for (size_t i = 0; i < bytes.length; i++)
        text_printf(&pattern, "%02x", (unsigned char)bytes.data[i]);
    return arena_printf(arena, "|%s|", text_get(&pattern));
}

static void add_when(struct iptables *command, const struct firewall_match *filter) {
    if (!filter->when)
        return;
    iptables_add_words(command, filter->when->text ? "-m string --algo bm --string"
                                                   : "-m string --algo bm --hex-string");
    iptables_add_word(command, filter->when->text
                                   ? filter->when->text
                                   : hex_pattern(command->arena, filter->when->bytes));
}

static void add_recent(struct iptables *command, const char *id, const char *what) {
    iptables_add_words(command, "--syn -m recent --name");
    iptables_add_word(command, id);
    iptables_add_words(command, what);
}

static void add_beyond(struct iptables *command, const struct firewall_rule *rule) {
    const struct filter_beyond *beyond = rule->filter->beyond;
    if (!beyond)
        return;
    if (beyond->open >= 0) {
        iptables_add_number(command, "--syn -m connlimit --connlimit-above", beyond->open);
        return;
    }
    add_recent(command, rule->id, "--rcheck");
    iptables_add_number(command, "--seconds", (beyond->within_ms + 999) / 1000);
    iptables_add_number(command, "--hitcount", beyond->attempts + 1);
}

static void add_answer(struct iptables *command, const char *answer) {
    iptables_add_words(command, answer ? "-j REJECT --reject-with" : "-j DROP");
    if (answer)
        iptables_add_word(command, answer);
}

// The command that adds (-A) or removes (-D) the rule of a fault.
static struct iptables rule_command(const char *what, const struct firewall_rule *rule) {
    const struct firewall_match *filter = rule->filter;
    struct iptables command = iptables_begin(rule->netns, rule->ipv6, what);
    iptables_add_word(&command, chain_of(filter));
    add_direction(&command, filter);
    add_state(&command, filter);
    add_after(&command, filter);
    add_when(&command, filter);
    add_beyond(&command, rule);
    iptables_add_comment(&command, rule->id);
    add_answer(&command, rule->answer);
    return command;
}

static int change(const char *what, const struct firewall_rule *rule, struct err *err) {
    return iptables_run(rule_command(what, rule), NULL, err);
}

// A limit on attempts needs another rule before it that records them.
static bool has_notes(const struct firewall_rule *rule) {
    return rule->filter->beyond && rule->filter->beyond->attempts >= 0;
}

static struct iptables notes_command(const char *what, const struct firewall_rule *rule) {
    struct iptables command = iptables_begin(rule->netns, rule->ipv6, what);
    iptables_add_word(&command, chain_of(rule->filter));
    add_direction(&command, rule->filter);
    add_recent(&command, rule->id, "--set");
    return command;
}

static int change_notes(const char *what, const struct firewall_rule *rule, struct err *err) {
    if (!has_notes(rule))
        return 0;
    return iptables_run(notes_command(what, rule), NULL, err);
}

int firewall_add(const struct firewall_rule *rule, struct err *err) {
    return change_notes("-A", rule, err) < 0 ? -1 : change("-A", rule, err);
}

int firewall_remove(const struct firewall_rule *rule, int64_t *ret_packets, struct err *err) {
    if (firewall_count(rule, ret_packets, err) < 0 || change("-D", rule, err) < 0)
        return -1;
    return change_notes("-D", rule, err);
}

// ---- counters ----------------------------------------------------------------------------------

int firewall_count(const struct firewall_rule *rule, int64_t *ret_packets, struct err *err) {
    return iptables_count(rule->netns, rule->ipv6, "filter", chain_of(rule->filter), rule->id,
                          ret_packets, err);
}

int firewall_flush(const struct netns *netns, bool ipv6, struct err *err) {
    return run_words(netns, ipv6, "-F", err);
}

// ---- connections -------------------------------------------------------------------------------

bool firewall_needs_tracking(const struct firewall_match *filter) {
    return filter->state >= 0 || filter->after || (filter->beyond && filter->beyond->open >= 0);
}

// A rule that matches connection states, even without a target, makes the kernel track connections.
int firewall_track(const struct netns *netns, bool ipv6, struct err *err) {
    if (netns_sysctl(netns, "netfilter/nf_conntrack_acct", "1", err) < 0)
        return -1;
    return run_words(netns, ipv6, "-A INPUT -m conntrack --ctstate INVALID", err);
}

// ---- NAT ---------------------------------------------------------------------------------------

// Packets of no known flow go to FORWARD if they are the app's, and to INPUT if they are the
// server's, which sends to an address of the wire.
static struct iptables strangers_command(const struct firewall_nat *nat, const char *chain) {
    struct iptables command = iptables_begin(nat->netns, false, "-A");
    iptables_add_words(&command, chain);
    iptables_add_words(&command, "-p tcp -m conntrack --ctstate INVALID");
    iptables_add_comment(&command, nat->id);
    add_answer(&command, nat->reset ? "tcp-reset" : NULL);
    return command;
}

static int catch_strangers(const struct firewall_nat *nat, const char *chain, struct err *err) {
    return iptables_run(strangers_command(nat, chain), NULL, err);
}

static struct iptables snat_command(const struct firewall_nat *nat, const char *what) {
    struct iptables command = iptables_begin(nat->netns, false, what);
    iptables_add_words(&command, "POSTROUTING -o server");
    iptables_add_number(&command, "-p tcp --dport", SERVER_PORT);
    iptables_add_words(&command, "-j SNAT --to-source " SERVER_GATEWAY);
    return command;
}

static int set_flows(const struct netns *netns, int64_t idle_timeout_s, bool loose,
                     struct err *err) {
    char seconds[32];
    snprintf(seconds, sizeof seconds, "%lld", (long long)idle_timeout_s);
    if (netns_sysctl(netns, "netfilter/nf_conntrack_tcp_timeout_established", seconds, err) < 0)
        return -1;
    return netns_sysctl(netns, "netfilter/nf_conntrack_tcp_loose", loose ? "1" : "0", err);
}

int firewall_nat_add(const struct firewall_nat *nat, struct err *err) {
    if (iptables_run(snat_command(nat, "-t nat -A"), NULL, err) < 0)
        return -1;
    int64_t timeout_s =
        nat->idle_timeout_ms >= 0 ? nat->idle_timeout_ms / 1000 : KERNEL_IDLE_TIMEOUT_S;
    if (set_flows(nat->netns, timeout_s, false, err) < 0 ||
        catch_strangers(nat, "FORWARD -i app", err) < 0)
        return -1;
    return catch_strangers(nat, "INPUT -i server", err);
}

int firewall_nat_count(const struct firewall_nat *nat, int64_t *ret_packets, struct err *err) {
    int64_t of_server = 0;
    if (iptables_count(nat->netns, false, "filter", "FORWARD", nat->id, ret_packets, err) < 0 ||
        iptables_count(nat->netns, false, "filter", "INPUT", nat->id, &of_server, err) < 0)
        return -1;
    *ret_packets += of_server;
    return 0;
}

int firewall_nat_remove(const struct firewall_nat *nat, struct err *err) {
    if (run_words(nat->netns, false, "-t nat -F", err) < 0 ||
        firewall_flush(nat->netns, false, err) < 0)
        return -1;
    return set_flows(nat->netns, KERNEL_IDLE_TIMEOUT_S, true, err);
}

int firewall_settings_try(const struct netns *netns, struct err *err) {
    if (netns_sysctl(netns, "netfilter/nf_conntrack_acct", "1", err) < 0)
        return -1;
    return set_flows(netns, KERNEL_IDLE_TIMEOUT_S, true, err);
}

// ---- many at once ------------------------------------------------------------------------------

static void write_rules(const struct firewall_rule *rules, size_t count, bool ipv6,
                        struct text *lines) {
    for (size_t i = 0; i < count; i++) {
        if (rules[i].ipv6 != ipv6)
            continue;
        if (has_notes(&rules[i]))
            iptables_write(notes_command("-A", &rules[i]), lines);
        iptables_write(rule_command("-A", &rules[i]), lines);
    }
}

// Whether all rules are listed with their counters.
static int find_rules(const struct netns *netns, const struct firewall_rule *rules, size_t count,
                      bool ipv6, struct err *err) {
    cleanup_text struct text listing = {0};
    int64_t packets;
    int ret = iptables_run(iptables_begin(netns, ipv6, "-v -S"), &listing, err);
    for (size_t i = 0; ret == 0 && i < count; i++)
        if (rules[i].ipv6 == ipv6)
            ret = iptables_read_count(text_get(&listing), rules[i].id, &packets, err);
    return ret;
}

int firewall_try(const struct netns *netns, const struct firewall_rule *rules, size_t count,
                 const struct firewall_nat *nat, bool ipv6, struct err *err) {
    cleanup_text struct text lines = {0};
    text_add(&lines, "*filter\n");
    write_rules(rules, count, ipv6, &lines);
    if (nat) {
        iptables_write(strangers_command(nat, "FORWARD -i app"), &lines);
        iptables_write(strangers_command(nat, "INPUT -i server"), &lines);
        text_add(&lines, "COMMIT\n*nat\n");
        iptables_write(snat_command(nat, "-A"), &lines);
    }
    text_add(&lines, "COMMIT\n");
    if (iptables_restore(text_get(&lines), ipv6, netns, err) < 0)
        return -1;
    return find_rules(netns, rules, count, ipv6, err);
}
