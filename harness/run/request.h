// SPDX-License-Identifier: Apache-2.0
// request.h - what apps are asked to do, and what their connector lacks
#ifndef GONEAWAY_RUN_REQUEST_H
#define GONEAWAY_RUN_REQUEST_H

#include "run/case.h"

/** The request for a step's app, with addresses, files and credentials. To be released. */
json_t *request_of(const struct case_run *run, const struct plan_step *step);
/** What a step asks for, in the record: the request, or the arguments of a fault, a state or another
 * verb; without passwords, and with long texts cut. NULL: nothing, or too much. */
json_t *request_told(const struct case_run *run, const struct plan_step *step);
/** Notes who gets a session by it. */
void request_note_user(struct case_run *run, const json_t *request);

/** Records what some step asks for that the connector lacks, by its hello, before anything is
 * done. */
void lacks_find(struct case_run *run);
/** Records what it turned out not to support when asked. */
void lacks_note(struct case_run *run, const struct record_step *seen);

#endif
