// SPDX-License-Identifier: Apache-2.0
// traffic.h - what passed between app and server while a case ran, in words
#ifndef GONEAWAY_TRAFFIC_TRAFFIC_H
#define GONEAWAY_TRAFFIC_TRAFFIC_H

#include "base/side.h"
#include "traffic/capture.h"

#include <pthread.h>

/** Who sends and receives. What only the network can have sent (a firewall's RST, an ICMP error) is
 * the network's own; a proxy is on it, too. */
enum speaker { SPEAKER_APP, SPEAKER_NETWORK, SPEAKER_SERVER, SPEAKERS };

struct traffic_event {
    double at_ms; ///< when it was sent, as of clock_ms()
    enum speaker from, to;
    int connection; ///< which one, from 1; a proxy has one with each end
    bool lost;      ///< it did not arrive
    bool fin, rst, quit, again;
    int error; ///< code of an ERR packet in it; 0: none
    char *words;
};

struct traffic {
    struct capture *ends[2]; ///< by enum side; NULL: none
    struct link_end links[2];
    pthread_t opener;
    bool opening;
    struct err err; ///< set by the opening thread
};

/** Starts capturing at both ends of the network, in a thread, since the kernel takes time to set up
 * a ring: traffic_wait() waits until nothing can be missed. The ends must exist until then. */
int traffic_open(struct traffic *traffic, const struct link_end *app, const struct link_end *server,
                 struct err *err);
/** On error nothing is captured, which need not stop the case. */
int traffic_wait(struct traffic *traffic, struct err *err);
/** Stops capturing, in a thread too, for which nobody waits. Accepts a zeroed struct. */
void traffic_close(struct traffic *traffic);
/** What has passed since it was opened, oldest first, at most `most` events: the first and the
 * last. `proxied`: each end talks to a proxy. Returns how many; `ret_left_out` gets how many more
 * there were, including packets that did not fit. */
size_t traffic_read(struct traffic *traffic, bool proxied, size_t most,
                    struct traffic_event **ret_events, size_t *ret_left_out);
/** Makes traffic_read() also keep the packets, see capture_keep(). */
int traffic_keep(struct traffic *traffic, size_t most, struct err *err);
/** Takes the packets of one end, see capture_take_kept(). */
char *traffic_take_kept(struct traffic *traffic, enum side side, size_t *ret_length);
void traffic_free_events(struct traffic_event *events, size_t count);

#endif
