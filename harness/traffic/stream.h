// SPDX-License-Identifier: Apache-2.0
// stream.h - one direction of a connection, cut into MySQL's packets or TLS's records
#ifndef GONEAWAY_TRAFFIC_STREAM_H
#define GONEAWAY_TRAFFIC_STREAM_H

#include "traffic/segment.h"

/** What of a packet is kept for a look into it. */
enum { STREAM_KEPT = 256 };

enum framing { FRAMING_PLAIN, FRAMING_TLS, FRAMING_COMPRESSED };

struct stream {
    enum framing framing;
    bool begun;         ///< there was a segment
    bool blind;         ///< where a packet begins is not known any more
    uint32_t next;      ///< the sequence number that is due
    uint8_t header[7];  ///< of the present packet
    size_t header_held; ///< how much of it has come
    size_t size, left;  ///< of the present packet: all of it, and what is still to come
    uint8_t kept[STREAM_KEPT];
    size_t kept_count;
};

/** A whole packet, or a record of TLS. */
struct piece {
    enum framing framing;
    int number; ///< MySQL's number of a packet; TLS's content type of a record
    size_t size;
    const uint8_t *data; ///< the beginning
    size_t held;
};
typedef void piece_taker(void *context, const struct piece *piece);

enum stream_news {
    STREAM_NEW,    ///< data that had not come before
    STREAM_AGAIN,  ///< data that had: a retransmission
    STREAM_MISSED, ///< data after some that was not seen
};

/** Takes what a segment carries, and hands over each piece that it completes. */
enum stream_news stream_take(struct stream *stream, const struct segment *segment,
                             piece_taker *taker, void *context);
/** Whether a packet has begun and not ended. */
bool stream_is_within(const struct stream *stream);
/** Takes the next segment's begin for that of a packet. */
void stream_begin_anew(struct stream *stream);

#endif
