// SPDX-License-Identifier: Apache-2.0
// tally.h - packets counted in the wire, by iptables, for faults that have no counter of their own
#ifndef GONEAWAY_WORLD_TALLY_H
#define GONEAWAY_WORLD_TALLY_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/** Which packets of the wire are counted. */
struct tally {
    const char *id; ///< of the fault; finds the rule again
    /** What the wire is about to route: TCP that comes in on `link` for `to`. Else: what it sends
     * itself, the ICMP message "fragmentation needed" for `to`. */
    bool arriving;
    const char *link, *to;
    bool drop; ///< what is counted is also dropped
};

/** Adds the rule to the caller's namespace, which is the wire. */
int tally_add(const struct tally *tally, struct err *err);
/** How many packets it has counted so far. */
int tally_count(const struct tally *tally, int64_t *ret_packets, struct err *err);
/** Removes it and returns how many packets it has counted. */
int tally_remove(const struct tally *tally, int64_t *ret_packets, struct err *err);

#endif
