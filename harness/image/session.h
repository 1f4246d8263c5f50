// SPDX-License-Identifier: Apache-2.0
// session.h - limits for the harness's own sessions with a server
//
// A server does what a stranger's scenario tells it to, or is itself a stranger's. So its requests
// are denied, and neither what it sends nor what it withholds may block its client forever.
#ifndef GONEAWAY_IMAGE_SESSION_H
#define GONEAWAY_IMAGE_SESSION_H

#include <mysql.h>
#include <stdbool.h>

enum {
    SESSION_TIMEOUT_S = 60, ///< how long a stuck server is tolerated
    SESSION_MOST_BYTES = 16 << 20,
};

/** Sets the limits of a session that is about to be opened. False: one could not be set, so it must
 * not be opened. */
bool session_bound(MYSQL *handle);

#endif
