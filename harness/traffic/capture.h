// SPDX-License-Identifier: Apache-2.0
// capture.h - what passes one end of a link, taken by libpcap into bounded memory
#ifndef GONEAWAY_TRAFFIC_CAPTURE_H
#define GONEAWAY_TRAFFIC_CAPTURE_H

#include "traffic/segment.h"
#include "world/netns.h"

/** A host's end of its link. */
struct capture;

/** Begins to capture at `end`, whose addresses say what the host itself has sent. NULL on error. */
struct capture *capture_open(const struct link_end *end, struct err *err);
void capture_close(struct capture *capture);

/** Is given what was taken, in its order: when, as of clock_ms(), and whether the host sent it. The
 * segment points into memory that is good for this call. */
typedef void capture_taker(void *context, double at_ms, bool sent, const struct segment *segment);
/** Hands over what has come since it was opened or last read. */
void capture_read(struct capture *capture, capture_taker *taker, void *context);
/** From then on capture_read() also keeps the frames, in the form of a pcap file of not much more
 * than `most` bytes. */
int capture_keep(struct capture *capture, size_t most, struct err *err);
/** Takes what it has kept, to be freed; NULL: nothing was asked for. */
char *capture_take_kept(struct capture *capture, size_t *ret_length);
/** How many packets found no room. */
unsigned capture_missed(struct capture *capture);

#endif
