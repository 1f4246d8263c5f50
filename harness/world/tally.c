// SPDX-License-Identifier: Apache-2.0
// tally.c - packets counted in the wire, by iptables
#include "world/tally.h"

#include "base/text.h"
#include "world/iptables.h"

// Before the routing decision there is only `mangle` and `raw`; `filter` sees nothing of a packet
// that no route takes.
static const char *table_of(const struct tally *tally) {
    return tally->arriving ? "mangle" : "filter";
}

static const char *chain_of(const struct tally *tally) {
    return tally->arriving ? "PREROUTING" : "OUTPUT";
}

static int change(const char *what, const struct tally *tally, struct err *err) {
    const char *argv[32] = {
        "iptables", "-w",      "-t", table_of(tally), what,        chain_of(tally),
        "-d",       tally->to, "-m", "comment",       "--comment", tally->id};
    const char *const arriving[] = {"-i", tally->link, "-p", "tcp"};
    const char *const leaving[] = {"-p", "icmp", "--icmp-type", "fragmentation-needed"};
    size_t count = 12;
    for (size_t i = 0; i < COUNT_OF(arriving); i++)
        argv[count++] = tally->arriving ? arriving[i] : leaving[i];
    if (tally->drop) {
        argv[count++] = "-j";
        argv[count++] = "DROP";
    }
    return iptables_run(argv, -1, NULL, err);
}

int tally_add(const struct tally *tally, struct err *err) {
    return change("-A", tally, err);
}

int tally_count(const struct tally *tally, int64_t *ret_packets, struct err *err) {
    const char *argv[] = {"iptables",      "-w", "-t", table_of(tally), "-v", "-S",
                          chain_of(tally), NULL};
    cleanup_text struct text output = {0};
    if (iptables_run(argv, -1, &output, err) < 0)
        return -1;
    return iptables_read_count(text_get(&output), tally->id, ret_packets, err);
}

int tally_remove(const struct tally *tally, int64_t *ret_packets, struct err *err) {
    if (tally_count(tally, ret_packets, err) < 0)
        return -1;
    return change("-D", tally, err);
}
