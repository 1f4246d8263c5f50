// SPDX-License-Identifier: Apache-2.0
// sql.h - what a statement of a line does to sessions, as far as its words show
#ifndef GONEAWAY_TRY_SQL_H
#define GONEAWAY_TRY_SQL_H

#include <stdbool.h>

/** Whether it changes nothing. */
bool try_only_reads(const char *sql);
/** What the session has from then on that is lost with it; "": nothing any more; NULL: as before.
 */
const char *try_held_by(const char *sql);
/** Whether it may end a session, its own or another one, now or after a while: a KILL, a limit of
 * time that it sets, a packet that may be too large. Rather too often than too rarely: what is
 * promised of the calls after it accuses a client that does not keep it. */
bool try_may_end_sessions(const char *sql);
/** Whether it sets a variable of its session that may change what is right. */
bool try_sets_variable(const char *sql);
/** Whether new sessions may be refused after it, or treated otherwise. */
bool try_may_keep_out(const char *sql);

#endif
