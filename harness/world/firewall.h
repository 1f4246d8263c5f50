// SPDX-License-Identifier: Apache-2.0
// firewall.h - packet filter rules and NAT, by iptables and ip6tables, that count what they catch
#ifndef GONEAWAY_WORLD_FIREWALL_H
#define GONEAWAY_WORLD_FIREWALL_H

#include "base/err.h"
#include "base/side.h"
#include "world/netns.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where a firewall can be. */
enum filter_place { FILTER_AT_WIRE, FILTER_AT_APP, FILTER_AT_SERVER, FILTER_PLACE_COUNT };
/** States of a connection, as a tracking firewall sees them. */
enum flow_state { FLOW_NEW, FLOW_ESTABLISHED, FLOW_RELATED, FLOW_INVALID, FLOW_STATE_COUNT };
/** What a rule catches: all conditions must hold. */
struct filter_after {
    int64_t packets, bytes; ///< only one is set; the other is -1
};
struct filter_when {
    const char *text, *bytes; ///< only one is set; `bytes` in hexadecimal
};
struct filter_beyond {
    int64_t open;                ///< -1: any
    int64_t attempts, within_ms; ///< -1: any
};
struct firewall_match {
    int from;  ///< enum side: whose packets
    int at;    ///< enum filter_place, -1: the wire
    int state; ///< enum flow_state, -1: any
    struct filter_after *after;
    struct filter_when *when;
    struct filter_beyond *beyond;
};

/** The rule of a fault: where it is and what it catches. */
struct firewall_rule {
    const char *id;                      ///< identifies the rule
    const struct netns *netns;           ///< the host's or the wire's
    const struct firewall_match *filter; ///< what it catches, and at which of the three places
    const char *answer; ///< what it answers, as iptables' --reject-with; NULL: it drops silently
    bool ipv6;          ///< over IPv6, else over IPv4
};

/** Adds a rule, which counts from then on. */
int firewall_add(const struct firewall_rule *rule, struct err *err);
/** Removes the rule and returns how many packets it has caught. */
int firewall_remove(const struct firewall_rule *rule, int64_t *ret_packets, struct err *err);
/** How many packets the rule has caught so far. */
int firewall_count(const struct firewall_rule *rule, int64_t *ret_packets, struct err *err);
/** Removes all rules of a namespace. */
int firewall_flush(const struct netns *netns, bool ipv6, struct err *err);

/** Whether a rule with these conditions needs connections to be tracked from their start. */
bool firewall_needs_tracking(const struct firewall_match *filter);
/** Makes a namespace track connections from now on (until firewall_flush()), and count their
 * packets and bytes. */
int firewall_track(const struct netns *netns, bool ipv6, struct err *err);

/** A source NAT in the wire for the app's connections, over IPv4. Ports are kept, since the app's
 * host is the only one behind it. */
struct firewall_nat {
    const char *id;
    const struct netns *netns; ///< the wire's
    int64_t idle_timeout_ms;   ///< whole seconds; -1: the kernel's default
    bool reset;                ///< packets of no known flow are reset, else dropped
};
/** Sets it up; packets of no known flow are caught and counted. */
int firewall_nat_add(const struct firewall_nat *nat, struct err *err);
/** How many packets of no known flow it has caught. */
int firewall_nat_count(const struct firewall_nat *nat, int64_t *ret_packets, struct err *err);
/** Takes it down, including flows and settings. */
int firewall_nat_remove(const struct firewall_nat *nat, struct err *err);
/** Whether the kernel has the settings of connection tracking; use a throw-away namespace with a
 * rule that tracks connections. */
int firewall_settings_try(const struct netns *netns, struct err *err);

/** Whether rules can be added to a namespace, each with its own `id`, along with those of a NAT
 * (NULL: none), and can be listed with counters. Takes two processes for all rules of one IP
 * version, and skips the others. Use a throw-away namespace, since the rules stay. */
int firewall_try(const struct netns *netns, const struct firewall_rule *rules, size_t count,
                 const struct firewall_nat *nat, bool ipv6, struct err *err);

#endif
