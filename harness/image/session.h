// SPDX-License-Identifier: Apache-2.0
// session.h - what bounds the harness's own sessions with a server
//
// A server does what a stranger's scenario has it do, or is a stranger's itself: what it asks for
// is not given, and what it sends, or keeps back, does not hold up its client without end.
#ifndef GONEAWAY_IMAGE_SESSION_H
#define GONEAWAY_IMAGE_SESSION_H

#include <mysql.h>
#include <stdbool.h>

enum {
    SESSION_TIMEOUT_S = 60, ///< our patience with a server that is stuck
    SESSION_MOST_BYTES = 16 << 20,
};

/** Sets the bounds of a session that is about to be opened. False: one of them could not be set,
 * so that it must not be. */
bool session_bound(MYSQL *handle);

#endif
