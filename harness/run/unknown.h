// SPDX-License-Identifier: Apache-2.0
// unknown.h - finds a server option of a scenario that this version of the server does not know
#ifndef GONEAWAY_RUN_UNKNOWN_H
#define GONEAWAY_RUN_UNKNOWN_H

#include "plan/plan.h"
#include "world/server.h"

/** The case's option that an error log calls unknown, as the scenario writes it; NULL: none of the
 * case's. */
const char *unknown_option_find(const struct plan_case *plan, const char *log);
/** Why a case cannot run on a server that ended at startup, to be freed: this version does not know
 * an option that the case sets. NULL: for another reason. */
char *unknown_option_why(const struct plan_case *plan, const struct server *server);

#endif
