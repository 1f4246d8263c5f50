// SPDX-License-Identifier: Apache-2.0
// stream.h - cuts one direction of a connection into MySQL packets or TLS records
#ifndef GONEAWAY_TRAFFIC_STREAM_H
#define GONEAWAY_TRAFFIC_STREAM_H

#include "traffic/segment.h"

/** How much of a packet is kept to be looked at. */
enum { STREAM_KEPT = 256 };

enum framing { FRAMING_PLAIN, FRAMING_TLS, FRAMING_COMPRESSED };

struct stream {
    enum framing framing;
    bool begun;         ///< a segment has been seen
    bool blind;         ///< it is unknown where the next packet starts
    uint32_t next;      ///< the sequence number expected next
    uint8_t header[7];  ///< of the current packet
    size_t header_held; ///< how much of it has arrived
    size_t size, left;  ///< of the current packet: all of it, and what is missing
    uint8_t kept[STREAM_KEPT];
    size_t kept_count;
};

/** A complete packet, or a TLS record. */
struct piece {
    enum framing framing;
    int number; ///< MySQL's sequence number of a packet, or TLS's content type of a record
    size_t size;
    const uint8_t *data; ///< its beginning
    size_t held;
};
typedef void piece_taker(void *context, const struct piece *piece);

enum stream_news {
    STREAM_NEW,    ///< new data
    STREAM_AGAIN,  ///< a retransmission
    STREAM_MISSED, ///< data after some that was not captured
};

/** Takes a segment's data, and hands over each packet or record that it completes. */
enum stream_news stream_take(struct stream *stream, const struct segment *segment,
                             piece_taker *taker, void *context);
/** Whether a packet is incomplete. */
bool stream_is_within(const struct stream *stream);
/** Assumes that the next segment starts a packet. */
void stream_begin_anew(struct stream *stream);

#endif
