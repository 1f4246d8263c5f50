// SPDX-License-Identifier: Apache-2.0
// stream.c - cuts one direction of a connection into MySQL packets or TLS records
#include "traffic/stream.h"

#include <string.h>

static size_t header_size(enum framing framing) {
    static const size_t sizes[] = {
        [FRAMING_PLAIN] = 4, [FRAMING_TLS] = 5, [FRAMING_COMPRESSED] = 7};
    return sizes[framing];
}

static size_t little24(const uint8_t *at) {
    return at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16;
}

static size_t size_in(const struct stream *stream) {
    const uint8_t *header = stream->header;
    return stream->framing == FRAMING_TLS ? (size_t)header[3] << 8 | header[4] : little24(header);
}

static void hand_over(struct stream *stream, piece_taker *taker, void *context) {
    bool tls = stream->framing == FRAMING_TLS;
    struct piece piece = {.framing = stream->framing,
                          .number = tls ? stream->header[0] : stream->header[3],
                          .size = stream->size,
                          .data = stream->kept,
                          .held = stream->kept_count};
    stream_begin_anew(stream);
    taker(context, &piece);
}

// The bytes captured, and how many more the segment had.
struct bytes {
    const uint8_t *data;
    size_t held, length;
};

static void advance(struct bytes *bytes, size_t count) {
    size_t held = count < bytes->held ? count : bytes->held;
    bytes->data += held;
    bytes->held -= held;
    bytes->length -= count;
}

static void take_header(struct stream *stream, struct bytes *bytes) {
    if (bytes->held == 0) { // cut off
        stream->blind = true;
        return;
    }
    stream->header[stream->header_held++] = *bytes->data;
    advance(bytes, 1);
    if (stream->header_held == header_size(stream->framing))
        stream->size = stream->left = size_in(stream);
}

static void take_content(struct stream *stream, struct bytes *bytes) {
    size_t count = stream->left < bytes->length ? stream->left : bytes->length;
    size_t held = count < bytes->held ? count : bytes->held;
    size_t room = STREAM_KEPT - stream->kept_count;
    size_t taken = held < room ? held : room;
    // after a hole, offsets within the packet are unknown
    if (stream->kept_count == stream->size - stream->left) {
        memcpy(stream->kept + stream->kept_count, bytes->data, taken);
        stream->kept_count += taken;
    }
    stream->left -= count;
    advance(bytes, count);
}

bool stream_is_within(const struct stream *stream) {
    return stream->header_held > 0;
}

void stream_begin_anew(struct stream *stream) {
    stream->header_held = 0;
    stream->kept_count = 0;
    stream->size = stream->left = 0;
    stream->blind = false;
}

// Finds the segment's position in the stream, and reduces its data to what is new.
static enum stream_news place(struct stream *stream, const struct segment *segment,
                              struct bytes *bytes) {
    int32_t ahead = (int32_t)(segment->sequence - stream->next);
    if (!stream->begun)
        ahead = 0;
    stream->begun = true;
    if (ahead < 0) {
        size_t old = (size_t) - (int64_t)ahead;
        if (old >= bytes->length)
            return STREAM_AGAIN;
        advance(bytes, old);
    }
    stream->next = segment->sequence + (uint32_t)segment->length;
    if (ahead <= 0)
        return STREAM_NEW;
    stream->blind = true;
    return STREAM_MISSED;
}

enum stream_news stream_take(struct stream *stream, const struct segment *segment,
                             piece_taker *taker, void *context) {
    struct bytes bytes = {segment->data, segment->held, segment->length};
    enum stream_news news = place(stream, segment, &bytes);
    while (news != STREAM_AGAIN && bytes.length > 0 && !stream->blind) {
        if (stream->header_held < header_size(stream->framing))
            take_header(stream, &bytes);
        else
            take_content(stream, &bytes);
        if (stream->header_held == header_size(stream->framing) && stream->left == 0)
            hand_over(stream, taker, context);
    }
    return news;
}
