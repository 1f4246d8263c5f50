// SPDX-License-Identifier: Apache-2.0
// tally.h - counts packets in the wire, by iptables, for faults without a counter of their own
#ifndef GONEAWAY_WORLD_TALLY_H
#define GONEAWAY_WORLD_TALLY_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/** Which packets of the wire are counted. */
struct tally {
    const char *id; ///< the fault's; identifies the rule
    /** Counts packets before they are routed: TCP arriving on `link` for `to`. Else packets that
     * the wire itself sends: ICMP "fragmentation needed" to `to`. */
    bool arriving;
    const char *link, *to;
    bool drop; ///< drop the packets, too
};

/** Adds the rule to the caller's namespace, which must be the wire. */
int tally_add(const struct tally *tally, struct err *err);
/** How many packets it has counted so far. */
int tally_count(const struct tally *tally, int64_t *ret_packets, struct err *err);
/** Removes it and returns how many packets it has counted. */
int tally_remove(const struct tally *tally, int64_t *ret_packets, struct err *err);

#endif
