// SPDX-License-Identifier: Apache-2.0
// segment.h - a captured frame, parsed down to TCP
#ifndef GONEAWAY_TRAFFIC_SEGMENT_H
#define GONEAWAY_TRAFFIC_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Flags of the TCP header (RFC 9293). */
enum { SEGMENT_FIN = 1, SEGMENT_SYN = 2, SEGMENT_RST = 4, SEGMENT_ACK = 16 };

/** A TCP segment, or an ICMP error about one. It points into the frame. */
struct segment {
    bool ipv6;
    const uint8_t *sender;   ///< its IP address: 4 bytes, or 16
    uint16_t source, target; ///< ports; for an ICMP error, those of the segment that it is about
    uint32_t sequence;
    unsigned flags;           ///< SEGMENT_..
    size_t length;            ///< length of its data, bytes
    const uint8_t *data;      ///< the captured part
    size_t held;              ///< its length
    int icmp_type, icmp_code; ///< -1: no ICMP error
};

/** Parses an Ethernet frame of `length` bytes, of which `held` were captured. Returns whether it is
 * a TCP segment or an ICMP error about one. */
bool segment_read(const uint8_t *frame, size_t held, size_t length, struct segment *ret);

#endif
