// SPDX-License-Identifier: Apache-2.0
// connection.h - an app's connection: who in its container holds it, and the two ends of it
//
// The program that was started may be a shell, strace or a wrapper of a virtual environment, and
// the one that uses the library may run below it. What counts as the app's process is the one that
// holds the connection; of several that do, the one that has started the others.
#ifndef GONEAWAY_RUN_CONNECTION_H
#define GONEAWAY_RUN_CONNECTION_H

#include "run/actor.h"
#include "world/sockdiag.h"

/** Finds the connection's socket anew, after a connect, and the process that holds it. No later
 * connection of the case gets its port. */
int actor_find_connection(struct actor *actor, const struct world *world, bool unix_socket,
                          struct err *err);
/** Takes the one with this local port for the app's, of several over TCP. */
int actor_choose_connection(struct actor *actor, const struct world *world, uint16_t port,
                            struct err *err);
/** Notes in an answer, and in the actor, of which of the server's starts the app's session is.
 * `starts` is how often the case has started it anew. */
int actor_note_session(struct actor *actor, const struct world *world, int starts, bool unix_socket,
                       struct record_step *step, struct err *err);
/** The app's process, also as `actor->pid`. Before the first connection, and when its holder has
 * ended, it is the last in line that has the adapter's standard input; 0 if there is none. */
pid_t actor_process(struct actor *actor);
/** The connection's end at the app or the server. 1 found, 0 gone, -1 error. */
int actor_app_end(const struct actor *actor, const struct world *world, bool unix_socket,
                  struct sock_info *ret, struct err *err);
int actor_server_end(const struct actor *actor, const struct world *world, bool unix_socket,
                     struct sock_info *ret, struct err *err);
/** Whether the app's end of a TCP connection, which is gone, was closed by the app before the peer
 * had closed its own: 1, 0, or -1 on error. What a forked child has shut down, and the app still
 * holds, was not. Where it ended by a RST, nothing of it is left to tell, and the answer is 0. */
int actor_closed_first(const struct actor *actor, const struct world *world, struct err *err);

#endif
