// SPDX-License-Identifier: Apache-2.0
// segment.h - a frame taken from a link, read as far as TCP
#ifndef GONEAWAY_TRAFFIC_SEGMENT_H
#define GONEAWAY_TRAFFIC_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** As in the header of TCP (RFC 9293). */
enum { SEGMENT_FIN = 1, SEGMENT_SYN = 2, SEGMENT_RST = 4, SEGMENT_ACK = 16 };

/** A TCP segment, or the ICMP error that answers one. It points into the frame. */
struct segment {
    bool ipv6;
    const uint8_t *sender;   ///< its address: 4 bytes, or 16
    uint16_t source, target; ///< ports; of an ICMP error, those of the segment that it answers
    uint32_t sequence;
    unsigned flags;           ///< SEGMENT_..
    size_t length;            ///< bytes that it carried
    const uint8_t *data;      ///< what was taken of them
    size_t held;              ///< how much that is
    int icmp_type, icmp_code; ///< -1: it is no ICMP error
};

/** Reads an Ethernet frame of which `held` bytes were taken, of `length` that there were. Whether
 * it is a TCP segment or an ICMP error about one. */
bool segment_read(const uint8_t *frame, size_t held, size_t length, struct segment *ret);

#endif
