// SPDX-License-Identifier: Apache-2.0
// actor_parts.h - shared by actor.c, actor_call.c, actor_end.c and transcript.c
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

// actor_end.c
/** Whether the program itself has ended; it may have left other processes behind. */
bool actor_has_ended(const struct actor *actor);
/** Whether anybody in the container could still answer. Bubblewrap holds the pipe too, so there is
 * no end of file when all others are gone. */
bool actor_holds_output(const struct actor *actor);
/** Sets an error for an adapter that has closed its output but continues. */
int actor_goes_on(const struct actor *actor, struct err *err);
/** Notes that an app ended instead of answering, and by which signal. */
int actor_note_end(struct actor *actor, double deadline_ms, struct record_step *step,
                   struct err *err);
/** Notes that the app did not answer in time, and ends it. */
void actor_note_hang(struct actor *actor, struct record_step *step);

#endif
