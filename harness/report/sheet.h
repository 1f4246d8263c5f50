// SPDX-License-Identifier: Apache-2.0
// sheet.h - lines for people, in colour or plain
//
// The human report prints a sheet in colour; TAP and JUnit use it plain.
#ifndef GONEAWAY_REPORT_SHEET_H
#define GONEAWAY_REPORT_SHEET_H

#include "base/text.h"

struct sheet {
    struct text text;
    bool colour;
    bool utf8;  ///< non-ASCII characters may be shown
    int indent; ///< of every line, in columns
    bool brief; ///< without the server's log if that explains nothing
};

/** What a text means to the reader, which decides its colour. */
enum ink { INK_PLAIN, INK_DIM, INK_BOLD, INK_GOOD, INK_BAD, INK_DOUBTFUL, INK_ABSENT };

/** A text wider than this overflows its column, so that it does not widen every other line. */
enum { SHEET_WIDEST = 60 };

/** Whether the environment's locale can show non-ASCII characters. */
bool detail_locale_is_utf8(void);
/** Adds harmless text in a colour, padded to `width` columns, SHEET_WIDEST at most. */
void sheet_ink(struct sheet *sheet, enum ink ink, int width, const char *text);
/** Adds text from outside; characters that would move the cursor, reorder or hide text are
 * escaped. */
void sheet_foreign(struct sheet *sheet, enum ink ink, const char *text);
/** The same as a string, cut to `width` columns unless that is negative. To be freed. */
char *sheet_safe(const struct sheet *sheet, const char *text, int width);
/** Ends a line, trimming blanks. */
void sheet_end_line(struct sheet *sheet);

#endif
