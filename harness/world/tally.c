// SPDX-License-Identifier: Apache-2.0
// tally.c - counts packets in the wire, by iptables
#include "world/tally.h"

#include "world/iptables.h"

// Before the routing decision there are only `mangle` and `raw`; `filter` never sees a packet
// without a route.
static const char *table_of(const struct tally *tally) {
    return tally->arriving ? "mangle" : "filter";
}

static const char *chain_of(const struct tally *tally) {
    return tally->arriving ? "PREROUTING" : "OUTPUT";
}

static int change(const char *what, const struct tally *tally, struct err *err) {
    struct iptables command = iptables_begin(NULL, false, "-t");
    iptables_add_word(&command, table_of(tally));
    iptables_add_word(&command, what);
    iptables_add_word(&command, chain_of(tally));
    iptables_add_words(&command, "-d");
    iptables_add_word(&command, tally->to);
    iptables_add_comment(&command, tally->id);
    iptables_add_words(&command,
                       tally->arriving ? "-p tcp -i" : "-p icmp --icmp-type fragmentation-needed");
    if (tally->arriving)
        iptables_add_word(&command, tally->link);
    if (tally->drop)
        iptables_add_words(&command, "-j DROP");
    return iptables_run(command, NULL, err);
}

int tally_add(const struct tally *tally, struct err *err) {
    return change("-A", tally, err);
}

int tally_count(const struct tally *tally, int64_t *ret_packets, struct err *err) {
    return iptables_count(NULL, false, table_of(tally), chain_of(tally), tally->id, ret_packets,
                          err);
}

int tally_remove(const struct tally *tally, int64_t *ret_packets, struct err *err) {
    if (tally_count(tally, ret_packets, err) < 0)
        return -1;
    return change("-D", tally, err);
}
