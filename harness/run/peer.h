// SPDX-License-Identifier: Apache-2.0
// peer.h - a connection's raw end, in the server's place or in the client's
#ifndef GONEAWAY_RUN_PEER_H
#define GONEAWAY_RUN_PEER_H

#include "run/packet.h"

struct peer {
    int fd;         ///< -1: no connection
    bool client;    ///< its packets are commands, whose numbers begin at 0
    uint8_t next;   ///< number of the next packet: that of the latest one read or sent, and one
    double pace_ms; ///< > 0: how long it waits before each byte it sends
    char plugin[PACKET_PLUGIN_BYTES]; ///< of the greeting that was read
};

enum peer_end {
    PEER_DONE, ///< the action is done
    PEER_LATE, ///< its deadline has passed
    PEER_LOST, ///< the connection has ended
};

/** What came of an action. Release `packet`. */
struct peer_seen {
    struct text packet; ///< payload of the packet that was read
    uint8_t sequence;   ///< its number
    int system_errno;   ///< PEER_LOST: 0 a proper close by the other side, else why
};

/** Carries out an action on an open connection, until `deadline_ms` as of clock_ms(); < 0: without
 * one. After `close` and `reset` there is none any more. */
enum peer_end peer_act(struct peer *peer, const struct choice *action, double deadline_ms,
                       struct peer_seen *seen);

#endif
