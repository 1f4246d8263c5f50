// SPDX-License-Identifier: Apache-2.0
// sql.h - what a statement in a line does to sessions, judging by its words
#ifndef GONEAWAY_TRY_SQL_H
#define GONEAWAY_TRY_SQL_H

#include "plan/plan.h"

#include <stdbool.h>

/** Whether it changes nothing. */
bool try_only_reads(const char *sql);
/** What would be lost with the session from then on; "": nothing any more; NULL: as before. */
const char *try_held_by(const char *sql);
/** Whether it may end a session, its own or another, at once or later: by a KILL, a timeout that it
 * sets, or a packet that may be too large. If in doubt, yes: a promise for later calls blames any
 * client that does not keep it. */
bool try_may_end_sessions(const char *sql);
/** Whether it sets a session variable that may change what is right. */
bool try_sets_variable(const char *sql);
/** Whether new sessions may then be refused, or treated differently. */
bool try_may_keep_out(const char *sql);

/** The statement of a step; "": it has none. */
const char *try_sql_of(const struct plan_step *step);

#endif
