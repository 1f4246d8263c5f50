// SPDX-License-Identifier: Apache-2.0
// talk.h - one process of an adapter that is held against the protocol, spoken to line by line
//
// Where a run would call a case broken, what is seen becomes a finding here, and the talk goes on
// as well as it can. What an adapter writes is bounded as in a run.
#ifndef GONEAWAY_PROTOCOL_TALK_H
#define GONEAWAY_PROTOCOL_TALK_H

#include "protocol/rules.h"
#include "run/actor.h"
#include "run/case.h"

/** The adapter under test: what all of its processes have in common. */
struct subject {
    struct case_run *run;     ///< its world, connector and record
    struct findings findings; ///< so far
    json_t *hello;            ///< its first answer to that, or NULL
    json_t *tried;            ///< set of the operations that have answered ok
    int hangs;                ///< calls that did not come back
    struct err *err;          ///< why the machine failed
    bool failed;              ///< it has
};

struct talk {
    struct subject *subject;
    struct actor actor;
    struct text received;
    bool open, lost; ///< `lost`: it cannot be asked for anything more
    bool careless;   ///< what is asked for now may crash a library, as an application would it
    int64_t thread;  ///< of the latest answer; -1: none
};

/** The program itself, among the operations of findings. */
#define TALK_PROGRAM "adapter"

/** Starts the adapter; false if the machine failed, or after too many hangs. */
bool talk_start(struct talk *talk, struct subject *subject);
/** The same, and says hello; false if nothing can be asked. */
bool talk_open(struct talk *talk, struct subject *subject);
/** Ends it, however it is. A zeroed talk is allowed. */
void talk_close(struct talk *talk);

/** Sends a request (stolen) and returns its answer, to be released; NULL, with a finding, if there
 * is none. */
json_t *talk_ask(struct talk *talk, json_t *request);
/** Sends some bytes. */
void talk_put(struct talk *talk, const char *data, size_t length);
/** Reads a line, to be freed; NULL if none comes in time. */
char *talk_read(struct talk *talk, double deadline_ms);
/** Whether the program ends in time; then `ret_status` as of waitpid(). What it still writes is a
 * finding. */
bool talk_ends(struct talk *talk, double deadline_ms, int *ret_status);
/** Lets it see the end of its input. */
void talk_end_input(struct talk *talk);
/** How long an answer may take, as of clock_ms(). */
double talk_deadline(const struct talk *talk);
/** "exit status 3; on standard error: ..", to be freed. */
char *talk_tell_end(struct talk *talk, int status);

#endif
