// SPDX-License-Identifier: Apache-2.0
// peer.h - the raw end of a connection, in the server's place or in the client's
#ifndef GONEAWAY_RUN_PEER_H
#define GONEAWAY_RUN_PEER_H

#include "run/packet.h"

struct peer {
    int fd;         ///< -1: no connection
    bool client;    ///< it sends commands, whose packets are numbered from 0
    uint8_t next;   ///< number of the next packet: one more than the latest read or sent
    double pace_ms; ///< > 0: the pause before each byte sent
    char plugin[PACKET_PLUGIN_BYTES]; ///< named in the greeting that was read
};

enum peer_end {
    PEER_DONE, ///< the action is done
    PEER_LATE, ///< its deadline has passed
    PEER_LOST, ///< the connection has ended
};

/** What an action resulted in. Release `packet`. */
struct peer_seen {
    struct text packet; ///< payload of the packet that was read
    uint8_t sequence;   ///< its number
    int system_errno;   ///< PEER_LOST: 0 if the other side closed properly, else why
};

/** Carries out an action on an open connection, until `deadline_ms` as of clock_ms(); < 0: no
 * deadline. `close` and `reset` leave no connection. */
enum peer_end peer_act(struct peer *peer, const struct choice *action, double deadline_ms,
                       struct peer_seen *seen);

#endif
