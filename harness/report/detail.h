// SPDX-License-Identifier: Apache-2.0
// detail.h - describes a case for people: shared by several reports
#ifndef GONEAWAY_REPORT_DETAIL_H
#define GONEAWAY_REPORT_DETAIL_H

#include "report/report.h"
#include "report/sheet.h"

/** Appends "0.3 ms", "41 ms", "1.7 s" or "2 min 05 s". */
void detail_duration(struct text *out, double ms);
/** Appends how a call ended: "2013 CR_SERVER_LOST HY000", "ok", "hang", "crash SIGSEGV". */
void detail_outcome(struct text *out, const struct record_step *step);

/** Why the case has its verdict: what was expected and seen at the step that decided it. */
void detail_judgement(struct sheet *sheet, const struct report_case *result);
/** Every recorded step on a line, with the deciding one marked; errors with their message. */
void detail_steps(struct sheet *sheet, const struct report_case *result);
/** Faults and how often they fired, the server's counters and log, and the command to run it
 * again. */
void detail_evidence(struct sheet *sheet, const struct report_case *result);

/** Writes JSON, escaping the characters that a sheet would escape; `flags` as for json_dumps(). */
void detail_json(FILE *file, const json_t *value, size_t flags);

/** The verdict's reason; never NULL. */
const char *detail_why(const struct report_case *result);
/** The name of a case's server or connector, "-" if the case did not get that far. */
const char *detail_server(const struct report_case *result);
const char *detail_connector(const struct report_case *result);
/** "mysql-9.7: mysql-server-core 9.7.5-1; its outcomes were measured with 9.7.4-1". To be freed. */
char *detail_server_line(const struct report_server *server);
/** The scenario's file, relative to its repository if that is known; NULL: there is none. */
const char *detail_path(const struct report_case *result);

#endif
