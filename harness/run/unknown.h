// SPDX-License-Identifier: Apache-2.0
// unknown.h - a server option of a scenario that this server's version does not know
#ifndef GONEAWAY_RUN_UNKNOWN_H
#define GONEAWAY_RUN_UNKNOWN_H

#include "plan/plan.h"
#include "world/server.h"

/** The option of a case that an error log names as unknown, as the scenario writes it; NULL: none
 * of the case's own. */
const char *unknown_option_find(const struct plan_case *plan, const char *log);
/** Why a case whose server has ended at its start cannot be had there, to be freed: an option that
 * it sets is unknown to this version; NULL: for another reason. */
char *unknown_option_why(const struct plan_case *plan, const struct server *server);

#endif
