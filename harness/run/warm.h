// SPDX-License-Identifier: Apache-2.0
// warm.h - decides whether the server of a case may serve another one
#ifndef GONEAWAY_RUN_WARM_H
#define GONEAWAY_RUN_WARM_H

#include "run/case.h"

/** Notes the server's state before the first step. */
int warm_begin(struct case_run *run, struct err *err);
/** Whether a statement by root leaves nothing behind that warm_end() does not undo. */
bool warm_is_harmless(const char *sql);
/** Whether a session, a row of SHOW PROCESSLIST, belongs neither to the server nor to the
 * harness. */
bool warm_is_apps(const struct admin *admin, const json_t *session);
/** After the apps have ended and all faults are lifted: undoes what it can, checks the rest in the
 * server, and marks the server as spoilt if it is not as before. */
void warm_end(struct case_run *run);

#endif
