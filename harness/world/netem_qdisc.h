// SPDX-License-Identifier: Apache-2.0
// netem_qdisc.h - the queueing discipline netem on a link, over rtnetlink
//
// The same code runs on the host and in the guest of User-Mode Linux, see netem.h.
#ifndef GONEAWAY_WORLD_NETEM_QDISC_H
#define GONEAWAY_WORLD_NETEM_QDISC_H

#include "base/err.h"
#include "base/text.h"

struct nl_sock;

/** What netem does to packets on their way to one host; -1: not at all. */
struct netem_settings {
    int towards; ///< enum side: the receiver
    int64_t delay_ms, jitter_ms;
    int64_t loss_ppm, duplicate_ppm, corrupt_ppm, reorder_ppm; ///< parts per million of the packets
    int64_t delay_correlation_ppm, loss_correlation_ppm, duplicate_correlation_ppm,
        corrupt_correlation_ppm, reorder_correlation_ppm;
    int64_t gap;       ///< for reordering, packets
    int64_t rate_bits; ///< per second
    int64_t limit;     ///< packets
};

/** What a netem has done since it was added. */
struct netem_counts {
    int64_t packets; ///< that have passed it
    int64_t bytes;   ///< in these
    int64_t dropped; ///< packets: lost on purpose, or because too many were waiting
    int64_t waiting; ///< packets inside it now
};

/** Adds a netem to a link's egress, which must not have one. */
int netem_qdisc_add(struct nl_sock *route, const char *link, const struct netem_settings *args,
                    struct err *err);
/** Removes it; packets waiting in it are lost. */
int netem_qdisc_remove(struct nl_sock *route, const char *link, struct err *err);
/** Reads the counters of a link's netem. */
int netem_qdisc_count(struct nl_sock *route, const char *link, struct netem_counts *ret_counts,
                      struct err *err);

/** Keeps a link from merging or splitting packets and from offloading checksums: netem must see the
 * packets that a wire would carry. `fd` is a socket in the link's namespace. */
int link_offloads_off(int fd, const char *link, struct err *err);

/** Writes settings as numbers on a line, and reads them back (-1: malformed). */
void netem_settings_write(const struct netem_settings *args, struct text *line);
int netem_settings_read(const char *line, struct netem_settings *ret_args);

#endif
