// SPDX-License-Identifier: Apache-2.0
// act.h - what the control of a lab is asked for, carried out
//
// act_request() lists all there is. A body is what stands behind the key of a step in a scenario (`fault:`,
// `until:`, `server:`, `admin:`), as JSON or YAML; what is wrong with it gets the message that
// `goneaway check` gives for it.
#ifndef GONEAWAY_LAB_ACT_H
#define GONEAWAY_LAB_ACT_H

#include "lab/lab.h"
#include "plan/kind.h"

#include <jansson.h>

/** A request that the control takes, for its documents. */
struct act_request {
    const char *method, *path; ///< `*` at the end of the path stands for any one word
    const char *name, *doc;
    const char *body;   ///< the verb of a scenario's step whose argument it is; NULL: none
    const char *answer; ///< as contract.c describes it; NULL: not there
    unsigned status;    ///< of the answer, if it is done
};

/** An answer. */
struct reply {
    unsigned status; ///< of HTTP; 0: there is none yet
    json_t *body;    ///< an object
};

/** A state that is waited for while other requests are served. */
struct wait {
    struct plan_step step;
    struct state_look look;
    double began_ms, deadline_ms;
    int round; ///< in which it was asked for
};

/** The n-th request from 0; NULL: there are no more. */
const struct act_request *act_request(size_t n);

/** Carries out a request. The reply has no status yet if it is to wait: `ret_wait` is then set, to
 * be looked at by act_look() and freed by act_forget(). */
void act(struct inside *inside, const char *method, const char *path, const struct text *body,
         struct reply *reply, struct wait **ret_wait);
/** Looks once; whether the reply is there. */
bool act_look(struct inside *inside, struct wait *wait, struct reply *reply);
void act_forget(struct wait *wait);

/** Fills in an answer that says what is wrong. */
void act_refuse(struct reply *reply, unsigned status, const struct err *err);

/** The session with this connection id as an actor of the run, with what the server and the kernel
 * know of it now. An error if there is none, unless it may be `gone`. */
int act_find_session(struct case_run *run, const char *id, bool gone, struct err *err);

#endif
