// SPDX-License-Identifier: Apache-2.0
// traffic.h - what passed between app and server while a case ran, in words
#ifndef GONEAWAY_TRAFFIC_TRAFFIC_H
#define GONEAWAY_TRAFFIC_TRAFFIC_H

#include "base/side.h"
#include "traffic/capture.h"

#include <pthread.h>

/** Who sends and receives. What only the network can have sent (the RST of a firewall, an ICMP
 * error) is its own; a proxy is on it, too. */
enum speaker { SPEAKER_APP, SPEAKER_NETWORK, SPEAKER_SERVER, SPEAKERS };

struct traffic_event {
    double at_ms; ///< when it was sent, as of clock_ms()
    enum speaker from, to;
    bool lost; ///< it has not arrived
    char *words;
};

struct traffic {
    struct capture *ends[2]; ///< by enum side; NULL: none
    struct link_end links[2];
    pthread_t opener;
    bool opening;
    struct err err; ///< of the opener
};

/** Begins to capture at both ends of the network, in a thread, since the kernel takes its time to
 * set up a ring: traffic_wait() waits until all that passes is seen. The ends must stay until
 * then. */
int traffic_open(struct traffic *traffic, const struct link_end *app, const struct link_end *server,
                 struct err *err);
/** On error nothing is captured, which is no reason not to go on. */
int traffic_wait(struct traffic *traffic, struct err *err);
/** Ends it, likewise in a thread, for which nobody waits. A zeroed one is allowed. */
void traffic_close(struct traffic *traffic);
/** What has passed since it was opened, oldest first, not more than `most`: the beginning and the
 * end. `proxied`: each end speaks with a proxy. Returns how many; `ret_left_out` how many more
 * there were, with those that found no room. */
size_t traffic_read(struct traffic *traffic, bool proxied, size_t most,
                    struct traffic_event **ret_events, size_t *ret_left_out);
/** Has traffic_read() also keep the packets, see capture_keep(). */
int traffic_keep(struct traffic *traffic, size_t most, struct err *err);
/** Takes those of one end, see capture_take_kept(). */
char *traffic_take_kept(struct traffic *traffic, enum side side, size_t *ret_length);
void traffic_free_events(struct traffic_event *events, size_t count);

#endif
