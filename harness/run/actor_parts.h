// SPDX-License-Identifier: Apache-2.0
// actor_parts.h - what the files of an actor have of each other
#ifndef GONEAWAY_RUN_ACTOR_PARTS_H
#define GONEAWAY_RUN_ACTOR_PARTS_H

#include "run/actor.h"

// actor.c
/** Starts an app that has not been asked for anything yet; actor_close() also after an error. */
int actor_start(struct actor *actor, const char *name, const struct connector_recipe *connector,
                const struct world *world, const struct host_side_args *host, struct err *err);
/** Where a forked child is waited for; -1 on error. */
int actor_listen_for_child(const char *path, struct err *err);
/** "; it said:" and the last lines on standard error, or nothing; to be freed. */
char *actor_tell_said(const struct actor *actor);
/** Refuses an adapter that has used up its standard error: what it does then is nobody's code. */
int actor_check_said(const struct actor *actor, struct err *err);

// transcript.c
/** Adds a request (`to`) or an answer to the actor's transcript, without passwords and without the
 * end of what is long. */
void transcript_add(const struct actor *actor, bool to, const json_t *line);

// actor_call.c
/** Whether somebody in the container could still answer. Bubblewrap holds the pipe too, so reading
 * does not come to its end when everybody else has gone. */
bool actor_holds_output(const struct actor *actor);

#endif
