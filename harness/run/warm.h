// SPDX-License-Identifier: Apache-2.0
// warm.h - whether the server of a case may serve another one
#ifndef GONEAWAY_RUN_WARM_H
#define GONEAWAY_RUN_WARM_H

#include "run/case.h"

/** Notes how the server is before the first step. */
int warm_begin(struct case_run *run, struct err *err);
/** After the apps have ended and all faults were lifted: undoes what can be undone, asks the server
 * for the rest, and spoils it if it is not as it was. */
void warm_end(struct case_run *run);

#endif
