// SPDX-License-Identifier: Apache-2.0
// attempts.h - what several attempts of a case mean together, see --retries
#ifndef GONEAWAY_REPORT_ATTEMPTS_H
#define GONEAWAY_REPORT_ATTEMPTS_H

#include "report/report.h"

/** Whether a case was not as expected at first, but is at last: a finding about the machine. */
bool attempts_are_flaky(const struct report_case *result);
/** Whether completed attempts ended with different codes: a finding about the client, or the
 * server. */
bool attempts_differ(const struct report_case *result);
/** The verdict of an attempt, "" if it has none. */
const char *attempts_verdict(const json_t *attempt);
/** The first line of its reason. To be freed. */
char *attempts_why(const json_t *attempt);
/** A line such as "flaky: attempt 1 of 2 was wrong-code: .."; NULL: there was only one attempt. To
 * be freed. */
char *attempts_line(const struct report_case *result);

#endif
