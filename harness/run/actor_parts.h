// SPDX-License-Identifier: Apache-2.0
// actor_parts.h - what the files of an actor have of each other
#ifndef GONEAWAY_RUN_ACTOR_PARTS_H
#define GONEAWAY_RUN_ACTOR_PARTS_H

#include "run/actor.h"

// actor.c
/** Starts an app without saying hello to it; call actor_close() after an error too. */
int actor_start(struct actor *actor, const char *name, const struct connector_recipe *connector,
                const struct world *world, const struct host_side_args *host, struct err *err);
/** Listens for a forked child; -1 on error. */
int actor_listen_for_child(const char *path, struct err *err);
/** "; it said:" and the last lines of standard error, or nothing; to be freed. */
char *actor_tell_said(const struct actor *actor);
/** An error if an adapter has used up its standard error: how it behaves then is its own affair. */
int actor_check_said(const struct actor *actor, struct err *err);

// transcript.c
/** Adds a request (`to`) or an answer to the actor's transcript, without passwords and cut
 * short. */
void transcript_add(const struct actor *actor, bool to, const json_t *line);

// actor_call.c
/** Whether anybody in the container could still answer. Bubblewrap holds the pipe too, so there is
 * no end of file when all others are gone. */
bool actor_holds_output(const struct actor *actor);

#endif
