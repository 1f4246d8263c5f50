// SPDX-License-Identifier: Apache-2.0
// ending.h - who closed a connection, when, and why, in one sentence
#ifndef GONEAWAY_REPORT_ENDING_H
#define GONEAWAY_REPORT_ENDING_H

#include "record/record.h"

/** "the server closed 8.0 ms after `fault kill app`; the client wrote 25 ms later into a connection
 * that had ended". It is about the connection of the first call that failed, or, if none failed,
 * the first that the client did not close itself. NULL: nothing can be said, for example because
 * nothing was captured. To be freed. */
char *ending_tell(const struct plan_case *plan, const struct record *record);

#endif
