// SPDX-License-Identifier: Apache-2.0
// connection.h - an app's connection: which process in its container holds it, and its two ends
//
// The program that was started may be a shell, strace or a virtual environment's wrapper, with the
// user of the library running below it. The app's process is the one that holds the connection; of
// several, the one that started the others.
#ifndef GONEAWAY_RUN_CONNECTION_H
#define GONEAWAY_RUN_CONNECTION_H

#include "run/actor.h"
#include "world/sockdiag.h"

/** Finds the connection's socket after a connect, and the process that holds it. Its port is not
 * reused within the case. */
int actor_find_connection(struct actor *actor, const struct world *world, bool unix_socket,
                          struct err *err);
/** Selects the one with this local port, of several over TCP. */
int actor_choose_connection(struct actor *actor, const struct world *world, uint16_t port,
                            struct err *err);
/** Notes, in an answer and in the actor, during which of the server's starts the app's session
 * began. `starts`: how often the case has started the server again. */
int actor_note_session(struct actor *actor, const struct world *world, int starts, bool unix_socket,
                       struct record_step *step, struct err *err);
/** The app's process, also stored in `actor->pid`. Before the first connection, and after its
 * holder has ended, it is the last descendant that has the adapter's standard input; 0 if there is
 * none. */
pid_t actor_process(struct actor *actor);
/** The connection's end at the app or at the server. 1 found, 0 gone, -1 error. */
int actor_app_end(const struct actor *actor, const struct world *world, bool unix_socket,
                  struct sock_info *ret, struct err *err);
int actor_server_end(const struct actor *actor, const struct world *world, bool unix_socket,
                     struct sock_info *ret, struct err *err);
/** Whether the app closed its end of a TCP connection, which is gone, before the peer closed the
 * other: 1, 0, or -1 on error. A shutdown by a forked child does not count while the app holds the
 * socket. After an RST nothing is left to tell, and the answer is 0. */
int actor_closed_first(const struct actor *actor, const struct world *world, struct err *err);

#endif
