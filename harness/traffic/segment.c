// SPDX-License-Identifier: Apache-2.0
// segment.c - parses Ethernet, IPv4 and IPv6, TCP and ICMP errors
#include "traffic/segment.h"

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

// What remains to be read, and its length before it was cut.
struct rest {
    const uint8_t *data;
    size_t held, length;
};

static uint16_t big16(const uint8_t *at) {
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t big32(const uint8_t *at) {
    return (uint32_t)big16(at) << 16 | big16(at + 2);
}

static bool skip(struct rest *rest, size_t count) {
    if (rest->held < count || rest->length < count)
        return false;
    rest->data += count;
    rest->held -= count;
    rest->length -= count;
    return true;
}

// A frame may be longer than its packet: Ethernet pads short ones.
static void cut(struct rest *rest, size_t length) {
    if (rest->length > length)
        rest->length = length;
    if (rest->held > rest->length)
        rest->held = rest->length;
}

static bool read_tcp(struct rest rest, struct segment *ret) {
    enum { LEAST = 20 };
    const uint8_t *tcp = rest.data;
    if (rest.held < LEAST || !skip(&rest, (size_t)(tcp[12] >> 4) * 4) || tcp[12] >> 4 < LEAST / 4)
        return false;
    ret->source = big16(tcp);
    ret->target = big16(tcp + 2);
    ret->sequence = big32(tcp + 4);
    ret->flags = tcp[13];
    ret->data = rest.data;
    ret->held = rest.held;
    ret->length = rest.length;
    return true;
}

// An ICMP error quotes no more than the ports for sure (RFC 792).
static bool read_ports(const struct rest *rest, struct segment *ret) {
    if (rest->held < 4)
        return false;
    ret->source = big16(rest->data);
    ret->target = big16(rest->data + 2);
    return true;
}

// Removes the IP header; returns the protocol inside, or -1 if that cannot be read.
static int read_ip(struct rest *rest, bool ipv6) {
    enum { IPV6_HEADER = 40, IPV4_LEAST = 20 };
    const uint8_t *ip = rest->data;
    if (ipv6) {
        if (!skip(rest, IPV6_HEADER))
            return -1;
        cut(rest, big16(ip + 4));
        return ip[6];
    }
    if (rest->held < IPV4_LEAST || ip[0] >> 4 != 4 || (ip[0] & 15) * 4 < IPV4_LEAST)
        return -1;
    bool later_fragment = (big16(ip + 6) & 0x1fff) != 0;
    cut(rest, big16(ip + 2));
    return later_fragment || !skip(rest, (size_t)(ip[0] & 15) * 4) ? -1 : ip[9];
}

static bool is_error(const struct segment *segment) {
    if (segment->ipv6)
        return segment->icmp_type < ICMP6_ECHO_REQUEST;
    return segment->icmp_type == ICMP_DEST_UNREACH || segment->icmp_type == ICMP_TIME_EXCEEDED;
}

static bool read_icmp(struct rest rest, struct segment *ret) {
    enum { ICMP_HEADER = 8 };
    const uint8_t *icmp = rest.data;
    if (!skip(&rest, ICMP_HEADER))
        return false;
    ret->icmp_type = icmp[0];
    ret->icmp_code = icmp[1];
    return is_error(ret) && read_ip(&rest, ret->ipv6) == IPPROTO_TCP && read_ports(&rest, ret);
}

bool segment_read(const uint8_t *frame, size_t held, size_t length, struct segment *ret) {
    struct rest rest = {frame, held < length ? held : length, length};
    *ret = (struct segment){.icmp_type = -1, .icmp_code = -1};
    if (!skip(&rest, ETHER_HDR_LEN))
        return false;
    uint16_t type = big16(frame + ETHER_HDR_LEN - 2);
    if (type != ETHERTYPE_IP && type != ETHERTYPE_IPV6)
        return false;
    enum { SENDER_AT = 12, SENDER6_AT = 8, ADDRESS = 4, ADDRESS6 = 16 };
    ret->ipv6 = type == ETHERTYPE_IPV6;
    if (rest.held < (ret->ipv6 ? SENDER6_AT + ADDRESS6 : SENDER_AT + ADDRESS))
        return false;
    ret->sender = rest.data + (ret->ipv6 ? SENDER6_AT : SENDER_AT);
    int protocol = read_ip(&rest, ret->ipv6);
    if (protocol == IPPROTO_TCP)
        return read_tcp(rest, ret);
    if (protocol == (ret->ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
        return read_icmp(rest, ret);
    return false;
}
