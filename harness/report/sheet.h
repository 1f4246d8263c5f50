// SPDX-License-Identifier: Apache-2.0
// sheet.h - lines for people, in colour or plain
//
// The human report prints a sheet in colour, TAP and JUnit take it plain.
#ifndef GONEAWAY_REPORT_SHEET_H
#define GONEAWAY_REPORT_SHEET_H

#include "base/text.h"

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

#endif
