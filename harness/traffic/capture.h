// SPDX-License-Identifier: Apache-2.0
// capture.h - captures what passes one end of a link, by libpcap, in bounded memory
#ifndef GONEAWAY_TRAFFIC_CAPTURE_H
#define GONEAWAY_TRAFFIC_CAPTURE_H

#include "traffic/segment.h"
#include "world/netns.h"

/** A host's end of its link. */
struct capture;

/** Starts capturing at `end`, whose addresses tell what the host itself sent. NULL on error. */
struct capture *capture_open(const struct link_end *end, struct err *err);
void capture_close(struct capture *capture);

/** Called with what was captured, in order: when, as of clock_ms(), and whether the host sent it.
 * The segment points into memory that is valid only during the call. */
typedef void capture_taker(void *context, double at_ms, bool sent, const struct segment *segment);
/** Hands over what has arrived since it was opened or last read. */
void capture_read(struct capture *capture, capture_taker *taker, void *context);
/** Makes capture_read() also keep the frames, as a pcap file of about `most` bytes at most. */
int capture_keep(struct capture *capture, size_t most, struct err *err);
/** Takes the file kept, to be freed; NULL: not requested. */
char *capture_take_kept(struct capture *capture, size_t *ret_length);
/** How many packets did not fit. */
unsigned capture_missed(struct capture *capture);

#endif
