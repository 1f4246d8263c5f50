// SPDX-License-Identifier: Apache-2.0
// detail.h - a case in words for people: what several reports show of it
//
// A sheet collects lines. The human report prints it in colour, TAP and JUnit take it plain.
#ifndef GONEAWAY_REPORT_DETAIL_H
#define GONEAWAY_REPORT_DETAIL_H

#include "report/report.h"

struct sheet {
    struct text text;
    bool colour;
    bool utf8;  ///< characters beyond ASCII may be shown
    int indent; ///< of every line, in columns
    bool brief; ///< without the server's log where it explains nothing
};

/** What a text is to the reader; decides its colour. */
enum ink { INK_PLAIN, INK_DIM, INK_BOLD, INK_GOOD, INK_BAD, INK_DOUBTFUL, INK_ABSENT };

/** Texts of more columns than this stand out of their column, so that one of them does not make
 * every line as long as it is itself. */
enum { SHEET_WIDEST = 60 };

/** Whether the environment's locale shows characters beyond ASCII. */
bool detail_locale_is_utf8(void);
/** Adds harmless text in a colour, filled up with blanks to `width` columns, SHEET_WIDEST at most.
 */
void sheet_ink(struct sheet *sheet, enum ink ink, int width, const char *text);
/** Adds text from outside: characters that would move the cursor, reorder or hide are escaped. */
void sheet_foreign(struct sheet *sheet, enum ink ink, const char *text);
/** The same as a string, cut to `width` columns unless that is negative. The caller frees it. */
char *sheet_safe(const struct sheet *sheet, const char *text, int width);
/** Ends a line, without blanks at its end. */
void sheet_end_line(struct sheet *sheet);

/** Appends "0.3 ms", "41 ms", "1.7 s" or "2 min 05 s". */
void detail_duration(struct text *out, double ms);
/** Appends what a call ended with: "2013 CR_SERVER_LOST HY000", "ok", "hang", "crash SIGSEGV". */
void detail_outcome(struct text *out, const struct record_step *step);

/** Why the case has its verdict; what was expected and seen at the step that decided it. */
void detail_judgement(struct sheet *sheet, const struct report_case *result);
/** Every recorded step, one line each, the one that decided marked; errors with their message. */
void detail_steps(struct sheet *sheet, const struct report_case *result);
/** Faults and how often they fired, the server's counters and log, the command to run it again. */
void detail_evidence(struct sheet *sheet, const struct report_case *result);

/** Writes JSON with the characters escaped that a sheet would escape; `flags` as of json_dumps().
 */
void detail_json(FILE *file, const json_t *value, size_t flags);

/** The verdict's reason; never NULL. */
const char *detail_why(const struct report_case *result);
/** The name of the server or connector of a case, "-" if the case did not come that far. */
const char *detail_server(const struct report_case *result);
const char *detail_connector(const struct report_case *result);
/** "mysql-9.7: mysql-server-core 9.7.5-1; its outcomes were measured with 9.7.4-1". To be freed. */
char *detail_server_line(const struct report_server *server);
/** The scenario's file, as a repository has it where that is known; NULL: there is none. */
const char *detail_path(const struct report_case *result);

#endif
