// SPDX-License-Identifier: Apache-2.0
// warm.h - whether the server of a case may serve another one
#ifndef GONEAWAY_RUN_WARM_H
#define GONEAWAY_RUN_WARM_H

#include "run/case.h"

/** Notes how the server is before the first step. */
int warm_begin(struct case_run *run, struct err *err);
/** Whether a statement of root's leaves nothing behind but what warm_end() sets back. */
bool warm_is_harmless(const char *sql);
/** Whether a session, a row of SHOW PROCESSLIST, is neither the server's own nor the harness's. */
bool warm_is_apps(const struct admin *admin, const json_t *session);
/** After the apps have ended and all faults were lifted: undoes what can be undone, asks the server
 * for the rest, and spoils it if it is not as it was. */
void warm_end(struct case_run *run);

#endif
