// SPDX-License-Identifier: Apache-2.0
// sessions.h - notes what is seen of the server's process list whenever somebody asks for it
#ifndef GONEAWAY_RUN_SESSIONS_H
#define GONEAWAY_RUN_SESSIONS_H

#include "run/case.h"

/** Like admin_session(); notes the session if it has changed. */
int sessions_look(struct case_run *run, int64_t thread, struct admin_session *ret, struct err *err);
/** Notes, of a whole process list, the apps' sessions that have changed or gone. */
void sessions_note_all(struct case_run *run, const json_t *rows);

#endif
