// SPDX-License-Identifier: Apache-2.0
// talk.h - talks to one process of an adapter under test, line by line
//
// Where a run would call a case broken, this notes a finding and continues as well as possible.
// What an adapter writes is limited as in a run.
#ifndef GONEAWAY_PROTOCOL_TALK_H
#define GONEAWAY_PROTOCOL_TALK_H

#include "protocol/rules.h"
#include "run/actor.h"
#include "run/case.h"

/** The adapter under test: what all of its processes have in common. */
struct subject {
    struct case_run *run;     ///< its world, connector and record
    struct findings findings; ///< so far
    json_t *hello;            ///< its first answer to `hello`, or NULL
    json_t *tried;            ///< set of operations that have succeeded
    int hangs;                ///< calls that did not return
    struct err *err;          ///< why the machine failed
    bool failed;              ///< it failed
};

struct talk {
    struct subject *subject;
    struct actor actor;
    struct text received;
    bool open, lost; ///< `lost`: it can no longer be asked anything
    bool careless;   ///< the current request may crash a library, as an application's might
    int64_t thread;  ///< from the latest answer; -1: none
};

/** The name of the program itself, among the operations of findings. */
#define TALK_PROGRAM "adapter"

/** Starts the adapter. False if the machine failed, or after too many hangs. */
bool talk_start(struct talk *talk, struct subject *subject);
/** Starts it and says hello. False if nothing can be asked. */
bool talk_open(struct talk *talk, struct subject *subject);
/** Ends it in whatever state it is. Accepts a zeroed talk. */
void talk_close(struct talk *talk);

/** Sends a request (stolen) and returns the answer, to be released; NULL, with a finding, if there
 * is none. */
json_t *talk_ask(struct talk *talk, json_t *request);
/** A request that was sent and has no answer yet. */
struct talk_call {
    json_t *request;
    double sent_ms;
};
/** The two halves of talk_ask(), so that another request may be sent between them. */
struct talk_call talk_send(struct talk *talk, json_t *request);
json_t *talk_take(struct talk *talk, struct talk_call *call);
/** Sends some bytes. */
void talk_put(struct talk *talk, const char *data, size_t length);
/** Reads a line, to be freed; NULL if none arrives in time. */
char *talk_read(struct talk *talk, double deadline_ms);
/** Whether the program ends in time; `ret_status` is then as from waitpid(). Output before its end
 * is a finding. */
bool talk_ends(struct talk *talk, double deadline_ms, int *ret_status);
/** Closes its input. */
void talk_end_input(struct talk *talk);
/** When an answer is due, as of clock_ms(). */
double talk_deadline(const struct talk *talk);
/** "exit status 3; on standard error: ..", to be freed. */
char *talk_tell_end(struct talk *talk, int status);

#endif
