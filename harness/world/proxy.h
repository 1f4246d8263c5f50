// SPDX-License-Identifier: Apache-2.0
// proxy.h - a real proxy in the wire, to which apps connect instead of the server
#ifndef GONEAWAY_WORLD_PROXY_H
#define GONEAWAY_WORLD_PROXY_H

#include "base/err.h"
#include "base/text.h"
#include "image/image.h"
#include "sandbox/container.h"
#include "world/netns.h"

/** How a proxy is set up. */
struct proxy_setup {
    const struct proxy_recipe *recipe;
    const char *listen, *server; ///< addresses, without the port, which is SERVER_PORT
    int64_t client_timeout_ms, server_timeout_ms; ///< idle timeouts; -1: an hour
};

struct proxy {
    struct proxy_setup setup;
    const struct netns *netns;
    char *folder; ///< its files, inside the sandbox; NULL: there is no proxy
    struct container container;
};

/** Starts a proxy in a namespace and waits until it listens. `deadline_ms` as of clock_ms(). A
 * timeout that the recipe's configuration does not support is an error. */
int proxy_open(struct proxy *proxy, const struct proxy_setup *setup, const struct netns *netns,
               double deadline_ms, struct err *err);
/** Ends the proxy's process by a signal. */
int proxy_stop(struct proxy *proxy, int signal, double deadline_ms, struct err *err);
/** Starts a proxy that was stopped. */
int proxy_start(struct proxy *proxy, double deadline_ms, struct err *err);
/** Kills it. Accepts a zeroed proxy. */
void proxy_close(struct proxy *proxy);
/** Appends what the proxy has logged since it was opened. */
int proxy_log_read(const struct proxy *proxy, struct text *log, struct err *err);

#endif
