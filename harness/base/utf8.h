// SPDX-License-Identifier: Apache-2.0
// utf8.h - turns untrusted text, which may be any bytes, into valid and harmless UTF-8
#ifndef GONEAWAY_BASE_UTF8_H
#define GONEAWAY_BASE_UTF8_H

#include "base/text.h"

#include <jansson.h>

/** What utf8_next() returns for a byte that is not part of a valid character. */
#define UTF8_INVALID UINT32_MAX

/** Decodes the first character of `text` and returns its length in bytes; 0 at the end. For an
 * invalid byte (also in overlong forms and surrogates): UTF8_INVALID, and 1. */
size_t utf8_next(const char *text, uint32_t *ret_character);
/** The number of characters. */
size_t utf8_length(const char *text);
/** Whether a character is visible and stays in its place: it neither controls a terminal nor is
 * invisible or reorders what follows. */
bool utf8_is_visible(uint32_t character);
/** Appends `text`, with invalid bytes and characters that `allows` refuses (NULL: none) written as
 * \n, \t, \r, \xHH, \uHHHH or \UHHHHHHHH. A backslash stays as it is: the result is for reading. */
void utf8_escape(struct text *out, const char *text, bool (*allows)(uint32_t character));
/** A copy of `text` that is harmless on a terminal and in a pipeline's log, to be freed: invisible
 * characters are escaped as by utf8_escape(), commands as by utf8_disarm(). With `lines`, line ends
 * are kept. */
char *utf8_shown(const char *text, bool lines);
/** Appends `text` so that a GitHub Actions runner finds no command in it: neither "::" at the start
 * of a line (leading blanks do not count) nor "##[", the older form, anywhere. The first character
 * of each is escaped as by utf8_escape(). */
void utf8_disarm(struct text *out, const char *text);
/** The text as a JSON string, with invalid bytes escaped; JSON's null for NULL. New reference. */
json_t *utf8_json(const char *text);

#endif
